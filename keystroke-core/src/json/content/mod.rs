//! Outputs beyond one JSON value: [`Content`], alone or beside a structured value ([`WithContent`]).
//!
//! Here is what they are. What makes them fit to leave is in `check`, how they are written as JSON in `part`, and where
//! secrets are removed from them in [`redact`](crate::redact).

mod check;
mod part;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use check::{Misfit, is_uri};
pub use part::{ContentPart, EmbeddedResource, ResourceData, ResourceLink};

use super::output::{self, Encoded, Unwritten};
use crate::redact::Glance;

/// What an action gives where one JSON value won't do: text, images, audio, links to resources and resources themselves, in
/// order.
///
/// An action returns it alone, or beside a structured value as [`WithContent`]:
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{Content, ResourceLink};
///
/// let png = b"\x89PNG\r\n\x1a\n".to_vec();
/// let source = ResourceLink::new("https://example.com/prices.csv", "prices.csv").with_mime_type("text/csv");
/// let chart = Content::text("Prices since May.").and(Content::image("image/png", png)).and(source);
/// assert_eq!(chart.parts().len(), 3);
/// ```
///
/// A typed call returns it as it is. A call in JSON checks it: each must be a valid URI or MIME type, an image's MIME type
/// must begin with `image/` and that of audio with `audio/`, and there may be 1,000 parts at most; else the error is
/// [`ToolError::Output`](crate::ToolError::Output). Together with the structured value, and with bytes counted as base64,
/// it may be as long as any output (`too_large`). Secrets are removed from it (SEMANTICS S3): a part with a secret in its
/// bytes is replaced by a text that says so.
///
/// As JSON it is the list of its parts, spelled as in MCP, with bytes in base64.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content(pub(crate) Vec<ContentPart>);

impl Content {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        ContentPart::Text { text: text.into() }.into()
    }

    /// An image, such as of type `image/png`.
    pub fn image(mime_type: impl Into<String>, data: impl Into<Vec<u8>>) -> Self {
        ContentPart::Image { mime_type: mime_type.into(), data: data.into() }.into()
    }

    /// A sound, such as of type `audio/wav`.
    pub fn audio(mime_type: impl Into<String>, data: impl Into<Vec<u8>>) -> Self {
        ContentPart::Audio { mime_type: mime_type.into(), data: data.into() }.into()
    }

    /// A resource that is elsewhere.
    pub fn link(link: ResourceLink) -> Self {
        link.into()
    }

    /// A resource in full: its URI, its MIME type, and its text or bytes.
    pub fn resource(
        uri: impl Into<String>,
        mime_type: impl Into<String>,
        data: impl Into<ResourceData>,
    ) -> Self {
        let resource = EmbeddedResource { uri: uri.into(), mime_type: mime_type.into(), data: data.into() };
        ContentPart::Resource { resource }.into()
    }

    /// The same, followed by more.
    #[must_use]
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.0.extend(more.into().0);
        self
    }

    /// Its parts, in order.
    pub fn parts(&self) -> &[ContentPart] {
        &self.0
    }

    /// Its parts, taken out.
    pub fn into_parts(self) -> Vec<ContentPart> {
        self.0
    }
}

impl From<ContentPart> for Content {
    fn from(part: ContentPart) -> Self {
        Self(vec![part])
    }
}

impl From<ResourceLink> for Content {
    fn from(link: ResourceLink) -> Self {
        ContentPart::ResourceLink(link).into()
    }
}

impl<C: Into<Content>> Extend<C> for Content {
    fn extend<I: IntoIterator<Item = C>>(&mut self, more: I) {
        self.0.extend(more.into_iter().flat_map(|content| content.into().0));
    }
}

impl<C: Into<Self>> FromIterator<C> for Content {
    fn from_iter<I: IntoIterator<Item = C>>(contents: I) -> Self {
        let mut all = Self::default();
        all.extend(contents);
        all
    }
}

/// A structured value, and [`Content`] beside it: what an action returns whose value has a picture, say.
///
/// `T` is what an output without content would be, and the tool's output schema is `T`'s. As JSON it is an object with
/// `value` and `content`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithContent<T> {
    /// The structured value.
    pub value: T,
    /// What is beside it.
    pub content: Content,
}

impl<T> WithContent<T> {
    /// A value with content.
    pub const fn new(value: T, content: Content) -> Self {
        Self { value, content }
    }
}

/// An input or output of an author's own.
#[doc(hidden)]
pub struct AnotherType;

/// What stands within [`AnotherType`]: no content. As JSON in a value, an image would be a long text to whoever reads it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be a field or item of another type",
    label = "not a field or item",
    note = "in an output, return it beside: `Result<WithContent<T>, E>`, where `T` is your struct without it",
    note = "in an input, take a text or a URI: a model sends no files"
)]
pub trait Holds<'a, T> {}

/// Nothing meets the bound. It is there for its message: each derive of `JsonSchema` that meets content tells it. The
/// lifetime keeps the compiler from telling it here already.
macro_rules! never_within {
    ($([$($generic:ident)?] $type:ty),*) => { $(
        impl<'a, $($generic)?> JsonSchema for $type
        where
            AnotherType: Holds<'a, $type>,
        {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                "Content".into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                Schema::default()
            }
        }
    )* };
}

never_within!(
    [] Content, [] ContentPart, [] ResourceLink, [] EmbeddedResource, [] ResourceData, [T] WithContent<T>
);

/// Content that an action gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenContent {
    pub(crate) content: Content,
    /// Whether there is no structured value.
    pub(crate) is_alone: bool,
}

/// Writes an output that is content alone. The content is moved, not copied.
pub(crate) fn write_alone(content: &mut Content, most: usize) -> Result<Encoded, Unwritten> {
    let nothing = Encoded { json: Value::Null, glance: Glance::default(), content: None };
    attach(nothing, content, true, most)
}

/// Writes a value with content.
pub(crate) fn write_beside<T: Serialize>(
    output: &mut WithContent<T>,
    most: usize,
) -> Result<Encoded, Unwritten> {
    let value = output::write(&output.value, most)?;
    attach(value, &mut output.content, false, most)
}

fn attach(
    mut encoded: Encoded,
    content: &mut Content,
    is_alone: bool,
    most: usize,
) -> Result<Encoded, Unwritten> {
    encoded.glance.size = encoded.glance.size.saturating_add(content.size());
    if encoded.glance.size > most {
        return Err(Unwritten::TooLarge);
    }
    content.check().map_err(Unwritten::Misfit)?;
    encoded.content = Some(Box::new(GivenContent { content: std::mem::take(content), is_alone }));
    Ok(encoded)
}
