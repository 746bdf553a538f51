//! Tests of each phase over `proc_macro2` tokens. What a whole program's author reads, `tests/ui` of the workspace
//! shows; here stand the rules, many at once.

mod attributes;
mod credentials;
mod functions;
mod golden;
mod hygiene;
mod lists;
mod places;

use proc_macro2::{TokenStream, TokenTree};

use crate::location::Site;

/// The texts of all `compile_error!`s in an expansion.
pub(crate) fn errors(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut after_error = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if ident == "compile_error" => after_error = true,
            TokenTree::Group(group) if after_error => {
                after_error = false;
                let text: syn::LitStr = syn::parse2(group.stream()).expect("an error has a text");
                found.push(text.value());
            }
            TokenTree::Group(group) => found.extend(errors(group.stream())),
            _ => {}
        }
    }
    found
}

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("a test's tokens")
}

/// The errors of `#[action(attribute)] item`.
fn action(attribute: &str, item: &str) -> Vec<String> {
    errors(crate::action::action(tokens(attribute), tokens(item), &Site::default()))
}

/// The errors of `#[credential(attribute)] item`.
fn credential(attribute: &str, item: &str) -> Vec<String> {
    errors(crate::credential::credential(tokens(attribute), tokens(item), &Site::default()))
}

/// Asserts a table: what was written, and the errors' texts, each by a part of it.
fn holds(table: &[(&str, &[&str])], errors: impl Fn(&str) -> Vec<String>) {
    for (written, expected) in table {
        let found = errors(written);
        let fits = found.len() == expected.len()
            && found.iter().zip(*expected).all(|(found, part)| found.contains(part));
        assert!(fits, "`{written}` gives {found:#?}, not {expected:#?}");
    }
}
