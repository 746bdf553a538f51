//! Why a provider file is believed.

use crate::provider::form::{Form, Section};

/// Who says what the file says, and when it was looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence {
    /// The provider's own page.
    pub source: Option<String>,
    /// The month in which it was looked up: `2026-11`.
    pub verified: Option<String>,
    /// Fields, such as `lifetimes.idle`, that no public page confirms.
    pub unverified: Vec<String>,
    /// What surprises, each with its own source.
    pub oddities: Vec<Oddity>,
}

/// Something that surprises about a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Oddity {
    /// One sentence.
    pub says: String,
    /// Who says so.
    pub source: String,
    /// The month in which it was looked up.
    pub verified: String,
}

impl Section for Evidence {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("source", &mut self.source);
        form.field("verified", &mut self.verified);
        form.field("unverified", &mut self.unverified);
        form.list("oddities", &mut self.oddities);
    }
}

impl Section for Oddity {
    fn fields(&mut self, form: &mut impl Form) {
        form.required("says", &mut self.says);
        form.required("source", &mut self.source);
        form.required("verified", &mut self.verified);
    }
}
