//! The grammar of the attributes: `key = value` and bare `key`, separated by commas.
//!
//! Read by hand, because every message should name what was written, the key at fault and what would be right.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;

use crate::errors::{Errors, nearest};

/// One key of an attribute, as written.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    /// The value's tokens; `None` for a bare key.
    pub(crate) value: Option<TokenStream>,
}

impl Entry {
    /// Where to point for the value: itself, else the key.
    pub(crate) fn value_tokens(&self) -> TokenStream {
        self.value.clone().filter(|value| !value.is_empty()).unwrap_or_else(|| self.key.to_token_stream())
    }
}

/// The keys of an attribute.
pub(crate) struct Keys {
    /// How messages name the attribute: `#[action]`.
    pub(crate) attribute: &'static str,
    pub(crate) known: &'static [&'static str],
    /// Keys that belong elsewhere, and what to do instead.
    pub(crate) elsewhere: &'static [(&'static str, &'static str)],
}

/// Splits an attribute's tokens at commas and each part at `=`. Unknown and repeated keys are errors.
pub(crate) fn entries(tokens: TokenStream, keys: &Keys, errors: &mut Errors) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while tokens.peek().is_some() {
        let mut part: Vec<TokenTree> = Vec::new();
        while let Some(token) = tokens.next_if(|token| !is_comma(token)) {
            // `slug = "x" name = "y"`: a key right after a whole value.
            let next_is_eq = matches!(tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '=');
            if let (TokenTree::Ident(key), true, true) = (&token, part.len() > 2, next_is_eq) {
                errors.at(key, format!("expected `,` before `{key}`"));
                entry(std::mem::take(&mut part), keys, &mut found, errors);
            }
            part.push(token);
        }
        if let Some(comma) = tokens.next()
            && part.is_empty()
        {
            errors.at(comma, format!("expected a key before `,`; keys: {}", keys.known.join(", ")));
            continue;
        }
        entry(part, keys, &mut found, errors);
    }
    found
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

fn entry(part: Vec<TokenTree>, keys: &Keys, found: &mut Vec<Entry>, errors: &mut Errors) {
    let mut part = part.into_iter();
    let key = match part.next() {
        Some(TokenTree::Ident(key)) => key,
        Some(other) => {
            return errors.at(other, format!("expected a key; keys: {}", keys.known.join(", ")));
        }
        None => return,
    };
    let value = match part.next() {
        None => None,
        Some(TokenTree::Punct(eq)) if eq.as_char() == '=' => {
            let value: TokenStream = part.collect();
            if value.is_empty() {
                return errors.at(eq, format!("`{key}` needs a value after `=`"));
            }
            Some(value)
        }
        Some(TokenTree::Group(group)) => {
            return errors.at(group, format!("write `{key} = …` in place of the brackets"));
        }
        Some(other) => return errors.at(other, format!("expected `=` or `,` after `{key}`")),
    };
    let name = key.to_string();
    if let Some((_, advice)) = keys.elsewhere.iter().find(|(known, _)| *known == name) {
        return errors.at(&key, advice);
    }
    if !keys.known.contains(&name.as_str()) {
        let meant =
            nearest(&name, keys.known).map_or(String::new(), |known| format!("; did you mean `{known}`?"));
        let separator = if meant.is_empty() { ";" } else { "" };
        return errors
            .at(&key, format!("unknown key `{name}`{meant}{separator} keys: {}", keys.known.join(", ")));
    }
    if found.iter().any(|entry| entry.key == name) {
        return errors.at(&key, format!("`{name}` is specified more than once in `{}`", keys.attribute));
    }
    found.push(Entry { key, value });
}

/// A text value and where it stands.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) literal: Literal,
}

/// The value of a key that takes a string literal.
pub(crate) fn text(entry: &Entry, errors: &mut Errors) -> Option<Text> {
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
            let written: String =
                written.to_string().chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
            let example = if written.is_empty() { "…".to_owned() } else { written.replace('_', "-") };
            errors.at(value, format!("`{}` must be a string literal; write `\"{example}\"`", entry.key));
            None
        }
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
    let Some(TokenTree::Group(group)) = value.next().filter(|_| true) else {
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
        if !is_comma(&token) {
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
        errors.at(value, format!("`{0}` takes no value; write `{0}`, or leave it out", entry.key));
        return false;
    }
    true
}

/// One word of a closed set.
pub(crate) fn word<'a>(
    entry: &Entry,
    what: &str,
    known: &[&'a str],
    errors: &mut Errors,
) -> Option<(&'a str, Span)> {
    let list = known.join(", ");
    let Some(value) = &entry.value else {
        errors.at(&entry.key, format!("`{}` needs a value: {list}", entry.key));
        return None;
    };
    if let Ok(literal) = string_literal(value.clone()) {
        errors.at(value, format!("write `{}` without quotes", literal.text));
        return None;
    }
    let Ok(ident) = syn::parse2::<Ident>(value.clone()) else {
        errors.at(value, format!("`{}` must be one of: {list}", entry.key));
        return None;
    };
    let name = ident.to_string();
    if let Some(found) = known.iter().find(|known| **known == name) {
        return Some((found, ident.span()));
    }
    let meant = nearest(&name, known).map_or(String::new(), |known| format!("; did you mean `{known}`?"));
    let separator = if meant.is_empty() { ";" } else { "" };
    errors.at(value, format!("unknown {what} `{name}`{meant}{separator} {what}s are {list}"));
    None
}

/// A path.
pub(crate) fn path(entry: &Entry, example: &str, errors: &mut Errors) -> Option<syn::Path> {
    let parsed = entry.value.clone().and_then(|value| syn::parse2::<syn::Path>(value).ok());
    if parsed.is_none() {
        errors.at(entry.value_tokens(), format!("`{}` must be a path, such as `{example}`", entry.key));
    }
    parsed
}

/// `crate = ::path`.
pub(crate) fn facade(entry: &Entry, errors: &mut Errors) -> Option<crate::paths::Facade> {
    let path = path(entry, "::keystroke", errors)?;
    let absolute =
        path.leading_colon.is_some() || path.segments.first().is_some_and(|first| first.ident == "crate");
    if !absolute {
        errors.at(&path, "`crate` must be an absolute path: `::keystroke` or `crate::…`");
        return None;
    }
    Some(crate::paths::Facade::new(path.into_token_stream()))
}

/// Checks a slug or key: 1 to 64 characters of a–z, 0–9, `-`, `_`.
pub(crate) fn slug(key: &Ident, text: &Text, errors: &mut Errors) -> bool {
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let mut wrong: Vec<char> = text.text.chars().filter(|c| !allowed(c)).collect();
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

/// First and last token of `tokens`, with invisible groups opened: where an error begins and ends.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    fn flatten(tokens: TokenStream, into: &mut Vec<Span>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                    flatten(group.stream(), into)
                }
                TokenTree::Group(group) => into.extend([group.span_open(), group.span_close()]),
                other => into.push(other.span()),
            }
        }
    }
    let mut spans = Vec::new();
    flatten(tokens.to_token_stream(), &mut spans);
    let whole = tokens.span();
    (spans.first().copied().unwrap_or(whole), spans.last().copied().unwrap_or(whole))
}
