//! From a sound [`Action`] to the unit struct, its `impl Action`, and the checks beside it.
//!
//! Nothing in the `impl` can fail on an author's type (see `keystroke_core::private`); each fact is checked once
//! (`checks`).

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Type};

use super::checks::checks;
use super::model::{Function, Parameter};
use super::validate::Action;
use crate::grammar::ends;
use crate::paths::{at, private, private_at, respan};

/// The whole expansion beside the author's function.
pub(crate) fn expand(action: &Action, function: &Function) -> TokenStream {
    let handle = handle(action, function);
    let private = private();
    let import = action.facade.import();
    let kinds = kinds(action);
    let implementation = implementation(action, function);
    let value = plain_value(&action.handle);
    let checks = checks(action, function);
    let cfgs: Vec<&Attribute> = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    quote! {
        #handle

        #(#cfgs)*
        #[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery, reason = "generated")]
        const _: () = {
            #import
            #[allow(unused_imports, reason = "generated")]
            use #private::{
                ErrorRest as _, InputRest as _, LentRest as _, OutputRest as _, ReturnedRest as _, SendRest as _,
                ValueRest as _,
            };

            #kinds
            #implementation
            #value
            #checks
        };
    }
}

/// The action's value: a unit struct with the function's visibility, docs and `#[cfg]`s.
fn handle(action: &Action, function: &Function) -> TokenStream {
    let attrs = function
        .attrs
        .iter()
        .filter(|attr| ["doc", "cfg", "deprecated"].iter().any(|kept| attr.path().is_ident(kept)));
    let docs = (!super::model::is_documented(&function.attrs)).then(|| {
        let text = &action.description;
        quote!(#[doc = #text])
    });
    let item = unit_struct(&action.handle, &function.vis);
    quote! {
        #(#attrs)*
        #docs
        #[allow(dead_code, unreachable_pub, reason = "the function tells whether the action is used")]
        #item
    }
}

/// `pub struct Search;`. The name alone stands in the author's function: where an item begins, the compiler puts what it
/// suggests to add, such as `#[derive(PartialEq)]`.
pub(crate) fn unit_struct(handle: &Ident, vis: &syn::Visibility) -> TokenStream {
    let vis = respan(vis.to_token_stream(), Span::call_site());
    quote!(#vis struct #handle;)
}

/// What generic code asks of a value. Not by derives: they would take over the struct's `allow(dead_code)`, and with it no
/// unused action would be told.
pub(crate) fn plain_value(handle: &Ident) -> TokenStream {
    let name = handle.to_string().replace("r#", "");
    quote! {
        impl ::core::clone::Clone for #handle {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }
        impl ::core::marker::Copy for #handle {}
        impl ::core::default::Default for #handle {
            #[inline]
            fn default() -> Self {
                Self
            }
        }
        impl ::core::fmt::Debug for #handle {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(#name)
            }
        }
    }
}

/// What the types of the parameters are, each told once: `__LENT_0`, `__VALUE_1`.
fn kinds(action: &Action) -> TokenStream {
    let private = private();
    let each = action.parameters.iter().enumerate().map(|(index, parameter)| {
        let (kind, ty) = (kind(index, parameter), &parameter.ty);
        if parameter.lent {
            let probe = quote!(#private::LentProbe::<#ty>);
            quote! {
                const #kind: #private::LentKind = #private::LentKind::of(
                    #probe::REQUIREMENT.is_some(),
                    #probe::IS_CONTEXT,
                    #probe::IS_SECRET,
                    #probe::IS_OPTION,
                    #probe::IS_PINNED,
                    #probe::IS_CONNECTION,
                    #private::InputProbe::<#ty>::FITS,
                );
            }
        } else {
            let probe = quote!(#private::ValueProbe::<#ty>);
            quote! {
                const #kind: #private::ValueKind = #private::ValueKind::of(
                    #probe::IS_CREDENTIAL,
                    #probe::IS_CONTEXT,
                    #probe::IS_SECRET,
                    #probe::IS_SHARED,
                    #probe::IS_REFERENCE,
                    #probe::IS_OPTION,
                    #probe::IS_SCALAR,
                );
            }
        }
    });
    quote!(#(#each)*)
}

/// The constant that tells what a parameter's type is.
pub(crate) fn kind(index: usize, parameter: &Parameter) -> Ident {
    if parameter.lent { format_ident!("__LENT_{index}") } else { format_ident!("__VALUE_{index}") }
}

/// The parameters that could be the input, with their constants. More than one is a mistake.
pub(crate) fn inputs(action: &Action) -> Vec<(Ident, &Parameter)> {
    let each = action.parameters.iter().enumerate().filter(|(_, parameter)| !parameter.lent);
    each.map(|(index, parameter)| (kind(index, parameter), parameter)).collect()
}

fn implementation(action: &Action, function: &Function) -> TokenStream {
    let Action { handle, slug, description, scope, read_only, destructive, idempotent, .. } = action;
    let private = private();
    let input = input_type(action);
    let (output, error) = output_types(action);
    let pin = scope_type(*scope);
    let pin = quote!(#private::scope::#pin);
    let lent: Vec<&Type> = lent(action).map(|parameter| &parameter.ty).collect();
    // A pinned action's credentials agree with it, or its own check fails; so they add no pin of their own.
    let credential_pins = if scope.is_some() {
        quote!(0)
    } else {
        quote!(#private::pins(&[#(#private::LentProbe::<#lent>::PIN),*]))
    };
    let name = action.name.as_ref().map(|name| quote!(const NAME: &'static ::core::primitive::str = #name;));
    let codec_input = if inputs(action).is_empty() {
        quote!(#private::NO_INPUT)
    } else {
        quote!(#private::InputProbe::<Self::Input>::PARTS)
    };
    let check = action.validate.map(|span| {
        // The input's type at the key, which is what asks something of it.
        let (private, input) = (private_at(span), respan(input.clone(), at(span)));
        quote_spanned!(at(span)=> .with_check(#private::validate::<#input>))
    });
    let execute = execute(action, function);
    let input_item = match inputs(action).first() {
        Some((_, Parameter { ty, .. })) => associated("Input", ty, ty, &input),
        None => quote!(
            type Input = ();
        ),
    };
    quote! {
        impl #private::Action for #handle {
            #input_item
            #output
            #error
            type Pin = #pin;
            type CredentialPins = <#private::PinSet<{ #credential_pins }> as #private::ToPin>::Pin;
            type Need = <#private::Needs<{
                #private::pins(&[#private::pin_of::<#pin>(), #(#private::LentProbe::<#lent>::PIN),*]) & 4 != 0
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
    let private = private();
    let output = &action.output;
    let inputs = inputs(action);
    let several = inputs.len() > 1;
    let arguments = action.parameters.iter().map(|parameter| match (parameter.lent, several) {
        (true, _) => quote!(#private::lend(lent)),
        (false, false) => quote!(input),
        (false, true) => quote!(#private::absent()),
    });
    let input = if inputs.len() == 1 { quote!(input) } else { quote!(_input) };
    let lent = if lent(action).next().is_some() { quote!(lent) } else { quote!(_lent) };
    // The compiler merges what it says of the call and of the return type only if both stand at one place.
    let span = at(function.sig.asyncness.map_or_else(Span::call_site, |token| token.span));
    let types = inputs.iter().map(|(_, parameter)| &parameter.ty);
    let kinds = action.parameters.iter().enumerate().filter(|(_, parameter)| parameter.lent);
    let kinds = kinds.map(|(index, parameter)| kind(index, parameter));
    // What is asked of the future is asked only where all its arguments are sound.
    let sound = quote!(true #(&& #private::SendProbe::<#types>::IS_SEND)* #(&& #kinds.is_sound())*);
    let private_here = private_at(span);
    let send = quote_spanned!(span=> #private_here::ActionFuture::<{ #sound }>::must_be_send);
    let mut name = function.sig.ident.clone();
    name.set_span(span);
    let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#(#arguments),*));
    arguments.set_span(span);
    let mut parens = Group::new(Delimiter::Parenthesis, quote!(#name #arguments));
    parens.set_span(span);
    let mut settled = Group::new(Delimiter::Parenthesis, quote!(#send #parens));
    settled.set_span(span);
    let settle = quote_spanned!(span=> #private_here::Returned::<#output>::settle #settled);
    let future = quote_spanned! {span=>
        impl ::core::future::Future<Output = ::core::result::Result<Self::Output, Self::Error>> + ::core::marker::Send
    };
    quote! {
        fn execute(&self, #input: Self::Input, #lent: &#private::Invocation) -> #future {
            #settle
        }
    }
}

/// The input: the one by-value parameter, or, where there are more, the first that could be it.
fn input_type(action: &Action) -> TokenStream {
    let private = private();
    let mut inputs = inputs(action).into_iter().rev();
    let Some((_, last)) = inputs.next() else { return quote!(()) };
    inputs.fold(last.ty.to_token_stream(), |rest, (kind, Parameter { ty, .. })| {
        quote!(<#private::Gate<{ #kind.may_be_input() }> as #private::Or<#ty, #rest>>::T)
    })
}

/// What the function returns, or a result that stands for it.
pub(crate) fn settled(output: &Type) -> TokenStream {
    let (first, last) = ends(output);
    let private = private_at(first);
    let (first, last) = (at(first), at(last));
    let result = quote_spanned!(last=> ::core::result::Result<(), #private::NoError>>>::T);
    quote_spanned!(first=> <#private::Gate<{ #private::Returned::<#output>::IS_RESULT }> as #private::Or<#output, #result)
}

/// `type Output` and `type Error`, each at the type it comes from.
fn output_types(action: &Action) -> (TokenStream, TokenStream) {
    let private = private();
    let settled = settled(&action.output);
    let (output, error) = super::checks::result_arguments(&action.output);
    let half = |written: Option<&Type>, name: &str| {
        let half = format_ident!("{name}");
        // Both names stand at the whole result, so that what is private in it is told once.
        let ty = &quote!(<#settled as #private::Settled>::#half);
        associated(name, &action.output, written.unwrap_or(&action.output), ty)
    };
    (half(output, "Output"), half(error, "Error"))
}

/// `type Name = …;`, the name at `place` and the type at `from`: what the compiler says of each, it says there.
fn associated(name: &str, place: &Type, from: &Type, ty: &TokenStream) -> TokenStream {
    let (first, last) = ends(place);
    let (first, last) = (at(first), at(last));
    let name = Ident::new(name, last);
    let (header, semi) = (quote_spanned!(first=> type #name =), quote_spanned!(last=> ;));
    let (first, last) = ends(from);
    let ty = respan_ours(ty, at(first), at(last));
    quote!(#header #ty #semi)
}

/// A type of ours at a place: its first token begins there and its last ends there; a type as written stays.
fn respan_ours(ty: &TokenStream, first: Span, last: Span) -> TokenStream {
    let mut tokens: Vec<_> = ty.clone().into_iter().collect();
    if tokens.first().is_some_and(|token| matches!(token, proc_macro2::TokenTree::Punct(_))) {
        tokens.iter_mut().take(1).for_each(|token| token.set_span(first));
        tokens.iter_mut().rev().take(1).for_each(|token| token.set_span(last));
    }
    tokens.into_iter().collect()
}

/// The parameters that are lent.
pub(crate) fn lent(action: &Action) -> impl Iterator<Item = &Parameter> {
    action.parameters.iter().filter(|parameter| parameter.lent)
}

/// A check's call, with its first tokens at the type's first token and its parentheses at the last, so that the caret
/// falls on the type alone.
pub(crate) fn call_at(ty: &impl ToTokens, function: &str, arguments: TokenStream) -> TokenStream {
    let (first, last) = ends(ty);
    let private = private_at(first);
    let (first, last) = (at(first), at(last));
    let function = Ident::new(function, first);
    let mut parens = Group::new(Delimiter::Parenthesis, arguments);
    parens.set_span(last);
    quote_spanned!(first=> const _: () = #private::#function #parens;)
}

/// The name of a scope's type.
pub(crate) fn scope_type(scope: Option<&str>) -> TokenStream {
    match scope {
        Some("organization") => quote!(Organization),
        Some("project") => quote!(Project),
        Some("user") => quote!(User),
        _ => quote!(Unpinned),
    }
}
