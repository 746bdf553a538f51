//! The schemas of inputs and outputs, as every client and model API takes them.
//!
//! schemars writes any JSON Schema 2020-12. Model APIs take a part of it, each another one, and refuse the whole list of
//! tools for what they don't know; some clients do the same. So each schema is rewritten in the part that all of them
//! take (`portable`, and docs/semantics.md says which part), and what has no place in it is a finding of the toolset.

mod enums;
mod forms;
mod portable;
mod root;
mod writer;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{Schema, consts::meta_schemas};

pub(crate) use forms::definition_named;
pub(crate) use root::{forms_of_input, input, output};
pub(crate) use writer::{Flaw, Misplaced, Portable};

/// Whether a schema describes what is read or what is written. serde's attributes may make a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// An input.
    Input,
    /// An output.
    Output,
}

/// The schema of a type, with all that it refers to. As [`SchemaGenerator::into_root_schema_for`] gives it, which is generic
/// and would be compiled for each input and output of an action; but a type that holds itself refers to its
/// definition, and not to the root.
pub(crate) fn root_schema(of: fn(&mut SchemaGenerator) -> Schema, name: &str, side: Side) -> Schema {
    let settings = SchemaSettings::default();
    let mut generator = SchemaGenerator::new(match side {
        Side::Input => settings.for_deserialize(),
        Side::Output => settings.for_serialize(),
    });
    let mut schema = of(&mut generator);
    let keywords = schema.ensure_object();
    keywords.entry("title").or_insert_with(|| name.into());
    keywords.insert("$schema".to_owned(), meta_schemas::DRAFT2020_12.into());
    let definitions = generator.take_definitions(false);
    if !definitions.is_empty() {
        keywords.insert("$defs".to_owned(), definitions.into());
    }
    schema
}

#[cfg(test)]
mod tests;
