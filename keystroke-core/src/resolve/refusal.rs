//! The resolver's own reasons for choosing nothing, and the [`ResolveError`] that each becomes (its texts: `error/text.rs`).

use std::sync::Arc;
use std::time::SystemTime;

use super::error::{ErrorContext, InstanceSummary, ResolveError};
use super::query::Query;
use super::rule::Rule;
use super::trace::Trace;
use crate::declare::credential::FieldProblem;
use crate::declare::scope::Scope;
use crate::store::Candidates;
use crate::store::instance::{Candidate, InstanceId, Status};

/// Why nothing was chosen, or why the choice can't be used.
#[derive(Clone)]
pub(crate) enum Refusal {
    Missing,
    Ambiguous(Scope),
    NoUser,
    /// With the cause that only the audit record may keep.
    NotFound(Rule, InstanceId, &'static str),
    Mismatch(Rule, Arc<Candidate>),
    OutsidePin(Arc<Candidate>),
    Revoked(Rule, Arc<Candidate>),
    WrongKind(Arc<Candidate>),
    NeedsReconnect(Arc<Candidate>),
    Expired(Arc<Candidate>, SystemTime),
    UnderScoped(Arc<Candidate>, Vec<String>),
    Withheld(Arc<Candidate>, SystemTime),
}

impl Refusal {
    /// The instance that it is about, where there is a single one that the run can reach.
    pub(crate) fn candidate(&self) -> Option<&Candidate> {
        match self {
            Self::Missing | Self::Ambiguous(_) | Self::NoUser | Self::NotFound(..) => None,
            Self::Mismatch(_, candidate)
            | Self::OutsidePin(candidate)
            | Self::Revoked(_, candidate)
            | Self::WrongKind(candidate)
            | Self::NeedsReconnect(candidate)
            | Self::Expired(candidate, _)
            | Self::UnderScoped(candidate, _)
            | Self::Withheld(candidate, _) => Some(candidate),
        }
    }

    /// The cause that the error must hide (SEMANTICS §3, limits of R1 and R2).
    pub(crate) const fn hidden_cause(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(_, _, cause) => Some(cause),
            _ => None,
        }
    }
}

impl Query<'_> {
    /// Whether a refusal leaves an optional credential absent (SEMANTICS R11). No rule of the call names an instance then,
    /// and none is there: whatever is broken stays an error.
    pub(crate) const fn is_absence(&self, refusal: &Refusal) -> bool {
        self.optional && matches!(refusal, Refusal::Missing | Refusal::NoUser)
    }

    /// The error for a chosen instance with wrong fields.
    pub(crate) fn invalid(
        &self,
        trace: &Trace,
        candidate: &Candidate,
        problems: Vec<FieldProblem>,
    ) -> ResolveError {
        let about = Box::new(self.about_chosen(trace, candidate));
        let stored = candidate.fields.iter().flat_map(|names| names.iter().cloned()).collect();
        ResolveError::Invalid { about, instance: InstanceSummary::from(candidate), problems, stored }
    }

    /// The error for a refusal.
    pub(crate) fn error(&self, refusal: &Refusal, trace: &Trace, seen: &Candidates) -> ResolveError {
        let about = Box::new(match refusal.candidate() {
            Some(candidate) => self.about_chosen(trace, candidate),
            None => self.about(trace),
        });
        match refusal {
            Refusal::Missing => {
                let elsewhere = [Scope::Project, Scope::Organization, Scope::User]
                    .into_iter()
                    .filter(|scope| !about.tried.contains(scope))
                    .filter(|scope| self.members(seen, *scope).next().is_some())
                    .collect();
                ResolveError::Missing { about, elsewhere }
            }
            Refusal::Ambiguous(scope) => {
                let members: Vec<_> = self.members(seen, *scope).collect();
                let marked = members.iter().any(|candidate| candidate.default);
                let candidates = shown(members.into_iter().filter(|candidate| {
                    if marked { candidate.default } else { candidate.status != Status::Revoked }
                }));
                ResolveError::Ambiguous { about, scope: *scope, candidates }
            }
            Refusal::NoUser => ResolveError::NoUser { about },
            Refusal::NotFound(rule, id, _) => {
                ResolveError::SelectionNotFound { about, instance: id.clone(), rule: *rule }
            }
            Refusal::Mismatch(rule, candidate) => ResolveError::SelectionMismatch {
                about,
                instance: InstanceSummary::from(&**candidate),
                found: candidate.key.clone(),
                rule: *rule,
            },
            Refusal::OutsidePin(candidate) => ResolveError::AssignmentConflictsWithPin {
                about,
                instance: InstanceSummary::from(&**candidate),
            },
            Refusal::Revoked(rule, candidate) => {
                let named = matches!(rule, Rule::Selection | Rule::Assignment);
                let others = self.members(seen, candidate.scope()).filter(|other| {
                    let counts = !candidate.default || other.status != Status::Revoked;
                    !named && counts && other.id != candidate.id
                });
                let (instance, others) = (InstanceSummary::from(&**candidate), shown(others));
                ResolveError::Revoked { about, instance, others, rule: *rule }
            }
            Refusal::WrongKind(candidate) => ResolveError::WrongKind {
                about,
                instance: InstanceSummary::from(&**candidate),
                found: candidate.kind,
            },
            Refusal::NeedsReconnect(candidate) => {
                ResolveError::NeedsReconnect { about, instance: InstanceSummary::from(&**candidate) }
            }
            Refusal::Expired(candidate, at) => {
                ResolveError::Expired { about, instance: InstanceSummary::from(&**candidate), at: *at }
            }
            Refusal::UnderScoped(candidate, lacking) => ResolveError::UnderScoped {
                about,
                instance: InstanceSummary::from(&**candidate),
                lacking: lacking.clone(),
            },
            Refusal::Withheld(candidate, until) => {
                ResolveError::Withheld { about, instance: InstanceSummary::from(&**candidate), until: *until }
            }
        }
    }

    /// The same of an error about an instance. Where no kind is asked for, its own says how it is mended.
    pub(crate) fn about_chosen(&self, trace: &Trace, candidate: &Candidate) -> ErrorContext {
        ErrorContext { kind: self.kind.unwrap_or(candidate.kind), ..self.about(trace) }
    }

    /// What every error of this requirement says.
    pub(crate) fn about(&self, trace: &Trace) -> ErrorContext {
        let mut tried = Vec::new();
        for step in trace.steps().filter(|step| !matches!(step.rule, Rule::Selection | Rule::Assignment)) {
            tried.extend(step.scope);
        }
        ErrorContext {
            key: self.key().to_owned(),
            action: self.action.to_owned(),
            consumer: self.run.consumer.clone(),
            kind: self.kind.unwrap_or_default(),
            pin: self.pin,
            optional: self.optional,
            fields: self.demand.required().map(|(name, _)| name.to_owned()).collect(),
            plain: self
                .demand
                .required()
                .filter(|(_, secret)| !secret)
                .map(|(name, _)| name.to_owned())
                .collect(),
            organization: self.run.organization.clone(),
            project: self.run.project.clone(),
            user: self.run.user.clone(),
            origin: self.run.origin,
            tried,
        }
    }
}

/// As an error shows them, by id: a store's order decides nothing.
fn shown<'a>(candidates: impl Iterator<Item = &'a Arc<Candidate>>) -> Vec<InstanceSummary> {
    let mut shown: Vec<InstanceSummary> =
        candidates.map(|candidate| InstanceSummary::from(&**candidate)).collect();
    shown.sort_by(|a, b| a.id.cmp(&b.id));
    shown
}
