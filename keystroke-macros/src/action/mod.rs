//! `#[action]`: its keys, its trait and its checks. What it shares with other attributes on an `async fn`, from reading
//! the function to mending it beside an error, is in `function`.

use proc_macro2::TokenStream;

use crate::diagnostics::Errors;
use crate::function::{self, Plan, Subject};
use crate::grammar;
use crate::location::Site;

mod attr;
mod expand;
mod fallback;
mod type_checks;
mod validate;

const ACTION: Subject = Subject {
    name: "action",
    one: "an action",
    of_parameter: (
        "own your data, or borrow a credential as `exa: &Exa` or `exa: Option<&Exa>`, or shared state as `http: &State<Client>`",
        "own your data: a type with a lifetime borrows, and an action borrows only credentials, shared state and the context, as `exa: &Exa` or `exa: Option<&Exa>`",
    ),
};

/// The expansion of `#[action(attribute)] item`. The author's item comes first and unchanged, also beside an error (but
/// without what the compiler would refuse in its own words too).
pub(crate) fn action(attribute: TokenStream, item: TokenStream, site: &Site) -> TokenStream {
    // The attribute is judged only where it may stand.
    let function = match function::read(&ACTION, item, site) {
        Ok(function) => function,
        Err(refused) => return refused,
    };
    let mut errors = Errors::default();
    let tokens = grammar::tokens_of(attribute, site);
    let attr = attr::parse(tokens, &function.sig.ident, &mut errors);
    let (facade, handle) = (attr.common.facade.clone(), attr.common.handle.clone());
    let generated = match validate::validate(&ACTION, attr, &function, site, &mut errors) {
        Some(action) => expand::expand(&action, &Plan::of(&action.declaration), &function),
        None => fallback::fallback(&function, handle, &facade),
    };
    function::written(&ACTION, &function, &generated, errors)
}
