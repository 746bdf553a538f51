//! What slugs and keys are made of. One rule for actions, credentials, tools and manifests. The macros depend on
//! nothing of this workspace, so `keystroke-macros/src/grammar/values.rs` holds the alphabet once more; a toolset is checked by
//! this one whatever the macro let through.

/// The most bytes of a slug.
pub const LONGEST_SLUG: usize = 64;

/// Whether a text is made of what slugs and keys are made of: `a`–`z`, `0`–`9`, `-` and `_`, at least one. How long it may be
/// is asked apart.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_holds_small_letters_digits_and_two_signs() {
        for slug in ["a", "web-search", "web_search", "1password", "-"] {
            assert!(is_slug(slug), "{slug}");
        }
        for text in ["", "Web", "web search", "wéb", "web.search", "web\n"] {
            assert!(!is_slug(text), "{text:?}");
        }
    }
}
