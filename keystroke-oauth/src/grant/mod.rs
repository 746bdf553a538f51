//! How a grant is obtained, renewed and given back: in a browser, on another device, or by a machine for itself.
//!
//! The refresh token, the code, the verifier and the state have no name outside of this crate (SEMANTICS O3): each is moved
//! from the request to the answer by a type that is used up on the way. What has to be kept is lent as bytes to be encrypted.
//! Where it is kept, and who may renew it when, is the store's.

mod account;
mod authorize;
mod callback;
mod device;
mod issued;
mod kept;
mod lease;
mod machine;
mod machine_grant;
mod pkce;
mod revoke;
mod sign_in;

pub use account::AccountId;
pub use authorize::{Authorization, Code, PENDING_LIFETIME, Pending};
pub use callback::Callback;
pub use device::DeviceSignIn;
pub use issued::Issued;
pub use kept::Grant;
pub use lease::{Answered, ExchangeError, GrantVersion, Held, RefreshLease};
pub use machine_grant::MachineGrant;
pub use revoke::Revoked;
pub use sign_in::SignIn;
