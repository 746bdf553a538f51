//! The grammar of the attributes, and the values of their keys.

use super::{action, credential, holds};

const FUNCTION: &str = "/// Searches.\npub async fn web_search(input: Input) -> Result<(), E> { Ok(()) }";
const STRUCT: &str = "struct Exa { api_key: SecretString }";

#[test]
fn an_actions_attribute_says_what_is_wrong_once() {
    let table: &[(&str, &[&str])] = &[
        (r#"slug = "web-search""#, &[]),
        (r#"slug = "web-search","#, &[]),
        (
            r##"slug = r#"web-search"#, name = "Web", description = "D.", scope = user, read_only, idempotent, validate, handle = Web, crate = ::k"##,
            &[],
        ),
        (r#"slug = "a", crate = crate::k"#, &[]),
        ("", &["missing `slug`; for example `slug = \"web-search\"`"]),
        (r#"name = "Web""#, &["missing `slug`"]),
        (r#"slgu = "a""#, &["unknown key `slgu`; did you mean `slug`? keys: slug, name"]),
        (r#"slug = "a", colour = 3"#, &["unknown key `colour`; keys: slug"]),
        (r#"slug = "a", colour(3), shape"#, &["unknown key `colour`", "unknown key `shape`"]),
        (r#"slug = "a" name = "b""#, &["expected `,` before `name`"]),
        (r#"slug = "a" read_only idempotent"#, &["before `read_only`", "before `idempotent`"]),
        (r#"read_only slug = "a""#, &["expected `,` before `slug`"]),
        (r#"slug = "a"; read_only"#, &["write `,` in place of `;`"]),
        (r#"slug = "a",, read_only"#, &["expected a key before `,`"]),
        (r#", slug = "a""#, &["expected a key before `,`"]),
        (r#""a""#, &["expected a key; write `slug = \"a\"`"]),
        (r#""slug" = "a""#, &["write `slug` without quotes"]),
        ("3, read_only", &["expected a key; write `slug = 3`"]),
        ("(slug)", &["expected a key; keys: slug"]),
        ("slug", &["`slug` needs a value: `slug = \"…\"`"]),
        ("slug =", &["`slug` needs a value after `=`"]),
        ("slug = , read_only", &["`slug` needs a value after `=`"]),
        (r#"slug == "a""#, &["write `=` in place of `==`"]),
        (r#"slug => "a""#, &["write `=` in place of `=>`"]),
        (r#"slug: "a""#, &["expected `=` or `,` after `slug`"]),
        (r#"slug "a""#, &["expected `=`; write `slug = \"a\"`"]),
        (r#"slug("a")"#, &["write `slug = \"a\"` in place of the brackets"]),
        ("slug = web_search", &["`slug` must be a string literal; write `\"web-search\"`"]),
        ("slug = web-search", &["write `\"web-search\"`"]),
        ("slug = 3", &["write `\"3\"`"]),
        ("slug = b\"a\"", &["write `\"a\"`"]),
        ("slug = 'a'", &["write `\"a\"`"]),
        ("slug = names::SLUG", &["because a macro cannot read a constant; write `\"web-search\"`"]),
        ("slug = SLUG_2", &["because a macro cannot read a constant; write `\"web-search\"`"]),
        ("slug = WebSearch", &["write `\"web-search\"`"]),
        ("slug = concat!(\"a\")", &["because a macro in it is not expanded; write `\"web-search\"`"]),
        ("slug = env!(\"A\")", &["because a macro in it is not expanded; write `\"web-search\"`"]),
        ("slug = SLUG.trim()", &["must be a string literal; write `\"web-search\"`"]),
        ("slug = c\"Web Search\"", &["write `\"web-search\"`"]),
        ("slug = [\"a\"]", &["write `\"a\"`"]),
        ("slug = \"a\", name = NAME", &["because a macro cannot read a constant; write `\"Web search\"`"]),
        ("slug = \"a\", name = Web", &["must be a string literal; write `\"Web\"`"]),
        ("slug = \"a\", description = a::B", &["because a macro cannot read a constant; write `\"…\"`"]),
        ("slug = \"a\"x", &["write `\"a\"`"]),
        ("slug = \" \"", &["`slug` is empty"]),
        ("slug = \"Ab  b!\"", &["found `A`, ` `, `!`; for example `ab-b`"]),
        ("slug = \"!\"", &["found `!`; for example `web-search`"]),
        (r#"slug = "a", slug = "b""#, &["`slug` is specified more than once in `#[action]`"]),
        (r#"slug = "a", read_only, read_only"#, &["`read_only` is specified more than once"]),
        (r#"slug = "a", read_only, destructive"#, &["`destructive` has no effect with `read_only`"]),
        (r#"slug = "a", destructive, read_only"#, &["`destructive` has no effect with `read_only`"]),
        (r#"slug = "a", read_only = true"#, &["`read_only` takes no value"]),
        (r#"slug = "a", read_only()"#, &["`read_only` takes no value"]),
        (
            r#"slug = "a", scope = team"#,
            &["unknown scope `team`; scopes are `organization`, `project`, `user`"],
        ),
        (r#"slug = "a", scope = org"#, &["did you mean `organization`?"]),
        (r#"slug = "a", scope = "user""#, &["write `user` without quotes"]),
        (r#"slug = "a", scope = "team""#, &["unknown scope `team`"]),
        (r#"slug = "a", scope"#, &["`scope` needs a value: `organization`"]),
        (r#"slug = "a", scope = [user]"#, &["`scope` takes one of"]),
        (r#"slug = "a", name = """#, &["`name` is empty"]),
        (r#"slug = "a", description = """#, &["`description` is empty"]),
        (r#"slug = "a", handle = "Web""#, &["write `Web` without quotes"]),
        (r#"slug = "a", handle = web_search"#, &["`handle` names a type; write `WebSearch`"]),
        (r#"slug = "a", handle = a::B"#, &["`handle` must be a name"]),
        (r#"slug = "a", handle = 3"#, &["`handle` must be a path"]),
        (r#"slug = "a", handle = Vec"#, &["which hides `std::prelude::v1::Vec`; add `handle = VecAction`"]),
        (r#"slug = "a", handle = Failure"#, &["which hides `keystroke::Failure`"]),
        (r#"slug = "a", handle = Input"#, &["like the type; add `handle = InputAction`"]),
        (r#"slug = "a", crate = k"#, &["`crate` must be an absolute path"]),
        (r#"slug = "a", crate = "::k""#, &["write `::k` without quotes"]),
        (r#"slug = "a", crate"#, &["`crate` must be a path"]),
        (r#"key = "a""#, &["`key` belongs on `#[credential]`; actions have `slug`"]),
        (r#"slug = "a", credentials(Exa)"#, &["credentials are arguments here"]),
        (
            r#"slug = "a", My_Token = "sk-1""#,
            &["secrets do not go into attributes; declare a `#[credential]`"],
        ),
    ];
    holds(table, |attribute| action(attribute, FUNCTION));
}

#[test]
fn no_error_repeats_what_may_be_a_secret() {
    for key in ["token", "api_key", "client_secret", "password", "value", "colour"] {
        let all = [
            action(&format!("slug = \"a\", {key} = \"sk-1234\""), FUNCTION),
            credential(&format!("key = \"a\", {key} = \"sk-1234\""), STRUCT),
            credential(
                "key = \"a\"",
                &format!("struct Exa {{ #[field({key} = \"sk-1234\")] api_key: SecretString }}"),
            ),
            credential("key = \"a\"", "struct Exa { #[field(default = \"sk-1234\")] api_key: SecretString }"),
        ];
        for errors in all {
            assert!(!errors.is_empty() && !errors.concat().contains("sk-1234"), "{errors:?}");
        }
    }
}

#[test]
fn lengths_are_counted_in_characters() {
    let slug = |n: usize| action(&format!("slug = \"{}\"", "a".repeat(n)), FUNCTION);
    assert!(slug(64).is_empty());
    assert_eq!(slug(65), ["`slug` is 65 characters; at most 64"]);
    let description =
        |n: usize| action(&format!("slug = \"a\", description = \"{}\"", "ä".repeat(n)), FUNCTION);
    assert!(description(1024).is_empty());
    assert_eq!(description(1025), ["`description` is 1025 characters; at most 1024"]);
    let field = |n: usize| {
        credential(
            "key = \"a\"",
            &format!("struct Exa {{ #[field(name = \"{}\")] a: SecretString }}", "a".repeat(n)),
        )
    };
    assert!(field(64).is_empty());
    assert_eq!(field(65), ["`name` is 65 characters; at most 64"]);
}

#[test]
fn a_credentials_attribute_says_what_is_wrong_once() {
    let table: &[(&str, &[&str])] = &[
        (r#"key = "exa""#, &[]),
        (
            r#"key = "exa", kind = api_key, scope = project, name = "Exa", validate = a::check, crate = ::k"#,
            &[],
        ),
        ("", &["missing `key`; for example `key = \"exa\"`"]),
        ("key = exa", &["`key` must be a string literal; write `\"exa\"`"]),
        ("key = KEY", &["because a macro cannot read a constant; write `\"exa\"`"]),
        ("key = env!(\"KEY\")", &["because a macro in it is not expanded; write `\"exa\"`"]),
        ("key = \"exa\", name = a::NAME", &["because a macro cannot read a constant; write `\"Exa\"`"]),
        (
            r#"key = "exa", kind = oath"#,
            &["unknown kind `oath`; did you mean `oauth`? kinds are `api_key`, `oauth`, `keystroke`"],
        ),
        (r#"key = "exa", oauth_scopes = ["a"]"#, &["`oauth_scopes` has no effect without `kind = oauth`"]),
        (r#"key = "exa", kind = oath, oauth_scopes = ["a"]"#, &["unknown kind"]),
        (r#"slug = "exa""#, &["`slug` belongs on `#[action]`; credentials have `key`"]),
        (r#"key = "exa", token = "a""#, &["secrets do not go into attributes; declare a field"]),
        (r#"key = "exa", validate = "check""#, &["write `check` without quotes"]),
        (r#"key = "exa", validate = check()"#, &["`validate` must be a path"]),
        (r#"key = "exa", plain"#, &["`plain` belongs on a field"]),
    ];
    holds(table, |attribute| credential(attribute, STRUCT));
    let oauth: &[(&str, &[&str])] = &[
        (r#"key = "a", kind = oauth, oauth_scopes = ["b", "c",]"#, &[]),
        (r#"key = "a", kind = oauth, oauth_scopes = []"#, &[]),
        (r#"key = "a", kind = oauth, oauth_scopes = "b""#, &["must be a list of string literals"]),
        (r#"key = "a", kind = oauth, oauth_scopes = ("b")"#, &["must be a list of string literals"]),
        (r#"key = "a", kind = oauth, oauth_scopes = [b, "c"]"#, &["must be a list of string literals"]),
        (r#"key = "a", kind = oauth, oauth_scopes = ["b"] ["c"]"#, &["must be a list of string literals"]),
        (r#"key = "a", kind = oauth, oauth_scopes"#, &["must be a list of string literals"]),
    ];
    holds(oauth, |attribute| credential(attribute, "struct Exa { access_token: SecretString }"));
}
