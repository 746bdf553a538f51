//! An action's content as the protocol spells it: a block for each part.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystroke_core::{Content, ContentPart, EmbeddedResource, ResourceData, ResourceLink};
use rmcp::model::{ContentBlock, Resource, ResourceContents};

/// The blocks of content that core has scrubbed.
pub(crate) fn blocks(content: Content) -> impl Iterator<Item = ContentBlock> {
    content.into_parts().into_iter().map(block)
}

fn block(part: ContentPart) -> ContentBlock {
    match part {
        ContentPart::Text { text } => ContentBlock::text(text),
        ContentPart::Image { mime_type, data } => ContentBlock::image(STANDARD.encode(data), mime_type),
        ContentPart::Audio { mime_type, data } => ContentBlock::audio(STANDARD.encode(data), mime_type),
        ContentPart::ResourceLink(ResourceLink {
            uri, name, title, description, mime_type, size, ..
        }) => {
            let mut resource = Resource::new(uri, name);
            resource.title = title;
            resource.description = description;
            resource.mime_type = mime_type;
            resource.size = size;
            ContentBlock::resource_link(resource)
        }
        ContentPart::Resource { resource: EmbeddedResource { uri, mime_type, data, .. } } => {
            ContentBlock::resource(
                match data {
                    ResourceData::Text(text) => ResourceContents::text(text, uri),
                    ResourceData::Bytes(bytes) => ResourceContents::blob(STANDARD.encode(bytes), uri),
                }
                .with_mime_type(mime_type),
            )
        }
    }
}
