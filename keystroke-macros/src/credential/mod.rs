//! `#[credential]`: attr → validate → expand, each a file. The struct itself is its own model.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemStruct;

use crate::action::{keyword, tokens_of};
use crate::errors::Errors;
use crate::site::Site;
use crate::{fallback, print};

mod attr;
mod expand;
mod validate;

/// The expansion of `#[credential(attribute)] item`. The author's item comes first, also on error.
pub(crate) fn credential(attribute: TokenStream, item: TokenStream, site: &Site) -> TokenStream {
    let parsed = match syn::parse2::<ItemStruct>(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let error = not_a_struct(&item).unwrap_or(error).to_compile_error();
            return quote!(#item #error);
        }
    };
    let mut errors = Errors::default();
    let attr = attr::parse(tokens_of(attribute, site), &validate::key_of(&parsed), &mut errors);
    let (facade, scope) = (attr.facade.clone(), attr.scope.map(|(scope, _)| scope));
    let key = attr.key.as_ref().map_or_else(|| validate::key_of(&parsed), |key| key.text.clone());
    let (written, rest) = match validate::validate(attr, &parsed, site, &mut errors) {
        Some(credential) => (expand::item(&parsed), expand::expand(&credential, &parsed)),
        None => (expand::mended(&parsed, site, &facade), fallback::credential(&parsed, &key, scope, &facade)),
    };
    print::if_asked(&parsed.ident.to_string(), &quote!(#written #rest));
    let errors = errors.into_tokens();
    quote!(#written #rest #errors)
}

/// The error for an item that is no struct, at its keyword.
fn not_a_struct(item: &TokenStream) -> Option<syn::Error> {
    let (place, word) = keyword(&syn::parse2(item.clone()).ok()?);
    let also = if word == "fn" { "; for a function use `#[action]`" } else { "" };
    Some(syn::Error::new(place, format!("`#[credential]` goes on a struct with named fields{also}")))
}
