//! A few whole expansions, to be read when they change: `INSTA_UPDATE=always cargo test -p keystroke-macros`.

use proc_macro2::TokenStream;

use super::tokens;
use crate::location::Site;

/// Written with whole paths alone, so that every other path in an expansion is ours.
pub(super) const ACTION: &str = "
    /// Searches the web.
    pub(crate) async fn web_search(
        input: crate::Input,
        exa: &crate::Exa,
        slack: &::keystroke::Pinned<crate::Slack, ::keystroke::scope::User>,
        jira: ::core::option::Option<&crate::Jira>,
        cx: &::keystroke::ActionContext,
    ) -> ::core::result::Result<crate::Found, crate::Error> {
        body(input, exa, slack, jira, cx).await
    }";
pub(super) const TWO_INPUTS: &str = "
    /// Searches the web.
    async fn web_search(a: crate::A, b: crate::B) -> crate::Outcome { body }";
pub(super) const BROKEN: &str = "
    /// Searches the web.
    async fn web_search<T>(input: T, exa: &crate::Exa) -> ::core::result::Result<crate::Found, T> { body }";
pub(super) const CREDENTIAL: &str = "
    pub struct Jira {
        #[field(name = \"apiToken\")]
        pub api_token: ::keystroke::SecretString,
        #[field(plain, default = 443)]
        pub port: ::core::primitive::u16,
        #[field(plain)]
        pub r#type: crate::Kind,
    }";
pub(super) const OAUTH: &str = "
    struct Gmail {
        access_token: ::keystroke::SecretString,
        account: crate::Account,
        expires_at: crate::Expiry,
        granted_scopes: crate::Scopes,
    }";

pub(super) const LIST: &str = "(::keystroke)
    Search,
    /// Posts.
    #[cfg(feature = \"post\")]
    a::Post.scope(User),
    ..::library::tools()?,
";

pub(super) fn action(attribute: &str, item: &str) -> TokenStream {
    crate::action::action(tokens(attribute), tokens(item), &Site::default())
}

pub(super) fn credential(attribute: &str, item: &str) -> TokenStream {
    crate::credential::credential(tokens(attribute), tokens(item), &Site::default())
}

/// All expansions, each with its name.
pub(super) fn all() -> Vec<(&'static str, TokenStream)> {
    vec![
        (
            "action",
            action(
                "slug = \"web-search\", name = \"Web\", scope = project, read_only, idempotent, validate",
                ACTION,
            ),
        ),
        ("two_inputs", action("slug = \"web-search\"", TWO_INPUTS)),
        ("broken_action", action("slug = \"web-search\"", BROKEN)),
        (
            "credential",
            credential("key = \"jira\", name = \"Jira\", scope = user, validate = crate::check", CREDENTIAL),
        ),
        ("oauth", credential("key = \"gmail\", kind = oauth, oauth_scopes = [\"mail\"]", OAUTH)),
        ("broken_credential", credential("key = jira", CREDENTIAL)),
        ("list", crate::toolset::toolset(tokens(LIST))),
    ]
}

#[test]
fn expansions_are_as_they_were_read() {
    for (name, tokens) in all() {
        // A list is an expression, and only files are printed.
        let list = quote::quote!(const LIST: () = #tokens;);
        let file = syn::parse2(tokens).or_else(|_| syn::parse2(list)).expect("an expansion is Rust");
        insta::assert_snapshot!(name, unversioned(&prettyplease::unparse(&file)));
    }
}

#[test]
fn the_authors_item_comes_first_and_unchanged() {
    let text = |tokens: TokenStream| tokens.to_string().replace([' ', '\n'], "");
    let begins = |attribute: &str, item: &str| text(action(attribute, item)).starts_with(&text(tokens(item)));
    assert!(begins("slug = \"web-search\"", ACTION));
    // Also beside an error in the attribute, and in the signature.
    assert!(begins("slgu = \"web-search\"", ACTION));
    assert!(begins("slug = \"web-search\"", BROKEN));
}

#[test]
fn an_action_whose_attribute_is_wrong_is_expanded_in_full() {
    let sound = action("slug = \"web-search\"", ACTION).to_string();
    let wrong = action("slgu = \"web-search\"", ACTION).to_string();
    assert!(wrong.starts_with(&sound) && wrong.len() > sound.len());
}

/// Without the version in the private module's name, which changes with each release.
fn unversioned(expansion: &str) -> String {
    expansion.replace(&format!("__private_{}", env!("CARGO_PKG_VERSION").replace('.', "_")), "__private")
}
