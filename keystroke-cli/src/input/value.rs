//! Checks of a value before it is stored. What cannot be a value is refused; what is nearly always a mistake, such as a
//! space copied along with a key, gets a warning: providers that trim accept such a value, and others reject it.

use keystroke_core::{GUESSABLE_BITS, SHORTEST_SECRET, SecretString, secret_bits};

use crate::error::Refusal;
use crate::output::{Output, typed};

/// A value, and what is odd about it.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) value: SecretString,
    pub(crate) odd: Vec<&'static str>,
}

impl Text {
    /// Warns of what is odd about the value, and returns it. A plain value may be easy to guess.
    pub(crate) fn told(self, field: &str, is_plain: bool, output: &Output) -> SecretString {
        let shown = typed::field(field);
        tell_odd(&shown, &self.odd, output);
        tell_guessable(&shown, self.value.expose_secret(), is_plain, output);
        self.value
    }
}

/// Warns of what is odd about a value that does not come from `--set`.
pub(crate) fn tell(shown: &str, value: &str, is_plain: bool, output: &Output) {
    tell_odd(shown, &oddities(value), output);
    tell_guessable(shown, value, is_plain, output);
}

fn tell_odd(shown: &str, odd: &[&str], output: &Output) {
    for odd in odd {
        output.warning("unusual_value", &format!("the value of {shown} {odd}"));
    }
}

/// Why a text cannot be a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Empty,
    Utf16,
    NotUtf8,
    Nul,
}

impl Problem {
    pub(crate) const fn says(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::Utf16 => "is UTF-16, as Windows writes text",
            Self::NotUtf8 => "is not UTF-8",
            Self::Nul => "contains a NUL character, as UTF-16 text does",
        }
    }

    pub(crate) const fn fix(self) -> &'static str {
        match self {
            Self::Empty => "give the whole value, as text",
            Self::Utf16 | Self::Nul => "save it as UTF-8 (`iconv -f UTF-16 -t UTF-8` does that)",
            Self::NotUtf8 => "give it as UTF-8 text; bytes that are not text can be stored in base64",
        }
    }
}

const MARK: char = '\u{feff}';

/// The value in these bytes. One line end at the end is dropped, unless `keeps_line_end`.
pub(crate) fn text(bytes: &[u8], keeps_line_end: bool) -> Result<Text, Problem> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Problem::Utf16);
    }
    let whole = if keeps_line_end { bytes } else { without_line_end(bytes) };
    let text = std::str::from_utf8(whole).map_err(|_| Problem::NotUtf8)?;
    let (text, marked) = text.strip_prefix(MARK).map_or((text, false), |text| (text, true));
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    if text.contains('\0') {
        return Err(Problem::Nul);
    }
    let mut odd = oddities(if keeps_line_end { end_dropped(text) } else { text });
    if marked {
        odd.push("began with a byte order mark, which was dropped");
    }
    if whole.len() < bytes.len() && is_private_key(text) {
        odd.push("is a private key whose last line end was dropped, and OpenSSH needs it: `--keep-line-end` keeps it");
    }
    Ok(Text { value: SecretString::from(text), odd })
}

/// Warns of a secret that can be guessed, because redaction confirms guesses (SEMANTICS S3). Those below the shortest
/// length get a refusal of their own.
fn tell_guessable(shown: &str, value: &str, is_plain: bool, output: &Output) {
    if !is_plain && value.len() >= SHORTEST_SECRET && secret_bits(value) < GUESSABLE_BITS {
        output.warning(
            "guessable",
            &format!(
                "the value of {shown} can be guessed (about {:.0} bits, and even {GUESSABLE_BITS} are few): whoever can make an action repeat a text can find it out, because each redaction confirms a guess; use a longer one if the provider allows it",
                secret_bits(value)
            ),
        );
    }
}

/// What is odd about a value, for a sentence that begins with it.
pub(crate) fn oddities(text: &str) -> Vec<&'static str> {
    let mut odd = Vec::new();
    if text.starts_with(is_blank) {
        odd.push("begins with white space, which is stored as part of it");
    }
    let end = text.len() - text.trim_end_matches(is_blank).len();
    match text.get(text.len() - end..) {
        Some(end) if end.contains('\n') => odd.push("ends with an empty line, which is stored as part of it"),
        Some("") | None => {}
        Some(_) => odd.push("ends with white space, which is stored as part of it"),
    }
    if text.trim_matches(is_blank).contains(is_invisible) {
        odd.push("contains a character that is not visible, which is stored as part of it");
    }
    let inside = text.trim_matches(is_blank);
    if inside.contains(|c: char| c.is_whitespace() && !c.is_ascii()) {
        odd.push("contains a character that only looks like a space, which is stored as part of it");
    }
    if has_empty_line(inside) && !inside.starts_with("-----BEGIN ") && !inside.starts_with(['{', '[']) {
        odd.push("contains an empty line, which is stored as part of it");
    }
    let in_quotes =
        |(open, close): (char, char)| text.strip_prefix(open).is_some_and(|rest| rest.ends_with(close));
    if QUOTES.into_iter().any(in_quotes) {
        odd.push("is in quotes, which are stored as part of it");
    }
    odd
}

/// The quotes of keyboards, and those that word processors and chats turn them into.
const QUOTES: [(char, char); 8] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{201c}', '\u{201d}'),
    ('\u{201e}', '\u{201c}'),
    ('\u{201d}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{ab}', '\u{bb}'),
];

fn has_empty_line(text: &str) -> bool {
    text.lines().any(|line| line.chars().all(is_blank))
}

/// Visible and invisible spaces.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_formatting(c)
}

/// Control characters, except those that make lines and columns.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || is_formatting(c)
}

/// Characters without a width, which are copied along from web pages and chats.
fn is_formatting(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | MARK)
}

fn is_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") && text.contains('\n')
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(b"\n").map_or(bytes, |rest| rest.strip_suffix(b"\r").unwrap_or(rest))
}

fn end_dropped(text: &str) -> &str {
    text.strip_suffix('\n').map_or(text, |rest| rest.strip_suffix('\r').unwrap_or(rest))
}

/// The refusal of a value, with its field and the form that names it.
pub(crate) fn refused(field: &str, form: &str, what: &str, problem: Problem) -> Refusal {
    refusal(field, form, what, problem.says(), problem.fix())
}

/// The same for a value that could not be read at all.
pub(crate) fn refusal(field: &str, form: &str, what: &str, problem: &str, fix: &str) -> Refusal {
    let field = typed::field(field);
    let message = if form.is_empty() {
        format!("the value of {field} {problem}")
    } else {
        format!("{what}, given for {field} with `{form}`, {problem}")
    };
    Refusal::new("value", message, fix)
}
