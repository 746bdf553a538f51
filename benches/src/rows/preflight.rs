//! A preflight of 1,000 requirements: as a program asks before traffic whether it has all that it needs.

use std::hint::black_box;

use keystroke::declare::{Codec, FieldReader, FieldSpec, Invocation, Requirement};
use keystroke::vault::{Add, Vault};
use keystroke::{Action, Credential, Failure, Instance, MemoryStore, Runtime, scope};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::allocations::Counts;
use crate::measure::{Case, by_turns, timed};
use crate::subject::SECRET;
use crate::table::{Row, Table};
use crate::vaults::options;
use crate::{Failed, Plan};

/// The credential with this number.
struct Numbered<const N: usize>;

/// Their keys.
const KEYS: [&str; 10] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"];

impl<const N: usize> Credential for Numbered<N> {
    const KEY: &'static str = KEYS[N];
    type Pin = scope::Unpinned;
    const FIELDS: &'static [FieldSpec] = &[];
    fn read(_: &mut FieldReader<'_>) -> Option<Self> {
        Some(Self)
    }
    fn secrets(&self, _: &mut dyn FnMut(&'static str, &str)) {}
}

/// An action that asks for all ten, a hundred times each.
struct Thousand;

const TEN: [Requirement; 10] = [
    Requirement::of::<Numbered<0>>(),
    Requirement::of::<Numbered<1>>(),
    Requirement::of::<Numbered<2>>(),
    Requirement::of::<Numbered<3>>(),
    Requirement::of::<Numbered<4>>(),
    Requirement::of::<Numbered<5>>(),
    Requirement::of::<Numbered<6>>(),
    Requirement::of::<Numbered<7>>(),
    Requirement::of::<Numbered<8>>(),
    Requirement::of::<Numbered<9>>(),
];

static ALL: [Requirement; 1_000] = {
    let mut all = [TEN[0]; 1_000];
    let mut at = 0;
    while at < all.len() {
        all[at] = TEN[at % TEN.len()];
        at += 1;
    }
    all
};

impl Action for Thousand {
    type Input = std::collections::BTreeMap<String, i64>;
    type Output = ();
    type Error = Failure;
    type Pin = scope::Unpinned;
    type CredentialPins = scope::Unpinned;
    type Need = scope::NoUser;
    const SLUG: &'static str = "thousand";
    const DESCRIPTION: &'static str = "Asks for much.";
    const REQUIREMENTS: &'static [Requirement] = &ALL;
    const CODEC: Codec<Self::Input, (), Failure> = Codec::new();

    async fn execute(&self, _: Self::Input, _: &Invocation) -> Result<(), Failure> {
        Ok(())
    }
}

fn instances() -> impl Iterator<Item = Instance> {
    KEYS.iter().map(|key| Instance::new(*key).in_organization("acme").field("api_key", SECRET))
}

pub fn rows(plan: &Plan, _: &Counts, table: &mut Table) -> Result<(), Failed> {
    let tokio = Builder::new_current_thread().enable_all().build()?;
    let tools = keystroke::Toolset::builder().add(Thousand).build()?;
    let folder = TempDir::new()?;
    let (vault, _) = Vault::init(options(folder.path()))?;
    vault.add(instances(), Add::OnlyFirst)?;
    let memory = Runtime::new(instances().fold(MemoryStore::new(), MemoryStore::with));
    let vault = Runtime::new(vault);

    let preflight = |runtime: &Runtime| -> Case<'_> {
        let run = runtime.organization("acme").project("research");
        let (tools, tokio) = (&tools, &tokio);
        Box::new(move |times| {
            timed(|| {
                for _ in 0..times {
                    let found = tokio.block_on(tools.preflight(&run));
                    assert_eq!((found.findings().len(), found.is_ready()), (1_000, true));
                }
            })
        })
    };
    let bare = Connection::open(folder.path().join("vault.db"))?;
    let mut asking =
        bare.prepare("SELECT id, scope, owner FROM instances WHERE organization = ?1 AND key = ?2")?;
    let bare: Case<'_> = Box::new(move |times| {
        timed(|| {
            for number in 0..times * 1_000 {
                let key = KEYS[number as usize % KEYS.len()];
                let found = asking.query_row(["acme", key], |row| row.get::<_, String>(0));
                black_box(found.expect("an instance"));
            }
        })
    });
    let [memory, vault, bare] =
        by_turns(plan.rounds(100), 1..=64, [preflight(&memory), preflight(&vault), bare]);
    table.add(Row::beside(
        "preflight of 1,000 requirements, in memory",
        &memory,
        "1,000 bare SELECTs",
        &bare,
    ));
    table.add(Row::beside(
        "preflight of 1,000 requirements, local vault",
        &vault,
        "1,000 bare SELECTs",
        &bare,
    ));
    Ok(())
}
