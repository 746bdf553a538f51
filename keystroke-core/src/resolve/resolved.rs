//! What a resolution hands to a store: permission to open one instance.

use std::fmt;
use std::sync::Arc;

use crate::declare::field::FieldSpec;
use crate::resolve::rule::Rule;
use crate::run::facts::RunFacts;
use crate::store::instance::Candidate;

/// The instance that was chosen, and by which rule.
#[derive(Clone)]
pub(crate) struct Choice {
    pub(crate) candidate: Arc<Candidate>,
    pub(crate) rule: Rule,
}

/// Permission to open one instance. Only the resolver gives it: it has no public constructor (SEMANTICS S2).
///
/// It carries what a store rechecks in the read that decrypts, and what the audit record of the open says.
#[derive(Clone)]
pub struct Resolved {
    pub(crate) run: Arc<RunFacts>,
    pub(crate) action: String,
    pub(crate) fields: &'static [FieldSpec],
    pub(crate) choice: Choice,
}

impl Resolved {
    /// The instance, as it was when chosen: id, key, owner, version, status.
    pub fn instance(&self) -> &Candidate {
        &self.choice.candidate
    }

    /// The rule that chose it.
    pub const fn rule(&self) -> Rule {
        self.choice.rule
    }

    /// The run's organization.
    pub fn organization(&self) -> &str {
        &self.run.organization
    }

    /// The run's project.
    pub fn project(&self) -> &str {
        &self.run.project
    }

    /// The user the run acts for.
    pub fn user(&self) -> Option<&str> {
        self.run.user.as_deref()
    }

    /// What the run is: its id, origin and consumer, beside the rest.
    pub fn facts(&self) -> &RunFacts {
        &self.run
    }

    /// The action's slug.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The fields that the credential declares: which of them are secret, and which must be there.
    pub const fn fields(&self) -> &'static [FieldSpec] {
        self.fields
    }
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved")
            .field("instance", &self.choice.candidate.id)
            .field("version", &self.choice.candidate.version)
            .field("rule", &self.choice.rule)
            .field("action", &self.action)
            .finish()
    }
}
