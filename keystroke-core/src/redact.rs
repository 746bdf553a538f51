//! The one place that removes secrets from what leaves (SEMANTICS E6, S3).
//!
//! Every resolved secret of at least 8 bytes is looked for as plain text, percent-encoded, in hex, in base64 and
//! base64url at all three alignments, and as a JSON or Rust string literal would spell it; in strings and in map
//! keys. Split, reversed or ciphered values are not found.

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use zeroize::Zeroizing;

/// Shorter secrets are not looked for: they would be found by chance. Stores refuse them unless allowed by name.
pub const SHORTEST: usize = 8;

/// The secrets of one execution, and what of them was found so far.
#[derive(Default)]
pub struct Redactor {
    needles: Vec<Needle>,
    found: BTreeSet<usize>,
}

struct Needle {
    key: String,
    field: String,
    plain: Zeroizing<String>,
    /// The forms other than `plain` and percent-encoding, without duplicates.
    forms: Vec<Zeroizing<String>>,
    mark: String,
}

/// A stretch of a text, in bytes, and the needle that it shows.
struct Hit {
    start: usize,
    end: usize,
    needle: usize,
}

impl Redactor {
    /// Looks for nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for `secret`, which is the value of `field` of the credential `key`.
    pub fn add(&mut self, key: &str, field: &str, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        self.needles.push(Needle {
            key: key.to_owned(),
            field: field.to_owned(),
            plain: Zeroizing::new(secret.to_owned()),
            forms: forms(secret),
            mark: format!("[redacted:{key}.{field}]"),
        });
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Credential key and field of each secret that was found and removed, each once.
    pub fn found(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found
            .iter()
            .filter_map(|index| self.needles.get(*index))
            .map(|n| (n.key.as_str(), n.field.as_str()))
    }

    /// `text` without secrets.
    pub fn text<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let mut hits = Vec::new();
        for (index, needle) in self.needles.iter().enumerate() {
            for form in std::iter::once(&needle.plain).chain(&needle.forms) {
                let form: &str = form;
                hits.extend(text.match_indices(form).map(|(start, found)| Hit {
                    start,
                    end: start + found.len(),
                    needle: index,
                }));
            }
        }
        if text.contains('%') {
            self.percent_encoded(text, &mut hits);
        }
        if hits.is_empty() {
            return Cow::Borrowed(text);
        }
        hits.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
        let mut clean = String::with_capacity(text.len());
        let mut rest = 0;
        for hit in hits {
            // A hit that begins inside the one before only widens it: no byte of either may stay.
            if hit.start >= rest {
                clean.push_str(text.get(rest..hit.start).unwrap_or_default());
                if let Some(needle) = self.needles.get(hit.needle) {
                    clean.push_str(&needle.mark);
                }
            }
            self.found.insert(hit.needle);
            rest = rest.max(hit.end);
        }
        clean.push_str(text.get(rest..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// Finds the secrets in `text` with its percent-encoding undone, wherever any of it was encoded.
    fn percent_encoded(&self, text: &str, hits: &mut Vec<Hit>) {
        let decoded = percent_decode(text.as_bytes());
        for (index, needle) in self.needles.iter().enumerate() {
            let plain = needle.plain.as_bytes();
            let mut from = 0;
            while let Some(at) = find(decoded.bytes.get(from..).unwrap_or_default(), plain) {
                let (first, last) = (from + at, from + at + plain.len());
                if let (Some(start), Some(end)) = (decoded.starts.get(first), decoded.starts.get(last)) {
                    hits.push(Hit { start: *start, end: *end, needle: index });
                }
                from = last;
            }
        }
    }

    /// Removes the secrets from every string and map key of `value`.
    pub fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(clean) = self.text(text) {
                    *text = clean;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(map) => {
                if map.keys().any(|key| matches!(self.text(key), Cow::Owned(_))) {
                    for (key, value) in std::mem::take(map) {
                        let clean = self.text(&key).into_owned();
                        map.insert(free_key(map, clean), value);
                    }
                }
                map.values_mut().for_each(|item| self.value(item));
            }
            // A secret of digits may leave as a number.
            Value::Number(number) => {
                if let Cow::Owned(clean) = self.text(&number.to_string()) {
                    *value = Value::String(clean);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

/// `key`, with a number behind it where another key came out the same: nothing of a result is lost.
fn free_key(map: &serde_json::Map<String, Value>, key: String) -> String {
    if !map.contains_key(&key) {
        return key;
    }
    let numbered = |number: usize| format!("{key} ({number})");
    let mut number = 2;
    while map.contains_key(&numbered(number)) {
        number += 1;
    }
    numbered(number)
}

/// The spellings of `secret` that are searched for as they stand.
fn forms(secret: &str) -> Vec<Zeroizing<String>> {
    let mut forms = Vec::new();
    let bytes = secret.as_bytes();
    forms.push(hex(bytes, b"0123456789abcdef"));
    forms.push(hex(bytes, b"0123456789ABCDEF"));
    for skip in 0..3 {
        forms.push(base64_at(&STANDARD_NO_PAD, bytes, skip));
        forms.push(base64_at(&URL_SAFE_NO_PAD, bytes, skip));
    }
    // As the inside of a JSON string or of Rust's `{:?}`, for results that carry such text.
    let json = Zeroizing::new(Value::from(secret).to_string());
    let rust = Zeroizing::new(format!("{secret:?}"));
    for quoted in [json, rust] {
        forms.push(Zeroizing::new(quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()));
    }
    forms.retain(|form| form.len() >= SHORTEST && form.as_str() != secret);
    forms.sort_by(|a, b| a.as_str().cmp(b));
    forms.dedup();
    forms
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(digits.get(usize::from(nibble)).map(|digit| char::from(*digit)));
        }
    }
    text
}

/// The characters of a base64 text that `bytes` alone decide when `skip` other bytes of a group come before.
fn base64_at(engine: &base64::engine::GeneralPurpose, bytes: &[u8], skip: usize) -> Zeroizing<String> {
    let mut padded = Zeroizing::new(vec![0_u8; skip]);
    padded.extend_from_slice(bytes);
    let text = Zeroizing::new(engine.encode(&*padded));
    // 8 bits a byte, 6 bits a character: partial characters at either end depend on the neighbours.
    let first = (skip * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    Zeroizing::new(text.get(first..last).unwrap_or_default().to_owned())
}

/// Decoded bytes, and where in the text each begins; one entry more for the end.
struct Decoded {
    bytes: Zeroizing<Vec<u8>>,
    starts: Vec<usize>,
}

fn percent_decode(text: &[u8]) -> Decoded {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut starts = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        starts.push(at);
        let escaped = text.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|digits| {
            let digit = |index: usize| digits.get(index).and_then(|digit| char::from(*digit).to_digit(16));
            u8::try_from(digit(0)? * 16 + digit(1)?).ok()
        });
        bytes.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    starts.push(at);
    Decoded { bytes, starts }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "sk-canary/7+\"é\\Q";

    fn redactor() -> Redactor {
        let mut redactor = Redactor::new();
        redactor.add("exa", "api_key", SECRET);
        redactor
    }

    #[test]
    fn every_form_is_found_at_every_alignment() {
        let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let mixed: String = SECRET
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
        let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut spellings = vec![
            SECRET.to_owned(),
            percent,
            mixed,
            hex.to_uppercase(),
            hex,
            format!("{SECRET:?}"),
            Value::from(SECRET).to_string(),
        ];
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "x", "xy"] {
                let text = format!("{before}{SECRET}{after}");
                spellings.push(STANDARD_NO_PAD.encode(&text));
                spellings.push(URL_SAFE_NO_PAD.encode(&text));
                spellings.push(base64::engine::general_purpose::STANDARD.encode(&text));
            }
        }
        for spelling in spellings {
            let text = format!("before {spelling} after");
            let clean = redactor().text(&text).into_owned();
            assert!(clean.contains("[redacted:exa.api_key]"), "{spelling} stayed: {clean}");
            assert!(clean.starts_with("before ") && clean.ends_with(" after"), "{clean}");
            assert!(!clean.contains("canary"), "{clean}");
        }
    }

    #[test]
    fn text_without_the_secret_is_not_touched() {
        let mut redactor = redactor();
        for text in ["", "sk-canary", "100 % of it", "%", "%7", "%zz", "é%é", "c2stY2FuYXJ5"] {
            assert!(matches!(redactor.text(text), Cow::Borrowed(same) if same == text), "{text}");
        }
        assert_eq!(redactor.found().count(), 0);
    }

    #[test]
    fn keys_strings_and_numbers_of_a_value_are_searched() {
        let mut redactor = redactor();
        redactor.add("pin", "code", "1234567890");
        let mut value = serde_json::json!({ SECRET: [SECRET, { "n": 1234567890, "ok": true }] });
        redactor.value(&mut value);
        let mark = "[redacted:exa.api_key]";
        assert_eq!(value, serde_json::json!({ mark: [mark, { "n": "[redacted:pin.code]", "ok": true }] }));
        assert_eq!(redactor.found().collect::<Vec<_>>(), [("exa", "api_key"), ("pin", "code")]);
    }

    #[test]
    fn keys_that_come_out_the_same_are_all_kept() {
        let mut value =
            serde_json::json!({ SECRET: 1, (hex(SECRET.as_bytes(), b"0123456789abcdef").as_str()): 2 });
        redactor().value(&mut value);
        let mark = "[redacted:exa.api_key]";
        assert_eq!(value.as_object().map(serde_json::Map::len), Some(2));
        assert!(value.get(mark).is_some() && value.get(format!("{mark} (2)")).is_some(), "{value}");
    }

    #[test]
    fn overlapping_secrets_leave_no_byte_of_either() {
        let mut redactor = Redactor::new();
        redactor.add("a", "x", "abcdefgh");
        redactor.add("b", "y", "efghijkl");
        let clean = redactor.text("-abcdefghijkl-").into_owned();
        assert_eq!(clean, "-[redacted:a.x]-");
    }

    #[test]
    fn a_secret_below_the_shortest_is_not_looked_for() {
        let mut redactor = Redactor::new();
        redactor.add("a", "x", "1234567");
        assert!(redactor.is_empty());
    }
}
