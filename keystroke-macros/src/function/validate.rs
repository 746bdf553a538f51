//! What was written, judged: from the common keys and the function to a sound [`Declaration`], or to errors.

use proc_macro2::Ident;
use syn::{ReturnType, Type};

use super::action_value::handle;
use super::attr::CommonAttr;
use super::model::{Function, Subject};
use super::parameters::{Parameter, parameters};
use super::shape::shape;
use crate::diagnostics::Errors;
use crate::emit::Facade;
use crate::grammar;
use crate::location::Site;
use crate::syntax::{Description, description, owned, peel, slug_of};

/// A function that can be expanded.
pub(crate) struct Declaration {
    pub(crate) handle: Ident,
    pub(crate) slug: String,
    pub(crate) name: Option<String>,
    pub(crate) description: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Type,
    pub(crate) facade: Facade,
}

/// Judges a function. `None` where its shape is so wrong that nothing can be made of it.
pub(crate) fn validate(
    subject: &Subject,
    attr: CommonAttr,
    function: &Function,
    site: &Site,
    errors: &mut Errors,
) -> Option<Declaration> {
    let shape = shape(subject, function, errors);
    let generic = !function.sig.generics.params.is_empty();
    // What the parameters of a generic function may be is decided once it is no longer generic.
    let parameters = if generic { None } else { parameters(subject, function, errors) };
    let output =
        if generic || function.sig.asyncness.is_none() { None } else { output(subject, function, errors) };
    let handle = handle(subject, &attr, function, site, errors);
    let slug = slug(subject, &attr, function, site, errors);
    let description = describe(subject, &attr, function, errors);
    if !shape {
        return None;
    }
    Some(Declaration {
        handle: handle?,
        slug,
        description,
        parameters: parameters?,
        output: output?,
        name: attr.name.map(|name| name.text),
        facade: attr.facade,
    })
}

fn output(subject: &Subject, function: &Function, errors: &mut Errors) -> Option<Type> {
    let (noun, one, name) = (subject.name, subject.one, &function.sig.ident);
    match &function.sig.output {
        ReturnType::Default => {
            errors.at(name, format!("{noun} `{name}` returns nothing; return `Result<T, E>`"));
            None
        }
        ReturnType::Type(_, ty) => {
            let ty = peel(ty);
            if let Type::Never(never) = ty {
                errors.at(never, format!("`!` cannot be returned by {one}; return `Result<T, E>`"));
                return None;
            }
            let remove = |what: &str| format!("{one} returns owned data; remove {what}");
            owned(ty, (&remove("`&`"), &remove("the lifetime")), errors).map(|()| ty.clone())
        }
    }
}

fn slug(
    subject: &Subject,
    attr: &CommonAttr,
    function: &Function,
    site: &Site,
    errors: &mut Errors,
) -> String {
    let from_name = slug_of(&function.sig.ident);
    let written = attr.slug.as_ref().map(|slug| slug.text.clone());
    let value = written.as_deref().unwrap_or(&from_name);
    grammar::form(subject.name, "slug", value, attr.lacks_slug, site, errors);
    written.unwrap_or(from_name)
}

fn describe(subject: &Subject, attr: &CommonAttr, function: &Function, errors: &mut Errors) -> String {
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
            format!("the model would not read this: only `///` comments make a description; {how}"),
        );
    } else if text.is_empty() && !attr.describes {
        let (noun, name) = (subject.name, &function.sig.ident);
        let how = "add a `///` comment or `description = \"…\"`";
        errors.at(name, format!("{noun} `{name}` needs a description: the model chooses tools by it; {how}"));
    }
    text
}
