//! The parts of a [`Content`](super::Content), and how each is written as JSON: as MCP spells it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One part of a [`Content`](crate::Content).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ContentPart {
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// An image.
    Image {
        /// Such as `image/png`.
        mime_type: String,
        /// The file.
        #[serde(with = "base64_text")]
        data: Vec<u8>,
    },
    /// A sound.
    Audio {
        /// Such as `audio/wav`.
        mime_type: String,
        /// The file.
        #[serde(with = "base64_text")]
        data: Vec<u8>,
    },
    /// A resource that is elsewhere.
    ResourceLink(ResourceLink),
    /// A resource in full.
    Resource {
        /// The resource.
        resource: EmbeddedResource,
    },
}

/// A resource that is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceLink {
    /// Where it is.
    pub uri: String,
    /// What programs call it.
    pub name: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Such as `text/csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

impl ResourceLink {
    /// A link to a URI, by a name.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        let (uri, name) = (uri.into(), name.into());
        Self { uri, name, title: None, description: None, mime_type: None, size: None }
    }

    /// With what people call it.
    #[must_use]
    pub fn with_title(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    /// With what it is, for the model.
    #[must_use]
    pub fn with_description(self, description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..self }
    }

    /// With its MIME type.
    #[must_use]
    pub fn with_mime_type(self, mime_type: impl Into<String>) -> Self {
        Self { mime_type: Some(mime_type.into()), ..self }
    }

    /// With its size in bytes.
    #[must_use]
    pub fn with_size(self, size: u64) -> Self {
        Self { size: Some(size), ..self }
    }
}

/// A resource in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EmbeddedResource {
    /// What identifies it.
    pub uri: String,
    /// Such as `text/csv`.
    pub mime_type: String,
    /// What it holds.
    #[serde(flatten)]
    pub data: ResourceData,
}

/// What a resource holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResourceData {
    /// Text.
    #[serde(rename = "text")]
    Text(String),
    /// Anything else.
    #[serde(rename = "blob", with = "base64_text")]
    Bytes(Vec<u8>),
}

impl From<String> for ResourceData {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for ResourceData {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for ResourceData {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for ResourceData {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

/// Bytes, told by how many there are.
struct Told<'a>(&'a [u8]);

impl fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl fmt::Debug for ContentPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, mime_type, data) = match self {
            Self::Text { text } => return f.debug_struct("Text").field("text", text).finish(),
            Self::Image { mime_type, data } => ("Image", mime_type, data),
            Self::Audio { mime_type, data } => ("Audio", mime_type, data),
            Self::ResourceLink(link) => return link.fmt(f),
            Self::Resource { resource } => return resource.fmt(f),
        };
        f.debug_struct(name).field("mime_type", mime_type).field("data", &Told(data)).finish()
    }
}

impl fmt::Debug for ResourceData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::Bytes(bytes) => f.debug_tuple("Bytes").field(&Told(bytes)).finish(),
        }
    }
}

/// Bytes as a text.
mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
