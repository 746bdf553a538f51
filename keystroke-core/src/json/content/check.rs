//! What makes content fit to leave: the grammar of its URIs and MIME types, the number of its parts, and its size.

use super::{Content, ContentPart, EmbeddedResource, ResourceData, ResourceLink};

/// So many parts may be in one content.
const MOST_PARTS: usize = 1000;
/// So many bytes a URI may have: more is refused by what others put on its way.
const LONGEST_URI: usize = 8 * 1024;
/// So many bytes a MIME type may have, with its parameters.
const LONGEST_MIME: usize = 256;
/// What a part takes as JSON beside its texts: the keys, braces and quotes of a link, which has most, and its size.
const PART: usize = 128;

/// What is wrong with content, and what is done about it.
#[derive(Debug)]
pub struct Misfit {
    pub(crate) problem: String,
    pub(crate) fix: &'static str,
}

impl Content {
    /// Whether it can be sent as it is.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        let count = self.0.len();
        if count > MOST_PARTS {
            let problem = format!("it has {count} parts, and {MOST_PARTS} at most can be sent");
            return Err(Misfit { problem, fix: "give fewer parts, or a link to the rest" });
        }
        for (part, number) in self.0.iter().zip(1..) {
            part.check().map_err(|Misfit { problem, fix }| {
                let problem = format!("part {number}, {}: {problem}", part.what());
                Misfit { problem, fix }
            })?;
        }
        Ok(())
    }

    /// About how many bytes it has as JSON.
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(|part| part.size().saturating_add(PART)).fold(2, usize::saturating_add)
    }
}

impl ContentPart {
    /// What a person calls it.
    pub(crate) const fn what(&self) -> &'static str {
        match self {
            Self::Text { .. } => "a text",
            Self::Image { .. } => "an image",
            Self::Audio { .. } => "audio",
            Self::ResourceLink(_) => "a link",
            Self::Resource { .. } => "a resource",
        }
    }

    fn check(&self) -> Result<(), Misfit> {
        match self {
            Self::Text { .. } => Ok(()),
            Self::Image { mime_type, .. } => media("image/", mime_type),
            Self::Audio { mime_type, .. } => media("audio/", mime_type),
            Self::ResourceLink(ResourceLink { uri, mime_type, .. }) => {
                mime_type.as_deref().map_or(Ok(()), mime)?;
                checked_uri(uri)
            }
            Self::Resource { resource: EmbeddedResource { uri, mime_type, .. } } => {
                mime(mime_type)?;
                checked_uri(uri)
            }
        }
    }

    fn size(&self) -> usize {
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        match self {
            Self::Text { text } => text.len(),
            Self::Image { mime_type, data } | Self::Audio { mime_type, data } => {
                mime_type.len() + in_base64(data)
            }
            Self::ResourceLink(ResourceLink { uri, name, title, description, mime_type, .. }) => {
                uri.len() + name.len() + of(title) + of(description) + of(mime_type)
            }
            Self::Resource { resource: EmbeddedResource { uri, mime_type, data } } => {
                let data = match data {
                    ResourceData::Text(text) => text.len(),
                    ResourceData::Bytes(bytes) => in_base64(bytes),
                };
                uri.len() + mime_type.len() + data
            }
        }
    }
}

const fn in_base64(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3).saturating_mul(4)
}

fn media(beginning: &'static str, mime_type: &str) -> Result<(), Misfit> {
    mime(mime_type)?;
    let fits = mime_type.get(..beginning.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(beginning));
    if fits {
        return Ok(());
    }
    let problem = format!("its MIME type `{mime_type}` does not begin with `{beginning}`");
    Err(Misfit { problem, fix: "send a file of another type with `Content::resource`" })
}

fn mime(mime_type: &str) -> Result<(), Misfit> {
    at_most(LONGEST_MIME, "MIME type", mime_type, "give type and subtype, without long parameters")?;
    if is_mime(mime_type) {
        return Ok(());
    }
    let problem = format!("`{mime_type}` is not a MIME type");
    Err(Misfit { problem, fix: "give type and subtype, such as `image/png` or `text/plain; charset=utf-8`" })
}

fn checked_uri(uri: &str) -> Result<(), Misfit> {
    let fix = "give a shorter URI; instead of a `data:` URI, send the bytes with `Content::image` or `Content::resource`";
    at_most(LONGEST_URI, "URI", uri, fix)?;
    if is_uri(uri) {
        return Ok(());
    }
    let fix = "give an absolute URI, such as `https://example.com/a%20b.csv` or `file:///a.csv`, with all other characters percent-encoded";
    Err(Misfit { problem: format!("`{uri}` is not a URI"), fix })
}

fn at_most(most: usize, what: &str, text: &str, fix: &'static str) -> Result<(), Misfit> {
    if text.len() <= most {
        return Ok(());
    }
    Err(Misfit {
        problem: format!("its {what} has {} bytes, and {most} at most can be sent", text.len()),
        fix,
    })
}

/// `type/subtype` (RFC 6838 §4.2), then any number of parameters (RFC 2045 §5.1).
fn is_mime(text: &str) -> bool {
    let mut pieces = text.split(';');
    let named = pieces.next().and_then(|name| name.split_once('/'));
    let is_name = |name: &str| {
        name.len() <= 127
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let is_token = |token: &str| {
        !token.is_empty()
            && token.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte))
    };
    // A quoted value may hold no quote and no semicolon here: no type that is sent needs one.
    let is_quoted = |value: &str| {
        value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).is_some_and(|value| {
            value.bytes().all(|b| b == b' ' || b.is_ascii_graphic() && !b"\"\\".contains(&b))
        })
    };
    let is_parameter = |parameter: &str| {
        parameter
            .trim_matches(' ')
            .split_once('=')
            .is_some_and(|(name, value)| is_token(name) && (is_token(value) || is_quoted(value)))
    };
    named.is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype)) && pieces.all(is_parameter)
}

/// A scheme, and then only characters that a URI may have (RFC 3986 §2, §3.1).
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !is_scheme || rest.is_empty() {
        return false;
    }
    let mut bytes = rest.bytes();
    let is_hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => is_hex(bytes.next()) && is_hex(bytes.next()),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mime_types_are_told_from_other_texts() {
        for fits in [
            "image/png",
            "IMAGE/svg+xml",
            "application/vnd.oasis.opendocument.text",
            "text/plain; charset=utf-8",
            "text/plain;charset=\"utf-8\"; format=flowed",
        ] {
            assert!(is_mime(fits), "{fits}");
        }
        for misfit in [
            "",
            "png",
            "image",
            "/png",
            "image/",
            "image/png/x",
            " image/png",
            "image/p ng",
            "image/*",
            "a/b;",
            "a/b; c",
            "a/b; =c",
            "a/b; c=",
            "a/b; c=\"d",
            "a/b; c=d e",
            "a/é",
            "a/b\n",
            "a/b; c=\"\n\"",
        ] {
            assert!(!is_mime(misfit), "{misfit:?}");
        }
        assert!(!is_mime(&format!("a/{}", "b".repeat(128))));
    }

    #[test]
    fn uris_are_told_from_other_texts() {
        for fits in [
            "https://example.com/a%20b?c=d#e",
            "file:///a",
            "urn:isbn:0451450523",
            "test://static",
            "http://[::1]:80/",
            "a+b-1.c:d",
        ] {
            assert!(is_uri(fits), "{fits}");
        }
        for misfit in [
            "",
            "a",
            "a:",
            "/a",
            "://a",
            "1a:b",
            "a b:c",
            "https://a b",
            "https://a/é",
            "a:%",
            "a:%4",
            "a:%4g",
            "a:\\b",
            "a:<b>",
            "a:\"b\"",
            "a:{b}",
            "a:b\n",
            "a:^",
        ] {
            assert!(!is_uri(misfit), "{misfit:?}");
        }
    }
}
