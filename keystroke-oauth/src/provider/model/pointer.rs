//! Where a value stands in a JSON answer.

use std::fmt;

use toml::de::DeValue;

use crate::provider::form::{Field, Misfit};

/// A JSON pointer (RFC 6901): `/authed_user/access_token`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Pointer {
    /// Where nothing stands: a field that must be there is not known yet.
    fn default() -> Self {
        Self::new("/")
    }
}

impl Field for Pointer {
    const EXAMPLE: &'static str = "\"/access_token\"";
    const LIST_EXAMPLE: &'static str = "[\"/id\"]";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = String::read(value)?;
        let tilde = |(at, _): (usize, _)| !matches!(text.as_bytes().get(at + 1), Some(b'0' | b'1'));
        if !text.starts_with('/') || text.len() < 2 || text.match_indices('~').any(tilde) {
            return Err(Misfit::new(
                "is not a JSON pointer",
                format!("write where the value stands, as in `{}`", Self::EXAMPLE),
            ));
        }
        Ok(Self(text))
    }

    fn write(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.0.clone()))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
