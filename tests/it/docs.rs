//! Code in the documents and in the facade's rustdoc is read without scrolling.

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

/// `[how a call ends](semantics.md#41-how-a-call-ends)`, and `[errors]: semantics.md#4-errors`: the file is there, and
/// the heading in it.
#[test]
fn links_between_documents_lead_to_a_heading() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents =
        fs::read_dir(root.join("docs")).expect("the documents").map(|entry| entry.expect("an entry").path());
    let at_the_root =
        ["CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"].map(|name| root.join(name));
    let files: Vec<PathBuf> =
        documents.filter(|path| path.extension().is_some_and(|of| of == "md")).chain(at_the_root).collect();

    let mut followed = 0;
    let mut broken = Vec::new();
    for file in &files {
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
