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

/// So many bytes are written as base64 at a time: a slice of that. No group of three is split.
const CHUNK: usize = super::SLICE / 4 * 3;

/// What of a part can't be cleaned.
type Withheld = &'static str;

impl Redactor {
    /// Content without secrets; `None` once the call is cancelled.
    pub(super) async fn clean_content(
        &mut self,
        content: &mut Content,
        slices: &mut Slices<'_>,
    ) -> Option<()> {
        for (part, number) in content.0.iter_mut().zip(1..) {
            let found = std::mem::take(&mut self.found);
            let withheld = self.clean_part(part, slices).await;
            if let Some(Some(place)) = withheld {
                let marks: Vec<&str> = self
                    .found
                    .iter()
                    .filter_map(|index| Some(self.needles.get(*index)?.mark.as_str()))
                    .collect();
                let (what, marks) = (part.what(), marks.join(", "));
                let text = format!("[part {number}, {what}, is withheld: {place} would show {marks}]");
                *part = ContentPart::Text { text };
            }
            self.found.extend(found);
            withheld?;
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

    /// Whether there was anything to clean.
    async fn clean_text(&mut self, text: &mut String, slices: &mut Slices<'_>) -> Option<bool> {
        if text.len() < SHORTEST {
            return Some(false);
        }
        self.scan.begin(text.as_bytes());
        loop {
            let (is_done, cost) = self.scan_on(text);
            slices.spend(cost).await?;
            if is_done {
                break;
            }
        }
        Some(self.scan.end(text).map(|clean| *text = clean).is_some())
    }

    /// A MIME type with a mark in it would be none.
    async fn mime_shows(
        &mut self,
        mime_type: &mut String,
        slices: &mut Slices<'_>,
    ) -> Option<Option<Withheld>> {
        Some(self.clean_text(mime_type, slices).await?.then_some("its MIME type"))
    }

    /// A mark has brackets, which a URI spells otherwise. Where the secret was the scheme, say, no URI is left.
    async fn clean_uri(&mut self, uri: &mut String, slices: &mut Slices<'_>) -> Option<Option<Withheld>> {
        if !self.clean_text(uri, slices).await? {
            return Some(None);
        }
        for needle in &self.needles {
            let mark = needle.mark.trim_start_matches('[').trim_end_matches(']');
            *uri = uri.replace(&needle.mark, &format!("%5B{mark}%5D"));
        }
        Some((!is_uri(uri)).then_some("its URI"))
    }

    async fn bytes_show(&mut self, bytes: &[u8], slices: &mut Slices<'_>) -> Option<Option<Withheld>> {
        let mut found = BTreeSet::new();
        self.scan.begin(bytes);
        let mut is_done = bytes.len() < SHORTEST;
        while !is_done {
            let from = self.scan.at();
            is_done = self.scan.seek(bytes, &mut Search::new(&self.needles, &mut found));
            slices.spend(self.scan.at() - from).await?;
        }
        let mut encoded = Base64Scan::default();
        for chunk in bytes.chunks(CHUNK) {
            let text = Zeroizing::new(STANDARD.encode(chunk));
            encoded.seek(text.as_bytes(), &mut Search::new(&self.needles, &mut found));
            slices.spend(text.len()).await?;
        }
        let shows = !found.is_empty();
        self.found.extend(found);
        Some(shows.then_some("its bytes"))
    }
}
