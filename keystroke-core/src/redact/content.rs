//! Removes secrets from the parts of a content, a slice at a time.
//!
//! Texts, names and URIs are cleaned like any text. Bytes can't be: a part that shows a secret in them gives way to a text
//! that says so. The bytes are searched as they are, and as the base64 that they leave as, which may spell a secret that
//! they don't hold.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Number;
use zeroize::Zeroizing;

use super::scan::{Base64Scan, Search};
use super::scrubbed::Slices;
use super::{Redactor, SHORTEST};
use crate::json::content::{Content, ContentPart, EmbeddedResource, ResourceData, ResourceLink, is_uri};

/// The needles that something shows.
type Found = BTreeSet<usize>;

/// What of a part can't be cleaned, and what it would show.
struct Withheld {
    place: &'static str,
    found: Found,
}

impl Redactor {
    /// Content without secrets; `None` once the call is cancelled.
    pub(super) async fn clean_content(
        &mut self,
        content: &mut Content,
        slices: &mut Slices<'_>,
    ) -> Option<()> {
        for (part, number) in content.0.iter_mut().zip(1..) {
            if let Some(Withheld { place, found }) = self.clean_part(part, slices).await? {
                let needles = found.iter().filter_map(|index| self.needles.get(*index));
                let marks: Vec<&str> = needles.map(|needle| needle.mark.as_str()).collect();
                let (what, marks) = (part.what(), marks.join(", "));
                let text = format!("[part {number}, {what}, is withheld: {place} would show {marks}]");
                *part = ContentPart::Text { text };
            }
        }
        Some(())
    }

    async fn clean_part(
        &mut self,
        part: &mut ContentPart,
        slices: &mut Slices<'_>,
    ) -> Option<Option<Withheld>> {
        Some(match part {
            ContentPart::Text { text } => {
                self.clean_text(text, slices).await?;
                None
            }
            ContentPart::Image { mime_type, data } | ContentPart::Audio { mime_type, data } => {
                let bytes = self.bytes_show(data, slices).await?;
                bytes.or(self.mime_shows(mime_type, slices).await?)
            }
            ContentPart::ResourceLink(ResourceLink { uri, name, title, description, mime_type, size }) => {
                self.clean_text(name, slices).await?;
                for text in [title, description].into_iter().flatten() {
                    self.clean_text(text, slices).await?;
                }
                if size.is_some_and(|size| self.number(&Number::from(size)).is_some()) {
                    *size = None;
                }
                let mime = match mime_type {
                    Some(mime_type) => self.mime_shows(mime_type, slices).await?,
                    None => None,
                };
                mime.or(self.clean_uri(uri, slices).await?)
            }
            ContentPart::Resource { resource: EmbeddedResource { uri, mime_type, data } } => {
                let bytes = match data {
                    ResourceData::Text(text) => {
                        self.clean_text(text, slices).await?;
                        None
                    }
                    ResourceData::Bytes(bytes) => self.bytes_show(bytes, slices).await?,
                };
                let mime = self.mime_shows(mime_type, slices).await?;
                bytes.or(mime).or(self.clean_uri(uri, slices).await?)
            }
        })
    }

    /// Removes what the text shows.
    async fn clean_text(&mut self, text: &mut String, slices: &mut Slices<'_>) -> Option<Found> {
        let mut found = Found::new();
        self.scan.begin(text.as_bytes());
        let mut is_done = text.len() < SHORTEST;
        while !is_done {
            let from = self.scan.at();
            is_done = self.scan.go_on(text, &mut Search::new(&self.needles, &mut found));
            self.found.extend(&found);
            slices.spend(self.scan.at() - from).await?;
        }
        if let Some(clean) = self.scan.end(text) {
            *text = clean;
        }
        Some(found)
    }

    /// A MIME type with a mark in it would not be one.
    async fn mime_shows(
        &mut self,
        mime_type: &mut String,
        slices: &mut Slices<'_>,
    ) -> Option<Option<Withheld>> {
        let found = self.clean_text(mime_type, slices).await?;
        Some((!found.is_empty()).then_some(Withheld { place: "its MIME type", found }))
    }

    /// A mark has brackets, which a URI spells otherwise. If the secret was the scheme or the host, no URI is left.
    async fn clean_uri(&mut self, uri: &mut String, slices: &mut Slices<'_>) -> Option<Option<Withheld>> {
        let found = self.clean_text(uri, slices).await?;
        for needle in found.iter().filter_map(|index| self.needles.get(*index)) {
            let mark = needle.mark.trim_start_matches('[').trim_end_matches(']');
            *uri = uri.replace(&needle.mark, &format!("%5B{mark}%5D"));
        }
        let is_left = found.is_empty() || is_uri(uri) && !host(uri).contains("%5Bredacted:");
        Some((!is_left).then_some(Withheld { place: "its URI", found }))
    }

    async fn bytes_show(&mut self, bytes: &[u8], slices: &mut Slices<'_>) -> Option<Option<Withheld>> {
        let mut found = Found::new();
        self.scan.begin(bytes);
        let mut is_done = bytes.len() < SHORTEST;
        while !is_done {
            let from = self.scan.at();
            is_done = self.scan.seek(bytes, &mut Search::new(&self.needles, &mut found));
            self.found.extend(&found);
            slices.spend(self.scan.at() - from).await?;
        }
        let mut encoded = Base64Scan::default();
        // A slice of base64. No group of three bytes is split.
        let chunk = Search::new(&self.needles, &mut found).slice() / 4 * 3;
        for chunk in bytes.chunks(chunk) {
            let text = Zeroizing::new(STANDARD.encode(chunk));
            encoded.seek(text.as_bytes(), &mut Search::new(&self.needles, &mut found));
            self.found.extend(&found);
            slices.spend(text.len()).await?;
        }
        Some((!found.is_empty()).then_some(Withheld { place: "its bytes", found }))
    }
}

/// Host and port of a URI (RFC 3986 §3.2); nothing if it has none. A colon in a host would make the rest of it a port.
fn host(uri: &str) -> &str {
    let authority = uri.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//")).unwrap_or_default();
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}
