//! No prelude at all: generated code names everything by its whole path.
#![no_implicit_prelude]

/// What a derive of schemars makes needs a prelude, so inputs and outputs stand where there is one.
pub mod data {
    use ::schemars;
    use ::std::prelude::rust_2024::*;

    #[derive(::serde::Deserialize, ::schemars::JsonSchema)]
    pub struct Input {
        pub query: String,
    }

    #[derive(::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema)]
    pub struct Output {
        pub results: Vec<String>,
    }
}

#[::keystroke::credential(key = "exa", name = "Exa", scope = project, validate = check)]
pub struct Exa {
    pub api_key: ::keystroke::SecretString,
    pub other: ::std::option::Option<::keystroke::SecretString>,
    #[field(plain, default = true)]
    pub sandbox: bool,
}

fn check(_: &Exa) -> ::std::result::Result<(), &'static str> {
    ::std::result::Result::Ok(())
}

#[::keystroke::credential(key = "gmail", kind = oauth)]
pub struct Gmail {
    pub access_token: ::keystroke::SecretString,
    pub granted_scopes: ::std::vec::Vec<::std::string::String>,
}

/// Searches.
#[::keystroke::action(slug = "search", name = "Search", idempotent)]
pub async fn search(
    input: data::Input,
    exa: &Exa,
    gmail: &::keystroke::Pinned<Gmail, ::keystroke::scope::User>,
    cx: &::keystroke::ActionContext,
) -> ::std::result::Result<data::Output, ::keystroke::Failure> {
    let _ = (exa.sandbox, &gmail.granted_scopes, cx.user());
    let results = ::std::iter::Iterator::collect(::std::iter::once(input.query));
    ::std::result::Result::Ok(data::Output { results })
}

/// Nothing.
#[::keystroke::action(slug = "nothing")]
pub async fn nothing() -> ::std::result::Result<(), ::keystroke::Failure> {
    ::std::result::Result::Ok(())
}

/// The tools.
pub fn tools()
-> ::std::result::Result<::keystroke::Toolset<::keystroke::scope::NeedsUser>, ::keystroke::ToolsetErrors> {
    ::keystroke::toolset![Search, #[cfg(not(test))] Nothing]
}

/// The same, and what generic code asks of an action.
pub fn more_tools()
-> ::std::result::Result<::keystroke::Toolset<::keystroke::scope::NeedsUser>, ::keystroke::ToolsetErrors> {
    fn plain<A: ::std::marker::Copy + ::std::default::Default + ::std::fmt::Debug>(action: A) -> A {
        action
    }
    ::keystroke::toolset![..tools()].and_then(|tools| tools.merge(::keystroke::Toolset::builder().add(plain(Nothing)).build()))
}
