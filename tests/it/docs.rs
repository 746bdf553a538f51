//! The documents as they are read: code fits the page and is complete, links lead somewhere, and the facade has every
//! type of core.

use std::fs;
use std::path::{Path, PathBuf};

/// The widest line of a code block.
const COLUMNS: usize = 90;

#[test]
fn code_in_docs_fits_ninety_columns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = ["guide", "manifest", "observability", "semantics", "testing"];
    let mut files: Vec<PathBuf> =
        documents.map(|name| root.join("docs").join(name).with_extension("md")).into();
    files.extend(["CONTRIBUTING.md", "README.md"].map(|name| root.join(name)));
    let sources = fs::read_dir(root.join("src")).expect("the sources");
    files.extend(sources.map(|entry| entry.expect("an entry").path()));

    let mut blocks = 0;
    let mut wide = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a text");
        let of_rust = file.extension().is_some_and(|extension| extension == "rs");
        let mut within = false;
        for (number, line) in text.lines().enumerate() {
            let Some(line) = documented(line, of_rust) else {
                within = false;
                continue;
            };
            if line.trim_start().starts_with("```") {
                within = !within;
                blocks += usize::from(within);
            } else if within && line.chars().count() > COLUMNS {
                wide.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(blocks > 30, "the blocks of code were not found");
    assert!(wide.is_empty(), "wider than {COLUMNS} columns:\n{}", wide.join("\n"));
}

/// The line as a document has it: in a source, what follows `///` or `//!`.
fn documented(line: &str, of_rust: bool) -> Option<&str> {
    if !of_rust {
        return Some(line);
    }
    let line = line.trim_start();
    let line = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
    Some(line.strip_prefix(' ').unwrap_or(line))
}

/// The Markdown documents at the root, in `docs` and beside the examples.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.to_owned(), root.join("docs")];
    let examples = fs::read_dir(root.join("examples")).expect("the examples");
    folders.extend(examples.map(|entry| entry.expect("an entry").path()));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let files = entries.map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.extension().is_some_and(|of| of == "md")).collect()
}

/// rustdoc hides a line that begins with `# `; whoever reads or copies Markdown sees it, and it is not Rust.
#[test]
fn code_in_documents_has_no_lines_that_only_rustdoc_hides() {
    let mut blocks = 0;
    let mut hidden = Vec::new();
    for file in documents() {
        let text = fs::read_to_string(&file).expect("a text");
        let (mut within, mut of_rust) = (false, false);
        for (number, line) in text.lines().map(str::trim_start).enumerate() {
            if let Some(language) = line.strip_prefix("```") {
                within = !within;
                of_rust = within && (language.is_empty() || language.starts_with("rust"));
                blocks += usize::from(of_rust);
            } else if of_rust && (line == "#" || line.starts_with("# ")) {
                hidden.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(blocks > 10, "the blocks of Rust were not found");
    assert!(hidden.is_empty(), "hidden only in rustdoc:\n{}", hidden.join("\n"));
}

/// Whatever core exports may stand in a signature, so its user must be able to name it by this crate.
#[test]
fn every_type_that_core_exports_is_in_the_facade() {
    /// The types of hidden methods.
    const FOR_THE_MACROS: [&str; 1] = ["Declared"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = fs::read_dir(root.join("src")).expect("the sources");
    let sources = sources.map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("a text"));
    let facade = sources.map(|text| exports(&text).join(" ")).collect::<Vec<_>>().join(" ");
    let core = fs::read_to_string(root.join("keystroke-core/src/lib.rs")).expect("a text");
    let core = exports(&core);
    assert!(core.len() > 100, "the exports of core were not found: {core:?}");
    let missing = core.iter().filter(|name| !facade.split(' ').any(|exported| exported == *name));
    let missing: Vec<_> = missing.filter(|name| !FOR_THE_MACROS.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "not exported by the facade: {missing:?}");
}

/// The types that a source exports, by its `pub use …;`: the names in UpperCamelCase.
fn exports(source: &str) -> Vec<String> {
    let uses = source.split("\npub use ").skip(1).filter_map(|rest| rest.split_once(';'));
    let names = uses.flat_map(|(names, _)| names.split(|c: char| !c.is_alphanumeric() && c != '_'));
    let is_type =
        |name: &&str| name.starts_with(char::is_uppercase) && name.contains(|c: char| c.is_lowercase());
    names.filter(is_type).map(str::to_owned).collect()
}

/// `[how a call ends](semantics.md#41-how-a-call-ends)`, and `[errors]: semantics.md#4-errors`: the file is there, and
/// the heading in it.
#[test]
fn links_between_documents_lead_to_a_heading() {
    let mut followed = 0;
    let mut broken = Vec::new();
    for file in &documents() {
        let text = fs::read_to_string(file).expect("a text");
        let targets =
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        let defined = text
            .lines()
            .filter(|line| line.starts_with('['))
            .filter_map(|line| line.split_once("]: "))
            .map(|(_, target)| target);
        for target in targets.chain(defined).filter(|target| !target.contains("://")) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let to = if path.is_empty() { file.clone() } else { file.with_file_name(path) };
            let to_text = fs::read_to_string(&to).unwrap_or_default();
            let found =
                to.exists() && (heading.is_empty() || anchors(&to_text).any(|anchor| anchor == heading));
            followed += 1;
            if !found {
                broken.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(followed > 50, "the links were not found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The names under which the headings of a document are linked.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings =
        text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings.map(|heading| {
        let kept =
            heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    })
}
