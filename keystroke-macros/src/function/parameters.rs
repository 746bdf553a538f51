//! The parameters as written, and what is wrong with them whatever their types are.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{FnArg, Type};

use super::model::{Function, Subject};
use crate::diagnostics::Errors;
use crate::syntax::{Passing, owned, peel, shown};

/// A parameter. Only the `&`, alone or in an `Option`, tells its kinds apart: the compiler knows what a type is, the macro
/// does not.
#[derive(Clone)]
pub(crate) struct Parameter {
    /// How messages name it.
    pub(crate) name: String,
    /// The type; of what is lent, the one behind the `&`.
    pub(crate) ty: Type,
    /// The type as written.
    pub(crate) written: Type,
    pub(crate) passing: Passing,
}

/// The parameters. `None` if one of them is wrong in a way that is seen without its type.
pub(super) fn parameters(
    subject: &Subject,
    function: &Function,
    errors: &mut Errors,
) -> Option<Vec<Parameter>> {
    let mut found = Vec::new();
    let mut sound = true;
    for arg in &function.sig.inputs {
        match arg {
            FnArg::Receiver(receiver) => {
                errors.at(receiver, subject.no_self());
                sound = false;
            }
            FnArg::Typed(typed) => match parameter(subject, typed, arg, errors) {
                Some(parameter) => found.push(parameter),
                None => sound = false,
            },
        }
    }
    sound.then_some(found)
}

/// One parameter; at most one error.
fn parameter(subject: &Subject, typed: &syn::PatType, arg: &FnArg, errors: &mut Errors) -> Option<Parameter> {
    let name = parameter_name(arg);
    let mut wrong = |tokens: &dyn ToTokens, message: String| {
        errors.at(tokens.to_token_stream(), message);
        None
    };
    for attr in &typed.attrs {
        let path = attr.path();
        if path.is_ident("cfg") || path.is_ident("cfg_attr") {
            let message =
                format!("arguments of {} cannot be conditional; put `#[cfg]` on the function", subject.one);
            return wrong(attr, message);
        }
        if path.is_ident("doc") {
            let message =
                "an argument has no documentation of its own; describe the fields of the input's struct";
            return wrong(attr, message.to_owned());
        }
        if !LINTS.iter().any(|lint| path.is_ident(lint)) {
            let written = path.to_token_stream().to_string();
            return wrong(
                attr,
                format!("unknown attribute `{written}` on an argument; valid: `allow`, `expect`, `warn`"),
            );
        }
    }
    let ty = peel(&typed.ty);
    let (passing, reference) = Passing::of(ty);
    let Some(reference) = reference else {
        owned(ty, subject.of_parameter, errors)?;
        return Some(Parameter { name, ty: ty.clone(), written: ty.clone(), passing });
    };
    let behind = peel(&reference.elem);
    let lent = match passing {
        Passing::Optional | Passing::Nested => format!("Option<&{}>", shown(behind)),
        Passing::Lent | Passing::Owned => format!("&{}", shown(behind)),
    };
    if passing == Passing::Nested {
        owned(behind, subject.of_parameter, errors)?;
        errors.at(ty, format!("write `{name}: {lent}`; a credential is there or it is not"));
        return None;
    }
    if let Some(lifetime) = &reference.lifetime {
        return wrong(lifetime, format!("write `{name}: {lent}`; a credential is lent for one call"));
    }
    if let Some(token) = &reference.mutability {
        return wrong(token, format!("borrow it: `{lent}`"));
    }
    owned(behind, subject.of_parameter, errors)?;
    Some(Parameter { name, ty: behind.clone(), written: ty.clone(), passing })
}

/// Attributes that an argument may have: they change nothing.
const LINTS: &[&str] = &["allow", "expect", "warn", "deny", "forbid"];

/// The name of a parameter as messages show it: of a pattern, the pattern.
fn parameter_name(arg: &FnArg) -> String {
    match arg {
        FnArg::Receiver(_) => "self".to_owned(),
        FnArg::Typed(typed) => match &*typed.pat {
            syn::Pat::Ident(ident) => ident.ident.to_string(),
            syn::Pat::Wild(_) => "_".to_owned(),
            // `SearchInput { query }`: the name before the braces.
            pattern => match pattern.to_token_stream().into_iter().next() {
                Some(TokenTree::Ident(name)) => name.to_string(),
                _ => "input".to_owned(),
            },
        },
    }
}
