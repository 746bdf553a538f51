//! E2 and E3 of SEMANTICS §2: resolves every requirement of an action, then opens and validates what was chosen.
//!
//! Nothing here depends on the action's types, so it is compiled once for all actions.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::declare::credential::FieldProblem;
use crate::declare::kind::CredentialKind;
use crate::declare::manifest::ManifestCredential;
use crate::declare::requirement::{Held, Requirement};
use crate::declare::scope::Scope;
use crate::execute::observe;
use crate::execute::panic::{Panicked, guarded};
use crate::resolve::choose::{Asked, AskedFields, Refusal, choose};
use crate::resolve::error::ResolveError;
use crate::resolve::resolved::{Choice, Resolved};
use crate::resolve::rule::Rule;
use crate::resolve::trace::{Resolution, Trace};
use crate::run::clock::Moment;
use crate::run::facts::RunFacts;
use crate::run::runtime::RunInner;
use crate::store::instance::{Candidate, InstanceId};
use crate::store::{BoxFuture, Candidates, Lookup, OpenError, Outcome, StoreError, UseRecord};

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

/// The credentials of an action; most have one, which needs no allocation.
pub(crate) type Credentials = SmallVec<[Acquired; 1]>;
/// All of an action's credentials, or all of its failing requirements.
pub(crate) type AllAcquired = Result<Credentials, Vec<ResolveError>>;

/// What has come of acquiring all of an action's credentials.
pub(crate) enum Acquiring<'a> {
    Done(AllAcquired),
    /// A credential has to be opened, or a record to be waited for. In a box of its own: whatever waits here would be
    /// part of each call, which is moved with all of it.
    Waits(BoxFuture<'a, AllAcquired>),
}

/// Acquires all of an action's credentials; without a future where the process holds them and the store answers from
/// memory.
pub(crate) fn acquire<'a>(
    run: &'a RunInner,
    action: ActionFacts,
    settings: &'a CallSettings,
) -> Acquiring<'a> {
    let now = run.runtime.now();
    match all_held(run, action, settings, now) {
        Some(held) => record_all(run, action, settings, now, held),
        None => Acquiring::Waits(Box::pin(acquire_all(run, action, settings, now))),
    }
}

/// All credentials, if the process holds every one that is chosen.
fn all_held(
    run: &RunInner,
    action: ActionFacts,
    settings: &CallSettings,
    now: Moment,
) -> Option<Credentials> {
    if !settings.selections.is_empty() && !unused_selections(run, action, settings, now).is_empty() {
        return None;
    }
    let mut acquired = Credentials::with_capacity(action.requirements.len());
    for requirement in action.requirements {
        acquired.push(Asking::new(run, action, settings, requirement, now).held(requirement)?);
    }
    Some(acquired)
}

/// Acquires one credential after another.
async fn acquire_all(
    run: &RunInner,
    action: ActionFacts,
    settings: &CallSettings,
    now: Moment,
) -> AllAcquired {
    let mut errors = unused_selections(run, action, settings, now);
    for error in &errors {
        let outcome = Outcome::Refused { code: error.code(), cause: None };
        let row = row(run, action.slug, error.key(), None, outcome);
        record_refusal(run, error, &UseRecord { instance: error.instance(), ..row });
    }
    let mut acquired = Credentials::with_capacity(action.requirements.len());
    for requirement in action.requirements {
        match Asking::new(run, action, settings, requirement, now).acquire(requirement).await {
            Ok(one) => acquired.push(one),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let acquired = match record_all(run, action, settings, now, acquired) {
        Acquiring::Done(done) => done,
        Acquiring::Waits(recording) => recording.await,
    }?;
    // Kept for the next call only now that all are there: a call that is refused, cancelled or dropped on the way
    // leaves no secret behind.
    for (one, requirement) in acquired.iter().zip(action.requirements) {
        if one.fresh {
            run.runtime.hold(&one.choice.candidate, requirement.type_id(), one.held.clone(), now);
        }
    }
    Ok(acquired)
}

/// Has on record that values are used which the process held, before they are lent. What was opened just now has its
/// record already.
fn record_all<'a>(
    run: &'a RunInner,
    action: ActionFacts,
    settings: &'a CallSettings,
    now: Moment,
    acquired: Credentials,
) -> Acquiring<'a> {
    let store = run.runtime.store();
    let failed = move |requirement: &Requirement, error: StoreError| {
        vec![Asking::new(run, action, settings, requirement, now).unavailable(error)]
    };
    let mut waiting = Vec::new();
    for (one, requirement) in acquired.iter().zip(action.requirements).filter(|(one, _)| !one.fresh) {
        let candidate = &one.choice.candidate;
        let row = UseRecord {
            instance: Some(&candidate.id),
            version: Some(candidate.version),
            ..row(run, action.slug, requirement.key(), Some(one.choice.rule), Outcome::Used)
        };
        match store.record_first(&row) {
            Some(recording) => waiting.push((requirement, recording)),
            None => {
                if let Err(error) = store.record(&row) {
                    return Acquiring::Done(Err(failed(requirement, error)));
                }
            }
        }
    }
    if waiting.is_empty() {
        return Acquiring::Done(Ok(acquired));
    }
    Acquiring::Waits(Box::pin(async move {
        for (requirement, recording) in waiting {
            recording.await.map_err(|error| failed(requirement, error))?;
        }
        Ok(acquired)
    }))
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
        withholding: run.runtime.withholding(),
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
        withholding: run.runtime.withholding(),
    };
    Asking { run, asked }.explain().await
}

/// A selection on a call must be for a key that the action uses (SEMANTICS §3, limits of R1).
fn unused_selections(
    run: &RunInner,
    action: ActionFacts,
    settings: &CallSettings,
    now: Moment,
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
                withholding: None,
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
    pub(crate) choice: Choice,
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
        now: Moment,
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
            withholding: run.runtime.withholding(),
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
            Ok(seen) => self.asked.resolution(&seen),
            Err(error) => {
                Resolution::failed(self.asked.key.to_owned(), self.asked.pin, self.unavailable(error))
            }
        }
    }

    /// What the process holds of the instance that is chosen, where the store need not wait for its answer.
    fn held(&self, requirement: &Requirement) -> Option<Acquired> {
        let seen = self.candidates_now()?.ok()?;
        let choice = choose(&self.asked, &seen, &mut Trace::default()).ok()?;
        let held = self.run.runtime.held(&choice.candidate, requirement.type_id(), self.asked.now)?;
        Some(Acquired { held, choice, fresh: false })
    }

    /// Chooses, opens and validates.
    async fn acquire(self, requirement: &Requirement) -> Result<Acquired, ResolveError> {
        let runtime = &self.run.runtime;
        let mut last = Trace::default();
        let mut changed = None;
        for _ in 0..ATTEMPTS {
            let seen = self.candidates().await;
            let seen = seen.map_err(|error| self.refused(self.unavailable(error), &last, None, None))?;
            let mut trace = Trace::default();
            let chosen = choose(&self.asked, &seen, &mut trace);
            last = trace;
            let choice = match chosen {
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
                fields: requirement.fields(),
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
                let value = requirement.read(opened.fields, candidate)?;
                Ok(Held::new(value, requirement, Arc::clone(candidate)))
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
        let error = StoreError::new("the instance changed each time it was about to be opened").retryable();
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
    UseRecord { run: &run.facts, action, key, field: None, instance: None, version: None, rule, outcome }
}

/// Reports each secret that was removed from what an action gave, and counts it: `lent` are the credentials of the call
/// (SEMANTICS S3).
pub(crate) fn report_redactions<'a>(
    run: &RunInner,
    action: &str,
    lent: impl Iterator<Item = &'a Held> + Clone,
    found: impl Iterator<Item = (&'a str, &'a str)>,
) {
    let mut counted = SmallVec::<[&InstanceId; 1]>::new();
    for (key, field) in found {
        tracing::warn!(action, key, field, "a secret was removed from what the action gave");
        observe::redacted(action, key, field);
        let instance = lent.clone().map(Held::instance).find(|instance| instance.key == key);
        let record = UseRecord {
            field: Some(field),
            instance: instance.map(|instance| &instance.id),
            version: instance.map(|instance| instance.version),
            ..row(run, action, key, None, Outcome::Redacted)
        };
        if let Err(error) = run.runtime.store().record(&record) {
            tracing::warn!(action, key, field, %error, "the removal could not be recorded");
        }
        // One result may show several fields of a credential; it answers one guess.
        if let Some(instance) = instance.filter(|instance| !counted.contains(&&instance.id)) {
            counted.push(&instance.id);
            count_redaction(run, action, instance);
        }
    }
}

fn count_redaction(run: &RunInner, action: &str, instance: &Candidate) {
    if let Some(limit) = run.runtime.count_redaction(instance) {
        let RunFacts { id, consumer, .. } = &*run.facts;
        tracing::warn!(
            action,
            key = instance.key,
            instance = instance.id.as_str(),
            run = id,
            consumer = consumer.to_string(),
            limit,
            "a credential is withheld for a minute: it was removed from results too often, as when somebody guesses it"
        );
    }
}
