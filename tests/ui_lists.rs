//! What is wrong with a list of actions and shows only when it is built: all of it at once, with the author's names.

#![allow(clippy::expect_used, reason = "a test stops at the first surprise")]

use keystroke::ToolsetError;
use keystroke::prelude::*;

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

mod other {
    use keystroke::prelude::*;

    #[credential(key = "exa")]
    pub(super) struct OtherExa {
        pub(super) token: SecretString,
    }
}
use other::OtherExa;

/// A number in disguise: which JSON it is, only its schema tells.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Number(u32);

/// Searches.
#[action(slug = "search")]
async fn search(exa: &Exa) -> Result<usize, Failure> {
    Ok(exa.api_key.expose_secret().len())
}

/// Reads.
#[action(slug = "read")]
async fn read(exa: &OtherExa) -> Result<usize, Failure> {
    Ok(exa.token.expose_secret().len())
}

/// Counts.
#[action(slug = "count")]
async fn count(number: Number) -> Result<u32, Failure> {
    Ok(number.0)
}

#[test]
fn all_findings_of_a_list_come_at_once_and_name_the_types() {
    let errors = toolset![Search, Read, Count].expect_err("two findings");
    let texts: Vec<String> = errors.errors().iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 2, "{errors}");
    assert!(matches!(errors.errors().first(), Some(ToolsetError::SameKey { key: "exa", .. })), "{errors}");
    let same_key = texts.first().expect("a finding");
    assert!(
        same_key.contains("Exa`") && same_key.contains("other::OtherExa") && same_key.contains("`exa`"),
        "{same_key}"
    );
    let input = texts.last().expect("a finding");
    assert!(input.contains("Number") && input.contains("must be a struct"), "{input}");
}
