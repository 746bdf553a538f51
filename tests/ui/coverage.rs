//! The tables of mistakes against the folders: each fixture has its row, and each row its fixture.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{self, fixtures};

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
    /// The name of a test of this package, where it shows only at run time.
    #[serde(default)]
    test: Option<String>,
    #[serde(default)]
    neighbours: BTreeMap<String, String>,
}

/// The rows of all topics.
fn rows() -> Vec<Row> {
    let tables = harness::files("fail", "toml").into_iter().chain(harness::files("pass", "toml"));
    let read = |table| {
        let text = std::fs::read_to_string(table).expect("a table");
        toml::from_str::<Coverage>(&text).expect("a sound table").row
    };
    tables.flat_map(read).collect()
}

#[test]
fn the_tables_and_the_folders_agree() {
    let sources: Vec<String> = harness::files("..", "rs").iter().flat_map(std::fs::read_to_string).collect();
    let mut named = BTreeSet::new();
    for row in rows() {
        assert!(row.fixture.is_some() || row.test.is_some(), "`{}` has no fixture and no test", row.mistake);
        if let Some(name) = &row.test {
            let is_there = sources.iter().any(|source| source.contains(&format!("fn {name}(")));
            assert!(is_there, "`{}`: there is no test `{name}`", row.mistake);
        }
        for fixture in row.fixture.iter().chain(row.neighbours.values()) {
            assert!(named.insert(fixture.clone()), "{fixture} stands in the tables twice");
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

/// Nothing finds the programs by itself.
#[test]
fn every_fixture_that_must_compile_is_a_program() {
    let programs = include_str!("programs.rs");
    let files = harness::files("pass", "rs");
    assert!(files.len() >= 2);
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a plain name");
        assert!(programs.contains(&format!("#[path = \"pass/{name}\"]")), "programs.rs has no `{name}`");
    }
}
