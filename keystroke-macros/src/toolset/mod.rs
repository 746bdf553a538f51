//! `toolset![Search, Post.scope(User), ..library::tools()]`: a list of actions, built entry by entry, with equal slugs
//! found while compiling.
//!
//! An entry is an action's name and at most one `.scope(…)` after it. The macro reads it by hand, so that anything else is
//! refused in our words. `..` spreads another toolset into the list, and is any expression.

use proc_macro2::{TokenStream, TokenTree};

use crate::diagnostics::Errors;
use crate::emit::Facade;

mod entry;
mod expand;
mod parts;

/// The expansion. `input` is the facade's path in a group, set by the `macro_rules` around this, then the entries.
pub(crate) fn toolset(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut input = input.into_iter();
    let facade = match input.next() {
        Some(TokenTree::Group(path)) => Facade::new(path.stream()),
        _ => Facade::default(),
    };
    let parts = parts::parts(input, &mut errors);
    let entries: Vec<_> = parts.into_iter().filter_map(|part| entry::entry(part, &mut errors)).collect();
    expand::expand(&entries, &facade, errors)
}
