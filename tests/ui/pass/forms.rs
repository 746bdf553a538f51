//! Every form of an action that must compile, under strict lints.

#![deny(warnings, missing_docs, unused_qualifications, clippy::pedantic)]
#![allow(unreachable_pub, reason = "what authors write in a library stands in a program here")]
#![allow(clippy::unused_async, clippy::unnecessary_wraps, reason = "the actions of a fixture do nothing")]

use keystroke::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Exa.
#[credential(key = "exa")]
pub struct Exa {
    /// The key.
    pub api_key: SecretString,
}

/// Slack, pinned, with derives of the author's own around it.
#[credential(key = "slack", name = "Slack", scope = user, validate = check)]
#[derive(Default)]
pub struct Slack {
    /// Optional, so that there is a default.
    pub token: Option<SecretString>,
    /// May be shown.
    #[field(plain, name = "teamId")]
    pub team: Option<String>,
    /// Has a default.
    #[field(plain, default = -3)]
    pub offset: i16,
    /// A raw name.
    #[field(plain, default = "x")]
    pub r#type: String,
}

fn check(_: &Slack) -> Result<(), &'static str> {
    Ok(())
}

/// An OAuth connection.
#[credential(key = "gmail", kind = oauth, oauth_scopes = ["mail.read"])]
pub struct Gmail {
    /// The token.
    pub access_token: SecretString,
    /// The account.
    pub account: Option<String>,
    /// The end.
    pub expires_at: Option<std::time::SystemTime>,
    /// The scopes.
    pub granted_scopes: Vec<String>,
}

/// A connection of the platform.
#[credential(key = "notion", kind = keystroke)]
pub struct Notion {
    /// The handle.
    pub connection: Connection,
}

/// An input.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// A field.
    pub query: String,
    /// Another.
    pub limit: u32,
}

/// An output.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// A field.
    pub results: Vec<String>,
}

/// An alias of a credential.
pub type Key = Exa;
/// An alias of an input.
pub type In = Input;
/// An alias of a result.
pub type Outcome<T = Output> = Result<T, Failure>;

/// Destructures its input.
///
/// # Errors
/// Never.
#[action(slug = "destructured")]
pub async fn destructured(Input { query, limit: _ }: Input, exa: &Exa) -> Result<Output, Failure> {
    let _ = exa.api_key.expose_secret();
    Ok(Output { results: vec![query] })
}

/// Takes `mut`, `_` and aliases, in another order.
///
/// # Errors
/// Never.
#[action(slug = "mutable", handle = MutableAction)]
pub async fn mutable(_: &Key, cx: &ActionContext, mut input: In) -> Outcome {
    input.query.push_str(cx.user().unwrap_or_default());
    Ok(Output { results: vec![input.query] })
}

/// Has neither input nor credential.
///
/// # Errors
/// Never.
#[action(slug = "nothing", read_only, idempotent)]
pub async fn nothing() -> Outcome<()> {
    Ok(())
}

/// Pins one of several.
///
/// # Errors
/// Never.
#[action(slug = "two", name = "Two")]
pub async fn two(slack: &Slack, exa: &Pinned<Exa, Project>, gmail: &Gmail, notion: &Notion) -> Outcome<bool> {
    Ok(slack.team.is_some()
        && exa.api_key.expose_secret().is_empty()
        && gmail.account.is_some()
        && notion.connection.account().is_some())
}

/// An alias of content.
pub type Picture = Content;
/// An alias of an optional credential's type, pinned.
pub type Own = Pinned<Exa, Organization>;
/// What actions share.
pub struct Client;
/// An alias of it.
pub type Http = State<Client>;

/// Gives content alone.
///
/// # Errors
/// Never.
#[action(slug = "draw")]
pub async fn draw(input: Input) -> Result<Content, Failure> {
    Ok(Content::text(input.query))
}

/// Gives content behind an alias, and borrows state behind another.
///
/// # Errors
/// Never.
#[action(slug = "paint")]
pub async fn paint(http: &Http, other: &State<u8>) -> Outcome<Picture> {
    let (Client, number) = (&**http, **other);
    Ok(Content::image("image/png", [number]))
}

/// Gives content beside a value, with credentials that may be absent.
///
/// # Errors
/// Never.
#[action(slug = "beside")]
pub async fn beside(
    exa: Option<&Own>,
    slack: Option<&Slack>,
    gmail: Option<&Pinned<Gmail, User>>,
) -> Result<WithContent<Output>, Failure> {
    let there = [exa.is_some(), slack.is_some(), gmail.is_some()];
    let results = there.iter().map(ToString::to_string).collect();
    Ok(WithContent::new(Output { results }, Content::default()))
}

/// Gives content beside nothing.
///
/// # Errors
/// Never.
#[action(slug = "beside-nothing")]
pub async fn beside_nothing() -> Outcome<WithContent<()>> {
    Ok(WithContent::new((), Content::text("")))
}

/// A raw name.
///
/// # Errors
/// Never.
#[action(slug = "match")]
#[deprecated = "use another"]
pub async fn r#match(r#type: &Exa) -> Outcome<()> {
    let _ = r#type;
    Ok(())
}

macro_rules! make {
    ($input:ty, $credential:ty, $name:ident) => {
        /// Made by a macro.
        ///
        /// # Errors
        /// Never.
        #[action(slug = "made")]
        pub async fn $name(input: $input, credential: &$credential) -> Outcome<String> {
            let _ = credential;
            Ok(input.query)
        }
    };
}
make!(Input, Exa, made);

/// Not there.
///
/// # Errors
/// Never.
#[cfg(any())]
#[action(slug = "absent")]
pub async fn absent(missing: Missing) -> Outcome<()> {
    Ok(())
}

/// Not there either.
///
/// # Errors
/// Never.
#[action(slug = "absent-too")]
#[cfg(any())]
pub async fn absent_too(missing: Missing) -> Outcome<()> {
    Ok(())
}

/// Has a description
///
/// # Of which this is no part
#[doc = include_str!("forms.md")]
///
/// # Errors
/// Never.
#[action(slug = "described")]
pub async fn described() -> Outcome<()> {
    Ok(())
}

/// Has a comment
///
/// # Errors
/// Never.
#[action(slug = "also-described", description = "It is said otherwise.")]
#[doc = concat!("which is not ", "read.")]
pub async fn also_described() -> Outcome<()> {
    Ok(())
}

/// Counts,
#[cfg_attr(all(), doc = " and that is all.")]
///
/// # Errors
/// Never.
#[action(slug = "conditional")]
#[cfg_attr(all(), doc = "")]
pub async fn conditional() -> Outcome<()> {
    Ok(())
}

mod search {
    //! One action per file.
    use keystroke::prelude::*;

    /// Searches.
    ///
    /// # Errors
    /// Never.
    #[action(slug = "search")]
    pub async fn search() -> Result<(), std::io::Error> {
        Ok(())
    }
}
pub use search::{Search, search};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// An action in a body, with local types.
    #[credential(key = "local")]
    struct Local {
        token: SecretString,
    }

    /// In a body.
    #[action(slug = "inner")]
    async fn inner(local: &Local) -> Result<String, std::fmt::Error> {
        Ok(local.token.expose_secret().to_owned())
    }

    let tools = toolset![Destructured, MutableAction, Nothing, Two, Made, Search, Inner.scope(Organization)]?;
    let _ = toolset![Draw, Paint, Beside, BesideNothing]?;
    let described = toolset![Described, AlsoDescribed, Conditional]?;
    let descriptions: Vec<_> = described.descriptors().map(|tool| tool.description).collect();
    assert_eq!(descriptions, ["Has a description", "It is said otherwise.", "Counts, and that is all."]);
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(tools.call("nothing", serde_json::json!({}), &run));
    drop(Inner.run(&run, ()));
    drop(Destructured.scope(Project).run(&run, Input { query: String::new(), limit: 1 }).select("exa", "id"));
    Ok(())
}
