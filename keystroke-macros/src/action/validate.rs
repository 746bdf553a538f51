//! What was written, judged: from attribute and function to a sound [`Action`], or to errors.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, format_ident};
use syn::visit::Visit;
use syn::{FnArg, ReturnType, Type};

use super::attr::Attr;
use super::model::{Function, Parameter, description, handle_name, parameter_name, peel, shown};
use crate::errors::Errors;
use crate::grammar::slugged;
use crate::paths::Facade;

/// An action that can be expanded.
pub(crate) struct Action {
    pub(crate) handle: Ident,
    pub(crate) slug: String,
    pub(crate) name: Option<String>,
    pub(crate) description: String,
    pub(crate) scope: Option<&'static str>,
    pub(crate) read_only: bool,
    pub(crate) destructive: bool,
    pub(crate) idempotent: bool,
    pub(crate) validate: Option<Span>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Type,
    pub(crate) facade: Facade,
}

/// Names that an action's value must not take: it would hide what the author's module needs, often without a hint.
const TAKEN: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// The scopes, which a `use keystroke::prelude::*` brings in.
const SCOPES: &[&str] = &["Organization", "Project", "User", "Unpinned"];

/// Judges an action. `None` where its shape is so wrong that nothing can be made of it.
pub(crate) fn validate(attr: Attr, function: &Function, errors: &mut Errors) -> Option<Action> {
    let shape = shape(function, errors);
    let parameters = parameters(function, errors);
    let output = output(function, errors);
    let handle = handle(&attr, function, parameters.as_deref().unwrap_or_default(), errors);
    let (slug, description) = (slug(&attr, function, errors), describe(&attr, function, errors));
    if let (Some(_), Some(destructive)) = (&attr.read_only, &attr.destructive) {
        errors.at(destructive, "`destructive` has no effect with `read_only`");
    }
    if !shape {
        return None;
    }
    Some(Action {
        handle: handle?,
        slug,
        name: attr.name.map(|name| name.text),
        description,
        scope: attr.scope.map(|(scope, _)| scope),
        read_only: attr.read_only.is_some(),
        destructive: attr.destructive.is_some(),
        idempotent: attr.idempotent.is_some(),
        validate: attr.validate.map(|key| key.span()),
        parameters: parameters?,
        output: output?,
        facade: attr.facade,
    })
}

/// Qualifiers, generics and the like. `false` if any of them stands there.
fn shape(function: &Function, errors: &mut Errors) -> bool {
    let sig = &function.sig;
    let name = &sig.ident;
    let mut sound = true;
    let mut wrong = |tokens: &dyn ToTokens, message: String| {
        errors.at(tokens.to_token_stream(), message);
        sound = false;
    };
    if sig.asyncness.is_none() {
        wrong(&sig.fn_token, format!("action `{name}` must be `async`; add `async` before `fn`"));
    }
    let must_not = |qualifier: &str| format!("action `{name}` must not be `{qualifier}`; remove it");
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
        wrong(token, format!("action `{name}` must not be variadic; take one struct as its input"));
    }
    for generic in &sig.generics.params {
        match generic {
            syn::GenericParam::Lifetime(lifetime) => wrong(
                lifetime,
                format!(
                    "action `{name}` must not have lifetime parameters; its arguments are owned by the run"
                ),
            ),
            other => wrong(
                other,
                format!(
                    "action `{name}` must not be generic: its schema is fixed at compile time; use a concrete type"
                ),
            ),
        }
    }
    if let Some(clause) = &sig.generics.where_clause {
        wrong(clause, format!("action `{name}` must not have a where clause; remove it"));
    }
    if name == "main" {
        wrong(name, "an action is not the program's entry; call it from there instead".to_owned());
    }
    for attr in &function.attrs {
        if attr.path().segments.last().is_some_and(|last| last.ident == "test") {
            wrong(attr, "an action is not a test; call it from one instead".to_owned());
        }
    }
    sound
}

fn parameters(function: &Function, errors: &mut Errors) -> Option<Vec<Parameter>> {
    let name = &function.sig.ident;
    let mut found = Vec::new();
    let mut sound = true;
    for arg in &function.sig.inputs {
        let typed = match arg {
            FnArg::Receiver(receiver) => {
                errors.at(
                    receiver,
                    "an action cannot take `self`; make it a free function and pass shared state through the context",
                );
                sound = false;
                continue;
            }
            FnArg::Typed(typed) => typed,
        };
        for attr in &typed.attrs {
            if attr.path().is_ident("cfg") {
                errors.at(attr, "arguments of an action cannot be conditional; put `#[cfg]` on the function");
                sound = false;
            }
        }
        let ty = peel(&typed.ty);
        let parameter_name = parameter_name(arg);
        match ty {
            Type::Reference(reference) => {
                if let Some(lifetime) = &reference.lifetime {
                    let ty = shown(&reference.elem);
                    errors.at(
                        lifetime,
                        format!("write `{parameter_name}: &{ty}`; a credential is lent for one call"),
                    );
                    sound = false;
                }
                if let Some(token) = &reference.mutability {
                    errors.at(token, format!("borrow it: `&{}`", shown(&reference.elem)));
                    sound = false;
                }
                let behind = peel(&reference.elem);
                sound &= owned(behind, "own your data, or borrow a credential as `exa: &Exa`", errors);
                found.push(Parameter { name: parameter_name, ty: behind.clone(), lent: true });
            }
            _ => {
                sound &= owned(ty, "own your data, or borrow a credential as `exa: &Exa`", errors);
                found.push(Parameter { name: parameter_name, ty: ty.clone(), lent: false });
            }
        }
    }
    let mut inputs = found.iter().filter(|parameter| !parameter.lent);
    if let (Some(first), Some(second)) = (inputs.next(), inputs.next()) {
        errors.at(
            &second.ty,
            format!(
                "action `{name}` has two inputs, `{}` and `{}`; put both into one struct, and borrow credentials with `&`",
                first.name, second.name
            ),
        );
        sound = false;
    }
    sound.then_some(found)
}

/// Refuses, in a type, what would otherwise be several errors of the compiler: references, lifetimes, `impl Trait`,
/// `Self`, unsized types.
fn owned(ty: &Type, advice: &str, errors: &mut Errors) -> bool {
    struct Look<'e> {
        advice: String,
        found: Vec<(proc_macro2::TokenStream, String)>,
        errors: &'e mut Errors,
    }
    impl<'ast> Visit<'ast> for Look<'_> {
        fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
            self.found.push((reference.and_token.to_token_stream(), self.advice.clone()));
        }
        fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
            if lifetime.ident != "static" {
                self.found.push((
                    lifetime.to_token_stream(),
                    "write the `&` in the signature; an alias may name the type, not the reference"
                        .to_owned(),
                ));
            }
        }
        fn visit_type_impl_trait(&mut self, ty: &'ast syn::TypeImplTrait) {
            self.found
                .push((ty.to_token_stream(), "name a concrete type in place of `impl Trait`".to_owned()));
        }
        fn visit_ident(&mut self, ident: &'ast Ident) {
            if ident == "Self" {
                self.found
                    .push((ident.to_token_stream(), "`Self` has no meaning in a free function".to_owned()));
            }
        }
        // Function pointers and trait objects have lifetimes and references of their own.
        fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
        fn visit_type_trait_object(&mut self, ty: &'ast syn::TypeTraitObject) {
            if let Some(bound) = ty.bounds.iter().find_map(|bound| match bound {
                syn::TypeParamBound::Lifetime(lifetime) if lifetime.ident != "static" => Some(lifetime),
                _ => None,
            }) {
                self.visit_lifetime(bound);
            }
        }
    }
    let mut look = Look { advice: advice.to_owned(), found: Vec::new(), errors };
    match ty {
        Type::Slice(_) | Type::TraitObject(_) => {
            look.found.push((ty.to_token_stream(), advice.to_owned()));
        }
        Type::Path(path) if path.path.is_ident("str") => {
            look.found.push((ty.to_token_stream(), advice.to_owned()))
        }
        _ => look.visit_type(ty),
    }
    // One mistake, one error: the outermost.
    let first = look.found.into_iter().next();
    let sound = first.is_none();
    if let Some((tokens, message)) = first {
        look.errors.at(tokens, message);
    }
    sound
}

fn output(function: &Function, errors: &mut Errors) -> Option<Type> {
    let name = &function.sig.ident;
    match &function.sig.output {
        ReturnType::Default => {
            errors.at(name, format!("action `{name}` returns nothing; return `Result<T, E>`"));
            None
        }
        ReturnType::Type(_, ty) => {
            let ty = peel(ty);
            owned(ty, "an action returns owned data; remove `&`", errors).then(|| ty.clone())
        }
    }
}

fn slug(attr: &Attr, function: &Function, errors: &mut Errors) -> String {
    let from_name = slugged(&function.sig.ident.to_string().replace("r#", ""));
    match &attr.slug {
        Some(slug) => slug.text.clone(),
        None => {
            if attr.lacks_slug {
                errors.at_span(
                    Span::call_site(),
                    format!("missing `slug`; for example `slug = \"{from_name}\"`"),
                );
            }
            from_name
        }
    }
}

fn describe(attr: &Attr, function: &Function, errors: &mut Errors) -> String {
    if let Some(text) = &attr.description {
        let length = text.text.chars().count();
        if length > 1024 {
            errors.at(&text.literal, format!("`description` is {length} characters; at most 1024"));
        }
        return text.text.clone();
    }
    let description = description(&function.attrs);
    if description.is_empty() {
        let name = &function.sig.ident;
        errors.at(
            name,
            format!(
                "action `{name}` needs a description: the model chooses tools by it; add a `///` comment or `description = \"…\"`"
            ),
        );
    }
    description
}

fn handle(attr: &Attr, function: &Function, parameters: &[Parameter], errors: &mut Errors) -> Option<Ident> {
    if let Some(handle) = &attr.handle {
        return Some(handle.clone());
    }
    let name = &function.sig.ident;
    let handle = handle_name(name);
    let hides = if SCOPES.contains(&handle.as_str()) {
        Some(format!("keystroke::scope::{handle}"))
    } else {
        TAKEN.contains(&handle.as_str()).then(|| format!("std::prelude::v1::{handle}"))
    };
    if let Some(hides) = hides {
        errors.at(
            name,
            format!("action `{name}` would define `{handle}`, which hides `{hides}`; add `handle = {handle}Action`"),
        );
        return None;
    }
    let types = parameters.iter().map(|parameter| &parameter.ty);
    if types.filter_map(last_segment).any(|last| *last == handle) {
        errors.at(
            name,
            format!("the value of action `{name}` would be named `{handle}`, like the type; add `handle = {handle}Action`"),
        );
        return None;
    }
    Some(format_ident!("{handle}", span = name.span()))
}

fn last_segment(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}
