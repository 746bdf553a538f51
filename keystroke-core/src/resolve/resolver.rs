//! A [`Query`] put to the run's store: asks for candidates, explains what would be chosen, and records what is refused.
//!
//! It never chooses: that is [`choose`]'s work.

use std::sync::Arc;

use super::choose::choose;
use super::error::{InstanceSummary, ResolveError};
use super::query::{Demand, Query};
use super::resolved::{Choice, Resolved};
use super::trace::{Chosen, Ending, Resolution, Trace};
use crate::declare::field::FieldSpec;
use crate::declare::kind::CredentialKind;
use crate::declare::requirement::Requirement;
use crate::declare::scope::Scope;
use crate::run::runtime::RunInner;
use crate::store::instance::Candidate;
use crate::store::{Candidates, Lookup, OpenError, OpenPreview, Outcome, StoreError, UseRecord};

/// Resolves one requirement of one run.
#[derive(Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) run: &'a RunInner,
    pub(crate) query: Query<'a>,
}

impl<'a> Resolver<'a> {
    /// Of a requirement that is no action's of this process.
    pub(crate) fn of(
        run: &'a RunInner,
        demand: &'a Demand<'a>,
        kind: Option<CredentialKind>,
        pin: Option<Scope>,
        optional: bool,
        action: &'a str,
    ) -> Self {
        let query = Query {
            run: &run.facts,
            action,
            demand,
            kind,
            pin,
            optional,
            selected: run.facts.selected(demand.key),
            now: run.runtime.now(),
            withholding: run.runtime.withholding(),
        };
        Self { run, query }
    }

    /// Of a requirement that was met, and whose choice stands.
    pub(crate) fn of_lent(run: &'a RunInner, requirement: &'a Requirement, action: &'a str) -> Self {
        Self::of(run, requirement.demand(), Some(requirement.kind()), None, false, action)
    }

    fn lookup(&self) -> Lookup<'a> {
        let facts = &*self.run.facts;
        Lookup {
            organization: &facts.organization,
            project: &facts.project,
            user: facts.user.as_deref(),
            key: self.query.key(),
            consumer: &facts.consumer,
            action: self.query.action,
            selected: self.query.selected,
        }
    }

    /// The answer of a store that need not wait for it.
    pub(crate) fn candidates_now(&self) -> Option<Result<Candidates, StoreError>> {
        self.run.runtime.store().candidates_now(&self.lookup())
    }

    pub(crate) async fn candidates(&self) -> Result<Candidates, StoreError> {
        match self.candidates_now() {
            Some(answer) => answer,
            None => self.run.runtime.store().candidates(&self.lookup()).await,
        }
    }

    /// What would be chosen now. Touches no secret and records nothing (SEMANTICS R9).
    pub(crate) async fn explain(&self) -> Resolution {
        let query = &self.query;
        let mut trace = Trace::default();
        let ending = match self.candidates().await {
            Err(error) => Ending::Failed(self.unavailable(error, &trace)),
            Ok(seen) => match choose(query, &seen, &mut trace) {
                Err(refusal) => {
                    let error = query.error(&refusal, &trace, &seen);
                    if query.is_absence(&refusal) { Ending::Absent(error) } else { Ending::Failed(error) }
                }
                Ok(Choice { candidate, rule }) => match self.preview(&candidate, &trace).await {
                    Ok(preview) => Ending::Chosen(Chosen {
                        instance: InstanceSummary::from(&*candidate),
                        rule,
                        would_refresh: preview == OpenPreview::WouldRefresh,
                    }),
                    Err(error) => Ending::Failed(error),
                },
            },
        };
        Resolution { key: query.key().to_owned(), pin: query.pin, trace, ending }
    }

    /// What would come of opening what was chosen, as far as that shows without opening it.
    async fn preview(&self, candidate: &Candidate, trace: &Trace) -> Result<OpenPreview, ResolveError> {
        let preview = self.run.runtime.store().preview_open(candidate).await;
        let preview = preview.map_err(|error| self.not_opened(error, trace, candidate))?;
        match self.query.lacking(candidate) {
            problems if problems.is_empty() => Ok(preview),
            problems => Err(self.query.invalid(trace, candidate, problems)),
        }
    }

    /// Permission to open what was chosen.
    pub(crate) fn resolved(&self, choice: Choice, fields: &'static [FieldSpec]) -> Resolved {
        Resolved { run: Arc::clone(self.query.run), action: self.query.action.to_owned(), fields, choice }
    }

    /// The store failed after these rules were tried.
    pub(crate) fn unavailable(&self, error: StoreError, trace: &Trace) -> ResolveError {
        ResolveError::StoreUnavailable {
            about: Box::new(self.query.about(trace)),
            store: self.run.runtime.store().name(),
            error,
        }
    }

    /// What was chosen could not be opened. Where its names alone say that it is `invalid`, that comes before all but
    /// `needs_reconnect` (SEMANTICS R7), as in an explanation.
    pub(crate) fn not_opened(&self, error: OpenError, trace: &Trace, candidate: &Candidate) -> ResolveError {
        let problems = match error {
            OpenError::NeedsReconnect => Vec::new(),
            _ => self.query.lacking(candidate),
        };
        if !problems.is_empty() {
            return self.query.invalid(trace, candidate, problems);
        }
        let instance = InstanceSummary::from(candidate);
        let about = Box::new(self.query.about_chosen(trace, candidate));
        match error {
            OpenError::NeedsReconnect => ResolveError::NeedsReconnect { about, instance },
            OpenError::ClientMissing { client, register } => {
                ResolveError::ClientMissing { about, instance, client, register }
            }
            OpenError::ClientChanged { client } => ResolveError::ClientChanged { about, instance, client },
            OpenError::ClientRejected { client } => ResolveError::ClientRejected { about, instance, client },
            OpenError::Refreshing => ResolveError::Refreshing { about, instance },
            OpenError::Changed => {
                let error = "the instance changed each time it was about to be opened";
                self.unavailable(StoreError::new(error).retryable(), trace)
            }
            OpenError::Store(error) => self.unavailable(error, trace),
        }
    }

    /// What the operator does about an instance that a third party refused, and that nothing renews.
    pub(crate) fn fix_of_rejected(&self, candidate: &Candidate) -> String {
        let about = self.query.about_chosen(&Trace::default(), candidate);
        about.renew(&candidate.id, about.fields.iter().map(String::as_str))
    }

    /// Records a refusal, with the cause that the error itself may not tell.
    pub(crate) fn refused(
        &self,
        error: ResolveError,
        trace: &Trace,
        seen: Option<&Candidate>,
        cause: Option<&'static str>,
    ) -> ResolveError {
        let Self { run, query } = self;
        let instance = seen.map(|candidate| &candidate.id).or_else(|| error.instance());
        let rule = instance.and_then(|_| trace.steps().last()).map(|step| step.rule);
        let outcome = Outcome::Refused { code: error.code(), cause };
        let record = UseRecord {
            instance,
            version: seen.map(|candidate| candidate.version),
            ..run.record_of(query.action, query.key(), rule, outcome)
        };
        run.record_refusal(&error, &record);
        error
    }
}
