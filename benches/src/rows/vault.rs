//! A warm credential in the local vault, while nobody writes and while another process does. Audit is on, as always:
//! each call leaves its row, and the rows are written between the rounds.

use std::time::Duration;

use keystroke::Runtime;
use moka::future::Cache;
use std::sync::Arc;
use tokio::runtime::Builder;

use super::warm::Ours;
use crate::allocations::Counts;
use crate::measure::{Case, by_turns, timed};
use crate::subject::{Aws, Exa, SECRET};
use crate::table::{Limit, Row, Table};
use crate::vaults::Scratch;
use crate::{Failed, Plan};

/// The pause between the other process's changes.
const PAUSE: Duration = Duration::from_millis(20);
/// Calls in one round: 100,000 rows may wait for the record, and no more.
const MOST: u32 = 2_000;

pub fn rows(plan: &Plan, counts: &Counts, table: &mut Table) -> Result<(), Failed> {
    let scratch = Scratch::new()?;
    measure(plan, counts, table, &scratch, "nobody writes")?;
    let before = scratch.version()?;
    let writer = scratch.with_writer(PAUSE)?;
    measure(plan, counts, table, &scratch, "another process writes 50 times a second")?;
    drop(writer);
    if scratch.version()? < before + 10 {
        return Err("the other process hardly wrote".into());
    }
    Ok(())
}

fn measure(plan: &Plan, counts: &Counts, table: &mut Table, scratch: &Scratch, while_: &str) -> Result<(), Failed> {
    let tokio = Builder::new_current_thread().enable_all().build()?;
    let ours = Ours::on(Runtime::new(scratch.vault.clone()))?;
    let aws = Aws::new();
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
        timed(|| tokio.block_on(async {
            for _ in 0..times {
                std::hint::black_box(moka.get("exa").await.expect("what was put there"));
            }
        }))
    });
    let aws_hit: Case<'_> = Box::new(|times| {
        timed(|| tokio.block_on(async {
            for _ in 0..times {
                aws.hit().await;
            }
        }))
    });
    let [typed, json, moka, aws] = by_turns(plan.rounds(300), MOST, [typed, json, moka_hit, aws_hit]);
    let count = |name: &str| counts.get(name).copied();
    table.add(
        Row::beside(format!("typed run, warm, local vault; {while_}"), &typed, "moka hit, stale for its TTL", &moka)
            .allocations(count("vault typed")),
    );
    table.add(
        Row::beside(format!("typed run, warm, local vault; {while_}"), &typed, "AWS identity-cache hit", &aws)
            .at_most(Limit::Nanoseconds(1_500.0))
            .allocations(count("vault typed")),
    );
    table.add(
        Row::beside(format!("JSON call, warm, local vault; {while_}"), &json, "AWS identity-cache hit", &aws)
            .allocations(count("vault json")),
    );
    Ok(())
}
