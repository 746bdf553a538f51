//! The three kinds of credential, and their two spellings: of an account connected by OAuth, people write and read `oauth`,
//! while JSON and stores have `oauth_managed`.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The three kinds of credential.
///
/// [`Display`](fmt::Display) and [`FromStr`] are for people: `api_key`, `oauth`, `keystroke`, as code has it in `kind = oauth`.
/// [`as_str`](Self::as_str) and serde are for programs: there an OAuth connection is `oauth_managed`. `FromStr` takes that
/// spelling too, because a kind is often copied out of JSON, and because stores read back what they wrote.
///
/// ```
/// # use keystroke_core::CredentialKind;
/// let kind: CredentialKind = "oauth".parse()?;
/// assert_eq!((kind.to_string().as_str(), kind.as_str()), ("oauth", "oauth_managed"));
/// assert_eq!("oauth_managed".parse(), Ok(kind));
/// # Ok::<(), keystroke_core::UnknownKind>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(description = "The three kinds of credential.")]
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
    /// As JSON and stores have it: `api_key`, `oauth_managed` or `keystroke`. People read [`Display`](fmt::Display).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::OauthManaged => "oauth_managed",
            Self::Keystroke => "keystroke",
        }
    }
}

/// As people write it: `api_key`, `oauth` or `keystroke`.
impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OauthManaged => "oauth",
            Self::ApiKey | Self::Keystroke => self.as_str(),
        })
    }
}

impl FromStr for CredentialKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        match text {
            "api_key" => Ok(Self::ApiKey),
            "oauth" | "oauth_managed" => Ok(Self::OauthManaged),
            "keystroke" => Ok(Self::Keystroke),
            _ => Err(UnknownKind(text.to_owned())),
        }
    }
}

/// A text that names no [`CredentialKind`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind `{0}`; kinds: api_key, oauth, keystroke")]
pub struct UnknownKind(String);

impl fmt::Debug for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [CredentialKind; 3] =
        [CredentialKind::ApiKey, CredentialKind::OauthManaged, CredentialKind::Keystroke];

    #[test]
    fn people_and_programs_have_a_spelling_each_and_both_are_read() {
        for (kind, people, programs) in [
            (CredentialKind::ApiKey, "api_key", "api_key"),
            (CredentialKind::OauthManaged, "oauth", "oauth_managed"),
            (CredentialKind::Keystroke, "keystroke", "keystroke"),
        ] {
            assert_eq!((kind.to_string().as_str(), kind.as_str()), (people, programs));
            assert_eq!((people.parse(), programs.parse()), (Ok(kind), Ok(kind)));
        }
        for unknown in ["", "OAuth", "oauth-managed", "apikey"] {
            assert!(unknown.parse::<CredentialKind>().is_err(), "{unknown}");
        }
    }

    #[test]
    fn json_has_the_spelling_of_programs_alone() {
        for kind in ALL {
            let json = serde_json::json!(kind.as_str());
            assert_eq!(serde_json::to_value(kind).unwrap(), json);
            assert_eq!(serde_json::from_value::<CredentialKind>(json).unwrap(), kind);
        }
        assert!(serde_json::from_value::<CredentialKind>(serde_json::json!("oauth")).is_err());
    }

    #[test]
    fn the_error_lists_what_people_write() {
        for kind in ALL {
            assert!(UnknownKind("api".to_owned()).to_string().contains(&kind.to_string()));
        }
    }
}
