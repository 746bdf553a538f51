//! `toolset![Search, Post.scope(User)]`: a list of actions, built entry by entry, with equal slugs found while
//! compiling.
//!
//! An entry is an action's name, and at most one `.scope(…)` behind it: the macro reads it by hand, so that anything
//! else is told in our words.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprPath};

use crate::action::handle_name;
use crate::errors::Errors;
use crate::grammar::ends;
use crate::paths::{Facade, at, private, private_at};

/// One entry of the list.
struct Entry {
    /// The action without its scope.
    action: ExprPath,
    /// The whole entry.
    written: Expr,
}

/// The expansion. `input` is the facade's path in a group, set by the `macro_rules` around this, then the entries.
pub(crate) fn toolset(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut input = input.into_iter();
    let facade = match input.next() {
        Some(TokenTree::Group(path)) => Facade::new(path.stream()),
        _ => Facade::default(),
    };
    let entries: Vec<Entry> =
        parts(input, &mut errors).into_iter().filter_map(|part| entry(part, &mut errors)).collect();
    let (import, private) = (facade.import(), private());
    let checks = slug_checks(&entries);
    let adds = entries.iter().map(|Entry { written, .. }| {
        // At the entry, so that a bound that it misses is told there.
        let (span, _) = ends(written);
        let add = quote_spanned!(span=> .add);
        let mut parens = Group::new(Delimiter::Parenthesis, written.to_token_stream());
        parens.set_span(span);
        quote!(#add #parens)
    });
    // What is sound is built beside an error, so that the list's uses add none.
    let errors = errors.into_tokens();
    let checks = quote!(const _: () = { #import #checks };);
    let builder = quote!({ #import #private::Toolset::builder() });
    quote!({ #errors #checks #builder #(#adds)* .build() })
}

/// The list split at its commas.
fn parts(input: impl Iterator<Item = TokenTree>, errors: &mut Errors) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    for token in input {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if part.is_empty() {
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
            // `Post Search`, `Post.scope(User) Search`: a name right after what could have ended.
            TokenTree::Ident(name)
                if matches!(part.last(), Some(TokenTree::Ident(_) | TokenTree::Group(_))) =>
            {
                errors.at(name, format!("expected `,` before `{name}`"));
                parts.push(std::mem::take(&mut part));
            }
            _ => {}
        }
        part.push(token);
    }
    parts.push(part);
    parts.into_iter().filter(|part| !part.is_empty()).map(|part| part.into_iter().collect()).collect()
}

/// An entry, or what to write in its place.
fn entry(part: TokenStream, errors: &mut Errors) -> Option<Entry> {
    const EXAMPLE: &str = "an entry is an action, such as `Search` or `Search.scope(User)`";
    const BUILDER: &str = "for a value of another name use `Toolset::builder().add(…)`";
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
        Expr::Path(path) if is_named(path) => Some(Entry { action: path.clone(), written }),
        Expr::Path(path) => {
            let last = path.path.segments.last()?;
            let (name, action) = (&last.ident, handle_name(&last.ident));
            errors.at(path, format!("`{name}` is a function; list the action `{action}`; {BUILDER}"));
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
            errors.at(&call.method, format!("an entry is not called here: {EXAMPLE}"));
            None
        }
        other => {
            errors.at(other, format!("{EXAMPLE}; {BUILDER}"));
            None
        }
    }
}

/// Whether the path's last word is in UpperCamelCase, as the names of actions are.
fn is_named(path: &ExprPath) -> bool {
    path.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        name.trim_start_matches("r#").starts_with(char::is_uppercase)
    })
}

/// Compares the slug of each entry with those before it, which are listed once: comparing entry with entry would be
/// code in proportion to the square of them. By the values: an entry that is no action is one error then, told there.
fn slug_checks(entries: &[Entry]) -> TokenStream {
    if entries.len() < 2 {
        return TokenStream::new();
    }
    let call = |entry: &Entry, function: &str, arguments: TokenStream| {
        let (start, end) = ends(&entry.action);
        let (private, function) = (private_at(start), Ident::new(function, at(start)));
        let mut parens = Group::new(Delimiter::Parenthesis, arguments);
        parens.set_span(at(end));
        quote_spanned!(at(start)=> #private::#function #parens)
    };
    let slugs = entries.iter().map(|entry| {
        let action = &entry.action;
        call(entry, "slug_of", quote!(&#action))
    });
    let checks = entries.iter().enumerate().skip(1).map(|(index, entry)| {
        let check = call(entry, "must_share_no_slug", quote!(__SLUGS, #index));
        quote!(const _: () = #check;)
    });
    quote!(const __SLUGS: &[&::core::primitive::str] = &[#(#slugs),*]; #(#checks)*)
}
