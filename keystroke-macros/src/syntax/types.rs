//! What can be seen of a type without knowing what it is: borrows, `impl Trait`, `Self`, types without a size. Left
//! to the compiler, each of them would be several errors.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{ReturnType, Type, TypeReference};

use crate::diagnostics::Errors;

/// What to do instead of borrowing: in place of a `&`, and of a lifetime.
pub(crate) type Advice<'a> = (&'a str, &'a str);

/// A type without parentheses and invisible groups around it.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => peel(&inner.elem),
        Type::Group(inner) => peel(&inner.elem),
        other => other,
    }
}

/// A type as its author would write it: the compiler's own spacing of tokens is nobody's style.
pub(crate) fn shown(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in
        [(" ::", "::"), (":: ", "::"), (" <", "<"), ("< ", "<"), (" >", ">"), (" ,", ","), ("& ", "&")]
    {
        text = text.replace(spaced, tight);
    }
    text
}

/// Refuses a type that is not owned, at its first token that says so. `None` if so.
pub(crate) fn owned(ty: &Type, advice: Advice<'_>, errors: &mut Errors) -> Option<()> {
    let mut look = Look { advice, found: None };
    match ty {
        Type::Slice(_) | Type::TraitObject(_) => look.note(ty, advice.0),
        Type::Path(path) if path.path.is_ident("str") => look.note(ty, advice.0),
        _ => look.visit_type(ty),
    }
    match look.found {
        None => Some(()),
        Some((tokens, message)) => {
            // The compiler has its own word for `_` and `!` in a signature.
            if !message.is_empty() {
                errors.at(tokens, message);
            }
            None
        }
    }
}

/// How a parameter gets what it takes, as far as its spelling tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    /// By value.
    Owned,
    /// `&T`
    Lent,
    /// `Option<&T>`: a credential that may be absent.
    Optional,
    /// `Option<Option<&T>>` and more, which is a mistake.
    Nested,
}

impl Passing {
    /// That of a parameter's type, with the reference in it.
    pub(crate) fn of(ty: &Type) -> (Self, Option<&TypeReference>) {
        if let Type::Reference(reference) = peel(ty) {
            return (Self::Lent, Some(reference));
        }
        let Some(inner) = option_of(ty) else { return (Self::Owned, None) };
        match Self::of(inner) {
            (Self::Owned, _) => (Self::Owned, None),
            (Self::Lent, reference) => (Self::Optional, reference),
            (_, reference) => (Self::Nested, reference),
        }
    }
}

/// `T` of a type written as `Option<T>`.
fn option_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = peel(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

/// Finds the first mistake, so that one mistake is one error.
struct Look<'a> {
    advice: Advice<'a>,
    found: Option<(TokenStream, String)>,
}

impl Look<'_> {
    fn note(&mut self, tokens: &dyn ToTokens, message: &str) {
        self.found.get_or_insert_with(|| (tokens.to_token_stream(), message.to_owned()));
    }
}

impl<'ast> Visit<'ast> for Look<'_> {
    fn visit_type(&mut self, ty: &'ast Type) {
        match ty {
            Type::Infer(_) | Type::Never(_) => self.note(ty, ""),
            Type::Ptr(_) => self.note(ty, "a pointer cannot cross threads; own your data"),
            _ => syn::visit::visit_type(self, ty),
        }
    }

    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        self.note(&reference.and_token, self.advice.0);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
        if lifetime.ident != "static" {
            self.note(lifetime, self.advice.1);
        }
    }

    fn visit_type_impl_trait(&mut self, ty: &'ast syn::TypeImplTrait) {
        self.note(ty, "name a concrete type in place of `impl Trait`");
    }

    fn visit_ident(&mut self, ident: &'ast Ident) {
        if ident == "Self" {
            self.note(ident, "`Self` has no meaning in a free function");
        }
    }

    // Function pointers and trait objects have lifetimes and references of their own.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}

    fn visit_type_trait_object(&mut self, ty: &'ast syn::TypeTraitObject) {
        for bound in &ty.bounds {
            if let syn::TypeParamBound::Lifetime(lifetime) = bound {
                self.visit_lifetime(lifetime);
            }
        }
    }
}

/// The names of all types that a signature mentions.
pub(crate) fn mentioned(sig: &syn::Signature) -> Vec<Ident> {
    #[derive(Default)]
    struct Names(Vec<Ident>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
            if let (None, Some(ident)) = (&path.qself, path.path.get_ident()) {
                self.0.push(ident.clone());
            }
            syn::visit::visit_type_path(self, path);
        }
    }
    let mut names = Names::default();
    sig.inputs.iter().for_each(|arg| names.visit_fn_arg(arg));
    if let ReturnType::Type(_, ty) = &sig.output {
        names.visit_type(ty);
    }
    names.0
}

/// `T` and `E` of a type written as `Result<T, E>`.
pub(crate) fn result_arguments(ty: &Type) -> (Option<&Type>, Option<&Type>) {
    let Type::Path(path) = ty else { return (None, None) };
    let Some(last) = path.path.segments.last().filter(|last| last.ident == "Result") else {
        return (None, None);
    };
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return (None, None) };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    (types.next(), types.next())
}
