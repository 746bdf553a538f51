//! What provider files may say, and what comes of those that say something else.

mod built_in;
mod catalog;
mod client_missing;
mod discovery;
mod document;
mod fuzz;
mod hostile;
mod scopes;
mod urls;

use std::collections::BTreeMap;

/// The shortest file that is valid.
const SHORT: &str = r#"title = "Example"
grants = ["authorization_code"]
[registration]
url = "https://example.com/apps"
[endpoints]
authorize = "https://example.com/authorize"
token = "https://example.com/token"
[token]
authentication = ["basic"]
[refresh]
tokens = "rotates"
"#;

fn values<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
