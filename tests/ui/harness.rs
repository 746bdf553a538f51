//! Compiles all fixtures in one generated project, each as a binary of it, and reads what the compiler says as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One fixture: `fail/attribute/unknown_key`.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// What the first line of a fixture promises.
pub(crate) enum Expected {
    Error(String),
    Warning(String),
}

impl Fixture {
    pub(crate) fn expected(&self) -> Option<Expected> {
        let source = fs::read_to_string(&self.path).ok()?;
        let first = source.lines().next()?;
        let error = first.strip_prefix("//! primary: ").map(|text| Expected::Error(text.to_owned()));
        error.or_else(|| first.strip_prefix("//! warning: ").map(|text| Expected::Warning(text.to_owned())))
    }

    /// The binary's name in the generated project.
    fn binary(&self) -> String {
        self.name.replace('/', "--")
    }
}

/// All files of a kind below `tests/ui/<folder>`, sorted.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![repository().join("tests/ui").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of fixtures") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn fixtures(folder: &str) -> Vec<Fixture> {
    let root = repository().join("tests/ui");
    files(folder, "rs")
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).expect("a fixture").with_extension("");
            Fixture { name: name.to_str().expect("a plain name").to_owned(), path }
        })
        .collect()
}

/// One thing that the compiler says.
pub(crate) struct Said {
    pub(crate) level: String,
    /// The text that the primary span covers; of several lines, the first.
    pub(crate) primary: String,
    pub(crate) rendered: String,
    /// The fixture itself, whose line numbers stay in the snapshot.
    file: String,
}

/// Compiles all fixtures and returns what was said of each.
pub(crate) fn said_by_the_compiler<'f>(
    fixtures: impl Iterator<Item = &'f Fixture>,
) -> BTreeMap<String, Vec<Said>> {
    let repository = repository();
    let target = repository.join("target/tests/ui");
    let project = target.join("project");
    fs::create_dir_all(&project).expect("a folder");
    let mut manifest = format!(
        r#"[workspace]
[package]
name = "fixtures"
version = "0.0.0"
edition = "2024"
autobins = false
[dependencies]
keystroke = {{ path = {:?} }}
schemars = "1"
serde = {{ version = "1", features = ["derive"] }}
serde_json = "1"
thiserror = "2"
tokio = {{ version = "1", features = ["rt-multi-thread", "macros", "time", "sync"] }}
"#,
        repository.display().to_string()
    );
    let mut names = BTreeMap::new();
    for fixture in fixtures {
        let binary = fixture.binary();
        let path = fixture.path.display().to_string();
        write!(manifest, "[[bin]]\nname = {binary:?}\npath = {path:?}\n").expect("a text");
        names.insert(binary, fixture);
    }
    write_if_new(&project.join("Cargo.toml"), &manifest);
    // The same versions, so that nothing is downloaded.
    fs::copy(repository.join("Cargo.lock"), project.join("Cargo.lock")).expect("a lock file");

    let check = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--bins", "--keep-going", "--message-format=json"])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .current_dir(&project)
        .output()
        .expect("cargo runs");
    let mut all: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    let mut any = false;
    for line in String::from_utf8_lossy(&check.stdout).lines() {
        let line: Value = serde_json::from_str(line).expect("a message");
        any |= line["target"]["name"].as_str().is_some_and(|name| names.contains_key(name));
        let Some(fixture) = line["target"]["name"].as_str().and_then(|name| names.get(name)) else {
            continue;
        };
        if let Some(said) = said(&line, fixture) {
            all.entry(fixture.name.clone()).or_default().push(said);
        }
    }
    assert!(any, "the fixtures were not compiled:\n{}", String::from_utf8_lossy(&check.stderr));
    all
}

fn said(line: &Value, fixture: &Fixture) -> Option<Said> {
    let message = &line["message"];
    let level = message["level"].as_str().filter(|level| matches!(*level, "error" | "warning"))?;
    let spans = message["spans"].as_array()?;
    let text = message["message"].as_str()?;
    if spans.is_empty() && (text.starts_with("aborting due to") || text.ends_with("emitted")) {
        return None;
    }
    Some(Said {
        level: level.to_owned(),
        primary: spans.iter().find(|span| span["is_primary"] == true).map(covered).unwrap_or_default(),
        rendered: message["rendered"].as_str()?.to_owned(),
        file: format!("tests/ui/{}.rs", fixture.name),
    })
}

/// The text that a span covers.
fn covered(span: &Value) -> String {
    let line = &span["text"][0];
    let at = |key: &str| line[key].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(1) - 1;
    let text = line["text"].as_str().unwrap_or_default();
    text.chars().take(at("highlight_end")).skip(at("highlight_start")).collect()
}

/// What was said, without what differs between machines, versions and with other code: folders, the private module's
/// version, and the lines of other files.
pub(crate) fn normalised(said: &[Said]) -> String {
    let root = format!("{}/", repository().display());
    let versioned = format!("__private_{}", env!("CARGO_PKG_VERSION").replace('.', "_"));
    let mut texts: Vec<String> = said
        .iter()
        .map(|said| {
            let mut text = String::new();
            let mut elsewhere = false;
            for line in said.rendered.replace(&root, "").replace(&versioned, "__private").lines() {
                let trimmed = line.trim_start();
                if let Some(place) = trimmed.strip_prefix("--> ").or_else(|| trimmed.strip_prefix("::: ")) {
                    elsewhere = !place.starts_with(&said.file);
                    if elsewhere {
                        let place = place
                            .rsplit_once(".rs:")
                            .map_or(place, |(_, lines)| place.trim_end_matches(lines).trim_end_matches(':'));
                        let place = place.rsplit_once("/.cargo/").map_or(place, |(_, file)| file);
                        let place = if place.contains("/lib/rustlib/") { "std" } else { place };
                        writeln!(text, " --> {place}").expect("a text");
                        continue;
                    }
                }
                // Lines of source begin with a number or a bar.
                let is_source = trimmed.starts_with('|')
                    || trimmed.starts_with("...")
                    || trimmed.split_once(' ').is_some_and(|(number, rest)| {
                        number.parse::<u32>().is_ok() && rest.trim_start().starts_with('|')
                    });
                if elsewhere && is_source {
                    continue;
                }
                elsewhere &= is_source;
                writeln!(text, "{}", line.trim_end()).expect("a text");
            }
            text
        })
        .collect();
    texts.sort();
    texts.concat()
}

fn write_if_new(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::write(path, text).expect("a file");
    }
}
