//! The function as written: its parts, with the body left as tokens. Only the signature is read.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Visibility};

use crate::syntax::Advice;

/// How messages name an attribute and what it makes of a function.
pub(crate) struct Subject {
    /// `action`: the attribute's name, and the noun of what it makes.
    pub(crate) name: &'static str,
    /// `an action`
    pub(crate) one: &'static str,
    /// The advice for a parameter that borrows.
    pub(crate) of_parameter: Advice<'static>,
}

impl Subject {
    /// Of `self`.
    pub(crate) fn no_self(&self) -> String {
        let one = self.one;
        format!("{one} cannot take `self`; make it a free function and take shared state as `&State<T>`")
    }
}

/// A function whose body is not read.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: TokenStream,
}

impl Function {
    /// Whether it is more than a signature.
    pub(crate) fn has_body(&self) -> bool {
        !matches!(self.body.clone().into_iter().next(), None | Some(TokenTree::Punct(_)))
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attrs, vis, sig, body } = self;
        attrs.iter().for_each(|attr| attr.to_tokens(tokens));
        vis.to_tokens(tokens);
        sig.to_tokens(tokens);
        body.to_tokens(tokens);
    }
}
