//! From a sound [`Action`] to the unit struct, its `impl Action`, and the checks beside it.
//!
//! Nothing in the `impl` can fail on an author's type (see `keystroke_core::private`); each fact is checked once, in
//! one constant, with every token spanned at the type that is at fault.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Type};

use super::model::{Function, Parameter, shown};
use super::validate::Action;
use crate::grammar::ends;
use crate::paths::respan;

/// The whole expansion beside the author's function.
pub(crate) fn expand(action: &Action, function: &Function) -> TokenStream {
    let handle = handle(action, function);
    let implementation = implementation(action, function);
    let checks = checks(action, function);
    let private = action.facade.private();
    let cfgs: Vec<&Attribute> = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    quote! {
        #handle

        #(#cfgs)*
        #[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery, reason = "generated")]
        const _: () = {
            #[allow(unused_imports, reason = "generated")]
            use #private::{
                ErrorRest as _, InputRest as _, LentRest as _, OutputRest as _, ReturnedRest as _, ValueRest as _,
            };

            #implementation
            #checks
        };
    }
}

/// The action's value: a unit struct with the function's visibility, docs and `#[cfg]`s.
pub(crate) fn handle(action: &Action, function: &Function) -> TokenStream {
    let Action { handle, .. } = action;
    let vis = &function.vis;
    let attrs = function
        .attrs
        .iter()
        .filter(|attr| ["doc", "cfg", "deprecated"].iter().any(|kept| attr.path().is_ident(kept)));
    let docs = if super::model::docs(&function.attrs).is_empty() {
        let text = &action.description;
        quote!(#[doc = #text])
    } else {
        TokenStream::new()
    };
    let semi = quote_spanned!(handle.span()=> ;);
    let keyword = quote_spanned!(handle.span()=> struct);
    quote! {
        #(#attrs)*
        #docs
        #[allow(dead_code, reason = "the function tells whether the action is used")]
        #vis #keyword #handle #semi
    }
}

fn implementation(action: &Action, function: &Function) -> TokenStream {
    let Action { handle, slug, description, scope, read_only, destructive, idempotent, output, .. } = action;
    let private = action.facade.private();
    let trait_path = action.facade.item(&quote!(Action));
    let annotations = action.facade.item(&quote!(Annotations));
    let input = input_type(action);
    let settled = quote! {
        <#private::Gate<{ #private::Returned::<#output>::IS_RESULT }> as #private::Or<
            #output,
            ::core::result::Result<(), #private::NoError>,
        >>::T
    };
    let pin = pin_type(action);
    let lent: Vec<&Type> = lent(action).map(|parameter| &parameter.ty).collect();
    // A pinned action's credentials agree with it, or its own check fails; so they add no pin of their own.
    let credential_pins = if scope.is_some() {
        quote!(0)
    } else {
        quote!(#private::pins(&[#(#private::LentProbe::<#lent>::PIN),*]))
    };
    let name = action
        .name
        .as_ref()
        .map_or_else(TokenStream::new, |name| quote!(const NAME: &'static ::core::primitive::str = #name;));
    let codec_input = if action.parameters.iter().any(|parameter| !parameter.lent) {
        quote!(#private::InputProbe::<#input>::PARTS)
    } else {
        quote!(#private::NO_INPUT)
    };
    let check = action.validate.map_or_else(TokenStream::new, |span| {
        let private = action.facade.private_at(span);
        quote_spanned!(span=> .with_check(#private::validate::<#input>))
    });
    let execute = execute(action, function);
    quote! {
        impl #trait_path for #handle {
            type Input = #input;
            type Output = <#settled as #private::Settled>::Output;
            type Error = <#settled as #private::Settled>::Error;
            type Pin = #pin;
            type CredentialPins = <#private::PinSet<{ #credential_pins }> as #private::ToPin>::Pin;
            type Need = <#private::Needs<{
                #private::pins(&[#private::pin_of::<#pin>(), #(#private::LentProbe::<#lent>::PIN),*]) & 4 != 0
            }> as #private::ToNeed>::Need;
            const SLUG: &'static ::core::primitive::str = #slug;
            #name
            const DESCRIPTION: &'static ::core::primitive::str = #description;
            const ANNOTATIONS: #annotations = #annotations {
                read_only: #read_only,
                destructive: #destructive,
                idempotent: #idempotent,
            };
            const REQUIREMENTS: &'static [#private::Requirement] = &#private::requirements::<{
                #private::count(&[#(#private::LentProbe::<#lent>::REQUIREMENT),*])
            }>(&[#(#private::LentProbe::<#lent>::REQUIREMENT),*]);
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

/// `fn execute`: calls the author's function with what it borrows. No async block of ours, so that the compiler's
/// word on a future that is not `Send` points at the author's await.
fn execute(action: &Action, function: &Function) -> TokenStream {
    let private = action.facade.private();
    let name = &function.sig.ident;
    let output = &action.output;
    let arguments = action
        .parameters
        .iter()
        .map(|parameter| if parameter.lent { quote!(#private::lend(lent)) } else { quote!(input) });
    let input = if action.parameters.iter().any(|parameter| !parameter.lent) {
        quote!(input)
    } else {
        quote!(_input)
    };
    let lent = if lent(action).next().is_some() { quote!(lent) } else { quote!(_lent) };
    let span = function.sig.asyncness.map_or_else(Span::call_site, |token| token.span);
    let private_at = action.facade.private_at(span);
    let send = quote_spanned!(span=> #private_at::an_action_must_be_send);
    let call = quote!(#name(#(#arguments),*));
    let mut parens = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, call);
    parens.set_span(span);
    let future = quote_spanned! {span=>
        impl ::core::future::Future<Output = ::core::result::Result<Self::Output, Self::Error>> + ::core::marker::Send
    };
    quote! {
        fn execute(&self, #input: Self::Input, #lent: &#private::Lent) -> #future {
            #private::Returned::<#output>::settle(#send #parens)
        }
    }
}

/// Each fact about the author's types, once.
fn checks(action: &Action, function: &Function) -> TokenStream {
    let mut checks = Vec::new();
    let mut seen: Vec<&Parameter> = Vec::new();
    for parameter in &action.parameters {
        checks.push(if parameter.lent {
            lent_check(action, parameter)
        } else {
            input_check(action, parameter)
        });
        if parameter.lent {
            checks.extend(seen.iter().map(|earlier| key_check(action, earlier, parameter)));
            seen.push(parameter);
        }
    }
    checks.push(output_check(action, function));
    quote!(#(#checks)*)
}

/// A check's call, with the path's tokens at the type's first token and its parentheses at the last, so that the
/// caret falls on the type alone.
fn call_at(action: &Action, ty: &Type, function: &TokenStream, arguments: TokenStream) -> TokenStream {
    let (first, last) = ends(ty);
    let private = action.facade.private_at(first);
    let function = respan(function.clone(), first);
    let mut parens = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, arguments);
    parens.set_span(last);
    let colons = quote_spanned!(first=> ::);
    let semi = quote_spanned!(last=> ;);
    quote!(const _: () = #private #colons #function #parens #semi)
}

fn input_check(action: &Action, Parameter { name, ty, .. }: &Parameter) -> TokenStream {
    let private = action.facade.private();
    let text = shown(ty);
    let probe = quote!(#private::ValueProbe::<#ty>);
    let kind = quote!((
        #probe::IS_CREDENTIAL, #probe::IS_CONTEXT, #probe::IS_SECRET, #probe::IS_OPTION, #probe::IS_LIST, #probe::IS_SCALAR
    ));
    let known = call_at(action, ty, &quote!(must_be_by_value), quote!(#kind, #name, #text));
    // The bound is asked of the type itself only where no better sentence applies.
    let gated = quote! {
        <#private::Gate<{
            !(#probe::IS_CREDENTIAL || #probe::IS_CONTEXT || #probe::IS_SECRET || #probe::IS_OPTION || #probe::IS_LIST
                || #probe::IS_SCALAR)
        }> as #private::Or<#ty, ()>>::T
    };
    let fits = bound_at(action, ty, "must_be_input", &gated);
    quote!(#known #fits)
}

/// `const _: () = must_be_x::<T>();` with its tokens at `ty`.
fn bound_at(action: &Action, ty: &Type, function: &str, asked: &TokenStream) -> TokenStream {
    let (first, last) = ends(ty);
    let private = action.facade.private_at(first);
    let function = format_ident!("{function}", span = first);
    let open = quote_spanned!(first=> ::<);
    let close = quote_spanned!(last=> >);
    let colons = quote_spanned!(first=> ::);
    let mut parens = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, TokenStream::new());
    parens.set_span(last);
    quote!(const _: () = #private #colons #function #open #asked #close #parens;)
}

fn lent_check(action: &Action, Parameter { name, ty, .. }: &Parameter) -> TokenStream {
    let private = action.facade.private();
    let text = shown(ty);
    let probe = quote!(#private::LentProbe::<#ty>);
    let kind = quote!((
        #probe::REQUIREMENT.is_some(),
        #probe::IS_CONTEXT,
        #probe::IS_SECRET,
        #probe::IS_OPTION,
        #private::InputProbe::<#ty>::FITS
    ));
    let lent = call_at(action, ty, &quote!(must_be_lent), quote!(#kind, #name, #text));
    let pin = pin_type(action);
    let action_pin = quote!(#private::pin_of::<#pin>());
    let pins = quote!(#probe::PINNED, #probe::PIN, #action_pin, #text);
    let fits = call_at(action, ty, &quote!(must_fit_pin), pins);
    quote!(#lent #fits)
}

fn key_check(action: &Action, first: &Parameter, second: &Parameter) -> TokenStream {
    let private = action.facade.private();
    let (ty, other) = (&second.ty, &first.ty);
    let (text, other_text) = (shown(ty), shown(other));
    let arguments = quote!(
        #private::LentProbe::<#other>::REQUIREMENT,
        #private::LentProbe::<#ty>::REQUIREMENT,
        (#private::LentProbe::<#other>::IS_CONTEXT, #private::LentProbe::<#ty>::IS_CONTEXT),
        (#other_text, #text)
    );
    call_at(action, ty, &quote!(must_share_no_key), arguments)
}

fn output_check(action: &Action, function: &Function) -> TokenStream {
    let private = action.facade.private();
    let ty = &action.output;
    let (text, name) = (shown(ty), function.sig.ident.to_string());
    let is_result = call_at(
        action,
        ty,
        &quote!(must_be_result),
        quote!(#private::Returned::<#ty>::IS_RESULT, #name, #text),
    );
    // The types inside a written `Result<T, E>` are where the fault is; of an alias, the whole is.
    let (output, error) = result_arguments(ty);
    let output_at = output.unwrap_or(ty);
    let error_at = error.unwrap_or(ty);
    let settled = quote! {
        <<#private::Gate<{ #private::Returned::<#ty>::IS_RESULT }> as #private::Or<
            #ty,
            ::core::result::Result<(), #private::NoError>,
        >>::T as #private::Settled>
    };
    let asked_output = output.map_or_else(|| quote!(#settled::Output), ToTokens::to_token_stream);
    let asked_error = error.map_or_else(|| quote!(#settled::Error), ToTokens::to_token_stream);
    let value = quote!(#private::ValueProbe::<#asked_output>);
    let output_text = shown(output_at);
    let secret = call_at(
        action,
        output_at,
        &quote!(must_not_be_secret),
        quote!(#value::IS_SECRET || #value::IS_CREDENTIAL, #output_text),
    );
    let gated = quote! {
        <#private::Gate<{ !(#value::IS_SECRET || #value::IS_CREDENTIAL) }> as #private::Or<#asked_output, ()>>::T
    };
    let output_fits = bound_at(action, output_at, "must_be_output", &gated);
    let read_back = call_at(
        action,
        output_at,
        &quote!(must_be_read_back),
        quote!(
            #private::OutputProbe::<#asked_output>::FITS,
            #private::OutputProbe::<#asked_output>::CAN_BE_READ_BACK,
            #output_text
        ),
    );
    let error_fits = bound_at(action, error_at, "must_be_error", &asked_error);
    quote!(#is_result #secret #output_fits #read_back #error_fits)
}

/// `T` and `E` of a type written as `Result<T, E>`.
fn result_arguments(ty: &Type) -> (Option<&Type>, Option<&Type>) {
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

fn input_type(action: &Action) -> TokenStream {
    action
        .parameters
        .iter()
        .find(|parameter| !parameter.lent)
        .map_or_else(|| quote!(()), |parameter| parameter.ty.to_token_stream())
}

fn lent(action: &Action) -> impl Iterator<Item = &Parameter> {
    action.parameters.iter().filter(|parameter| parameter.lent)
}

fn pin_type(action: &Action) -> TokenStream {
    action.facade.item(&scope_type(action.scope))
}

/// The type of a scope, within the facade.
pub(crate) fn scope_type(scope: Option<&str>) -> TokenStream {
    match scope {
        Some("organization") => quote!(scope::Organization),
        Some("project") => quote!(scope::Project),
        Some("user") => quote!(scope::User),
        _ => quote!(scope::Unpinned),
    }
}
