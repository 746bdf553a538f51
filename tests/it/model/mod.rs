//! SEMANTICS §3 a second time: slow, plain, and from its words alone.
//!
//! It shares nothing with the library's resolver: no type, no helper, no order of its loops. Scopes, rules, codes
//! and what a rule saw are the words that the documents and the JSON of a trace use. Where the library and this
//! file differ, SEMANTICS decides which of the two is wrong.
//!
//! [`drive`] asks the library the same questions, for the tests that compare the two; `random` is one of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub mod drive;
mod random;

/// Who an instance belongs to: exactly one of the two, or neither for the organization itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    pub id: String,
    pub key: String,
    pub organization: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    pub kind: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub default: bool,
    /// `active`, `needs_reconnect` or `revoked`.
    pub status: String,
    /// Seconds after the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<String>,
    pub fields: BTreeMap<String, String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A container and its slug: `direct` has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Container {
    pub kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub slug: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    pub organization: String,
    pub project: String,
    pub consumer: Container,
    pub action: String,
    pub key: String,
    pub id: String,
}

/// All that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    pub instances: Vec<Instance>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
}

/// What one credential parameter asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub key: String,
    pub kind: String,
    /// The effective pin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// What has the pin: the `credential`, its `parameter`, or the `action`, as a use and a call have it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_by: Option<String>,
    /// The function takes it as an `Option`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    /// Fields without which an instance is invalid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Fields that must be a number if they are there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub oauth_scopes: Vec<String>,
}

/// One call of an action in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub organization: String,
    pub project: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    pub origin: String,
    pub consumer: Container,
    pub action: String,
    pub requirements: Vec<Requirement>,
    /// Key and id, for the run.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub run_selects: BTreeMap<String, String>,
    /// Key and id, for the call.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub call_selects: BTreeMap<String, String>,
    /// Seconds after the epoch.
    pub now: u64,
}

/// One rule that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    pub saw: String,
}

/// What becomes of one requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    pub key: String,
    /// The rules tried, in order, and what each saw (R9).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<Step>,
    /// The instance that was chosen and the rule that chose it, also where it then turns out broken (R7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The code of the error; none if the action gets the instance, or does without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// R11: the action gets `None`, because it is `missing` or there is `no_user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    /// `ambiguous`: every candidate, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// `missing`, also where that is absent: scopes within the run's reach that hold one and were not tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<String>,
    /// `under_scoped`: what was not granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<String>,
    /// `invalid`: the fields that are wrong …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrong_fields: Vec<String>,
    /// … and those of them that are missing, which their names alone tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_fields: Vec<String>,
}

impl Verdict {
    /// The code before anything is opened: an explanation sees the names of fields and no values, and no store that
    /// fails to open.
    pub fn code_when_explained(&self) -> Option<&str> {
        let on_opening = |code: &str| {
            code == "invalid" && self.missing_fields.is_empty()
                || code == "store_unavailable" && self.chosen.is_some()
        };
        self.code.as_deref().filter(|code| !on_opening(code))
    }
}

pub fn scope_of(instance: &Instance) -> &'static str {
    match (&instance.project, &instance.user) {
        (Some(_), None) => "project",
        (None, Some(_)) => "user",
        (None, None) => "organization",
        (Some(_), Some(_)) => unreachable!("an instance has one owner"),
    }
}

/// Organization-scoped; or of the run's project; or of the run's user; always of the run's organization.
pub fn in_reach(instance: &Instance, asked: &Asked) -> bool {
    if instance.organization != asked.organization {
        return false;
    }
    match scope_of(instance) {
        "organization" => true,
        "project" => instance.project.as_ref() == Some(&asked.project),
        "user" => asked.user.is_some() && instance.user == asked.user,
        other => unreachable!("no scope `{other}`"),
    }
}

/// All of one call: a verdict for each requirement, then one for each selection of the call that no requirement uses.
pub fn call(world: &World, asked: &Asked) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for requirement in &asked.requirements {
        verdicts.push(one(world, asked, requirement));
    }
    for key in asked.call_selects.keys() {
        if !asked.requirements.iter().any(|requirement| requirement.key == *key) {
            verdicts.push(Verdict {
                key: key.clone(),
                code: Some("selection_unused".to_owned()),
                ..Verdict::default()
            });
        }
    }
    verdicts
}

/// The same where the store fails: `to_look`, or `to_open` (also by a change before each opening, SEMANTICS §2).
pub fn with_store_failing(verdicts: &mut [Verdict], to: &str) {
    for verdict in verdicts {
        let asks_the_store = verdict.code.as_deref() != Some("selection_unused");
        let opens = verdict.absent.is_none() && verdict.code_when_explained().is_none();
        if to == "to_open" && verdict.code.as_deref() == Some("invalid") {
            // R7: `invalid` comes first, where it is told without opening.
            verdict.wrong_fields.clone_from(&verdict.missing_fields);
        }
        if to == "to_look" && asks_the_store {
            let key = std::mem::take(&mut verdict.key);
            *verdict = Verdict { key, code: Some("store_unavailable".to_owned()), ..Verdict::default() };
        }
        if to == "to_open" && opens {
            verdict.code = Some("store_unavailable".to_owned());
            verdict.wrong_fields.clear();
        }
    }
}

/// One requirement.
pub fn one(world: &World, asked: &Asked, requirement: &Requirement) -> Verdict {
    let mut verdict = by_the_rules(world, asked, requirement);
    // R11.
    if requirement.optional && is_absent(asked, requirement, &verdict) {
        verdict.absent = verdict.code.take();
    }
    verdict
}

/// R11: one of exactly two things.
fn is_absent(asked: &Asked, requirement: &Requirement, verdict: &Verdict) -> bool {
    let missing = verdict.code.as_deref() == Some("missing");
    let pinned_itself = matches!(requirement.pinned_by.as_deref(), Some("credential" | "parameter"));
    let no_user = verdict.code.as_deref() == Some("no_user")
        && pinned_itself
        && requirement.pin.as_deref() == Some("user")
        && asked.user.is_none();
    missing || no_user
}

/// R1 to R6, one after the other.
fn by_the_rules(world: &World, asked: &Asked, requirement: &Requirement) -> Verdict {
    let mut verdict = Verdict { key: requirement.key.clone(), ..Verdict::default() };

    // R1, the call's selection before the run's.
    if let Some(id) = asked.call_selects.get(&requirement.key) {
        exactly(world, asked, requirement, "R1", id, &mut verdict);
        return verdict;
    }
    if let Some(id) = asked.run_selects.get(&requirement.key) {
        exactly(world, asked, requirement, "R1", id, &mut verdict);
        return verdict;
    }

    // R2.
    for assignment in &world.assignments {
        if assignment.organization == asked.organization
            && assignment.project == asked.project
            && assignment.consumer == asked.consumer
            && assignment.action == asked.action
            && assignment.key == requirement.key
        {
            exactly(world, asked, requirement, "R2", &assignment.id, &mut verdict);
            return verdict;
        }
    }

    // R3.
    if let Some(pin) = &requirement.pin {
        if pin == "user" && asked.user.is_none() {
            step(&mut verdict, "R3", Some("user"), "no_user");
            verdict.code = Some("no_user".to_owned());
            return verdict;
        }
        if !try_scope(world, asked, requirement, "R3", pin, &mut verdict) {
            missing(world, asked, requirement, &mut verdict);
        }
        return verdict;
    }

    // R4, R5, R6.
    if try_scope(world, asked, requirement, "R4", "project", &mut verdict) {
        return verdict;
    }
    if try_scope(world, asked, requirement, "R5", "organization", &mut verdict) {
        return verdict;
    }
    missing(world, asked, requirement, &mut verdict);
    verdict
}

fn step(verdict: &mut Verdict, rule: &str, scope: Option<&str>, saw: &str) {
    verdict.trace.push(Step {
        rule: rule.to_owned(),
        scope: scope.map(ToOwned::to_owned),
        saw: saw.to_owned(),
    });
}

/// R1 and R2: this instance or an error, by the limits in their order.
fn exactly(
    world: &World,
    asked: &Asked,
    requirement: &Requirement,
    rule: &str,
    id: &str,
    verdict: &mut Verdict,
) {
    let mut named = None;
    for instance in &world.instances {
        // R0: of another organization nothing exists, whatever its id.
        if instance.id == id && instance.organization == asked.organization {
            named = Some(instance);
        }
    }
    let Some(named) = named.filter(|instance| in_reach(instance, asked)) else {
        step(verdict, rule, None, "not_found");
        verdict.code = Some("selection_not_found".to_owned());
        return;
    };
    if named.key != requirement.key {
        step(verdict, rule, None, "mismatch");
        verdict.code = Some("selection_mismatch".to_owned());
        return;
    }
    if named.status == "revoked" {
        step(verdict, rule, Some(scope_of(named)), "revoked");
        choose(verdict, rule, named);
        verdict.code = Some("revoked".to_owned());
        return;
    }
    if rule == "R2"
        && let Some(pin) = &requirement.pin
        && pin != scope_of(named)
    {
        step(verdict, rule, Some(scope_of(named)), "outside_pin");
        verdict.code = Some("assignment_conflicts_with_pin".to_owned());
        return;
    }
    step(verdict, rule, Some(scope_of(named)), "named");
    choose(verdict, rule, named);
    broken(asked, requirement, named, verdict);
}

/// Tries one scope; `false` is "absent".
fn try_scope(
    world: &World,
    asked: &Asked,
    requirement: &Requirement,
    rule: &str,
    scope: &str,
    verdict: &mut Verdict,
) -> bool {
    let mut here = Vec::new();
    for instance in &world.instances {
        if instance.key == requirement.key && scope_of(instance) == scope && in_reach(instance, asked) {
            here.push(instance);
        }
    }
    if here.is_empty() {
        step(verdict, rule, Some(scope), "absent");
        return false;
    }

    let mut marked = Vec::new();
    let mut alive = Vec::new();
    for instance in &here {
        if instance.default {
            marked.push(*instance);
        }
        if instance.status != "revoked" {
            alive.push(*instance);
        }
    }

    let (choice, saw) = if marked.len() == 1 {
        (marked[0], "default")
    } else if marked.len() > 1 {
        ambiguous(verdict, rule, scope, &marked);
        return true;
    } else if alive.len() == 1 {
        (alive[0], "one")
    } else if alive.len() > 1 {
        ambiguous(verdict, rule, scope, &alive);
        return true;
    } else {
        // Only revoked ones: no single one of them is the choice.
        step(verdict, rule, Some(scope), "revoked");
        verdict.code = Some("revoked".to_owned());
        return true;
    };

    choose(verdict, rule, choice);
    if choice.status == "revoked" {
        step(verdict, rule, Some(scope), "revoked");
        verdict.code = Some("revoked".to_owned());
        return true;
    }
    step(verdict, rule, Some(scope), saw);
    broken(asked, requirement, choice, verdict);
    true
}

fn choose(verdict: &mut Verdict, rule: &str, choice: &Instance) {
    verdict.chosen = Some(choice.id.clone());
    verdict.rule = Some(rule.to_owned());
}

fn ambiguous(verdict: &mut Verdict, rule: &str, scope: &str, candidates: &[&Instance]) {
    step(verdict, rule, Some(scope), "several");
    verdict.code = Some("ambiguous".to_owned());
    verdict.candidates = candidates.iter().map(|instance| instance.id.clone()).collect();
    verdict.candidates.sort();
}

/// R6, and where else in the run's reach there is one.
fn missing(world: &World, asked: &Asked, requirement: &Requirement, verdict: &mut Verdict) {
    verdict.code = Some("missing".to_owned());
    for scope in ["project", "organization", "user"] {
        let tried = verdict.trace.iter().any(|step| step.scope.as_deref() == Some(scope));
        let holds = world.instances.iter().any(|instance| {
            instance.key == requirement.key && scope_of(instance) == scope && in_reach(instance, asked)
        });
        if holds && !tried {
            verdict.elsewhere.push(scope.to_owned());
        }
    }
}

/// R7: the first of these that holds, for an instance that is chosen and not revoked.
fn broken(asked: &Asked, requirement: &Requirement, choice: &Instance, verdict: &mut Verdict) {
    let mut lacking = Vec::new();
    for scope in &requirement.oauth_scopes {
        if !choice.granted.contains(scope) {
            lacking.push(scope.clone());
        }
    }
    let mut wrong_fields = Vec::new();
    for field in &requirement.fields {
        if !choice.fields.contains_key(field) {
            wrong_fields.push(field.clone());
        }
    }
    let mut missing_fields = wrong_fields.clone();
    for field in &requirement.numbers {
        if choice.fields.get(field).is_some_and(|text| text.parse::<u16>().is_err()) {
            wrong_fields.push(field.clone());
        }
    }

    let code = if choice.kind != requirement.kind {
        "wrong_kind"
    } else if choice.status == "needs_reconnect" {
        "needs_reconnect"
    } else if choice.expires_at.is_some_and(|at| at <= asked.now) {
        "expired"
    } else if !lacking.is_empty() {
        verdict.lacking = lacking;
        "under_scoped"
    } else if !wrong_fields.is_empty() {
        wrong_fields.sort();
        missing_fields.sort();
        verdict.wrong_fields = wrong_fields;
        verdict.missing_fields = missing_fields;
        "invalid"
    } else {
        return;
    };
    verdict.code = Some(code.to_owned());
}

/// Every code of SEMANTICS §4.
pub const CODES: [&str; 14] = [
    "missing",
    "ambiguous",
    "no_user",
    "selection_not_found",
    "selection_mismatch",
    "selection_unused",
    "assignment_conflicts_with_pin",
    "revoked",
    "wrong_kind",
    "invalid",
    "needs_reconnect",
    "expired",
    "under_scoped",
    "store_unavailable",
];
