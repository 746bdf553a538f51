//! The macros of `keystroke`. Use them through that crate, which documents them.
//!
//! Thin on purpose: the work is functions over `proc_macro2` tokens, so that unit tests can call them. Each macro has
//! the same phases, a file each: what was written (`attr`, `model`), what of it is sound (`validate`), what it becomes
//! (`expand`), and a stub where it can't become anything (`fallback`).

mod action;
mod credential;
mod errors;
mod fallback;
mod grammar;
mod mend;
mod paths;
mod place;
mod print;
mod site;
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
fn site() -> site::Site {
    let span = Span::call_site();
    site::Site { text: span.source_text(), source: source(span) }
}

/// The source around the attribute, which is read for better messages alone. A derive above has run already and left no
/// trace in the tokens; an `impl` block around, and an item beside, never left one.
fn source(span: Span) -> Option<place::Source> {
    let text = std::fs::read_to_string(span.local_file()?).ok()?;
    place::Source::split(&text, span.line(), span.column())
}
