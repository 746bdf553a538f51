//! Typed actions that declare the credentials they need, for agents and workflows.
//!
//! An *action* is an async function with a typed input, a typed output, and credentials as parameters. The caller
//! gives the input by value; the runtime finds each credential by fixed rules, checks it, and lends it by reference for
//! one call. What other systems find out when a job fails at night, the compiler says here; what it can't know, a
//! preflight says before traffic; and nothing secret reaches a model, a log or a journal.
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
//! pub async fn search(input: SearchInput, exa: &Exa) -> Result<SearchOutput, std::io::Error> {
//!     let _authorization = exa.api_key.expose_secret();
//!     Ok(SearchOutput { results: vec![input.query] })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::new().with(Instance::new("exa").in_organization("acme").field("api_key", "exa-key-1"));
//! let runtime = Runtime::new(store);
//! let run = runtime.organization("acme").project("research"); // a run without a user
//!
//! let input = || SearchInput { query: "rust".into() };
//! let found = Search.run(&run, input()).await?; // project default → organization default
//! assert_eq!(found.results, ["rust"]);
//! let found = Search.run(&run, input()).scope(Organization).await?; // this call only
//! # assert_eq!(found.results, ["rust"]);
//! let tools = toolset![Search.scope(Organization)]?; // the same as an agent's tools, called in JSON
//! let output = tools.call("search", serde_json::json!({ "query": "rust" }), &run).await?;
//! assert_eq!(output.json()["results"][0], "rust");
//! search(input(), &Exa { api_key: "test".into() }).await?; // in a unit test: the function is still the function
//! # Ok(())
//! # }
//! ```
//!
//! `search` is the function, `Search` is the action: a unit value that runs it with its credentials.
//! `Search.scope(User).run(&run, …)` on a run without a user **does not compile**:
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
//! # Generic code
//!
//! An action is a value: `Copy`, `Clone`, `Debug` and `Default`. A function over any action takes a run that gives what the
//! action needs, `R: RunFor<A::Need>`; a run without a user and an action that acts as one then do not meet, here as
//! elsewhere. Where all runs are of one kind, say so of the action: `A: Action<Need = NoUser>` runs on `&Run<Anonymous>`.
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
//! let run: Run<Anonymous> = Runtime::new(MemoryStore::new()).organization("acme").project("research");
//! assert_eq!(each(Double, &run, [Number { n: 1 }, Number { n: 2 }]).await?, [2, 4]);
//! assert_eq!(each(Double, &run.as_user("ada"), [Number { n: 3 }]).await?, [6]);
//! # Ok(())
//! # }
//! ```
//!
//! There is no `Box<dyn Action>`: an action's types are its own. A list of different actions is a [`Toolset`], which calls
//! them in JSON.
//!
//! # When a call fails
//!
//! It gives an [`ActionError`] (a tool a [`ToolError`]), whose [`kind`](ActionError::kind) is matched. Its `Display` is for the
//! operator and names the fix; [`for_model`](ActionError::for_model) is for the model, and holds no ids, labels or accounts.
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
//!         ActionErrorKind::Resolve(errors) if errors.iter().all(ResolveError::is_retryable) => 503,
//!         ActionErrorKind::Resolve(_) => 409, // something has to be connected, chosen or replaced first
//!         ActionErrorKind::Failed(SearchError { status: 429 }) => 429, // the function's own error, by reference
//!         ActionErrorKind::Failed(_) => 502,
//!         ActionErrorKind::Cancelled => 503,
//!         _ => 500, // a panic
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let empty = Runtime::new(MemoryStore::new()).organization("acme").project("research");
//! # let full = MemoryStore::new().with(Instance::new("exa").in_organization("acme").field("api_key", "exa-key-1"));
//! # let full = Runtime::new(full).organization("acme").project("research");
//! assert_eq!(http_status(&Search.run(&full, ()).await.unwrap_err()), 429);
//! let error = Search.run(&empty, ()).await.unwrap_err();
//! assert_eq!((http_status(&error), error.code()), (409, "resolve"));
//! assert!(error.fix().starts_with("run `keystroke credentials set exa"));
//! # }
//! ```
//!
//! Why these: [`ActionError`] says it.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `vault` | `Vault`, the encrypted local vault, on SQLite |
//! | `garde` | `#[action(validate)]`: checks of the input by the author's own `garde` rules |
//! | `metrics` | counters and durations of calls, for the recorder that the program installs: `docs/observability.md` |
//! | `mcp` | `mcp::Server`: a toolset as an MCP server, over stdio and streamable HTTP |
//! | `test-util` | `testing`: runs of every origin, a clock to move, a store that tells what was opened, a search for secrets |
//!
//! Where these pages say `SEMANTICS R3` and the like, they mean the numbered rules in the repository's
//! `docs/semantics.md`.

extern crate self as keystroke;

mod macros;

#[cfg(feature = "test-util")]
pub use keystroke_core::testing;

/// The examples of the repository's documents are compiled and run.
#[cfg(all(doctest, feature = "test-util"))]
#[doc = include_str!("../docs/testing.md")]
struct TestingDocument;
#[cfg(all(doctest, feature = "test-util"))]
#[doc = include_str!("../docs/guide.md")]
struct GuideDocument;

pub use keystroke_core::{
    Action, ActionContext, ActionError, ActionErrorKind, Actor, Annotations, Anonymous, AnyRun, Application,
    AsUser, Assignment, AssignmentIn, Background, BackgroundOrigin, Call, Cancellation, Candidate,
    Candidates, Chosen, Clock, Codec, Connection, Consumer, Credential, CredentialKind, CredentialStore,
    ErrorContext, Explanation, Failure, FieldProblem, FieldReader, FieldSpec, FieldType, FieldValue, Fields,
    GUESSABLE_BITS, InOrganization, Instance, InstanceId, InstanceSummary, InvalidInput, Invocation, Label,
    Lookup, Manifest, ManifestAction, ManifestAnnotations, ManifestCredential, ManifestError, ManifestField,
    ManifestProblem, ManifestRequirement, MemoryStore, Mergeable, MissingState, MonotonicClock, Observation,
    OpenError, Opened, Origin, Outcome, Owner, PinIn, Pinned, Preflight, PreflightFinding, PreflightFix,
    Progress, Readiness, Redactor, Requirement, Resolution, ResolveError, Resolved, Rule, Run, RunFacts,
    RunFor, RunOrigin, Runtime, SHORTEST_SECRET, Scoped, Scrubbed, SecretString, Status, StoreError,
    TooShort, ToolCall, ToolDescriptor, ToolError, ToolOutput, ToolRequirement, Toolset, ToolsetBuilder,
    ToolsetError, ToolsetErrors, ToolsetRunFor, TriedRule, UnknownKind, UseRecord, scope, secret_bits,
};
pub use macros::{action, credential};

#[doc(hidden)]
pub use keystroke_core::private as __private;
#[doc(hidden)]
pub use keystroke_macros::toolset_of as __toolset_of;

#[cfg(feature = "mcp")]
pub use keystroke_mcp as mcp;
#[cfg(feature = "vault")]
pub use keystroke_vault as vault;
#[cfg(feature = "vault")]
pub use keystroke_vault::{Vault, VaultOptions};

/// What an author of actions uses: `use keystroke::prelude::*`.
///
/// It holds no derives, which would need a direct dependency of the author's crate, and no name of std's prelude.
pub mod prelude {
    pub use crate::scope::{NeedsUser, NoUser, Organization, Project, User};
    pub use crate::{
        Action, ActionContext, ActionError, ActionErrorKind, Anonymous, AsUser, Assignment, BackgroundOrigin,
        Cancellation, Connection, Consumer, Failure, Instance, MemoryStore, Origin, Pinned, ResolveError,
        Run, RunFor, Runtime, SecretString, ToolError, Toolset, action, credential, toolset,
    };
    #[cfg(feature = "vault")]
    pub use crate::{Vault, VaultOptions};
}
