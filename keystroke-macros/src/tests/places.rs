//! Where an attribute stands, what is mended beside an error, and how an expansion is printed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::{action, credential, errors, tokens};
use crate::location::{Form, Place, Site, Source};
use crate::print::pretty;
use crate::spans::SpanRange;
use crate::syntax::{lifetimes, owned_type};

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
    let above = |before: &str| {
        let line = before.split('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let source = Source::split(&format!("{before}#[a]"), line, column);
        assert!(source.is_some(), "{before}");
        Site { source, ..Site::default() }.derives_above()
    };
    assert_eq!(above("struct A;\n#[derive(Clone, serde::Serialize)]\n"), ["Clone", "Serialize"]);
    assert_eq!(above("#[derive(\n    Clone,\n)]\n// why\n/// Docs.\n#[cfg(a)]\n"), ["Clone"]);
    assert_eq!(above("#[derive(Clone)] "), ["Clone"]);
    assert!(above("#[derive(Clone)]\nstruct A;\n").is_empty());
    assert!(above("#[derive(Clone)]\nstruct A { b: [u8; 1] }\n\n").is_empty());
    assert!(above("").is_empty() && above("]").is_empty() && above("[a]").is_empty());
    assert!(Site::default().derives_above().is_empty());
}

/// The source with the attribute where `@` stands.
fn source(text: &str) -> Source {
    let (before, after) = text.split_once('@').expect("a place");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Source::split(&format!("{before}{after}"), line, column).expect("it is there")
}

#[test]
fn a_place_is_told_from_the_block_around_it_whatever_the_column() {
    let implementation = Place::Associated("`impl` block");
    let table = [
        ("@fn f() {}", Place::Free),
        ("impl A {\n@fn f() {}\n}", implementation),
        ("impl A { @fn f() {} }", implementation),
        ("unsafe impl<T: B<{ 1 }, 2>> A<{ 3 }> for T where T: C, {\r\n  @fn f() {} }", implementation),
        ("struct B; #[cfg(a)] impl A { const C: [u8; { 1 }] = []; fn g() {} @fn f() {} }", implementation),
        ("impl B for fn(u8) { @fn f() {} }", implementation),
        ("mod m { impl A { mod n { } @fn f() {} } }", implementation),
        ("impl A { #[cfg_attr(a, @)] fn f() {} }", implementation),
        ("macro_rules! m { () => { impl A { @fn f() {} } } }", implementation),
        ("pub unsafe trait A: B { @fn f(); }", Place::Associated("trait")),
        ("unsafe extern \"C\" { @fn f(); }", Place::Associated("`extern` block")),
        ("extern \"C\" fn g() { @fn f() {} }", Place::Free),
        ("impl A { fn g() { @fn f() {} } }", Place::Free),
        ("impl A { fn g() -> impl B { @fn f() {} } }", Place::Free),
        ("impl A {} mod m { @fn f() {} }", Place::Free),
        ("impl A {} const _: () = { @fn f() {} };", Place::Free),
        ("fn g() { h(|| { @fn f() {} }) } impl A {}", Place::Free),
        ("// impl A {\n@fn f() {}", Place::Free),
        ("const A: (char, &str) = ('{', \"impl A {\");\n@fn f() {}", Place::Free),
        ("/* impl A { */ mod m { const A: &str = r#\"}\"{ \"#; @fn f() {} }", Place::Free),
        ("#!/usr/bin/env '{\nimpl A { @fn f() {} }", implementation),
        ("methods! { @fn f() {} }", Place::Unknown),
        ("macro_rules! m { () => { @fn f() {} } }", Place::Unknown),
        ("impl A { methods! { @fn f() {} } }", Place::Unknown),
    ];
    for (text, place) in table {
        assert_eq!(source(text).place(), place, "{text}");
    }
}

#[test]
fn without_a_place_a_function_with_self_is_a_method_and_one_without_is_free() {
    assert!(Site::default().associated(true).is_some() && Site::default().associated(false).is_none());
    let site = |text: &str| Site { source: Some(source(text)), ..Site::default() };
    assert!(site("m! { @fn f() {} }").associated(true).is_some());
    assert!(site("m! { @fn f() {} } trait A {}").associated(false).is_none());
    assert!(site("@fn f() {}").associated(true).is_none());
    assert_eq!(site("trait A { @fn f(); }").associated(false), Some("trait"));
    assert!(Source::split("a\nb", 3, 1).is_none() && Source::split("a", 0, 1).is_none());
    assert!(Source::split("a", 1, 0).is_none() && Source::split("a", 1, 7).is_none());
}

#[test]
fn an_item_beside_that_has_the_name_is_found_and_one_elsewhere_is_not() {
    let beside = |text: &str| source(text).beside("Exa");
    assert_eq!(beside("struct Exa { a: u8 }\n@fn exa() {}"), Some("struct"));
    assert_eq!(beside("@fn exa() {}\n#[derive(A)] pub(crate) enum Exa {}"), Some("enum"));
    assert_eq!(beside("type Exa = u8; @fn exa() {}"), Some("type"));
    assert_eq!(beside("use a::Exa; @fn exa() {}"), Some("use"));
    assert_eq!(beside("use a::{B, c::{Exa, D}}; @fn exa() {}"), Some("use"));
    assert_eq!(beside("use a::B as Exa; @fn exa() {}"), Some("use"));
    assert_eq!(beside("fn g() { struct Exa; @fn exa() {} }"), Some("struct"));
    for text in [
        "@fn exa() {}",
        "struct Exa2; struct MyExa; @fn exa() {}",
        "mod m { pub struct Exa; } @fn exa() {}",
        "struct Exa; mod m { @fn exa() {} }",
        "use a::Exa as B; @fn exa() {}",
        "use a::Exa::B; @fn exa() {}",
        "use a::B; @fn exa() {} fn g() { Exa; }",
        "// struct Exa;\n@fn exa() {}",
        "#[cfg(a)] struct Exa; @fn exa() {}",
        "macro_rules! m { () => { struct Exa; @fn exa() {} } }",
    ] {
        assert_eq!(beside(text), None, "{text}");
    }
    assert_eq!(beside("#[cfg(a)] struct B; #[cfg_attr(a, b)] struct Exa; @fn exa() {}"), Some("struct"));
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
        let SpanRange { first, last } = SpanRange::of(&tokens);
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
