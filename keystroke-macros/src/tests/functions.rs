//! What a function must be to be an action.

use super::{action, holds};
use crate::diagnostics::Errors;
use crate::function::{self, CommonAttr, Plan, Stub, Subject};
use crate::location::Site;
use crate::syntax::{Passing, description, handle_name};

const SLUG: &str = "slug = \"search\"";

#[test]
fn a_signature_says_what_is_wrong_once() {
    let table: &[(&str, &[&str])] = &[
        ("async fn f() -> Result<(), E> { }", &[]),
        ("async fn f(a: A, b: &B, c: &C, d: &p::D) -> p::R { }", &[]),
        ("async fn f(A { b, .. }: A, mut c: &B, _: &C) -> R<T> { }", &[]),
        ("async fn f(a: HashMap<String, Cow<'static, str>>) -> R { }", &[]),
        ("async fn f(a: (A)) -> (R) { }", &[]),
        ("async fn f(#[allow(unused)] a: A) -> R { }", &[]),
        ("fn f() -> R { }", &["action `f` must be `async`; add `async` before `fn`"]),
        ("fn f() -> impl Future<Output = R> { }", &["must be `async`"]),
        ("fn f() { }", &["must be `async`"]),
        ("const async fn f() -> R { }", &["must not be `const`"]),
        ("async unsafe fn f() -> R { }", &["must not be `unsafe`"]),
        ("async extern \"C\" fn f() -> R { }", &["must not be `extern`"]),
        ("async unsafe extern fn f() -> R { }", &["must not be `unsafe`", "must not be `extern`"]),
        ("async fn f(a: ...) -> R { }", &["must not be variadic"]),
        ("async fn f<T>(a: T) -> R { }", &["must not be generic"]),
        ("async fn f<const N: usize>() -> R where A: B { }", &["must not be generic"]),
        ("async fn f<'a, T>(a: &'a T) -> &'a R { }", &["must not be generic"]),
        ("async fn f<'a>(a: &'a A) -> &'a R { }", &["must not have lifetime parameters"]),
        ("async fn f() -> R where A: B { }", &["must not have a where clause"]),
        ("async fn f() -> R;", &["action `f` has no body"]),
        ("async fn f(&self) -> R { }", &["an action cannot take `self`"]),
        ("async fn f(self: Box<Self>, a: A) -> R { }", &["an action cannot take `self`"]),
        ("async fn main() -> R { }", &["not the program's entry"]),
        ("#[tokio::test] async fn f() -> R { }", &["an action is not a test"]),
        ("#[action(slug = \"b\")] async fn f() -> R { }", &["`#[action]` is specified more than once"]),
        ("async fn f() { }", &["action `f` returns nothing; return `Result<T, E>`"]),
        ("async fn f() -> ! { }", &["`!` cannot be returned"]),
        ("async fn f() -> &R { }", &["an action returns owned data; remove `&`"]),
        ("async fn f() -> Result<Cow<'_, str>, E> { }", &["remove the lifetime"]),
        ("async fn f() -> Result<impl A, E> { }", &["name a concrete type"]),
        ("async fn f() -> Self { }", &["`Self` has no meaning"]),
        ("async fn f(a: &mut A) -> R { }", &["borrow it: `&A`"]),
        ("async fn f(a: &'static A) -> R { }", &["write `a: &A`"]),
        ("async fn f(a: &'a mut A) -> R { }", &["write `a: &A`"]),
        ("async fn f(a: &&A) -> R { }", &["own your data"]),
        ("async fn f(a: &str) -> R { }", &["own your data"]),
        ("async fn f(a: &[A]) -> R { }", &["own your data"]),
        ("async fn f(a: &dyn A) -> R { }", &["own your data"]),
        ("async fn f(a: Option<&A>, b: (std::option::Option<(&(p::B<C>))>)) -> R { }", &[]),
        (
            "async fn f(a: p::Option<Option<&'a mut A>>) -> R { }",
            &["write `a: Option<&A>`; a credential is there"],
        ),
        (
            "async fn f(a: Option<Option<Option<&A>>>) -> R { }",
            &["write `a: Option<&A>`; a credential is there"],
        ),
        ("async fn f(a: Option<Option<A>>) -> R { }", &[]),
        ("async fn f(a: Option<&mut A>) -> R { }", &["borrow it: `Option<&A>`"]),
        ("async fn f(a: Option<&'a A>) -> R { }", &["write `a: Option<&A>`; a credential is lent"]),
        ("async fn f(a: Option<&'_ mut A>) -> R { }", &["write `a: Option<&A>`; a credential is lent"]),
        ("async fn f(a: Option<&A<'_>>) -> R { }", &["own your data: a type with a lifetime borrows"]),
        ("async fn f(a: Option<&&A>) -> R { }", &["own your data"]),
        ("async fn f(a: Option<Option<&str>>) -> R { }", &["own your data"]),
        ("async fn f(a: Option<&dyn A>) -> R { }", &["own your data"]),
        ("async fn f(a: Maybe<&A>) -> R { }", &["own your data"]),
        ("async fn f(a: Option<A, &B>) -> R { }", &["own your data"]),
        ("async fn f(a: &Option<&A>) -> R { }", &["own your data"]),
        ("async fn f(a: Option<&str>) -> R { }", &["own your data"]),
        ("async fn f(a: Option<&[A]>) -> R { }", &["own your data"]),
        ("async fn f(a: Vec<&A>) -> R { }", &["own your data"]),
        ("async fn f(a: A<'_>) -> R { }", &["own your data: a type with a lifetime borrows"]),
        ("async fn f(a: Cow<'a, str>) -> R { }", &["own your data: a type with a lifetime borrows"]),
        ("async fn f(a: Box<dyn A + 'a>) -> R { }", &["own your data: a type with a lifetime borrows"]),
        ("async fn f(a: *const A) -> R { }", &["a pointer cannot cross threads"]),
        ("async fn f(a: fn(&A) -> &B) -> R { }", &[]),
        ("async fn f(a: impl A) -> R { }", &["name a concrete type"]),
        ("async fn f(a: Vec<Self>) -> R { }", &["`Self` has no meaning"]),
        // What the compiler says itself, and better.
        ("async fn f(a: _) -> R { }", &[]),
        ("async fn f(#[cfg(a)] a: A) -> R { }", &["cannot be conditional"]),
        ("async fn f(#[cfg_attr(a, b)] a: A) -> R { }", &["cannot be conditional"]),
        ("async fn f(#[secret] a: A) -> R { }", &["unknown attribute `secret`"]),
        ("async fn f(/** A. */ a: A) -> R { }", &["no documentation of its own"]),
        ("async fn user() -> R { }", &["hides `keystroke::scope::User`"]),
        ("async fn option() -> R { }", &["hides `std::prelude::v1::Option`"]),
        ("async fn r#box() -> R { }", &["would define `Box`"]),
        ("async fn exa(exa: &Exa) -> R { }", &["like the type; add `handle = ExaAction`"]),
        ("async fn report() -> Result<Report, E> { }", &["like the type"]),
        ("async fn _1() -> R { }", &["needs a name for its value"]),
        ("async fn f(a: &mut A, b: &str) -> R { }", &["borrow it", "own your data"]),
    ];
    holds(table, |item| action(SLUG, &format!("/// D.\n{item}")));
}

#[test]
fn an_item_that_is_no_function_is_refused_once_whatever_its_attribute_says() {
    let table: &[(&str, &[&str])] = &[
        ("struct A { b: u8 }", &["for a struct of secrets use `#[credential]`"]),
        ("enum A {}", &["goes on an `async fn`"]),
        ("union A { b: u8 }", &["goes on an `async fn`"]),
        ("trait A {}", &["put it on each function"]),
        ("impl A {}", &["put it on each function"]),
        ("mod a {}", &["put it on each function"]),
        ("extern \"C\" {}", &["put it on each function"]),
        ("const A: u8 = 1;", &["goes on an `async fn`"]),
        ("static A: u8 = 1;", &["goes on an `async fn`"]),
        ("type A = u8;", &["goes on an `async fn`"]),
        ("use a::b;", &["goes on an `async fn`"]),
        ("extern crate a;", &["goes on an `async fn`"]),
        ("macro_rules! a { () => {} }", &["goes on an `async fn`"]),
    ];
    holds(table, |item| action("slgu = 3", item));
}

#[test]
fn a_description_is_needed_and_read_up_to_the_first_heading() {
    assert_eq!(action(SLUG, "async fn f() -> R { }").len(), 1);
    assert_eq!(action(SLUG, "#[doc(hidden)] async fn f() -> R { }").len(), 1);
    assert!(action("slug = \"a\", description = \"D.\"", "async fn f() -> R { }").is_empty());
    let read = |docs: &str| {
        let function: function::Function =
            syn::parse_str(&format!("{docs} async fn f() {{}}")).expect("a function");
        description(&function.attrs).text
    };
    assert_eq!(
        read("/// One\n/// line.\n///\n///\n/// Two.\n///\n/// # Errors\n/// None.\n"),
        "One line.\n\nTwo."
    );
    assert_eq!(read("///   Code:\n/// ```\n/// a\n/// ```\n"), "Code:");
    assert_eq!(read("/// Code:\n/// ~~~\n"), "Code:");
    assert_eq!(read("/// # Errors\n"), "");
    assert_eq!(read(&format!("/// {}\n", "ä".repeat(2000))).chars().count(), 1024);
    assert_eq!(read("/// One,\n#[doc = \" two\"]\n"), "One, two");
}

#[test]
fn what_a_model_would_not_read_is_refused_unless_it_stands_under_a_heading_or_is_said_otherwise() {
    let refused: &[&str] = &["the model would not read this"];
    let table: &[(&str, &[&str])] = &[
        ("/// D.\n#[doc = include_str!(\"a.md\")] async fn f() -> R { }", refused),
        ("#[doc = include_str!(\"a.md\")] async fn f() -> R { }", refused),
        ("#[doc = concat!(\"a\", \"b\")]\n/// D.\nasync fn f() -> R { }", refused),
        ("/// D.\n#[cfg_attr(a, doc(hidden))] async fn f() -> R { }", &[]),
        ("/// D.\n///\n/// # More\n#[doc = include_str!(\"a.md\")] async fn f() -> R { }", &[]),
        ("/// D.\n/// ```\n#[doc = include_str!(\"a.rs\")]\n/// ```\nasync fn f() -> R { }", &[]),
    ];
    holds(table, |item| action(SLUG, item));
    let described = "slug = \"a\", description = \"D.\"";
    assert!(action(described, "#[doc = include_str!(\"a.md\")] async fn f() -> R { }").is_empty());
}

#[test]
fn a_value_is_named_after_its_function() {
    let name = |text: &str| handle_name(&syn::parse_str(text).expect("a name"));
    assert_eq!(name("slack_send_message"), "SlackSendMessage");
    assert_eq!(name("r#match"), "Match");
    assert_eq!(name("_a__b"), "AB");
    assert_eq!(name("v2_api"), "V2Api");
    assert_eq!(name("__"), "");
}

#[test]
fn a_wrong_shape_becomes_a_stub_and_a_wrong_attribute_does_not() {
    let expand = |attribute: &str, item: &str| {
        crate::action::action(super::tokens(attribute), super::tokens(item), &Site::default()).to_string()
    };
    for item in [
        "fn f() -> R { }",
        "async fn f(a: &mut A) -> R { }",
        "async fn f() -> &R { }",
        "async unsafe fn f() -> R { }",
    ] {
        let stub = expand(SLUG, &format!("/// D.\n{item}"));
        assert!(stub.contains("does not compile") && !stub.contains("must_be"), "{item}: {stub}");
    }
    // The slug that can't be stands for itself no more.
    for slug in ["\"Bad Slug\"".to_owned(), format!("\"{}\"", "a".repeat(65))] {
        let whole = expand(&format!("slug = {slug}"), "/// D.\nasync fn web_search() -> R { }");
        assert!(whole.contains("SLUG : & 'static :: core :: primitive :: str = \"web-search\""), "{whole}");
        assert!(whole.contains("must_be_result"));
    }
    let method = expand(SLUG, "/// D.\nasync fn f(&self) -> R { }");
    assert!(!method.contains("struct") && method.contains("self"), "{method}");
}

#[test]
fn a_further_attribute_on_a_function_brings_its_words_and_shares_every_phase() {
    const WORKFLOW: Subject =
        Subject { name: "workflow", one: "a workflow", of_parameter: ("own your data", "own your data") };
    let site = Site::default();
    let written = |item: &str| {
        let function = match function::read(&WORKFLOW, super::tokens(item), &site) {
            Ok(function) => function,
            Err(refused) => return refused,
        };
        let mut errors = Errors::default();
        let attr = CommonAttr { lacks_slug: true, ..CommonAttr::default() };
        let generated = match function::validate(&WORKFLOW, attr, &function, &site, &mut errors) {
            Some(sound) => Plan::of(&sound).input.item,
            None => Stub::of(&function, None).map(|stub| stub.item).unwrap_or_default(),
        };
        function::written(&WORKFLOW, &function, &generated, errors)
    };
    let missing = "missing `slug`";
    let table: &[(&str, &[&str])] = &[
        ("/// D.\nasync fn f(day: Day) -> Result<(), E> {}", &[missing]),
        ("/// D.\nfn f() -> R {}", &["workflow `f` must be `async`", missing]),
        ("/// D.\n#[workflow] async fn f() -> R {}", &["`#[workflow]` is specified more than once", missing]),
        (
            "async fn f() -> ! {}",
            &["cannot be returned by a workflow", missing, "workflow `f` needs a description"],
        ),
        ("/// D.\nasync fn f(a: A) -> &R {}", &["a workflow returns owned data", missing]),
        ("/// D.\nasync fn user() -> R {}", &["workflow `user` would define `User`", missing]),
        ("struct A;", &["`#[workflow]` goes on an `async fn`"]),
        ("async fn f(&self) -> R {}", &["a workflow cannot take `self`"]),
    ];
    holds(table, |item| super::errors(written(item)));
    let sound = written("/// D.\nasync fn f(day: Day) -> Result<(), E> {}").to_string();
    assert!(sound.contains("type Input = Day ;") && !sound.contains("action"), "{sound}");
    let stub = written("/// D.\n#[workflow] const async fn f() -> R {}").to_string();
    assert!(stub.contains("struct F ;") && !stub.contains("# [workflow]"), "{stub}");
}

#[test]
fn how_a_parameter_is_passed_is_seen_by_its_spelling() {
    use Passing::{Lent, Nested, Optional, Owned};

    for (written, passing, refers) in [
        ("Exa", Owned, false),
        ("(&Exa)", Lent, true),
        ("Option<Exa>", Owned, false),
        ("Option<Option<Exa>>", Owned, false),
        ("Maybe<&Exa>", Owned, false),
        ("Option<&Exa>", Optional, true),
        ("std::option::Option<(&Pinned<Exa, User>)>", Optional, true),
        ("Option<Option<&Exa>>", Nested, true),
        ("Option<Option<Option<&Exa>>>", Nested, true),
    ] {
        let ty = syn::parse_str(written).expect("a type");
        let (found, reference) = Passing::of(&ty);
        assert!(found == passing && reference.is_some() == refers, "{written}");
    }
}
