//! What a struct must be to be a credential.

use super::{credential, holds};
use crate::location::{Site, Source};

#[test]
fn a_struct_says_what_is_wrong_once() {
    let table: &[(&str, &[&str])] = &[
        ("struct Exa { a: SecretString, #[field(plain, default = -3)] b: i8 }", &[]),
        (
            "struct Exa { #[field(plain, default = true)] b: bool, #[field(plain, default = 1.5)] c: f32 }",
            &[],
        ),
        ("struct Exa { #[field(plain, default = 'c', name = \"aB\")] b: char }", &[]),
        ("#[derive(Default)] struct Exa { a: A }", &[]),
        ("struct Exa<T> { a: T }", &["must not be generic"]),
        ("struct Exa<'a> { a: &'a str }", &["must not be generic"]),
        ("struct Exa where A: B { a: A }", &["must not have a where clause"]),
        ("struct Exa<T> where T: B { a: A }", &["must not be generic"]),
        ("struct Exa(A);", &["needs named fields"]),
        ("struct Exa;", &["needs named fields"]),
        ("struct Exa {}", &["has no fields; add one, such as `pub api_key: SecretString`"]),
        ("enum Exa {}", &["goes on a struct with named fields"]),
        ("fn exa() {}", &["for a function use `#[action]`"]),
        ("#[derive(Debug)] struct Exa { a: A }", &["`Debug` is generated"]),
        (
            "#[derive(std::fmt::Debug, Clone)] struct Exa { a: A }",
            &["`Debug` is generated", "must not implement `Clone`:"],
        ),
        (
            "#[derive(serde::Serialize, Eq)] struct Exa { a: A }",
            &["must not implement `Serialize`, `Eq`: a secret could leave"],
        ),
        ("#[credential(key = \"b\")] struct Exa { a: A }", &["`#[credential]` is specified more than once"]),
        ("struct Exa { a: A, #[field(name = \"a\")] b: A }", &["`a` used twice"]),
        ("struct Exa { #[field(name = \"a b\")] b: A }", &["may contain a–z, A–Z"]),
        ("struct Exa { a: &str }", &["`a` borrows, and a credential owns"]),
        ("struct Exa { a: Cow<'_, str> }", &["`a` borrows, and a credential owns"]),
        ("struct Exa { a: Cow<'static, str> }", &[]),
        ("struct Exa { #[field(plain, plain, default = 3)] a: A }", &["`plain` is specified more than once"]),
        ("struct Exa { #[cfg(b)] a: A }", &["cannot be conditional"]),
        ("struct Exa { #[field] a: A }", &["write `#[field(plain)]`"]),
        ("struct Exa { #[field()] a: A }", &["write `#[field(plain)]`"]),
        ("struct Exa { #[field = 3] a: A }", &["write `#[field(plain)]`"]),
        (
            "struct Exa { #[field(plain)] #[field(name = \"b\")] a: A }",
            &["`#[field]` is specified more than once"],
        ),
        ("struct Exa { #[field(palin)] a: A }", &["unknown key `palin`; did you mean `plain`?"]),
        ("struct Exa { #[field(secret)] a: A }", &["every field is secret unless"]),
        ("struct Exa { #[field(plain = true)] a: A }", &["`plain` takes no value"]),
        ("struct Exa { #[field(default = \"x\")] a: A }", &["secrets do not go into attributes"]),
        ("struct Exa { #[field(plain, default)] a: A }", &["`default` must be a literal"]),
        ("struct Exa { #[field(plain, default = f())] a: A }", &["`default` must be a literal"]),
        ("struct Exa { #[field(plain, default = -f())] a: A }", &["`default` must be a literal"]),
        ("struct Exa { #[field(plain, default = b\"x\")] a: A }", &["`default` must be a literal"]),
    ];
    holds(table, |item| credential("key = \"exa\"", item));
}

#[test]
fn kinds_with_fixed_fields_have_those_alone() {
    let oauth: &[(&str, &[&str])] = &[
        ("struct G { access_token: A, account: A, expires_at: A, granted_scopes: A }", &[]),
        ("struct G { }", &[]),
        (
            "struct G { api_key: A }",
            &[
                "an `oauth` credential's fields are fixed: access_token, account, expires_at, granted_scopes; remove `api_key`",
            ],
        ),
        (
            "struct G { refresh_token: A }",
            &[
                "an action never gets `refresh_token`: the store keeps it, and renews the `access_token`; remove `refresh_token`",
            ],
        ),
        ("struct G { access_token: A, client_secret: A }", &["an action never gets `client_secret`"]),
        ("struct G { #[field(plain)] account: A }", &["`plain` has no effect on an `oauth` credential"]),
        ("struct G { #[field(name = \"b\")] account: A }", &["`name` has no effect"]),
        ("struct G { #[field(default = \"b\")] account: A }", &["`default` has no effect"]),
    ];
    holds(oauth, |item| credential("key = \"g\", kind = oauth", item));
    let keystroke: &[(&str, &[&str])] = &[
        ("struct N { connection: A }", &[]),
        ("struct N { }", &["add the one of its kind: `pub connection: Connection`"]),
        (
            "struct N { account: A }",
            &["a `keystroke` credential's fields are fixed: connection; remove `account`"],
        ),
    ];
    holds(keystroke, |item| credential("key = \"n\", kind = keystroke", item));
}

#[test]
fn a_key_is_made_of_the_structs_name_and_a_fields_name_may_have_dashes() {
    let errors = credential("", "struct GoogleMaps { a: A }");
    assert_eq!(errors, ["missing `key`; for example `key = \"google-maps\"`"]);
    assert!(credential("key = \"a\"", "struct Exa { #[field(name = \"a-b_C1\")] a: A }").is_empty());
}

#[test]
fn of_the_derives_above_only_those_by_which_a_secret_could_leave_are_refused() {
    let above = |derives: &str| {
        let site =
            Site { source: Source::split(&format!("#[derive({derives})]\n#[a]"), 2, 1), ..Site::default() };
        let item = "struct Exa { api_key: SecretString }";
        crate::credential::credential(super::tokens("key = \"exa\""), super::tokens(item), &site)
    };
    assert!(super::errors(above("Debug, Default")).is_empty());
    let errors = super::errors(above("Default, Clone, serde::Serialize, Debug"));
    assert_eq!(errors, ["credential `Exa` must not implement `Clone`, `Serialize`: a secret could leave"]);
    assert!(above("Clone").to_string().contains("Refused"));
    assert!(!above("Deserialize").to_string().contains("Refused"));
}
