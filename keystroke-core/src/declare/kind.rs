//! The three kinds of credential, as stores and errors spell them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The three kinds of credential.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// Static keys and other secret fields; what `#[credential(key = "…")]` declares.
    #[default]
    ApiKey,
    /// A native OAuth connection; written `kind = oauth`.
    OauthManaged,
    /// An app that is called through the platform's MCP layer; written `kind = keystroke`. The worker never holds
    /// the third party's secret.
    Keystroke,
}

impl CredentialKind {
    /// `api_key`, `oauth_managed` or `keystroke`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::OauthManaged => "oauth_managed",
            Self::Keystroke => "keystroke",
        }
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CredentialKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        [Self::ApiKey, Self::OauthManaged, Self::Keystroke]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A text that names no [`CredentialKind`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind `{0}`; kinds: api_key, oauth_managed, keystroke")]
pub struct UnknownKind(String);

impl fmt::Debug for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
