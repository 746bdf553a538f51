//! The one place where a credential instance is chosen: rules R0–R10 of SEMANTICS §3.
//!
//! [`choose`] is a pure function over what was asked and a snapshot of what the store has. Runs, explanations and
//! preflights all go through it. [`Resolved`] has no public constructor, and a store opens nothing else
//! (SEMANTICS S2), so a rule can't hold in one path and be missing in another.

use std::sync::Arc;
use std::time::SystemTime;

use crate::declare::credential::FieldProblem;
use crate::declare::field::FieldSpec;
use crate::declare::kind::CredentialKind;
use crate::declare::manifest::ManifestField;
use crate::declare::scope::Scope;
use crate::resolve::error::{ErrorContext, InstanceSummary, ResolveError};
use crate::resolve::resolved::Choice;
use crate::resolve::rule::Rule;
use crate::resolve::trace::{Chosen, Observation, Resolution, Trace};
use crate::run::clock::Moment;
use crate::run::facts::RunFacts;
use crate::run::withhold::Withholding;
use crate::store::Candidates;
use crate::store::instance::{Candidate, InstanceId, Owner, Status};

/// All that a resolution may depend on, besides the snapshot.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) run: &'a Arc<RunFacts>,
    pub(crate) action: &'a str,
    pub(crate) key: &'a str,
    /// `None` where no kind is asked for: a key explained without its credential.
    pub(crate) kind: Option<CredentialKind>,
    pub(crate) pin: Option<Scope>,
    pub(crate) fields: AskedFields<'a>,
    pub(crate) oauth_scopes: &'a [&'a str],
    pub(crate) selected: Option<&'a InstanceId>,
    pub(crate) now: Moment,
    /// What of the runtime is withheld; `None` as long as nothing is.
    pub(crate) withholding: Option<&'a Withholding>,
}

/// The fields that are asked for.
#[derive(Clone, Copy)]
pub(crate) enum AskedFields<'a> {
    /// By a credential of this process.
    Code(&'static [FieldSpec]),
    /// By one of another program, as its manifest says.
    Manifest(&'a [ManifestField]),
}

impl<'a> AskedFields<'a> {
    /// Those that an instance must have: the name of each, and whether it is a secret.
    fn required(self) -> impl Iterator<Item = (&'a str, bool)> {
        let (code, manifest) = match self {
            Self::Code(fields) => (fields, [].as_slice()),
            Self::Manifest(fields) => ([].as_slice(), fields),
        };
        let code = code.iter().filter(|field| field.required).map(|field| (field.name, field.secret));
        let manifest = manifest.iter().filter(|field| field.required);
        code.chain(manifest.map(|field| (field.name.as_str(), field.secret)))
    }
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
    Withheld(Arc<Candidate>, SystemTime),
}

/// Chooses an instance for one requirement (SEMANTICS R0–R8), and leaves its trace. What it comes to are cheap values;
/// [`Asked::resolution`] and [`Asked::error`] render them.
pub(crate) fn choose(asked: &Asked<'_>, seen: &Candidates, trace: &mut Trace) -> Result<Choice, Refusal> {
    pick(asked, seen, trace).and_then(|choice| asked.usable(choice))
}

fn pick(asked: &Asked<'_>, seen: &Candidates, trace: &mut Trace) -> Result<Choice, Refusal> {
    if let Some(selected) = asked.selected {
        return named(asked, seen, trace, Rule::Selection, selected);
    }
    if let Some(id) = seen.assignment() {
        let choice = named(asked, seen, trace, Rule::Assignment, id)?;
        if asked.pin.is_some_and(|pin| pin != choice.candidate.scope()) {
            *trace = Trace::default();
            trace.push(Rule::Assignment, Some(choice.candidate.scope()), Observation::OutsidePin);
            return Err(Refusal::OutsidePin(choice.candidate));
        }
        return Ok(choice);
    }
    if let Some(pin) = asked.pin {
        return in_scope(asked, seen, trace, Rule::Pin, pin)?.ok_or(Refusal::Missing);
    }
    for (rule, scope) in [(Rule::Project, Scope::Project), (Rule::Organization, Scope::Organization)] {
        // Mostly one of them holds nothing, which is seen without comparing a text.
        if seen.group().iter().all(|candidate| candidate.scope() != scope) {
            trace.push(rule, Some(scope), Observation::Absent);
        } else if let Some(choice) = in_scope(asked, seen, trace, rule, scope)? {
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
        trace.push(rule, None, Observation::NotFound);
        Refusal::NotFound(rule, id.clone(), cause)
    })?;
    if candidate.key != asked.key {
        trace.push(rule, None, Observation::Mismatch);
        return Err(Refusal::Mismatch(rule, Arc::clone(candidate)));
    }
    let scope = Some(candidate.scope());
    if candidate.status == Status::Revoked {
        trace.push(rule, scope, Observation::Revoked);
        return Err(Refusal::Revoked(rule, Arc::clone(candidate)));
    }
    trace.push(rule, scope, Observation::Named);
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
        trace.push(rule, Some(scope), Observation::NoUser);
        return Err(Refusal::NoUser);
    }
    let mut tally = Tally::default();
    asked.members(seen, scope).for_each(|candidate| tally.count(candidate));
    let (saw, result) = match tally {
        Tally { all: 0, .. } => (Observation::Absent, Ok(None)),
        Tally { all, defaults: 1, default: Some(candidate), .. } => {
            if candidate.status == Status::Revoked {
                (Observation::Revoked, Err(Refusal::Revoked(rule, Arc::clone(candidate))))
            } else {
                (Observation::Default(all), Ok(Some(candidate)))
            }
        }
        Tally { defaults, .. } if defaults > 1 => {
            (Observation::Several(defaults), Err(Refusal::Ambiguous(scope)))
        }
        Tally { live: 1, one: Some(candidate), .. } => (Observation::One, Ok(Some(candidate))),
        Tally { live: 0, .. } => {
            // Only to name one in an error: the least id, so that a store's order does not decide.
            let named = asked.members(seen, scope).min_by(|a, b| a.id.cmp(&b.id));
            (
                Observation::Revoked,
                Err(named.map_or(Refusal::Missing, |one| Refusal::Revoked(rule, Arc::clone(one)))),
            )
        }
        Tally { live, .. } => (Observation::Several(live), Err(Refusal::Ambiguous(scope))),
    };
    trace.push(rule, Some(scope), saw);
    Ok(result?.map(|candidate| Choice { candidate: Arc::clone(candidate), rule }))
}

/// As an error shows them, by id: a store's order decides nothing.
fn shown<'a>(candidates: impl Iterator<Item = &'a Arc<Candidate>>) -> Vec<InstanceSummary> {
    let mut shown: Vec<InstanceSummary> =
        candidates.map(|candidate| InstanceSummary::from(&**candidate)).collect();
    shown.sort_by(|a, b| a.id.cmp(&b.id));
    shown
}

/// What a scope holds: counted, so that neither order nor names can decide (SEMANTICS R8).
#[derive(Default)]
struct Tally<'a> {
    all: usize,
    live: usize,
    defaults: usize,
    one: Option<&'a Arc<Candidate>>,
    default: Option<&'a Arc<Candidate>>,
}

impl<'a> Tally<'a> {
    fn count(&mut self, candidate: &'a Arc<Candidate>) {
        self.all += 1;
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
        // An instance that was never placed belongs to no run, not even to one of an organization without a name.
        if candidate.organization != self.run.organization || candidate.organization.is_empty() {
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
        if let Some(at) = candidate.expires_at.filter(|at| *at <= self.now.time()) {
            return Err(Refusal::Expired(choice.candidate, at));
        }
        let granted = |scope: &&&str| candidate.granted.iter().any(|granted| granted == **scope);
        if !self.oauth_scopes.iter().all(|scope| granted(&scope)) {
            let lacking = self.oauth_scopes.iter().filter(|scope| !granted(scope));
            let lacking = lacking.map(|scope| (*scope).to_owned()).collect();
            return Err(Refusal::UnderScoped(choice.candidate, lacking));
        }
        if let Some(until) = self.withholding.and_then(|withheld| withheld.until(candidate, self.now)) {
            return Err(Refusal::Withheld(choice.candidate, until));
        }
        Ok(choice)
    }

    /// Required fields that a chosen instance lacks, as far as their names are known without opening it (SEMANTICS R7,
    /// `invalid`). A call need not ask: it finds them when it reads the instance, with all else that is wrong.
    pub(crate) fn lacking(&self, candidate: &Candidate) -> Vec<FieldProblem> {
        let Some(names) = &candidate.fields else { return Vec::new() };
        let required = self.fields.required().map(|(name, _)| name);
        required.filter(|field| !names.iter().any(|name| name == field)).map(FieldProblem::missing).collect()
    }

    /// The error for a chosen instance with wrong fields.
    pub(crate) fn invalid(
        &self,
        trace: &Trace,
        candidate: &Candidate,
        problems: Vec<FieldProblem>,
    ) -> ResolveError {
        let about = Box::new(self.about(trace));
        ResolveError::Invalid { about, instance: InstanceSummary::from(candidate), problems }
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

    /// What every error of this requirement says.
    pub(crate) fn about(&self, trace: &Trace) -> ErrorContext {
        let mut tried = Vec::new();
        for step in trace.steps().filter(|step| !matches!(step.rule, Rule::Selection | Rule::Assignment)) {
            tried.extend(step.scope);
        }
        ErrorContext {
            key: self.key.to_owned(),
            action: self.action.to_owned(),
            consumer: self.run.consumer.clone(),
            kind: self.kind.unwrap_or_default(),
            pin: self.pin,
            fields: self.fields.required().map(|(name, _)| name.to_owned()).collect(),
            plain: self
                .fields
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

    /// The choice with the trace that is shown, and what can be told of it before it is opened.
    pub(crate) fn resolution(&self, seen: &Candidates) -> Resolution {
        let mut trace = Trace::default();
        let decision = choose(self, seen, &mut trace);
        let chosen = |choice: &Choice| match self.lacking(&choice.candidate) {
            problems if problems.is_empty() => {
                Ok(Chosen { instance: InstanceSummary::from(&*choice.candidate), rule: choice.rule })
            }
            problems => Err(self.invalid(&trace, &choice.candidate, problems)),
        };
        Resolution {
            key: self.key.to_owned(),
            pin: self.pin,
            trace,
            result: match &decision {
                Ok(choice) => chosen(choice),
                Err(refusal) => Err(self.error(refusal, &trace, seen)),
            },
        }
    }
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
