//! The one place where a credential instance is chosen: rules R0–R10 of SEMANTICS §3.
//!
//! [`choose`] is a pure function over a [`Query`] and a snapshot of what the store has. Calls, explanations and
//! preflights all go through it. [`Resolved`](super::resolved::Resolved) has no public constructor, and a store opens
//! nothing else (SEMANTICS S2), so a rule can't hold in one path and be missing in another.

use std::sync::Arc;

use super::query::Query;
use super::refusal::Refusal;
use super::resolved::Choice;
use super::rule::Rule;
use super::trace::{Observation, Trace};
use crate::declare::scope::Scope;
use crate::store::Candidates;
use crate::store::instance::{Candidate, InstanceId, Status};

/// Chooses an instance for one requirement (SEMANTICS R0–R8), and leaves its trace. Both results are cheap values;
/// `Query::error` and `Resolver::explain` render them.
pub(crate) fn choose(query: &Query<'_>, seen: &Candidates, trace: &mut Trace) -> Result<Choice, Refusal> {
    pick(query, seen, trace).and_then(|choice| query.usable(choice))
}

fn pick(query: &Query<'_>, seen: &Candidates, trace: &mut Trace) -> Result<Choice, Refusal> {
    if let Some(selected) = query.selected {
        return named(query, seen, trace, Rule::Selection, selected);
    }
    if let Some(id) = seen.assignment() {
        let choice = named(query, seen, trace, Rule::Assignment, id)?;
        if query.pin.is_some_and(|pin| pin != choice.candidate.scope()) {
            *trace = Trace::default();
            trace.push(Rule::Assignment, Some(choice.candidate.scope()), Observation::OutsidePin);
            return Err(Refusal::OutsidePin(choice.candidate));
        }
        return Ok(choice);
    }
    let pinned = query.pin.map(|pin| [(Rule::Pin, pin)]);
    for (rule, scope) in pinned.as_ref().map_or(UNPINNED, <[_; 1]>::as_slice) {
        if let Some(choice) = in_scope(query, seen, trace, *rule, *scope)? {
            return Ok(choice);
        }
    }
    Err(Refusal::Missing)
}

/// R1 and R2: exactly this instance. The limits are checked in the order of SEMANTICS §3. Only the audit
/// record tells an instance out of reach from an absent one.
fn named(
    query: &Query<'_>,
    seen: &Candidates,
    trace: &mut Trace,
    rule: Rule,
    id: &InstanceId,
) -> Result<Choice, Refusal> {
    let candidate = match seen.find(id) {
        None => Err("no such instance"),
        Some(found) => match query.out_of_reach(found) {
            Some(cause) => Err(cause),
            None => Ok(found),
        },
    };
    let candidate = candidate.map_err(|cause| {
        trace.push(rule, None, Observation::NotFound);
        Refusal::NotFound(rule, id.clone(), cause)
    })?;
    if candidate.key != query.key() {
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

/// The scopes that are tried where nothing is pinned.
const UNPINNED: &[(Rule, Scope)] =
    &[(Rule::Project, Scope::Project), (Rule::Organization, Scope::Organization)];

/// Tries one scope. `Ok(None)` is "absent", the only answer after which another scope may be tried.
fn in_scope(
    query: &Query<'_>,
    seen: &Candidates,
    trace: &mut Trace,
    rule: Rule,
    scope: Scope,
) -> Result<Option<Choice>, Refusal> {
    if query.lacks_user(scope) {
        trace.push(rule, Some(scope), Observation::NoUser);
        return Err(Refusal::NoUser);
    }
    // Most scopes hold nothing of a key, which is seen without comparing a text.
    let mut tally = Tally::default();
    if seen.group().iter().any(|candidate| candidate.scope() == scope) {
        query.members(seen, scope).for_each(|candidate| tally.count(candidate));
    }
    if tally.all == 0 {
        trace.push(rule, Some(scope), Observation::Absent);
        return Ok(None);
    }
    let (saw, result) = match tally {
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
            let named = query.members(seen, scope).min_by(|a, b| a.id.cmp(&b.id));
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

impl Query<'_> {
    /// R7: a chosen instance that is broken is an error, never a reason to try another one.
    #[inline]
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
        let is_granted = |scope: &&str| candidate.granted.iter().any(|granted| granted == scope);
        if !self.demand.oauth_scopes.iter().all(is_granted) {
            let lacking = self.demand.oauth_scopes.iter().filter(|scope| !is_granted(scope));
            let lacking = lacking.map(|scope| (*scope).to_owned()).collect();
            return Err(Refusal::UnderScoped(choice.candidate, lacking));
        }
        if let Some(until) = self.withholding.and_then(|withheld| withheld.until(candidate, self.now)) {
            return Err(Refusal::Withheld(choice.candidate, until));
        }
        Ok(choice)
    }
}

/// Each rule once, so that this crate's own tests fail when the resolver breaks. Every combination is in the facade's tests:
/// `resolution`, `conformance` and `model`.
#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::resolve::query::Demand;
    use crate::run::clock::Moment;
    use crate::run::consumer::Consumer;
    use crate::run::facts::{RunFacts, RunOrigin};
    use crate::store::instance::Instance;

    fn facts(user: Option<&str>) -> Arc<RunFacts> {
        Arc::new(RunFacts {
            id: "run-1".to_owned(),
            organization: "acme".to_owned(),
            project: "research".to_owned(),
            user: user.map(str::to_owned),
            origin: RunOrigin::Direct,
            consumer: Consumer::Direct,
            selections: Vec::new(),
        })
    }

    /// The id of the choice, or the code of the error.
    fn chosen(instances: Vec<Instance>, ask: impl FnOnce(&mut Query<'_>, &mut Candidates)) -> String {
        let (run, demand) = (facts(Some("ada")), Demand::of_key("exa"));
        let group: Vec<_> = instances.into_iter().map(|one| Arc::new(one.into_parts().0)).collect();
        let mut seen = Candidates::new(group);
        let now = Moment::of(SystemTime::UNIX_EPOCH);
        let mut query = Query {
            run: &run,
            action: "search",
            demand: &demand,
            kind: None,
            pin: None,
            optional: false,
            selected: None,
            now,
            withholding: None,
        };
        ask(&mut query, &mut seen);
        let mut trace = Trace::default();
        match choose(&query, &seen, &mut trace) {
            Ok(choice) => choice.candidate.id.to_string(),
            Err(refusal) => query.error(&refusal, &trace, &seen).code().to_owned(),
        }
    }

    fn organization(id: &str) -> Instance {
        Instance::new("exa").in_organization("acme").id(id)
    }

    fn project(id: &str) -> Instance {
        Instance::new("exa").in_project("acme", "research").id(id)
    }

    fn user(id: &str) -> Instance {
        Instance::new("exa").of_user("acme", "ada").id(id)
    }

    #[test]
    fn the_project_is_tried_before_the_organization_and_never_left_once_it_holds_one() {
        let unpinned = |instances| chosen(instances, |_, _| {});
        assert_eq!(unpinned(vec![]), "missing");
        assert_eq!(unpinned(vec![organization("o")]), "o");
        assert_eq!(unpinned(vec![organization("o"), project("p")]), "p");
        assert_eq!(unpinned(vec![user("u")]), "missing", "the user scope is never part of the chain");
        assert_eq!(unpinned(vec![organization("o"), project("p"), project("q")]), "ambiguous");
        assert_eq!(unpinned(vec![project("p"), project("q").default()]), "q");
        assert_eq!(unpinned(vec![project("p").default(), project("q").default()]), "ambiguous");
        assert_eq!(unpinned(vec![organization("o"), project("p").status(Status::Revoked)]), "revoked");
        let elsewhere = Instance::new("exa").in_project("acme", "sales").id("s");
        assert_eq!(
            unpinned(vec![elsewhere, Instance::new("exa").in_organization("globex").id("g")]),
            "missing"
        );
    }

    #[test]
    fn a_pin_tries_one_scope_alone() {
        let all = || vec![organization("o"), project("p"), user("u")];
        for (pin, id) in [(Scope::Organization, "o"), (Scope::Project, "p"), (Scope::User, "u")] {
            assert_eq!(chosen(all(), |query, _| query.pin = Some(pin)), id);
        }
        assert_eq!(chosen(vec![organization("o")], |query, _| query.pin = Some(Scope::Project)), "missing");
        let nobody = facts(None);
        let (run, demand) = (&nobody, Demand::of_key("exa"));
        let now = Moment::of(SystemTime::UNIX_EPOCH);
        let pin = Some(Scope::User);
        let query = Query {
            run,
            action: "",
            demand: &demand,
            kind: None,
            pin,
            optional: false,
            selected: None,
            now,
            withholding: None,
        };
        assert!(matches!(
            choose(&query, &Candidates::default(), &mut Trace::default()),
            Err(Refusal::NoUser)
        ));
    }

    #[test]
    fn a_selection_wins_over_everything_and_an_assignment_over_all_but_that() {
        let all = || vec![organization("o"), project("p"), user("u")];
        let (o, u, gone) = (InstanceId::from("o"), InstanceId::from("u"), InstanceId::from("gone"));
        let assign = |seen: &mut Candidates, id: &InstanceId| {
            *seen = std::mem::take(seen).with_assignment(Some(id.clone()));
        };
        assert_eq!(chosen(all(), |_, seen| assign(seen, &o)), "o");
        assert_eq!(
            chosen(all(), |query, seen| {
                query.pin = Some(Scope::Project);
                assign(seen, &o);
            }),
            "assignment_conflicts_with_pin"
        );
        assert_eq!(chosen(all(), |_, seen| assign(seen, &gone)), "selection_not_found");
        let query = |selected: &'static str| {
            let run = facts(Some("ada"));
            let (demand, selected) = (Demand::of_key("exa"), InstanceId::from(selected));
            let group: Vec<_> = all().into_iter().map(|one| Arc::new(one.into_parts().0)).collect();
            let seen = Candidates::new(group).with_assignment(Some(o.clone()));
            let query = Query {
                run: &run,
                action: "search",
                demand: &demand,
                kind: None,
                pin: Some(Scope::Project),
                optional: false,
                selected: Some(&selected),
                now: Moment::of(SystemTime::UNIX_EPOCH),
                withholding: None,
            };
            choose(&query, &seen, &mut Trace::default()).map(|choice| choice.candidate.id.clone()).ok()
        };
        assert_eq!(query("u"), Some(u));
        assert_eq!(query("gone"), None);
    }

    #[test]
    fn of_all_refusals_two_leave_an_optional_credential_absent() {
        let (run, demand) = (facts(None), Demand::of_key("exa"));
        let query = |optional| Query {
            run: &run,
            action: "search",
            demand: &demand,
            kind: None,
            pin: None,
            optional,
            selected: None,
            now: Moment::of(SystemTime::UNIX_EPOCH),
            withholding: None,
        };
        let one = || Arc::new(organization("o").into_parts().0);
        let at = SystemTime::UNIX_EPOCH;
        for (refusal, is_absence) in [
            (Refusal::Missing, true),
            (Refusal::NoUser, true),
            (Refusal::Ambiguous(Scope::Project), false),
            (Refusal::NotFound(Rule::Selection, InstanceId::from("o"), "no such instance"), false),
            (Refusal::Mismatch(Rule::Assignment, one()), false),
            (Refusal::OutsidePin(one()), false),
            (Refusal::Revoked(Rule::Project, one()), false),
            (Refusal::WrongKind(one()), false),
            (Refusal::NeedsReconnect(one()), false),
            (Refusal::Expired(one(), at), false),
            (Refusal::UnderScoped(one(), Vec::new()), false),
            (Refusal::Withheld(one(), at), false),
        ] {
            assert_eq!(query(true).is_absence(&refusal), is_absence);
            assert!(!query(false).is_absence(&refusal), "what is required is never absent");
        }
    }
}
