//! What a toolset shows of its tools, and what one gives: descriptors, requirements, outputs.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::declare::action::Annotations;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::Scope;
use crate::json::content::{Content, GivenContent};
use crate::redact::Scrubbed;

/// A tool as a model and a client see it (SEMANTICS §6).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToolDescriptor {
    /// The action's slug.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it does.
    pub description: &'static str,
    /// The JSON Schema of its input.
    pub input_schema: Value,
    /// The JSON Schema of its structured output; `None` for `()` and for [`Content`] alone.
    pub output_schema: Option<Value>,
    /// Hints for clients.
    #[serde(skip)]
    pub annotations: Annotations,
    /// Whether it acts for a user: only a run that has one will do (SEMANTICS P3).
    #[serde(skip)]
    pub needs_user: bool,
}

/// One credential that a tool asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ToolRequirement {
    /// The action's slug.
    pub action: &'static str,
    /// The credential key.
    pub key: &'static str,
    /// The credential's kind.
    pub kind: CredentialKind,
    /// The pin that holds.
    pub pin: Option<Scope>,
    /// Whether the tool runs without it where it is absent (SEMANTICS R11).
    pub optional: bool,
}

/// What a tool gave, without secrets: JSON, and [`Content`] if the action gives any.
///
/// It serializes as what the action returned does, so a journal can keep it as one JSON value, from which the action's
/// output can be read back.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolOutput {
    json: Scrubbed<Value>,
    content: Option<Box<Scrubbed<GivenContent>>>,
}

impl ToolOutput {
    #[inline]
    pub(super) fn new(json: Scrubbed<Value>, content: Option<Scrubbed<GivenContent>>) -> Self {
        Self { json, content: content.map(Box::new) }
    }

    /// The structured output; `null` where there is content alone.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The structured output, taken out. Content is dropped: where there may be some, use [`into_parts`](Self::into_parts).
    pub fn into_json(self) -> Value {
        self.json.into_inner()
    }

    /// The content, if the action returns [`Content`] or [`WithContent`](crate::WithContent).
    pub fn content(&self) -> Option<&Content> {
        self.content.as_ref().map(|given| given.content())
    }

    /// Structured output and content, taken out.
    pub fn into_parts(self) -> (Value, Option<Content>) {
        (self.json.into_inner(), self.content.map(|given| given.into_inner().content))
    }
}

impl Serialize for ToolOutput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Beside<'a> {
            value: &'a Value,
            content: &'a Content,
        }
        match self.content.as_deref().map(|given| &**given) {
            None => self.json.serialize(serializer),
            Some(GivenContent { content, is_alone: true }) => content.serialize(serializer),
            Some(GivenContent { content, is_alone: false }) => {
                Beside { value: &self.json, content }.serialize(serializer)
            }
        }
    }
}
