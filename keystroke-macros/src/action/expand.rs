//! From a sound [`Action`] to the unit struct, its `impl Action`, and the checks beside it.
//!
//! Nothing in the `impl` can fail on an author's type (see `keystroke_core::private`); each fact is checked once
//! (`type_checks`).

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Attribute;

use super::type_checks::checks;
use super::validate::Action;
use crate::emit::{plain_value, private, private_at, unit_struct};
use crate::function::{Argument, Function, Plan};
use crate::grammar::Pin;
use crate::spans::{at, respan};
use crate::syntax::{Passing, is_documented};

/// The whole expansion beside the author's function.
pub(super) fn expand(action: &Action, plan: &Plan, function: &Function) -> TokenStream {
    let handle = handle(action, function);
    let private = private();
    let import = action.declaration.facade.import();
    let kinds = plan.arguments.iter().map(kind);
    let implementation = implementation(action, plan, function);
    let value = plain_value(&action.declaration.handle);
    let checks = checks(action, plan, &function.sig.ident.to_string());
    let cfgs: Vec<&Attribute> = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    quote! {
        #handle

        #(#cfgs)*
        #[allow(deprecated, unused_parens, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery, reason = "generated")]
        const _: () = {
            #import
            #[allow(unused_imports, reason = "generated")]
            use #private::{
                ErrorRest as _, InputRest as _, LentRest as _, OptionRest as _, OutputRest as _, ReturnedRest as _,
                SameRest as _, SendRest as _, ValueRest as _,
            };

            #(#kinds)*
            #implementation
            #value
            #(#checks)*
        };
    }
}

/// The action's value: a unit struct with the function's visibility, docs and `#[cfg]`s.
fn handle(action: &Action, function: &Function) -> TokenStream {
    let attrs = function
        .attrs
        .iter()
        .filter(|attr| ["doc", "cfg", "deprecated"].iter().any(|kept| attr.path().is_ident(kept)));
    let docs = (!is_documented(&function.attrs)).then(|| {
        let text = &action.declaration.description;
        quote!(#[doc = #text])
    });
    let item = unit_struct(&action.declaration.handle, &function.vis);
    quote! {
        #(#attrs)*
        #docs
        #[allow(dead_code, unreachable_pub, reason = "the function tells whether the action is used")]
        #item
    }
}

/// The constant that tells what a parameter's type is, so that each is asked once.
fn kind(argument: &Argument) -> TokenStream {
    let private = private();
    let Argument { passing, ty, kind, probe, .. } = argument;
    if *passing != Passing::Owned {
        quote! {
            const #kind: #private::LentKind = #private::LentKind::of(
                #probe::REQUIREMENT.is_some(),
                #probe::IS_CONTEXT,
                (#probe::IS_STATE, #probe::STATE.is_some(), #probe::STATE_OF),
                #probe::HOLDS_STATE,
                #probe::IS_SECRET,
                #probe::IS_OPTION,
                #probe::IS_PINNED,
                #probe::IS_CONNECTION,
                #private::InputProbe::<#ty>::FITS,
            );
        }
    } else {
        quote! {
            const #kind: #private::ValueKind = #private::ValueKind::of(
                #probe::IS_CREDENTIAL,
                #probe::IS_CONTEXT,
                #probe::IS_SECRET,
                #probe::IS_STATE,
                #probe::IS_SHARED,
                #probe::IS_REFERENCE,
                #probe::IS_OPTION,
                (#probe::HOLDS_CREDENTIAL, #probe::HOLDS_REFERENCE, #probe::HOLDS_STATE),
                #probe::IS_SCALAR,
            );
        }
    }
}

fn implementation(action: &Action, plan: &Plan, function: &Function) -> TokenStream {
    let Action { declaration, pin, read_only, destructive, idempotent, .. } = action;
    let (handle, slug, description) = (&declaration.handle, &declaration.slug, &declaration.description);
    let private = private();
    let (input, output, error) = (&plan.input.item, &plan.returned.output.item, &plan.returned.error.item);
    let lent: Vec<_> = plan.lent().map(|lent| &lent.probe).collect();
    let requirements: Vec<_> = plan.lent().map(Argument::requirement).collect();
    // A credential that may be absent needs no user, whatever its pin.
    let required = plan.lent().filter(|lent| lent.passing == Passing::Lent).map(|lent| &lent.probe);
    // The credentials of a pinned action agree with it, or its own check fails; so they add no pin of their own.
    let credential_pins = match pin {
        Pin::Unpinned => quote!(#private::pins(&[#(#lent::PIN),*])),
        _ => quote!(0),
    };
    let pin = quote!(#private::scope::#pin);
    let name =
        declaration.name.as_ref().map(|name| quote!(const NAME: &'static ::core::primitive::str = #name;));
    let codec_input = match plan.inputs().next() {
        Some(_) => quote!(#private::InputProbe::<Self::Input>::PARTS),
        None => quote!(#private::NO_INPUT),
    };
    let check = action.validate.map(|span| {
        // The input's type at the key, which is what asks something of it.
        let (private, input) = (private_at(span), respan(plan.input.ty.clone(), at(span)));
        quote_spanned!(at(span)=> .with_check(#private::validate::<#input>))
    });
    let state = (!lent.is_empty()).then(|| {
        quote! {
            const STATE: &'static [#private::StateRequirement] = &#private::states::<{
                #private::count(&[#(#lent::STATE),*])
            }>(&[#(#lent::STATE),*]);
        }
    });
    let execute = execute(plan, function);
    quote! {
        impl #private::Action for #handle {
            #input
            #output
            #error
            type Pin = #pin;
            type CredentialPins = <#private::PinSet<{ #credential_pins }> as #private::ToPin>::Pin;
            type Need = <#private::Needs<{
                #private::pins(&[#private::pin_of::<#pin>(), #(#required::PIN),*]) & 4 != 0
            }> as #private::ToNeed>::Need;
            const SLUG: &'static ::core::primitive::str = #slug;
            #name
            const DESCRIPTION: &'static ::core::primitive::str = #description;
            const ANNOTATIONS: #private::Annotations = #private::Annotations {
                read_only: #read_only,
                destructive: #destructive,
                idempotent: #idempotent,
            };
            const REQUIREMENTS: &'static [#private::Requirement] = &#private::requirements::<{
                #private::count::<#private::Requirement>(&[#(#requirements),*])
            }>(&[#(#requirements),*]);
            #state
            const CODEC: #private::Codec<Self::Input, Self::Output, Self::Error> = #private::Codec::from_parts(
                #codec_input,
                #private::OutputProbe::<Self::Output>::PARTS,
                (
                    #private::ErrorProbe::<Self::Error>::FAIL,
                    #private::describe(
                        #private::ErrorProbe::<Self::Error>::CHAIN,
                        #private::ErrorProbe::<Self::Error>::DISPLAY,
                    ),
                ),
            )#check;

            #execute
        }
    }
}

/// `fn execute`: calls the author's function with what it borrows. There is no async block of ours, so that the compiler
/// points at the author's await if the future is not `Send`.
fn execute(plan: &Plan, function: &Function) -> TokenStream {
    let private = private();
    let output = &plan.returned.ty;
    let inputs: Vec<_> = plan.inputs().map(|input| &input.ty).collect();
    let (input, argument) = match inputs.len() {
        0 => (quote!(_input), quote!()),
        1 => (quote!(input), quote!(input)),
        _ => (quote!(_input), quote!(#private::absent())),
    };
    let arguments = plan.arguments.iter().map(|Argument { passing, option, .. }| match passing {
        Passing::Owned => argument.clone(),
        Passing::Optional => quote!(#option::lend(lent)),
        _ => quote!(#private::lend(lent)),
    });
    let lent: Vec<_> = plan.lent().map(|lent| &lent.kind).collect();
    let invocation = if lent.is_empty() { quote!(_lent) } else { quote!(lent) };
    // The compiler merges what it says of the call and of the return type only if both stand at one place.
    let span = at(function.sig.asyncness.map_or_else(Span::call_site, |token| token.span));
    // The future is asked to be `Send` only where all its arguments are sound.
    let sound = quote!(true #(&& #private::SendProbe::<#inputs>::IS_SEND)* #(&& #lent.is_sound())*);
    let private_here = private_at(span);
    let send = quote_spanned!(span=> #private_here::ActionFuture::<{ #sound }>::must_be_send);
    let parenthesized = |tokens: TokenStream| {
        let mut group = Group::new(Delimiter::Parenthesis, tokens);
        group.set_span(span);
        group
    };
    let mut name = function.sig.ident.clone();
    name.set_span(span);
    let arguments = parenthesized(quote!(#(#arguments),*));
    let call = parenthesized(quote!(#name #arguments));
    let settled = parenthesized(quote!(#send #call));
    let settle = quote_spanned!(span=> #private_here::Returned::<#output>::settle #settled);
    let future = quote_spanned! {span=>
        impl ::core::future::Future<Output = ::core::result::Result<Self::Output, Self::Error>> + ::core::marker::Send
    };
    quote! {
        fn execute(&self, #input: Self::Input, #invocation: &#private::Invocation) -> #future {
            #settle
        }
    }
}
