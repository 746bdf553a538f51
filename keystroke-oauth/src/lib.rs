//! OAuth: what is known of a provider, and what is said to it. It stores nothing: connections, their tokens and the leases
//! under which they are refreshed are the store's.
//!
//! A provider is data: a file that names its endpoints and how it differs from the standards. No line of code is for a
//! single provider, so one that is missing is added by writing a file, not by waiting for a release.
//!
//! A person signs in, and the grant is renewed:
//!
//! ```no_run
//! use std::collections::BTreeMap;
//! use std::time::SystemTime;
//!
//! use keystroke_core::{Owner, SecretString};
//! use keystroke_oauth::{
//!     AuthorizationServer, Authorization, Client, Grant, GrantVersion, Http,
//!     LoopbackListener, Providers, RefreshLease, SignIn, Timeouts, Verdict,
//! };
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let http = Http::new(Timeouts::default())?;
//! let providers = Providers::built_in();
//! let client = Client::new("client-id").with_secret(SecretString::from("…"));
//! let linear = providers.get("linear")?;
//! let server = AuthorizationServer::new(&http, &linear, &client, BTreeMap::new())?;
//!
//! let sign_in = SignIn {
//!     organization: "acme".to_owned(),
//!     key: "linear".to_owned(),
//!     owner: Owner::User("ada".to_owned()),
//!     user: Some("ada".to_owned()),
//! };
//! let listener = LoopbackListener::bind(linear.redirect(), &sign_in).await?;
//! let listener = listener.ok_or("this provider takes `https` only")?;
//! let by = sign_in.clone();
//! let begun = Authorization::begin(
//!     &server,
//!     sign_in,
//!     listener.redirect_uri(),
//!     vec!["write".to_owned()],
//!     None,
//!     SystemTime::now(),
//! )?;
//! println!("open {}", begun.url);
//! let callback = listener.wait(&begun.pending).await?;
//! let now = SystemTime::now();
//! let code = begun.pending.finish(callback, &server, &by, now)?;
//! let issued = code.redeem(&server, now).await?;
//!
//! // The store encrypts these bytes, and later holds a lease for them.
//! let kept = issued.grant.seal(<[u8]>::to_vec);
//! let grant = Grant::from_sealed(&kept)?;
//! let lease = RefreshLease::new("linear-7k2m", grant, GrantVersion(1));
//! let mark_sent = async { Ok::<(), std::io::Error>(()) };
//! match lease.exchange(&server, SystemTime::now(), mark_sent).await? {
//!     Verdict::Answer(lease) => lease.save(|version, issued| {
//!         // Where the grant still has this version.
//!     }),
//!     other => println!("{}", other.name()),
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod error;
mod grant;
mod http;
mod loopback;
mod provider;
mod renewal;
mod sealed;
mod token;

pub use client::{BadKey, Client};
pub use error::{ConnectError, ErrorKind, Lack};
pub use grant::*;
pub use http::{Http, NoHttp, Timeouts};
pub use loopback::LoopbackListener;
pub use provider::*;
pub use renewal::*;
pub use sealed::Malformed;
pub use token::*;
