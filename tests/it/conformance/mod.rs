//! SEMANTICS §3 as a table of cases, `resolution.json`: against the in-memory store, and against the
//! local vault in so far as a sound vault can hold them.
//!
//! `KEYSTROKE_BLESS=1 cargo test --test it conformance` rewrites the file with what the model expects.

mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use keystroke::store::{Candidates, Lookup, OpenError, Opened, Resolved, StoreError, UseRecord};
use keystroke::{CredentialStore, MemoryStore};
use keystroke_vault::{Add, NewInstance, Vault, VaultOptions};
use table::{Case, FACTORS, Table, expected, pairs, table};

use crate::model::{self, Instance, World, drive};

const FILE: &str = "tests/it/conformance/resolution.json";

fn read() -> Table {
    let text = std::fs::read_to_string(FILE).expect("the table is there; KEYSTROKE_BLESS=1 makes it");
    serde_json::from_str(&text).expect("the table is JSON")
}

/// A line for each instance and case.
fn write(table: &Table) -> String {
    let line = |value: &dyn erased::Line| value.line();
    let lines = |values: Vec<String>| values.join(",\n    ");
    let everywhere = lines(table.everywhere.iter().map(|one| line(one)).collect());
    let cases = lines(table.cases.iter().map(|case| line(case)).collect());
    format!(
        "{{\n  \"about\": {},\n  \"everywhere\": [\n    {everywhere}\n  ],\n  \"cases\": [\n    {cases}\n  ]\n}}\n",
        serde_json::Value::from(table.about.as_str())
    )
}

mod erased {
    pub(crate) trait Line {
        fn line(&self) -> String;
    }

    impl<T: serde::Serialize> Line for T {
        fn line(&self) -> String {
            serde_json::to_string(self).expect("a case is JSON")
        }
    }
}

#[test]
fn the_file_is_what_the_generator_and_the_model_make() {
    let made = write(&table());
    if std::env::var_os("KEYSTROKE_BLESS").is_some() {
        std::fs::write(FILE, &made).expect("the table can be written");
    }
    let there = std::fs::read_to_string(FILE).expect("the table is there; KEYSTROKE_BLESS=1 makes it");
    assert!(made == there, "{FILE} is not what is made now; look at the difference with KEYSTROKE_BLESS=1");
}

#[test]
fn every_rule_code_and_pair_is_hit() {
    let table = read();
    let mut hit = BTreeSet::new();
    for verdict in table.cases.iter().flat_map(|case| &case.expect) {
        let last = verdict.trace.last().map_or("-", |step| step.rule.as_str());
        let code = match &verdict.absent {
            Some(why) => format!("absent: {why}"),
            None => verdict.code.clone().unwrap_or_else(|| "lent".to_owned()),
        };
        hit.insert((code, last.to_owned()));
    }
    let mut wanted = vec![
        ("missing", "R3"),
        ("missing", "R5"),
        ("no_user", "R3"),
        ("absent: missing", "R3"),
        ("absent: missing", "R5"),
        ("absent: no_user", "R3"),
        ("assignment_conflicts_with_pin", "R2"),
        ("selection_unused", "-"),
        ("store_unavailable", "-"),
    ];
    for rule in ["R1", "R2", "R3", "R4", "R5"] {
        for code in ["lent", "revoked", "wrong_kind", "needs_reconnect", "expired", "under_scoped", "invalid"]
        {
            wanted.push((code, rule));
        }
    }
    wanted.extend(["R1", "R2"].into_iter().flat_map(|rule| {
        ["selection_not_found", "selection_mismatch"].into_iter().map(move |code| (code, rule))
    }));
    wanted.extend(["R3", "R4", "R5"].map(|rule| ("ambiguous", rule)));
    for (code, rule) in &wanted {
        assert!(hit.contains(&((*code).to_owned(), (*rule).to_owned())), "no case has `{code}` by {rule}");
    }
    for code in model::CODES {
        assert!(wanted.iter().any(|(wanted, _)| *wanted == code), "`{code}` is wanted nowhere");
    }

    let mut open = pairs();
    for case in table.cases.iter().filter(|case| !case.factors.is_empty()) {
        let row: Vec<(usize, usize)> = FACTORS
            .iter()
            .enumerate()
            .map(|(number, (factor, levels))| {
                let level = levels.iter().position(|level| *level == case.factors[*factor]);
                (number, level.expect("a level of the factor"))
            })
            .collect();
        for (index, a) in row.iter().enumerate() {
            for b in &row[index + 1..] {
                open.remove(&(*a, *b));
            }
        }
    }
    assert!(open.is_empty(), "pairs that no case has: {open:?}");
    let names: BTreeSet<_> = table.cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), table.cases.len(), "no two cases have one name");
}

/// A store that does what a case says of it.
struct Faulty<S> {
    inner: S,
    fails_to_look: bool,
    fails_to_open: bool,
    changes: AtomicUsize,
}

impl<S: CredentialStore> Faulty<S> {
    fn new(inner: S, does: Option<&str>) -> Self {
        let changes = match does {
            Some("changes 2 times") => 2,
            // Each call tries thrice, and the typed call comes before the tool call.
            Some("changes 3 times") => usize::MAX,
            _ => 0,
        };
        Self {
            inner,
            fails_to_look: does == Some("fails to look"),
            fails_to_open: does == Some("fails to open"),
            changes: AtomicUsize::new(changes),
        }
    }
}

impl<S: CredentialStore> CredentialStore for Faulty<S> {
    fn name(&self) -> String {
        self.inner.name()
    }

    async fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
        if self.fails_to_look {
            return Err(StoreError::new("the disk is on fire"));
        }
        self.inner.candidates(lookup).await
    }

    fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
        if self.fails_to_look { None } else { self.inner.candidates_now(lookup) }
    }

    async fn open(&self, resolved: &Resolved) -> Result<Opened, OpenError> {
        if self.fails_to_open {
            return Err(StoreError::new("the disk is on fire").into());
        }
        let left = |left: usize| left.checked_sub(1);
        if self.changes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_ok() {
            return Err(OpenError::Changed);
        }
        self.inner.open(resolved).await
    }

    fn record(&self, record: &UseRecord<'_>) -> Result<(), StoreError> {
        self.inner.record(record)
    }
}

/// What is different from what the case expects.
fn check(case: &Case, store: impl CredentialStore) -> Option<String> {
    let seen = drive::ask(Faulty::new(store, case.store.as_deref()), &case.asked);
    let mut found = drive::differences(&case.asked, &case.expect, &seen.requirements);
    // What an error or a trace shows is never a secret: each is `secret-of-<id>`.
    if seen.shown.contains("secret-of-") {
        found.push(format!("a secret is shown:\n{}", seen.shown));
    }
    (!found.is_empty()).then(|| format!("{}:\n  {}", case.name, found.join("\n  ")))
}

#[test]
fn the_in_memory_store_passes_every_case() {
    let table = read();
    let failed: Vec<String> = table
        .cases
        .iter()
        .filter_map(|case| check(case, drive::memory(&case.whole(&table.everywhere))))
        .collect();
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), table.cases.len(), failed.join("\n"));
}

#[test]
fn the_order_in_which_a_store_is_filled_changes_nothing() {
    let table = read();
    for case in &table.cases {
        let mut world = case.whole(&table.everywhere);
        world.instances.reverse();
        world.assignments.reverse();
        assert_eq!(check(case, drive::memory(&world)), None);
    }
}

#[test]
fn the_model_still_says_what_the_file_says() {
    let table = read();
    for case in &table.cases {
        let says = expected(&case.whole(&table.everywhere), &case.asked, case.store.as_deref());
        assert_eq!(says, case.expect, "{}", case.name);
    }
}

/// Why a sound vault cannot hold a world; nothing if it can.
fn unsound(world: &World) -> Option<&'static str> {
    let owner =
        |one: &Instance| (one.organization.clone(), one.key.clone(), one.project.clone(), one.user.clone());
    let mut owners = BTreeSet::new();
    for one in world.instances.iter().filter(|one| one.default) {
        if !owners.insert(owner(one)) {
            return Some("two default marks of one owner");
        }
    }
    if world.instances.iter().any(|one| one.kind == "api_key" && one.fields.is_empty()) {
        return Some("an `api_key` instance without fields");
    }
    for assigned in &world.assignments {
        let Some(named) = world.instances.iter().find(|one| one.id == assigned.id) else {
            return Some("an assignment of what is not there");
        };
        let other_project = named.project.as_ref().is_some_and(|project| *project != assigned.project);
        if named.key != assigned.key || named.organization != assigned.organization || other_project {
            return Some("an assignment of another key's, project's or organization's instance");
        }
    }
    None
}

/// The world in a vault of its own, by its verbs.
fn vault(world: &World, folder: &std::path::Path) -> Vault {
    // Times here are seconds of 1970, and by its own clock the vault would know that they are past.
    let (vault, _) = Vault::init(VaultOptions::at(folder).clock(|| std::time::SystemTime::UNIX_EPOCH))
        .expect("an empty folder");
    // Revoking is a verb of its own, and what is revoked can't be assigned any more.
    let alive = |one: &Instance| match one.status.as_str() {
        "revoked" => Instance { status: "active".to_owned(), ..one.clone() },
        _ => one.clone(),
    };
    let new = |one| NewInstance::new(drive::instance(&alive(one))).allow_short("port");
    vault.add(world.instances.iter().map(new), Add::Another).expect("a sound vault holds them");
    for assigned in &world.assignments {
        let id = assigned.id.as_str().into();
        vault.assign(&drive::assignment(assigned), &assigned.key, &id).expect("a sound vault binds it");
    }
    for one in world.instances.iter().filter(|one| one.status == "revoked") {
        vault.revoke(&one.id.as_str().into()).expect("it is there");
    }
    vault
}

#[test]
fn the_local_vault_passes_every_case_that_it_can_hold() {
    let table = read();
    let mut skipped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut failed = Vec::new();
    for case in &table.cases {
        let world = case.whole(&table.everywhere);
        if let Some(why) = unsound(&world) {
            skipped.entry(why).or_default().push(&case.name);
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        failed.extend(check(case, vault(&world, folder.path())));
    }
    let mut list = String::new();
    for (why, names) in &skipped {
        let _ = writeln!(list, "{} with {why}: {}", names.len(), names.join(", "));
    }
    eprintln!("of {} cases a sound vault cannot hold\n{list}", table.cases.len());
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), table.cases.len(), failed.join("\n"));
    let count: usize = skipped.values().map(Vec::len).sum();
    assert!(count * 2 < table.cases.len(), "most cases are held: {count} are not\n{list}");
}

/// The control: a wrong expectation is seen.
#[test]
fn a_case_that_expects_something_else_fails() {
    let table = read();
    for case in table.cases.iter().filter(|case| case.store.is_none()) {
        let store = || -> MemoryStore { drive::memory(&case.whole(&table.everywhere)) };
        let mut wrong = case.clone();
        let verdict = &mut wrong.expect[0];
        verdict.code = match verdict.code.as_deref() {
            Some("missing") => Some("ambiguous".to_owned()),
            _ => Some("missing".to_owned()),
        };
        assert!(check(&wrong, store()).is_some(), "{}: the code", case.name);
        let mut wrong = case.clone();
        if wrong.expect[0].trace.pop().is_some() {
            assert!(check(&wrong, store()).is_some(), "{}: the trace", case.name);
        }
    }
}
