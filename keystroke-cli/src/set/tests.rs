use super::value::checked;
use super::*;

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
            .starts_with("the second `--set` has an `@` form for `api_key`")
    );
    assert!(refused(&["api_key=x", "api_key=y"]).contains("gives `api_key` again"));
    assert!(refused(&["api_key=@env:"]).contains("names nothing after the `:` for `api_key`"));
}

#[test]
fn a_literal_at_is_written_twice_and_the_rest_is_kept_as_it_is() {
    assert_eq!(inline("password=@@home"), "@home");
    assert_eq!(inline("password=a=b=@c "), "a=b=@c ");
}

#[test]
fn one_line_end_is_dropped_and_no_more() {
    for (given, kept) in [("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x ", " x "), ("x\r", "x\r")] {
        assert_eq!(checked("f", "", "", given.as_bytes()).unwrap().expose_secret(), kept);
    }
    for given in [&b""[..], b"\n", b"\r\n", b"\xff"] {
        assert!(checked("f", "", "", given).is_err());
    }
}
