//! E2 and E3 of SEMANTICS §2: resolves every requirement of an action, then opens and checks what was chosen.
//!
//! Mostly the process holds all of them and the store answers from memory: then no future is made. Nothing here depends
//! on the action's types, so it is compiled once for all actions.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use super::context::{ActionContext, Lending};
use super::credentials::{Acquired, Credentials, Lease, LoadedCredential};
use super::execution::{ActionFacts, CallSettings, Execution, FirstAttempt, Stop};
use super::invocation::Invocation;
use super::observe::{self, Observed};
use super::panic::{Panicked, guarded};
use super::run_function::unless_cancelled;
use crate::declare::credential::FieldProblem;
use crate::declare::requirement::Requirement;
use crate::resolve::choose::choose;
use crate::resolve::error::ResolveError;
use crate::resolve::refusal::Refusal;
use crate::resolve::resolved::Choice;
use crate::resolve::resolver::Resolver;
use crate::resolve::trace::Trace;
use crate::run::clock::Moment;
use crate::run::runtime::RunInner;
use crate::store::fields::Fields;
use crate::store::instance::Candidate;
use crate::store::{BoxFuture, OpenError, Opened, Outcome, PendingRecord, StoreError};

/// How often a resolution is made when the instance changes between choosing and opening (SEMANTICS §2).
const ATTEMPTS: usize = 3;

/// What has come of lending an action its credentials.
pub(crate) enum Lent {
    Done(Invocation),
    Stopped(Stop),
    /// Something has to be waited for. In a box of its own: whatever waits here would be part of each call, which is
    /// moved with all of it.
    Waits(BoxFuture<'static, Result<Invocation, Stop>>),
}

/// Acquires all credentials of a call.
pub(crate) fn lend(
    run: Arc<RunInner>,
    action: &'static ActionFacts,
    settings: CallSettings,
    mut observed: Observed,
) -> Lent {
    if run.cancellation.is_cancelled() {
        return Lent::Stopped(observed.stopped(&run, action.slug, Stop::Cancelled));
    }
    let execution = Execution::new(&run, action, &settings);
    let now = execution.now;
    // A second attempt has something to open.
    let acquired =
        if settings.first_attempt().is_none() { observed.within(|| all_held(&execution)) } else { None };
    let Some(acquired) = acquired else {
        return Lent::Waits(Box::pin(lend_later(run, action, settings, observed, now, None)));
    };
    match observed.within(|| record_all(&execution, &acquired)) {
        Ok(None) => Lent::Done(invocation(run, action, settings, observed, now, acquired)),
        Ok(Some(records)) => {
            let recording = Some((acquired, records));
            Lent::Waits(Box::pin(lend_later(run, action, settings, observed, now, recording)))
        }
        Err(errors) => Lent::Stopped(observed.stopped(&run, action.slug, Stop::Resolve(errors))),
    }
}

/// `recording` are the credentials that the process holds, if it holds all of them, and the records of their use that are
/// to be waited for.
#[cold]
async fn lend_later(
    run: Arc<RunInner>,
    action: &'static ActionFacts,
    settings: CallSettings,
    mut observed: Observed,
    now: Moment,
    recording: Option<(Credentials, Records)>,
) -> Result<Invocation, Stop> {
    let acquired = {
        let execution = Execution { run: &run, action, settings: &settings, now };
        let mut acquiring = pin!(acquire_later(execution, recording));
        let acquiring = poll_fn(|cx| observed.within(|| acquiring.as_mut().poll(cx)));
        unless_cancelled(&run.cancellation, pin!(acquiring)).await
    };
    match acquired {
        Some(Ok(acquired)) => Ok(invocation(run, action, settings, observed, now, acquired)),
        Some(Err(errors)) => Err(observed.stopped(&run, action.slug, Stop::Resolve(errors))),
        None => Err(observed.stopped(&run, action.slug, Stop::Cancelled)),
    }
}

/// All that the function is lent: its credentials and the context.
#[expect(clippy::inline_always, reason = "what it gives is large; a call of it moves that once more")]
#[inline(always)]
fn invocation(
    run: Arc<RunInner>,
    action: &'static ActionFacts,
    settings: CallSettings,
    mut observed: Observed,
    now: Moment,
    mut acquired: Credentials,
) -> Invocation {
    observed.lent(&acquired);
    if acquired.len() < action.requirements.len() {
        let execution = Execution { run: &run, action, settings: &settings, now };
        observed.within(|| record_absences(&execution, &acquired));
    }
    let (idempotency_key, first) = settings.into_parts();
    let is_repeated = first.is_some();
    if let Some(first) = first {
        add_lent(&mut acquired, &first);
    }
    let lending = match run.progress {
        Some(_) => Lending::new(acquired.iter().map(|acquired| acquired.held.clone()).collect()),
        None => Lending::default(),
    };
    let context = ActionContext::new(run, action.slug, idempotency_key, lending);
    Invocation::new(acquired, context, observed, is_repeated)
}

/// Whatever the first attempt was lent is kept out of what the second one gives, too.
#[cold]
#[inline(never)]
fn add_lent(acquired: &mut Credentials, first: &FirstAttempt) {
    acquired.extend(first.lent.iter().cloned());
}

/// Has on record what the call goes without (SEMANTICS R11). No value depends on that record, so without it this only warns,
/// as for a refusal.
#[cold]
fn record_absences(execution: &Execution<'_>, acquired: &Credentials) {
    let Execution { run, action, .. } = *execution;
    for requirement in action.requirements {
        if acquired.iter().any(|one| std::ptr::eq(one.requirement, requirement)) {
            continue;
        }
        let (query, key) = (execution.resolver(requirement).query, requirement.key());
        let code = if query.pin.is_some_and(|pin| query.lacks_user(pin)) { "no_user" } else { "missing" };
        observe::absent(key);
        let record = run.record_of(action.slug, key, None, Outcome::Absent { code });
        if let Err(error) = run.runtime.store().record(&record) {
            tracing::warn!(key, code, %error, "an absence could not be recorded");
        }
    }
}

/// All of an action's credentials, or all of its failing requirements.
type AllAcquired = Result<Credentials, Vec<ResolveError>>;

/// Records of use to be waited for, each with its requirement.
type Records = Vec<(&'static Requirement, PendingRecord)>;

/// Waits for whatever has to be waited for. Each wait may outlast the bound of what was acquired before it: that is acquired
/// again, and nothing is lent past its bound (SEMANTICS O4).
async fn acquire_later(execution: Execution<'_>, recording: Option<(Credentials, Records)>) -> AllAcquired {
    let runtime = &execution.run.runtime;
    let mut acquired = match recording {
        Some((held, records)) => {
            wait_for(&execution, records).await?;
            held
        }
        None => acquire_all(&execution).await?,
    };
    let mut attempts = 1;
    loop {
        let now = runtime.now();
        let (mut lendable, over): (Credentials, Credentials) =
            acquired.into_iter().partition(|one| one.held.is_lendable(now));
        let Some(first) = over.first() else {
            // Kept for the next call only now that all are there: a call that is refused, cancelled or dropped on the way
            // leaves no secret behind.
            for Acquired { requirement, held, choice, .. } in lendable.iter().filter(|one| one.is_fresh) {
                runtime.hold(&choice.candidate, requirement.type_id(), held.clone(), now);
            }
            return Ok(lendable);
        };
        if attempts == ATTEMPTS {
            let (resolver, trace) = (execution.resolver(first.requirement), Trace::default());
            let error = resolver.unavailable(StoreError::new(OVER).retryable(), &trace);
            return Err(vec![resolver.refused(error, &trace, Some(&first.choice.candidate), None)]);
        }
        attempts += 1;
        let again = over.iter().map(|one| one.requirement);
        lendable.extend(acquire_each(&execution, again, Vec::new()).await?);
        acquired = lendable;
    }
}

/// All credentials, if the process holds every one that is chosen. Those that are optional and absent need no holding.
fn all_held(execution: &Execution<'_>) -> Option<Credentials> {
    // A second attempt has something to open.
    if execution.settings.is_special()
        && (execution.settings.first_attempt().is_some() || !execution.unused_selections().is_empty())
    {
        return None;
    }
    let mut acquired = Credentials::new();
    for requirement in execution.action.requirements {
        let resolver = execution.resolver(requirement);
        let seen = resolver.candidates_now()?.ok()?;
        match choose(&resolver.query, &seen, &mut Trace::default()) {
            Ok(choice) => acquired.push(held(&resolver, requirement, choice)?),
            Err(refusal) if resolver.query.is_absence(&refusal) => {}
            Err(_) => return None,
        }
    }
    Some(acquired)
}

/// What the process holds of the instance that was chosen.
#[inline]
fn held(resolver: &Resolver<'_>, requirement: &'static Requirement, choice: Choice) -> Option<Acquired> {
    let held = resolver.run.runtime.held(&choice.candidate, requirement.type_id(), resolver.query.now)?;
    Some(Acquired { requirement, held, choice, is_fresh: false })
}

/// Acquires one credential after another.
async fn acquire_all(execution: &Execution<'_>) -> AllAcquired {
    let Execution { run, action, .. } = *execution;
    let errors = execution.unused_selections();
    for error in &errors {
        let outcome = Outcome::Refused { code: error.code(), cause: None };
        let mut record = run.record_of(action.slug, error.key(), None, outcome);
        record.instance = error.instance();
        run.record_refusal(error, &record);
    }
    acquire_each(execution, action.requirements.iter(), errors).await
}

/// Acquires some of them, and has their use on record; `errors` are those before it.
async fn acquire_each(
    execution: &Execution<'_>,
    requirements: impl ExactSizeIterator<Item = &'static Requirement>,
    mut errors: Vec<ResolveError>,
) -> AllAcquired {
    let mut acquired = Credentials::with_capacity(requirements.len());
    for requirement in requirements {
        match acquire_one(execution, requirement).await {
            Ok(one) => acquired.extend(one),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if let Some(records) = record_all(execution, &acquired)? {
        wait_for(execution, records).await?;
    }
    Ok(acquired)
}

/// Has on record that values are used which the process held, before they are lent. What was opened just now has its
/// record already. Gives the records that have to be waited for.
fn record_all(
    execution: &Execution<'_>,
    acquired: &Credentials,
) -> Result<Option<Records>, Vec<ResolveError>> {
    let Execution { run, action, .. } = *execution;
    let store = run.runtime.store();
    let mut waiting = None;
    for Acquired { requirement, choice, .. } in acquired.iter().filter(|one| !one.is_fresh) {
        let candidate = &choice.candidate;
        let mut record = run.record_of(action.slug, requirement.key(), Some(choice.rule), Outcome::Used);
        record.instance = Some(&candidate.id);
        record.version = Some(candidate.version);
        match store.record_use(&record) {
            Ok(None) => {}
            Ok(Some(recording)) => waiting.get_or_insert_with(Records::new).push((requirement, recording)),
            Err(error) => return Err(vec![unrecorded(execution, requirement, error)]),
        }
    }
    Ok(waiting)
}

async fn wait_for(execution: &Execution<'_>, records: Records) -> Result<(), Vec<ResolveError>> {
    for (requirement, recording) in records {
        recording.await.map_err(|error| vec![unrecorded(execution, requirement, error)])?;
    }
    Ok(())
}

/// No record means no value (SEMANTICS S5).
#[cold]
fn unrecorded(
    execution: &Execution<'_>,
    requirement: &'static Requirement,
    error: StoreError,
) -> ResolveError {
    execution.resolver(requirement).unavailable(error, &Trace::default())
}

/// Chooses, opens and checks one credential. `None` if it is optional and absent.
async fn acquire_one(
    execution: &Execution<'_>,
    requirement: &'static Requirement,
) -> Result<Option<Acquired>, ResolveError> {
    let mut resolver = execution.resolver(requirement);
    let (mut trace, mut changed, mut why) = (Trace::default(), None, CHANGED);
    for _ in 0..ATTEMPTS {
        trace = Trace::default();
        match attempt(execution, &mut resolver, requirement, &mut trace).await? {
            Attempt::Acquired(acquired) => return Ok(Some(acquired)),
            Attempt::Absent => return Ok(None),
            Attempt::Again(candidate, told) => (changed, why) = (candidate, told),
        }
    }
    let error = StoreError::new(why).retryable();
    let error = match &changed {
        Some(candidate) => resolver.not_opened(error.into(), &trace, candidate),
        None => resolver.unavailable(error, &trace),
    };
    Err(resolver.refused(error, &trace, None, None))
}

/// Why the attempts at one credential came to nothing.
const CHANGED: &str = "the instance changed each time it was about to be opened";
const OVER: &str = "what was opened could no longer be lent each time, once the call had all it needs";

enum Attempt {
    Acquired(Acquired),
    /// It is optional, and there is none.
    Absent,
    /// What was chosen is no longer there, or no longer to be lent: why, in words.
    Again(Option<Arc<Candidate>>, &'static str),
}

async fn attempt(
    execution: &Execution<'_>,
    resolver: &mut Resolver<'_>,
    requirement: &'static Requirement,
    trace: &mut Trace,
) -> Result<Attempt, ResolveError> {
    let runtime = &execution.run.runtime;
    let seen = match resolver.candidates().await {
        Ok(seen) => seen,
        Err(error) => return Err(resolver.refused(resolver.unavailable(error, trace), trace, None, None)),
    };
    // The store may have taken its time.
    resolver.query.now = runtime.now();
    let query = &resolver.query;
    let choice = match choose(query, &seen, trace) {
        Ok(choice) => choice,
        Err(refusal) if query.is_absence(&refusal) => {
            let is_as_before = execution.settings.had_chosen(requirement, None);
            return Ok(if is_as_before { Attempt::Absent } else { Attempt::Again(None, CHANGED) });
        }
        Err(refusal) => {
            if let Refusal::Revoked(_, candidate) = &refusal {
                runtime.forget(candidate);
            }
            let error = query.error(&refusal, trace, &seen);
            return Err(resolver.refused(error, trace, refusal.candidate(), refusal.hidden_cause()));
        }
    };
    let candidate = &choice.candidate;
    if !execution.settings.had_chosen(requirement, Some(&candidate.id)) {
        return Ok(Attempt::Again(Some(choice.candidate), CHANGED));
    }
    if let Some(held) = runtime.held(candidate, requirement.type_id(), query.now)
        && !execution.settings.had_rejected(&held)
    {
        return Ok(Attempt::Acquired(Acquired { requirement, held, choice, is_fresh: false }));
    }
    let resolved = resolver.resolved(choice.clone(), requirement.fields());
    let Opened { fields, lend_until, grant_version } = match runtime.store().open(&resolved).await {
        Ok(opened) => opened,
        Err(OpenError::Changed) => return Ok(Attempt::Again(Some(choice.candidate), CHANGED)),
        Err(error) => {
            let error = resolver.not_opened(error, trace, candidate);
            return Err(resolver.refused(error, trace, Some(candidate), None));
        }
    };
    let lease = Lease::new(lend_until, grant_version);
    if lease.is_over(runtime.now()) {
        return Ok(Attempt::Again(Some(choice.candidate), OVER));
    }
    match load(requirement, fields, candidate, lease) {
        Ok(held) => Ok(Attempt::Acquired(Acquired { requirement, held, choice, is_fresh: true })),
        Err(problems) => {
            let error = query.invalid(trace, candidate, problems);
            Err(resolver.refused(error, trace, Some(candidate), None))
        }
    }
}

/// E3: reads what was opened. `FromStr`, `validate` and hand-written credentials are author's code, which has the secret
/// in hand.
fn load(
    requirement: &Requirement,
    fields: Fields,
    candidate: &Arc<Candidate>,
    lease: Lease,
) -> Result<LoadedCredential, Vec<FieldProblem>> {
    let read = guarded(|| {
        let value = requirement.read(fields, candidate)?;
        Ok(LoadedCredential::new(value, requirement, Arc::clone(candidate), lease))
    });
    read.unwrap_or_else(|Panicked(at)| {
        let at = at.map_or(String::new(), |at| format!(" at {at}"));
        let problem = format!("made its own check panic{at}");
        Err(vec![FieldProblem { field: String::new(), problem }])
    })
}
