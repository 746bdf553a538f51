//! What compiles, what does not, and what the author of it reads.
//!
//! Every file below `tests/ui/fail` holds one mistake. Its first line names the text that the one error must point at
//! (`//! primary: slgu`), and the `.stderr` beside it holds all that the compiler says. Every file in
//! `tests/ui/pass` is a program that compiles and runs, as a test of its own. `tests/ui/coverage.toml` is the table of mistakes with their fixtures.
//!
//! `KEYSTROKE_UI=bless cargo test -p keystroke --test ui` writes the `.stderr` files anew; read each as the person who
//! meets it. `KEYSTROKE_UI_ONLY=fail/lists` takes the fixtures alone whose names hold that text.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says how long it took"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

#[path = "ui/harness.rs"]
mod harness;

use harness::{Expected, Fixture, Said, fixtures, normalised, said_by_the_compiler};

#[test]
fn one_mistake_is_one_error_at_the_token_at_fault() {
    let (mut fail, mut pass) = (fixtures("fail"), fixtures("pass"));
    assert!(fail.len() > 100 && pass.len() > 1, "the fixtures were not found");
    if let Ok(only) = std::env::var("KEYSTROKE_UI_ONLY") {
        fail.retain(|fixture| fixture.name.contains(&only));
        pass.retain(|fixture| fixture.name.contains(&only));
    }
    let start = Instant::now();
    let said = said_by_the_compiler(fail.iter().chain(&pass));
    eprintln!("{} fixtures in {:.1} s", fail.len() + pass.len(), start.elapsed().as_secs_f32());

    let none = Vec::new();
    let said_of = |fixture: &Fixture| said.get(&fixture.name).unwrap_or(&none);
    let mut wrong: Vec<String> = Vec::new();
    for fixture in &fail {
        wrong.extend(counted(fixture, said_of(fixture)));
        wrong.extend(shown(fixture, said_of(fixture)));
    }
    for fixture in &pass {
        wrong.extend(
            said_of(fixture).iter().map(|said| format!("{} must compile:\n{}", fixture.name, said.rendered)),
        );
    }
    assert!(wrong.is_empty(), "{}\n{} findings", wrong.join("\n\n"), wrong.len());
}

/// What is wrong with the number of errors, or where they point.
fn counted(fixture: &Fixture, said: &[Said]) -> Option<String> {
    let (level, text) = match fixture.expected() {
        Some(Expected::Error(text)) => ("error", text),
        Some(Expected::Warning(text)) => ("warning", text),
        None => return Some(format!("{}: the first line must be `//! primary: …`", fixture.name)),
    };
    let found: Vec<&Said> = said.iter().filter(|said| said.level == "error" || said.level == level).collect();
    match found.as_slice() {
        [one] if one.primary == text => None,
        [one] => {
            Some(format!("{} points at `{}`, not at `{text}`:\n{}", fixture.name, one.primary, one.rendered))
        }
        all => {
            let all: String = all.iter().map(|said| said.rendered.as_str()).collect();
            Some(format!("{} must give one {level}, but gives {}:\n{all}", fixture.name, found.len()))
        }
    }
}

/// The difference between what is said and the `.stderr` file, which is written anew when blessing.
fn shown(fixture: &Fixture, said: &[Said]) -> Option<String> {
    let now = normalised(said);
    let file = fixture.path.with_extension("stderr");
    if std::env::var_os("KEYSTROKE_UI").is_some_and(|value| value == "bless") {
        std::fs::write(&file, now).expect("a fixture's folder");
        return None;
    }
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    (before != now)
        .then(|| format!("{}: the messages differ\n--- before\n{before}--- now\n{now}", fixture.name))
}

#[derive(serde::Deserialize)]
struct Coverage {
    row: Vec<Row>,
}

/// A row of the table: a mistake, its fixture or test, and the mistakes next to it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    mistake: String,
    #[serde(default)]
    fixture: Option<String>,
    /// `tests/file.rs::name`, where it shows at run time only.
    #[serde(default)]
    test: Option<String>,
    #[serde(default)]
    neighbours: BTreeMap<String, String>,
}

#[test]
fn the_table_and_the_folders_agree() {
    let table =
        std::fs::read_to_string(harness::repository().join("tests/ui/coverage.toml")).expect("the table");
    let table: Coverage = toml::from_str(&table).expect("a sound table");
    let mut named = BTreeSet::new();
    for row in &table.row {
        assert!(row.fixture.is_some() || row.test.is_some(), "`{}` has no fixture and no test", row.mistake);
        if let Some((file, name)) = row.test.as_deref().and_then(|test| test.split_once("::")) {
            let source = std::fs::read_to_string(harness::repository().join(file)).unwrap_or_default();
            assert!(
                source.contains(&format!("fn {name}(")),
                "`{}`: there is no test {file}::{name}",
                row.mistake
            );
        }
        for fixture in row.fixture.iter().chain(row.neighbours.values()) {
            assert!(named.insert(fixture.clone()), "{fixture} stands in the table twice");
        }
    }
    let found: BTreeSet<String> =
        fixtures("fail").into_iter().chain(fixtures("pass")).map(|fixture| fixture.name).collect();
    let without: Vec<_> = named.difference(&found).collect();
    assert!(without.is_empty(), "rows without a fixture: {without:?}");
    let without: Vec<_> = found.difference(&named).collect();
    assert!(without.is_empty(), "fixtures without a row: {without:?}");
}

#[test]
fn every_snapshot_has_its_fixture() {
    for file in harness::files("fail", "stderr") {
        assert!(file.with_extension("rs").exists(), "{} has no fixture", file.display());
    }
}

/// Cargo finds no programs there by itself.
#[test]
fn every_fixture_that_must_compile_is_a_program() {
    let manifest = include_str!("../Cargo.toml");
    let files = harness::files("pass", "rs");
    assert!(files.len() >= 2);
    for file in files {
        let path = file.strip_prefix(harness::repository()).expect("a fixture").display().to_string();
        assert!(
            manifest.contains(&format!("path = \"{path}\"\nharness = false")),
            "Cargo.toml has no `{path}`"
        );
    }
}
