//! The list as written: its tokens, split at its commas. No part is judged yet.

use proc_macro2::{Ident, TokenStream, TokenTree};

use crate::diagnostics::Errors;

/// One entry as written.
#[derive(Default)]
pub(super) struct Part {
    /// The attributes and doc comments in front.
    pub(super) attrs: Vec<TokenTree>,
    pub(super) tokens: Vec<TokenTree>,
}

impl Part {
    fn push(&mut self, token: TokenTree) {
        let is_attribute = match (&token, self.attrs.last()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == '#' => true,
            (TokenTree::Group(_), Some(TokenTree::Punct(_))) => true,
            _ => false,
        };
        if is_attribute && self.tokens.is_empty() { self.attrs.push(token) } else { self.tokens.push(token) }
    }

    /// Whether an entry could end here and a name begin the next: `Post Search`, `Post.scope(User) Search`. After `..` stands
    /// any expression, in which only an action's name has no place.
    fn ends_before(&self, name: &Ident) -> bool {
        const WORDS: &[&str] = &["as", "else", "if", "in", "let", "match", "move", "mut", "return", "unsafe"];
        match self.tokens.last() {
            // The parts of an expression are not entries; it is refused as a whole.
            _ if self.begins_with(&["if", "match", "loop", "while", "for", "unsafe", "async"]) => false,
            Some(TokenTree::Ident(last)) if self.is_spread() => {
                is_capitalised(name) && !WORDS.iter().any(|word| last == word)
            }
            Some(TokenTree::Group(_)) => !self.is_spread() || is_capitalised(name),
            Some(TokenTree::Ident(_)) => true,
            Some(TokenTree::Punct(punct)) => punct.as_char() == '?' && is_capitalised(name),
            _ => false,
        }
    }

    fn begins_with(&self, words: &[&str]) -> bool {
        matches!(self.tokens.first(), Some(TokenTree::Ident(first)) if words.iter().any(|word| first == word))
    }

    pub(super) fn is_spread(&self) -> bool {
        matches!(self.tokens.as_slice(), [TokenTree::Punct(a), TokenTree::Punct(b), ..]
            if a.as_char() == '.' && b.as_char() == '.')
    }
}

/// Whether a name is in UpperCamelCase, as those of actions are.
pub(super) fn is_capitalised(name: &Ident) -> bool {
    name.to_string().trim_start_matches("r#").starts_with(char::is_uppercase)
}

/// The list split at its commas.
pub(super) fn parts(input: impl Iterator<Item = TokenTree>, errors: &mut Errors) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = Part::default();
    for token in input {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if part.tokens.is_empty() {
                    errors.at(&token, "expected an action before `,`");
                }
                parts.push(std::mem::take(&mut part));
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                errors.at(&token, "write `,` in place of `;`");
                parts.push(std::mem::take(&mut part));
                continue;
            }
            TokenTree::Ident(name) if part.ends_before(name) => {
                errors.at(name, format!("expected `,` before `{name}`"));
                parts.push(std::mem::take(&mut part));
            }
            _ => {}
        }
        part.push(token);
    }
    if part.tokens.is_empty() && !part.attrs.is_empty() {
        let attrs: TokenStream = std::mem::take(&mut part.attrs).into_iter().collect();
        errors.at(attrs, "expected an action after this");
    }
    parts.push(part);
    parts.into_iter().filter(|part| !part.tokens.is_empty()).collect()
}
