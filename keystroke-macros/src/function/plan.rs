//! From a sound [`Declaration`] to what every expansion of it takes, worked out once: for each author's type the place
//! where messages point, its text, and the names under which generated code asks what it is.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;

use super::parameters::Parameter;
use super::validate::Declaration;
use crate::emit::{private, private_at};
use crate::spans::SpanRange;
use crate::syntax::{Passing, owned_type, result_arguments, shown};

pub(crate) struct Plan {
    /// In the function's order.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) input: Input,
    pub(crate) returned: Returned,
}

/// What the function takes by value.
pub(crate) struct Input {
    /// Its type: `()` if there is none.
    pub(crate) ty: TokenStream,
    /// `type Input = …;`
    pub(crate) item: TokenStream,
}

/// A parameter of the function.
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) passing: Passing,
    /// The type; of what is lent, the one behind the `&`.
    pub(crate) ty: Type,
    /// The type as messages show it.
    pub(crate) text: String,
    pub(crate) at: SpanRange,
    /// The constant that says what the type is: `__LENT_0`, `__VALUE_1`.
    pub(crate) kind: Ident,
    /// What is asked of the type: `LentProbe::<T>`, `ValueProbe::<T>`.
    pub(crate) probe: TokenStream,
    /// What is asked of an `Option` as written: `OptionProbe::<Option<&'static T>>`.
    pub(crate) option: TokenStream,
}

impl Argument {
    /// The requirement that it brings, if it is a credential.
    pub(crate) fn requirement(&self) -> TokenStream {
        let (private, probe) = (private(), &self.probe);
        match self.passing {
            Passing::Optional => quote!(#private::optional(#probe::REQUIREMENT)),
            _ => quote!(#probe::REQUIREMENT),
        }
    }
}

/// What the function returns.
pub(crate) struct Returned {
    pub(crate) ty: Type,
    pub(crate) text: String,
    pub(crate) at: SpanRange,
    pub(crate) output: Half,
    pub(crate) error: Half,
}

/// `T` or `E` of the result. The types inside a written `Result<T, E>` are where a fault is; of an alias, the whole is.
pub(crate) struct Half {
    /// The type as checks name it.
    pub(crate) ty: TokenStream,
    pub(crate) text: String,
    pub(crate) at: SpanRange,
    /// `type Output = …;`, `type Error = …;`
    pub(crate) item: TokenStream,
}

impl Plan {
    pub(crate) fn of(declaration: &Declaration) -> Self {
        let arguments: Vec<Argument> =
            declaration.parameters.iter().enumerate().map(|(index, each)| argument(index, each)).collect();
        Self { input: input(&arguments), arguments, returned: returned(&declaration.output) }
    }

    /// The arguments that could be the input. More than one is a mistake.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| argument.passing == Passing::Owned)
    }

    /// Those that borrow, the optional ones included.
    pub(crate) fn lent(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| argument.passing != Passing::Owned)
    }
}

fn argument(index: usize, Parameter { name, ty, written, passing }: &Parameter) -> Argument {
    let private = private();
    let (kind, probe) = match passing {
        Passing::Owned => (format_ident!("__VALUE_{index}"), quote!(#private::ValueProbe::<#ty>)),
        _ => (format_ident!("__LENT_{index}"), quote!(#private::LentProbe::<#ty>)),
    };
    let written = owned_type(written, &[]);
    Argument {
        name: name.clone(),
        passing: *passing,
        ty: ty.clone(),
        text: shown(ty),
        at: SpanRange::of(ty),
        kind,
        probe,
        option: quote!(#private::OptionProbe::<#written>),
    }
}

/// The one by-value parameter, or, where there are more, the first that could be the input.
fn input(arguments: &[Argument]) -> Input {
    let private = private();
    let inputs: Vec<&Argument> =
        arguments.iter().filter(|argument| argument.passing == Passing::Owned).collect();
    let (Some(first), Some((last, others))) = (inputs.first(), inputs.split_last()) else {
        let item = quote!(
            type Input = ();
        );
        return Input { ty: quote!(()), item };
    };
    let ty = others.iter().rev().fold(last.ty.to_token_stream(), |rest, Argument { kind, ty, .. }| {
        quote!(<#private::Gate<{ #kind.may_be_input() }> as #private::Or<#ty, #rest>>::T)
    });
    Input { item: associated("Input", first.at, first.at, &ty), ty }
}

fn returned(ty: &Type) -> Returned {
    let private = private();
    let (text, at) = (shown(ty), SpanRange::of(ty));
    let settled = settled(ty, at);
    let (output, error) = result_arguments(ty);
    let half = |name: &str, written: Option<&Type>| {
        let ident = format_ident!("{name}");
        let part = quote!(<#settled as #private::Settled>::#ident);
        let (of, text) = match written {
            Some(written) => (SpanRange::of(written), shown(written)),
            None => (at, text.clone()),
        };
        // Both names stand at the whole result, so that a private type in it is told once.
        let item = associated(name, at, of, &part);
        Half { ty: written.map_or(part, ToTokens::to_token_stream), text, at: of, item }
    };
    let (output, error) = (half("Output", output), half("Error", error));
    Returned { ty: ty.clone(), text, at, output, error }
}

/// What a function returns, or a result that stands for it.
pub(super) fn settled(output: &impl ToTokens, range: SpanRange) -> TokenStream {
    let private = private_at(range.first);
    let (first, last) = range.ours();
    let result = quote_spanned!(last=> ::core::result::Result<(), #private::NoError>>>::T);
    quote_spanned!(first=> <#private::Gate<{ #private::Returned::<#output>::IS_RESULT }> as #private::Or<#output, #result)
}

/// `type Name = …;`, the name at `place` and the type at `from`: what the compiler says of each, it says there.
fn associated(name: &str, place: SpanRange, from: SpanRange, ty: &TokenStream) -> TokenStream {
    let (first, last) = place.ours();
    let name = Ident::new(name, last);
    let (header, semi) = (quote_spanned!(first=> type #name =), quote_spanned!(last=> ;));
    let ty = respan_ours(ty, from);
    quote!(#header #ty #semi)
}

/// A type of ours at a place: its first token begins there and its last ends there; a type as written stays.
fn respan_ours(ty: &TokenStream, range: SpanRange) -> TokenStream {
    let (first, last) = range.ours();
    let mut tokens: Vec<TokenTree> = ty.clone().into_iter().collect();
    if tokens.first().is_some_and(|token| matches!(token, TokenTree::Punct(_))) {
        tokens.iter_mut().take(1).for_each(|token| token.set_span(first));
        tokens.iter_mut().rev().take(1).for_each(|token| token.set_span(last));
    }
    tokens.into_iter().collect()
}
