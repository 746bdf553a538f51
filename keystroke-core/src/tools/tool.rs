//! What a toolset shows of its tools, and what one gives: descriptors, requirements, outputs.

use serde::Serialize;
use serde_json::Value;

use crate::declare::action::Annotations;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::Scope;
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
    /// The JSON Schema of its output; `None` for `()`.
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

/// What a tool gave: JSON without secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolOutput {
    pub(crate) json: Scrubbed<Value>,
}

impl ToolOutput {
    /// The output.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The output, taken out.
    pub fn into_json(self) -> Value {
        self.json.into_inner()
    }
}
