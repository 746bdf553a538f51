//! What is known of the fields before their values are read: what the application declares, and what flags allow.

use crate::manifest::Declared;

/// The rules by which values are read and asked for.
#[derive(Clone, Copy, Default)]
pub(crate) struct FieldRules<'a> {
    /// What the application declares, if its manifest is known.
    pub(crate) declared: Option<&'a Declared>,
    /// Fields that `--allow-short` names.
    pub(crate) allow_short: &'a [String],
}

impl FieldRules<'_> {
    /// Whether the application declares that the field may be shown.
    pub(crate) fn is_plain(&self, field: &str) -> bool {
        self.declared.is_some_and(|declared| declared.is_plain(field))
    }

    /// Whether the value may be shorter than a secret.
    pub(super) fn allows_short(&self, field: &str) -> bool {
        self.is_plain(field) || self.allow_short.iter().any(|name| name == field)
    }
}
