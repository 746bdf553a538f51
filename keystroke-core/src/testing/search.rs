//! A search for secrets, in every form that SEMANTICS S3 names.
//!
//! It undoes each encoding and looks for the secret, where [`Redactor`](crate::Redactor) spells the secret in each
//! and looks for that. The two share no code, so a mistake in one is seen by the other.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A secret that left, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundSecret {
    /// Which of the secrets, counted from 0. The secret itself is not repeated.
    pub number: usize,
    /// `plain`, `percent-encoded`, `hex`, `base64`, `base64url`, `escaped`, `HTML`, `bytes` (a list of numbers) or
    /// `mixed` (several of these within each other).
    pub form: &'static str,
}

/// Fails the test if `bytes` hold one of `secrets`: as they are, percent-encoded, in hex, in base64 or base64url at
/// any alignment, wrapped or not, as a JSON or Rust string literal spells them, as HTML does, as a list of bytes, or in
/// several of these within each other.
///
/// ```
/// use keystroke_core::testing::assert_no_secret;
///
/// assert_no_secret("the action `search` failed: 401", ["exa-key-1"]);
/// ```
///
/// # Panics
/// If one is found. The message says which and in what form, and does not repeat it.
#[track_caller]
#[expect(clippy::panic, reason = "an assertion")]
pub fn assert_no_secret<S: AsRef<str>>(bytes: impl AsRef<[u8]>, secrets: impl IntoIterator<Item = S>) {
    if let Some(FoundSecret { number, form }) = find_secret(bytes, secrets) {
        panic!("secret number {number} (counted from 0) is there, {form}");
    }
}

/// The first of `secrets` that `bytes` hold, in any form that [`assert_no_secret`] looks for.
///
/// ```
/// use keystroke_core::testing::find_secret;
///
/// let found = find_secret("token=6578612d6b65792d31", ["another", "exa-key-1"]);
/// assert_eq!(found.map(|found| (found.number, found.form)), Some((1, "hex")));
/// ```
pub fn find_secret<S: AsRef<str>>(
    bytes: impl AsRef<[u8]>,
    secrets: impl IntoIterator<Item = S>,
) -> Option<FoundSecret> {
    let texts = undone(bytes.as_ref());
    secrets.into_iter().enumerate().find_map(|(number, secret)| {
        let secret = secret.as_ref().as_bytes();
        let undone_itself = mixed(secret);
        let found = texts.iter().find(|(form, text)| {
            // At its ends base64 shares characters with what stands beside it, so the outermost bytes may be lost.
            let inner = match *form {
                "base64" | "base64url" if secret.len() > 4 => secret.get(1..secret.len() - 1),
                // A secret may itself look like something that can be undone.
                "mixed" => Some(undone_itself.as_slice()),
                _ => Some(secret),
            };
            inner.is_some_and(|inner| holds(text, inner))
        });
        found.map(|(form, _)| FoundSecret { number, form })
    })
}

/// So many times a text may be escaped.
const DEEPEST: usize = 6;

fn holds(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && memchr::memmem::find(text, part).is_some()
}

/// The bytes as they are, and with each encoding undone; what is not encoded so stays as it is.
fn undone(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut texts = vec![("plain", bytes.to_vec()), ("percent-encoded", percent(bytes))];
    let unwrapped = unwrapped(bytes);
    let bytes_in_lines = [bytes, &unwrapped];
    for (bytes, skip) in bytes_in_lines.into_iter().flat_map(|bytes| [(bytes, 0), (bytes, 1)]) {
        let digits = runs(bytes, b"0123456789abcdefABCDEF");
        texts.push(("hex", decoded(&digits, |run| hex(run.get(skip..).unwrap_or_default()))));
    }

    let alphabets = [("base64", alphabet::STANDARD), ("base64url", alphabet::URL_SAFE)];
    for (bytes, (form, alphabet)) in
        bytes_in_lines.into_iter().flat_map(|bytes| alphabets.each_ref().map(|of| (bytes, of)))
    {
        let runs = runs(bytes, alphabet.as_str().as_bytes());
        let engine = GeneralPurpose::new(alphabet, LENIENT);
        for skip in 0..4 {
            texts.push((*form, decoded(&runs, |run| base64(run.get(skip..).unwrap_or_default(), &engine))));
        }
    }
    // A text inside a JSON text inside a JSON text, and so on: on a wire an answer is some layers deep.
    let mut outer = bytes.to_vec();
    for _ in 0..DEEPEST {
        let inner = unescaped(&outer);
        if inner == outer {
            break;
        }
        texts.push(("escaped", inner.clone()));
        outer = inner;
    }
    texts.push(("HTML", html(bytes)));
    texts.push(("bytes", listed(bytes)));
    texts.push(("mixed", mixed(bytes)));
    texts
}

/// With whatever was put around whatever undone.
fn mixed(bytes: &[u8]) -> Vec<u8> {
    let mut outer = bytes.to_vec();
    for _ in 0..DEEPEST {
        let inner = percent(&html(&unescaped(&outer)));
        if inner == outer {
            break;
        }
        outer = inner;
    }
    outer
}

/// Without what lines are wrapped with, however often that is escaped.
fn unwrapped(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((before, after)) = split(rest, b'\\') {
        text.extend(before);
        let run = after.iter().take_while(|byte| **byte == b'\\').count();
        match after.get(run) {
            Some(b'n' | b'r') => rest = after.get(run + 1..).unwrap_or_default(),
            _ => {
                text.extend(std::iter::repeat_n(b'\\', run + 1));
                rest = after.get(run..).unwrap_or_default();
            }
        }
    }
    text.extend(rest);
    text.retain(|byte| !byte.is_ascii_whitespace());
    text
}

/// With the references of HTML to characters undone.
fn html(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((before, after)) = split(rest, b'&') {
        text.extend(before);
        let name = after.iter().take(10).position(|byte| *byte == b';').and_then(|end| after.get(..end));
        let character = match name {
            Some(b"amp") => Some('&'),
            Some(b"lt") => Some('<'),
            Some(b"gt") => Some('>'),
            Some(b"quot") => Some('"'),
            Some(b"apos") => Some('\''),
            Some([b'#', b'x' | b'X', digits @ ..]) => number(digits).and_then(char::from_u32),
            Some([b'#', digits @ ..]) => {
                let digits = std::str::from_utf8(digits).ok();
                digits.and_then(|digits| digits.parse().ok()).and_then(char::from_u32)
            }
            _ => None,
        };
        match (character, name) {
            (Some(character), Some(name)) => {
                text.extend(character.to_string().bytes());
                rest = after.get(name.len() + 1..).unwrap_or_default();
            }
            _ => {
                text.push(b'&');
                rest = after;
            }
        }
    }
    text.extend(rest);
    text
}

/// Each number that is a byte, as one.
fn listed(bytes: &[u8]) -> Vec<u8> {
    let numbers = bytes.split(|byte| !byte.is_ascii_digit());
    numbers.filter_map(|digits| std::str::from_utf8(digits).ok()?.parse().ok()).collect()
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    char::from(*byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((before, after)) = split(rest, b'%') {
        text.extend(before);
        match (digit(after.first()), digit(after.get(1))) {
            (Some(high), Some(low)) => {
                text.push(high * 16 + low);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                text.push(b'%');
                rest = after;
            }
        }
    }
    text.extend(rest);
    text
}

/// What is before and after the first such byte.
fn split(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let (before, after) = bytes.split_at_checked(memchr::memchr(at, bytes)?)?;
    Some((before, after.get(1..)?))
}

/// Each run of these characters, and what stands between two of them.
fn runs<'b>(bytes: &'b [u8], characters: &[u8]) -> Vec<(bool, &'b [u8])> {
    // Looked up, for a test may search megabytes without an optimizer.
    let mut inside = [false; 256];
    for character in characters {
        if let Some(is_inside) = inside.get_mut(usize::from(*character)) {
            *is_inside = true;
        }
    }
    let inside = |byte: u8| inside.get(usize::from(byte)) == Some(&true);
    let runs = bytes.chunk_by(|a, b| inside(*a) == inside(*b));
    runs.map(|run| (run.first().is_some_and(|first| inside(*first)), run)).collect()
}

/// With every run of the characters decoded; what is between stays there.
fn decoded(runs: &[(bool, &[u8])], decode: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut text = Vec::new();
    for (is_inside, run) in runs {
        if *is_inside { text.extend(decode(run)) } else { text.extend(*run) }
    }
    text
}

fn hex(run: &[u8]) -> Vec<u8> {
    let pairs = run.chunks_exact(2);
    pairs.filter_map(|pair| Some(digit(pair.first())? * 16 + digit(pair.get(1))?)).collect()
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

fn base64(run: &[u8], engine: &GeneralPurpose) -> Vec<u8> {
    // A single character too many holds no byte.
    let whole = run.len() - usize::from(run.len() % 4 == 1);
    engine.decode(run.get(..whole).unwrap_or_default()).unwrap_or_default()
}

/// With the escapes of JSON and Rust string literals undone.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((before, after)) = split(rest, b'\\') {
        text.extend(before);
        rest = after;
        let Some((escape, after)) = after.split_first() else { continue };
        rest = after;
        match escape {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'0' => text.push(0),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'x' => {
                let code = after.get(..2).unwrap_or_default();
                text.extend(number(code).and_then(|code| u8::try_from(code).ok()));
                rest = after.get(2..).unwrap_or_default();
            }
            b'u' => {
                let (digits, length) = match after.split_first() {
                    Some((b'{', braced)) => {
                        let end = braced.iter().position(|byte| *byte == b'}').unwrap_or(0);
                        (braced.get(..end).unwrap_or_default(), end + 2)
                    }
                    _ => (after.get(..4).unwrap_or_default(), 4),
                };
                let char = number(digits).and_then(char::from_u32);
                text.extend(char.into_iter().collect::<String>().into_bytes());
                rest = after.get(length..).unwrap_or_default();
            }
            other => text.push(*other),
        }
    }
    text.extend(rest);
    text
}

fn number(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::Value;

    const SECRET: &str = "sk-canary/7+\"é\\Q\u{7f}";

    #[test]
    fn it_finds_each_form_at_each_alignment_and_nothing_else() {
        let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let mut texts = vec![
            ("plain", SECRET.to_owned()),
            ("percent-encoded", percent.clone()),
            ("hex", format!("0{hex}")),
            ("hex", hex.to_uppercase()),
            ("escaped", Value::from(SECRET).to_string()),
            ("escaped", Value::from(Value::from(SECRET).to_string()).to_string()),
            ("escaped", format!("{SECRET:?}")),
        ];
        let lines = |text: &str| {
            text.as_bytes().chunks(8).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\\n")
        };
        texts.extend([
            ("HTML", SECRET.replace('"', "&quot;").replace('/', "&#x2F;").replace('+', "&#43;")),
            ("bytes", format!("{:?}", SECRET.as_bytes())),
            ("mixed", percent.replace('%', "%25")),
            ("mixed", Value::from(SECRET.replace('"', "&amp;quot;").replace('/', "&#37;2F")).to_string()),
            ("hex", lines(&hex)),
            ("base64", lines(&base64::engine::general_purpose::STANDARD.encode(SECRET))),
        ]);
        let deep = (0..DEEPEST).fold(SECRET.to_owned(), |text, _| Value::from(text).to_string());
        texts.push(("escaped", deep));
        for before in ["", "a", "ab", "abc"] {
            let text = format!("{before}{SECRET}z");
            let standard = base64::engine::general_purpose::STANDARD.encode(&text);
            let url = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&text);
            texts.extend([("base64", format!("Q{standard}")), ("base64", standard), ("base64url", url)]);
        }
        for (form, text) in texts {
            let found = find_secret(format!("<{text}>"), ["not there", SECRET]);
            // Some texts are the same in both alphabets.
            let form_found = found.map(|found| found.form).unwrap_or_default();
            assert!(
                form_found == form || form_found.starts_with("base64") && form.starts_with("base64"),
                "{form}: {text}"
            );
            assert_eq!(found.map(|found| found.number), Some(1));
        }
        for text in ["", "sk-canary", "[redacted:exa.api_key]", "%", "\\", "\\u", "\\u{", "\\x"] {
            assert_eq!(find_secret(text, [SECRET, ""]), None, "{text}");
        }
    }
}
