//! Validates what was written: from attribute and function to a sound [`Action`], or to all of its errors.

use proc_macro2::{Ident, Span};
use syn::FnArg;

use super::attr::Attr;
use crate::diagnostics::Errors;
use crate::function::{self, Declaration, Function, Subject};
use crate::grammar::Pin;
use crate::location::Site;
use crate::syntax::Passing;

/// An action that can be expanded.
pub(super) struct Action {
    pub(super) declaration: Declaration,
    pub(super) pin: Pin,
    pub(super) read_only: bool,
    pub(super) destructive: bool,
    pub(super) idempotent: bool,
    pub(super) validate: Option<Span>,
}

/// Judges an action. `None` where its shape is so wrong that nothing can be made of it.
pub(super) fn validate(
    subject: &Subject,
    attr: Attr,
    function: &Function,
    site: &Site,
    errors: &mut Errors,
) -> Option<Action> {
    let flag = |name: &str| attr.flag(name).is_some();
    let (read_only, destructive, idempotent) = (flag("read_only"), flag("destructive"), flag("idempotent"));
    let validate = attr.flag("validate").filter(|_| has_input(function)).map(Ident::span);
    let Attr { common, pin, flags } = attr;
    let declaration = function::validate(subject, common, function, site, errors);
    self::flags(&flags, function, errors);
    Some(Action { declaration: declaration?, pin, read_only, destructive, idempotent, validate })
}

/// Flags that would have no effect.
fn flags(flags: &[Ident], function: &Function, errors: &mut Errors) {
    let mut both = flags.iter().filter(|flag| *flag == "read_only" || *flag == "destructive");
    if let (Some(_), Some(later)) = (both.next(), both.next()) {
        errors.at(later, "`destructive` has no effect with `read_only`");
    }
    if let Some(validate) = flags.iter().find(|flag| *flag == "validate").filter(|_| !has_input(function)) {
        errors.at(validate, "`validate` has no effect on an action without an input");
    }
}

fn has_input(function: &Function) -> bool {
    function.sig.inputs.iter().any(|arg| match arg {
        FnArg::Typed(typed) => Passing::of(&typed.ty).0 == Passing::Owned,
        FnArg::Receiver(_) => false,
    })
}
