//! The secret part of an instance: [`Fields`], which only an opened one has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::length::TooShort;
use super::secret::SecretString;

/// The opened values of one instance by field name: text, secret or not. Wiped when dropped; `Debug` shows
/// names only.
#[derive(Default)]
pub struct Fields {
    values: BTreeMap<String, SecretString>,
    /// The names of those that may be short.
    short: BTreeSet<String>,
}

impl Fields {
    /// No fields.
    pub const fn new() -> Self {
        Self { values: BTreeMap::new(), short: BTreeSet::new() }
    }

    /// Sets a field, replacing an earlier value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<SecretString>) {
        self.values.insert(name.into(), value.into());
    }

    /// Allows a field to be too short to be searched for in results; see
    /// [`Instance::allow_short`](crate::Instance::allow_short).
    pub fn allow_short(&mut self, name: impl Into<String>) {
        self.short.insert(name.into());
    }

    /// The names of the fields that were allowed to be short, sorted.
    pub fn short(&self) -> impl Iterator<Item = &str> {
        self.short.iter().map(String::as_str)
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.values.get(name)
    }

    /// Takes the value of a field out.
    pub fn take(&mut self, name: &str) -> Option<SecretString> {
        self.values.remove(name)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Why the value of a field that is a secret is too short, if it is.
    pub(crate) fn too_short(&self, name: &str) -> Option<TooShort> {
        TooShort::of(self.get(name)?, self.short.contains(name))
    }

    /// A second copy of the secrets, for stores that keep the first. It is not `Clone`, so that no derive and no `.clone()`
    /// makes one unnoticed.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let copy = |(name, value): (&str, &SecretString)| (name.to_owned(), value.expose_secret().into());
        Self { values: self.iter().map(copy).collect(), short: self.short.clone() }
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
