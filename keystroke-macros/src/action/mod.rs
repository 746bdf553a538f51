//! `#[action]`: attr → model → validate → expand, each a file.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Item;

use crate::errors::Errors;
use crate::site::Site;
use crate::{fallback, mend, print};
pub(crate) use model::Function;

mod attr;
mod checks;
mod expand;
mod model;
mod names;
mod types;
mod validate;

pub(crate) use attr::{scope, slug_of};
pub(crate) use expand::{call_at, plain_value, scope_type, unit_struct};
pub(crate) use model::{Description, description, handle_name, peel, shown};
pub(crate) use types::owned;
pub(crate) use validate::{form, tokens_of};

/// The expansion of `#[action(attribute)] item`. The author's item comes first, unchanged, also on error (but see
/// [`mend`]).
pub(crate) fn action(attribute: TokenStream, item: TokenStream, site: &Site) -> TokenStream {
    // What is wrong with the attribute can be said once it stands where it may.
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error = not_a_function(&item).unwrap_or(error).into_compile_error();
            return quote!(#item #error);
        }
    };
    if let Some(block) = site.associated(function.sig.receiver().is_some()) {
        let error = not_free(&function, block).into_compile_error();
        let function = mend::associated(&function, block);
        // Nothing but a function can stand here.
        return quote!(#function #error);
    }
    let mut errors = Errors::default();
    let attr = attr::parse(tokens_of(attribute, site), &function.sig.ident, &mut errors);
    let facade = attr.facade.clone();
    let handle = attr.handle.clone();
    let judged = validate::validate(attr, &function, site, &mut errors);
    let rest = match judged {
        Some(action) => expand::expand(&action, &function),
        None => fallback::action(&function, handle, &facade),
    };
    print::if_asked(&function.sig.ident.to_string(), &quote!(#function #rest));
    if errors.is_empty() {
        return quote!(#function #rest);
    }
    let function = mend::function(&function);
    let errors = errors.into_tokens();
    quote!(#function #rest #errors)
}

/// The error for a function of an `impl` block and the like.
fn not_free(function: &Function, block: &str) -> syn::Error {
    let name = &function.sig.ident;
    match function.sig.receiver() {
        Some(receiver) => syn::Error::new_spanned(receiver, validate::NO_SELF),
        None => {
            let message = format!("`#[action]` goes on a free `async fn`; move `{name}` out of the {block}");
            syn::Error::new_spanned(name, message)
        }
    }
}

/// The error for an item that is no function, at its keyword.
fn not_a_function(item: &TokenStream) -> Option<syn::Error> {
    let each = "`#[action]` goes on a free `async fn`; put it on each function";
    let message = match keyword(&syn::parse2::<Item>(item.clone()).ok()?) {
        (at, "trait" | "impl" | "mod" | "extern") => (at, each),
        (at, "struct") => {
            (at, "`#[action]` goes on an `async fn`; for a struct of secrets use `#[credential]`")
        }
        (at, _) => (at, "`#[action]` goes on an `async fn`"),
    };
    Some(syn::Error::new(message.0, message.1))
}

/// What kind of item it is, and where that is said.
pub(crate) fn keyword(item: &Item) -> (Span, &'static str) {
    match item {
        Item::Struct(item) => (item.struct_token.span, "struct"),
        Item::Enum(item) => (item.enum_token.span, "enum"),
        Item::Union(item) => (item.union_token.span, "union"),
        Item::Trait(item) => (item.trait_token.span, "trait"),
        Item::TraitAlias(item) => (item.trait_token.span, "trait"),
        Item::Impl(item) => (item.impl_token.span, "impl"),
        Item::Mod(item) => (item.mod_token.span, "mod"),
        Item::Const(item) => (item.const_token.span, "const"),
        Item::Static(item) => (item.static_token.span, "static"),
        Item::Type(item) => (item.type_token.span, "type"),
        Item::Use(item) => (item.use_token.span, "use"),
        Item::ExternCrate(item) => (item.extern_token.span, "extern crate"),
        Item::ForeignMod(item) => (item.abi.extern_token.span, "extern"),
        Item::Fn(item) => (item.sig.fn_token.span, "fn"),
        other => (crate::grammar::ends(&other.to_token_stream()).0, ""),
    }
}
