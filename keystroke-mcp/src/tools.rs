//! A toolset as the protocol spells it (SEMANTICS §6): the list of tools, and results. Made once for a server, and shared.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use keystroke_core::scope::Need;
use keystroke_core::{ToolDescriptor, ToolOutput, Toolset};
use rmcp::model::{
    CallToolResult, ContentBlock, JsonObject, ListToolsResult, ProtocolVersion, Tool, ToolAnnotations,
};
use serde_json::{Map, Value};

use crate::content::blocks;

/// What a tool's output is, which decides how it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputKind {
    /// There is none.
    Nothing,
    /// An object, in every version of the protocol.
    Object,
    /// Another value. Versions that know only objects as structured content get `{"result": …}`.
    Other,
}

/// A tool of the list, as calls need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListedTool {
    pub(crate) name: &'static str,
    /// Whether it acts for a user.
    pub(crate) needs_user: bool,
    shape: OutputKind,
}

/// The tools of a server.
pub(crate) struct ToolList {
    /// For versions in which structured content may be any value.
    any_output: ListToolsResult,
    /// For those in which it is an object.
    object_output: ListToolsResult,
    by_name: HashMap<&'static str, ListedTool>,
}

/// Whether this version has no handshake and takes structured content of any type; before, that had to be an object.
pub(crate) fn is_stateless(version: Option<&ProtocolVersion>) -> bool {
    // Dates, so their order as text is their order in time.
    version.is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

impl ToolList {
    pub(crate) fn of<N: Need>(tools: &Toolset<N>) -> Self {
        let (mut any, mut object, mut by_name) = (Vec::new(), Vec::new(), HashMap::new());
        for descriptor in tools.descriptors() {
            let needs_user = descriptor.needs_user;
            let (tool, wrapped, shape) = in_both_forms(descriptor);
            if let Cow::Borrowed(name) = tool.name {
                by_name.insert(name, ListedTool { name, needs_user, shape });
            }
            any.push(tool);
            object.push(wrapped);
        }
        Self {
            any_output: ListToolsResult::with_all_items(any),
            object_output: ListToolsResult::with_all_items(object),
            by_name,
        }
    }

    /// The tools for which `is_shown` holds.
    pub(crate) fn list(
        &self,
        version: Option<&ProtocolVersion>,
        is_shown: impl Fn(ListedTool) -> bool,
    ) -> ListToolsResult {
        let all = if is_stateless(version) { &self.any_output } else { &self.object_output };
        let mut list = all.clone();
        list.tools.retain(|tool| self.find(&tool.name).is_some_and(&is_shown));
        list
    }

    /// The names of all tools, in the order of the list.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.any_output.tools.iter().map(|tool| &*tool.name)
    }

    pub(crate) fn find(&self, name: &str) -> Option<ListedTool> {
        self.by_name.get(name).copied()
    }
}

impl ListedTool {
    /// The output as a result: as text and as structured content, both of the JSON that core has scrubbed, and then its
    /// content.
    pub(crate) fn result(self, output: ToolOutput, version: Option<&ProtocolVersion>) -> CallToolResult {
        let (json, content) = output.into_parts();
        let mut result = match self.shape {
            OutputKind::Nothing => CallToolResult::success(Vec::new()),
            OutputKind::Other if !is_stateless(version) => {
                CallToolResult::structured(Value::Object(Map::from_iter([("result".to_owned(), json)])))
            }
            OutputKind::Object | OutputKind::Other => CallToolResult::structured(json),
        };
        if let Some(content) = content {
            result.content.extend(blocks(content));
        }
        result
    }
}

/// A failure that the model is meant to see.
pub(crate) fn failed(text: impl Into<String>) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// The tool with its own output, and the tool with an object as its output.
fn in_both_forms(descriptor: ToolDescriptor) -> (Tool, Tool, OutputKind) {
    let ToolDescriptor { name, title, description, input_schema, output_schema, annotations, .. } =
        descriptor;
    let hints = ToolAnnotations::new()
        .read_only(annotations.read_only)
        .destructive(annotations.destructive)
        .idempotent(annotations.idempotent);
    let tool = Tool::new(name, description, object(input_schema)).with_title(title).with_annotations(hints);
    let Some(output) = output_schema else { return (tool.clone(), tool, OutputKind::Nothing) };
    if output.get("type").and_then(Value::as_str) == Some("object") {
        let tool = tool.with_raw_output_schema(Arc::new(object(output)));
        return (tool.clone(), tool, OutputKind::Object);
    }
    let wrapped = tool.clone().with_raw_output_schema(Arc::new(wrapped(output.clone())));
    (tool.with_raw_output_schema(Arc::new(object(output))), wrapped, OutputKind::Other)
}

/// A schema's keywords. `true`, the schema of anything, has none; `false` is no type's schema.
fn object(schema: Value) -> JsonObject {
    match schema {
        Value::Object(keywords) => keywords,
        _ => Map::new(),
    }
}

/// The schema of `{"result": …}`. Core's schemas hold no references, so they can stand anywhere.
fn wrapped(schema: Value) -> JsonObject {
    let mut inner = object(schema);
    let mut outer: Map<String, Value> = inner.remove_entry("$schema").into_iter().collect();
    outer.insert("type".to_owned(), Value::from("object"));
    outer.insert(
        "properties".to_owned(),
        Map::from_iter([("result".to_owned(), Value::Object(inner))]).into(),
    );
    outer.insert("required".to_owned(), Value::from(vec!["result"]));
    outer
}
