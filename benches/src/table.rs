//! The table: Markdown, one line per row of DESIGN §5, with the machine above it.

use std::fmt::Write as _;
use std::process::Command;

use crate::measure::{Spread, Timings};

/// What a row holds a limit to.
#[derive(Clone, Copy)]
pub enum Limit {
    /// The ratio is at most so much.
    Ratio(f64),
    /// Ours takes at most so many nanoseconds.
    Nanoseconds(f64),
    None,
}

pub struct Row {
    name: String,
    ours: Spread,
    peer: Option<(String, Spread)>,
    ratio: Option<Spread>,
    allocations: Option<u64>,
    limit: Limit,
}

impl Row {
    /// `ours` beside a peer that was timed in the same rounds.
    pub fn beside(
        name: impl Into<String>,
        ours: &Timings,
        peer_name: impl Into<String>,
        peer: &Timings,
    ) -> Self {
        Self {
            name: name.into(),
            ours: ours.spread(),
            peer: Some((peer_name.into(), peer.spread())),
            ratio: Some(ours.over(peer)),
            allocations: None,
            limit: Limit::None,
        }
    }

    /// `ours` without anything to compare it with.
    pub fn alone(name: impl Into<String>, ours: &Timings) -> Self {
        let (name, ours) = (name.into(), ours.spread());
        Self { name, ours, peer: None, ratio: None, allocations: None, limit: Limit::None }
    }

    /// The row under a longer name.
    pub fn with(mut self, words: &str) -> Self {
        self.name.push_str(words);
        self
    }

    pub fn at_most(mut self, limit: Limit) -> Self {
        self.limit = limit;
        self
    }

    /// Allocations of one call of ours.
    pub fn allocations(mut self, count: Option<u64>) -> Self {
        self.allocations = count;
        self
    }

    /// Whether it is what can be: a time that is none, or a ratio of a million, is a mistake of the benchmark.
    fn is_nonsense(&self) -> bool {
        let peer = self.peer.as_ref().map(|(_, peer)| peer.median);
        let ratio = self.ratio.map(|ratio| ratio.median);
        std::iter::once(self.ours.median).chain(peer).any(|time| !(0.05..1e11).contains(&time))
            || ratio.is_some_and(|ratio| !(1e-6..1e6).contains(&ratio))
    }

    fn verdict(&self) -> String {
        let (is, most, unit) = match self.limit {
            Limit::None => return String::new(),
            Limit::Ratio(most) => (self.ratio.map_or(f64::NAN, |ratio| ratio.median), most, "×"),
            Limit::Nanoseconds(most) => (self.ours.median, most, " ns"),
        };
        format!("{} (≤ {most}{unit})", if is <= most { "met" } else { "**missed**" })
    }

    fn line(&self) -> String {
        let peer = self
            .peer
            .as_ref()
            .map_or_else(|| "–".to_owned(), |(name, peer)| format!("{}: {}", name, time(peer.median)));
        let ratio = self.ratio.map_or_else(
            || "–".to_owned(),
            |ratio| format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.low, ratio.high),
        );
        let allocations = self.allocations.map_or_else(|| "–".to_owned(), |count| count.to_string());
        let ours = format!("{} ({}–{})", time(self.ours.median), time(self.ours.low), time(self.ours.high));
        format!("| {} | {ours} | {peer} | {ratio} | {allocations} | {} |", self.name, self.verdict())
    }
}

/// Nanoseconds as one reads them.
fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ..100.0 => format!("{nanoseconds:.1} ns"),
        ..10_000.0 => format!("{nanoseconds:.0} ns"),
        ..10_000_000.0 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.1} ms", nanoseconds / 1e6),
    }
}

/// Collects rows, and prints each as it comes: a run takes minutes.
#[derive(Default)]
pub struct Table {
    nonsense: Vec<String>,
    begun: bool,
}

impl Table {
    pub fn add(&mut self, row: Row) {
        if !self.begun {
            self.begun = true;
            println!("{}", machine());
            println!("| row | ours (quartiles) | peer | ratio (quartiles) | allocations | goal |");
            println!("| --- | ---: | ---: | ---: | ---: | --- |");
        }
        println!("{}", row.line());
        if row.is_nonsense() {
            self.nonsense.push(row.name);
        }
    }

    /// # Errors
    /// The rows that can't be.
    pub fn end(self) -> Result<(), String> {
        if self.nonsense.is_empty() && self.begun {
            Ok(())
        } else {
            Err(format!("these rows can't be right: {:?}", self.nonsense))
        }
    }
}

/// Where and when.
fn machine() -> String {
    let first =
        |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".to_owned());
    let run = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let processor = read("/proc/cpuinfo").and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let load = read("/proc/loadavg").map(|text| text.split(' ').take(3).collect::<Vec<_>>().join(" "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut text = String::new();
    let _ = writeln!(text, "{} cores of {}, {}", cores, first(processor), first(run("uname", "-sr")));
    let _ = writeln!(text, "{}, release build", first(run("rustc", "--version")));
    let _ = writeln!(text, "{}, load {}", first(run("date", "-u")), first(load));
    text
}
