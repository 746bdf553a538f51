//! The list as code: a builder, an entry added by each statement, and the checks of the slugs beside it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ExprPath;

use super::entry::Entry;
use crate::diagnostics::Errors;
use crate::emit::{Facade, call, private};
use crate::spans::SpanRange;

/// The whole expression. What is sound is built beside an error, so that uses of the list add no error.
pub(super) fn expand(entries: &[Entry], facade: &Facade, errors: Errors) -> TokenStream {
    let (import, private) = (facade.import(), private());
    let checks = slug_checks(entries);
    // A statement each, because an entry may be conditional. The name is hygienic.
    let list = Ident::new("list", Span::mixed_site());
    let adds = entries.iter().map(|Entry { attrs, action, written }| {
        // At the entry, so that the compiler points there at a bound that it misses.
        let span = SpanRange::of(written).first;
        let add = if action.is_some() { quote_spanned!(span=> .add) } else { quote_spanned!(span=> .merge) };
        let mut parens = Group::new(Delimiter::Parenthesis, written.to_token_stream());
        parens.set_span(span);
        quote!(#(#attrs)* let #list = #list #add #parens;)
    });
    let errors = errors.into_tokens();
    let checks = quote! {
        #[allow(deprecated, reason = "told where the entry is added")]
        const _: () = { #import #checks };
    };
    let builder = quote!(let #list = { #import #private::Toolset::builder() };);
    quote!({ #errors #checks #builder #(#adds)* #list.build() })
}

/// Compares the slug of each entry with those before it, which are listed once: comparing each entry with each would be
/// quadratic code. The slugs are asked of the values, so that an entry that is not an action is one error, at the entry.
fn slug_checks(entries: &[Entry]) -> TokenStream {
    let actions: Vec<(&Entry, &ExprPath)> =
        entries.iter().filter_map(|entry| Some((entry, entry.action.as_ref()?))).collect();
    if actions.len() < 2 {
        return TokenStream::new();
    }
    let slugs = actions.iter().map(|(entry, action)| {
        let slug = call(SpanRange::of(action), "slug_of", quote!(&#action));
        let conditions: Vec<_> = entry.conditions().collect();
        // A conditional entry that is left out keeps its place, so that the others keep theirs.
        let holds = conditions.iter().filter_map(|attr| Some(&attr.meta.require_list().ok()?.tokens));
        let otherwise = (!conditions.is_empty()).then(|| quote!(, #[cfg(not(all(#(#holds),*)))] ""));
        quote!(#(#conditions)* #slug #otherwise)
    });
    let checks = actions.iter().enumerate().skip(1).map(|(index, (entry, action))| {
        let check = call(SpanRange::of(action), "must_share_no_slug", quote!(__SLUGS, #index));
        let conditions = entry.conditions();
        quote!(#(#conditions)* const _: () = #check;)
    });
    quote!(const __SLUGS: &[&::core::primitive::str] = &[#(#slugs),*]; #(#checks)*)
}
