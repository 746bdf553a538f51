//! What the program prints: text for people as it goes, or with `--json` one document at the end.

use std::fmt::Display;
use std::io::{self, Write};

use keystroke::{Explanation, ResolveError};
use serde_json::{Value, json};

use crate::action::{Found, SearchOutput};

/// Where the output goes. Every method may fail because nobody reads it any more.
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON.
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// A line for people; where standard output is JSON it goes to standard error.
    pub fn say(&self, line: impl Display) -> io::Result<()> {
        if self.json { writeln!(io::stderr(), "{line}") } else { writeln!(io::stdout(), "{line}") }
    }

    /// A line of text, if text is wanted.
    pub fn text(&self, line: impl Display) -> io::Result<()> {
        if self.json { Ok(()) } else { writeln!(io::stdout(), "{line}") }
    }

    /// The resolution trace of a call, a line for each of its credentials.
    pub fn trace(&self, trace: &Explanation) -> io::Result<()> {
        trace
            .resolutions()
            .iter()
            .try_for_each(|resolution| self.text(format_args!("   trace: {resolution}")))
    }

    /// The results of a search.
    pub fn results(&self, found: &SearchOutput) -> io::Result<()> {
        if found.results.is_empty() {
            return self.text("   Nothing was found.");
        }
        for (number, Found { title, url, snippet }) in (1..).zip(&found.results) {
            self.text(format_args!("\n   [{number}] {}", one_line(title, 100)))?;
            self.text(format_args!("       {}", one_line(url, 300)))?;
            for line in wrap(&one_line(snippet, 280), 92) {
                self.text(format_args!("       {line}"))?;
            }
        }
        Ok(())
    }

    /// What a call lacked, and how to fix it.
    pub fn missing(&self, errors: &[ResolveError]) -> io::Result<()> {
        for error in errors {
            // The error's own text ends with its fix. Here the fix has its own line, so that it can be copied.
            let (text, fix) = (error.to_string(), error.fix());
            let problem = text.strip_suffix(&format!(". To fix it, {fix}")).unwrap_or(&text);
            self.text(format_args!("   error `{}`:", error.code()))?;
            for line in wrap(problem, 92) {
                self.text(format_args!("       {line}"))?;
            }
            self.text(format_args!("   fix: {fix}"))?;
        }
        Ok(())
    }

    /// The one JSON document, if JSON is wanted.
    pub fn document(&self, document: &Value) -> io::Result<()> {
        if self.json { writeln!(io::stdout(), "{document:#}") } else { Ok(()) }
    }
}

/// One call as JSON.
pub fn call(trace: &Explanation, found: &SearchOutput) -> Value {
    json!({ "trace": trace, "results": found.results })
}

/// A text from outside on one line: without control characters, which could steer a terminal, and not too long.
fn one_line(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Lines of whole words, no longer than `width` where a word is not.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
