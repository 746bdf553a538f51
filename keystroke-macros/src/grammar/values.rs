//! The values of keys: a text, a list of texts, a flag, one word of a closed set, a path.

use proc_macro2::{Delimiter, Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};

use super::nearest::nearest;
use super::{Entry, is_punct, takes_no_value};
use crate::diagnostics::Errors;
use crate::emit::Facade;
use crate::syntax::slugged;

/// A text value and where it stands.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) literal: Literal,
}

/// The value of a key that takes a string literal. `instead` is one that would do, made of the item's name.
pub(crate) fn text(entry: &Entry, instead: &str, errors: &mut Errors) -> Option<Text> {
    let Some(value) = &entry.value else {
        errors.at(&entry.key, format!("`{0}` needs a value: `{0} = \"…\"`", entry.key));
        return None;
    };
    match string_literal(value.clone()) {
        Ok(text) if text.text.trim().is_empty() => {
            errors.at(text.literal, format!("`{}` is empty", entry.key));
            None
        }
        Ok(text) => Some(text),
        Err(written) => {
            let is_slug = entry.key == "slug" || entry.key == "key";
            let (why, text) = match meant(&written.to_string()) {
                Meant::Text(text) if is_slug => ("", slugged(&text)),
                Meant::Text(text) => ("", text),
                Meant::Word(word) if !is_slug || word.chars().all(is_slug_char) => ("", word),
                Meant::Constant | Meant::Word(_) => {
                    (", because a macro cannot read a constant", instead.to_owned())
                }
                Meant::Call => (", because a macro in it is not expanded", instead.to_owned()),
                Meant::Other => ("", instead.to_owned()),
            };
            errors.at(value, format!("`{}` must be a string literal{why}; write `\"{text}\"`", entry.key));
            None
        }
    }
}

/// What was probably meant by a value that is not a string literal.
enum Meant {
    /// The text in quotes of another kind.
    Text(String),
    /// A text without quotes.
    Word(String),
    Constant,
    Call,
    Other,
}

fn meant(written: &str) -> Meant {
    let all = |is_fine: fn(char) -> bool| written.chars().all(is_fine);
    if written.contains('!') {
        Meant::Call
    } else if let Some(text) = written.split('"').nth(1) {
        Meant::Text(text.to_owned())
    } else if all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'' | ' ')) {
        // `SLUG`, but not `3`.
        let is_constant = written.contains(char::is_uppercase) && !written.contains(char::is_lowercase);
        let word = written.replace([' ', '\''], "").replace('_', "-");
        if is_constant { Meant::Constant } else { Meant::Word(word) }
    } else if all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | ' ')) {
        Meant::Constant
    } else {
        Meant::Other
    }
}

fn string_literal(tokens: TokenStream) -> Result<Text, TokenStream> {
    let written = tokens.clone();
    match syn::parse2::<syn::LitStr>(tokens) {
        Ok(literal) if literal.suffix().is_empty() => {
            Ok(Text { text: literal.value(), literal: literal.token() })
        }
        _ => Err(written),
    }
}

/// A list of string literals: `["a", "b"]`.
pub(crate) fn texts(entry: &Entry, errors: &mut Errors) -> Vec<Text> {
    let example = format!("`{}` must be a list of string literals; write `[\"…\"]`", entry.key);
    let mut value = entry.value.clone().into_iter().flatten();
    let Some(TokenTree::Group(group)) = value.next() else {
        errors.at(entry.value_tokens(), example);
        return Vec::new();
    };
    if group.delimiter() != Delimiter::Bracket || value.next().is_some() {
        errors.at(entry.value_tokens(), example);
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut item = TokenStream::new();
    for token in group
        .stream()
        .into_iter()
        .chain([TokenTree::Punct(proc_macro2::Punct::new(',', proc_macro2::Spacing::Alone))])
    {
        if !is_punct(&token, ',') {
            item.extend([token]);
            continue;
        }
        if item.is_empty() {
            continue;
        }
        match string_literal(std::mem::take(&mut item)) {
            Ok(text) => found.push(text),
            Err(written) => errors.at(written, &example),
        }
    }
    found
}

/// A bare key that switches something on.
pub(crate) fn flag(entry: &Entry, errors: &mut Errors) -> bool {
    if let Some(value) = &entry.value {
        errors.at(value, takes_no_value(&entry.key));
        return false;
    }
    true
}

/// One word of a closed set.
pub(crate) fn word<'a>(entry: &Entry, what: &str, known: &[&'a str], errors: &mut Errors) -> Option<&'a str> {
    let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let Some(value) = &entry.value else {
        errors.at(&entry.key, format!("`{}` needs a value: {list}", entry.key));
        return None;
    };
    let unknown = |name: &str| match nearest(name, known) {
        Some(meant) => format!("unknown {what} `{name}`; did you mean `{meant}`? {what}s are {list}"),
        None => format!("unknown {what} `{name}`; {what}s are {list}"),
    };
    if let Ok(literal) = string_literal(value.clone()) {
        let message = if known.contains(&literal.text.as_str()) {
            format!("write `{}` without quotes", literal.text)
        } else {
            unknown(&literal.text)
        };
        errors.at(value, message);
        return None;
    }
    let Ok(ident) = syn::parse2::<Ident>(value.clone()) else {
        errors.at(value, format!("`{}` takes one of {list}", entry.key));
        return None;
    };
    let name = ident.to_string();
    if let Some(found) = known.iter().find(|known| **known == name) {
        return Some(found);
    }
    errors.at(value, unknown(&name));
    None
}

/// The scope that an item is pinned to. As a token, the name of its type.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Pin {
    #[default]
    Unpinned,
    Organization,
    Project,
    User,
}

impl ToTokens for Pin {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let name = match self {
            Self::Unpinned => "Unpinned",
            Self::Organization => "Organization",
            Self::Project => "Project",
            Self::User => "User",
        };
        format_ident!("{name}").to_tokens(tokens);
    }
}

/// `scope = organization | project | user`.
pub(crate) fn pin(entry: &Entry, errors: &mut Errors) -> Pin {
    match word(entry, "scope", &["organization", "project", "user"], errors) {
        Some("organization") => Pin::Organization,
        Some("project") => Pin::Project,
        Some("user") => Pin::User,
        _ => Pin::Unpinned,
    }
}

/// A path.
pub(crate) fn path(entry: &Entry, example: &str, errors: &mut Errors) -> Option<syn::Path> {
    let value = entry.value.clone().unwrap_or_default();
    if let Ok(path) = syn::parse2::<syn::Path>(value.clone()) {
        return Some(path);
    }
    let message = match string_literal(value) {
        Ok(literal) if syn::parse_str::<syn::Path>(&literal.text).is_ok() => {
            format!("write `{}` without quotes", literal.text)
        }
        _ => format!("`{}` must be a path, such as `{example}`", entry.key),
    };
    errors.at(entry.value_tokens(), message);
    None
}

/// `crate = ::path`.
pub(crate) fn facade(entry: &Entry, errors: &mut Errors) -> Option<Facade> {
    let path = path(entry, "::keystroke", errors)?;
    let absolute =
        path.leading_colon.is_some() || path.segments.first().is_some_and(|first| first.ident == "crate");
    if !absolute {
        errors.at(&path, "`crate` must be an absolute path: `::keystroke` or `crate::…`");
        return None;
    }
    Some(Facade::new(path.into_token_stream()))
}

/// As `is_slug` of keystroke-core has it; the macros depend on nothing of this workspace.
const fn is_slug_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')
}

/// Checks a slug or key: 1 to 64 characters of a–z, 0–9, `-`, `_`.
pub(crate) fn slug(key: &Ident, text: &Text, errors: &mut Errors) -> bool {
    let mut wrong: Vec<char> = text.text.chars().filter(|c| !is_slug_char(*c)).collect();
    wrong.dedup();
    if !wrong.is_empty() {
        let found: Vec<String> = wrong.iter().map(|c| format!("`{}`", c.escape_debug())).collect();
        let message = format!(
            "`{key}` may contain a–z, 0–9, `-`, `_`; found {}; for example `{}`",
            found.join(", "),
            slugged(&text.text)
        );
        errors.at(&text.literal, message);
        return false;
    }
    let length = text.text.chars().count();
    if length > 64 {
        errors.at(&text.literal, format!("`{key}` is {length} characters; at most 64"));
        return false;
    }
    true
}
