//! The runtime core of `keystroke`: scopes, credentials, instances, the resolver, runs, actions, toolsets, errors
//! and redaction. Use it through the `keystroke` crate, which re-exports it.
//!
//! There is no I/O here: stores implement [`CredentialStore`], and time comes from the [`Runtime`]'s clock.

mod acquire;
mod action;
mod call;
mod cancel;
mod clock;
mod consumer;
mod context;
mod credential;
mod error;
mod failure;
mod instance;
mod memory;
mod panic;
#[doc(hidden)]
pub mod private;
mod redact;
mod resolve;
mod run;
mod runtime;
pub mod scope;
mod secret;
mod store;
mod toolset;

pub use action::{Action, Annotations, Codec, Lent, Scoped};
pub use call::{Call, Explanation};
pub use cancel::Cancellation;
pub use clock::Clock;
pub use consumer::{Assignment, AssignmentIn, Consumer};
pub use context::{ActionContext, Progress};
pub use credential::{
    Connection, Credential, CredentialKind, Declared, FieldProblem, FieldReader, FieldSpec, FieldValue,
    Pinned, Requirement, UnknownKind,
};
pub use error::{About, ResolveError, Shown};
pub use failure::{ActionError, Failure, InvalidInput};
pub use instance::{Candidate, Fields, Instance, InstanceId, Label, Owner, Status};
pub use memory::MemoryStore;
pub use redact::{Redactor, SHORTEST as SHORTEST_SECRET};
pub use resolve::{Chosen, Resolution, Resolved, Rule, Saw, Step};
pub use run::{
    Actor, Anonymous, AnyRun, AsUser, Background, BackgroundOrigin, InOrganization, Origin, PinIn, Run,
    RunFacts, RunFor, RunOrigin, ToolsetRunFor,
};
pub use runtime::Runtime;
pub use secret::SecretString;
pub use store::{Candidates, CredentialStore, Lookup, OpenError, Opened, Outcome, StoreError, UseRecord};
pub use toolset::{
    Finding, Preflight, ToolCall, ToolDescriptor, ToolError, ToolOutput, ToolRequirement, Toolset,
    ToolsetBuilder, ToolsetError, ToolsetErrors,
};
