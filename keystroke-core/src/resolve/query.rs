//! What is asked of the resolver: a [`Query`] holds all that a choice may depend on, besides the store's answer.

use std::sync::Arc;

use crate::declare::credential::FieldProblem;
use crate::declare::field::FieldSpec;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::Scope;
use crate::run::clock::Moment;
use crate::run::facts::RunFacts;
use crate::run::guess_limit::Withholding;
use crate::store::Candidates;
use crate::store::instance::{Candidate, InstanceId};

/// One requirement of one run.
#[derive(Clone, Copy)]
pub(crate) struct Query<'a> {
    pub(crate) run: &'a Arc<RunFacts>,
    pub(crate) action: &'a str,
    pub(crate) demand: &'a Demand<'a>,
    /// `None` where no kind is asked for: a key explained without its credential.
    pub(crate) kind: Option<CredentialKind>,
    pub(crate) pin: Option<Scope>,
    /// Whether its absence is no error (SEMANTICS R11).
    pub(crate) optional: bool,
    pub(crate) selected: Option<&'a InstanceId>,
    pub(crate) now: Moment,
    /// What of the runtime is withheld; `None` as long as nothing is.
    pub(crate) withholding: Option<&'a Withholding>,
}

/// What is demanded of a credential: by its type in this process, or by the manifest of another program.
#[derive(Clone, Copy)]
pub(crate) struct Demand<'a> {
    pub(crate) key: &'a str,
    pub(crate) fields: DemandedFields<'a>,
    pub(crate) oauth_scopes: &'a [&'a str],
}

/// The fields that an instance must have.
#[derive(Clone, Copy)]
pub(crate) enum DemandedFields<'a> {
    /// Those among the declared ones that are required.
    Declared(&'static [FieldSpec]),
    /// These: the name of each, and whether it is a secret.
    Listed(&'a [(&'a str, bool)]),
}

impl<'a> Demand<'a> {
    /// A key, of which nothing more is known.
    pub(crate) const fn of_key(key: &'a str) -> Self {
        Self { key, fields: DemandedFields::Declared(&[]), oauth_scopes: &[] }
    }

    /// The fields that an instance must have: the name of each, and whether it is a secret.
    pub(crate) fn required(&self) -> impl Iterator<Item = (&'a str, bool)> {
        let (declared, listed) = match self.fields {
            DemandedFields::Declared(fields) => (fields, [].as_slice()),
            DemandedFields::Listed(fields) => ([].as_slice(), fields),
        };
        let declared = declared.iter().filter(|field| field.required).map(|field| (field.name, field.secret));
        declared.chain(listed.iter().copied())
    }
}

impl<'a> Query<'a> {
    /// The credential key.
    pub(crate) const fn key(&self) -> &'a str {
        self.demand.key
    }

    /// Whether nothing can be tried in a scope, because the run has no user.
    pub(crate) fn lacks_user(&self, scope: Scope) -> bool {
        scope == Scope::User && self.run.user.is_none()
    }

    /// Why the run can't reach an instance; `None` if it can.
    #[inline]
    pub(crate) fn out_of_reach(&self, candidate: &Candidate) -> Option<&'static str> {
        // An instance that was never placed belongs to no run, not even to one of an organization without a name.
        if candidate.organization != self.run.organization || candidate.organization.is_empty() {
            return Some("of another organization");
        }
        if candidate.owner.reached_by(&self.run.project, self.run.user.as_deref()) {
            return None;
        }
        Some(match candidate.scope() {
            Scope::User => "of another user",
            Scope::Project | Scope::Organization => "of another project",
        })
    }

    /// The key's instances of one scope that the run can reach (SEMANTICS R0).
    pub(crate) fn members<'s>(
        &'s self,
        seen: &'s Candidates,
        scope: Scope,
    ) -> impl Iterator<Item = &'s Arc<Candidate>> + 's {
        seen.group().iter().filter(move |candidate| {
            candidate.scope() == scope
                && candidate.key == self.key()
                && self.out_of_reach(candidate).is_none()
        })
    }

    /// Required fields that a chosen instance lacks, as far as their names are known without opening it (SEMANTICS R7,
    /// `invalid`). A call need not ask: it finds them when it reads the instance, with all else that is wrong.
    pub(crate) fn lacking(&self, candidate: &Candidate) -> Vec<FieldProblem> {
        let Some(names) = &candidate.fields else { return Vec::new() };
        let required = self.demand.required().map(|(name, _)| name);
        required.filter(|field| !names.iter().any(|name| name == field)).map(FieldProblem::missing).collect()
    }
}
