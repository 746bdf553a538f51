//! Timing by turns: each round times every case once, in one process, so that what slows the machine down for a moment
//! slows all of them. A row's ratio is taken within a round, and what is shown is the median of all rounds.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// Something that is timed: told how often to do its work, it tells how long that took. What has to be prepared is not
/// part of the time.
pub type Case<'a> = Box<dyn FnMut(u32) -> Duration + 'a>;

/// About how long a case is timed in one round.
const SLICE: Duration = Duration::from_millis(2);

/// Nanoseconds per repetition, one number for each round.
pub struct Timings(Vec<f64>);

/// Times each case in each of so many rounds, with so many repetitions in a round as fill [`SLICE`], within those.
pub fn by_turns<const N: usize>(
    rounds: usize,
    within: RangeInclusive<u32>,
    mut cases: [Case<'_>; N],
) -> [Timings; N] {
    let (least, most) = within.into_inner();
    let repetitions = cases.each_mut().map(|case| {
        let mut repetitions = least;
        // Warm, and long enough for the clock.
        loop {
            let took = case(repetitions);
            if took * 2 >= SLICE || repetitions >= most {
                break repetitions;
            }
            repetitions = (repetitions * 2).min(most);
        }
    });
    let mut timings = [const { Timings(Vec::new()) }; N];
    for _ in 0..rounds {
        for ((case, repetitions), timings) in cases.iter_mut().zip(repetitions).zip(&mut timings) {
            timings.0.push(case(repetitions).as_nanos() as f64 / f64::from(repetitions));
        }
    }
    timings
}

/// Times `work` alone.
pub fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

/// The median and the quartiles.
#[derive(Clone, Copy)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Spread {
    fn of(mut numbers: Vec<f64>) -> Self {
        assert!(!numbers.is_empty() && numbers.iter().all(|n| n.is_finite()), "a case was not timed");
        numbers.sort_by(f64::total_cmp);
        let at = |part: f64| numbers[((numbers.len() - 1) as f64 * part).round() as usize];
        Self { low: at(0.25), median: at(0.5), high: at(0.75) }
    }
}

impl Timings {
    pub fn spread(&self) -> Spread {
        Spread::of(self.0.clone())
    }

    /// This over the other, round by round.
    pub fn over(&self, other: &Self) -> Spread {
        Spread::of(self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect())
    }

    /// This without the other, round by round.
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a - b).collect())
    }
}
