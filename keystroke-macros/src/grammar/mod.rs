//! The grammar of the attributes: `key = value` and bare `key`, separated by commas.
//!
//! Read by hand, because every message should name what was written, the key at fault and what would be right.

use std::collections::VecDeque;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;

use crate::diagnostics::Errors;
use nearest::nearest;

mod form;
mod nearest;
mod values;

pub(crate) use form::{form, tokens_of};
pub(crate) use values::{Pin, Text, facade, flag, path, pin, slug, text, texts, word};

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

    /// Whether `token` begins another key, so that a comma is missing before it.
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
            // Nobody knows which of two values was meant; a flag has only one.
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

/// The value after a key, `None` for a bare key, and the comma after it.
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
