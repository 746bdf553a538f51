//! How long things live, and what a refresh does to them.

use std::time::Duration;

use toml::de::DeValue;

use crate::provider::form::{Field as _, Form, Misfit, Section, Words, field_of_words};

/// What a refresh does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refresh {
    /// What becomes of the refresh token.
    pub tokens: RefreshTokens,
    /// The old access token stops working.
    pub kills_access_token: bool,
}

impl Default for Refresh {
    /// The careful guess: a token that is not `stable` after all would be lost by using it twice.
    fn default() -> Self {
        Self { tokens: RefreshTokens::Rotates, kills_access_token: false }
    }
}

impl Section for Refresh {
    fn fields(&mut self, form: &mut impl Form) {
        form.required("tokens", &mut self.tokens);
        form.field("kills_access_token", &mut self.kills_access_token);
    }
}

/// What becomes of a refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokens {
    /// There are none.
    None,
    /// It goes on working, also where the answer has a new one.
    Stable,
    /// It works once.
    Rotates,
    /// It works again for this long, then never.
    Grace(Duration),
    /// It works once, and using it again revokes every token that came of the grant.
    RevokesFamily,
}

impl Words for RefreshTokens {
    const PLAIN: &'static [&'static str] = &["none", "stable", "rotates", "revokes_family"];
    const VALUED: &'static [(&'static str, &'static str)] = &[("grace", "\"10m\"")];

    fn from_plain(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "stable" => Some(Self::Stable),
            "rotates" => Some(Self::Rotates),
            "revokes_family" => Some(Self::RevokesFamily),
            _ => None,
        }
    }

    fn from_valued(word: &str, value: &DeValue<'_>) -> Option<Result<Self, Misfit>> {
        (word == "grace").then(|| Duration::read(value).map(Self::Grace))
    }

    fn word(&self) -> (&'static str, Option<toml::Value>) {
        match self {
            Self::None => ("none", None),
            Self::Stable => ("stable", None),
            Self::Rotates => ("rotates", None),
            Self::RevokesFamily => ("revokes_family", None),
            Self::Grace(time) => ("grace", time.write()),
        }
    }
}

field_of_words!(RefreshTokens, "\"rotates\"");

/// How long tokens and grants live. What is not known is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifetimes {
    /// An access token, where the answer does not tell. None: until it is refused.
    pub access_token: Option<Duration>,
    /// A grant that is not used.
    pub idle: Option<Duration>,
    /// A grant, however it is used.
    pub absolute: Option<Duration>,
}

impl Section for Lifetimes {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("access_token", &mut self.access_token);
        form.field("idle", &mut self.idle);
        form.field("absolute", &mut self.absolute);
    }
}
