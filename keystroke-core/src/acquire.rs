//! E2 and E3 of SEMANTICS §2: resolves every requirement of an action, then opens and validates what was chosen.
//!
//! Nothing here depends on the action's types, so it is compiled once for all actions.

use std::sync::Arc;
use std::time::SystemTime;

use crate::credential::FieldProblem;
use crate::error::ResolveError;
use crate::instance::{Candidate, InstanceId};
use crate::kind::CredentialKind;
use crate::manifest::ManifestCredential;
use crate::panic::{Panicked, guarded};
use crate::redact::Redactor;
use crate::requirement::{Held, Requirement};
use crate::resolve::{Asked, AskedFields, Decision, Refusal, choose};
use crate::resolved::{Choice, Resolved};
use crate::rule::Rule;
use crate::runtime::RunInner;
use crate::scope::Scope;
use crate::store::{Candidates, Lookup, OpenError, Outcome, Recording, StoreError, UseRecord};
use crate::trace::{Resolution, Trace};

/// What the runtime needs of an action, without its types.
#[derive(Clone, Copy)]
pub(crate) struct ActionFacts {
    pub(crate) slug: &'static str,
    pub(crate) pin: Option<Scope>,
    pub(crate) requirements: &'static [Requirement],
}

impl ActionFacts {
    pub(crate) fn settled(mut self, settings: &CallSettings) -> Self {
        self.pin = settings.pin.or(self.pin);
        self
    }
}

/// What a call sets for itself.
#[derive(Clone, Default)]
pub(crate) struct CallSettings {
    pub(crate) pin: Option<Scope>,
    pub(crate) selections: Vec<(String, InstanceId)>,
    pub(crate) idempotency_key: Option<Arc<str>>,
}

impl CallSettings {
    pub(crate) fn selected(&self, key: &str) -> Option<&InstanceId> {
        self.selections.iter().rev().find(|(selected, _)| selected == key).map(|(_, id)| id)
    }
}

/// How often a resolution is made when the instance changes between choosing and opening (SEMANTICS §2).
const ATTEMPTS: usize = 3;

/// All of an action's credentials, or all of its failing requirements.
///
/// Nothing waits where all of them are held and the store answers from memory. What is awaited otherwise is in a box of
/// its own: this future is part of that of each call, which would be moved with all of it.
pub(crate) async fn acquire(
    run: &RunInner,
    action: ActionFacts,
    settings: &CallSettings,
) -> Result<Vec<Acquired>, Vec<ResolveError>> {
    let now = run.runtime.now();
    let mut errors = unused_selections(run, action, settings, now);
    for error in &errors {
        let outcome = Outcome::Refused { code: error.code(), cause: None };
        let row = row(run, action.slug, error.key(), None, outcome);
        record_refusal(run, error, &UseRecord { instance: error.instance(), ..row });
    }
    let mut acquired = Vec::with_capacity(action.requirements.len());
    for requirement in action.requirements {
        let asking = Asking::new(run, action, settings, requirement, now);
        let seen = asking.candidates_now();
        let one = match asking.held(requirement, seen.as_ref()) {
            Some(held) => Ok(held),
            None => Box::pin(asking.acquire(requirement, seen)).await,
        };
        match one {
            Ok(one) => acquired.push(one),
            Err(error) => errors.push(error),
        }
    }
    // What was opened just now has its record already; what the process held gets it here, before it is lent.
    for (acquired, requirement) in acquired.iter().zip(action.requirements) {
        if errors.is_empty() && !acquired.fresh {
            let asking = Asking::new(run, action, settings, requirement, now);
            match asking.record_used(&acquired.choice) {
                Ok(recorded) => errors.extend(recorded.err().map(|error| asking.unavailable(error))),
                Err(recording) => errors.extend(Box::pin(asking.recorded(recording)).await.err()),
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    // Kept for the next call only now that all are there: a call that is refused, cancelled or dropped on the way
    // leaves no secret behind.
    for (one, requirement) in acquired.iter().zip(action.requirements) {
        if one.fresh {
            run.runtime.hold(&one.choice.candidate, requirement.type_id(), one.held.clone(), now);
        }
    }
    Ok(acquired)
}

/// The resolutions that a call would make now. No secret is touched, and nothing is recorded.
pub(crate) async fn explain(run: &RunInner, action: ActionFacts, settings: &CallSettings) -> Vec<Resolution> {
    let now = run.runtime.now();
    let mut found: Vec<_> = unused_selections(run, action, settings, now)
        .into_iter()
        .map(|error| Resolution::failed(error.key().to_owned(), None, error))
        .collect();
    for requirement in action.requirements {
        found.push(Asking::new(run, action, settings, requirement, now).explain().await);
    }
    found
}

/// The resolution of a key by itself, as for an action called directly that declares nothing more of it.
pub(crate) async fn explain_key(
    run: &RunInner,
    key: &str,
    kind: Option<CredentialKind>,
    pin: Option<Scope>,
    action: &str,
) -> Resolution {
    let selected = run.facts.selected(key);
    let asked = Asked {
        run: &run.facts,
        action,
        key,
        kind,
        pin,
        fields: AskedFields::Code(&[]),
        oauth_scopes: &[],
        selected,
        now: run.runtime.now(),
    };
    Asking { run, asked }.explain().await
}

/// The resolution that an action would get for a credential which only its manifest tells of.
pub(crate) async fn explain_declared(
    run: &RunInner,
    credential: &ManifestCredential,
    pin: Option<Scope>,
    action: &str,
) -> Resolution {
    let oauth_scopes: Vec<&str> = credential.oauth_scopes.iter().map(String::as_str).collect();
    let asked = Asked {
        run: &run.facts,
        action,
        key: &credential.key,
        kind: Some(credential.kind),
        pin,
        fields: AskedFields::Manifest(&credential.fields),
        oauth_scopes: &oauth_scopes,
        selected: run.facts.selected(&credential.key),
        now: run.runtime.now(),
    };
    Asking { run, asked }.explain().await
}

/// A selection on a call must be for a key that the action uses (SEMANTICS §3, limits of R1).
fn unused_selections(
    run: &RunInner,
    action: ActionFacts,
    settings: &CallSettings,
    now: SystemTime,
) -> Vec<ResolveError> {
    let mut errors = Vec::new();
    for (key, id) in &settings.selections {
        if action.requirements.iter().all(|requirement| requirement.key() != key) {
            let asked = Asked {
                run: &run.facts,
                action: action.slug,
                key,
                kind: None,
                pin: action.settled(settings).pin,
                fields: AskedFields::Code(&[]),
                oauth_scopes: &[],
                selected: Some(id),
                now,
            };
            let about = Box::new(asked.about(&Trace::default()));
            errors.push(ResolveError::SelectionUnused { about, instance: id.clone() });
        }
    }
    errors
}

/// A credential ready to be lent.
pub(crate) struct Acquired {
    pub(crate) held: Held,
    choice: Choice,
    /// It was opened for this very call.
    fresh: bool,
}

/// One requirement of one call.
struct Asking<'a> {
    run: &'a RunInner,
    asked: Asked<'a>,
}

impl<'a> Asking<'a> {
    fn new(
        run: &'a RunInner,
        action: ActionFacts,
        settings: &'a CallSettings,
        requirement: &'a Requirement,
        now: SystemTime,
    ) -> Self {
        let asked = Asked {
            run: &run.facts,
            action: action.slug,
            key: requirement.key(),
            kind: Some(requirement.kind()),
            // Pins at different levels agree by type (SEMANTICS P1).
            pin: action.settled(settings).pin.or(requirement.pin()),
            fields: AskedFields::Code(requirement.fields()),
            oauth_scopes: requirement.oauth_scopes(),
            selected: settings.selected(requirement.key()).or_else(|| run.facts.selected(requirement.key())),
            now,
        };
        Self { run, asked }
    }

    fn lookup(&self) -> Lookup<'_> {
        let facts = &self.run.facts;
        Lookup {
            organization: &facts.organization,
            project: &facts.project,
            user: facts.user.as_deref(),
            key: self.asked.key,
            consumer: &facts.consumer,
            action: self.asked.action,
            selected: self.asked.selected,
        }
    }

    /// The answer of a store that need not wait for it.
    fn candidates_now(&self) -> Option<Result<Candidates, StoreError>> {
        self.run.runtime.store().candidates_now(&self.lookup())
    }

    async fn candidates(&self) -> Result<Candidates, StoreError> {
        match self.candidates_now() {
            Some(answer) => answer,
            None => self.run.runtime.store().candidates(&self.lookup()).await,
        }
    }

    async fn explain(&self) -> Resolution {
        match self.candidates().await {
            Ok(seen) => self.asked.resolution(&choose(&self.asked, &seen), &seen),
            Err(error) => {
                Resolution::failed(self.asked.key.to_owned(), self.asked.pin, self.unavailable(error))
            }
        }
    }

    /// What the process holds of the instance that is chosen among those that were `seen`.
    fn held(
        &self,
        requirement: &Requirement,
        seen: Option<&Result<Candidates, StoreError>>,
    ) -> Option<Acquired> {
        let choice = choose(&self.asked, seen?.as_ref().ok()?).result.ok()?;
        let held = self.run.runtime.held(&choice.candidate, requirement.type_id(), self.asked.now)?;
        Some(Acquired { held, choice, fresh: false })
    }

    /// Waits for the record of a use.
    async fn recorded(self, recording: Recording) -> Result<(), ResolveError> {
        recording.await.map_err(|error| self.unavailable(error))
    }

    /// Chooses, opens and validates; `seen` is what is known of the candidates already.
    async fn acquire(
        self,
        requirement: &Requirement,
        mut seen: Option<Result<Candidates, StoreError>>,
    ) -> Result<Acquired, ResolveError> {
        let runtime = &self.run.runtime;
        let mut last = Trace::default();
        let mut changed = None;
        for _ in 0..ATTEMPTS {
            let seen = match seen.take() {
                Some(answer) => answer,
                None => self.candidates().await,
            };
            let seen = seen.map_err(|error| self.refused(self.unavailable(error), &last, None, None))?;
            let Decision { trace, result } = choose(&self.asked, &seen);
            last = trace;
            let choice = match result {
                Ok(choice) => choice,
                Err(refusal) => {
                    if let Refusal::Revoked(_, candidate) = &refusal {
                        runtime.forget(candidate);
                    }
                    let error = self.asked.error(&refusal, &trace, &seen);
                    return Err(self.refused(error, &trace, refusal.candidate(), refusal.hidden_cause()));
                }
            };
            let candidate = &choice.candidate;
            if let Some(held) = runtime.held(candidate, requirement.type_id(), self.asked.now) {
                return Ok(Acquired { held, choice, fresh: false });
            }
            let resolved = Resolved {
                run: Arc::clone(&self.run.facts),
                action: self.asked.action.to_owned(),
                choice: choice.clone(),
            };
            let opened = match runtime.store().open(&resolved).await {
                Ok(opened) => opened,
                Err(OpenError::Changed) => {
                    changed = Some(choice);
                    continue;
                }
                Err(OpenError::Store(error)) => {
                    let error = self.unopened_or_invalid(error, &trace, candidate);
                    return Err(self.refused(error, &trace, Some(candidate), None));
                }
            };
            // `FromStr`, `validate` and hand-written credentials are author's code, which has the secret in hand.
            let read = guarded(|| {
                requirement.read(opened.fields, candidate).map(|value| Held::new(value, requirement))
            });
            let held = match read {
                Ok(read) => read,
                Err(Panicked(at)) => Err(vec![FieldProblem {
                    field: String::new(),
                    problem: format!(
                        "made its own check panic{}",
                        at.map_or(String::new(), |at| format!(" at {at}"))
                    ),
                }]),
            };
            let held = held.map_err(|problems| {
                self.refused(self.asked.invalid(&trace, candidate, problems), &trace, Some(candidate), None)
            })?;
            return Ok(Acquired { held, choice, fresh: true });
        }
        let error = StoreError::new("the instance changed each time it was about to be opened").may_retry();
        let error = match &changed {
            Some(choice) => self.unopened_or_invalid(error, &last, &choice.candidate),
            None => self.unopened(error, &last),
        };
        Err(self.refused(error, &last, None, None))
    }

    /// The store failed to open what was chosen. Where its names alone say that it is `invalid`, that comes first
    /// (SEMANTICS R7), as in an explanation.
    fn unopened_or_invalid(&self, error: StoreError, trace: &Trace, candidate: &Candidate) -> ResolveError {
        match self.asked.lacking(candidate) {
            problems if problems.is_empty() => self.unopened(error, trace),
            problems => self.asked.invalid(trace, candidate, problems),
        }
    }

    fn unavailable(&self, error: StoreError) -> ResolveError {
        self.unopened(error, &Trace::default())
    }

    /// The store failed after these rules were tried.
    fn unopened(&self, error: StoreError, trace: &Trace) -> ResolveError {
        ResolveError::StoreUnavailable {
            about: Box::new(self.asked.about(trace)),
            store: self.run.runtime.store().name(),
            error,
        }
    }

    /// Records a refusal, with the cause that the error itself may not tell.
    fn refused(
        &self,
        error: ResolveError,
        trace: &Trace,
        seen: Option<&Candidate>,
        cause: Option<&'static str>,
    ) -> ResolveError {
        let instance = seen.map(|candidate| &candidate.id).or_else(|| error.instance());
        let rule = instance.and_then(|_| trace.steps().last()).map(|step| step.rule);
        let row = UseRecord {
            instance,
            version: seen.map(|candidate| candidate.version),
            ..self.row(rule, Outcome::Refused { code: error.code(), cause })
        };
        record_refusal(self.run, &error, &row);
        error
    }

    /// Records that a value is used which the process holds already: that is done, or has to be waited for.
    fn record_used(&self, choice: &Choice) -> Result<Result<(), StoreError>, Recording> {
        let row = UseRecord {
            instance: Some(&choice.candidate.id),
            version: Some(choice.candidate.version),
            ..self.row(Some(choice.rule), Outcome::Used)
        };
        let store = self.run.runtime.store();
        match store.record_first(&row) {
            Some(recording) => Err(recording),
            None => Ok(store.record(&row)),
        }
    }

    fn row(&self, rule: Option<Rule>, outcome: Outcome) -> UseRecord<'_> {
        row(self.run, self.asked.action, self.asked.key, rule, outcome)
    }
}

/// That a refusal could not be recorded must not hide it, so this only warns.
fn record_refusal(run: &RunInner, error: &ResolveError, row: &UseRecord<'_>) {
    if let Err(record) = run.runtime.store().record(row) {
        tracing::warn!(key = error.key(), code = error.code(), %record, "a refusal could not be recorded");
    }
}

/// An audit record of this run.
fn row<'a>(
    run: &'a RunInner,
    action: &'a str,
    key: &'a str,
    rule: Option<Rule>,
    outcome: Outcome,
) -> UseRecord<'a> {
    let facts = &run.facts;
    UseRecord {
        run: &facts.id,
        organization: &facts.organization,
        project: &facts.project,
        user: facts.user.as_deref(),
        origin: facts.origin.as_str(),
        consumer: &facts.consumer,
        action,
        key,
        field: None,
        instance: None,
        version: None,
        rule,
        outcome,
    }
}

/// Looks for every secret of what a call was lent.
pub(crate) fn secrets_of(lent: &[Acquired]) -> Redactor {
    Redactor::of(lent.iter().map(|acquired| &acquired.held))
}

/// Reports each secret that was removed from what an action gave (SEMANTICS S3).
pub(crate) fn report_redactions<'a>(
    run: &RunInner,
    action: &str,
    found: impl Iterator<Item = (&'a str, &'a str)>,
) {
    for (key, field) in found {
        tracing::warn!(action, key, field, "a secret was removed from what the action gave");
        let record = UseRecord { field: Some(field), ..row(run, action, key, None, Outcome::Redacted) };
        if let Err(error) = run.runtime.store().record(&record) {
            tracing::warn!(action, key, field, %error, "the removal could not be recorded");
        }
    }
}
