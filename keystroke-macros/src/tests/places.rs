//! Where an attribute stands, what is mended beside an error, and how an expansion is printed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::{action, credential, errors, tokens};
use crate::grammar::ends;
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
    let again: TokenStream = text.parse().expect("still Rust");
    assert!(syn::parse2::<syn::File>(again).is_ok(), "{text}");
}

#[test]
fn a_stretch_runs_from_its_first_token_to_its_last_with_invisible_groups_opened() {
    let columns = |tokens: TokenStream| {
        let (first, last) = ends(&tokens);
        (first.start().column, last.start().column)
    };
    assert_eq!(columns(tokens("Vec < u8 >")), (0, 9));
    assert_eq!(columns(tokens("( A , B )")), (0, 8));
    let invisible = Group::new(Delimiter::None, tokens("  a . b"));
    assert_eq!(columns(TokenTree::Group(invisible).into()), (2, 6));
}

/// The column of each `compile_error!`.
fn columns(tokens: TokenStream) -> Vec<usize> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if ident == "compile_error" => found.push(ident.span().start().column),
            TokenTree::Group(group) => found.extend(columns(group.stream())),
            _ => {}
        }
    }
    found
}

#[test]
fn an_error_falls_on_the_value_at_fault_and_without_one_on_the_key() {
    let at = |attribute: &str| {
        let item = tokens("struct A { token: S }");
        columns(crate::credential::credential(tokens(attribute), item, &Site::default()))
    };
    assert_eq!(at("key = \"a\", validate = 3"), [22]);
    assert_eq!(at("key = \"a\", validate"), [11]);
    assert_eq!(
        at("key = \"a\", kind = oauth, oauth_scopes = 3"),
        [40, 11],
        "and the field that OAuth has not"
    );
}

#[test]
fn what_is_quoted_and_no_path_is_told_what_a_path_is() {
    let f = "/// D.\nasync fn f() -> Result<(), E> {}";
    let found = action("slug = \"a\", crate = \"a b\"", f);
    assert!(matches!(found.as_slice(), [one] if one.contains("must be a path")), "{found:?}");
    let found = action("slug = \"a\", crate = \"::a\"", f);
    assert!(matches!(found.as_slice(), [one] if one.contains("write `::a` without quotes")), "{found:?}");
}

#[test]
fn a_check_of_no_input_has_no_effect() {
    let found = action("slug = \"a\", validate", "/// D.\nasync fn f(exa: &Exa) -> Result<(), E> {}");
    assert!(matches!(found.as_slice(), [one] if one.contains("`validate` has no effect")), "{found:?}");
    let found = action("slug = \"a\", validate", "/// D.\nasync fn f(a: A) -> Result<(), E> {}");
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn fields_are_not_judged_by_a_kind_that_is_none() {
    let item = "struct A { a: S, #[field(name = \"a\")] b: S }";
    let found = credential("key = \"a\", kind = oath", item);
    assert!(matches!(found.as_slice(), [one] if one.contains("unknown kind `oath`")), "{found:?}");
    assert!(credential("key = \"a\"", item).iter().any(|error| error.contains("used twice")));
}

#[test]
fn what_the_compiler_refuses_in_a_type_is_left_to_it_and_not_written_again() {
    for ty in ["_", "Vec<_>", "!"] {
        let item = tokens(&format!("/// D.\nasync fn f(a: {ty}) -> Result<(), E> {{}}"));
        let expanded = crate::action::action(tokens("slug = \"a\""), item, &Site::default());
        assert_eq!(errors(expanded.clone()), Vec::<String>::new());
        assert!(!expanded.to_string().contains("must_be_input"), "{ty}: {expanded}");
    }
}
