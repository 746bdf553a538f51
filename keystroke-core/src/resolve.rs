//! The one place where a credential instance is chosen: rules R0–R10 of SEMANTICS §3.
//!
//! [`choose`] is a pure function over what was asked and a snapshot of what the store has. Runs, explanations and
//! preflights all go through it. [`Resolved`] has no public constructor, and a store opens nothing else
//! (SEMANTICS S2), so a rule can't hold in one path and be missing in another.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::credential::{CredentialKind, FieldSpec};
use crate::error::{About, ResolveError, Shown};
use crate::instance::{Candidate, InstanceId, Owner, Status};
use crate::run::RunFacts;
use crate::scope::Scope;
use crate::store::Candidates;

/// The rule of SEMANTICS §3 that chose an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// R1: it was selected for this run or call.
    Selection,
    /// R2: it is assigned to the consumer.
    Assignment,
    /// R3: it is in the pinned scope.
    Pin,
    /// R4: it is in the run's project.
    Project,
    /// R5: it is in the run's organization.
    Organization,
}

impl Rule {
    /// The rule's number: `R1` … `R5`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Selection => "R1",
            Self::Assignment => "R2",
            Self::Pin => "R3",
            Self::Project => "R4",
            Self::Organization => "R5",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one rule saw when it was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saw {
    /// The instance that a selection or assignment names.
    Named,
    /// No instance that this run can reach has the id.
    NotFound,
    /// The instance is for another key.
    Mismatch,
    /// The assigned instance is outside the pinned scope.
    OutsidePin,
    /// The user scope, on a run without a user.
    NoUser,
    /// No instance.
    Absent,
    /// Exactly one instance that is not revoked.
    One,
    /// Exactly one default mark among so many instances.
    Default(usize),
    /// So many equal candidates.
    Several(usize),
    /// Only a revoked choice.
    Revoked,
}

impl Saw {
    /// A stable word for JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::NotFound => "not_found",
            Self::Mismatch => "mismatch",
            Self::OutsidePin => "outside_pin",
            Self::NoUser => "no_user",
            Self::Absent => "absent",
            Self::One => "one",
            Self::Default(_) => "default",
            Self::Several(_) => "several",
            Self::Revoked => "revoked",
        }
    }
}

impl fmt::Display for Saw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named => f.write_str("names an instance"),
            Self::NotFound => f.write_str("names no instance in reach"),
            Self::Mismatch => f.write_str("names an instance of another key"),
            Self::OutsidePin => f.write_str("names an instance outside the pin"),
            Self::NoUser => f.write_str("no user"),
            Self::Absent => f.write_str("none"),
            Self::One => f.write_str("one"),
            Self::Default(1) => f.write_str("one, the default"),
            Self::Default(of) => write!(f, "the default of {of}"),
            Self::Several(count) => write!(f, "{count}, no single default"),
            Self::Revoked => f.write_str("revoked"),
        }
    }
}

/// One rule that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub rule: Rule,
    /// The scope it tried, where it tries one.
    pub scope: Option<Scope>,
    /// What it saw there.
    pub saw: Saw,
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("Step", 3)?;
        step.serialize_field("rule", self.rule.as_str())?;
        step.serialize_field("scope", &self.scope)?;
        step.serialize_field("saw", self.saw.code())?;
        step.end()
    }
}

/// The rules tried, in order. At most one per rule, so it needs no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace([Option<Step>; 4]);

impl Trace {
    fn push(&mut self, rule: Rule, scope: Option<Scope>, saw: Saw) {
        if let Some(free) = self.0.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(Step { rule, scope, saw });
        }
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.0.iter().flatten()
    }
}

/// All that a resolution may depend on, besides the snapshot.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) run: &'a Arc<RunFacts>,
    pub(crate) action: &'a str,
    pub(crate) key: &'a str,
    /// `None` where no kind is asked for: a key explained without its credential.
    pub(crate) kind: Option<CredentialKind>,
    pub(crate) pin: Option<Scope>,
    pub(crate) fields: &'a [FieldSpec],
    pub(crate) oauth_scopes: &'a [&'a str],
    pub(crate) selected: Option<&'a InstanceId>,
    pub(crate) now: SystemTime,
}

/// What a resolution came to, as cheap values; [`Asked::resolution`] and [`Asked::error`] render it.
pub(crate) struct Decision {
    pub(crate) trace: Trace,
    pub(crate) result: Result<Choice, Refusal>,
}

#[derive(Clone)]
pub(crate) struct Choice {
    pub(crate) candidate: Arc<Candidate>,
    pub(crate) rule: Rule,
}

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
}

/// Chooses an instance for one requirement (SEMANTICS R0–R8).
pub(crate) fn choose(asked: &Asked<'_>, seen: &Candidates) -> Decision {
    let mut trace = Trace::default();
    let result = pick(asked, seen, &mut trace).and_then(|choice| asked.usable(choice));
    Decision { trace, result }
}

fn pick(asked: &Asked<'_>, seen: &Candidates, trace: &mut Trace) -> Result<Choice, Refusal> {
    if let Some(selected) = asked.selected {
        return named(asked, seen, trace, Rule::Selection, selected);
    }
    if let Some(id) = seen.assignment() {
        let choice = named(asked, seen, trace, Rule::Assignment, id)?;
        if asked.pin.is_some_and(|pin| pin != choice.candidate.scope()) {
            *trace = Trace::default();
            trace.push(Rule::Assignment, Some(choice.candidate.scope()), Saw::OutsidePin);
            return Err(Refusal::OutsidePin(choice.candidate));
        }
        return Ok(choice);
    }
    if let Some(pin) = asked.pin {
        return in_scope(asked, seen, trace, Rule::Pin, pin)?.ok_or(Refusal::Missing);
    }
    for (rule, scope) in [(Rule::Project, Scope::Project), (Rule::Organization, Scope::Organization)] {
        if let Some(choice) = in_scope(asked, seen, trace, rule, scope)? {
            return Ok(choice);
        }
    }
    Err(Refusal::Missing)
}

/// R1 and R2: exactly this instance. The limits are checked in the order that SEMANTICS gives them; an instance
/// out of reach is told apart from an absent one nowhere but in the audit record.
fn named(
    asked: &Asked<'_>,
    seen: &Candidates,
    trace: &mut Trace,
    rule: Rule,
    id: &InstanceId,
) -> Result<Choice, Refusal> {
    let candidate = match seen.find(id) {
        None => Err("no such instance"),
        Some(found) => match asked.out_of_reach(found) {
            Some(cause) => Err(cause),
            None => Ok(found),
        },
    };
    let candidate = candidate.map_err(|cause| {
        trace.push(rule, None, Saw::NotFound);
        Refusal::NotFound(rule, id.clone(), cause)
    })?;
    if candidate.key != asked.key {
        trace.push(rule, None, Saw::Mismatch);
        return Err(Refusal::Mismatch(rule, Arc::clone(candidate)));
    }
    let scope = Some(candidate.scope());
    if candidate.status == Status::Revoked {
        trace.push(rule, scope, Saw::Revoked);
        return Err(Refusal::Revoked(rule, Arc::clone(candidate)));
    }
    trace.push(rule, scope, Saw::Named);
    Ok(Choice { candidate: Arc::clone(candidate), rule })
}

/// Tries one scope. `Ok(None)` is "absent", the only answer after which another scope may be tried.
fn in_scope(
    asked: &Asked<'_>,
    seen: &Candidates,
    trace: &mut Trace,
    rule: Rule,
    scope: Scope,
) -> Result<Option<Choice>, Refusal> {
    if scope == Scope::User && asked.run.user.is_none() {
        trace.push(rule, Some(scope), Saw::NoUser);
        return Err(Refusal::NoUser);
    }
    let mut tally = Tally::default();
    asked.members(seen, scope).for_each(|candidate| tally.count(candidate));

    let (saw, result) = match tally {
        Tally { all: 0, .. } => (Saw::Absent, Ok(None)),
        Tally { all, defaults: 1, default: Some(candidate), .. } => {
            if candidate.status == Status::Revoked {
                (Saw::Revoked, Err(Refusal::Revoked(rule, Arc::clone(candidate))))
            } else {
                (Saw::Default(all), Ok(Some(candidate)))
            }
        }
        Tally { defaults, .. } if defaults > 1 => (Saw::Several(defaults), Err(Refusal::Ambiguous(scope))),
        Tally { live: 1, one: Some(candidate), .. } => (Saw::One, Ok(Some(candidate))),
        Tally { live: 0, first: Some(candidate), .. } => {
            (Saw::Revoked, Err(Refusal::Revoked(rule, Arc::clone(candidate))))
        }
        Tally { live, .. } => (Saw::Several(live), Err(Refusal::Ambiguous(scope))),
    };
    trace.push(rule, Some(scope), saw);
    Ok(result?.map(|candidate| Choice { candidate: Arc::clone(candidate), rule }))
}

/// What a scope holds: counted, so that neither order nor names can decide (SEMANTICS R8).
#[derive(Default)]
struct Tally<'a> {
    all: usize,
    live: usize,
    defaults: usize,
    first: Option<&'a Arc<Candidate>>,
    one: Option<&'a Arc<Candidate>>,
    default: Option<&'a Arc<Candidate>>,
}

impl<'a> Tally<'a> {
    fn count(&mut self, candidate: &'a Arc<Candidate>) {
        self.all += 1;
        self.first = self.first.or(Some(candidate));
        if candidate.default {
            self.defaults += 1;
            self.default = Some(candidate);
        }
        if candidate.status != Status::Revoked {
            self.live += 1;
            self.one = Some(candidate);
        }
    }
}

impl<'a> Asked<'a> {
    /// Why the run can't reach an instance; `None` if it can.
    fn out_of_reach(&self, candidate: &Candidate) -> Option<&'static str> {
        if candidate.organization != self.run.organization {
            return Some("of another organization");
        }
        match &candidate.owner {
            Owner::Organization => None,
            Owner::Project(project) => (*project != self.run.project).then_some("of another project"),
            Owner::User(user) => (Some(user) != self.run.user.as_ref()).then_some("of another user"),
        }
    }

    /// The key's instances of one scope that the run can reach (SEMANTICS R0).
    fn members<'s>(
        &'s self,
        seen: &'s Candidates,
        scope: Scope,
    ) -> impl Iterator<Item = &'s Arc<Candidate>> + 's {
        seen.group().iter().filter(move |candidate| {
            candidate.scope() == scope && candidate.key == self.key && self.out_of_reach(candidate).is_none()
        })
    }

    /// R7: a chosen instance that is broken is an error, never a reason to try another one.
    fn usable(&self, choice: Choice) -> Result<Choice, Refusal> {
        let candidate = &choice.candidate;
        if self.kind.is_some_and(|kind| kind != candidate.kind) {
            return Err(Refusal::WrongKind(choice.candidate));
        }
        if candidate.status == Status::NeedsReconnect {
            return Err(Refusal::NeedsReconnect(choice.candidate));
        }
        if let Some(at) = candidate.expires_at.filter(|at| *at <= self.now) {
            return Err(Refusal::Expired(choice.candidate, at));
        }
        let lacking: Vec<String> = self
            .oauth_scopes
            .iter()
            .filter(|scope| !candidate.granted.iter().any(|granted| granted == **scope))
            .map(|scope| (*scope).to_owned())
            .collect();
        if !lacking.is_empty() {
            return Err(Refusal::UnderScoped(choice.candidate, lacking));
        }
        Ok(choice)
    }

    /// The error for a refusal.
    pub(crate) fn error(&self, refusal: &Refusal, trace: &Trace, seen: &Candidates) -> ResolveError {
        let about = Box::new(self.about(trace));
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
                let candidates = members
                    .into_iter()
                    .filter(
                        |candidate| {
                            if marked { candidate.default } else { candidate.status != Status::Revoked }
                        },
                    )
                    .map(|candidate| Shown::from(&**candidate))
                    .collect();
                ResolveError::Ambiguous { about, scope: *scope, candidates }
            }
            Refusal::NoUser => ResolveError::NoUser { about },
            Refusal::NotFound(rule, id, _) => {
                ResolveError::SelectionNotFound { about, instance: id.clone(), rule: *rule }
            }
            Refusal::Mismatch(rule, candidate) => ResolveError::SelectionMismatch {
                about,
                instance: Shown::from(&**candidate),
                found: candidate.key.clone(),
                rule: *rule,
            },
            Refusal::OutsidePin(candidate) => {
                ResolveError::AssignmentConflictsWithPin { about, instance: Shown::from(&**candidate) }
            }
            Refusal::Revoked(rule, candidate) => {
                ResolveError::Revoked { about, instance: Shown::from(&**candidate), rule: *rule }
            }
            Refusal::WrongKind(candidate) => {
                ResolveError::WrongKind { about, instance: Shown::from(&**candidate), found: candidate.kind }
            }
            Refusal::NeedsReconnect(candidate) => {
                ResolveError::NeedsReconnect { about, instance: Shown::from(&**candidate) }
            }
            Refusal::Expired(candidate, at) => {
                ResolveError::Expired { about, instance: Shown::from(&**candidate), at: *at }
            }
            Refusal::UnderScoped(candidate, lacking) => ResolveError::UnderScoped {
                about,
                instance: Shown::from(&**candidate),
                lacking: lacking.clone(),
            },
        }
    }

    /// What every error of this requirement says.
    pub(crate) fn about(&self, trace: &Trace) -> About {
        let mut tried = Vec::new();
        for step in trace.steps().filter(|step| !matches!(step.rule, Rule::Selection | Rule::Assignment)) {
            tried.extend(step.scope);
        }
        About {
            key: self.key.to_owned(),
            action: self.action.to_owned(),
            consumer: self.run.consumer.clone(),
            kind: self.kind.unwrap_or_default(),
            pin: self.pin,
            fields: self
                .fields
                .iter()
                .filter(|field| field.required)
                .map(|field| field.name.to_owned())
                .collect(),
            organization: self.run.organization.clone(),
            project: self.run.project.clone(),
            user: self.run.user.clone(),
            origin: self.run.origin,
            tried,
        }
    }

    /// The decision as the trace that is shown.
    pub(crate) fn resolution(&self, decision: &Decision, seen: &Candidates) -> Resolution {
        Resolution {
            key: self.key.to_owned(),
            pin: self.pin,
            trace: decision.trace,
            result: match &decision.result {
                Ok(choice) => Ok(Chosen { instance: Shown::from(&*choice.candidate), rule: choice.rule }),
                Err(refusal) => Err(self.error(refusal, &decision.trace, seen)),
            },
        }
    }
}

impl Refusal {
    /// The cause that the error must hide (SEMANTICS §3, limits of R1 and R2).
    pub(crate) const fn hidden_cause(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(_, _, cause) => Some(cause),
            _ => None,
        }
    }
}

/// The trace of one resolution (SEMANTICS R9): the rules tried in order, what each saw, and the choice or error.
/// It holds no secret and nothing outside the run's reach.
#[derive(Clone, Debug)]
pub struct Resolution {
    key: String,
    pin: Option<Scope>,
    trace: Trace,
    result: Result<Chosen, ResolveError>,
}

/// The instance that a resolution chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The instance.
    pub instance: Shown,
    /// The rule that chose it.
    pub rule: Rule,
}

impl Resolution {
    pub(crate) const fn failed(key: String, pin: Option<Scope>, error: ResolveError) -> Self {
        Self { key, pin, trace: Trace([None; 4]), result: Err(error) }
    }

    /// The credential key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The effective pin.
    pub const fn pin(&self) -> Option<Scope> {
        self.pin
    }

    /// The rules tried, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.trace.steps()
    }

    /// What was chosen.
    ///
    /// # Errors
    /// Why nothing was, or why the choice can't be used.
    pub const fn result(&self) -> Result<&Chosen, &ResolveError> {
        self.result.as_ref()
    }
}

/// One line: `exa: R4 project: none; R5 organization: one → exa-7k2m (Shared)`.
impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key)?;
        if let Some(pin) = self.pin {
            write!(f, ", pinned to {pin}")?;
        }
        f.write_str(": ")?;
        for (index, step) in self.steps().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{} ", step.rule)?;
            match step.rule {
                Rule::Selection => f.write_str("selection: ")?,
                Rule::Assignment => f.write_str("assignment: ")?,
                _ => {
                    if let Some(scope) = step.scope {
                        write!(f, "{scope}: ")?;
                    }
                }
            }
            write!(f, "{}", step.saw)?;
        }
        match &self.result {
            Ok(chosen) => write!(f, " → {}", chosen.instance),
            Err(error) => write!(f, " → error `{}`", error.code()),
        }
    }
}

impl Serialize for Resolution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct ChosenJson<'a> {
            rule: &'static str,
            instance: &'a Shown,
        }
        let steps: Vec<&Step> = self.steps().collect();
        let chosen =
            self.result.as_ref().ok().map(|c| ChosenJson { rule: c.rule.as_str(), instance: &c.instance });
        let mut resolution = serializer.serialize_struct("Resolution", 5)?;
        resolution.serialize_field("key", &self.key)?;
        resolution.serialize_field("pin", &self.pin)?;
        resolution.serialize_field("steps", &steps)?;
        resolution.serialize_field("chosen", &chosen)?;
        resolution.serialize_field("error", &self.result.as_ref().err())?;
        resolution.end()
    }
}

/// Leave to open one instance, given by the resolver alone: it has no public constructor (SEMANTICS S2).
///
/// It carries what a store rechecks in the read that decrypts, and what the audit record of the open says.
#[derive(Clone)]
pub struct Resolved {
    pub(crate) run: Arc<RunFacts>,
    pub(crate) action: String,
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

    /// The run, its origin and its consumer.
    pub fn run(&self) -> &RunFacts {
        &self.run
    }

    /// The action's slug.
    pub fn action(&self) -> &str {
        &self.action
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
