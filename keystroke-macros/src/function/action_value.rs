//! The unit value beside an action's function, such as `Search` for `search`: its name, and the names that it must not hide.

use proc_macro2::Ident;

use super::attr::CommonAttr;
use super::model::{Function, Subject};
use crate::diagnostics::Errors;
use crate::location::Site;
use crate::syntax::{handle_name, mentioned};

/// Names of the standard prelude: an action's value that took one would break its author's module without a hint.
const STD: &[&str] = &[
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
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
    "Future",
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

/// The scopes, which `use keystroke::prelude::*` brings in.
const SCOPES: &[&str] = &["Organization", "Project", "User"];

/// Other names of that prelude that a signature needs.
const OURS: &[&str] = &[
    "Action",
    "ActionContext",
    "ActionError",
    "Content",
    "Failure",
    "Pinned",
    "SecretString",
    "State",
    "WithContent",
];

/// The name of the value. `None` if no name would do.
pub(super) fn handle(
    subject: &Subject,
    attr: &CommonAttr,
    function: &Function,
    site: &Site,
    errors: &mut Errors,
) -> Option<Ident> {
    let (noun, name) = (subject.name, &function.sig.ident);
    let handle = match &attr.handle {
        Some(handle) => handle.clone(),
        None => from_name(subject, name, errors)?,
    };
    let at = attr.handle.as_ref().unwrap_or(name);
    let text = handle.to_string().replace("r#", "");
    // The name that is used where this one can't be.
    let other = Ident::new(&format!("{text}Action"), handle.span());
    let hides = if SCOPES.contains(&text.as_str()) {
        Some(format!("keystroke::scope::{text}"))
    } else if OURS.contains(&text.as_str()) {
        Some(format!("keystroke::{text}"))
    } else {
        STD.contains(&text.as_str()).then(|| format!("std::prelude::v1::{text}"))
    };
    if let Some(hides) = hides {
        let message =
            format!("{noun} `{name}` would define `{text}`, which hides `{hides}`; add `handle = {other}`");
        errors.at(at, message);
        // Its author's code names it, except where a name of std was meant.
        return Some(if SCOPES.contains(&text.as_str()) { handle } else { other });
    }
    let like = match mentioned(&function.sig).contains(&handle) {
        true => Some("the type".to_owned()),
        false => site.beside(&text).map(|keyword| match keyword {
            "use" => "what a `use` beside it imports".to_owned(),
            keyword => format!("the `{keyword}` beside it"),
        }),
    };
    if let Some(like) = like {
        let message = format!(
            "the value of {noun} `{name}` would be named `{text}`, like {like}; add `handle = {other}`"
        );
        errors.at(at, message);
        return Some(other);
    }
    Some(handle)
}

/// The function's name in UpperCamelCase, at its place.
fn from_name(subject: &Subject, name: &Ident, errors: &mut Errors) -> Option<Ident> {
    let handle = handle_name(name);
    match syn::parse_str::<Ident>(&handle) {
        Ok(_) => Some(Ident::new(&handle, name.span())),
        Err(_) => {
            let noun = subject.name;
            errors.at(name, format!("{noun} `{name}` needs a name for its value; add `handle = …`"));
            None
        }
    }
}
