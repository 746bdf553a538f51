//! The compile-time checks of an action's types, each emitted once, at the type that is at fault. Their messages are in
//! `keystroke-core/src/private/compile_errors.rs`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::validate::Action;
use crate::emit::{Check, private};
use crate::function::{Argument, Half, Plan};
use crate::syntax::Passing;

/// All checks of the action that is made of `function`.
pub(super) fn checks(action: &Action, plan: &Plan, function: &str) -> Vec<Check> {
    let inputs = input_checks(plan, function);
    inputs.into_iter().chain(lent_checks(action, plan)).chain(returned_checks(plan, function)).collect()
}

fn input_checks(plan: &Plan, function: &str) -> Vec<Check> {
    let private = private();
    let (kinds, names): (Vec<_>, Vec<_>) = plan.inputs().map(|input| (&input.kind, &input.name)).unzip();
    let all = quote!(&[#(#kinds),*]);
    let mut checks = Vec::new();
    for (index, Argument { name, ty, text, at, kind, .. }) in plan.inputs().enumerate() {
        let arguments = quote!(#kind, #all, #name, #text);
        checks.push(Check::Fact { at: *at, function: "must_be_by_value", arguments });
        if index > 0 {
            let arguments = quote!(#all, &[#(#names),*], #index, #function);
            checks.push(Check::Fact { at: *at, function: "must_be_one_input", arguments });
        }
        checks.push(Check::Bound {
            at: *at,
            function: "must_be_input",
            // Asked of the type itself only where no better sentence applies.
            gate: quote!(#kind.is_else() && #private::is_one(#all)),
            asked: ty.to_token_stream(),
            fine: quote!(()),
        });
    }
    checks
}

fn lent_checks(action: &Action, plan: &Plan) -> Vec<Check> {
    let (private, pin) = (private(), action.pin);
    let mut checks = Vec::new();
    for (position, lent) in plan.lent().enumerate() {
        let Argument { name, passing, text, at, kind, probe, option, .. } = lent;
        checks.push(match passing {
            Passing::Optional => {
                let arguments = quote!(#option::IS_OPTION, #kind, #name, #text);
                Check::Fact { at: *at, function: "must_be_optional", arguments }
            }
            _ => {
                let arguments = quote!(#kind, #name, #text);
                Check::Fact { at: *at, function: "must_be_lent", arguments }
            }
        });
        let action_pin = quote!(#private::pin_of::<#private::scope::#pin>());
        let arguments = quote!(#probe::PINNED, #probe::PIN, #action_pin, #text);
        checks.push(Check::Fact { at: *at, function: "must_fit_pin", arguments });
        checks.extend(plan.lent().take(position).map(|earlier| key_check(earlier, lent)));
    }
    checks
}

fn key_check(first: &Argument, second: &Argument) -> Check {
    let private = private();
    // That the context and state are never optional is told already.
    let is_context = |argument: &Argument| match argument {
        Argument { passing: Passing::Optional, .. } => quote!(false),
        Argument { probe, .. } => quote!(#probe::IS_CONTEXT),
    };
    let (is_first, is_second) = (is_context(first), is_context(second));
    let is_state = match (first.passing, second.passing) {
        (Passing::Lent, Passing::Lent) => {
            let (kind, first, second) = (&second.kind, &first.ty, &second.ty);
            quote!(#kind.is_state() && #private::SameProbe::<#first, #second>::IS_SAME)
        }
        _ => quote!(false),
    };
    let Argument { name: first_name, text: first_text, probe: first, .. } = first;
    let Argument { name, text, at, probe, .. } = second;
    let arguments = quote!(
        #first::REQUIREMENT,
        #probe::REQUIREMENT,
        (#is_first, #is_second),
        #is_state,
        (#first_text, #text),
        (#first_name, #name)
    );
    Check::Fact { at: *at, function: "must_share_no_key", arguments }
}

fn returned_checks(plan: &Plan, function: &str) -> Vec<Check> {
    let private = private();
    let returned = &plan.returned;
    let (ty, text) = (&returned.ty, &returned.text);
    let arguments = quote!(#private::Returned::<#ty>::IS_RESULT, #function, #text);
    let is_result = Check::Fact { at: returned.at, function: "must_be_result", arguments };
    let Half { ty, text, at, .. } = &returned.output;
    let probe = quote!(#private::OutputProbe::<#ty>);
    let arguments = quote!(#probe::FITS, #probe::CAN_BE_READ_BACK, #text);
    let read_back = Check::Fact { at: *at, function: "must_be_read_back", arguments };
    let nests = quote!(#probe::NESTS_CONTENT);
    let arguments = quote!(#nests, #text);
    let no_content_inside = Check::Fact { at: *at, function: "must_not_nest_content", arguments };
    let [no_secret, output] = half_checks(&returned.output, "must_be_output", &quote!(|| #nests), quote!(()));
    let [no_secret_in_error, error] =
        half_checks(&returned.error, "must_be_error", &TokenStream::new(), quote!(#private::NoError));
    vec![is_result, no_secret, no_content_inside, output, read_back, no_secret_in_error, error]
}

/// One half of the result: no secret, and what `bound` asks. `refused` adds to when another check has its say already.
fn half_checks(half: &Half, bound: &'static str, refused: &TokenStream, fine: TokenStream) -> [Check; 2] {
    let private = private();
    let Half { ty, text, at, .. } = half;
    let value = quote!(#private::ValueProbe::<#ty>);
    let holds = quote!(
        #value::IS_SECRET || #value::IS_CREDENTIAL || #value::HOLDS_SECRET || #value::HOLDS_CREDENTIAL
    );
    // The associated type already tells of a type that can't cross threads.
    let gate = quote!(!(#holds #refused) && #private::SendProbe::<#ty>::IS_SEND);
    [
        Check::Fact { at: *at, function: "must_not_be_secret", arguments: quote!(#holds, #text) },
        Check::Bound { at: *at, function: bound, gate, asked: ty.clone(), fine },
    ]
}
