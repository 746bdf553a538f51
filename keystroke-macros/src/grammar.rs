//! The grammar of the attributes: `key = value` and bare `key`, separated by commas.
//!
//! Read by hand, because every message should name what was written, the key at fault and what would be right.

use std::collections::VecDeque;

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
    /// All keys, the most important first.
    pub(crate) known: &'static [&'static str],
    /// Those of them that take no value.
    pub(crate) flags: &'static [&'static str],
    /// Keys that belong elsewhere, and what to do instead.
    pub(crate) elsewhere: &'static [(&'static str, &'static str)],
    /// What to do instead of writing a secret here.
    pub(crate) secrets: &'static str,
}

impl Keys {
    /// Why a key can't stand here, if it can't.
    fn refuse(&self, key: &str) -> Option<String> {
        const SECRETS: &[&str] =
            &["token", "secret", "passw", "api_key", "apikey", "access_key", "private_key", "bearer"];
        if self.known.contains(&key) {
            return None;
        }
        let lower = key.to_lowercase();
        if let Some((_, advice)) = self.elsewhere.iter().find(|(known, _)| *known == lower) {
            return Some((*advice).to_owned());
        }
        if SECRETS.iter().any(|secret| lower.contains(secret)) {
            return Some(format!("secrets do not go into attributes; {}", self.secrets));
        }
        let keys = self.known.join(", ");
        Some(match nearest(key, self.known) {
            Some(meant) => format!("unknown key `{key}`; did you mean `{meant}`? keys: {keys}"),
            None => format!("unknown key `{key}`; keys: {keys}"),
        })
    }

    /// Whether `token` begins a further key, so that a comma is missing before it.
    fn begins(&self, token: &TokenTree, next: Option<&TokenTree>) -> bool {
        let TokenTree::Ident(word) = token else { return false };
        self.known.contains(&word.to_string().as_str()) || next.is_some_and(|next| is_punct(next, '='))
    }
}

/// Splits an attribute's tokens into keys and values. Unknown and repeated keys are errors.
pub(crate) fn entries(tokens: TokenStream, keys: &Keys, errors: &mut Errors) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    let mut repeated: Vec<String> = Vec::new();
    let mut tokens: VecDeque<TokenTree> = tokens.into_iter().collect();
    while let Some(first) = tokens.pop_front() {
        let key = match first {
            TokenTree::Ident(key) => key,
            other => {
                not_a_key(&other, &mut tokens, keys, errors);
                continue;
            }
        };
        let name = key.to_string();
        if let Some(refused) = keys.refuse(&name) {
            errors.at(&key, refused);
            skip(&mut tokens);
            continue;
        }
        let Ok(value) = value(&key, &mut tokens, keys, errors) else { continue };
        if found.iter().any(|entry| entry.key == name) {
            errors.at(&key, format!("`{name}` is specified more than once in `{}`", keys.attribute));
            // Which of two values was meant, nobody knows; of a flag, there is only one.
            if !keys.flags.contains(&name.as_str()) {
                repeated.push(name);
            }
            continue;
        }
        found.push(Entry { key, value });
    }
    found.retain(|entry| !repeated.contains(&entry.key.to_string()));
    found
}

fn not_a_key(token: &TokenTree, rest: &mut VecDeque<TokenTree>, keys: &Keys, errors: &mut Errors) {
    let list = keys.known.join(", ");
    match token {
        comma if is_punct(comma, ',') => errors.at(comma, format!("expected a key before `,`; keys: {list}")),
        TokenTree::Literal(text) => {
            let name = text.to_string();
            let name = name.trim_matches('"');
            if rest.front().is_some_and(|next| is_punct(next, '=')) {
                errors.at(text, format!("write `{name}` without quotes"));
            } else {
                let first = keys.known.first().copied().unwrap_or_default();
                errors.at(text, format!("expected a key; write `{first} = {text}`"));
            }
            skip(rest);
        }
        other => {
            errors.at(other, format!("expected a key; keys: {list}"));
            skip(rest);
        }
    }
}

/// The value after a key, `None` for a bare key, and the comma behind it.
fn value(
    key: &Ident,
    tokens: &mut VecDeque<TokenTree>,
    keys: &Keys,
    errors: &mut Errors,
) -> Result<Option<TokenStream>, ()> {
    let mut wrong = |tokens: &mut VecDeque<TokenTree>, at: TokenStream, message: String| {
        errors.at(at, message);
        skip(tokens);
        Err(())
    };
    let is_flag = keys.flags.contains(&key.to_string().as_str());
    let value = match tokens.pop_front() {
        None => return Ok(None),
        Some(eq) if is_punct(&eq, '=') => match tokens.pop_front() {
            Some(more) if is_punct(&more, '=') || is_punct(&more, '>') => {
                let both: TokenStream = [eq, more].into_iter().collect();
                let written = both.to_string().replace(' ', "");
                return wrong(tokens, both, format!("write `=` in place of `{written}`"));
            }
            Some(first) if !is_punct(&first, ',') => Some(unit(first, tokens, keys)),
            _ => {
                errors.at(eq, format!("`{key}` needs a value after `=`"));
                return Err(());
            }
        },
        Some(TokenTree::Group(group)) if is_flag => {
            return wrong(tokens, group.into_token_stream(), takes_no_value(key));
        }
        Some(TokenTree::Group(group)) => {
            let message = format!("write `{key} = {}` in place of the brackets", group.stream());
            return wrong(tokens, group.into_token_stream(), message);
        }
        Some(TokenTree::Literal(text)) => {
            let message = format!("expected `=`; write `{key} = {text}`");
            return wrong(tokens, text.into_token_stream(), message);
        }
        Some(other) => {
            tokens.push_front(other);
            None
        }
    };
    match tokens.pop_front() {
        Some(next) if is_punct(&next, ';') => errors.at(next, "write `,` in place of `;`"),
        Some(next) if keys.begins(&next, tokens.front()) => {
            errors.at(&next, format!("expected `,` before `{next}`"));
            tokens.push_front(next);
        }
        Some(next) if !is_punct(&next, ',') => {
            return wrong(tokens, next.into_token_stream(), format!("expected `=` or `,` after `{key}`"));
        }
        _ => {}
    }
    Ok(value)
}

/// One value: a literal, a group, or a path; whatever else stands before the comma or the next key is taken in whole,
/// for the key's own reader to refuse.
fn unit(first: TokenTree, tokens: &mut VecDeque<TokenTree>, keys: &Keys) -> TokenStream {
    let mut taken = vec![first];
    while let Some(next) = tokens.pop_front() {
        let inside_path = taken.last().is_some_and(|last| is_punct(last, ':'));
        if is_punct(&next, ',') || is_punct(&next, ';') || !inside_path && keys.begins(&next, tokens.front())
        {
            tokens.push_front(next);
            break;
        }
        taken.push(next);
    }
    taken.into_iter().collect()
}

fn is_punct(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

/// Drops what belongs to a key that is refused, and the comma.
fn skip(tokens: &mut VecDeque<TokenTree>) {
    while tokens.pop_front().is_some_and(|token| !is_punct(&token, ',')) {}
}

fn takes_no_value(key: &Ident) -> String {
    format!("`{key}` takes no value; write `{key}`, or leave it out")
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
            let message = format!("`{}` must be a string literal; write `\"{}\"`", entry.key, meant(written));
            errors.at(value, message);
            None
        }
    }
}

/// The text that was probably meant by a value which is no string literal.
fn meant(written: TokenStream) -> String {
    let flat = written.to_string();
    if let Some(text) = flat.split('"').nth(1).filter(|_| !flat.contains('!')) {
        return text.to_owned();
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'' | ' ');
    if !flat.chars().all(plain) {
        return "…".to_owned();
    }
    flat.replace([' ', '\''], "").replace('_', "-")
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
pub(crate) fn word<'a>(
    entry: &Entry,
    what: &str,
    known: &[&'a str],
    errors: &mut Errors,
) -> Option<(&'a str, Span)> {
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
        return Some((found, ident.span()));
    }
    errors.at(value, unknown(&name));
    None
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
