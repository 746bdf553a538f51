//! The one place that removes secrets from what leaves (SEMANTICS E6, S3).
//!
//! Every resolved secret of at least 8 bytes is looked for as it is, in hex, and in base64 and base64url at all three
//! alignments; each of these as it stands, percent- or form-encoded, and escaped as in a JSON or Rust literal; in
//! strings, in map keys and in numbers. Split, reversed or ciphered values are not found. The time is linear in the text.

mod sieve;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;
use serde_json::Value;
use smallvec::SmallVec;
use zeroize::Zeroizing;

use crate::decode::{View, views};
use sieve::Sieve;

/// Shorter secrets are not looked for: they would be found by chance. Stores refuse them unless allowed by name.
pub const SHORTEST: usize = 8;

/// The secrets of one execution, and what of them was found so far.
#[derive(Default)]
pub struct Redactor {
    /// Mostly one.
    needles: SmallVec<[Arc<Needle>; 1]>,
    found: BTreeSet<usize>,
}

/// One secret in the forms that are searched for; made once for as long as its credential is held.
pub(crate) struct Needle {
    key: String,
    field: String,
    forms: Vec<Zeroizing<Vec<u8>>>,
    /// In hex, in lower case: searched for in whatever case.
    hex: Zeroizing<Vec<u8>>,
    /// Rules out nearly every text before any of these is searched for.
    sieve: Sieve,
    /// Of a secret of digits: what it is as a number, which JSON may have rounded.
    number: Option<f64>,
    /// Whether one of the forms could be a part of a number as JSON writes it.
    fits_number: bool,
    mark: String,
}

impl Needle {
    /// The needle for `secret`, the value of `field` of the credential `key`; `None` if it is too short.
    pub(crate) fn new(key: &str, field: &str, secret: &str) -> Option<Self> {
        if secret.len() < SHORTEST {
            return None;
        }
        let (forms, hex) = (forms(secret.as_bytes()), hex(secret.as_bytes()));
        let all = || forms.iter().chain([&hex]).map(|form| form.as_slice());
        let sieve = Sieve::new(all());
        let fits_number = all().any(|form| form.iter().all(|byte| b"0123456789+-.eE".contains(byte)));
        Some(Self {
            key: key.to_owned(),
            field: field.to_owned(),
            sieve,
            number: secret.bytes().all(|byte| byte.is_ascii_digit()).then(|| secret.parse().ok()).flatten(),
            fits_number,
            mark: format!("[redacted:{key}.{field}]"),
            forms,
            hex,
        })
    }

    /// Whether a form of the secret may be in the text.
    fn may_be_in(&self, text: &[u8]) -> bool {
        let begins = |form: &Zeroizing<Vec<u8>>, with: &[u8]| {
            form.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        self.sieve
            .may_hold(text, |stretch| self.forms.iter().chain([&self.hex]).any(|form| begins(form, stretch)))
    }

    /// Whether a number as JSON writes it may show the secret.
    pub(crate) const fn may_be_a_number(&self) -> bool {
        self.fits_number || self.number.is_some()
    }
}

/// Whether a text of the JSON, or a key, is long enough for a secret.
pub(crate) fn has_long_text(json: &Value) -> bool {
    match json {
        Value::String(text) => text.len() >= SHORTEST,
        Value::Array(items) => items.iter().any(has_long_text),
        Value::Object(fields) => {
            fields.iter().any(|(key, item)| key.len() >= SHORTEST || has_long_text(item))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
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
        self.needles.extend(Needle::new(key, field, secret).map(Arc::new));
    }

    pub(crate) fn looking_for(needles: impl Iterator<Item = Arc<Needle>>) -> Self {
        Self { needles: needles.collect(), found: BTreeSet::new() }
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
        // No form is shorter than that, and none that is decoded longer than what it was decoded from.
        if self.needles.is_empty() || text.len() < SHORTEST {
            return Cow::Borrowed(text);
        }
        let mut hits = Vec::new();
        self.search(&View::of(text), &mut hits);
        for view in views(text) {
            self.search(&view, &mut hits);
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

    fn search(&self, view: &View<'_>, hits: &mut Vec<Hit>) {
        let mut lower = None;
        for (needle, index) in self.needles.iter().zip(0..) {
            if !needle.may_be_in(view.bytes()) {
                continue;
            }
            let lower = lower.get_or_insert_with(|| Zeroizing::new(view.bytes().to_ascii_lowercase()));
            let in_any_case = (lower.as_slice(), &needle.hex);
            let as_it_is = needle.forms.iter().map(|form| (view.bytes(), form));
            for (text, form) in as_it_is.chain([in_any_case]) {
                occurrences(text, form, |start| {
                    if let Some((start, end)) = view.place(start, start + form.len()) {
                        hits.push(Hit { start, end, needle: index });
                    }
                });
            }
        }
    }

    /// Removes the secrets from every string, number and map key of `value`.
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
                    let mut keys = Keys::default();
                    for (key, value) in std::mem::take(map) {
                        let clean = keys.free(map, self.text(&key).into_owned());
                        map.insert(clean, value);
                    }
                }
                map.values_mut().for_each(|item| self.value(item));
            }
            Value::Number(number) if self.needles.iter().any(|needle| needle.may_be_a_number()) => {
                let same = |needle: &Arc<Needle>| needle.number.is_some() && needle.number == number.as_f64();
                if let Some((index, needle)) =
                    self.needles.iter().enumerate().find(|(_, needle)| same(needle))
                {
                    let mark = needle.mark.clone();
                    self.found.insert(index);
                    *value = Value::String(mark);
                } else if let Cow::Owned(clean) = self.text(&number.to_string()) {
                    *value = Value::String(clean);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Map keys that came out the same get a number behind them: nothing of a result is lost.
#[derive(Default)]
struct Keys(HashMap<String, usize>);

impl Keys {
    fn free(&mut self, map: &serde_json::Map<String, Value>, key: String) -> String {
        if !map.contains_key(&key) {
            return key;
        }
        // Counted on from where it was, so that many keys cost no more than one pass.
        let next = self.0.entry(key.clone()).or_insert(2);
        loop {
            let numbered = format!("{key} ({next})");
            *next += 1;
            if !map.contains_key(&numbered) {
                return numbered;
            }
        }
    }
}

/// Tells where `needle` begins in `text`, overlapping occurrences included, in linear time.
fn occurrences(text: &[u8], needle: &[u8], mut each: impl FnMut(usize)) {
    // Nearly every search ends here.
    let Some(first) = memmem::find(text, needle) else { return };
    // Knuth, Morris and Pratt: after an occurrence, what of it may begin the next one.
    let mut borders = Zeroizing::new(vec![0_usize; needle.len()]);
    let mut length = 0;
    for at in 1..needle.len() {
        while length > 0 && needle.get(at) != needle.get(length) {
            step();
            length = borders.get(length - 1).copied().unwrap_or(0);
        }
        step();
        length += usize::from(needle.get(at) == needle.get(length));
        if let Some(border) = borders.get_mut(at) {
            *border = length;
        }
    }
    let mut length = 0;
    for (at, byte) in text.iter().enumerate().skip(first) {
        while length > 0 && needle.get(length) != Some(byte) {
            step();
            length = borders.get(length - 1).copied().unwrap_or(0);
        }
        step();
        length += usize::from(needle.get(length) == Some(byte));
        if length == needle.len() {
            each(at + 1 - length);
            length = borders.get(length - 1).copied().unwrap_or(0);
        }
    }
}

/// One comparison of the search. A test counts them, so that no clock has to say that the search is linear.
#[inline]
fn step() {
    #[cfg(test)]
    tests::STEPS.set(tests::STEPS.get() + 1);
}

/// The secret itself and its spellings but for hex, without those too short to look for.
fn forms(secret: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut forms = vec![Zeroizing::new(secret.to_vec())];
    for skip in 0..3 {
        forms.push(base64_at(&STANDARD_NO_PAD, secret, skip));
        forms.push(base64_at(&URL_SAFE_NO_PAD, secret, skip));
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms.sort_by(|a, b| a.as_slice().cmp(b));
    forms.dedup();
    forms
}

fn hex(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len() * 2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(b"0123456789abcdef".get(usize::from(nibble)));
        }
    }
    text
}

/// The characters of a base64 text that `bytes` alone decide when `skip` other bytes of a group come before.
fn base64_at(engine: &GeneralPurpose, bytes: &[u8], skip: usize) -> Zeroizing<Vec<u8>> {
    let mut padded = Zeroizing::new(Vec::with_capacity(bytes.len() + skip));
    padded.resize(skip, 0_u8);
    padded.extend_from_slice(bytes);
    let mut text = Zeroizing::new(vec![0_u8; padded.len().div_ceil(3) * 4]);
    let length = engine.encode_slice(&*padded, &mut text).unwrap_or(0);
    // 8 bits a byte, 6 bits a character: partial characters at either end depend on the neighbours.
    let first = (skip * 8).div_ceil(6);
    let last = (padded.len() * 8 / 6).min(length);
    Zeroizing::new(text.get(first..last).unwrap_or_default().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    const SECRET: &str = "sk-canary/7+\"é\\Q";

    fn redactor() -> Redactor {
        let mut redactor = Redactor::new();
        redactor.add("exa", "api_key", SECRET);
        redactor
    }

    fn hex_of(text: &str) -> String {
        text.bytes().map(|byte| format!("{byte:02x}")).collect()
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
            hex.chars()
                .zip(0..)
                .map(|(c, at)| if at % 3 == 0 { c.to_ascii_uppercase() } else { c })
                .collect(),
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
        let mut value = serde_json::json!({ SECRET: 1, (hex_of(SECRET)): 2 });
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
    fn encodings_of_encodings_are_found() {
        let secret = "correct horse/battery+staple é";
        let base64 = STANDARD_NO_PAD.encode(secret);
        let form = "correct+horse%2Fbattery%2Bstaple+%C3%A9";
        let spellings = [
            form.to_owned(),
            form.replace('+', "%20"),
            "correct horse\\/battery+staple é".to_owned(),
            "correct horse/battery\\u002bstaple \\u00e9".to_owned(),
            "correct horse/battery\\x2bstaple \\u{e9}".to_owned(),
            base64.replace('+', "%2B").replace('/', "%2f"),
            base64.replace('/', "\\/"),
            Value::from(Value::from(form).to_string()).to_string(),
            Value::from(Value::from(secret).to_string()).to_string(),
        ];
        for spelling in spellings {
            let mut redactor = Redactor::new();
            redactor.add("exa", "api_key", secret);
            let clean = redactor.text(&format!("<{spelling}>")).into_owned();
            // Of base64, the last character is the neighbour's too.
            let rest = clean.replace(['"', '\\', 'Q'], "");
            assert_eq!(rest, "<[redacted:exa.api_key]>", "{spelling}");
        }
    }

    #[test]
    fn a_secret_of_digits_is_found_as_a_number_that_was_rounded() {
        for (secret, number) in
            [("0012345678", "12345678"), ("12345678901234567890123", "12345678901234567890123")]
        {
            let mut redactor = Redactor::new();
            redactor.add("pin", "code", secret);
            let mut value = serde_json::from_str(&format!("[{number}, 1]")).unwrap();
            redactor.value(&mut value);
            assert_eq!(value, serde_json::json!(["[redacted:pin.code]", 1]));
        }
    }

    #[test]
    fn occurrences_that_overlap_leave_no_tail() {
        let mut redactor = Redactor::new();
        redactor.add("a", "x", "abcabcabc");
        assert_eq!(redactor.text("-abcabcabcabcabc-"), "-[redacted:a.x]-");
        let mut starts = Vec::new();
        occurrences(b"aaaaa", b"aaa", |start| starts.push(start));
        assert_eq!(starts, [0, 1, 2]);
    }

    #[test]
    fn the_search_takes_linear_steps_whatever_the_text_holds() {
        let worst = [
            ("aaaaaaaa", "a"),
            ("aaaaaaab", "aaaaaaaa"),
            ("baaaaaaa", "baaaaaaab"),
            ("abacabadabacabae", "abacabadabacabae abacabadabacaba"),
        ];
        for (needle, part) in worst {
            for size in [1 << 12, 1 << 14, 1 << 16] {
                let text = part.repeat(size / part.len());
                STEPS.set(0);
                occurrences(text.as_bytes(), needle.as_bytes(), |_| {});
                let most = 2 * (text.len() + needle.len());
                assert!(STEPS.get() <= most, "{needle}: {} steps for {} bytes", STEPS.get(), text.len());
            }
        }
        assert!(STEPS.get() > 1 << 16, "the control: steps are counted");
    }

    #[test]
    fn a_text_is_looked_at_in_a_few_views_each_no_longer_than_itself() {
        let text = "%61+\\u0062\\\\u0063+%".repeat(1000);
        let views = views(&text);
        assert!(views.len() <= 6, "{}", views.len());
        assert!(views.iter().all(|view| view.bytes().len() <= text.len()));
    }

    #[test]
    fn a_thousand_keys_that_come_out_the_same_are_numbered_through() {
        let mut redactor = Redactor::new();
        redactor.add("a", "x", "abcdefghijkl");
        // Each spells the same with other letters percent-encoded.
        let spelled = |bits: usize| {
            let letter = |(at, c): (usize, char)| {
                if bits >> at & 1 == 1 { format!("%{:02x}", u32::from(c)) } else { c.to_string() }
            };
            "abcdefghijkl".char_indices().map(letter).collect::<String>()
        };
        let map: serde_json::Map<String, Value> =
            (0..1000).map(|bits| (spelled(bits), Value::from(bits))).collect();
        let mut value = Value::Object(map);
        redactor.value(&mut value);
        let keys: Vec<&String> = value.as_object().into_iter().flat_map(|map| map.keys()).collect();
        assert_eq!(keys.len(), 1000);
        assert!(keys.iter().all(|key| key.starts_with("[redacted:a.x]")));
        assert!(value.get("[redacted:a.x] (1000)").is_some());
    }

    #[test]
    fn what_a_glance_rules_out_holds_no_secret_and_the_rest_is_searched() {
        for (json, long) in [
            (serde_json::json!([null, true, 1, "1234567", { "a": ["b"] }]), false),
            (serde_json::json!([{ "a": ["b", "12345678"] }]), true),
            (serde_json::json!([{ "a": { "12345678": 1 } }]), true),
        ] {
            assert_eq!(has_long_text(&json), long, "{json}");
            let mut seen = json.clone();
            let mut redactor = Redactor::new();
            redactor.add("a", "x", "12345678");
            redactor.value(&mut seen);
            assert_eq!(seen != json, long, "{json}");
        }
    }

    #[test]
    fn a_secret_below_the_shortest_is_not_looked_for() {
        let mut redactor = Redactor::new();
        redactor.add("a", "x", "1234567");
        assert!(redactor.is_empty());
    }
}
