//! What is wrong with a list of actions: the author's error, which [`ToolsetBuilder::build`](crate::ToolsetBuilder::build)
//! gives before anything runs.

use std::fmt;

/// What is wrong with a list of actions. `Debug` is as `Display`, as in [`ToolsetErrors`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolsetError {
    /// Two actions have one slug.
    #[error("two actions in this toolset share the slug `{slug}`; give one of them another")]
    SameSlug {
        /// The slug.
        slug: &'static str,
    },
    /// A slug that tools can't have.
    #[error("the slug `{slug}` must be 1 to 64 characters of a-z, 0-9, `-` and `_`")]
    MalformedSlug {
        /// The slug.
        slug: &'static str,
    },
    /// An action that the model could not choose.
    #[error("the action `{slug}` needs a description: the model chooses tools by it")]
    NoDescription {
        /// The action.
        slug: &'static str,
    },
    /// An input that is no JSON object.
    #[error(
        "the input `{type_name}` of the action `{slug}` must be a struct: tools take a JSON object; an enum needs a tag, \
         `#[serde(tag = \"…\")]`, or fields in each variant, and a map needs text as its keys"
    )]
    InputNotAnObject {
        /// The action.
        slug: &'static str,
        /// The input's Rust type.
        type_name: &'static str,
    },
    /// A field of an input whose name model APIs refuse.
    #[error(
        "the field `{field}` of the input `{type_name}` of the action `{slug}` has a name that model APIs refuse: it must be \
         1 to 64 characters of A-Z, a-z, 0-9, `_`, `.` and `-`; call it `{rename}`, with `#[serde(rename = \"{rename}\")]`"
    )]
    FieldName {
        /// The action.
        slug: &'static str,
        /// The input's Rust type.
        type_name: &'static str,
        /// The field, as JSON names it, within those that it is in: `filter.$top`.
        field: String,
        /// A name that would do.
        rename: String,
    },
    /// A schema that says what no schema can say that every client and model API takes.
    #[error(
        "the schema of `{}` of the action `{slug}` uses `{keyword}`, which clients and model APIs refuse; leave it out, say \
         it in a doc comment, and check it in the action or with `#[action(validate)]`",
        in_type(type_name, field)
    )]
    SchemaKeyword {
        /// The action.
        slug: &'static str,
        /// The Rust type of the input or output.
        type_name: &'static str,
        /// The field in it; empty for the type itself.
        field: String,
        /// The keyword of JSON Schema.
        keyword: &'static str,
    },
    /// A schema that no value fits, such as that of an enum without variants.
    #[error(
        "no value fits the schema of `{}` of the action `{slug}`; leave it out",
        in_type(type_name, field)
    )]
    NothingFits {
        /// The action.
        slug: &'static str,
        /// The Rust type of the input or output.
        type_name: &'static str,
        /// The field in it; empty for the type itself.
        field: String,
    },
    /// A schema that is too large for a model, or too deep.
    #[error(
        "the schema of `{type_name}` of the action `{slug}` is too large: it may have 10,000 schemas, 64 within each other, \
         and 64 combinations of flattened enums; take or give less, or `serde_json::Value` for a part of it"
    )]
    SchemaTooLarge {
        /// The action.
        slug: &'static str,
        /// The Rust type of the input or output.
        type_name: &'static str,
    },
    /// Two different types whose schemas have one name: whoever reads both takes one for the other.
    #[error("the types `{}` and `{}` have different schemas named `{name}`; rename one, or add `#[schemars(rename = \"…\")]` to it", types[0], types[1])]
    SameSchema {
        /// The name.
        name: String,
        /// The Rust types.
        types: [&'static str; 2],
    },
    /// Two different credentials with one key.
    #[error("the credentials `{}` and `{}` share the key `{key}`; use one of them in both actions", types[0], types[1])]
    SameKey {
        /// The key.
        key: &'static str,
        /// The Rust types.
        types: [&'static str; 2],
    },
}

impl ToolsetError {
    /// A stable word for each, such as `same_slug`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SameSlug { .. } => "same_slug",
            Self::MalformedSlug { .. } => "malformed_slug",
            Self::NoDescription { .. } => "no_description",
            Self::InputNotAnObject { .. } => "input_not_an_object",
            Self::FieldName { .. } => "field_name",
            Self::SchemaKeyword { .. } => "schema_keyword",
            Self::NothingFits { .. } => "nothing_fits",
            Self::SchemaTooLarge { .. } => "schema_too_large",
            Self::SameSchema { .. } => "same_schema",
            Self::SameKey { .. } => "same_key",
        }
    }
}

impl fmt::Debug for ToolsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Everything that is wrong with a list of actions; `Display` is a line each, and so is `Debug`: a program that returns
/// this from `main` shows it by that.
#[derive(Clone, PartialEq, Eq)]
pub struct ToolsetErrors(pub(super) Vec<ToolsetError>);

impl ToolsetErrors {
    /// The findings, in the order of the list.
    pub fn errors(&self) -> &[ToolsetError] {
        &self.0
    }
}

impl fmt::Display for ToolsetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }
}

impl fmt::Debug for ToolsetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ToolsetErrors {}

/// A field of a type, or the type: `Filter.status`.
fn in_type(type_name: &str, field: &str) -> String {
    if field.is_empty() { type_name.to_owned() } else { format!("{type_name}.{field}") }
}
