//! Doc comments, as a model reads them.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, Lit};

/// Whether there is a doc comment of any kind.
pub(crate) fn is_documented(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| doc_value(attr).is_some())
}

/// What a `#[doc = …]` gives.
fn doc_value(attr: &Attribute) -> Option<&Expr> {
    let meta = attr.path().is_ident("doc").then(|| attr.meta.require_name_value().ok())??;
    Some(&meta.value)
}

/// The text of a `#[doc = "…"]`, as a `///` comment is one. Of a macro call, the compiler knows it later.
fn doc_text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(group) => doc_text(&group.expr),
        _ => None,
    }
}

/// What a doc comment tells a model.
pub(crate) struct Description {
    /// The doc comment up to its first heading or code block (SEMANTICS §6), as one text of at most 1,024 characters.
    pub(crate) text: String,
    /// What of it, so far, is not known while the macro runs.
    pub(crate) unread: Option<TokenStream>,
}

/// Reads a doc comment.
pub(crate) fn description(attrs: &[Attribute]) -> Description {
    let mut lines: Vec<String> = Vec::new();
    let mut unread = None;
    let ends = |line: &str| ["#", "```", "~~~"].iter().any(|mark| line.trim().starts_with(mark));
    for attr in attrs {
        match doc_value(attr).map(|value| (value, doc_text(value))) {
            Some((_, Some(text))) => lines.extend(text.split('\n').map(str::to_owned)),
            Some((value, None)) => unread = unread.or_else(|| Some(value.to_token_stream())),
            None => {}
        }
        if lines.iter().any(|line| ends(line)) {
            break;
        }
    }
    let lines = lines.iter().map(|line| line.trim()).take_while(|line| !ends(line));
    Description { text: paragraphs(lines).chars().take(1024).collect(), unread }
}

/// Lines as text: each paragraph a line of its own.
fn paragraphs<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines {
        match (line.is_empty(), text.ends_with('\n') || text.is_empty()) {
            (true, true) => {}
            (true, false) => text.push('\n'),
            (false, at_start) => {
                if !at_start {
                    text.push(' ');
                } else if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(line);
            }
        }
    }
    text.trim_end().to_owned()
}
