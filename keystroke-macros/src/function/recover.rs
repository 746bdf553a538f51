//! The author's function beside our errors, without what the compiler would refuse in its own words too, so that our error
//! stays the only one. A function without an error is never touched.

use proc_macro2::Ident;
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Signature};

use super::model::{Function, Subject};
use crate::syntax::lifetimes;

/// A function as it stands beside our errors.
pub(super) fn function(subject: &Subject, function: &Function) -> Function {
    let mut mended = function.clone();
    let sig = &mut mended.sig;
    sig.constness = None;
    // The compiler refuses `async fn main`.
    if sig.ident == "main" && !function.attrs.iter().any(|attr| last(attr).is_some_and(|last| last == "main"))
    {
        sig.asyncness = None;
        sig.inputs.clear();
        sig.output = syn::ReturnType::Default;
        mended.body = quote!({});
    }
    let without_self = sig.receiver().is_some();
    if without_self {
        sig.inputs = sig.inputs.iter().filter(|arg| !matches!(arg, FnArg::Receiver(_))).cloned().collect();
    }
    if without_self || sig.variadic.is_some() || !function.has_body() {
        let span = sig.ident.span();
        mended.body = quote_spanned!(span=> { loop {} });
        mended.attrs.push(syn::parse_quote!(#[allow(unused, clippy::all, reason = "its body is left out")]));
    }
    sig.variadic = None;
    arguments(sig);
    without_attribute(subject, &mut mended);
    mended
}

/// A function in a block where the attribute can't stand: as it was, without further attributes of ours.
pub(super) fn associated(subject: &Subject, function: &Function, block: &str) -> Function {
    let mut mended = function.clone();
    without_attribute(subject, &mut mended);
    if block.contains("extern") {
        mended.sig.asyncness = None;
    }
    mended
}

/// Without the attribute, where it stands there a second time.
fn without_attribute(subject: &Subject, function: &mut Function) {
    function.attrs.retain(|attr| last(attr).is_none_or(|last| last != subject.name));
}

fn last(attr: &syn::Attribute) -> Option<&Ident> {
    attr.path().segments.last().map(|last| &last.ident)
}

/// Attributes of arguments go, and lifetimes that nobody declared become `'_`.
fn arguments(sig: &mut Signature) {
    let declared: Vec<String> =
        sig.generics.lifetimes().map(|param| param.lifetime.ident.to_string()).collect();
    for arg in &mut sig.inputs {
        let FnArg::Typed(typed) = arg else { continue };
        typed.attrs.clear();
        let tokens = lifetimes(typed.ty.to_token_stream(), &|name| {
            (name != "static" && !declared.iter().any(|known| known == name)).then_some("_")
        });
        if let Ok(ty) = syn::parse2(tokens) {
            *typed.ty = ty;
        }
    }
}
