//! Each fact about an author's types, once, in a constant with every token at the type that is at fault.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::expand::{call_at, inputs, kind, lent, scope_type, settled};
use super::model::{Function, Parameter, shown};
use super::validate::Action;
use crate::grammar::ends;
use crate::paths::{at, private, private_at};

/// All checks of an action.
pub(crate) fn checks(action: &Action, function: &Function) -> TokenStream {
    let inputs = input_checks(action, function);
    let lent = lent_checks(action);
    let output = output_check(action, function);
    quote!(#inputs #lent #output)
}

fn input_checks(action: &Action, function: &Function) -> TokenStream {
    let private = private();
    let inputs = inputs(action);
    let kinds: Vec<_> = inputs.iter().map(|(kind, _)| kind).collect();
    let names: Vec<_> = inputs.iter().map(|(_, parameter)| &parameter.name).collect();
    let (function, all) = (function.sig.ident.to_string(), quote!(&[#(#kinds),*]));
    let each = inputs.iter().enumerate().map(|(index, (kind, Parameter { name, ty, .. }))| {
        let text = shown(ty);
        let known = call_at(ty, "must_be_by_value", quote!(#kind, #all, #name, #text));
        let one = (index > 0)
            .then(|| call_at(ty, "must_be_one_input", quote!(#all, &[#(#names),*], #index, #function)));
        // The bound is asked of the type itself only where no better sentence applies.
        let fits = bound_at(
            ty,
            "must_be_input",
            &quote!(#kind.is_else() && #private::is_one(#all)),
            ty,
            &quote!(()),
        );
        quote!(#known #one #fits)
    });
    quote!(#(#each)*)
}

/// `const _: () = must_be_x::<T>();` with its tokens at `place`, where `T` is `asked` if `gate`, else what is `fine`.
fn bound_at(
    place: &Type,
    function: &str,
    gate: &TokenStream,
    asked: &impl ToTokens,
    fine: &TokenStream,
) -> TokenStream {
    let (first, last) = ends(place);
    let private = private_at(first);
    let (first, last) = (at(first), at(last));
    let function = proc_macro2::Ident::new(function, first);
    let end = quote_spanned!(last=> >::T);
    let asked = quote_spanned!(first=> <#private::Gate<{ #gate }> as #private::Or<#asked, #fine> #end);
    let mut parens = Group::new(Delimiter::Parenthesis, TokenStream::new());
    parens.set_span(last);
    let close = quote_spanned!(last=> >);
    quote_spanned!(first=> const _: () = #private::#function::<#asked #close #parens;)
}

fn lent_checks(action: &Action) -> TokenStream {
    let private = private();
    let pin = scope_type(action.scope);
    let each = action.parameters.iter().enumerate().filter(|(_, parameter)| parameter.lent);
    let each = each.enumerate().map(|(position, (index, parameter))| {
        let Parameter { name, ty, .. } = parameter;
        let (kind, text) = (kind(index, parameter), shown(ty));
        let known = call_at(ty, "must_be_lent", quote!(#kind, #name, #text));
        let probe = quote!(#private::LentProbe::<#ty>);
        let action_pin = quote!(#private::pin_of::<#private::scope::#pin>());
        let fits = call_at(ty, "must_fit_pin", quote!(#probe::PINNED, #probe::PIN, #action_pin, #text));
        let earlier = lent(action).take(position).map(|earlier| key_check(earlier, parameter));
        quote!(#known #fits #(#earlier)*)
    });
    quote!(#(#each)*)
}

fn key_check(first: &Parameter, second: &Parameter) -> TokenStream {
    let private = private();
    let (ty, other) = (&second.ty, &first.ty);
    let (text, other_text) = (shown(ty), shown(other));
    let (name, other_name) = (&second.name, &first.name);
    let arguments = quote!(
        #private::LentProbe::<#other>::REQUIREMENT,
        #private::LentProbe::<#ty>::REQUIREMENT,
        (#private::LentProbe::<#other>::IS_CONTEXT, #private::LentProbe::<#ty>::IS_CONTEXT),
        (#other_text, #text),
        (#other_name, #name)
    );
    call_at(ty, "must_share_no_key", arguments)
}

fn output_check(action: &Action, function: &Function) -> TokenStream {
    let private = private();
    let ty = &action.output;
    let (text, name) = (shown(ty), function.sig.ident.to_string());
    let is_result = call_at(ty, "must_be_result", quote!(#private::Returned::<#ty>::IS_RESULT, #name, #text));
    // The types inside a written `Result<T, E>` are where the fault is; of an alias, the whole is.
    let (output, error) = result_arguments(ty);
    let settled = settled(ty);
    let asked = |written: Option<&Type>, half: TokenStream| match written {
        Some(written) => written.to_token_stream(),
        None => quote!(<#settled as #private::Settled>::#half),
    };
    let (asked_output, asked_error) = (asked(output, quote!(Output)), asked(error, quote!(Error)));
    let output = half_check(output.unwrap_or(ty), &asked_output, "must_be_output", &quote!(()));
    let error = half_check(error.unwrap_or(ty), &asked_error, "must_be_error", &quote!(#private::NoError));
    let (place, _) = result_arguments(ty);
    let place = place.unwrap_or(ty);
    let text = shown(place);
    let probe = quote!(#private::OutputProbe::<#asked_output>);
    let read_back =
        call_at(place, "must_be_read_back", quote!(#probe::FITS, #probe::CAN_BE_READ_BACK, #text));
    quote!(#is_result #output #read_back #error)
}

/// One half of the result: no secret, and what `bound` asks.
fn half_check(place: &Type, asked: &TokenStream, bound: &str, fine: &TokenStream) -> TokenStream {
    let private = private();
    let value = quote!(#private::ValueProbe::<#asked>);
    let holds = quote!(
        #value::IS_SECRET || #value::IS_CREDENTIAL || #value::HOLDS_SECRET || #value::HOLDS_CREDENTIAL
    );
    let text = shown(place);
    let secret = call_at(place, "must_not_be_secret", quote!(#holds, #text));
    // A type that can't cross threads is told where the associated type is.
    let gate = quote!(!(#holds) && #private::SendProbe::<#asked>::IS_SEND);
    let fits = bound_at(place, bound, &gate, asked, fine);
    quote!(#secret #fits)
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
