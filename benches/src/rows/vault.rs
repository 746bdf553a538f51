//! A warm credential in the local vault, while nobody writes and while another process does. Audit is on, as always:
//! each call leaves its row, and the rows are written between the rounds.

use std::time::{Duration, Instant};

use keystroke::Runtime;
use moka::future::Cache;
use std::sync::Arc;
use tokio::runtime::Builder;

use super::warm::Ours;
use crate::allocations::Counts;
use crate::measure::{Case, Timings, by_turns, timed};
use crate::subject::{Aws, Exa, SECRET};
use crate::table::{Limit, Row, Table};
use crate::vaults::Scratch;
use crate::{Failed, Plan};

/// The pause between the other process's changes.
const PAUSE: Duration = Duration::from_millis(10);
/// Calls in one round: 100,000 rows may wait for the record, and no more.
const CALLS: u32 = 4_000;

pub fn rows(plan: &Plan, counts: &Counts, table: &mut Table) -> Result<(), Failed> {
    let scratch = Scratch::new()?;
    for row in measure(plan, counts, &scratch, "nobody writes")? {
        table.add(row);
    }
    let writer = scratch.with_writer(PAUSE)?;
    let (before, begun) = (scratch.version()?, Instant::now());
    let rows = measure(plan, counts, &scratch, "another process writes")?;
    let pace = (scratch.version()? - before) as f64 / begun.elapsed().as_secs_f64();
    drop(writer);
    if pace < 1.0 {
        return Err("the other process hardly wrote".into());
    }
    for row in rows {
        table.add(row.with(&format!(", {pace:.0} times a second")));
    }
    Ok(())
}

fn measure(plan: &Plan, counts: &Counts, scratch: &Scratch, while_: &str) -> Result<[Row; 3], Failed> {
    let tokio = Builder::new_current_thread().enable_all().build()?;
    let ours = Ours::on(Runtime::new(scratch.vault.clone()))?;
    let aws = Aws::default();
    let moka: Cache<String, Arc<Exa>> = Cache::builder().time_to_live(Duration::from_secs(60)).build();
    tokio.block_on(moka.insert("exa".to_owned(), Arc::new(Exa { api_key: SECRET.into() })));

    // The rows that they leave are written before the next round, not within this one.
    let mut typed = ours.typed_case(&tokio);
    let typed: Case<'_> = Box::new(|times| {
        let took = typed(times);
        scratch.vault.flush().expect("the record can be written");
        took
    });
    let mut json = ours.json_case(&tokio);
    let json: Case<'_> = Box::new(|times| {
        let took = json(times);
        scratch.vault.flush().expect("the record can be written");
        took
    });
    let moka_hit: Case<'_> = Box::new(|times| {
        timed(|| {
            tokio.block_on(async {
                for _ in 0..times {
                    std::hint::black_box(moka.get("exa").await.expect("what was put there"));
                }
            })
        })
    });
    let aws_hit: Case<'_> = Box::new(|times| {
        timed(|| {
            tokio.block_on(async {
                for _ in 0..times {
                    aws.hit().await;
                }
            })
        })
    });
    let [typed, json, moka, aws] =
        by_turns(plan.rounds(100), CALLS..=CALLS, [typed, json, moka_hit, aws_hit]);
    let count = |name: &str| counts.get(name).copied();
    let row = |name: &str, ours: &Timings, peer_name: &str, peer: &Timings, allocations: &str| {
        Row::beside(format!("{name}, warm, local vault; {while_}"), ours, peer_name, peer)
            .allocations(count(allocations))
    };
    Ok([
        row("typed run", &typed, "moka hit, stale for its TTL", &moka, "vault typed"),
        row("typed run", &typed, "AWS identity-cache hit", &aws, "vault typed")
            .at_most(Limit::Nanoseconds(1_500.0)),
        row("JSON call", &json, "AWS identity-cache hit", &aws, "vault json"),
    ])
}
