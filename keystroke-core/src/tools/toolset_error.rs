//! What is wrong with a list of actions: the author's error, which [`ToolsetBuilder::build`](crate::ToolsetBuilder::build)
//! gives before anything runs.

use std::fmt;

/// What is wrong with a list of actions. `Debug` is as `Display`, as in [`ToolsetErrors`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolsetError {
    /// Two actions have one slug.
    SameSlug {
        /// The slug.
        slug: &'static str,
    },
    /// A slug that tools can't have.
    MalformedSlug {
        /// The slug.
        slug: &'static str,
    },
    /// An action that the model could not choose.
    NoDescription {
        /// The action.
        slug: &'static str,
    },
    /// An input that is no JSON object.
    InputNotAnObject {
        /// The action.
        slug: &'static str,
        /// The input's Rust type.
        type_name: &'static str,
    },
    /// A field of an input whose name model APIs refuse.
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
    NothingFits {
        /// The action.
        slug: &'static str,
        /// The Rust type of the input or output.
        type_name: &'static str,
        /// The field in it; empty for the type itself.
        field: String,
    },
    /// A schema that is too large for a model, or too deep.
    SchemaTooLarge {
        /// The action.
        slug: &'static str,
        /// The Rust type of the input or output.
        type_name: &'static str,
    },
    /// Two different types whose schemas have the same name, so readers of both would confuse them.
    SameSchema {
        /// The name.
        name: String,
        /// The Rust types.
        types: [&'static str; 2],
    },
    /// Two different credentials with one key.
    SameKey {
        /// The key.
        key: &'static str,
        /// The Rust types.
        types: [&'static str; 2],
    },
}

/// All that an error says.
struct Words {
    code: &'static str,
    problem: String,
    fix: String,
}

impl ToolsetError {
    fn words(&self) -> Words {
        match self {
            Self::SameSlug { slug } => Words {
                code: "same_slug",
                problem: format!("two actions in this toolset share the slug `{slug}`"),
                fix: "give one of them another".to_owned(),
            },
            Self::MalformedSlug { slug } => Words {
                code: "malformed_slug",
                problem: format!(
                    "the slug `{slug}` must be 1 to 64 characters of a-z, 0-9, `-` and `_`"
                ),
                fix: "choose one such as `web-search`".to_owned(),
            },
            Self::NoDescription { slug } => Words {
                code: "no_description",
                problem: format!("the action `{slug}` needs a description: the model chooses tools by it"),
                fix: "say in a doc comment or in `DESCRIPTION` what it does".to_owned(),
            },
            Self::InputNotAnObject { slug, type_name } => Words {
                code: "input_not_an_object",
                problem: format!(
                    "the input `{type_name}` of the action `{slug}` must be a struct: tools take a JSON object"
                ),
                fix: "an enum needs a tag, `#[serde(tag = \"…\")]`, or fields in each variant, and a map needs text as \
                      its keys"
                    .to_owned(),
            },
            Self::FieldName { slug, type_name, field, rename } => Words {
                code: "field_name",
                problem: format!(
                    "the field `{field}` of the input `{type_name}` of the action `{slug}` has a name that model APIs \
                     refuse: it must be 1 to 64 characters of A-Z, a-z, 0-9, `_`, `.` and `-`"
                ),
                fix: format!("call it `{rename}`, with `#[serde(rename = \"{rename}\")]`"),
            },
            Self::SchemaKeyword { slug, type_name, field, keyword } => Words {
                code: "schema_keyword",
                problem: format!(
                    "the schema of `{}` of the action `{slug}` uses `{keyword}`, which clients and model APIs refuse",
                    in_type(type_name, field)
                ),
                fix: "leave it out, say it in a doc comment, and check it in the action or with `#[action(validate)]`"
                    .to_owned(),
            },
            Self::NothingFits { slug, type_name, field } => Words {
                code: "nothing_fits",
                problem: format!(
                    "no value fits the schema of `{}` of the action `{slug}`",
                    in_type(type_name, field)
                ),
                fix: "leave it out".to_owned(),
            },
            Self::SchemaTooLarge { slug, type_name } => Words {
                code: "schema_too_large",
                problem: format!(
                    "the schema of `{type_name}` of the action `{slug}` is too large: it may have 10,000 schemas, 64 \
                     within each other, and 64 combinations of flattened enums"
                ),
                fix: "take or give less, or `serde_json::Value` for a part of it".to_owned(),
            },
            Self::SameSchema { name, types: [one, other] } => Words {
                code: "same_schema",
                problem: format!("the types `{one}` and `{other}` have different schemas named `{name}`"),
                fix: "rename one, or add `#[schemars(rename = \"…\")]` to it".to_owned(),
            },
            Self::SameKey { key, types: [one, other] } => Words {
                code: "same_key",
                problem: format!("the credentials `{one}` and `{other}` share the key `{key}`"),
                fix: "use one of them in both actions".to_owned(),
            },
        }
    }

    /// A stable word for each, such as `same_slug`.
    pub fn code(&self) -> &'static str {
        self.words().code
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        self.words().problem
    }

    /// What the author does about it.
    pub fn fix(&self) -> String {
        self.words().fix
    }
}

/// The problem, then the fix.
impl fmt::Display for ToolsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { problem, fix, .. } = self.words();
        write!(f, "{problem}; {fix}")
    }
}

impl std::error::Error for ToolsetError {}

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
