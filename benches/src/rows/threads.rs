//! Eight threads that call at the same time: how long each call takes of all their time together.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use keystroke::Runtime;
use moka::future::Cache;
use tokio::runtime::Builder;

use super::warm::Ours;
use crate::allocations::Counts;
use crate::measure::{Case, by_turns};
use crate::subject::{Aws, Exa, SECRET, memory};
use crate::table::{Row, Table};
use crate::vaults::Scratch;
use crate::{Failed, Plan};

const THREADS: u32 = 8;

/// Calls of one round, of all threads: enough that all of them run for most of it.
const CALLS: u32 = 64_000;

/// Has each thread do its part of `times`, and then `end`: from when the first one begins to when the last one has ended.
fn together<F: Future<Output = ()>>(
    times: u32,
    one: impl Fn(u32) -> F + Sync,
    end: impl FnOnce(),
) -> Duration {
    let each = times.div_ceil(THREADS);
    let start = Barrier::new(THREADS as usize);
    let took = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let tokio = Builder::new_current_thread().enable_time().build().expect("an executor");
                    start.wait();
                    let begun = Instant::now();
                    tokio.block_on(async {
                        for number in 0..each {
                            one(number).await;
                        }
                    });
                    begun
                })
            })
            .collect();
        let begun = threads.into_iter().map(|thread| thread.join().expect("no call panics")).min();
        let begun = begun.expect("threads");
        end();
        begun.elapsed()
    });
    took.mul_f64(f64::from(times) / f64::from(each * THREADS))
}

pub fn rows(plan: &Plan, _: &Counts, table: &mut Table) -> Result<(), Failed> {
    let in_memory = Ours::on(memory())?;
    let scratch = Scratch::new()?;
    let vault = Ours::on(Runtime::new(scratch.vault.clone()))?;
    let aws = Aws::default();
    let moka: Cache<String, Arc<Exa>> = Cache::builder().time_to_live(Duration::from_secs(60)).build();
    let exa = Arc::new(Exa { api_key: SECRET.into() });
    Builder::new_current_thread().build()?.block_on(moka.insert("exa".to_owned(), exa));

    let ours: Case<'_> = Box::new(|times| together(times, |n| in_memory.typed(n.into()), || {}));
    let aws_hit: Case<'_> = Box::new(|times| together(times, |_| aws.hit(), || {}));
    let moka_hit: Case<'_> = Box::new(|times| {
        let hit = |_| async { drop(black_box(moka.get("exa").await)) };
        together(times, hit, || {})
    });
    let vault_call: Case<'_> = Box::new(|times| {
        let took = together(times, |n| vault.typed(n.into()), || {});
        scratch.vault.flush().expect("the record can be written");
        took
    });
    let cases = [ours, aws_hit, moka_hit, vault_call];
    let [ours, aws, moka, on_vault] = by_turns(plan.rounds(60), CALLS..=CALLS, cases);
    let name = "8 threads, typed run, warm, all their time for one call";
    table.add(Row::beside(format!("{name}, in memory"), &ours, "AWS identity-cache hit", &aws));
    table.add(Row::beside(format!("{name}, in memory"), &ours, "moka hit", &moka));
    table.add(Row::beside(format!("{name}, local vault"), &on_vault, "AWS identity-cache hit", &aws));

    // Until all of their rows are in the record: what goes on for ever.
    let written: Case<'_> = Box::new(|times| {
        let end = || scratch.vault.flush().expect("the record can be written");
        together(times, |n| vault.typed(n.into()), end)
    });
    let [written] = by_turns(plan.rounds(20), CALLS..=CALLS, [written]);
    table.add(Row::alone("8 threads, the same until all audit rows are written", &written));
    Ok(())
}
