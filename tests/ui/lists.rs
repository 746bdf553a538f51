//! What is wrong with a list of actions and shows only when it is built: all of it at once, with the author's names.

use keystroke::error::ToolsetError;
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

mod first {
    use keystroke::prelude::*;

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Input {
        pub(super) query: String,
    }

    /// Takes one.
    #[action(slug = "first")]
    pub(super) async fn first(input: Input) -> Result<String, Failure> {
        Ok(input.query)
    }
}

mod second {
    use keystroke::prelude::*;

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Input {
        pub(super) limit: u32,
    }

    /// Takes another.
    #[action(slug = "second")]
    pub(super) async fn second(input: Input) -> Result<u32, Failure> {
        Ok(input.limit)
    }
}

#[test]
fn two_schemas_with_one_name_name_both_types() {
    let errors = toolset![first::First, second::Second, Search].expect_err("one finding");
    let [error] = errors.errors() else { unreachable!("one finding, not {errors}") };
    assert!(matches!(error, ToolsetError::SameSchema { name, .. } if name == "Input"), "{error}");
    let text = error.to_string();
    assert!(text.contains("first::Input") && text.contains("second::Input"), "{text}");
    assert!(toolset![first::First, Search].is_ok());
}
