//! What every attribute on an `async fn` does, whatever it makes of the function: reads it, judges its shape, parameters,
//! return type and name, works out what generated code needs ([`Plan`]), and mends it beside an error.
//!
//! The attribute's own keys, its trait and its checks stand in its own folder. It tells [`Subject`] how messages name it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use crate::diagnostics::Errors;
use crate::location::Site;
use crate::print;
use crate::syntax::keyword;

mod action_value;
mod attr;
mod model;
mod parameters;
mod plan;
mod recover;
mod shape;
mod stub;
mod validate;

pub(crate) use attr::CommonAttr;
pub(crate) use model::{Function, Subject};
pub(crate) use plan::{Argument, Half, Plan};
pub(crate) use stub::Stub;
pub(crate) use validate::{Declaration, validate};

/// Reads the item under the attribute. `Err` holds all that is generated of one that is no free function.
pub(crate) fn read(subject: &Subject, item: TokenStream, site: &Site) -> Result<Function, TokenStream> {
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error = not_a_function(subject, &item).unwrap_or(error).into_compile_error();
            return Err(quote!(#item #error));
        }
    };
    if let Some(block) = site.associated(function.sig.receiver().is_some()) {
        let error = not_free(subject, &function, block).into_compile_error();
        let function = recover::associated(subject, &function, block);
        // Nothing but a function can stand here.
        return Err(quote!(#function #error));
    }
    Ok(function)
}

/// The author's function, what is generated beside it, and the errors.
pub(crate) fn written(
    subject: &Subject,
    function: &Function,
    generated: &TokenStream,
    errors: Errors,
) -> TokenStream {
    print::if_asked(&function.sig.ident.to_string(), &quote!(#function #generated));
    if errors.is_empty() {
        return quote!(#function #generated);
    }
    let function = recover::function(subject, function);
    let errors = errors.into_tokens();
    quote!(#function #generated #errors)
}

/// The error for a function of an `impl` block and the like.
fn not_free(subject: &Subject, function: &Function, block: &str) -> syn::Error {
    let (attribute, name) = (subject.name, &function.sig.ident);
    match function.sig.receiver() {
        Some(receiver) => syn::Error::new_spanned(receiver, subject.no_self()),
        None => {
            let message =
                format!("`#[{attribute}]` goes on a free `async fn`; move `{name}` out of the {block}");
            syn::Error::new_spanned(name, message)
        }
    }
}

/// The error for an item that is no function, at its keyword.
fn not_a_function(subject: &Subject, item: &TokenStream) -> Option<syn::Error> {
    let attribute = subject.name;
    let (at, word) = keyword(&syn::parse2::<Item>(item.clone()).ok()?);
    let message = match word {
        "trait" | "impl" | "mod" | "extern" => {
            format!("`#[{attribute}]` goes on a free `async fn`; put it on each function")
        }
        "struct" => {
            format!("`#[{attribute}]` goes on an `async fn`; for a struct of secrets use `#[credential]`")
        }
        _ => format!("`#[{attribute}]` goes on an `async fn`"),
    };
    Some(syn::Error::new(at, message))
}
