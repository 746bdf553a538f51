//! Where an attribute stands, what is mended beside an error, and how an expansion is printed.

use super::tokens;
use crate::mend::{lifetimes, owned_type};
use crate::print::pretty;
use crate::site::{Form, Site};

#[test]
fn the_form_of_an_attribute_is_read_from_its_text() {
    let form = |text: &str| Site { text: Some(text.to_owned()), ..Site::default() }.form();
    assert_eq!(form("#[action]"), Form::Sound);
    assert_eq!(form("#[action(slug = \"a\")]"), Form::Sound);
    assert_eq!(form("# [ keystroke :: action ( ) ]"), Form::Empty);
    assert_eq!(form("#[action{slug = \"a\"}]"), Form::Braces);
    assert_eq!(form("#[action[]]"), Form::Brackets);
    assert_eq!(form("#[action = \"a\"]"), Form::Equals);
    assert_eq!(form("cfg_attr(a, action())"), Form::Sound);
    assert_eq!(Site::default().form(), Form::Sound);
}

#[test]
fn derives_above_are_found_and_those_of_other_items_are_not() {
    let above = |before: &str| Site { before: Some(before.to_owned()), ..Site::default() }.derives_above();
    assert_eq!(above("struct A;\n#[derive(Clone, serde::Serialize)]\n"), ["Clone", "Serialize"]);
    assert_eq!(above("#[derive(\n    Clone,\n)]\n// why\n/// Docs.\n#[cfg(a)]\n"), ["Clone"]);
    assert_eq!(above("#[derive(Clone)] "), ["Clone"]);
    assert!(above("#[derive(Clone)]\nstruct A;\n").is_empty());
    assert!(above("#[derive(Clone)]\nstruct A { b: [u8; 1] }\n\n").is_empty());
    assert!(above("").is_empty() && above("]").is_empty() && above("[a]").is_empty());
    assert!(Site::default().derives_above().is_empty());
}

#[test]
fn borrows_become_static_and_what_is_not_nameable_becomes_unit() {
    let owned = |ty: &str| {
        let generics = [quote::format_ident!("T")];
        owned_type(&syn::parse_str(ty).expect("a type"), &generics).to_string().replace(' ', "")
    };
    assert_eq!(owned("Vec<&str>"), "Vec<&'staticstr>");
    assert_eq!(owned("A<'_, 'a>"), "A<'static,'static>");
    assert_eq!(owned("(&A, &'b mut B)"), "(&'staticA,&'staticmutB)");
    for unnameable in ["T", "Vec<T>", "impl A", "Self", "_", "!", "*const A", "(A, [T; 1])"] {
        assert_eq!(owned(unnameable), "()", "{unnameable}");
    }
    let kept = lifetimes(tokens("&'a A<'b>, &C"), &|name| (name == "b").then_some("_"));
    assert_eq!(kept.to_string().replace(' ', ""), "&'aA<'_>,&C");
}

#[test]
fn an_expansion_is_printed_a_line_for_each_statement() {
    let text = pretty(&tokens(
        "pub struct A; impl B for A { const C: &'static str = \"c\"; fn d() { e(1, [2]); } }",
    ));
    assert!(text.lines().count() > 6, "{text}");
    let again: proc_macro2::TokenStream = text.parse().expect("still Rust");
    assert!(syn::parse2::<syn::File>(again).is_ok(), "{text}");
}
