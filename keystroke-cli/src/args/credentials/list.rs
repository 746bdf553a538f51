//! The arguments of `keystroke credentials list`.

use clap::{Args, ValueEnum};
use keystroke_core::{CredentialKind, Status};

use crate::args::values::ScopeName;

/// `keystroke credentials list`
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Only those for this key
    pub(crate) key: Option<String>,
    /// Only those of this scope; repeat it for more
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<ScopeName>,
    /// Only those of this status; repeat it for more
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Vec<StatusName>,
    /// Only those of this kind; repeat it for more
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<KindName>,
}

/// A status, as records spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusName {
    /// It can be used
    Active,
    /// Its account must be connected again
    #[value(name = "needs_reconnect", alias = "needs-reconnect")]
    NeedsReconnect,
    /// It is never used again
    Revoked,
}

impl From<StatusName> for Status {
    fn from(name: StatusName) -> Self {
        match name {
            StatusName::Active => Self::Active,
            StatusName::NeedsReconnect => Self::NeedsReconnect,
            StatusName::Revoked => Self::Revoked,
        }
    }
}

/// A kind, as people write it; the spelling of JSON is accepted too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindName {
    /// Values that somebody gave
    #[value(name = "api_key", alias = "api-key")]
    ApiKey,
    /// An account that was connected
    #[value(name = "oauth", aliases = ["oauth_managed", "oauth-managed"])]
    OauthManaged,
    /// An account of keystroke itself
    Keystroke,
}

impl From<KindName> for CredentialKind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::ApiKey => Self::ApiKey,
            KindName::OauthManaged => Self::OauthManaged,
            KindName::Keystroke => Self::Keystroke,
        }
    }
}
