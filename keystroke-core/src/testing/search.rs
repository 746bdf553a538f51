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
    /// `plain`, `percent-encoded`, `hex`, `base64`, `base64url` or `escaped`.
    pub form: &'static str,
}

/// Fails the test if `bytes` hold one of `secrets`: as they are, percent-encoded, in hex, in base64 or base64url at
/// any alignment, or as a JSON or Rust string literal spells them.
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
        let found = texts.iter().find(|(form, text)| {
            // At its ends base64 shares characters with what stands beside it, so the outermost bytes may be lost.
            let inner = match *form {
                "base64" | "base64url" if secret.len() > 4 => secret.get(1..secret.len() - 1),
                _ => Some(secret),
            };
            inner.is_some_and(|inner| holds(text, inner))
        });
        found.map(|(form, _)| FoundSecret { number, form })
    })
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && memchr::memmem::find(text, part).is_some()
}

/// The bytes as they are, and with each encoding undone; what is not encoded so stays as it is.
fn undone(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut texts = vec![("plain", bytes.to_vec()), ("percent-encoded", percent(bytes))];
    for skip in 0..2 {
        texts.push(("hex", hex(bytes, skip)));
    }
    for (form, alphabet) in [("base64", alphabet::STANDARD), ("base64url", alphabet::URL_SAFE)] {
        for skip in 0..4 {
            texts.push((form, base64(bytes, &alphabet, skip)));
        }
    }
    texts.push(("escaped", unescaped(bytes)));
    // A text inside a JSON text inside a JSON text.
    texts.push(("escaped", unescaped(&unescaped(bytes))));
    texts
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    char::from(*byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        match (first, digit(after.first()), digit(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                text.push(high * 16 + low);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                text.push(*first);
                rest = after;
            }
        }
    }
    text
}

/// Every run of characters for which `inside` holds, decoded; the others stay between them.
fn runs(bytes: &[u8], inside: impl Fn(u8) -> bool, decode: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for run in bytes.chunk_by(|a, b| inside(*a) == inside(*b)) {
        match run.first() {
            Some(first) if inside(*first) => text.extend(decode(run)),
            _ => text.extend(run),
        }
    }
    text
}

fn hex(bytes: &[u8], skip: usize) -> Vec<u8> {
    runs(
        bytes,
        |byte| byte.is_ascii_hexdigit(),
        |run| {
            let pairs = run.get(skip..).unwrap_or_default().chunks_exact(2);
            pairs.filter_map(|pair| Some(digit(pair.first())? * 16 + digit(pair.get(1))?)).collect()
        },
    )
}

fn base64(bytes: &[u8], alphabet: &alphabet::Alphabet, skip: usize) -> Vec<u8> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(alphabet, lenient);
    let inside = |byte: u8| alphabet.as_str().as_bytes().contains(&byte);
    runs(bytes, inside, |run| {
        let run = run.get(skip..).unwrap_or_default();
        // A single character too many holds no byte.
        let whole = run.len() - usize::from(run.len() % 4 == 1);
        engine.decode(run.get(..whole).unwrap_or_default()).unwrap_or_default()
    })
}

/// With the escapes of JSON and Rust string literals undone.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            text.push(*first);
            continue;
        }
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
    text
}

fn number(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "sk-canary/7+\"é\\Q\u{7f}";

    #[test]
    fn it_finds_each_form_at_each_alignment_and_nothing_else() {
        let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let mut texts = vec![
            ("plain", SECRET.to_owned()),
            ("percent-encoded", percent),
            ("hex", format!("0{hex}")),
            ("hex", hex.to_uppercase()),
            ("escaped", serde_json::Value::from(SECRET).to_string()),
            ("escaped", serde_json::Value::from(serde_json::Value::from(SECRET).to_string()).to_string()),
            ("escaped", format!("{SECRET:?}")),
        ];
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
