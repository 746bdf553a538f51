//! The model of SEMANTICS §3 against the library, on random snapshots: the same choice, code and trace in each.
//!
//! 10,000 snapshots in the normal run. The full form, 1,000,000 of them:
//!
//! ```text
//! KEYSTROKE_FULL=1 cargo test --release --test it model
//! ```
//!
//! A run is deterministic; `KEYSTROKE_SEED=<number>` draws other snapshots.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::model::{self, Asked, Assignment, Container, Instance, World, drive};

const NOW: u64 = 1000;

fn text(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(of).prop_map(ToOwned::to_owned)
}

/// Who owns an instance: mostly somebody within the run's reach.
fn owner() -> impl Strategy<Value = (String, Option<String>, Option<String>)> {
    let project = prop_oneof![4 => Just("research"), 1 => Just("ops")];
    let user = prop_oneof![3 => Just("ada"), 1 => Just("bob")];
    let owner = prop_oneof![
        3 => Just((None, None)),
        4 => project.prop_map(|project| (Some(project.to_owned()), None)),
        2 => user.prop_map(|user| (None, Some(user.to_owned()))),
    ];
    let organization = prop_oneof![9 => Just("acme"), 1 => Just("globex")];
    (organization, owner).prop_map(|(organization, (project, user))| (organization.to_owned(), project, user))
}

/// Fields by name: those of each kind, mostly right.
fn fields() -> impl Strategy<Value = (bool, bool, Option<&'static str>)> {
    (
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.9),
        prop_oneof![6 => Just(None), 1 => Just(Some("8080")), 1 => Just(Some("no number"))],
    )
}

fn kind() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just("api_key"), 2 => Just("oauth_managed"), 1 => Just("keystroke")]
        .prop_map(ToOwned::to_owned)
}

fn an_instance() -> impl Strategy<Value = Instance> {
    let key = prop_oneof![4 => Just("exa"), 1 => Just("slack")];
    let status = prop_oneof![7 => Just("active"), 1 => Just("needs_reconnect"), 2 => Just("revoked")];
    let expires_at = prop_oneof![6 => Just(None), 1 => Just(Some(NOW - 1)), 1 => Just(Some(NOW)), 1 => Just(Some(NOW + 1))];
    let granted = proptest::sample::subsequence(vec!["other", "read", "write"], 0..=3);
    (owner(), key, kind(), prop::bool::weighted(0.3), status, expires_at, granted, fields()).prop_map(
        |(owner, key, kind, default, status, expires_at, granted, (api_key, access_token, port))| {
            let (organization, project, user) = owner;
            let mut fields = BTreeMap::new();
            for (there, name) in [(api_key, "api_key"), (access_token, "access_token")] {
                if there {
                    fields.insert(name.to_owned(), String::new());
                }
            }
            if let Some(port) = port {
                fields.insert("port".to_owned(), port.to_owned());
            }
            Instance {
                id: String::new(),
                key: key.to_owned(),
                organization,
                project,
                user,
                kind,
                default,
                status: status.to_owned(),
                expires_at,
                granted: granted.into_iter().map(ToOwned::to_owned).collect(),
                fields,
            }
        },
    )
}

/// Ids by number, so that a choice by id would not be one by age; the secret of each names it.
fn instances() -> impl Strategy<Value = Vec<Instance>> {
    vec(an_instance(), 0..8).prop_map(|mut instances| {
        for (number, instance) in instances.iter_mut().enumerate() {
            // Another organization may have the same id, for another secret.
            let foreign = instance.organization != "acme";
            instance.id = id_of(if foreign { number + 1 } else { number });
            for name in ["api_key", "access_token"] {
                if let Some(value) = instance.fields.get_mut(name) {
                    *value = drive::secret_of(&instance.id);
                    if foreign {
                        value.push_str("-of-another");
                    }
                }
            }
        }
        instances
    })
}

/// Not in the order of the numbers.
fn id_of(number: usize) -> String {
    format!("i{}", (number * 5 + 3) % 8)
}

fn some_id() -> impl Strategy<Value = String> {
    (0_usize..9).prop_map(|number| if number == 8 { "gone".to_owned() } else { id_of(number) })
}

fn container() -> impl Strategy<Value = Container> {
    prop_oneof![
        3 => Just(("direct", "")),
        1 => Just(("workflow", "digest")),
        1 => Just(("agent", "digest")),
        1 => Just(("poll", "digest")),
    ]
    .prop_map(|(kind, slug)| Container { kind: kind.to_owned(), slug: slug.to_owned() })
}

fn assignments() -> impl Strategy<Value = Vec<Assignment>> {
    let organization = prop_oneof![9 => Just("acme"), 1 => Just("globex")];
    let project = prop_oneof![9 => Just("research"), 1 => Just("ops")];
    let action = prop_oneof![9 => Just("act"), 1 => Just("other")];
    let key = prop_oneof![4 => Just("exa"), 1 => Just("slack")];
    let one = (organization, project, container(), action, key, some_id()).prop_map(
        |(organization, project, consumer, action, key, id)| Assignment {
            organization: organization.to_owned(),
            project: project.to_owned(),
            consumer,
            action: action.to_owned(),
            key: key.to_owned(),
            id,
        },
    );
    // A consumer has one instance for a key.
    vec(one, 0..4).prop_map(|list| {
        let mut kept: Vec<Assignment> = Vec::new();
        for one in list {
            let place = |of: &Assignment| Assignment { id: String::new(), ..of.clone() };
            if kept.iter().all(|other| place(other) != place(&one)) {
                kept.push(one);
            }
        }
        kept
    })
}

fn selects() -> impl Strategy<Value = BTreeMap<String, String>> {
    let some = btree_map(prop_oneof![5 => text(&["exa"]), 1 => text(&["slack"])], some_id(), 1..=2);
    prop_oneof![4 => Just(BTreeMap::new()), 1 => some]
}

fn asked() -> impl Strategy<Value = Asked> {
    let by_whom = prop_oneof![
        text(&["direct", "cli", "prompt", "workflow", "schedule", "webhook", "poll", "gateway"])
            .prop_map(|origin| (origin, None)),
        text(&["direct", "cli", "prompt", "workflow"]).prop_map(|origin| (origin, Some("ada".to_owned()))),
    ];
    let pin = prop_oneof![
        3 => Just(None),
        1 => Just(Some("organization")),
        1 => Just(Some("project")),
        1 => Just(Some("user"))
    ];
    let action = prop_oneof![
        4 => Just("api_key"),
        2 => Just("oauth_managed"),
        1 => Just("keystroke"),
        2 => Just("both")
    ];
    let pinned_by = prop_oneof![2 => Just("parameter"), 1 => Just("action"), 1 => Just("credential")];
    let optional = (any::<bool>(), any::<bool>());
    let requirements = (action, pin, pinned_by, optional).prop_map(|(action, pin, pinned_by, optional)| {
        let mut requirements = drive::requirements(action, pin);
        for (requirement, optional) in requirements.iter_mut().zip([optional.0, optional.1]) {
            requirement.optional = optional;
            // A credential that is pinned itself is driven alone, and in one kind.
            if pin.is_some() && (pinned_by == "action" || action == "api_key") {
                requirement.pinned_by = Some(pinned_by.to_owned());
            }
        }
        requirements
    });
    (by_whom, container(), requirements, selects(), selects()).prop_map(
        |((origin, user), consumer, requirements, run_selects, call_selects)| Asked {
            organization: "acme".to_owned(),
            project: "research".to_owned(),
            user,
            origin,
            consumer,
            action: "act".to_owned(),
            requirements,
            run_selects,
            call_selects,
            now: NOW,
        },
    )
}

fn snapshot() -> impl Strategy<Value = (World, Asked)> {
    (instances(), assignments(), asked())
        .prop_map(|(instances, assignments, asked)| (World { instances, assignments }, asked))
}

#[test]
fn the_library_does_what_the_model_says() {
    let full = std::env::var_os("KEYSTROKE_FULL").is_some();
    let cases = if full { 1_000_000 } else { 10_000 };
    let seed = std::env::var("KEYSTROKE_SEED").map_or(0, |seed| seed.parse().expect("a number"));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::to_le_bytes(seed));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { cases, failure_persistence: None, ..Config::default() };

    let hits = RefCell::new(BTreeMap::<String, u32>::new());
    let result = TestRunner::new_with_rng(config, rng).run(&snapshot(), |(world, asked)| {
        let expected = model::call(&world, &asked);
        let seen = drive::ask(drive::memory(&world), &asked);
        let found = drive::differences(&asked, &expected, &seen.requirements);
        if !found.is_empty() {
            return Err(TestCaseError::fail(found.join("\n")));
        }
        let mut hits = hits.borrow_mut();
        let mut hit = |what: String| *hits.entry(what).or_default() += 1;
        for verdict in &expected {
            let code = verdict.code.as_deref().unwrap_or("lent");
            let rule = verdict.rule.as_deref().unwrap_or("-");
            match &verdict.absent {
                None => hit(format!("{code} by {rule}")),
                Some(_) if seen.requirements.iter().all(|seen| seen.code.is_none()) => {
                    hit("entered with `None`".to_owned());
                }
                Some(_) => hit("absent, and another one fails".to_owned()),
            }
        }
        for (requirement, verdict) in asked.requirements.iter().zip(&expected) {
            let by = requirement.pinned_by.as_deref().unwrap_or("nothing");
            if requirement.optional {
                hit(match (&verdict.absent, &verdict.code) {
                    (Some(why), _) => format!("R11: absent, {why}, pinned by {by}"),
                    (None, Some(code)) if code == "no_user" => format!("R11: {code}, pinned by {by}"),
                    (None, Some(code)) => format!("R11: {code}"),
                    (None, None) => format!("R11: lent, pinned by {by}"),
                });
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));

    // What is never drawn proves nothing.
    let hits = hits.into_inner();
    let drawn =
        |code: &str| hits.iter().any(|(name, count)| name.starts_with(code) && *count >= cases / 1000);
    for code in model::CODES.iter().filter(|code| **code != "store_unavailable") {
        assert!(drawn(&format!("{code} by")), "`{code}` is hardly drawn: {hits:#?}");
    }
    for rule in ["R1", "R2", "R3", "R4", "R5"] {
        assert!(drawn(&format!("lent by {rule}")), "{rule} hardly chooses: {hits:#?}");
    }
    // R11: each way to be absent and to be lent, and each error that stays one; `missing` never does.
    let never = ["missing", "no_user", "selection_unused", "store_unavailable"];
    let stays = model::CODES.iter().filter(|code| !never.contains(code)).map(|code| (*code).to_owned());
    let mut optional: Vec<String> = stays.collect();
    for by in ["nothing", "parameter", "action", "credential"] {
        optional.extend([format!("lent, pinned by {by}"), format!("absent, missing, pinned by {by}")]);
    }
    optional.extend(["parameter", "credential"].map(|by| format!("absent, no_user, pinned by {by}")));
    optional.push("no_user, pinned by action".to_owned());
    for outcome in optional {
        assert!(drawn(&format!("R11: {outcome}")), "an optional one is hardly `{outcome}`: {hits:#?}");
    }
    assert!(drawn("entered with `None`") && drawn("absent, and another one fails"), "{hits:#?}");
}
