//! One secret, in all the forms that are searched for.

use std::iter::once;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::SHORTEST;
use super::decode::decoded;
use super::multi_pattern::{Patterns, Wiped};
use super::parts::{inner, parts};

/// A form of so many letters and digits is found by them alone, whatever stands between. With fewer of them other
/// texts would be found, by chance.
pub(super) const LETTERS: usize = 16;

/// One secret in the forms that are searched for, for as long as its credential is held. They are made when something is
/// searched for the first time: a typed call, whose output stays in the process, never needs them.
pub(crate) struct Needle {
    pub(super) key: String,
    pub(super) field: String,
    pub(super) mark: String,
    secret: Zeroizing<String>,
    forms: OnceLock<Forms>,
}

/// What is searched for.
pub(super) struct Forms {
    /// Searched for as they are, in the text as it is and in the decoded one.
    pub(super) exact: Patterns,
    /// Searched for in the letters and digits of the decoded text.
    pub(super) letters: Patterns,
    /// What a secret, or a part of one, that is a number is as one, without its sign; JSON may have rounded it.
    numbers: Zeroizing<Vec<f64>>,
    /// Whether one of the forms could be a part of a number as JSON writes it.
    fits_number: bool,
}

impl Needle {
    /// The needle for `secret`, the value of `field` of the credential `key`; `None` if it is too short.
    pub(crate) fn new(key: &str, field: &str, secret: &str) -> Option<Self> {
        if secret.len() < SHORTEST {
            return None;
        }
        let inner = inner(secret);
        let secret = if inner.len() < SHORTEST { secret } else { inner };
        Some(Self {
            key: key.to_owned(),
            field: field.to_owned(),
            mark: format!("[redacted:{key}.{field}]"),
            secret: Zeroizing::new(secret.to_owned()),
            forms: OnceLock::new(),
        })
    }

    pub(super) fn forms(&self) -> &Forms {
        self.forms.get_or_init(|| Forms::of(&self.secret))
    }

    /// Whether a number as JSON writes it may show the secret.
    pub(crate) fn may_be_a_number(&self) -> bool {
        let forms = self.forms();
        forms.fits_number || !forms.numbers.is_empty()
    }

    /// Whether the number is the secret, with whatever sign, exactly or as it is rounded to a double or a float.
    #[expect(clippy::cast_possible_truncation, reason = "as what is compared was")]
    pub(super) fn is_number(&self, number: f64) -> bool {
        let same = |secret: &f64| *secret == number.abs() || f64::from(*secret as f32) == number.abs();
        self.forms().numbers.iter().any(same)
    }
}

/// A secret's number, if it is one and still has its length as one: `00000012` is found as a text alone.
fn number(secret: &str) -> Option<f64> {
    let is_number = secret.bytes().all(|byte| b"0123456789+-.eE".contains(&byte));
    let number: f64 = if is_number { secret.parse().ok()? } else { return None };
    let number = number.abs();
    (number.is_finite() && number.to_string().len() >= SHORTEST).then_some(number)
}

impl Forms {
    fn of(secret: &str) -> Self {
        let mut collected = Collected::default();
        collected.whole(secret);
        parts(secret).iter().for_each(|part| collected.part(part));
        let fits = |form: &[u8]| form.iter().all(|byte| b"0123456789+-.eE".contains(byte));
        let (exact, letters) = (Patterns::new(collected.exact), Patterns::new(collected.letters));
        let fits_number = exact.iter().chain(letters.iter()).any(fits);
        Self { exact, letters, numbers: collected.numbers, fits_number }
    }
}

/// The forms of a secret, one after the other.
#[derive(Default)]
struct Collected {
    exact: Vec<Wiped>,
    letters: Vec<Wiped>,
    numbers: Zeroizing<Vec<f64>>,
}

impl Collected {
    /// The secret itself: found exactly as well, also where what stands around it changes how it is decoded.
    fn whole(&mut self, secret: &str) {
        self.part(secret);
        for form in spellings(secret.as_bytes()) {
            self.exactly(form);
        }
    }

    /// A secret, or a part of one, in each encoding.
    fn part(&mut self, part: &str) {
        for form in spellings(part.as_bytes()) {
            let mut letters = Zeroizing::new(Vec::with_capacity(form.len()));
            letters
                .extend(form.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase));
            if letters.len() >= LETTERS {
                self.letters.push(letters);
            } else {
                self.exactly(form);
            }
        }
        if let Some(number) = number(part) {
            for written in [number.to_string(), format!("{number:e}")] {
                self.exactly(Zeroizing::new(written.into_bytes()));
            }
            self.numbers.push(number);
        }
    }

    fn exactly(&mut self, form: Wiped) {
        if form.len() >= SHORTEST {
            self.exact.push(form);
        }
    }
}

/// All that is searched for but for numbers.
fn spellings(bytes: &[u8]) -> impl Iterator<Item = Wiped> {
    let (plain, closed) = decoded(bytes);
    // As forms write spaces.
    let form = plain.contains(&b' ').then(|| {
        let plus = |byte: &u8| if *byte == b' ' { b'+' } else { *byte };
        Zeroizing::new(plain.iter().map(plus).collect())
    });
    let hex = hex(bytes);
    let upper = Zeroizing::new(hex.to_ascii_uppercase());
    let all = [Zeroizing::new(bytes.to_vec()), plain, closed, hex, upper];
    all.into_iter().chain(form).chain(base64(bytes))
}

fn hex(bytes: &[u8]) -> Wiped {
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len() * 2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(b"0123456789abcdef".get(usize::from(nibble)));
        }
    }
    text
}

/// In both alphabets, at each alignment.
fn base64(bytes: &[u8]) -> impl Iterator<Item = Wiped> {
    (0..3).flat_map(move |skip| {
        once(base64_at(&STANDARD_NO_PAD, bytes, skip)).chain(once(base64_at(&URL_SAFE_NO_PAD, bytes, skip)))
    })
}

/// The characters of a base64 text that `bytes` alone decide when `skip` other bytes of a group come before.
fn base64_at(engine: &GeneralPurpose, bytes: &[u8], skip: usize) -> Wiped {
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
