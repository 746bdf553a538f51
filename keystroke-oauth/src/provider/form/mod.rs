//! Provider files as TOML. Each section names its fields once, in [`Section::fields`], and that is how it is read and how it
//! is written: neither can know a field that the other does not.
//!
//! Nothing here knows what a field means; that is the sections' (`model`).

mod field;
mod nearest;
mod read;
mod write;

use std::collections::BTreeMap;

pub(crate) use field::{Field, Misfit, Words, field_of_words, plain_words, words};
pub(crate) use nearest::nearest;
pub(crate) use read::{Reader, is_name, read};
pub(crate) use write::write;

/// A table of a provider file. What it is before it is read is what it is without any field.
pub(crate) trait Section: Clone + Default {
    /// Shows each field to the form, by the name that it has in a file.
    fn fields(&mut self, form: &mut impl Form);
}

/// What reads fields, or writes them.
pub(crate) trait Form {
    /// A field that may be left out.
    fn field<T: Field>(&mut self, key: &'static str, value: &mut T);
    /// A field that must be there.
    fn required<T: Field>(&mut self, key: &'static str, value: &mut T);
    /// A table. What it does not say is as in `base`.
    fn section<S: Section>(&mut self, key: &'static str, value: &mut S, base: &S);
    /// A table that need not be there.
    fn optional<S: Section>(&mut self, key: &'static str, value: &mut Option<S>);
    /// A list of tables.
    fn list<S: Section>(&mut self, key: &'static str, values: &mut Vec<S>);
    /// A table of tables, by names of the author's.
    fn named<S: Section>(&mut self, key: &'static str, values: &mut BTreeMap<String, S>);
    /// Something that is wrong with a field beside the others.
    fn fault(&mut self, key: &'static str, problem: &str, fix: &str);
}
