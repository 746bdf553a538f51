//! What was written, judged: from attribute and function to a sound [`Action`], or to errors.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{FnArg, ReturnType, Type};

use super::attr::Attr;
use super::model::{Description, Function, Parameter, description, parameter_name, peel, shown};
use super::{names, types};
use crate::errors::Errors;
use crate::paths::Facade;
use crate::site::{Form, Site};

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

/// Judges an action. `None` where its shape is so wrong that nothing can be made of it.
pub(crate) fn validate(attr: Attr, function: &Function, site: &Site, errors: &mut Errors) -> Option<Action> {
    let shape = shape(function, errors);
    let generic = !function.sig.generics.params.is_empty();
    // What the parameters of a generic function may be, is decided when it is generic no more.
    let parameters = if generic { None } else { parameters(function, errors) };
    let output = if generic || function.sig.asyncness.is_none() { None } else { output(function, errors) };
    let handle = names::handle(&attr, function, site, errors);
    let slug = slug(&attr, function, site, errors);
    let description = describe(&attr, function, errors);
    flags(&attr, function, errors);
    if !shape {
        return None;
    }
    Some(Action {
        handle: handle?,
        slug,
        description,
        scope: attr.scope.map(|(scope, _)| scope),
        read_only: attr.flag("read_only").is_some(),
        destructive: attr.flag("destructive").is_some(),
        idempotent: attr.flag("idempotent").is_some(),
        validate: attr.flag("validate").filter(|_| has_input(function)).map(Ident::span),
        parameters: parameters?,
        output: output?,
        name: attr.name.map(|name| name.text),
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
        wrong(&token.dots, format!("action `{name}` must not be variadic; take one struct as its input"));
    }
    let generics = &sig.generics;
    let of_types = |param: &syn::GenericParam| !matches!(param, syn::GenericParam::Lifetime(_));
    if generics.params.iter().any(of_types) {
        let why = "its schema is fixed at compile time; use a concrete type";
        wrong(generics, format!("action `{name}` must not be generic: {why}"));
    } else if !generics.params.is_empty() {
        let why = "its arguments are owned by the run";
        wrong(generics, format!("action `{name}` must not have lifetime parameters; {why}"));
    } else if let Some(clause) = &generics.where_clause {
        wrong(clause, format!("action `{name}` must not have a where clause; remove it"));
    }
    if !function.has_body() {
        wrong(
            name,
            format!(
                "action `{name}` has no body; give it one, or put the attribute on the function that has"
            ),
        );
    }
    if name == "main" {
        wrong(name, "an action is not the program's entry; call it from there instead".to_owned());
    }
    for attr in &function.attrs {
        let last = attr.path().segments.last().map(|last| last.ident.to_string());
        match last.as_deref() {
            Some("test") => wrong(attr, "an action is not a test; call it from one instead".to_owned()),
            Some("action") => wrong(attr, "`#[action]` is specified more than once".to_owned()),
            _ => {}
        }
    }
    sound
}

fn has_input(function: &Function) -> bool {
    function.sig.inputs.iter().any(|arg| match arg {
        FnArg::Typed(typed) => !matches!(peel(&typed.ty), Type::Reference(_)),
        FnArg::Receiver(_) => false,
    })
}

fn flags(attr: &Attr, function: &Function, errors: &mut Errors) {
    let mut both = attr.flags.iter().filter(|flag| *flag == "read_only" || *flag == "destructive");
    if let (Some(_), Some(later)) = (both.next(), both.next()) {
        errors.at(later, "`destructive` has no effect with `read_only`");
    }
    if let Some(validate) = attr.flag("validate").filter(|_| !has_input(function)) {
        errors.at(validate, "`validate` has no effect on an action without an input");
    }
}

/// Of `self`.
pub(super) const NO_SELF: &str =
    "an action cannot take `self`; make it a free function and pass shared state through the context";

/// The parameters. `None` if one of them is wrong in a way that is seen without its type.
fn parameters(function: &Function, errors: &mut Errors) -> Option<Vec<Parameter>> {
    let mut found = Vec::new();
    let mut sound = true;
    for arg in &function.sig.inputs {
        match arg {
            FnArg::Receiver(receiver) => {
                errors.at(receiver, NO_SELF);
                sound = false;
            }
            FnArg::Typed(typed) => match parameter(typed, arg, errors) {
                Some(parameter) => found.push(parameter),
                None => sound = false,
            },
        }
    }
    sound.then_some(found)
}

/// One parameter; at most one error.
fn parameter(typed: &syn::PatType, arg: &FnArg, errors: &mut Errors) -> Option<Parameter> {
    let name = parameter_name(arg);
    let mut wrong = |tokens: &dyn ToTokens, message: String| {
        errors.at(tokens.to_token_stream(), message);
        None
    };
    for attr in &typed.attrs {
        let path = attr.path();
        if path.is_ident("cfg") || path.is_ident("cfg_attr") {
            let message = "arguments of an action cannot be conditional; put `#[cfg]` on the function";
            return wrong(attr, message.to_owned());
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
    if let Some((and, credential)) = types::optional(ty) {
        let credential = shown(credential);
        let message = format!(
            "a credential is never optional: write `{name}: &{credential}`; own the data if it is no credential"
        );
        return wrong(and, message);
    }
    let Type::Reference(reference) = ty else {
        types::owned(ty, types::OF_PARAMETER, errors)?;
        return Some(Parameter { name, ty: ty.clone(), lent: false });
    };
    let behind = peel(&reference.elem);
    if let Some(lifetime) = &reference.lifetime {
        let message = format!("write `{name}: &{}`; a credential is lent for one call", shown(behind));
        return wrong(lifetime, message);
    }
    if let Some(token) = &reference.mutability {
        return wrong(token, format!("borrow it: `&{}`", shown(behind)));
    }
    types::owned(behind, types::OF_PARAMETER, errors)?;
    Some(Parameter { name, ty: behind.clone(), lent: true })
}

/// Attributes that an argument may have: they change nothing.
const LINTS: &[&str] = &["allow", "expect", "warn", "deny", "forbid"];

fn output(function: &Function, errors: &mut Errors) -> Option<Type> {
    let name = &function.sig.ident;
    match &function.sig.output {
        ReturnType::Default => {
            errors.at(name, format!("action `{name}` returns nothing; return `Result<T, E>`"));
            None
        }
        ReturnType::Type(_, ty) => {
            let ty = peel(ty);
            if let Type::Never(never) = ty {
                errors.at(never, "`!` cannot be returned by an action; return `Result<T, E>`");
                return None;
            }
            types::owned(ty, types::OF_OUTPUT, errors).map(|()| ty.clone())
        }
    }
}

fn slug(attr: &Attr, function: &Function, site: &Site, errors: &mut Errors) -> String {
    let from_name = super::attr::slug_of(&function.sig.ident);
    let written = attr.slug.as_ref().map(|slug| slug.text.clone());
    form("action", "slug", written.as_deref().unwrap_or(&from_name), attr.lacks_slug, site, errors);
    written.unwrap_or(from_name)
}

/// Errors in the form of a whole attribute: its brackets, and the one key that must be there.
pub(crate) fn form(attribute: &str, key: &str, value: &str, lacks: bool, site: &Site, errors: &mut Errors) {
    let message = match site.form() {
        // The compiler refuses this form itself.
        Form::Equals => return,
        Form::Braces | Form::Brackets => format!("write `#[{attribute}({key} = \"{value}\")]`"),
        Form::Empty => format!("empty parentheses; give `{key} = \"{value}\"`"),
        Form::Sound if lacks => format!("missing `{key}`; for example `{key} = \"{value}\"`"),
        Form::Sound => return,
    };
    errors.at_span(Span::call_site(), message);
}

fn describe(attr: &Attr, function: &Function, errors: &mut Errors) -> String {
    if let Some(text) = &attr.description {
        let length = text.text.chars().count();
        if length > 1024 {
            errors.at(&text.literal, format!("`description` is {length} characters; at most 1024"));
        }
        return text.text.clone();
    }
    let Description { text, unread } = description(&function.attrs);
    if let Some(unread) = unread.filter(|_| !attr.describes) {
        let how = "add `description = \"…\"`";
        errors.at(
            unread,
            format!("the model would not read this: a description is made of `///` comments alone; {how}"),
        );
    } else if text.is_empty() && !attr.describes {
        let name = &function.sig.ident;
        let how = "add a `///` comment or `description = \"…\"`";
        errors.at(name, format!("action `{name}` needs a description: the model chooses tools by it; {how}"));
    }
    text
}

/// The tokens of what an error in the form of an attribute has no use for.
pub(crate) fn tokens_of(attribute: TokenStream, site: &Site) -> TokenStream {
    if site.form() == Form::Equals { TokenStream::new() } else { attribute }
}
