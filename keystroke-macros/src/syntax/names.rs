//! Names made of other names: a slug, a title, a type's name.

use proc_macro2::Ident;

/// `slack_send_message` → `slack-send-message`: a slug made of a function's name.
pub(crate) fn slug_of(function: &Ident) -> String {
    slugged(&function.to_string().replace("r#", ""))
}

/// A slug made of any text.
pub(crate) fn slugged(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "web-search".to_owned() } else { slug.to_owned() }
}

/// What people may call what has this slug: `web-search` → `Web search`.
pub(crate) fn title(slug: &str) -> String {
    let mut words = slug.chars();
    let first = words.next().into_iter().flat_map(char::to_uppercase);
    first.chain(words.map(|c| if matches!(c, '-' | '_') { ' ' } else { c })).collect()
}

/// `slack_send_message` → `SlackSendMessage`.
pub(crate) fn handle_name(function: &Ident) -> String {
    let name = function.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    let mut handle = String::new();
    for part in name.split('_') {
        let mut chars = part.chars();
        handle.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        handle.extend(chars);
    }
    handle
}

/// `GoogleMaps` → `google_maps`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
