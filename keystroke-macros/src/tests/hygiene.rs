//! No generated path can mean something else in an author's module.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::Visit;

use super::golden::all;

/// Finds what depends on the scope it stands in.
#[derive(Default)]
struct Loose(Vec<String>);

/// Names that a prelude brings in, or that a module of that name would hide.
const LOOSE: &[&str] = &[
    "core",
    "std",
    "alloc",
    "keystroke",
    "Option",
    "Some",
    "None",
    "Result",
    "Ok",
    "Err",
    "Vec",
    "String",
    "Box",
    "Default",
    "Clone",
    "Copy",
    "Into",
    "From",
    "Send",
    "Sync",
    "Sized",
    "Fn",
    "FnMut",
    "FnOnce",
    "Iterator",
    "ToString",
    "Debug",
    "bool",
    "str",
    "char",
    "u8",
    "u16",
    "u32",
    "u64",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "f32",
    "f64",
    "drop",
];

/// Inherent methods, which no trait in scope can change.
const INHERENT: &[&str] = &[
    "add",
    "build",
    "merge",
    "scope",
    "debug_struct",
    "field",
    "finish",
    "write_str",
    "is_some",
    "is_sound",
    "is_state",
    "is_else",
    "may_be_input",
    "with_check",
];

impl<'ast> Visit<'ast> for Loose {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let first = path.segments.first().map(|first| first.ident.to_string()).unwrap_or_default();
        if path.leading_colon.is_none() && LOOSE.contains(&first.as_str()) {
            self.0.push(quote::quote!(#path).to_string());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if !INHERENT.iter().any(|known| call.method == known) {
            self.0.push(format!(".{}()", call.method));
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_use_glob(&mut self, _: &'ast syn::UseGlob) {
        self.0.push("a glob import".to_owned());
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.0.push(format!("the module `{}`", item.ident));
    }

    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        // `use ::keystroke::…`: the colons stand on the item.
        syn::visit::visit_use_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let first = match &item.tree {
            syn::UseTree::Path(path) => path.ident.to_string(),
            _ => String::new(),
        };
        if item.leading_colon.is_none() && first != "__keystroke" {
            self.0.push(format!("use {first}::…"));
        }
        syn::visit::visit_item_use(self, item);
    }
}

/// The author's item has one body; everything after it is ours.
fn without_bodies(tokens: TokenStream) -> TokenStream {
    let mut first = true;
    let each = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) if first && group.delimiter() == Delimiter::Brace => {
            first = false;
            if group.stream().to_string().contains("body") {
                TokenTree::Group(proc_macro2::Group::new(Delimiter::Brace, TokenStream::new()))
            } else {
                TokenTree::Group(group)
            }
        }
        other => other,
    });
    each.collect()
}

#[test]
fn no_generated_path_depends_on_what_is_in_scope() {
    for (name, tokens) in all() {
        let mut loose = Loose::default();
        if name == "list" {
            loose.visit_expr(&syn::parse2(tokens).expect("an expression"));
        } else {
            loose.visit_file(&syn::parse2(without_bodies(tokens)).expect("items"));
        }
        assert!(loose.0.is_empty(), "{name}: {:?}", loose.0);
    }
}

#[test]
fn the_visitor_finds_what_is_loose() {
    let loose = |text: &str| {
        let mut loose = Loose::default();
        loose.visit_file(&syn::parse_str(text).expect("items"));
        loose.0.len()
    };
    assert_eq!(loose("const _: Option<u8> = None;"), 3);
    assert_eq!(loose("fn f() -> ::core::primitive::u8 { g.into() }"), 1);
    assert_eq!(loose("use a::*;"), 2);
    assert_eq!(
        loose("const _: ::core::option::Option<::core::primitive::u8> = ::core::option::Option::None;"),
        0
    );
}
