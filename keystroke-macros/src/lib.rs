//! The macros of `keystroke`. Use them through that crate, which documents them.
//!
//! This file is thin: the work is functions over `proc_macro2` tokens, so that unit tests can call them. Each macro has a
//! folder with the same phases, passed through once: what was written (`attr`), what of it is sound (`validate`), what it
//! becomes (`expand`, with the `checks` beside it), and a stub where it can't become anything (`fallback`). What the phases
//! share has a home of its own:
//!
//! - `function`: all that an attribute on an `async fn` does, whatever it makes of the function.
//! - `grammar`: the keys and values of an attribute.
//! - `syntax`: an author's types, docs and names, as far as tokens tell.
//! - `generated`: paths, checks and values of what we write, and `spans`, where its tokens stand.
//! - `site`: where an attribute stands.

mod action;
mod credential;
mod diagnostics;
mod emit;
mod function;
mod grammar;
mod location;
mod print;
mod spans;
mod syntax;
#[cfg(test)]
mod tests;
mod toolset;

use proc_macro::{Span, TokenStream};

/// Makes an action of an `async fn`. Documented on `keystroke::action`.
#[proc_macro_attribute]
pub fn action(attribute: TokenStream, item: TokenStream) -> TokenStream {
    action::action(attribute.into(), item.into(), &site()).into()
}

/// Makes a credential of a struct. Documented on `keystroke::credential`.
#[proc_macro_attribute]
pub fn credential(attribute: TokenStream, item: TokenStream) -> TokenStream {
    credential::credential(attribute.into(), item.into(), &site()).into()
}

/// What `keystroke::toolset!` calls, with the facade's path in front.
#[doc(hidden)]
#[proc_macro]
pub fn toolset_of(input: TokenStream) -> TokenStream {
    toolset::toolset(input.into()).into()
}

/// What only the compiler's own spans know.
fn site() -> location::Site {
    let span = Span::call_site();
    location::Site { text: span.source_text(), source: source(span) }
}

/// The source around the attribute, read only for better messages. A derive above has already run and left no trace in
/// the tokens; an `impl` block around the item, and the items beside it, never left one.
fn source(span: Span) -> Option<location::Source> {
    let text = std::fs::read_to_string(span.local_file()?).ok()?;
    location::Source::split(&text, span.line(), span.column())
}
