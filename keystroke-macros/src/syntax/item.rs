//! Items that bear an attribute meant for another kind of item.

use proc_macro2::Span;
use quote::ToTokens;
use syn::Item;

use crate::spans::SpanRange;

/// What kind of item it is, and where that is said.
pub(crate) fn keyword(item: &Item) -> (Span, &'static str) {
    match item {
        Item::Struct(item) => (item.struct_token.span, "struct"),
        Item::Enum(item) => (item.enum_token.span, "enum"),
        Item::Union(item) => (item.union_token.span, "union"),
        Item::Trait(item) => (item.trait_token.span, "trait"),
        Item::TraitAlias(item) => (item.trait_token.span, "trait"),
        Item::Impl(item) => (item.impl_token.span, "impl"),
        Item::Mod(item) => (item.mod_token.span, "mod"),
        Item::Const(item) => (item.const_token.span, "const"),
        Item::Static(item) => (item.static_token.span, "static"),
        Item::Type(item) => (item.type_token.span, "type"),
        Item::Use(item) => (item.use_token.span, "use"),
        Item::ExternCrate(item) => (item.extern_token.span, "extern crate"),
        Item::ForeignMod(item) => (item.abi.extern_token.span, "extern"),
        Item::Fn(item) => (item.sig.fn_token.span, "fn"),
        other => (SpanRange::of(&other.to_token_stream()).first, ""),
    }
}
