//! Two processes write, and are killed at any moment: what they were told is stored is stored, what they were doing is
//! done or not, and the vault is sound. `KEYSTROKE_FULL=1` is the long form (docs/testing.md).
#![cfg(unix)]
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
use std::hint::spin_loop;
use std::time::SystemTime;

use common::process::{FOLDER, Other, PART, Random, block_on, full, tell};
use common::{Home, exa, fields, id, used};
use keystroke_core::{Instance, Runtime, Status};
use keystroke_vault::{Add, Change, Filter, Vault, VaultOptions};

/// Instances that a writer makes at most.
const MOST: usize = 12;

/// What one writer does next; as a line, what it tells before (`try`) and after (`did`).
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Set { id: String, default: bool },
    Default { id: String },
    Rotate { id: String, secret: String },
    Revoke { id: String },
    RotateKey,
    Prune,
}

impl Step {
    fn line(&self) -> String {
        match self {
            Self::Set { id, default } => format!("set {id} {default}"),
            Self::Default { id } => format!("default {id}"),
            Self::Rotate { id, secret } => format!("rotate {id} {secret}"),
            Self::Revoke { id } => format!("revoke {id}"),
            Self::RotateKey => "rotate-key".to_owned(),
            Self::Prune => "prune".to_owned(),
        }
    }

    fn read(line: &str) -> Self {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["set", id, default] => Self::Set { id: id.to_owned(), default: default == "true" },
            ["default", id] => Self::Default { id: id.to_owned() },
            ["rotate", id, secret] => Self::Rotate { id: id.to_owned(), secret: secret.to_owned() },
            ["revoke", id] => Self::Revoke { id: id.to_owned() },
            ["rotate-key"] => Self::RotateKey,
            ["prune"] => Self::Prune,
            _ => panic!("{line}"),
        }
    }

    fn make(&self, vault: &Vault) {
        match self {
            Self::Set { id, default } => {
                let instance = shared(id);
                let instance = if *default { instance.default() } else { instance };
                vault.add([instance], Add::Another).map(drop)
            }
            Self::Default { id: of } => {
                vault.update(&id(of), Change { default: Some(true), label: None }).map(drop)
            }
            Self::Rotate { id: of, secret } => vault.rotate(&id(of), fields(secret)).map(drop),
            Self::Revoke { id: of } => vault.revoke(&id(of)).map(drop),
            Self::RotateKey => vault.rotate_key().map(drop),
            Self::Prune => vault.prune_audit(SystemTime::now()).map(drop),
        }
        .unwrap_or_else(|error| panic!("{self:?}: {error}"));
    }

    /// The one that it makes the default.
    fn marks(&self) -> Option<&str> {
        match self {
            Self::Set { id, default: true } | Self::Default { id } => Some(id),
            _ => None,
        }
    }
}

fn shared(id: &str) -> Instance {
    exa().in_organization("acme").id(id).field("api_key", format!("{id}-secret-0"))
}

/// What is stored under one id.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    secret: String,
    revoked: bool,
}

/// What is known to be stored, and the one that was marked last by each writer.
type Known = BTreeMap<String, Kept>;

fn apply(known: &mut Known, step: &Step) {
    match step {
        Step::Set { id, .. } => {
            known.insert(id.clone(), Kept { secret: format!("{id}-secret-0"), revoked: false });
        }
        Step::Rotate { id, secret } => known.get_mut(id).unwrap().secret.clone_from(secret),
        Step::Revoke { id } => known.get_mut(id).unwrap().revoked = true,
        Step::Default { .. } | Step::RotateKey | Step::Prune => {}
    }
}

/// Writes until it is killed.
fn write(part: &str) {
    let (name, seed) = part.split_once(' ').unwrap();
    let mut random = Random(seed.parse().unwrap());
    let vault = Vault::open_with(VaultOptions::at(std::env::var(FOLDER).unwrap())).unwrap();
    let listed = vault.list(&Filter::default()).unwrap();
    let mut own: BTreeMap<String, bool> = listed
        .iter()
        .filter(|record| record.candidate.id.as_str().starts_with(name))
        .map(|record| (record.candidate.id.to_string(), record.candidate.status == Status::Revoked))
        .collect();
    for number in 0.. {
        let live: Vec<&String> = own.iter().filter(|(_, revoked)| !**revoked).map(|(id, _)| id).collect();
        let any = (!live.is_empty()).then(|| live[random.below(live.len() as u64) as usize].clone());
        let step = match (random.below(100), any) {
            (0..20, _) | (_, None) if own.len() < MOST => {
                Step::Set { id: format!("{name}-{}", own.len()), default: random.below(2) == 0 }
            }
            (0..45, Some(id)) => Step::Default { id },
            (45..80, Some(id)) => Step::Rotate { id, secret: format!("secret-{seed}-{number}") },
            (80..84, Some(id)) if live.len() > 2 => Step::Revoke { id },
            (84..94, _) => Step::RotateKey,
            (94..97, _) => Step::Prune,
            _ => continue,
        };
        tell(&format!("try {}", step.line()));
        step.make(&vault);
        tell(&format!("did {}", step.line()));
        match step {
            Step::Set { id, .. } => drop(own.insert(id, false)),
            Step::Revoke { id } => drop(own.insert(id, true)),
            _ => {}
        }
    }
}

/// What the vault holds, by every way to read it.
fn read(vault: &Vault) -> (Known, Vec<String>) {
    let records = vault.list(&Filter::default()).unwrap();
    let runtime = Runtime::new(vault.clone());
    let mut known = Known::new();
    for record in &records {
        let (id, revoked) = (record.candidate.id.to_string(), record.candidate.status == Status::Revoked);
        let lent = block_on(used(&runtime.organization("acme").project("p").select("exa", &*id)));
        let secret = match lent {
            Ok(secret) => secret,
            // What is revoked lends nothing; `verify` opens it.
            Err(error) => {
                assert!(revoked && error.contains("revoked"), "{id}: {error}");
                String::new()
            }
        };
        known.insert(id, Kept { secret, revoked });
    }
    let defaults = records.iter().filter(|record| record.candidate.default);
    (known, defaults.map(|record| record.candidate.id.to_string()).collect())
}

#[test]
fn killed_writers_lose_nothing_that_was_acknowledged() {
    const NAME: &str = "killed_writers_lose_nothing_that_was_acknowledged";
    if let Ok(part) = std::env::var(PART) {
        return write(&part);
    }
    let rounds = if full() { 1_000 } else { 60 };
    let (home, vault) = Home::with_vault();
    drop(vault);
    let mut random = Random(std::env::var("KEYSTROKE_SEED").map_or(1, |seed| seed.parse().unwrap()));
    let mut known = Known::new();
    // Each round's writers may leave the mark where they, or those before them, put it.
    let mut marked: Vec<String> = Vec::new();
    let (mut acknowledged, mut interrupted) =
        (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    for round in 0..rounds {
        let mut writers: Vec<Other> = ["one", "two"]
            .map(|name| Other::start(NAME, &format!("{name} {}", random.below(1 << 40)), &home))
            .into_iter()
            .collect();
        // Some steps, and then at any moment of the next.
        let mut told: Vec<Vec<String>> = vec![Vec::new(); 2];
        for _ in 0..random.below(16) {
            let at = random.below(2) as usize;
            told[at].push(writers[at].told().unwrap_or_else(|| panic!("round {round}: a writer ended")));
        }
        (0..random.below(400_000)).for_each(|_| spin_loop());
        for (writer, told) in writers.into_iter().zip(&mut told) {
            told.extend(writer.kill());
        }

        let mut lasts = Vec::new();
        let mut pending = Vec::new();
        for lines in told {
            let mut trying = None;
            for line in &lines {
                match line.split_once(' ').unwrap() {
                    ("try", step) => trying = Some(Step::read(step)),
                    ("did", step) => {
                        let step = Step::read(step);
                        *acknowledged
                            .entry(step.line().split(' ').next().unwrap().to_owned())
                            .or_default() += 1;
                        apply(&mut known, &step);
                        lasts.extend(step.marks().map(str::to_owned));
                        trying = None;
                    }
                    _ => panic!("{line}"),
                }
            }
            pending.extend(trying);
        }
        for step in &pending {
            *interrupted.entry(step.line().split(' ').next().unwrap().to_owned()).or_default() += 1;
        }

        let vault = home.open();
        vault.verify().unwrap_or_else(|error| panic!("round {round}: {error}"));
        let (found, defaults) = read(&vault);
        for (id, kept) in &known {
            let steps = || {
                pending.iter().filter(|step| match step {
                    Step::Rotate { id: of, .. } | Step::Revoke { id: of } => of == id,
                    _ => false,
                })
            };
            let mut may = vec![kept.clone()];
            may.extend(steps().map(|step| {
                let mut known = Known::from([(id.clone(), kept.clone())]);
                apply(&mut known, step);
                known.remove(id).unwrap()
            }));
            let is = found.get(id).unwrap_or_else(|| panic!("round {round}: `{id}` is lost"));
            let fits = |may: &Kept| may.revoked == is.revoked && (is.revoked || may.secret == is.secret);
            assert!(may.iter().any(fits), "round {round}: `{id}` is {is:?}, and may be {may:?}");
        }
        for id in found.keys().filter(|id| !known.contains_key(*id)) {
            let is_it = |step: &Step| matches!(step, Step::Set { id: of, .. } if of == id);
            assert!(pending.iter().any(is_it), "round {round}: nobody has made `{id}`");
        }
        // One default at most, and one of those that it can be.
        marked.extend(lasts);
        let was_marked = !marked.is_empty();
        marked.extend(pending.iter().filter_map(Step::marks).map(str::to_owned));
        assert!(defaults.len() <= 1, "round {round}: {defaults:?}");
        assert!(!was_marked || defaults.len() == 1, "round {round}: the default is lost");
        assert!(defaults.iter().all(|id| marked.contains(id)), "round {round}: {defaults:?} of {marked:?}");
        marked = defaults;
        known = found;
        // Room for new ones.
        if round % 10 == 9 {
            std::mem::take(&mut known).keys().for_each(|of| drop(vault.delete(&id(of)).unwrap()));
            marked.clear();
            // Nobody rotates a thousand times and keeps all keys; a ring has an end.
            let _ = std::fs::remove_file(home.path().join("config/vault.keys.retired"));
        }
    }
    tell(&format!("acknowledged {acknowledged:?}, interrupted {interrupted:?}"));
    // Otherwise the rounds would prove little.
    for step in ["set", "default", "rotate", "rotate-key"] {
        assert!(interrupted.contains_key(step) && acknowledged.contains_key(step), "{step} was never met");
    }
}
