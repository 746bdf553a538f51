//! The cases of `resolution.json`, and how they are made: every pair of levels of every two factors, and each rule,
//! code and sentence of SEMANTICS §3 by name. What is expected of a case, the model says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::drive::{requirements, secret_of};
use crate::model::{self, Asked, Assignment, Container, Instance, Verdict, World};

mod pairs;

pub use pairs::{FACTORS, pairs};

pub const NOW: u64 = 1000;

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub about: String,
    /// Instances out of reach or of another key, which every case has beside its own.
    pub everywhere: Vec<Instance>,
    pub cases: Vec<Case>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// The levels that a generated case stands for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub factors: BTreeMap<String, String>,
    pub world: World,
    pub asked: Asked,
    /// What the store does: `fails to look`, `fails to open`, `changes 2 times` or `changes 3 times`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    pub expect: Vec<Verdict>,
}

impl Case {
    /// Its instances and those that are everywhere.
    pub fn whole(&self, everywhere: &[Instance]) -> World {
        let mut world = self.world.clone();
        world.instances.extend(everywhere.iter().cloned());
        world
    }
}

/// What is expected, by the model.
pub fn expected(world: &World, asked: &Asked, store: Option<&str>) -> Vec<Verdict> {
    let mut verdicts = model::call(world, asked);
    match store {
        Some("fails to look") => model::with_store_failing(&mut verdicts, "to_look"),
        Some("fails to open" | "changes 3 times") => model::with_store_failing(&mut verdicts, "to_open"),
        Some("changes 2 times") | None => {}
        Some(other) => unreachable!("no store `{other}`"),
    }
    verdicts
}

pub fn table() -> Table {
    let everywhere = vec![
        instance("x-other-project", "project:ops"),
        instance("x-other-user", "user:bob"),
        Instance { organization: "globex".to_owned(), ..instance("x-other-organization", "organization") },
        Instance { key: "slack".to_owned(), ..instance("x-other-key", "organization") },
        Instance { key: "slack".to_owned(), ..instance("x-other-key-and-project", "project:ops") },
    ];
    let mut cases = named();
    cases.extend(optional());
    cases.extend(broken_by_every_rule());
    cases.extend(pairs::pairwise());
    for case in &mut cases {
        case.expect = expected(&case.whole(&everywhere), &case.asked, case.store.as_deref());
    }
    Table {
        about: "Cases of SEMANTICS §3, made by `KEYSTROKE_BLESS=1 cargo test --test it conformance`; docs/testing.md"
            .to_owned(),
        everywhere,
        cases,
    }
}

/// An active instance of `exa` with all that any action could ask for.
fn instance(id: &str, owner: &str) -> Instance {
    let (project, user) = match owner.split_once(':') {
        Some(("project", name)) => (Some(name.to_owned()), None),
        Some(("user", name)) => (None, Some(name.to_owned())),
        _ => (None, None),
    };
    Instance {
        id: id.to_owned(),
        key: "exa".to_owned(),
        organization: "acme".to_owned(),
        project,
        user,
        kind: "api_key".to_owned(),
        default: false,
        status: "active".to_owned(),
        expires_at: None,
        granted: vec!["read".to_owned(), "write".to_owned()],
        fields: fields_of(id, "api_key"),
    }
}

fn fields_of(id: &str, kind: &str) -> BTreeMap<String, String> {
    let name = match kind {
        "api_key" => "api_key",
        "oauth_managed" => "access_token",
        _ => return BTreeMap::new(),
    };
    BTreeMap::from([(name.to_owned(), secret_of(id))])
}

fn direct() -> Container {
    Container { kind: "direct".to_owned(), slug: String::new() }
}

fn assignment(id: &str) -> Assignment {
    Assignment {
        organization: "acme".to_owned(),
        project: "research".to_owned(),
        consumer: direct(),
        action: "act".to_owned(),
        key: "exa".to_owned(),
        id: id.to_owned(),
    }
}

/// A case in short: `p…` belongs to the project, `o…` to the organization, `u…` to the user; behind the name `*`
/// marks the default, `!` is revoked.
struct Short(Case);

fn short(name: &str, holds: &[&str]) -> Short {
    let instances = holds
        .iter()
        .map(|text| {
            let id = text.trim_end_matches(['*', '!']);
            let owner = match id.as_bytes()[0] {
                b'p' => "project:research",
                b'o' => "organization",
                _ => "user:ada",
            };
            let mut one = instance(id, owner);
            one.default = text.contains('*');
            if text.contains('!') {
                one.status = "revoked".to_owned();
            }
            one
        })
        .collect();
    let asked = Asked {
        organization: "acme".to_owned(),
        project: "research".to_owned(),
        user: None,
        origin: "direct".to_owned(),
        consumer: direct(),
        action: "act".to_owned(),
        requirements: requirements("api_key", None),
        run_selects: BTreeMap::new(),
        call_selects: BTreeMap::new(),
        now: NOW,
    };
    Short(Case {
        name: name.to_owned(),
        factors: BTreeMap::new(),
        world: World { instances, assignments: Vec::new() },
        asked,
        store: None,
        expect: Vec::new(),
    })
}

impl Short {
    fn user(mut self) -> Self {
        self.0.asked.user = Some("ada".to_owned());
        self
    }

    fn origin(mut self, origin: &str) -> Self {
        self.0.asked.origin = origin.to_owned();
        self
    }

    fn needs(mut self, action: &str, pin: Option<&str>) -> Self {
        self.0.asked.requirements = requirements(action, pin);
        self
    }

    fn pin(self, pin: &str) -> Self {
        self.needs("api_key", Some(pin))
    }

    /// What has the pin, where it is not the parameter.
    fn pinned_by(mut self, by: &str) -> Self {
        for requirement in &mut self.0.asked.requirements {
            requirement.pinned_by = Some(by.to_owned());
        }
        self
    }

    /// Those that the function takes as an `Option`.
    fn optional(mut self, keys: &[&str]) -> Self {
        for requirement in &mut self.0.asked.requirements {
            requirement.optional = keys.contains(&requirement.key.as_str());
        }
        self
    }

    fn call(mut self, key: &str, id: &str) -> Self {
        self.0.asked.call_selects.insert(key.to_owned(), id.to_owned());
        self
    }

    fn run(mut self, key: &str, id: &str) -> Self {
        self.0.asked.run_selects.insert(key.to_owned(), id.to_owned());
        self
    }

    fn assigned(self, id: &str) -> Self {
        self.bound(assignment(id))
    }

    fn bound(mut self, assignment: Assignment) -> Self {
        self.0.world.assignments.push(assignment);
        self
    }

    fn with(mut self, id: &str, change: impl FnOnce(&mut Instance)) -> Self {
        let instances = &mut self.0.world.instances;
        change(instances.iter_mut().find(|instance| instance.id == id).expect("it is one of the case's"));
        self
    }

    fn store(mut self, does: &str) -> Self {
        self.0.store = Some(does.to_owned());
        self
    }

    fn case(self) -> Case {
        self.0
    }
}

/// The sentences of SEMANTICS §3, and its table.
fn named() -> Vec<Case> {
    let mut cases = vec![
        short("table: the project's", &["p1", "o1"]),
        short("table: the organization's", &["o1"]),
        short("table: the user's is not in the unpinned chain", &["u1"]).user(),
        short("table: ambiguous in the project", &["p1", "p2", "o1"]),
        short("table: the default", &["p1", "p2*"]),
        short("table: the default is revoked", &["p1", "p2*!", "o1"]),
        short("table: the live one", &["p1", "p2!"]),
        short("table: a user pin tries the user alone", &["p1", "o1"]).user().pin("user"),
        short("table: an organization pin", &["p1", "o1", "u1"]).user().pin("organization"),
        short("table: R1 over a pin", &["p1", "o1"]).pin("project").call("exa", "o1"),
        short("table: R2", &["p1", "o1"]).assigned("o1"),
        short("table: R2 outside the pin", &["p1", "o1"]).assigned("o1").pin("project"),
        short("table: a selection that is gone", &["p1", "o1"]).call("exa", "gone"),
        short("table: another project's", &["p1", "o1"]).call("exa", "x-other-project"),
        short("table: another user's", &["p1", "o1"]).user().call("exa", "x-other-user"),
        short("table: another user's, without a user", &["p1", "o1"]).call("exa", "x-other-user"),
        short("table: another organization's", &["p1", "o1"]).call("exa", "x-other-organization"),
        short("table: invalid is final", &["p1", "o1"]).with("p1", |one| one.fields.clear_to("apiKey")),
        short("R0: nothing of another organization, project, user or key", &[]).user(),
        short("R1: the call's wins over the run's", &["p1", "o1"]).run("exa", "p1").call("exa", "o1"),
        short("R1: the run's", &["p1", "o1"]).run("exa", "o1"),
        short("R1: a run's for another key has no effect", &["p1"]).run("slack", "x-other-key"),
        short("R1: over an assignment", &["p1", "o1"]).assigned("p1").call("exa", "o1"),
        short("R1: over a user pin without a user", &["p1", "o1"]).pin("user").call("exa", "o1"),
        short("R1: the user's own, unpinned", &["p1", "u1"]).user().call("exa", "u1"),
        short("R1: the user's, on a run without a user", &["p1", "u1"]).call("exa", "u1"),
        short("R1: not the default", &["p1*", "p2"]).call("exa", "p2"),
        short("R1: reach before key", &["p1"]).call("exa", "x-other-key-and-project"),
        short("R1: another key's", &["p1"]).call("exa", "x-other-key"),
        short("R1: a selection of the call that the action does not use", &["p1"])
            .call("slack", "x-other-key"),
        short("R1: unused, and what is used fails too", &[]).call("slack", "x-other-key"),
        short("R1: a broken selection of the call never yields to the run's", &["p1", "o1"])
            .run("exa", "o1")
            .call("exa", "gone"),
        short("R2: whatever is marked default", &["p1*", "p2"]).assigned("p2"),
        short("R2: agrees with the pin", &["p1", "o1"]).assigned("o1").pin("organization"),
        short("R2: the user's own", &["p1", "u1"]).user().assigned("u1"),
        short("R2: the user's own under a user pin", &["p1", "u1"]).user().assigned("u1").pin("user"),
        short("R2: the user's, on a run without a user", &["p1", "u1"]).assigned("u1"),
        short("R2: before a user pin without a user", &["p1", "o1"]).assigned("o1").pin("user"),
        short("R2: gone", &["p1", "o1"]).assigned("gone"),
        short("R2: another project's", &["p1", "o1"]).assigned("x-other-project"),
        short("R2: another key's", &["p1", "o1"]).assigned("x-other-key"),
        short("R2: revoked before the pin", &["p1", "o1!"]).assigned("o1").pin("project"),
        short("R2: outside the pin before a wrong kind", &["p1", "o1"])
            .assigned("o1")
            .pin("project")
            .with("o1", |one| "keystroke".clone_into(&mut one.kind)),
        short("R2: of another consumer", &["p1", "o1"]).bound(Assignment {
            consumer: Container { kind: "agent".to_owned(), slug: "digest".to_owned() },
            ..assignment("o1")
        }),
        short("R2: of another action", &["p1", "o1"])
            .bound(Assignment { action: "other".to_owned(), ..assignment("o1") }),
        short("R2: in another project", &["p1", "o1"])
            .bound(Assignment { project: "ops".to_owned(), ..assignment("o1") }),
        short("R2: for another key", &["p1", "o1"])
            .bound(Assignment { key: "slack".to_owned(), ..assignment("o1") }),
        short("R3: a project pin never falls back", &["o1"]).pin("project"),
        short("R3: an organization pin never falls back", &["p1"]).pin("organization"),
        short("R3: the user's", &["p1", "o1", "u1"]).user().pin("user"),
        short("R3: ambiguous", &["u1", "u2"]).user().pin("user"),
        short("R5: an ambiguous organization", &["o1", "o2"]),
        short("R6: nothing at all", &[]),
        short("R6: the user has one and is not tried", &["u1!"]).user(),
        short("R8: two defaults", &["p1*", "p2*", "p3"]),
        short("R8: two defaults, one of them revoked", &["p1*", "p2*!"]),
        short("R8: two defaults, both revoked", &["p1*!", "p2*!", "p3"]),
        short("R8: three", &["p1", "p2", "p3"]),
        short("R8: two live ones and a revoked one", &["p1!", "p2", "p3"]),
        short("revoked: only revoked ones", &["p1!", "p2!", "o1"]),
        short("revoked: the only one", &["p1!", "o1"]),
        short("revoked: in the organization", &["o1!"]),
        short("two credentials: both are there", &["p1"]).needs("both", None),
        short("two credentials: each fails for itself", &["p1", "p2"]).needs("both", Some("project")),
        short("two credentials: one is selected", &["p1", "p2"]).needs("both", None).call("exa", "p2"),
        short("the store fails to look", &["p1"]).store("fails to look"),
        short("the store fails to look for two", &["p1"]).needs("both", None).store("fails to look"),
        short("the store fails to open", &["p1", "o1"]).store("fails to open"),
        short("the store fails to open: final under R1", &["p1", "o1"])
            .call("exa", "p1")
            .store("fails to open"),
        short("what is refused is not opened", &["p1!", "o1"]).store("fails to open"),
        short("the third time it holds", &["p1", "o1"]).store("changes 2 times"),
        short("it never holds", &["p1", "o1"]).store("changes 3 times"),
    ];
    for origin in ["direct", "cli", "prompt", "workflow", "schedule", "webhook", "poll", "gateway"] {
        cases.push(
            short(&format!("R3: a user pin without a user, {origin}"), &["p1", "u1"])
                .pin("user")
                .origin(origin),
        );
    }
    cases.into_iter().map(Short::case).collect()
}

/// R11, sentence by sentence.
fn optional() -> Vec<Case> {
    let exa = |name: &str, holds: &[&str]| short(&format!("R11: {name}"), holds);
    // Pinned to the project, which has no `slack`; the organization does.
    let both = |name: &str, holds: &[&str]| exa(name, holds).needs("both", Some("project"));
    let slack = |one: &mut Instance| "slack".clone_into(&mut one.key);
    let mut cases: Vec<Short> = vec![
        exa("absent everywhere", &[]),
        exa("absent everywhere, for a user", &[]).user(),
        exa("the project's", &["p1", "o1"]),
        exa("the organization's", &["o1"]),
        exa("the user's is not in the unpinned chain, so it is absent", &["u1"]).user(),
        exa("absent in the project that it is pinned to", &["o1", "u1"]).user().pin("project"),
        exa("absent in the organization that it is pinned to", &["p1", "u1"]).user().pin("organization"),
        exa("the user has none", &["p1", "o1"]).user().pin("user"),
        exa("the user's", &["p1", "o1", "u1"]).user().pin("user"),
        exa("the action is pinned to the user, who has none", &["p1", "o1"])
            .user()
            .pin("user")
            .pinned_by("action"),
        exa("the action is pinned to the user, who has one", &["p1", "o1", "u1"])
            .user()
            .pin("user")
            .pinned_by("action"),
        exa("absent in the project that the action is pinned to", &["o1"]).pin("project").pinned_by("action"),
        exa("absent in the organization that the credential is pinned to", &["p1"])
            .pin("organization")
            .pinned_by("credential"),
        exa("the user has none, and the credential is pinned", &["p1", "o1"])
            .user()
            .pin("user")
            .pinned_by("credential"),
        exa("only others have one", &[]).user().pin("user"),
        exa("ambiguous in the project", &["p1", "p2", "o1"]),
        exa("ambiguous in the organization", &["o1", "o2"]),
        exa("ambiguous in the pin", &["u1", "u2"]).user().pin("user"),
        exa("two defaults", &["p1*", "p2*"]),
        exa("the default is revoked", &["p1", "p2*!", "o1"]),
        exa("all are revoked", &["p1!", "p2!", "o1"]),
        exa("all are revoked in the pin", &["u1!", "o1"]).user().pin("user"),
        exa("the only one is revoked, in the organization", &["o1!"]),
        exa("a field is missing", &["p1", "o1"]).with("p1", |one| one.fields.clear_to("apiKey")),
        exa("a field is wrong", &["p1", "o1"]).with("p1", |one| {
            one.fields.insert("port".to_owned(), "no number".to_owned());
        }),
        exa("a selection that is gone", &["p1"]).call("exa", "gone"),
        exa("a selection that is gone, and nothing is there", &[]).call("exa", "gone"),
        exa("a selection of the run that is gone, and nothing is there", &[]).run("exa", "gone"),
        exa("a selection of another organization's", &[]).call("exa", "x-other-organization"),
        exa("a selection of another project's", &[]).call("exa", "x-other-project"),
        exa("a selection of another user's", &[]).user().call("exa", "x-other-user"),
        exa("a selection of another key's", &[]).call("exa", "x-other-key"),
        exa("a selection of the run of another key's", &[]).run("exa", "x-other-key"),
        exa("a selection that is revoked", &["o1!", "p1"]).call("exa", "o1"),
        exa("a selection that is there", &["p1", "o1"]).call("exa", "o1"),
        exa("a selection over a user pin, without a user", &["o1"]).pin("user").call("exa", "o1"),
        exa("a selection that is gone over a user pin, without a user", &[]).pin("user").call("exa", "gone"),
        exa("a selection is used", &["p1"]).call("exa", "p1"),
        exa("a selection for another key is unused", &[]).call("slack", "x-other-key"),
        exa("an assignment of what is gone", &["p1"]).assigned("gone"),
        exa("an assignment of what is gone, and nothing is there", &[]).assigned("gone"),
        exa("an assignment of another project's", &[]).assigned("x-other-project"),
        exa("an assignment of another key's", &[]).assigned("x-other-key"),
        exa("an assignment of what is revoked", &["o1!", "p1"]).assigned("o1"),
        exa("an assignment outside the pin", &["o1"]).assigned("o1").pin("project"),
        exa("an assignment outside a user pin, without a user", &["o1"]).assigned("o1").pin("user"),
        exa("an assignment of the user's, without a user", &["u1"]).assigned("u1").pin("user"),
        exa("an assignment that is there", &["p1", "o1"]).assigned("o1"),
        exa("an assignment of another consumer", &[]).bound(Assignment {
            consumer: Container { kind: "agent".to_owned(), slug: "digest".to_owned() },
            ..assignment("x-other-key")
        }),
        exa("the store fails to look", &[]).store("fails to look"),
        exa("the store fails to look, and there is no user", &["u1"]).pin("user").store("fails to look"),
        exa("the store fails to open", &["p1"]).store("fails to open"),
        exa("what is absent is not opened", &[]).store("fails to open"),
        exa("it never holds", &["p1"]).store("changes 3 times"),
    ];
    for by in ["credential", "parameter", "action"] {
        for origin in ["direct", "schedule", "gateway"] {
            let name = format!("no user, the {by} is pinned, {origin}");
            cases.push(exa(&name, &["p1", "o1", "u1"]).pin("user").pinned_by(by).origin(origin));
        }
    }
    for case in &mut cases {
        case.0.asked.requirements[0].optional = true;
    }
    cases.extend([
        both("one of two is absent, and it is optional", &["p1"]).optional(&["slack"]),
        both("one of two is absent, and the other one is optional", &["p1"]).optional(&["exa"]),
        both("both are absent, and one is optional", &[]).optional(&["slack"]),
        both("both are optional, and absent", &[]).optional(&["exa", "slack"]),
        both("both are optional, and one is there", &["p1"]).optional(&["exa", "slack"]),
        both("both are optional, and there", &["p1", "p2"]).with("p2", slack).optional(&["exa", "slack"]),
        both("both are optional, and one is ambiguous", &["p1", "p2"]).optional(&["exa", "slack"]),
        both("the optional one is absent, the required one lacks a field", &["p1"])
            .with("p1", |one| one.fields.clear_to("apiKey"))
            .optional(&["slack"]),
        both("the required one is there, the optional one is revoked", &["p1", "p2!"])
            .with("p2", slack)
            .optional(&["slack"]),
        both("one is absent, the other one is selected", &["o1"]).call("exa", "o1").optional(&["slack"]),
        both("one is absent, the other one's selection is gone", &["p1"])
            .call("exa", "gone")
            .optional(&["exa", "slack"]),
        both("the store fails to look for two", &[]).optional(&["exa", "slack"]).store("fails to look"),
        both("one is absent, the store fails to open the other one", &["p1"])
            .optional(&["slack"])
            .store("fails to open"),
        exa("no user, and both are optional", &["p1", "u1"])
            .needs("both", Some("user"))
            .optional(&["exa", "slack"]),
        exa("no user, and one is required", &["p1", "u1"]).needs("both", Some("user")).optional(&["slack"]),
        exa("no user, the action is pinned, and both are optional", &["u1"])
            .needs("both", Some("user"))
            .pinned_by("action")
            .optional(&["exa", "slack"]),
    ]);
    for kind in ["oauth_managed", "keystroke"] {
        cases.push(exa(&format!("{kind}, absent"), &[]).needs(kind, None).optional(&["exa"]));
        cases.push(exa(&format!("{kind}, there"), &["p1"]).needs(kind, None).optional(&["exa"]).with(
            "p1",
            |one| {
                kind.clone_into(&mut one.kind);
                one.fields = fields_of("p1", kind);
            },
        ));
    }
    cases.into_iter().map(Short::case).collect()
}

trait ClearTo {
    fn clear_to(&mut self, name: &str);
}

impl ClearTo for BTreeMap<String, String> {
    /// One field of this name, which no credential has.
    fn clear_to(&mut self, name: &str) {
        self.clear();
        self.insert(name.to_owned(), "not-what-is-asked".to_owned());
    }
}

/// What breaks an OAuth instance, worst first, and how.
type Breaks = (&'static str, fn(&mut Instance));
const BREAKS: [Breaks; 6] = [
    ("revoked", |one| "revoked".clone_into(&mut one.status)),
    ("wrong_kind", |one| "api_key".clone_into(&mut one.kind)),
    ("needs_reconnect", |one| {
        if one.status == "active" {
            "needs_reconnect".clone_into(&mut one.status);
        }
    }),
    ("expired", |one| one.expires_at = Some(NOW)),
    ("under_scoped", |one| one.granted = vec!["read".to_owned(), "other".to_owned()]),
    ("invalid", |one| one.fields.clear_to("token")),
];

/// R7: each way to be broken, with all that come after it, by each rule, and a sound neighbour in each scope. Optional
/// or not, it is the same (R11).
fn broken_by_every_rule() -> Vec<Case> {
    let mut cases = Vec::new();
    for (number, (code, _)) in BREAKS.iter().enumerate() {
        let rules = ["R1", "R2", "R3", "R4", "R5"].into_iter();
        for (rule, optional) in rules.flat_map(|rule| [(rule, false), (rule, true)]) {
            let what = if optional { "R11: optional and" } else { "R7:" };
            let name = format!("{what} {code} by {rule}, and all that is less");
            let case = match rule {
                "R1" => short(&name, &["o1", "p1"]).call("exa", "o1"),
                "R2" => short(&name, &["o1", "p1"]).assigned("o1"),
                "R3" => short(&name, &["u1", "p1", "o1"]).user(),
                "R4" => short(&name, &["p1", "o1"]),
                _ => short(&name, &["o1"]),
            };
            let pin = (rule == "R3").then_some("user");
            let mut case = case.needs("oauth_managed", pin).case();
            for one in &mut case.world.instances {
                "oauth_managed".clone_into(&mut one.kind);
                one.fields = fields_of(&one.id, "oauth_managed");
            }
            case.asked.requirements[0].optional = optional;
            for (_, breaks) in &BREAKS[number..] {
                breaks(&mut case.world.instances[0]);
            }
            cases.push(case);
        }
    }
    cases
}
