//! The runtime core of `keystroke`: scopes, credentials, instances, the resolver, runs, actions, toolsets, errors
//! and redaction. Use it through the `keystroke` crate, which re-exports it.
//!
//! There is no I/O here: stores implement [`CredentialStore`], and time comes from the [`Runtime`]'s clock.
//!
//! "SEMANTICS R3" and the like cite the numbered rules of the repository's `docs/semantics.md`.

mod declare;
mod execute;
#[doc(hidden)]
pub mod fix;
mod json;
#[doc(hidden)]
pub mod private;
mod redact;
mod resolve;
mod run;
mod store;
#[cfg(feature = "test-util")]
pub mod testing;
mod tools;

pub use declare::action::{Action, Annotations, Scoped};
pub use declare::credential::{
    Connection, Credential, Declared, FieldProblem, FieldReader, FieldValue, Pinned,
};
pub use declare::failure::{Failure, InvalidInput};
pub use declare::field::{FieldSpec, FieldType};
pub use declare::kind::{CredentialKind, UnknownKind};
pub use declare::manifest::{
    Application, Manifest, ManifestAction, ManifestAnnotations, ManifestCredential, ManifestError,
    ManifestField, ManifestProblem, ManifestRequirement,
};
pub use declare::requirement::Requirement;
pub use declare::scope;
pub use declare::slug::{LONGEST_SLUG, is_slug};
pub use execute::action_error::{ActionError, ActionErrorKind};
pub use execute::call::Call;
pub use execute::context::ActionContext;
pub use execute::invocation::Invocation;
#[doc(hidden)]
pub use execute::panic::drop_payload;
pub use execute::progress::Progress;
pub use json::codec::{ActionOutput, Codec};
pub use json::content::{Content, ContentPart, EmbeddedResource, ResourceData, ResourceLink, WithContent};
pub use redact::{Redactor, SHORTEST as SHORTEST_SECRET, Scrubbed};
pub use resolve::error::{ErrorContext, InstanceSummary, ResolveError};
pub use resolve::explain::Explanation;
pub use resolve::preflight::{Preflight, PreflightFinding, PreflightFix, PreflightState, Readiness};
pub use resolve::resolved::Resolved;
pub use resolve::rule::Rule;
pub use resolve::trace::{Chosen, Observation, Resolution, TriedRule};
pub use run::actor::{Actor, Anonymous, AnyRun, AsUser, Background, Gives, PinIn, RunFor, ToolsetRunFor};
pub use run::cancel::Cancellation;
pub use run::clock::{Clock, MonotonicClock};
pub use run::consumer::{Assignment, AssignmentIn, Consumer};
pub use run::facts::{BackgroundOrigin, Origin, RunFacts, RunOrigin};
pub use run::runtime::Runtime;
pub use run::state::missing::MissingState;
pub use run::state::{State, StateRequirement};
pub use run::{InOrganization, Run};
pub use store::fields::Fields;
pub use store::instance::{Candidate, Instance, InstanceId, Label, Owner, Status};
pub use store::length::TooShort;
pub use store::memory::MemoryStore;
pub use store::secret::SecretString;
pub use store::strength::{GUESSABLE_BITS, secret_bits};
pub use store::{
    Candidates, ClientName, CredentialStore, Lookup, OpenError, OpenPreview, Opened, Outcome, PendingRecord,
    Renewal, StoreError, UseRecord,
};
pub use tools::call::ToolCall;
pub use tools::compose::Mergeable;
pub use tools::tool::{ToolDescriptor, ToolOutput, ToolRequirement};
pub use tools::tool_error::ToolError;
pub use tools::toolset::{Toolset, ToolsetBuilder};
pub use tools::toolset_error::{ToolsetError, ToolsetErrors};
