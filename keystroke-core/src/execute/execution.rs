//! What the steps of one call share, and the reasons for which a step ends it early.

use std::sync::Arc;

use super::credentials::{Credentials, LoadedCredential};
use crate::declare::failure::InvalidInput;
use crate::declare::requirement::Requirement;
use crate::declare::scope::Scope;
use crate::resolve::error::ResolveError;
use crate::resolve::query::{Demand, Query};
use crate::resolve::resolver::Resolver;
use crate::resolve::trace::Trace;
use crate::run::clock::Moment;
use crate::run::runtime::{RunInner, Runtime};
use crate::run::state::StateRequirement;
use crate::run::state::missing::MissingState;
use crate::store::instance::InstanceId;

/// What the runtime needs of an action, without its types.
#[derive(Clone, Copy)]
pub(crate) struct ActionFacts {
    pub(crate) slug: &'static str,
    pub(crate) pin: Option<Scope>,
    pub(crate) requirements: &'static [Requirement],
    pub(crate) state: &'static [StateRequirement],
}

impl ActionFacts {
    /// E0: what the runtime does not share of the state that the action takes.
    #[inline]
    pub(crate) fn missing_state(&self, runtime: &Runtime) -> Option<Vec<MissingState>> {
        // Of most actions nothing to check, which the compiler knows.
        if self.state.is_empty() {
            return None;
        }
        let shared = runtime.state();
        (!shared.has_all(self.state)).then(|| shared.lacking(self.state))
    }

    /// The pin that holds for a requirement: pins at different levels agree by type (SEMANTICS P1).
    pub(crate) fn pin_of(&self, requirement: &Requirement) -> Option<Scope> {
        self.pin.or(requirement.pin())
    }
}

/// What a call sets for itself. Mostly nothing, so it is small.
#[derive(Clone, Default)]
pub(crate) struct CallSettings {
    pub(crate) pin: Option<Scope>,
    rest: Option<Box<Settings>>,
}

#[derive(Clone, Default)]
struct Settings {
    selections: Vec<(String, InstanceId)>,
    idempotency_key: Option<Arc<str>>,
    first_attempt: Option<Arc<FirstAttempt>>,
}

/// The first attempt at a call that is made a second time.
pub(crate) struct FirstAttempt {
    pub(crate) lent: Credentials,
    /// The credential of those that the third party refused.
    pub(crate) rejected: LoadedCredential,
}

impl CallSettings {
    /// Of the second attempt at a call (SEMANTICS O8).
    pub(crate) fn of_second_attempt(first: FirstAttempt) -> Self {
        let rest = Settings { first_attempt: Some(Arc::new(first)), ..Settings::default() };
        Self { pin: None, rest: Some(Box::new(rest)) }
    }

    /// Whether more is set than a pin: what most calls need not look at.
    #[inline]
    pub(crate) const fn is_special(&self) -> bool {
        self.rest.is_some()
    }

    /// The first attempt, if this is the second one.
    pub(crate) fn first_attempt(&self) -> Option<&FirstAttempt> {
        self.rest.as_ref()?.first_attempt.as_deref()
    }

    /// Whether a second attempt may use this instance, or go without one: it may if the first did. A refusal by a third
    /// party never leads to another instance (SEMANTICS R7).
    pub(crate) fn had_chosen(&self, requirement: &Requirement, id: Option<&InstanceId>) -> bool {
        self.first_attempt().is_none_or(|first| {
            let first = first.lent.iter().find(|one| std::ptr::eq(one.requirement, requirement));
            first.map(|one| &one.choice.candidate.id) == id
        })
    }

    /// Whether a value was refused in the first attempt, or is older: a call beside this one may have it put back.
    pub(crate) fn had_rejected(&self, held: &LoadedCredential) -> bool {
        self.first_attempt().is_some_and(|FirstAttempt { rejected, .. }| {
            held.instance().is_still(rejected.instance()) && held.grant_version() <= rejected.grant_version()
        })
    }

    pub(crate) fn select(&mut self, key: String, id: InstanceId) {
        self.rest.get_or_insert_default().selections.push((key, id));
    }

    pub(crate) fn set_idempotency_key(&mut self, key: Arc<str>) {
        self.rest.get_or_insert_default().idempotency_key = Some(key);
    }

    pub(crate) fn selections(&self) -> &[(String, InstanceId)] {
        self.rest.as_ref().map_or(&[], |settings| &settings.selections)
    }

    /// The key that the action is given, and what a first attempt was lent.
    #[inline]
    pub(crate) fn into_parts(self) -> (Option<Arc<str>>, Option<Arc<FirstAttempt>>) {
        self.rest.map_or((None, None), |rest| (rest.idempotency_key, rest.first_attempt))
    }

    fn selected(&self, key: &str) -> Option<&InstanceId> {
        self.selections().iter().rev().find(|(selected, _)| selected == key).map(|(_, id)| id)
    }
}

/// One call on its way through E0 to E6. Everything here is known when it begins.
#[derive(Clone, Copy)]
pub(crate) struct Execution<'a> {
    pub(crate) run: &'a RunInner,
    pub(crate) action: &'static ActionFacts,
    pub(crate) settings: &'a CallSettings,
    pub(crate) now: Moment,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(run: &'a RunInner, action: &'static ActionFacts, settings: &'a CallSettings) -> Self {
        Self { run, action, settings, now: run.runtime.now() }
    }

    /// Resolves one of its requirements.
    #[inline]
    pub(crate) fn resolver(&self, requirement: &'static Requirement) -> Resolver<'a> {
        let Self { run, action, settings, now } = *self;
        let key = requirement.key();
        Resolver {
            run,
            query: Query {
                run: &run.facts,
                action: action.slug,
                demand: requirement.demand(),
                kind: Some(requirement.kind()),
                pin: settings.pin.or(action.pin_of(requirement)),
                optional: requirement.is_optional() && self.has_its_user(),
                selected: settings.selected(key).or_else(|| run.facts.selected(key)),
                now,
                withholding: run.runtime.withholding(),
            },
        }
    }

    /// Not where the action or the call acts as a user and there is none. The types see to that (SEMANTICS P3), but an
    /// `Action` that is implemented by hand may say something else.
    fn has_its_user(&self) -> bool {
        self.settings.pin.or(self.action.pin) != Some(Scope::User) || self.run.facts.user.is_some()
    }

    /// An error for each selection of the call that is for a key which the action does not use (SEMANTICS §3, limits of
    /// R1).
    #[cold]
    pub(crate) fn unused_selections(&self) -> Vec<ResolveError> {
        let uses = |key: &str| self.action.requirements.iter().any(|requirement| requirement.key() == key);
        let unused = self.settings.selections().iter().filter(|(key, _)| !uses(key));
        let error = |(key, id): &(String, InstanceId)| {
            let pin = self.settings.pin.or(self.action.pin);
            let demand = Demand::of_key(key);
            let resolver = Resolver::of(self.run, &demand, None, pin, false, self.action.slug);
            let about = Box::new(resolver.query.about(&Trace::default()));
            ResolveError::SelectionUnused { about, instance: id.clone() }
        };
        unused.map(error).collect()
    }
}

/// Why a call gave nothing, besides what its function fails with.
pub(crate) enum Stop {
    /// E0: all state that the action takes and the runtime does not share.
    State(Vec<MissingState>),
    /// E1: the input does not fit.
    Input(InvalidInput),
    /// E2 and E3: all requirements that could not be met.
    Resolve(Vec<ResolveError>),
    /// Something panicked, at this place.
    Panicked(Option<String>),
    /// The run was cancelled.
    Cancelled,
}
