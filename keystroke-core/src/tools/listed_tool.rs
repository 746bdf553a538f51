//! A tool of a list: an action without its types.

use std::sync::Arc;

use schemars::Schema;
use serde_json::Value;

use super::call::{CallInJson, ToolCall};
use super::tool::ToolDescriptor;
use super::toolset_error::ToolsetError;
use crate::declare::action::{Action, Annotations, facts_of};
use crate::declare::scope::Need;
use crate::execute::execution::{ActionFacts, CallSettings};
use crate::json::schema::{self, Flaw, Misplaced};
use crate::run::runtime::RunInner;

/// A tool of a list. Cheap to clone.
#[derive(Clone)]
pub(super) struct ListedTool {
    pub(super) facts: &'static ToolFacts,
    action: Arc<dyn CallInJson>,
}

impl ListedTool {
    pub(super) fn new<A: Action>(action: A) -> Self {
        Self { facts: const { &ToolFacts::of::<A>() }, action: Arc::new(action) }
    }

    pub(super) const fn slug(&self) -> &'static str {
        self.facts.action.slug
    }

    pub(super) fn call(&self, run: Arc<RunInner>, input: Value) -> ToolCall {
        ToolCall::new(self.slug(), Arc::clone(&self.action).call_in_json(run, input, CallSettings::default()))
    }
}

/// What is known of a tool before it is called.
pub(super) struct ToolFacts {
    pub(super) action: ActionFacts,
    name: &'static str,
    description: &'static str,
    annotations: Annotations,
    pub(super) needs_user: bool,
    pub(super) input: JsonType,
    pub(super) output: JsonType,
}

/// A type that crosses into JSON: its schema, and its name in Rust.
pub(super) struct JsonType {
    schema: fn() -> Schema,
    pub(super) name: fn() -> &'static str,
}

impl ToolFacts {
    const fn of<A: Action>() -> Self {
        Self {
            action: facts_of::<A>(),
            name: A::NAME,
            description: A::DESCRIPTION,
            annotations: A::ANNOTATIONS,
            needs_user: A::Need::NEEDS_USER,
            input: JsonType { schema: A::CODEC.input_schema, name: std::any::type_name::<A::Input> },
            output: JsonType { schema: A::CODEC.output_schema, name: std::any::type_name::<A::Output> },
        }
    }

    pub(super) fn descriptor(&self) -> ToolDescriptor {
        self.described().0
    }

    /// Its descriptor, and what is wrong with that.
    pub(super) fn described(&self) -> (ToolDescriptor, Vec<Flawed>) {
        let (input, output): (Value, Value) = ((self.input.schema)().into(), (self.output.schema)().into());
        let mut flaws = Vec::new();
        let mut without = |schema: schema::Portable, of: &JsonType| {
            flaws.extend(schema.flaws.into_iter().map(|flaw| Flawed { type_name: (of.name)(), flaw }));
            Value::Object(schema.schema)
        };
        let input_schema = without(schema::input(&input), &self.input);
        let is_unit = output.get("type").and_then(Value::as_str) == Some("null");
        let output_schema = (!is_unit).then(|| without(schema::output(&output), &self.output));
        let descriptor = ToolDescriptor {
            name: self.action.slug,
            title: self.name,
            description: self.description,
            input_schema,
            output_schema,
            annotations: self.annotations,
            needs_user: self.needs_user,
        };
        (descriptor, flaws)
    }
}

/// What is wrong with the schema of a type.
pub(super) struct Flawed {
    type_name: &'static str,
    flaw: Misplaced,
}

impl Flawed {
    pub(super) fn of(self, slug: &'static str) -> ToolsetError {
        let Self { type_name, flaw: Misplaced { field, flaw } } = self;
        match flaw {
            Flaw::NotAnObject => ToolsetError::InputNotAnObject { slug, type_name },
            Flaw::Name { rename } => ToolsetError::FieldName { slug, type_name, field, rename },
            Flaw::Keyword(keyword) => ToolsetError::SchemaKeyword { slug, type_name, field, keyword },
            Flaw::Nothing => ToolsetError::NothingFits { slug, type_name, field },
            Flaw::TooLarge => ToolsetError::SchemaTooLarge { slug, type_name },
        }
    }
}
