//! `toolset![Search, Post.scope(User)]`: a list of actions, built entry by entry, with equal slugs found while
//! compiling.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use crate::errors::Errors;
use crate::grammar::ends;
use crate::paths::{Facade, respan};

/// The expansion. `input` is the facade's path in a group, set by the `macro_rules` around this, then the entries.
pub(crate) fn toolset(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut input = input.into_iter();
    let facade = match input.next() {
        Some(TokenTree::Group(path)) => Facade::new(path.stream()),
        _ => Facade::default(),
    };
    let entries = match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(input.collect()) {
        Ok(entries) => entries,
        Err(error) => return error.to_compile_error(),
    };
    let mut named: Vec<&syn::ExprPath> = Vec::new();
    let mut checks = Vec::new();
    for entry in &entries {
        let Some(action) = action_of(entry, &mut errors) else { continue };
        checks.extend(named.iter().map(|earlier| same_slug(&facade, earlier, action)));
        named.push(action);
    }
    if !errors.is_empty() {
        let errors = errors.into_tokens();
        return quote!({ #errors });
    }
    let toolset = facade.item(&quote!(Toolset));
    let adds = entries.iter().map(|entry| {
        // At the entry, so that a bound that it misses is told there.
        let (span, _) = ends(entry);
        let add = quote_spanned!(span=> .add);
        let mut parens = Group::new(proc_macro2::Delimiter::Parenthesis, entry.to_token_stream());
        parens.set_span(span);
        quote!(#add #parens)
    });
    quote!({ #(#checks)* #toolset::builder() #(#adds)* .build() })
}

/// The action behind an entry that is a path to one, or such a path with one `.scope(S)`. Other expressions are left
/// to the builder.
fn action_of<'e>(entry: &'e Expr, errors: &mut Errors) -> Option<&'e syn::ExprPath> {
    match entry {
        Expr::Path(path) => {
            let last = path.path.segments.last()?;
            let name = last.ident.to_string();
            if name.starts_with(char::is_uppercase) {
                return Some(path);
            }
            // A single lower-case word may be a variable that holds an action, so a function is the compiler's to tell.
            if path.path.segments.len() > 1 {
                let action = crate::action::handle_name(&last.ident);
                errors.at(path, format!("`{name}` is a function; list the action `{action}`"));
            }
            None
        }
        Expr::MethodCall(call) if call.method == "scope" => action_of(&call.receiver, errors),
        _ => None,
    }
}

fn same_slug(facade: &Facade, first: &syn::ExprPath, second: &syn::ExprPath) -> TokenStream {
    let (start, end) = ends(second);
    let private = facade.private_at(start);
    let action = facade.item(&quote!(Action));
    let function = respan(format_ident!("must_share_no_slug").to_token_stream(), start);
    let colons = quote_spanned!(start=> ::);
    let arguments = quote!(<#first as #action>::SLUG, <#second as #action>::SLUG);
    let mut parens = Group::new(proc_macro2::Delimiter::Parenthesis, arguments);
    parens.set_span(end);
    quote!(const _: () = #private #colons #function #parens;)
}
