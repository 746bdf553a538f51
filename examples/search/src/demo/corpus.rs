//! The text that the stand-in searches: the Markdown and Rust files of a folder, cut into sections and kept in an
//! SQLite FTS5 index in memory.

use std::path::{Path, PathBuf};
use std::{fs, io};

use rusqlite::{Connection, params};

/// Bounds for a folder much larger than a repository, so that the program still starts at once.
const MAX_FILES: usize = 5_000;
const MAX_FILE_BYTES: u64 = 1 << 20;
const MAX_BYTES: u64 = 16 << 20;
/// A section without headings or items is cut at a blank line after this many lines, and at any line after half as
/// many more.
const CHUNK_LINES: usize = 40;
/// Words of a query beyond these are not looked for.
const MAX_WORDS: usize = 64;

/// Why a folder could not be indexed.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// It is not a folder, or may not be read.
    #[error("the folder {} can't be read: {source}. To fix it, give an existing folder: `--corpus <folder>`", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// SQLite failed.
    #[error("the search index failed: {0}")]
    Index(#[from] rusqlite::Error),
}

/// One section that a query found.
#[derive(Debug)]
pub struct Hit {
    /// Its heading or the first line of its item.
    pub title: String,
    /// Its file, relative to the folder, with `/` between the parts.
    pub file: String,
    /// Its first line in the file, from 1.
    pub line: u32,
    /// The whole section.
    pub text: String,
    /// The part of it that fits the query best.
    pub snippet: String,
    /// How well it fits: above 0, below 1, larger is better.
    pub score: f64,
}

/// An index over the files of one folder.
pub struct Corpus {
    index: Connection,
    /// How many files it holds.
    pub files: usize,
    /// How many sections they were cut into.
    pub sections: usize,
    /// Whether the folder holds more than was read.
    pub truncated: bool,
}

impl Corpus {
    /// Reads and indexes the Markdown and Rust files under a folder. `target`, `node_modules` and what is hidden
    /// is left out, links are not followed, and a file that can't be read is passed over.
    ///
    /// # Errors
    /// The folder itself can't be read, or SQLite fails.
    pub fn read(folder: &Path) -> Result<Self, CorpusError> {
        let (paths, mut truncated) = files_under(folder)?;
        let mut index = Connection::open_in_memory()?;
        index.execute_batch(
            "CREATE VIRTUAL TABLE section
             USING fts5(title, file, body, line UNINDEXED, tokenize = 'porter unicode61')",
        )?;
        let (mut files, mut sections, mut bytes) = (0, 0, 0);
        let filling = index.transaction()?;
        {
            let mut insert =
                filling.prepare("INSERT INTO section (title, file, body, line) VALUES (?, ?, ?, ?)")?;
            for path in paths {
                let Ok(content) = fs::read(&path) else { continue };
                bytes += content.len() as u64;
                if bytes > MAX_BYTES {
                    truncated = true;
                    break;
                }
                let text = String::from_utf8_lossy(&content);
                let file = relative(folder, &path);
                files += 1;
                for section in cut(&file, &text) {
                    insert.execute(params![section.title, file, section.body, section.line])?;
                    sections += 1;
                }
            }
        }
        filling.commit()?;
        Ok(Self { index, files, sections, truncated })
    }

    /// The best sections for a query, best first. Any text is a valid query.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn search(&self, query: &str, limit: u32) -> Result<Vec<Hit>, CorpusError> {
        let Some(expression) = match_expression(query) else { return Ok(Vec::new()) };
        // Prose counts for more than code: it is the better answer to words.
        let mut statement = self.index.prepare(
            "SELECT title, file, line, body, snippet(section, 2, '', '', ' … ', 40),
                    bm25(section, 3.0, 1.0, 1.0) * (CASE WHEN file LIKE '%.md' THEN 1.5 ELSE 1 END) AS rank
             FROM section WHERE section MATCH ?1 ORDER BY rank, rowid LIMIT ?2",
        )?;
        let hits = statement.query_map(params![expression, limit], |row| {
            // bm25 is below 0, and lower is better.
            let fit = -row.get::<_, f64>(5)?;
            Ok(Hit {
                title: row.get(0)?,
                file: row.get(1)?,
                line: row.get(2)?,
                text: row.get(3)?,
                snippet: without_markers(&row.get::<_, String>(4)?),
                score: fit / (1.0 + fit),
            })
        })?;
        Ok(hits.collect::<Result<_, _>>()?)
    }

    /// All sections of a file, in their order; `None` if there is no such file.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn page(&self, file: &str) -> Result<Option<String>, CorpusError> {
        let mut statement = self.index.prepare("SELECT body FROM section WHERE file = ?1 ORDER BY rowid")?;
        let sections = statement.query_map([file], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        Ok((!sections.is_empty()).then(|| sections.concat()))
    }
}

/// The folder to search when none is given: the repository around a folder, which is the nearest folder upwards
/// with a `Cargo.lock` or `.git`; else the folder itself.
pub fn repository_of(folder: &Path) -> &Path {
    folder
        .ancestors()
        .find(|above| above.join("Cargo.lock").exists() || above.join(".git").exists())
        .unwrap_or(folder)
}

/// The words of a query as quoted FTS5 strings, so that no quote, operator or column name among them means
/// anything to FTS5. One of them is enough to match; all in a row count once more. `None` if there is no word.
fn match_expression(query: &str) -> Option<String> {
    let words: Vec<&str> = query
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .collect();
    let row = (words.len() > 1).then(|| words.join(" "));
    let terms: Vec<String> =
        row.as_deref().into_iter().chain(words).map(|term| format!("\"{term}\"")).collect();
    (!terms.is_empty()).then(|| terms.join(" OR "))
}

/// A snippet without the marks of Rust's comments, as a page's extract has no tags.
fn without_markers(snippet: &str) -> String {
    let bare = |line: &str| {
        let line = line.trim();
        let text = ["///", "//!", "//"].iter().find_map(|marker| line.strip_prefix(marker));
        text.unwrap_or(line).trim_start().to_owned()
    };
    snippet.lines().map(bare).collect::<Vec<_>>().join("\n")
}

/// The files to index, in a fixed order, and whether there are more.
fn files_under(folder: &Path) -> Result<(Vec<PathBuf>, bool), CorpusError> {
    // The entries of the folder itself must be readable; deeper ones are taken as they come.
    let failed = |source| CorpusError::Folder { folder: folder.to_owned(), source };
    let mut waiting = vec![fs::read_dir(folder).map_err(failed)?];
    let mut found = Vec::new();
    let mut truncated = false;
    while let Some(entries) = waiting.pop() {
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(kind) = entry.file_type() else { continue };
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                if name != "target" && name != "node_modules" {
                    waiting.extend(fs::read_dir(entry.path()));
                }
            } else if kind.is_file() && (name.ends_with(".md") || name.ends_with(".rs")) {
                if found.len() == MAX_FILES {
                    truncated = true;
                } else if entry.metadata().is_ok_and(|metadata| metadata.len() <= MAX_FILE_BYTES) {
                    found.push(entry.path());
                }
            }
        }
    }
    found.sort();
    Ok((found, truncated))
}

/// A path below a folder as text with `/` between its parts.
fn relative(folder: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(folder).unwrap_or(path).iter();
    parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

struct Section {
    title: String,
    line: u32,
    body: String,
}

/// Cuts a file at its headings or items, and what is long between them into chunks.
fn cut(file: &str, text: &str) -> Vec<Section> {
    let lines: Vec<&str> = text.lines().collect();
    let mut starts = vec![(0, file.to_owned())];
    starts.extend(if file.ends_with(".md") { headings(&lines) } else { items(&lines) });
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([lines.len()]).collect::<Vec<_>>();
    let mut sections = Vec::new();
    for ((start, title), end) in starts.into_iter().zip(ends) {
        let first = u32::try_from(start).unwrap_or(u32::MAX).saturating_add(1);
        let mut chunk = Section { title: title.clone(), line: first, body: String::new() };
        let mut length = 0;
        for (number, line) in (first..).zip(lines.get(start..end).unwrap_or_default()) {
            length += 1;
            chunk.body.push_str(line);
            chunk.body.push('\n');
            let blank = line.trim().is_empty();
            if (blank && length >= CHUNK_LINES) || length >= CHUNK_LINES + CHUNK_LINES / 2 {
                let next = Section { title: title.clone(), line: number + 1, body: String::new() };
                sections.push(std::mem::replace(&mut chunk, next));
                length = 0;
            }
        }
        sections.push(chunk);
    }
    sections.retain(|section| section.body.contains(char::is_alphanumeric));
    sections
}

/// Where the headings of a Markdown text are, each with the document's name before its own.
fn headings(lines: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut document: Option<String> = None;
    let mut in_code = false;
    for (number, line) in lines.iter().enumerate() {
        let start = line.trim_start();
        if start.starts_with("```") || start.starts_with("~~~") {
            in_code = !in_code;
        }
        let text = line.trim_start_matches('#');
        let level = line.len() - text.len();
        if in_code || !(1..=6).contains(&level) || !text.starts_with(' ') {
            continue;
        }
        let text = text.trim().trim_end_matches('#').trim_end();
        let title = match &document {
            Some(document) => format!("{document} › {text}"),
            None => text.to_owned(),
        };
        document.get_or_insert_with(|| text.to_owned());
        found.push((number, title));
    }
    found
}

/// Where the items of a Rust file are. An item starts at the comments and attributes above it.
fn items(lines: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lead = None;
    for (number, line) in lines.iter().enumerate() {
        if line.starts_with("///") || line.starts_with("#[") {
            lead.get_or_insert(number);
        } else if starts_item(line) {
            let title = line.trim_end_matches(['{', '(', ' ']).chars().take(100).collect();
            found.push((lead.take().unwrap_or(number), title));
        } else if !line.starts_with([' ', ')', ']']) {
            lead = None;
        }
    }
    found
}

fn starts_item(line: &str) -> bool {
    const ITEMS: [&str; 14] = [
        "async",
        "const",
        "enum",
        "extern",
        "fn",
        "impl",
        "macro_rules!",
        "mod",
        "static",
        "struct",
        "trait",
        "type",
        "union",
        "unsafe",
    ];
    let mut words = line.split([' ', '<', '(']).filter(|word| !word.is_empty());
    let first = words.find(|word| *word != "pub" && !word.ends_with(')'));
    !line.starts_with(' ') && first.is_some_and(|word| ITEMS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(file: &str, text: &str) -> Vec<(u32, String)> {
        cut(file, text).into_iter().map(|section| (section.line, section.title)).collect()
    }

    #[test]
    fn markdown_is_cut_at_its_headings_outside_code() {
        let text = "intro\n# Guide\ntext\n```sh\n# no heading\n```\n## Pins ##\nmore\n#hashtag\n";
        let expected = [(1, "a.md"), (2, "Guide"), (7, "Guide › Pins")];
        assert_eq!(titles("a.md", text), expected.map(|(line, title)| (line, title.to_owned())));
    }

    #[test]
    fn rust_is_cut_at_its_items_with_their_docs() {
        let text = "//! Docs.\n\nuse a::b;\n\n/// One.\n#[derive(\n    Debug,\n)]\npub(crate) struct One {\n    fn_like: u8,\n}\n\nimpl<T> One {\n    fn inner() {}\n}\n";
        let expected = [(1, "a.rs"), (5, "pub(crate) struct One"), (13, "impl<T> One")];
        assert_eq!(titles("a.rs", text), expected.map(|(line, title)| (line, title.to_owned())));
    }

    #[test]
    fn long_sections_are_cut_into_chunks_that_lose_no_line() {
        let text: String = (0..200).map(|number| format!("line {number}\n")).collect();
        let sections = cut("a.md", &text);
        assert!(sections.len() > 2);
        assert_eq!(sections.iter().map(|section| section.body.as_str()).collect::<String>(), text);
        assert_eq!(sections.iter().map(|section| section.line).collect::<Vec<_>>(), [1, 61, 121, 181]);
    }

    #[test]
    fn what_is_hidden_or_built_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["kept.md", ".git/a.md", "target/b.md", "deep/node_modules/c.md", "deep/kept.rs", "d.txt"]
        {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, "# Word\nword").expect("a file");
        }
        let corpus = Corpus::read(folder.path()).expect("an index");
        let mut files: Vec<String> =
            corpus.search("word", 10).expect("hits").into_iter().map(|hit| hit.file).collect();
        files.sort();
        assert_eq!(files, ["deep/kept.rs", "kept.md"]);
    }

    #[test]
    fn any_text_is_a_valid_query() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.md"), "# Near\nan AND b \"quoted\" naïve 鍵 title").expect("a file");
        let corpus = Corpus::read(folder.path()).expect("an index");
        let long = "word ".repeat(10_000);
        for (query, found) in [
            ("quoted", 1),
            ("\"quoted", 1),
            ("NEAR(", 1),
            ("AND", 1),
            ("AND OR NOT", 1),
            ("title:b", 1),
            ("^b*", 1),
            ("naive", 1),
            ("鍵", 1),
            ("b\0c", 1),
            ("{a b} : c", 1),
            ("", 0),
            ("\"\"", 0),
            ("*", 0),
            ("- + ( ) '", 0),
            ("🗝", 0),
            ("'; DROP TABLE section; --", 0),
            ("ª ² Ⅷ ៛", 0),
            (&long, 0),
        ] {
            let hits = corpus.search(query, 10).unwrap_or_else(|error| panic!("{query:?}: {error}"));
            assert_eq!(hits.len(), found, "{query:?}");
        }
    }
}
