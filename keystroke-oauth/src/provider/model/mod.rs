//! What a provider file says, after every check. The types are plain data that can be read and not made, so a secret is
//! never sent to a URL that was not validated.

mod account;
mod answer;
mod client;
mod endpoints;
mod errors;
mod evidence;
mod file;
mod grant_type;
mod pointer;
mod redirect;
mod refresh;
mod requests;
mod revocation;
mod scopes;
pub(super) mod template;

pub use account::{Account, AccountSource, Fact, FactSource};
pub use answer::{Answer, ExpiresAt};
pub use client::{Assertion, AssertionAudience, AssertionDelivery, ClientAuthentication, Registration};
pub use endpoints::{EndpointTemplates, Endpoints};
pub use errors::{ErrorMeaning, Errors};
pub use evidence::{Evidence, Oddity};
pub(crate) use file::ProviderFile;
pub use grant_type::GrantType;
pub use pointer::Pointer;
pub use redirect::{Loopback, Redirect};
pub use refresh::{Lifetimes, Refresh, RefreshTokens};
pub use requests::{Authorize, Method, Pkce, RequestBody, Token};
pub use revocation::{Revocation, RevocationForm, RevokedToken};
pub use scopes::Scopes;
pub use template::{UrlTemplate, Variable};
