//! Two tenants in one store and one process: random programs over two organizations, two projects and three users.
//!
//! No instance outside a run's reach is ever chosen, lent, opened, or told of in an error (both faces, `Debug`, trace,
//! JSON); and with all of them removed a run sees the same, byte for byte. So none of them makes an optional credential
//! present, and absence tells of none (SEMANTICS R11).

use std::collections::BTreeMap;
use std::path::Path;

use keystroke::testing::RecordingStore;
use keystroke::{CredentialStore, Runtime};
use keystroke_vault::{Add, NewInstance, Vault, VaultOptions};

use crate::model::drive::{self, Seen};
use crate::model::{self, Asked, Assignment, Container, Instance, World};

const ORGANIZATIONS: [&str; 2] = ["acme", "globex"];
const PROJECTS: [&str; 2] = ["research", "ops"];
const USERS: [&str; 3] = ["ada", "bob", "eve"];

/// A small generator with a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % end as u64).expect("it is below a usize")
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// What a vault of verbs can hold, or anything.
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    Anything,
    Sound,
}

fn world(dice: &mut Dice, holds: Holds) -> World {
    let mut world = World::default();
    let mut marked: Vec<(String, String, Option<String>, Option<String>)> = Vec::new();
    for number in 0..dice.below(14) + 2 {
        let (project, user) = match dice.below(3) {
            0 => (None, None),
            1 => (Some(dice.of(&PROJECTS).to_owned()), None),
            _ => (None, Some(dice.of(&USERS).to_owned())),
        };
        let organization = dice.of(&ORGANIZATIONS).to_owned();
        let key = if dice.one_in(4) { "slack" } else { "exa" }.to_owned();
        let owner = (organization.clone(), key.clone(), project.clone(), user.clone());
        let mut default = dice.one_in(3);
        if default && holds == Holds::Sound {
            default = !marked.contains(&owner);
            marked.push(owner);
        }
        let id = format!("inst-{number}-{}", dice.below(1_000_000));
        let status = if dice.one_in(6) { "revoked" } else { "active" };
        world.instances.push(Instance {
            fields: BTreeMap::from([("api_key".to_owned(), drive::secret_of(&id))]),
            id,
            key,
            organization,
            project,
            user,
            kind: if dice.one_in(12) { "oauth_managed" } else { "api_key" }.to_owned(),
            default,
            status: status.to_owned(),
            expires_at: None,
            granted: Vec::new(),
        });
    }
    for _ in 0..dice.below(4) {
        let assigned = Assignment {
            organization: dice.of(&ORGANIZATIONS).to_owned(),
            project: dice.of(&PROJECTS).to_owned(),
            consumer: container(dice),
            action: "act".to_owned(),
            key: if dice.one_in(4) { "slack" } else { "exa" }.to_owned(),
            id: any_id(dice, &world),
        };
        let sound = world.instances.iter().any(|one| {
            // Bound to a user's instance it would go with that, and no run of another user would see why.
            one.id == assigned.id
                && one.key == assigned.key
                && one.organization == assigned.organization
                && one.user.is_none()
                && one.project.as_ref().is_none_or(|project| *project == assigned.project)
        });
        let place = |of: &Assignment| Assignment { id: String::new(), ..of.clone() };
        let free = world.assignments.iter().all(|other| place(other) != place(&assigned));
        if free && (sound || holds == Holds::Anything) {
            world.assignments.push(assigned);
        }
    }
    world
}

fn container(dice: &mut Dice) -> Container {
    match dice.below(3) {
        0 => Container { kind: "agent".to_owned(), slug: "digest".to_owned() },
        _ => Container { kind: "direct".to_owned(), slug: String::new() },
    }
}

fn any_id(dice: &mut Dice, world: &World) -> String {
    world.instances[dice.below(world.instances.len())].id.clone()
}

fn asked(dice: &mut Dice, world: &World) -> Asked {
    let user = (!dice.one_in(3)).then(|| dice.of(&USERS).to_owned());
    let origin = match &user {
        Some(_) => dice.of(&["direct", "prompt"]),
        None => dice.of(&["direct", "cli", "schedule", "gateway"]),
    };
    let pin = match dice.below(6) {
        0 => Some("organization"),
        1 => Some("project"),
        2 => Some("user"),
        _ => None,
    };
    let mut selects = |of: usize| {
        let mut selects = BTreeMap::new();
        if dice.one_in(of) {
            let key = if dice.one_in(5) { "slack" } else { "exa" };
            selects.insert(key.to_owned(), any_id(dice, world));
        }
        selects
    };
    let (run_selects, call_selects) = (selects(4), selects(3));
    let mut requirements = drive::requirements(if dice.one_in(3) { "both" } else { "api_key" }, pin);
    for requirement in &mut requirements {
        requirement.optional = dice.one_in(2);
    }
    Asked {
        organization: dice.of(&ORGANIZATIONS).to_owned(),
        project: dice.of(&PROJECTS).to_owned(),
        user,
        origin: origin.to_owned(),
        consumer: container(dice),
        action: "act".to_owned(),
        requirements,
        run_selects,
        call_selects,
        now: 1000,
    }
}

/// What of a world a run can reach; assignments are not instances, and stay.
fn within_reach(world: &World, asked: &Asked) -> World {
    let mut world = world.clone();
    world.instances.retain(|instance| model::in_reach(instance, asked));
    world
}

/// Ids that a run is told anyway: its own selections, and what is assigned to it.
fn told(world: &World, asked: &Asked) -> Vec<String> {
    let mut ids: Vec<String> =
        asked.run_selects.values().chain(asked.call_selects.values()).cloned().collect();
    ids.extend(world.assignments.iter().map(|assigned| assigned.id.clone()));
    ids
}

/// Finds a word of an instance in a text. Ids are whole words: one may begin another.
fn shows(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| !text[at + word.len()..].starts_with(|next: char| next.is_ascii_digit()))
}

/// All that is wrong with what a run saw.
fn attacked<S: CredentialStore>(
    world: &World,
    asked: &Asked,
    store: &RecordingStore<S>,
    seen: &Seen,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let out_of_reach = |id: &str| {
        world.instances.iter().any(|instance| instance.id == id && !model::in_reach(instance, asked))
    };
    for open in store.opened() {
        if out_of_reach(open.instance.as_str()) {
            wrong.push(format!("opened {}", open.instance));
        }
    }
    for requirement in &seen.requirements {
        if let Some(Ok(Some((id, _)))) = &requirement.explained
            && out_of_reach(id)
        {
            wrong.push(format!("chose {id}"));
        }
        if let Some(id) = requirement.lent.as_ref().filter(|id| out_of_reach(id)) {
            wrong.push(format!("lent {id}"));
        }
    }
    let told = told(world, asked);
    for instance in world.instances.iter().filter(|instance| !model::in_reach(instance, asked)) {
        let id = &instance.id;
        for word in [format!("label-of-{id}"), format!("account-of-{id}"), drive::secret_of(id)] {
            if shows(&seen.shown, &word) {
                wrong.push(format!("told {word}"));
            }
        }
        if !told.contains(id) && shows(&seen.shown, id) {
            wrong.push(format!("told {id}"));
        }
    }
    if !seen.shown.is_empty()
        && world.instances.iter().any(|one| shows(&seen.shown, &drive::secret_of(&one.id)))
    {
        wrong.push("told a secret".to_owned());
    }
    wrong
}

/// What the steps of a program came to.
#[derive(Debug, Default)]
struct Drawn {
    entered: usize,
    refused: usize,
    /// Optional credentials that were absent, though somebody out of reach has one.
    absent: usize,
}

impl std::ops::AddAssign for Drawn {
    fn add_assign(&mut self, other: Self) {
        self.entered += other.entered;
        self.refused += other.refused;
        self.absent += other.absent;
    }
}

/// One program: runs of all tenants, one after the other, in one process with one cache.
fn program<S: CredentialStore>(
    dice: &mut Dice,
    world: &World,
    store: S,
    reduced: impl Fn(&World) -> Seer,
) -> Drawn {
    let store = RecordingStore::new(store);
    let runtime = Runtime::new(store.clone()).with_clock(|| drive::at(1000));
    let mut drawn = Drawn::default();
    for _ in 0..8 {
        let asked = asked(dice, world);
        store.clear();
        let seen = drive::ask_in(&runtime, &asked);
        let wrong = attacked(world, &asked, &store, &seen);
        assert!(wrong.is_empty(), "{wrong:#?}\n{world:#?}\n{asked:#?}\n{}", seen.shown);

        let alone = reduced(&within_reach(world, &asked)).ask(&asked);
        assert_eq!(alone.shown, seen.shown, "what is out of reach is not absent:\n{world:#?}\n{asked:#?}");
        for (alone, seen) in alone.requirements.iter().zip(&seen.requirements) {
            assert_eq!(alone.lent, seen.lent, "{world:#?}\n{asked:#?}");
            assert_eq!(alone.went_without, seen.went_without, "{world:#?}\n{asked:#?}");
            let another_has =
                world.instances.iter().any(|one| one.key == seen.key && !model::in_reach(one, &asked));
            drawn.absent += usize::from(seen.went_without && another_has);
        }
        let entered = seen.requirements.iter().all(|requirement| requirement.code.is_none());
        drawn.entered += usize::from(entered);
        drawn.refused += usize::from(!entered);
    }
    drawn
}

/// A store with what is within reach alone, and what it needs to live.
struct Seer(Box<dyn Fn(&Asked) -> Seen>);

impl Seer {
    fn ask(&self, asked: &Asked) -> Seen {
        (self.0)(asked)
    }
}

#[test]
fn in_memory_nothing_out_of_reach_is_chosen_opened_told_or_distinguishable() {
    let mut drawn = Drawn::default();
    for seed in 0..1000 {
        let mut dice = Dice(seed);
        let world = world(&mut dice, Holds::Anything);
        let reduced = |world: &World| {
            let world = world.clone();
            Seer(Box::new(move |asked| drive::ask(drive::memory(&world), asked)))
        };
        drawn += program(&mut dice, &world, drive::memory(&world), reduced);
    }
    assert!(drawn.entered > 500 && drawn.refused > 1000 && drawn.absent > 500, "{drawn:?}");
}

fn vault(world: &World, folder: &Path) -> Vault {
    // Times here are seconds of 1970, and by its own clock the vault would know that they are past.
    let (vault, _) = Vault::init(VaultOptions::at(folder).clock(|| std::time::SystemTime::UNIX_EPOCH))
        .expect("an empty folder");
    let alive = |one: &Instance| Instance { status: "active".to_owned(), ..one.clone() };
    let new: Vec<_> =
        world.instances.iter().map(|one| NewInstance::new(drive::instance(&alive(one)))).collect();
    if !new.is_empty() {
        vault.add(new, Add::Another).expect("a sound vault holds them");
    }
    for assigned in &world.assignments {
        // What it names may be out of the reach of the run whose world this is: then it is another consumer's.
        if world.instances.iter().any(|one| one.id == assigned.id) {
            let id = assigned.id.as_str().into();
            vault.assign(&drive::assignment(assigned), &assigned.key, &id).expect("a sound vault binds it");
        }
    }
    for one in world.instances.iter().filter(|one| one.status == "revoked") {
        vault.revoke(&one.id.as_str().into()).expect("it is there");
    }
    vault
}

#[test]
fn in_the_local_vault_nothing_out_of_reach_is_chosen_opened_told_or_distinguishable() {
    let mut drawn = Drawn::default();
    for seed in 0..15 {
        let mut dice = Dice(seed);
        let world = world(&mut dice, Holds::Sound);
        let folder = tempfile::tempdir().expect("a folder");
        let reduced = |world: &World| {
            let folder = tempfile::tempdir().expect("a folder");
            let vault = vault(world, folder.path());
            Seer(Box::new(move |asked| {
                let _lives = &folder;
                drive::ask(vault.clone(), asked)
            }))
        };
        drawn += program(&mut dice, &world, vault(&world, folder.path()), reduced);
    }
    assert!(drawn.entered > 10 && drawn.refused > 20 && drawn.absent > 3, "{drawn:?}");
}

/// The control: what is within reach is told, and the search sees it.
#[test]
fn the_search_finds_what_is_told() {
    let mut told = 0;
    for seed in 0..50 {
        let mut dice = Dice(seed);
        let world = world(&mut dice, Holds::Anything);
        let asked = asked(&mut dice, &world);
        let seen = drive::ask(drive::memory(&world), &asked);
        let near = world.instances.iter().filter(|instance| model::in_reach(instance, &asked));
        told += near.filter(|instance| shows(&seen.shown, &format!("label-of-{}", instance.id))).count();

        // And of a run that could reach all that it is told of, the attack is seen if its reach is taken away.
        let stranger = Asked { organization: "initech".to_owned(), ..asked };
        let store = RecordingStore::new(keystroke::MemoryStore::new());
        if seen.shown.contains("label-of-") {
            assert!(!attacked(&world, &stranger, &store, &seen).is_empty());
        }
    }
    assert!(told > 10, "{told}");
}
