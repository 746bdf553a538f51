//! The right to renew a grant, which can be used once.
//!
//! A store makes a lease when its own database says that nobody else has one. Asking the provider uses it up, together with
//! the grant: a refresh token that works once can't be sent twice by a mistake in this program. What comes back is a lease that
//! was answered, and can only be saved, by the version of the grant that it was made for (SEMANTICS O5).

use std::fmt;
use std::time::SystemTime;

use super::issued::Issued;
use super::kept::Grant;
use crate::error::{ConnectError, ErrorKind};
use crate::token::Verdict;
use crate::token::request::AuthorizationServer;

/// How often a grant was renewed. An answer is saved only over the version that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantVersion(pub u64);

/// The right to renew one grant. It can be used once:
///
/// ```compile_fail,E0382
/// use std::future::ready;
/// use std::time::SystemTime;
///
/// use keystroke_oauth::{AuthorizationServer, Held, RefreshLease};
///
/// async fn twice(lease: RefreshLease<Held>, server: &AuthorizationServer<'_>) {
///     let _ = lease.exchange(server, SystemTime::now(), ready(Ok::<(), ()>(()))).await;
///     let _ = lease.exchange(server, SystemTime::now(), ready(Ok::<(), ()>(()))).await;
/// }
/// ```
pub struct RefreshLease<S> {
    version: GrantVersion,
    state: S,
}

/// Nothing was sent yet.
pub struct Held {
    grant: Grant,
    instance: String,
}

/// The provider answered.
pub struct Answered {
    issued: Issued,
}

impl<S> RefreshLease<S> {
    /// The version of the grant that it is for.
    pub const fn version(&self) -> GrantVersion {
        self.version
    }
}

impl RefreshLease<Held> {
    /// For the store, when its database has given it the lease. `instance` is the connection's id, which errors name.
    pub fn new(instance: impl Into<String>, grant: Grant, version: GrantVersion) -> Self {
        Self { version, state: Held { grant, instance: instance.into() } }
    }

    /// Renews the grant. `mark_sent` is awaited before the first byte is sent, after everything that can fail without sending:
    /// it records that from now on the refresh token may be spent. If it fails, nothing is sent.
    ///
    /// Once sent, the answer may be the only copy of the next refresh token, so this future must not be dropped: run it on an
    /// executor of the store's. It ends within the [timeout](crate::Timeouts::total) of the HTTP client.
    ///
    /// # Errors
    /// Nothing was sent: the grant is another issuer's or client's, can't be renewed, the client lacks what the provider wants,
    /// or `mark_sent` failed.
    pub async fn exchange<E>(
        self,
        server: &AuthorizationServer<'_>,
        now: SystemTime,
        mark_sent: impl Future<Output = Result<(), E>>,
    ) -> Result<Verdict<RefreshLease<Answered>>, ExchangeError<E>> {
        let Self { version, state: Held { grant, instance } } = self;
        let again = format!("keystroke credentials reconnect {}", keystroke_core::fix::word(&instance));
        let refused = |kind: ErrorKind| ExchangeError::Refused(kind.with(&again));
        grant.check(server).map_err(refused)?;
        let (url, request, shape) = grant.renewal(server, now).map_err(refused)?;
        mark_sent.await.map_err(ExchangeError::NotMarked)?;
        match server.ask(url, request, shape).await.answer() {
            Ok(answer) => {
                let issued = Issued::renewed(answer, grant, server, shape, now);
                Ok(Verdict::Answer(RefreshLease { version, state: Answered { issued } }))
            }
            Err(verdict) => Ok(verdict),
        }
    }
}

impl RefreshLease<Answered> {
    /// Hands over what was issued, to be saved over this version of the grant and no other.
    pub fn save<R>(self, save: impl FnOnce(GrantVersion, Issued) -> R) -> R {
        save(self.version, self.state.issued)
    }
}

/// Why nothing was sent.
pub enum ExchangeError<E> {
    /// The grant and the client don't fit, or can't be used.
    Refused(ConnectError),
    /// It could not be recorded that the request is sent.
    NotMarked(E),
}

impl<E: fmt::Display> fmt::Display for ExchangeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::NotMarked(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Display> fmt::Debug for ExchangeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: fmt::Display> std::error::Error for ExchangeError<E> {}
