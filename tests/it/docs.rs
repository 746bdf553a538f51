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
