use std::ffi::OsString;

use super::grammar::{Setting, Source, parse};
use crate::error::CliError;
use crate::input::value::{self, Problem, oddities};

fn refused(texts: &[&str]) -> String {
    match parse(texts.iter().map(OsString::from).collect()) {
        Err(CliError::Refused(refusal)) => {
            assert_eq!((refusal.exit, refusal.code), (2, "usage"));
            format!("{}; {}", refusal.message, refusal.fix)
        }
        other => panic!("{texts:?}: {other:?}"),
    }
}

fn inline(text: &str) -> String {
    let mut settings = parse(vec![text.into()]).unwrap();
    match settings.pop() {
        Some(Setting { source: Source::Inline(value), .. }) => value.to_string(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn what_stands_after_the_equals_sign_is_in_no_error() {
    const CANARY: &str = "s3cr3t-canary";
    for text in [
        format!("{CANARY} with spaces"),
        format!("a b{CANARY}=x"),
        format!("api_key=@{CANARY}"),
        format!("api_key=@vault:{CANARY}"),
        format!("={CANARY}"),
        "czNjcjN0LWNhbmFyeQ==".to_owned(),
        "czNjcjN0LWNhbmFyeQ=@nonsense".to_owned(),
        "czNjcjN0LWNhbmFyeQ=@env:".to_owned(),
    ] {
        let error = refused(&[&text]);
        assert!(!error.contains(CANARY) && !error.contains("czNj"), "{text}: {error}");
        assert!(error.contains("@env:VAR") && error.contains("@file:PATH"), "{error}");
    }
}

#[test]
fn an_error_names_the_field_and_which_set_it_is() {
    assert!(
        refused(&["a=@stdin", "api_key=@nonsense"])
            .starts_with("the second `--set` has an unknown `@` form for `api_key`")
    );
    assert!(refused(&["api_key=x", "api_key=y"]).contains("sets `api_key` again"));
    assert!(refused(&["api_key=@env:"]).contains("names nothing after the `:` for `api_key`"));
}

#[test]
fn a_literal_at_is_written_twice_and_the_rest_is_kept_as_it_is() {
    assert_eq!(inline("password=@@home"), "@home");
    assert_eq!(inline("password=a=b=@c "), "a=b=@c ");
}

fn kept(bytes: &[u8], keeps_line_end: bool) -> (String, usize) {
    let text = value::text(bytes, keeps_line_end).unwrap();
    (text.value.expose_secret().to_owned(), text.odd.len())
}

#[test]
fn one_line_end_is_dropped_unless_it_is_kept_by_name() {
    for (given, dropped) in
        [("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x ", " x "), ("x\r", "x\r"), ("x", "x")]
    {
        assert_eq!(kept(given.as_bytes(), false).0, dropped);
        assert_eq!(kept(given.as_bytes(), true).0, given);
    }
    // What is kept on purpose is not odd; one more is.
    assert_eq!(kept(b"a\nb\n", true).1, 0);
    assert_eq!(kept(b"a\nb\n\n", true).1, 1);
}

#[test]
fn what_can_be_no_value_is_refused() {
    for (given, problem) in [
        (&b""[..], Problem::Empty),
        (b"\n", Problem::Empty),
        (b"\r\n", Problem::Empty),
        (b"\xef\xbb\xbf\n", Problem::Empty),
        (b"\xff", Problem::NotUtf8),
        (b"\xff\xfek\0e\0y\0", Problem::Utf16),
        (b"\xfe\xff\0k\0e\0y", Problem::Utf16),
        (b"k\0e\0y\0\n\0", Problem::Nul),
        (b"\0k\0e\0y", Problem::Nul),
        (b"key\0", Problem::Nul),
    ] {
        assert_eq!(value::text(given, false).unwrap_err(), problem, "{given:?}");
    }
}

#[test]
fn what_is_odd_about_a_value_is_told_and_what_is_usual_is_not() {
    for (text, says) in [
        (" key-of-exa", "begins with white space"),
        ("\nkey-of-exa", "begins with white space"),
        ("\u{a0}key-of-exa", "begins with white space"),
        ("\u{200b}key-of-exa", "begins with white space"),
        ("key-of-exa\t", "ends with white space"),
        ("key-of-exa\r", "ends with white space"),
        ("key-of-exa\u{feff}", "ends with white space"),
        ("key-of-exa\n", "ends with an empty line"),
        ("key-of-exa\n  ", "ends with an empty line"),
        ("key\u{200b}-of-exa", "not visible"),
        ("key\u{1b}[0m-of-exa", "not visible"),
        ("key\u{7f}-of-exa", "not visible"),
        ("\"key-of-exa\"", "in quotes"),
        ("'key-of-exa'", "in quotes"),
        ("`key-of-exa`", "in quotes"),
        ("\u{201c}key-of-exa\u{201d}", "in quotes"),
        ("\u{2018}key-of-exa\u{2019}", "in quotes"),
        ("key\u{a0}of-exa", "looks like a space"),
        ("key\u{3000}of-exa", "looks like a space"),
        ("key-of\n\n-exa", "contains an empty line"),
        ("key-of\r\n \t\r\n-exa", "contains an empty line"),
    ] {
        let odd = oddities(text);
        assert!(odd.len() == 1 && odd[0].contains(says), "{text:?}: {odd:?}");
    }
    for usual in [
        "key-of-exa",
        "two words",
        "-----BEGIN KEY-----\nMII=\r\n\n-----END KEY-----",
        "a\tb",
        "{\n\n\"a\": 1}",
        "a\nb",
        "p\u{e4}ss",
        "'",
        "\"a' ",
    ]
    .map(str::trim_end)
    {
        assert_eq!(oddities(usual), [""; 0], "{usual:?}");
    }
    assert_eq!(kept("\u{feff}key-of-exa".as_bytes(), false), ("key-of-exa".to_owned(), 1));
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n";
    assert_eq!((kept(key.as_bytes(), false).1, kept(key.as_bytes(), true).1), (1, 0));
}
