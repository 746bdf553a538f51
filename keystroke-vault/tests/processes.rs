//! Two processes on one vault: what one changes the other's very next call sees, and of many changes at once none
//! fails and none is lost. `KEYSTROKE_FULL=1` is the long form (docs/testing.md).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops on the first surprise"
)]

#[path = "it/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use common::process::{FOLDER, Other, PART, Random, block_on, full, tell};
use common::{Home, exa, fields, id, store, used};
use keystroke_core::{Action as _, Assignment, Owner, Runtime, Status};
use keystroke_vault::{Add, AuditFilter, Change, Filter, Vault, VaultOptions};

/// Makes a call of the project `p` each time it is asked.
fn lend_on_demand(folder: &str) {
    let run =
        Runtime::new(Vault::open_with(VaultOptions::at(folder)).unwrap()).organization("acme").project("p");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in std::io::stdin().lines() {
        match runtime.block_on(used(&run)) {
            Ok(secret) => tell(&secret),
            // The code is that of the one refusal, on a line of its own.
            Err(error) => tell(error.lines().last().and_then(|line| line.split(':').next()).unwrap()),
        }
    }
}

#[test]
fn another_processs_next_call_sees_every_change() {
    const NAME: &str = "another_processs_next_call_sees_every_change";
    if std::env::var_os(PART).is_some() {
        return lend_on_demand(&std::env::var(FOLDER).unwrap());
    }
    let (home, vault) = Home::with_vault();
    let mut other = Other::start(NAME, "lend", &home);
    assert_eq!(other.ask("now"), "missing");
    store(&vault, "shared", exa().in_organization("acme"));
    for round in 0..if full() { 10_000 } else { 200 } {
        // Of the organization, which is used while the project has none.
        let secret = format!("rotated-{round}");
        vault.rotate(&id("shared"), fields(&secret)).unwrap();
        assert_eq!(other.ask("now"), secret);
        assert_eq!(other.ask("again"), secret, "from memory");
        let own = format!("own-{round}");
        store(&vault, &own, exa().in_project("acme", "p"));
        assert_eq!(other.ask("now"), format!("{own}-secret"));
        // Out of its reach, and back.
        vault.move_to(&id(&own), Owner::Project("q".to_owned()), Add::OnlyFirst).unwrap();
        assert_eq!(other.ask("now"), secret, "round {round}");
        vault.move_to(&id(&own), Owner::Project("p".to_owned()), Add::OnlyFirst).unwrap();
        assert_eq!(other.ask("now"), format!("{own}-secret"));
        vault.revoke(&id(&own)).unwrap();
        assert_eq!(other.ask("now"), "revoked", "round {round}");
        vault.delete(&id(&own)).unwrap();
        assert_eq!(other.ask("now"), secret);
    }
    other.end();
    vault.verify().unwrap();
}

const THREADS: usize = 8;

/// What one thread has stored and was told to be stored, by id. Nobody else changes it.
#[derive(Default)]
struct Own {
    instances: BTreeMap<String, Kept>,
    /// What is bound to the action, and the default mark.
    assigned: Option<String>,
    default: Option<String>,
}

struct Kept {
    version: u64,
    secret: String,
    revoked: bool,
    label: String,
}

impl Own {
    /// The secret that a call of the project is lent, or the code of its refusal.
    fn lent(&self) -> &str {
        let chosen = self.assigned.as_ref().or(self.default.as_ref());
        if let Some(chosen) = chosen.and_then(|id| self.instances.get(id)) {
            return if chosen.revoked { "revoked" } else { &chosen.secret };
        }
        let mut live = self.instances.values().filter(|kept| !kept.revoked);
        match (live.next(), live.next(), self.instances.is_empty()) {
            (None, _, true) => "missing",
            (None, _, false) => "revoked",
            (Some(one), None, _) => &one.secret,
            (Some(_), Some(_), _) => "ambiguous",
        }
    }
}

fn any<'a>(random: &mut Random, own: &'a Own) -> Option<&'a str> {
    let count = own.instances.len() as u64;
    (count > 0).then(|| &**own.instances.keys().nth(random.below(count) as usize).unwrap())
}

/// One thread's part: what it has stored in the end, a line each.
fn work(vault: &Vault, name: &str, operations: u64, shared: &AtomicU64) -> String {
    let mut random = Random(name.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte)));
    let mut own = Own::default();
    let runtime = Runtime::new(vault.clone());
    let run = runtime.organization(name).project("p");
    let of_all = runtime.organization("all").project("p");
    let here = Assignment::in_project(name, "p").direct("reveal");
    let mut last = 0;
    for operation in 0..operations {
        let wanted = any(&mut random, &own).map(str::to_owned);
        match (random.below(1000), wanted) {
            (0..700, _) => match block_on(used(&run)) {
                Ok(secret) => assert_eq!(secret, own.lent()),
                Err(error) => assert!(error.contains(&format!("\n{}: ", own.lent())), "{error}"),
            },
            (700..850, _) => {
                let explained = block_on(common::Reveal.run(&run, ()).explain());
                let code = explained.resolutions()[0].result().map(|_| ()).map_err(|error| error.code());
                match code {
                    Ok(()) => assert!(own.lent().starts_with("secret-")),
                    Err(code) => assert_eq!(code, own.lent()),
                }
            }
            (850..940, _) => {
                let secret = block_on(used(&of_all)).unwrap();
                assert!(secret.starts_with("secret-") || secret == "shared-secret");
                let version = vault.get(&id("shared")).unwrap().candidate.version;
                assert!(version >= last, "went back from {last} to {version}");
                last = version;
            }
            (940..970, _) => {
                let filter = Filter { organization: Some(name.to_owned()), ..Filter::default() };
                let listed = vault.list(&filter).unwrap();
                assert_eq!(listed.len(), own.instances.len());
                for record in listed {
                    let kept = &own.instances[record.candidate.id.as_str()];
                    assert_eq!(record.candidate.version, kept.version);
                }
            }
            (970..975, _) => {
                let secret = format!("secret-{operation}-of-{name}");
                let version = vault.rotate(&id("shared"), fields(&secret)).unwrap().candidate.version;
                assert!(version > last);
                last = version;
                shared.fetch_add(1, Ordering::Relaxed);
            }
            (_, None) | (975..980, _) if own.instances.len() < 12 => {
                let (new, secret) = (format!("{name}-{operation}"), format!("secret-{operation}-of-{name}"));
                let instance = exa().in_project(name, "p").id(&*new).field("api_key", &*secret);
                let added = vault.add([instance], Add::Another).unwrap().remove(0);
                let version = added.candidate.version;
                own.instances.insert(new, Kept { version, secret, revoked: false, label: String::new() });
            }
            (975..985, Some(wanted)) => {
                let kept = own.instances.get_mut(&wanted).unwrap();
                if !kept.revoked {
                    kept.secret = format!("secret-{operation}-of-{name}");
                    kept.version =
                        vault.rotate(&id(&wanted), fields(&kept.secret)).unwrap().candidate.version;
                }
            }
            (985..990, Some(wanted)) => {
                let kept = own.instances.get_mut(&wanted).unwrap();
                kept.label = format!("label {operation}");
                let default = !kept.revoked && operation % 2 == 0;
                let label = Some(Some((&*kept.label).into()));
                vault.update(&id(&wanted), Change { label, default: default.then_some(true) }).unwrap();
                own.default = if default { Some(wanted) } else { own.default };
            }
            (990..994, Some(wanted)) => {
                if !own.instances[&wanted].revoked {
                    vault.assign(&here, "exa", &id(&wanted)).unwrap();
                    own.assigned = Some(wanted);
                }
            }
            (994..996, Some(wanted)) => {
                vault.revoke(&id(&wanted)).unwrap();
                own.instances.get_mut(&wanted).unwrap().revoked = true;
            }
            (_, Some(wanted)) => {
                vault.delete(&id(&wanted)).unwrap();
                own.instances.remove(&wanted);
                own.assigned = own.assigned.filter(|assigned| *assigned != wanted);
                own.default = own.default.filter(|default| *default != wanted);
            }
            (_, None) => {}
        }
    }
    let mut lines = String::new();
    for (id, kept) in &own.instances {
        let Kept { version, secret, revoked, label } = kept;
        let marked = own.default.as_ref() == Some(id);
        let assigned = own.assigned.as_ref() == Some(id);
        writeln!(lines, "{name}|{id}|{version}|{secret}|{revoked}|{label}|{marked}|{assigned}").unwrap();
    }
    lines
}

#[test]
fn of_many_operations_at_once_none_fails_and_none_is_lost() {
    const NAME: &str = "of_many_operations_at_once_none_fails_and_none_is_lost";
    let operations: u64 = if full() { 1_000_000 } else { 40_000 };
    if let Ok(part) = std::env::var(PART) {
        let vault = Vault::open_with(VaultOptions::at(std::env::var(FOLDER).unwrap())).unwrap();
        let shared = AtomicU64::new(0);
        let told = std::thread::scope(|scope| {
            let each = |thread| {
                let (vault, shared, name) = (&vault, &shared, format!("{part}{thread}"));
                scope.spawn(move || work(vault, &name, operations / 2 / THREADS as u64, shared))
            };
            let threads: Vec<_> = (0..THREADS).map(each).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<String>()
        });
        drop(vault);
        told.lines().for_each(tell);
        return tell(&format!("shared {}", shared.into_inner()));
    }
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("all"));
    let others = ["one-", "two-"].map(|part| Other::start(NAME, part, &home));
    let (mut rotated, mut kept) = (0, Vec::new());
    for mut other in others {
        while let Some(told) = other.told() {
            match told.strip_prefix("shared ") {
                Some(number) => rotated += number.parse::<u64>().unwrap(),
                None => kept.push(told),
            }
        }
    }
    assert!(rotated > 10 && kept.len() > THREADS, "hardly anything was changed");
    // Nobody reads for so long that the logs can't start over.
    for (file, most) in [("vault.db-wal", 16), ("audit.db-wal", 32)] {
        let size = std::fs::metadata(home.path().join(file)).unwrap().len();
        assert!(size <= most << 20, "{file} has grown to {size} bytes");
    }
    // Every acknowledged change is there, and nothing else.
    let vault = Vault::open_with(vault.options().clone()).unwrap();
    let instances = vault.list(&Filter::default()).unwrap();
    assert_eq!(instances.len(), kept.len() + 1);
    let by_id: BTreeMap<_, _> = instances.iter().map(|r| (r.candidate.id.to_string(), r)).collect();
    let first = by_id["shared"].candidate.version;
    assert_eq!(first, rotated + 1, "a rotation of what all of them rotate is lost");
    let runtime = Runtime::new(vault.clone());
    for line in &kept {
        let parts: Vec<_> = line.split('|').collect();
        let &[name, instance, version, secret, revoked, label, marked, assigned] = &*parts else {
            panic!("{line}")
        };
        let record = by_id[instance];
        let found = &record.candidate;
        assert_eq!(found.version.to_string(), version, "{line}");
        assert_eq!((found.status == Status::Revoked).to_string(), revoked, "{line}");
        assert_eq!(found.label.as_ref().map_or("", |label| label.as_str()), label, "{line}");
        assert_eq!(found.default.to_string(), marked, "{line}");
        assert_eq!((!record.used_by.is_empty()).to_string(), assigned, "{line}");
        let lent = block_on(used(&runtime.organization(name).project("p").select("exa", instance)));
        match revoked {
            "true" => assert!(lent.unwrap_err().contains("revoked")),
            _ => assert_eq!(lent.unwrap(), secret),
        }
    }
    vault.verify().unwrap();
    let filter = AuditFilter { organization: Some("all".to_owned()), ..AuditFilter::default() };
    let rows = vault.audit(&filter).unwrap();
    let changes = rows.iter().filter(|row| row.event == "rotate" && row.committed == Some(true)).count();
    assert_eq!(changes as u64, rotated);
}

/// As commands do it beside each other: whoever closes last tidies up while others open.
#[test]
fn handles_that_come_and_go_all_the_time_are_in_nobodys_way() {
    const NAME: &str = "handles_that_come_and_go_all_the_time_are_in_nobodys_way";
    let rounds = if full() { 1_000 } else { 40 };
    if let Ok(part) = std::env::var(PART) {
        let folder = std::env::var(FOLDER).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (folder, own) = (&folder, format!("{part}{thread}"));
                scope.spawn(move || {
                    for round in 0..rounds {
                        let vault = Vault::open_with(VaultOptions::at(folder)).unwrap();
                        let run = Runtime::new(vault.clone()).organization("acme").project(&*own);
                        let before = format!("{own}-secret-{round}");
                        assert_eq!(block_on(used(&run)).unwrap(), before);
                        vault.rotate(&id(&own), fields(&format!("{own}-secret-{}", round + 1))).unwrap();
                    }
                });
            }
        });
        return;
    }
    let (home, vault) = Home::with_vault();
    let names: Vec<_> =
        ["one-", "two-"].iter().flat_map(|part| (0..4).map(move |n| format!("{part}{n}"))).collect();
    for name in &names {
        let own = exa().in_project("acme", name).id(&**name).field("api_key", format!("{name}-secret-0"));
        vault.add([own], Add::OnlyFirst).unwrap();
    }
    drop(vault);
    let others = ["one-", "two-"].map(|part| Other::start(NAME, part, &home));
    others.into_iter().for_each(|mut other| assert_eq!(other.told(), None));
    let vault = home.open();
    for name in &names {
        let run = Runtime::new(vault.clone()).organization("acme").project(&**name);
        assert_eq!(block_on(used(&run)).unwrap(), format!("{name}-secret-{rounds}"));
    }
    vault.verify().unwrap();
}
