//! `#[action]`: attr → model → validate → expand, each a file.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::errors::Errors;
use crate::fallback;
pub(crate) use model::Function;

mod attr;
mod expand;
mod model;
mod validate;

pub(crate) use attr::scope;
pub(crate) use expand::scope_type;
pub(crate) use model::{handle_name, peel, shown};

/// The expansion of `#[action(attribute)] item`. The author's item comes first, unchanged, also on error.
pub(crate) fn action(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let attr = attr::parse(attribute, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            // What is wrong with the attribute can be said once it stands where it may.
            let mut errors = Errors::default();
            match not_a_function(&item) {
                Some(other) => errors.push(other),
                None => errors.push(error),
            }
            return with_errors(item, errors);
        }
    };
    let facade = attr.facade.clone();
    let rest = match validate::validate(attr, &function, &mut errors) {
        Some(action) => expand::expand(&action, &function),
        None => fallback::action(&function, &facade),
    };
    with_errors(quote!(#function #rest), errors)
}

fn with_errors(tokens: TokenStream, errors: Errors) -> TokenStream {
    let errors = errors.into_tokens();
    quote!(#tokens #errors)
}

/// The error for an item that is no function, at its keyword.
fn not_a_function(item: &TokenStream) -> Option<syn::Error> {
    let each = "`#[action]` goes on a free `async fn`; put it on each function";
    let at = |tokens: &dyn ToTokens, message: &str| {
        Some(syn::Error::new_spanned(tokens.to_token_stream(), message))
    };
    match syn::parse2::<syn::Item>(item.clone()).ok()? {
        syn::Item::Struct(item) => at(
            &item.struct_token,
            "`#[action]` goes on an `async fn`; for a struct of secrets use `#[credential]`",
        ),
        syn::Item::Enum(item) => at(&item.enum_token, "`#[action]` goes on an `async fn`"),
        syn::Item::Union(item) => at(&item.union_token, "`#[action]` goes on an `async fn`"),
        syn::Item::Trait(item) => at(&item.trait_token, each),
        syn::Item::Impl(item) => at(&item.impl_token, each),
        syn::Item::Mod(item) => at(&item.mod_token, each),
        _ => None,
    }
}
