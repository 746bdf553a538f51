//! Typed actions that declare the credentials they need, for agents and workflows.
//!
//! An *action* is an async function with a typed input, a typed output, and its credentials as parameters. The runtime
//! finds each credential by fixed rules, lends it for one call, and keeps it out of everything that leaves. If something
//! is missing or does not fit, that is a compile error where types can tell, and a finding of a check before traffic
//! where they can't.
//!
//! ```
//! use keystroke::prelude::*;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! /// Exa web search. Create a key in the Exa dashboard.
//! #[credential(key = "exa")]
//! pub struct Exa {
//!     pub api_key: SecretString,
//! }
//!
//! #[derive(Deserialize, JsonSchema)]
//! pub struct SearchInput {
//!     /// What to look for.
//!     pub query: String,
//! }
//!
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! pub struct SearchOutput {
//!     pub results: Vec<String>,
//! }
//!
//! /// Searches the web and returns page titles.
//! #[action(slug = "search")]
//! pub async fn search(input: SearchInput, exa: &Exa) -> Result<SearchOutput, Failure> {
//!     let _authorization = exa.api_key.expose_secret();
//!     Ok(SearchOutput { results: vec![input.query] })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Failure> {
//! let exa = Instance::new("exa").in_organization("acme").field("api_key", "exa-key-1");
//! let runtime = Runtime::new(MemoryStore::new().with(exa));
//! let run = runtime.organization("acme").project("research"); // a run without a user
//!
//! let input = || SearchInput { query: "rust".into() };
//! let found = Search.run(&run, input()).await?; // of the project, else of the organization
//! assert_eq!(found.results, ["rust"]);
//!
//! let found = Search.run(&run, input()).scope(Organization).await?; // pinned for this call
//! # assert_eq!(found.results, ["rust"]);
//!
//! let tools = toolset![Search]?; // the same action as an agent's tool, called in JSON
//! let output = tools.call("search", serde_json::json!({ "query": "rust" }), &run).await?;
//! assert_eq!(output.json()["results"][0], "rust");
//!
//! // In a unit test, the function is still the function.
//! search(input(), &Exa { api_key: "test".into() }).await?;
//! # Ok(())
//! # }
//! ```
//!
//! `search` is the function, `Search` is the action: a unit value that runs it with its credentials.
//!
//! # Where to go from here
//!
//! - [The guide](crate::guide) goes from an environment variable to an action in ten minutes, then has a section for each
//!   task you may have: errors, tests, generic code, a store of your own, an agent's loop.
//! - [The rules](crate::rules) say how a credential is chosen, how a call fails and what becomes of secrets. They are
//!   numbered, and these pages cite the numbers: "SEMANTICS R3", "SEMANTICS §4".
//! - The [`prelude`] holds what an author of actions uses. The rest is in modules, one for each purpose, which the
//!   sections below name.
//!
//! # Credentials
//!
//! A credential is a struct with [`#[credential]`](macro@credential). Every field is a [`SecretString`] unless it is
//! marked as plain, and the struct can't be printed, cloned, compared or serialised. A store is asked for the credential
//! by its key, here `key = "exa"`; what a store has under a key is an [`Instance`]. OAuth connections are credentials
//! too, with `kind = oauth`. Module [`declare`] holds what the macros write.
//!
//! # Actions
//!
//! An action is an async function with [`#[action]`](macro@action). It takes at most one input, any number of
//! credentials by reference, and, if you like, an [`ActionContext`]: what the run is, cancellation and progress. What all
//! actions share, such as an HTTP client, [`Runtime::with_state`] takes, and an action borrows it as
//! `http: &`[`State`]`<Client>` ([an example](crate::guide#sharing-a-client)). One action uses another by [calling its
//! function](macro@action#how-one-action-uses-another).
//!
//! ## Generic code
//!
//! An action is a value: `Copy`, `Clone`, `Debug` and `Default`. A function that is generic over actions takes a run that
//! gives what the action needs, `R: RunFor<A::Need>`. If all your runs are of one kind, put the bound on the action
//! instead: `A: Action<Need = NoUser>` runs on `&Run<Anonymous>`.
//!
//! ```
//! use keystroke::prelude::*;
//!
//! /// Runs an action for each input, one after the other, until one fails.
//! async fn each<A: Action + Copy, R: RunFor<A::Need>>(
//!     action: A,
//!     run: &R,
//!     inputs: impl IntoIterator<Item = A::Input>,
//! ) -> Result<Vec<A::Output>, ActionError<A::Error>> {
//!     let mut outputs = Vec::new();
//!     for input in inputs {
//!         outputs.push(action.run(run, input).await?);
//!     }
//!     Ok(outputs)
//! }
//!
//! # #[derive(serde::Deserialize, schemars::JsonSchema)]
//! # struct Number { n: u32 }
//! /// Doubles a number.
//! #[action(slug = "double")]
//! async fn double(number: Number) -> Result<u32, Failure> {
//!     Ok(2 * number.n)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::new(MemoryStore::new());
//! let run: Run<Anonymous> = runtime.organization("acme").project("research");
//! assert_eq!(each(Double, &run, [Number { n: 1 }, Number { n: 2 }]).await?, [2, 4]);
//! assert_eq!(each(Double, &run.as_user("ada"), [Number { n: 3 }]).await?, [6]);
//! # Ok(())
//! # }
//! ```
//!
//! There is no `Box<dyn Action>`: an action's types are its own. A list of different actions is a [`Toolset`], which
//! calls them in JSON.
//!
//! # Runs
//!
//! A [`Run`] is one execution for one organization and one project, with an origin and maybe a user. A [`Runtime`] makes
//! them: `runtime.organization("acme").project("research")`. Whether there is a user is in the type: [`Anonymous`],
//! [`AsUser`], or [`Background`] for what a schedule or webhook started. `as_user` takes the run; to keep it, write
//! `run.clone().as_user("ada")`. Module [`run`] has origins, consumers, cancellation and clocks.
//!
//! # Scopes and pins
//!
//! An instance belongs to an organization, a project or a user. A *pin* fixes that scope in code: on a credential, on an
//! action, on one parameter ([`Pinned`]), or on one call. Pins are types, so two that disagree don't compile, and
//! neither does a user pin on a run without a user:
//!
//! ```compile_fail,E0277
//! # use keystroke::prelude::*;
//! # #[credential(key = "exa")]
//! # pub struct Exa { pub api_key: SecretString }
//! # /// Searches.
//! # #[action(slug = "search")]
//! # pub async fn search(exa: &Exa) -> Result<(), std::io::Error> { Ok(()) }
//! # fn f(runtime: Runtime) {
//! let run = runtime.organization("acme").project("research");
//! let call = Search.scope(User).run(&run, ()); // this acts as a user, but this run has none
//! # }
//! ```
//!
//! Module [`scope`] has the scopes, [rule P](crate::rules#35-pins) what pins mean.
//!
//! # How a credential is chosen
//!
//! In this order: an instance selected for the call or the run, the one assigned to the consumer, the pinned scope, the
//! project, the organization. The next is tried only if the credential is *absent*; a revoked, expired or ambiguous
//! instance is an error that names its fix. [Rules R0 to R11](crate::rules#3-choosing) are the whole of it.
//! [`Call::explain`] tells which instance a call would get, and why, without opening it: see module [`explain`].
//!
//! # Stores and the vault
//!
//! A [`CredentialStore`] says which instances there are and opens the chosen one. [`MemoryStore`] is for tests and
//! programs that read their keys elsewhere. With the feature `vault` there is [`Vault`][vault], encrypted, on this
//! machine, shared by many processes; the program `keystroke` fills it. Module [`store`] is for
//! [a store of your own](crate::guide#a-store-of-your-own).
//!
//! # Tools for agents
//!
//! [`toolset!`] makes a list of actions that a model can call: [`Toolset::descriptors`] gives names, descriptions and
//! schemas; [`Toolset::call`] takes JSON. Secrets are removed from what it returns. An action that gives images or other
//! files returns [`Content`], alone or beside a value ([`WithContent`]). Module [`tool`] has the parts,
//! [rule 6](crate::rules#6-tools) the mapping, and [the guide](crate::guide#an-agent-by-hand) an agent's loop.
//!
//! # Preflight and manifest
//!
//! [`Toolset::preflight`] looks for the state that a list takes and resolves every credential that it needs, for one run,
//! and opens nothing: call it before there is traffic, then print it or [read it](crate::guide#before-there-is-traffic).
//! [`manifest!`] writes what an application asks for as JSON, which `keystroke check` compares with a vault before a
//! deployment. See modules [`explain`] and [`mod@manifest`].
//!
//! # Errors
//!
//! A call fails with an [`ActionError`] (a tool with a [`ToolError`]). Match on its [`kind`](ActionError::kind). Its
//! `Display` is for the operator. It names the fix if a credential was the problem; of an invalid input, or of an action
//! that failed, it says what is wrong, and [`fix`](ActionError::fix) what to do.
//! [`for_model`](ActionError::for_model) is for the model, without ids, labels or accounts.
//!
//! ```
//! # use keystroke::prelude::*;
//! # #[credential(key = "exa")]
//! # pub struct Exa { pub api_key: SecretString }
//! #[derive(Debug, thiserror::Error)]
//! #[error("Exa answered {status}")]
//! pub struct SearchError { status: u16 }
//!
//! /// Searches.
//! #[action(slug = "search")]
//! pub async fn search(exa: &Exa) -> Result<u64, SearchError> {
//!     # let _ = &exa.api_key;
//!     Err(SearchError { status: 429 })
//! }
//!
//! fn http_status(error: &ActionError<SearchError>) -> u16 {
//!     match error.kind() {
//!         ActionErrorKind::InvalidInput(_) => 422,
//!         ActionErrorKind::Resolve(e) if e.iter().all(ResolveError::is_retryable) => 503,
//!         ActionErrorKind::Resolve(_) => 409, // connect or choose one first
//!         ActionErrorKind::Failed(SearchError { status: 429 }) => 429, // the function's own
//!         ActionErrorKind::Failed(_) => 502,
//!         ActionErrorKind::Cancelled => 503,
//!         _ => 500, // a panic
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let empty = Runtime::new(MemoryStore::new()).organization("acme").project("research");
//! # let full = Instance::new("exa").in_organization("acme").field("api_key", "exa-key-1");
//! # let full = Runtime::new(MemoryStore::new().with(full));
//! # let full = full.organization("acme").project("research");
//! assert_eq!(http_status(&Search.run(&full, ()).await.unwrap_err()), 429);
//! let error = Search.run(&empty, ()).await.unwrap_err();
//! assert_eq!((http_status(&error), error.code()), (409, "resolve"));
//! assert!(error.fix().starts_with("run `keystroke credentials set exa"));
//! # }
//! ```
//!
//! [`ActionError`] explains these statuses. Module [`error`] has the other errors, and [rule 4](crate::rules#4-errors)
//! lists all codes.
//!
//! # Secrets
//!
//! A [`SecretString`] is wiped when dropped and shows itself only by `expose_secret()`. What a tool returns, what an
//! action reports as progress and what any error says is searched for the secrets of the call, in plain and in common
//! encodings, and each is replaced by a mark. [Rule S](crate::rules#5-secrets) says what is found and what is not. Module
//! [`secret`] has the estimate of a secret's strength and the search itself.
//!
//! # Traces and metrics
//!
//! Each call is a `tracing` span, and with the feature `metrics` it is counted, never with a credential's value:
//! [what you can observe](crate::observability).
//!
//! # Testing
//!
//! An action's function needs no runtime. With the feature `test-util`, module [`testing`][testing] has runs of every
//! origin, a clock that the test moves, a store that records what it was asked, and a search for secrets.
//!
//! # MCP
//!
//! With the feature `mcp`, [`mcp::Server`][mcp] serves a toolset to MCP clients, over stdio and streamable HTTP.
//!
//! # Features
//!
//! None is on by default, and features only add.
//!
//! | feature | adds |
//! | --- | --- |
//! | `vault` | [`Vault`][vault]: the encrypted local vault, on SQLite |
//! | `keyring` | the vault's key in any keyring of `keyring-core`; brings `vault` |
//! | `os-keyring` | the vault's key in the keyring of the session; brings `keyring` |
//! | `mcp` | [`mcp`][mcp]: a toolset as an MCP server |
//! | `garde` | `#[action(validate)]`: checks on the input by the author's own `garde` rules |
//! | `metrics` | [counters and durations](crate::observability#metrics) of calls, for the recorder that the program installs |
//! | `test-util` | [`testing`][testing]: what a test of code with credentials needs |
//!
#![cfg_attr(feature = "vault", doc = "[vault]: crate::vault::Vault")]
#![cfg_attr(not(feature = "vault"), doc = "[vault]: #features")]
#![cfg_attr(feature = "mcp", doc = "[mcp]: crate::mcp::Server")]
#![cfg_attr(not(feature = "mcp"), doc = "[mcp]: #features")]
#![cfg_attr(feature = "test-util", doc = "[testing]: crate::testing")]
#![cfg_attr(not(feature = "test-util"), doc = "[testing]: #features")]

extern crate self as keystroke;

mod macros;

pub mod declare;
pub mod error;
pub mod explain;
#[cfg(any(doc, doctest))]
pub mod guide;
pub mod manifest;
#[cfg(any(doc, doctest))]
pub mod observability;
pub mod prelude;
#[cfg(any(doc, doctest))]
pub mod rules;
pub mod run;
pub mod secret;
pub mod store;
pub mod tool;

pub use keystroke_core::{
    Action, ActionContext, ActionError, ActionErrorKind, Anonymous, AsUser, Assignment, Background, Call,
    Content, Credential, CredentialStore, Explanation, Failure, Instance, Manifest, MemoryStore,
    MissingState, Pinned, ResolveError, Run, RunFor, Runtime, SecretString, State, ToolError, Toolset,
    ToolsetErrors, WithContent, scope,
};
pub use macros::{action, credential};

#[cfg(feature = "test-util")]
pub use keystroke_core::testing;
#[cfg(feature = "mcp")]
#[doc(inline)]
pub use keystroke_mcp as mcp;
#[cfg(feature = "vault")]
#[doc(inline)]
pub use keystroke_vault as vault;
#[cfg(feature = "vault")]
pub use keystroke_vault::{Vault, VaultOptions};

// Named after the version, as `keystroke-macros` spells it: no code but theirs can rely on it.
#[doc(hidden)]
pub use keystroke_core::private as __private_0_1_0;
#[doc(hidden)]
pub use keystroke_macros::toolset_of as __toolset_of;

/// The examples of the repository's other documents are compiled and run.
#[cfg(all(doctest, feature = "test-util"))]
#[doc = include_str!("../docs/testing.md")]
struct TestingDocument;

#[cfg(test)]
mod tests {
    #[test]
    fn the_private_module_is_named_after_the_version() {
        let version = env!("CARGO_PKG_VERSION").replace(['.', '-', '+'], "_");
        assert!(include_str!("lib.rs").contains(&format!("private as __private_{version};")));
    }
}
