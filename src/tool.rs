//! Actions as an agent's tools: lists of them, their schemas, and calls in JSON.
//!
//! Come here to build a list at run time ([`ToolsetBuilder`]), to hand descriptions to a model
//! ([`ToolDescriptor`]), to make the calls that it asks for ([`ToolCall`]), or to read what they gave ([`ToolOutput`],
//! [`ContentPart`]). [`toolset!`](crate::toolset!) is the
//! usual way to a [`Toolset`].

pub use keystroke_core::{
    ContentPart, EmbeddedResource, Mergeable, ResourceData, ResourceLink, ToolCall, ToolDescriptor,
    ToolOutput, ToolRequirement, ToolsetBuilder, ToolsetRunFor,
};

pub use crate::{Content, ToolError, Toolset, WithContent};
