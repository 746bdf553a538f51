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
mod facts;
mod failure;
mod field;
#[doc(hidden)]
pub mod fix;
mod input;
mod instance;
mod kind;
mod length;
mod manifest;
mod memory;
mod observe;
mod output;
mod panic;
mod preflight;
#[doc(hidden)]
pub mod private;
mod progress;
mod redact;
mod requirement;
mod resolve;
mod resolved;
mod rule;
mod run;
mod runtime;
mod schema;
pub mod scope;
mod secret;
mod state;
mod store;
mod strength;
#[cfg(feature = "test-util")]
pub mod testing;
mod tool;
mod toolset;
mod trace;
mod withhold;

pub use action::{Action, Annotations, Codec, Invocation, Scoped};
pub use call::{Call, Explanation};
pub use cancel::Cancellation;
pub use clock::{Clock, Forward};
pub use consumer::{Assignment, AssignmentIn, Consumer};
pub use context::ActionContext;
pub use credential::{Connection, Credential, Declared, FieldProblem, FieldReader, FieldValue, Pinned};
pub use error::{ErrorContext, InstanceSummary, ResolveError};
pub use facts::{BackgroundOrigin, Origin, RunFacts, RunOrigin};
pub use failure::{ActionError, ActionErrorKind, Failure, InvalidInput};
pub use field::{FieldSpec, FieldType};
pub use instance::{Candidate, Fields, Instance, InstanceId, Label, Owner, Status};
pub use kind::{CredentialKind, UnknownKind};
pub use length::TooShort;
pub use manifest::{
    Application, Manifest, ManifestAction, ManifestAnnotations, ManifestCredential, ManifestError,
    ManifestField, ManifestProblem, ManifestRequirement,
};
pub use memory::MemoryStore;
#[doc(hidden)]
pub use panic::drop_payload;
pub use preflight::{Preflight, PreflightFinding, PreflightFix, Readiness};
pub use progress::Progress;
pub use redact::{Redactor, SHORTEST as SHORTEST_SECRET, Scrubbed};
pub use requirement::Requirement;
pub use resolved::Resolved;
pub use rule::Rule;
pub use run::{
    Actor, Anonymous, AnyRun, AsUser, Background, InOrganization, PinIn, Run, RunFor, ToolsetRunFor,
};
pub use runtime::Runtime;
pub use secret::SecretString;
pub use state::MissingState;
pub use store::{
    Candidates, CredentialStore, Lookup, OpenError, Opened, Outcome, Recording, StoreError, UseRecord,
};
pub use strength::{GUESSABLE_BITS, secret_bits};
pub use tool::{ToolDescriptor, ToolError, ToolOutput, ToolRequirement};
pub use toolset::{Mergeable, ToolCall, Toolset, ToolsetBuilder, ToolsetError, ToolsetErrors};
pub use trace::{Chosen, Observation, Resolution, TriedRule};
