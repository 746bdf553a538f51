//! A cold credential: resolve, open, validate, and the audit row committed before the value is lent, beside the bare
//! SQLite statements that this needs.
//!
//! Cold is a key that this handle of the vault has never read; the system has the files' pages in memory. Each round
//! opens the vault anew, which is not timed, and calls so many organizations, chosen at random.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use keystroke::prelude::*;
use rusqlite::{Connection, Statement, TransactionBehavior};
use tokio::runtime::{Builder, Runtime as Tokio};

use crate::allocations::Counts;
use crate::measure::{Case, Timings, by_turns};
use crate::subject::{Add, AddInput};
use crate::table::{Limit, Row, Table};
use crate::vaults::{Large, options};
use crate::{Failed, Plan};

/// Calls in one round.
const CALLS: u32 = 40;

pub fn rows(plan: &Plan, counts: &Counts, table: &mut Table) -> Result<(), Failed> {
    let most = if plan.quick { 10_000 } else { 1_000_000 };
    let middle = if plan.quick { 3_000 } else { 100_000 };
    for per_key in [1, 100] {
        let sizes = [1_000, middle, most];
        let [a, b, c] = sizes.map(|instances| Large::of(instances, per_key));
        let vaults = [a?, b?, c?];
        for vault in &vaults {
            vault.read_through()?;
        }
        let bare = [Bare::of(&vaults[0])?, Bare::of(&vaults[1])?, Bare::of(&vaults[2])?];
        let tokio = Builder::new_current_thread().enable_all().build()?;
        let [v1, v2, v3] = vaults.each_ref().map(|vault| ours(vault, &tokio));
        let [b1, b2, b3] = bare.each_ref().map(Bare::case);
        let [o1, p1, o2, p2, o3, p3] = by_turns(plan.rounds(60), CALLS..=CALLS, [v1, b1, v2, b2, v3, b3]);
        let among = |instances: usize| format!("{instances} instances, {per_key} per key");
        let mut row = |instances: usize, ours: &Timings, peer: &Timings, limit: Limit| {
            let name = format!("cold call, local vault, {}", among(instances));
            table.add(
                Row::beside(name, ours, "the bare SQLite statements", peer)
                    .at_most(limit)
                    .allocations(counts.get("cold").copied().filter(|_| per_key == 1)),
            );
        };
        row(sizes[0], &o1, &p1, Limit::None);
        row(sizes[1], &o2, &p2, Limit::None);
        row(sizes[2], &o3, &p3, Limit::Ratio(2.0));
        let name = format!("cold call, local vault: {} over {}", among(sizes[2]), sizes[0]);
        table.add(Row::beside(name, &o3, "the smaller one", &o1).at_most(Limit::Ratio(5.0)));
    }
    Ok(())
}

/// Numbers without an order, the same in each run.
struct Shuffled(u64);

impl Shuffled {
    fn below(&mut self, limit: usize) -> usize {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    /// Different organizations of a vault, as many as there are calls if it has so many.
    fn organizations(&mut self, of: &Large, calls: u32) -> Vec<usize> {
        let wanted = (calls as usize).min(of.organizations() - 1);
        let mut chosen = Vec::with_capacity(wanted);
        while chosen.len() < wanted {
            let one = self.below(of.organizations());
            if !chosen.contains(&one) {
                chosen.push(one);
            }
        }
        chosen
    }
}

/// What a round took for each of its calls, for as many as were asked for.
fn scaled(took: Duration, made: usize, asked: u32) -> Duration {
    took.mul_f64(f64::from(asked) / made as f64)
}

/// A runtime on a handle of the vault that has read nothing yet.
pub fn runtime(large: &Large) -> Runtime {
    Runtime::new(Vault::open_with(options(&large.folder)).expect("a vault"))
}

pub async fn call(runtime: &Runtime, organization: usize) {
    let run = runtime.organization(Large::organization(organization)).project("p0");
    let sum = Add.run(&run, AddInput { a: 1, b: 2 }).await.expect("a sum");
    assert_eq!(sum.sum, 3);
}

fn ours<'a>(large: &'a Large, tokio: &'a Tokio) -> Case<'a> {
    let mut shuffled = Shuffled(0x9e37_79b9_7f4a_7c15);
    Box::new(move |times| {
        let runtime = runtime(large);
        let mut chosen = shuffled.organizations(large, times + 1);
        tokio.block_on(async {
            // A connection is opened by the first call.
            call(&runtime, chosen.pop().expect("organizations")).await;
            let begun = Instant::now();
            for organization in &chosen {
                call(&runtime, *organization).await;
            }
            scaled(begun.elapsed(), chosen.len(), times)
        })
    })
}

/// The same files, and what is asked of them, without keystroke.
struct Bare<'a> {
    large: &'a Large,
}

const GROUP: &str = "SELECT id, scope, owner, kind, label, is_default, status, version, account, granted, expires_at, \
    created_at, updated_at, fields, short_fields, sealed FROM instances WHERE organization = ?1 AND key = ?2 ORDER BY id";
const ASSIGNMENTS: &str = "SELECT project, consumer_kind, consumer, action, instance FROM assignments WHERE \
    organization = ?1 AND key = ?2 ORDER BY project, consumer_kind, consumer, action";
const SEAL: &str = "SELECT key_id, mac FROM seals WHERE organization = ?1 AND key = ?2";
const SEALED: &str = "SELECT sealed FROM instances WHERE organization = ?1 AND key = ?2 AND id = ?3";
const HEAD: &str = "SELECT base_seq, base_mac, last_seq, last_mac, key_id, mac FROM head WHERE id = 1";
const INSERT: &str = "INSERT INTO entries (seq, at, event, run, origin, consumer, action, organization, project, user, \
    key, field, instance, version, generation, rule, code, cause, os_user, uid, process, program, key_id, mac) SELECT \
    ?1, ?2, 'open', 'run-1234567890abcdef-1', 'direct', 'direct', 'add', ?3, 'p0', NULL, 'exa', NULL, ?4, 1, NULL, \
    'R4', NULL, NULL, 'root', 0, 4711, 'keystroke-benches', 'abcdefgh', ?5";
const HEAD_ON: &str = "INSERT OR REPLACE INTO head (id, base_seq, base_mac, last_seq, last_mac, key_id, mac) VALUES \
    (1, 0, ?2, ?1, ?2, 'abcdefgh', ?2)";

impl<'a> Bare<'a> {
    /// Beside a copy of the audit record, which is written to.
    fn of(large: &'a Large) -> Result<Self, Failed> {
        let copy = Self::audit(large);
        for leftover in ["-wal", "-shm"] {
            let mut file = copy.clone().into_os_string();
            file.push(leftover);
            let _ = std::fs::remove_file(file);
        }
        // Whoever opened the record last has put its log away.
        std::fs::copy(large.folder.join("audit.db"), copy)?;
        Ok(Self { large })
    }

    fn audit(large: &Large) -> std::path::PathBuf {
        large.folder.join("audit-of-nobody.db")
    }

    fn case(&self) -> Case<'a> {
        let large = self.large;
        let mut shuffled = Shuffled(0x9e37_79b9_7f4a_7c15);
        Box::new(move |times| {
            let chosen = shuffled.organizations(large, times + 1);
            round(large, &chosen, times).expect("SQLite's answers")
        })
    }
}

/// Settings as keystroke has them.
fn connect(file: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// Shows all of each row.
fn show(statement: &mut Statement<'_>, parameters: &[&str]) -> rusqlite::Result<Option<String>> {
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
    let mut first = None;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            black_box(row.get_ref(column)?);
        }
        if first.is_none() {
            first = row.get_ref(0)?.as_str().ok().map(str::to_owned);
        }
    }
    Ok(first)
}

fn round(large: &Large, chosen: &[usize], times: u32) -> rusqlite::Result<Duration> {
    let vault = connect(&large.folder.join("vault.db"), "FULL")?;
    let audit = connect(&Bare::audit(large), "NORMAL")?;
    let mut group = vault.prepare(GROUP)?;
    let mut assignments = vault.prepare(ASSIGNMENTS)?;
    let mut seal = vault.prepare(SEAL)?;
    let mut sealed = vault.prepare(SEALED)?;
    let mut head = audit.prepare(HEAD)?;
    let mut insert = audit.prepare(INSERT)?;
    let mut head_on = audit.prepare(HEAD_ON)?;
    let mut last: i64 = audit.query_row("SELECT max(seq) FROM entries", [], |row| row.get(0))?;
    let mut one = |organization: usize| -> rusqlite::Result<()> {
        let organization = Large::organization(organization);
        let of = [organization.as_str(), "exa"];
        let moment = vault.unchecked_transaction()?;
        let id = show(&mut group, &of)?.unwrap_or_default();
        show(&mut assignments, &of)?;
        show(&mut seal, &of)?;
        moment.rollback()?;
        let writing = rusqlite::Transaction::new_unchecked(&audit, TransactionBehavior::Immediate)?;
        head.query_row([], |row| row.get::<_, i64>(2))?;
        last += 1;
        insert.execute(rusqlite::params![last, 1_800_000_000_000_i64, organization, id, [7_u8; 32]])?;
        head_on.execute(rusqlite::params![last, [7_u8; 32]])?;
        writing.commit()?;
        show(&mut sealed, &[organization.as_str(), "exa", &id])?;
        Ok(())
    };
    let (first, chosen) = chosen.split_last().expect("organizations");
    one(*first)?;
    let begun = Instant::now();
    for organization in chosen {
        one(*organization)?;
    }
    Ok(scaled(begun.elapsed(), chosen.len(), times))
}
