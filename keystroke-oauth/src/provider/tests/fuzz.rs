//! Whatever stands in a file: it is a provider that can be written again, or refused by its lines; and whatever a variable
//! is said to be, no URL leaves its domain. `docs/testing.md` says how to run it for longer.

use crate::provider::built_in::BUILT_IN;
use crate::provider::{Provider, ProviderError, Providers};

use super::values;

/// What files are made of, and what an attacker puts between.
const PARTS: [&str; 32] = [
    "\n",
    "\"",
    "'",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "/",
    "//",
    "..",
    "@",
    ":",
    "?",
    "%2f",
    "\\",
    "\0",
    "é",
    "\u{202e}",
    "https://",
    "http://127.0.0.1",
    "evil.example",
    "{shop}",
    "true",
    "\"90d\"",
    "token",
    "[variables.x]\nabout = 'x'\n",
];

fn checked(name: &str, text: &str) {
    let lines = 1 + text.matches('\n').count();
    match Provider::parse(name, text) {
        Err(ProviderError::Invalid { faults, .. }) => {
            assert!((1..=20).contains(&faults.len()), "{text}");
            for fault in faults {
                assert!((1..=lines).contains(&fault.line) && !fault.fix.is_empty(), "{fault:?}: {text}");
            }
        }
        Err(error) => panic!("{error}: {text}"),
        Ok(provider) => {
            let again = Provider::parse(name, &provider.to_toml());
            assert_eq!(again.as_ref().ok(), Some(&provider), "{again:?}: {text}");
        }
    }
}

#[test]
fn any_file_is_a_provider_or_refused_by_its_lines() {
    type Edits = Vec<(u16, u8, u8)>;
    bolero::check!().with_type::<(u8, Edits)>().with_iterations(400).for_each(
        |(file, edits): &(u8, Edits)| {
            let (name, text) = BUILT_IN[usize::from(*file) % BUILT_IN.len()];
            let mut chars: Vec<char> = text.chars().collect();
            for (at, gone, part) in edits.iter().take(4) {
                let at = usize::from(*at) % chars.len();
                let end = (at + usize::from(*gone % 16)).min(chars.len());
                chars.splice(at..end, PARTS[usize::from(*part) % PARTS.len()].chars());
            }
            checked(name, &chars.into_iter().collect::<String>());
        },
    );
    // Both ends are reached.
    let (name, text) = BUILT_IN[0];
    assert!(Provider::parse(name, text).is_ok() && Provider::parse(name, "=").is_err());
}

#[test]
fn no_value_of_any_letters_leaves_the_domain() {
    const LETTERS: [&str; 16] =
        ["a", "B", "1", "-", "_", ".", "~", "/", "@", ":", "#", "?", "%", "\\", "é", "evil.example"];
    let providers = Providers::built_in();
    let [shopify, microsoft, zoho] =
        ["shopify", "microsoft", "zoho"].map(|name| providers.get(name).unwrap());
    bolero::check!().with_type::<Vec<u8>>().with_iterations(10_000).for_each(|bytes: &Vec<u8>| {
        let letter = |byte: &u8| LETTERS[usize::from(*byte) % LETTERS.len()];
        let value: String = bytes.iter().take(8).map(letter).collect();
        if let Ok(endpoints) = shopify.endpoints(&values([("shop", &value)])) {
            assert_eq!(
                endpoints.token.as_str(),
                format!("https://{value}.myshopify.com/admin/oauth/access_token")
            );
            assert!(endpoints.token.host_str().unwrap().ends_with(".myshopify.com"), "{value}");
        }
        if let Ok(endpoints) = microsoft.endpoints(&values([("tenant", &value)])) {
            assert_eq!(endpoints.token.host_str(), Some("login.microsoftonline.com"), "{value}");
            assert_eq!(endpoints.token.path(), format!("/{value}/oauth2/v2.0/token"));
        }
        let told = zoho.values_of_callback(&values([]), |_| Some(value.clone()));
        assert!(told.is_err(), "{value}");
    });
}
