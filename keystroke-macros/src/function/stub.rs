//! What stands for a function that is too wrong to expand, so that code which *uses* its value adds no error of its own.
//!
//! An attribute's `fallback` puts this into an `impl` of its trait.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{FnArg, GenericParam, ReturnType};

use super::model::Function;
use super::plan::settled;
use crate::emit::unit_struct;
use crate::spans::SpanRange;
use crate::syntax::{Passing, handle_name, owned_type, peel};

/// The value, and every type that can still be named.
pub(crate) struct Stub {
    pub(crate) handle: Ident,
    /// The unit struct.
    pub(crate) item: TokenStream,
    /// No slug that could be written, and each its own: two stubs in a toolset are no third mistake.
    pub(crate) slug: String,
    pub(crate) input: TokenStream,
    /// What the function returns, or a result that stands for it.
    pub(crate) settled: TokenStream,
}

impl Stub {
    /// `None` if the value has no name.
    pub(crate) fn of(function: &Function, handle: Option<Ident>) -> Option<Self> {
        let name = &function.sig.ident;
        let handle = handle.or_else(|| syn::parse_str(&handle_name(name)).ok())?;
        let mut at_name = handle.clone();
        at_name.set_span(name.span());
        let generics: Vec<Ident> = function.sig.generics.params.iter().filter_map(type_name).collect();
        let mut by_value = function.sig.inputs.iter().filter_map(|arg| match arg {
            FnArg::Typed(typed) => Some(peel(&typed.ty)).filter(|ty| Passing::of(ty).0 == Passing::Owned),
            FnArg::Receiver(_) => None,
        });
        let output = match &function.sig.output {
            ReturnType::Type(_, ty) => owned_type(ty, &generics),
            ReturnType::Default => quote!(()),
        };
        Some(Self {
            item: unit_struct(&at_name, &function.vis),
            slug: format!("{handle}: does not compile"),
            input: by_value.next().map_or_else(|| quote!(()), |ty| owned_type(ty, &generics)),
            settled: settled(&output, SpanRange::call_site()),
            handle,
        })
    }
}

/// The name of a type or constant parameter.
fn type_name(param: &GenericParam) -> Option<Ident> {
    match param {
        GenericParam::Type(param) => Some(param.ident.clone()),
        GenericParam::Const(param) => Some(param.ident.clone()),
        GenericParam::Lifetime(_) => None,
    }
}
