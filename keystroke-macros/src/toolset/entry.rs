//! A part of the list, judged: an action and at most one `.scope(…)`, a toolset that is spread, or what to write instead.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse as _, ParseStream, Parser as _};
use syn::{Attribute, Expr, ExprPath};

use super::parts::{Part, is_capitalised};
use crate::diagnostics::Errors;
use crate::syntax::{handle_name, slug_of};

/// One entry of the list.
pub(super) struct Entry {
    pub(super) attrs: Vec<Attribute>,
    /// The action without its scope; `None` of a list that is spread.
    pub(super) action: Option<ExprPath>,
    /// The whole entry; of a list that is spread, the expression after the `..`.
    pub(super) written: Expr,
}

impl Entry {
    /// Its `#[cfg]`s.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }
}

/// The attributes of an entry: conditions and lints. A doc comment is a comment here.
fn attributes(tokens: Vec<TokenTree>, errors: &mut Errors) -> Vec<Attribute> {
    const VALID: &[&str] = &["cfg", "allow", "expect", "warn", "deny"];
    let Ok(mut attrs) = Attribute::parse_outer.parse2(tokens.into_iter().collect()) else {
        return Vec::new();
    };
    attrs.retain(|attr| !attr.path().is_ident("doc"));
    let (valid, unknown): (Vec<_>, Vec<_>) =
        attrs.into_iter().partition(|attr| VALID.iter().any(|name| attr.path().is_ident(name)));
    for attr in unknown {
        let name = attr.path().to_token_stream();
        errors.at(&attr, format!("unknown attribute `{name}` on an entry; valid: `cfg`, `allow`, `expect`"));
    }
    valid
}

/// An entry of a list that is spread: `..library::tools()`.
fn spread(attrs: Vec<Attribute>, tokens: TokenStream, errors: &mut Errors) -> Option<Entry> {
    let behind = |input: ParseStream<'_>| {
        input.parse::<syn::Token![..]>()?;
        Expr::parse(input)
    };
    match behind.parse2(tokens.clone()) {
        Ok(written) => Some(Entry { attrs, action: None, written }),
        Err(_) => {
            errors.at(tokens, "write a toolset after `..`, such as `..library::tools()?`");
            None
        }
    }
}

/// An entry, or what to write in its place.
pub(super) fn entry(part: Part, errors: &mut Errors) -> Option<Entry> {
    const EXAMPLE: &str = "an entry is an action, such as `Search` or `Search.scope(User)`";
    const BUILDER: &str = "for a value with another name, use `Toolset::builder().add(…)`";
    let is_spread = part.is_spread();
    let attrs = attributes(part.attrs, errors);
    let part: TokenStream = part.tokens.into_iter().collect();
    if is_spread {
        return spread(attrs, part, errors);
    }
    let Ok(written) = syn::parse2::<Expr>(part.clone()) else {
        errors.at(part, EXAMPLE);
        return None;
    };
    let (path, scoped) = match &written {
        Expr::MethodCall(call) if call.method == "scope" && call.turbofish.is_none() => {
            (&*call.receiver, Some(call))
        }
        other => (other, None),
    };
    match path {
        Expr::Path(path) if is_named(path) => Some(Entry { attrs, action: Some(path.clone()), written }),
        Expr::Path(path) => {
            let last = path.path.segments.last()?;
            let (name, action) = (&last.ident, handle_name(&last.ident));
            let made = format!("made by `#[action(slug = \"{}\")]` on the function `{name}`", slug_of(name));
            errors.at(path, format!("an entry is an action: list `{action}`, {made}; {BUILDER}"));
            None
        }
        Expr::Reference(reference) if matches!(&*reference.expr, Expr::Path(_)) => {
            let action = reference.expr.to_token_stream();
            errors.at(reference.and_token, format!("remove `&`: list the action itself, `{action}`"));
            None
        }
        Expr::MethodCall(call) if scoped.is_some() && call.method == "scope" => {
            let second = scoped.map(|scoped| scoped.method.clone());
            errors.at(second, "an entry has at most one `.scope(…)`: a pin is never changed");
            None
        }
        Expr::MethodCall(call) => {
            errors.at(&call.method, format!("list an entry without calling it: {EXAMPLE}"));
            None
        }
        Expr::If(condition) => {
            errors.at(condition.if_token, "an entry is always in the list: write `#[cfg(…)]` before it, or use `Toolset::builder().add_if(condition, Search)`");
            None
        }
        other => {
            errors.at(other, format!("{EXAMPLE}; {BUILDER}"));
            None
        }
    }
}

/// Whether the path's last word is the name of an action.
fn is_named(path: &ExprPath) -> bool {
    path.path.segments.last().is_some_and(|last| is_capitalised(&last.ident))
}
