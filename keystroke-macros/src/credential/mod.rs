//! `#[credential]`: its keys, its fields, its trait and its checks. `syn` parses the struct.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemStruct;

use crate::diagnostics::Errors;
use crate::grammar;
use crate::location::Site;
use crate::print;
use crate::syntax::keyword;

mod attr;
mod derives;
mod expand;
mod fallback;
mod fields;
mod type_checks;
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
    let from_name = validate::key_of(&parsed);
    let attr = attr::parse(grammar::tokens_of(attribute, site), &from_name, &mut errors);
    let (facade, pin) = (attr.facade.clone(), attr.pin);
    let key = attr.key.as_ref().map_or(from_name, |key| key.text.clone());
    let (written, generated) = match validate::validate(attr, &parsed, site, &mut errors) {
        Some(credential) => (expand::item(&parsed), expand::expand(&credential, &parsed)),
        None => (fallback::mended(&parsed, site, &facade), fallback::fallback(&parsed, &key, pin, &facade)),
    };
    print::if_asked(&parsed.ident.to_string(), &quote!(#written #generated));
    let errors = errors.into_tokens();
    quote!(#written #generated #errors)
}

/// The error for an item that is no struct, at its keyword.
fn not_a_struct(item: &TokenStream) -> Option<syn::Error> {
    let (place, word) = keyword(&syn::parse2(item.clone()).ok()?);
    let also = if word == "fn" { "; for a function use `#[action]`" } else { "" };
    Some(syn::Error::new(place, format!("`#[credential]` goes on a struct with named fields{also}")))
}
