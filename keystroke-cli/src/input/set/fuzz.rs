//! Whatever stands behind `--set`, it is understood in one way, which can be written back, or refused in words that
//! repeat nothing of the value. `docs/testing.md` says how to run it for longer.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::grammar::{Setting, Source, parse};
use crate::error::CliError;
use crate::input::names::check_field;

const CANARY: &str = "s3cr3t-canary";

/// What the grammar is made of, and what a shell or a slip puts between.
const PARTS: [&str; 20] = [
    "=", "=", "@", "@@", "@stdin", "@env:", "@file:", ":", "api_key", "token", "a-b", "", " ", "\n", "é",
    "\u{1b}", "env", "VAR", CANARY, "==",
];

/// The `--set` that gives this setting; there is one only.
fn written(Setting { field, source }: &Setting) -> String {
    let value = match source {
        Source::Inline(value) if value.starts_with('@') => format!("@{}", **value),
        Source::Inline(value) => value.to_string(),
        Source::Env(variable) => format!("@env:{variable}"),
        Source::File(path) => format!("@file:{}", path.display()),
        Source::Stdin => "@stdin".to_owned(),
    };
    format!("{field}={value}")
}

fn checked(sets: &[String]) {
    match parse(sets.iter().map(OsString::from).collect()) {
        Ok(settings) => {
            assert_eq!(settings.iter().map(written).collect::<Vec<_>>(), sets);
            let fields: BTreeSet<&str> = settings.iter().map(|setting| setting.field.as_str()).collect();
            assert_eq!(fields.len(), settings.len(), "a field is given twice");
            assert!(fields.iter().all(|field| check_field(field).is_ok()));
            let shown = format!("{settings:?}");
            let named = fields.iter().any(|field| field.contains(CANARY));
            assert!(named || !shown.contains(CANARY), "{shown}");
        }
        Err(CliError::Refused(refusal)) => {
            let told = format!("{}{}", refusal.message, refusal.fix);
            assert!(!told.contains(CANARY) && !refusal.fix.is_empty(), "{sets:?}: {told}");
            assert!(!told.chars().any(char::is_control), "{told:?}");
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn any_sets_are_understood_in_one_way_or_refused_without_their_values() {
    bolero::check!().with_type::<Vec<Vec<u8>>>().with_iterations(20_000).for_each(|sets: &Vec<Vec<u8>>| {
        let part = |byte: &u8| PARTS[usize::from(*byte) % PARTS.len()];
        let sets: Vec<String> =
            sets.iter().take(3).map(|set| set.iter().take(6).map(part).collect()).collect();
        checked(&sets);
    });
    // Both ends are reached.
    checked(&["api_key=@stdin".to_owned(), "token=@@home".to_owned(), "a-b=@env:VAR".to_owned()]);
    assert!(parse(vec!["api_key=@vault".into()]).is_err());
}

#[test]
fn any_text_is_understood_in_one_way_or_refused() {
    bolero::check!().with_type::<(bool, String)>().with_iterations(20_000).for_each(|(named, text)| {
        checked(&[if *named { format!("api_key={text}") } else { text.clone() }]);
    });
}
