//! Why a credential could not be had: SEMANTICS §4.
//!
//! One variant per cause, no catch-all. Each has two faces: `Display` is for the operator and names the fix;
//! [`ResolveError::for_model`] is for the model and holds no ids, labels or accounts. Neither holds a secret.

use std::fmt;
use std::time::SystemTime;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::declare::credential::FieldProblem;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::Scope;
use crate::resolve::rule::Rule;
use crate::store::instance::InstanceId;
use crate::store::{ClientName, StoreError};

mod context;
mod text;

pub use context::{ErrorContext, InstanceSummary};
use text::{Words, one_line};

/// Why one requirement of an action could not be resolved or opened. `Display` is the operator's text, and so is `Debug`.
#[derive(Clone)]
#[non_exhaustive]
pub enum ResolveError {
    /// No instance at any scope that was tried.
    Missing {
        /// The requirement.
        about: Box<ErrorContext>,
        /// Scopes in the run's reach that hold one and were not tried.
        elsewhere: Vec<Scope>,
    },
    /// Several equal instances, and no single default (SEMANTICS R8).
    Ambiguous {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The scope that holds them.
        scope: Scope,
        /// All of them.
        candidates: Vec<InstanceSummary>,
    },
    /// Pinned to the user scope, on a run without a user.
    NoUser {
        /// The requirement.
        about: Box<ErrorContext>,
    },
    /// The instance of a selection or assignment is not there, or not in the run's reach: the two are never told apart.
    SelectionNotFound {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The id that was given.
        instance: InstanceId,
        /// R1 or R2.
        rule: Rule,
    },
    /// The instance of a selection or assignment is for another key.
    SelectionMismatch {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// The key it is for.
        found: String,
        /// R1 or R2.
        rule: Rule,
    },
    /// A call selects an instance for a key that the action does not use.
    SelectionUnused {
        /// The requirement that is not there: its key is the selection's.
        about: Box<ErrorContext>,
        /// The id that was given.
        instance: InstanceId,
    },
    /// The assigned instance is outside the pinned scope (SEMANTICS R2).
    AssignmentConflictsWithPin {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
    },
    /// The chosen instance is revoked.
    Revoked {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// Others of its scope. Where its default mark chose it, those that are not revoked and could take its place;
        /// where nothing chose it, all, which are revoked as well.
        others: Vec<InstanceSummary>,
        /// The rule that chose it.
        rule: Rule,
    },
    /// The chosen instance is of another kind.
    WrongKind {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// Its kind.
        found: CredentialKind,
    },
    /// The account of the chosen instance must be connected again.
    NeedsReconnect {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
    },
    /// The chosen instance has expired.
    Expired {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// When it did.
        at: SystemTime,
    },
    /// The chosen instance lacks OAuth scopes.
    UnderScoped {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// The scopes it was not granted.
        lacking: Vec<String>,
    },
    /// The chosen instance was removed from too many results in a minute: somebody may be guessing its secret (SEMANTICS
    /// S3).
    Withheld {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// When it is served again.
        until: SystemTime,
    },
    /// The chosen instance lacks fields, or has wrong ones.
    Invalid {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// Each field that is wrong.
        problems: Vec<FieldProblem>,
        /// The names of the fields that are stored, where the store knows them without opening it.
        stored: Vec<String>,
    },
    /// There is no client at the provider to renew the chosen instance with.
    ClientMissing {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// The client that is looked for.
        client: ClientName,
        /// Where one is registered, and with what, if the store knows.
        register: Option<String>,
    },
    /// The chosen instance was granted to another client than the one that is set now.
    ClientChanged {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// The client that is set now.
        client: ClientName,
    },
    /// The provider refuses the client, so the chosen instance can't be renewed.
    ClientRejected {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
        /// The client.
        client: ClientName,
    },
    /// The chosen instance is being renewed, and that took longer than a call waits.
    Refreshing {
        /// The requirement.
        about: Box<ErrorContext>,
        /// The instance.
        instance: InstanceSummary,
    },
    /// The store could not answer.
    StoreUnavailable {
        /// The requirement.
        about: Box<ErrorContext>,
        /// Which store.
        store: String,
        /// What failed.
        error: StoreError,
    },
}

impl ResolveError {
    /// A stable word for this cause, such as `missing`.
    pub fn code(&self) -> &'static str {
        self.words().code
    }

    /// What is wrong, for the operator, without the fix.
    pub fn problem(&self) -> String {
        one_line(self.words().problem)
    }

    /// What the operator does about it: one command or one step.
    pub fn fix(&self) -> String {
        one_line(self.words().fix)
    }

    /// What the model is told: what it can do, without ids, labels or accounts.
    pub fn for_model(&self) -> String {
        self.words().model
    }

    /// The requirement and the run.
    pub const fn about(&self) -> &ErrorContext {
        match self {
            Self::Missing { about, .. }
            | Self::Ambiguous { about, .. }
            | Self::NoUser { about }
            | Self::SelectionNotFound { about, .. }
            | Self::SelectionMismatch { about, .. }
            | Self::SelectionUnused { about, .. }
            | Self::AssignmentConflictsWithPin { about, .. }
            | Self::Revoked { about, .. }
            | Self::WrongKind { about, .. }
            | Self::NeedsReconnect { about, .. }
            | Self::Expired { about, .. }
            | Self::UnderScoped { about, .. }
            | Self::Withheld { about, .. }
            | Self::Invalid { about, .. }
            | Self::ClientMissing { about, .. }
            | Self::ClientChanged { about, .. }
            | Self::ClientRejected { about, .. }
            | Self::Refreshing { about, .. }
            | Self::StoreUnavailable { about, .. } => about,
        }
    }

    /// The credential key.
    pub fn key(&self) -> &str {
        &self.about().key
    }

    /// Whether the same call may work a little later without anybody fixing anything.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Withheld { .. } | Self::Refreshing { .. } => true,
            Self::StoreUnavailable { error, .. } => error.is_retryable(),
            _ => false,
        }
    }

    /// The instance that is at fault, where there is a single one.
    pub const fn instance(&self) -> Option<&InstanceId> {
        match self {
            Self::SelectionNotFound { instance, .. } | Self::SelectionUnused { instance, .. } => {
                Some(instance)
            }
            Self::SelectionMismatch { instance, .. }
            | Self::AssignmentConflictsWithPin { instance, .. }
            | Self::Revoked { instance, .. }
            | Self::WrongKind { instance, .. }
            | Self::NeedsReconnect { instance, .. }
            | Self::Expired { instance, .. }
            | Self::UnderScoped { instance, .. }
            | Self::Withheld { instance, .. }
            | Self::Invalid { instance, .. }
            | Self::ClientMissing { instance, .. }
            | Self::ClientChanged { instance, .. }
            | Self::ClientRejected { instance, .. }
            | Self::Refreshing { instance, .. } => Some(&instance.id),
            Self::Missing { .. }
            | Self::Ambiguous { .. }
            | Self::NoUser { .. }
            | Self::StoreUnavailable { .. } => None,
        }
    }
}

/// The problem, then the fix, on one line.
impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { problem, fix, .. } = self.words();
        write!(f, "{}. To fix it, {}", one_line(problem), one_line(fix))
    }
}

/// As `Display`: a program that returns this from `main` shows it by that, and it must name the fix there too.
impl fmt::Debug for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ResolveError {}

impl Serialize for ResolveError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let about = self.about();
        let Words { code, problem, fix, .. } = self.words();
        let mut error = serializer.serialize_struct("ResolveError", 8)?;
        error.serialize_field("code", code)?;
        error.serialize_field("key", &about.key)?;
        error.serialize_field("action", &about.action)?;
        error.serialize_field("consumer", &about.consumer)?;
        error.serialize_field("tried", &about.tried)?;
        error.serialize_field("instance", &self.instance())?;
        error.serialize_field("message", &one_line(problem))?;
        error.serialize_field("fix", &one_line(fix))?;
        error.end()
    }
}
