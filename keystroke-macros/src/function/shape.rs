//! Qualifiers, generics, a body: what is wrong with a function whatever its types are.

use quote::ToTokens;

use super::model::{Function, Subject};
use crate::diagnostics::Errors;

/// Qualifiers, generics and the like. `false` if any of them stands there.
pub(super) fn shape(subject: &Subject, function: &Function, errors: &mut Errors) -> bool {
    let sig = &function.sig;
    let (noun, one, name) = (subject.name, subject.one, &sig.ident);
    let mut sound = true;
    let mut wrong = |tokens: &dyn ToTokens, message: String| {
        errors.at(tokens.to_token_stream(), message);
        sound = false;
    };
    if sig.asyncness.is_none() {
        wrong(&sig.fn_token, format!("{noun} `{name}` must be `async`; add `async` before `fn`"));
    }
    let must_not = |qualifier: &str| format!("{noun} `{name}` must not be `{qualifier}`; remove it");
    if let Some(token) = &sig.constness {
        wrong(token, must_not("const"));
    }
    match &sig.safety {
        syn::Safety::Unsafe(token) => wrong(token, must_not("unsafe")),
        syn::Safety::Safe(token) => wrong(token, must_not("safe")),
        syn::Safety::Default => {}
    }
    if let Some(abi) = &sig.abi {
        wrong(abi, must_not("extern"));
    }
    if let Some(token) = &sig.variadic {
        wrong(&token.dots, format!("{noun} `{name}` must not be variadic; take one struct as its input"));
    }
    let generics = &sig.generics;
    let of_types = |param: &syn::GenericParam| !matches!(param, syn::GenericParam::Lifetime(_));
    if generics.params.iter().any(of_types) {
        let why = "its schema is fixed at compile time; use a concrete type";
        wrong(generics, format!("{noun} `{name}` must not be generic: {why}"));
    } else if !generics.params.is_empty() {
        let why = "its arguments are owned by the run";
        wrong(generics, format!("{noun} `{name}` must not have lifetime parameters; {why}"));
    } else if let Some(clause) = &generics.where_clause {
        wrong(clause, format!("{noun} `{name}` must not have a where clause; remove it"));
    }
    if !function.has_body() {
        wrong(
            name,
            format!(
                "{noun} `{name}` has no body; give it one, or put the attribute on the function that has one"
            ),
        );
    }
    if name == "main" {
        wrong(name, format!("{one} is not the program's entry; call it from there instead"));
    }
    for attr in &function.attrs {
        let last = attr.path().segments.last().map(|last| last.ident.to_string());
        match last.as_deref() {
            Some("test") => wrong(attr, format!("{one} is not a test; call it from one instead")),
            Some(last) if last == noun => wrong(attr, format!("`#[{noun}]` is specified more than once")),
            _ => {}
        }
    }
    sound
}
