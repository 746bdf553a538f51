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
    let mut site = site();
    site.before = before(Span::call_site());
    credential::credential(attribute.into(), item.into(), &site).into()
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
    site::Site { text: span.source_text(), at_line_start: span.column() == 1, before: None }
}

/// The source before the attribute. A derive above has run already and left no trace in the tokens; its text is read
/// for a better message alone, and what it made is checked by its traits in any case.
fn before(span: Span) -> Option<String> {
    let source = std::fs::read_to_string(span.local_file()?).ok()?;
    let mut lines = source.lines();
    let above: Vec<&str> = lines.by_ref().take(span.line().checked_sub(1)?).collect();
    let beside: String = lines.next()?.chars().take(span.column().checked_sub(1)?).collect();
    Some(above.join("\n") + "\n" + &beside)
}
