//! `#[credential]`: attr → validate → expand, each a file. The struct itself is its own model.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ItemStruct;

use crate::errors::Errors;

mod attr;
mod expand;
mod validate;

/// The expansion of `#[credential(attribute)] item`. The author's item comes first, also on error.
pub(crate) fn credential(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let attr = attr::parse(attribute, &mut errors);
    let parsed = match syn::parse2::<ItemStruct>(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let error = not_a_struct(&item).unwrap_or(error).to_compile_error();
            return quote!(#item #error);
        }
    };
    let rest = match validate::validate(attr, &parsed, &mut errors) {
        Some(credential) => expand::expand(&credential, &parsed),
        None => TokenStream::new(),
    };
    let written = expand::item(&parsed);
    let errors = errors.into_tokens();
    quote!(#written #rest #errors)
}

/// The error for an item that is no struct, at its keyword.
fn not_a_struct(item: &TokenStream) -> Option<syn::Error> {
    let at = |tokens: &dyn ToTokens, also: &str| {
        let message = format!("`#[credential]` goes on a struct with named fields{also}");
        Some(syn::Error::new_spanned(tokens.to_token_stream(), message))
    };
    match syn::parse2::<syn::Item>(item.clone()).ok()? {
        syn::Item::Enum(item) => at(&item.enum_token, ""),
        syn::Item::Union(item) => at(&item.union_token, ""),
        syn::Item::Fn(item) => at(&item.sig.fn_token, "; for a function use `#[action]`"),
        syn::Item::Trait(item) => at(&item.trait_token, ""),
        syn::Item::Impl(item) => at(&item.impl_token, ""),
        syn::Item::Mod(item) => at(&item.mod_token, ""),
        syn::Item::Type(item) => at(&item.type_token, ""),
        _ => None,
    }
}
