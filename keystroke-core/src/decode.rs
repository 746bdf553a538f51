//! A text with its escapes undone, and where each byte of it came from: what redaction searches, so that a secret is
//! found however it was encoded on its way out.

use std::borrow::Cow;

use zeroize::Zeroizing;

/// Some bytes, and the places in the text that they come from.
pub(crate) enum View<'t> {
    /// The text itself.
    Plain(&'t str),
    /// Decoded bytes, where in the text each begins, and its end.
    Decoded(Zeroizing<Vec<u8>>, Vec<usize>),
}

impl<'t> View<'t> {
    /// The text as it stands.
    pub(crate) const fn of(text: &'t str) -> Self {
        Self::Plain(text)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(text) => text.as_bytes(),
            Self::Decoded(bytes, _) => bytes,
        }
    }

    /// The stretch of the text that the bytes `start..end` come from.
    pub(crate) fn place(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        match self {
            Self::Plain(_) => Some((start, end)),
            Self::Decoded(_, starts) => Some((*starts.get(start)?, *starts.get(end)?)),
        }
    }

    /// This view with an encoding undone.
    fn decoded(&self, step: Step) -> Self {
        let from = self.bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(from.len()));
        let mut starts = Vec::with_capacity(from.len() + 1);
        let mut at = 0;
        let place = |at: usize| self.place(at, at).map_or(0, |(start, _)| start);
        while let Some(rest) = from.get(at..).filter(|rest| !rest.is_empty()) {
            let (decoded, length) = step(rest);
            starts.extend(std::iter::repeat_n(place(at), decoded.len()));
            bytes.extend_from_slice(&decoded);
            at += length.max(1);
        }
        starts.push(place(from.len()));
        Self::Decoded(bytes, starts)
    }
}

/// Decodes what a text begins with: the bytes, and the length of what they stood for.
type Step = fn(&[u8]) -> (Bytes<'_>, usize);
type Bytes<'b> = Cow<'b, [u8]>;

/// The text with each encoding undone that it may have, alone and within another.
pub(crate) fn views(text: &str) -> Vec<View<'static>> {
    let mut views = Vec::new();
    let plain = View::of(text);
    let escaped = text.contains('\\');
    url_views(&plain, text.contains('%'), text.contains('+'), &mut views);
    if escaped {
        let once = plain.owned(backslash);
        let has = |byte: u8| once.bytes().contains(&byte);
        url_views(&once, has(b'%'), has(b'+'), &mut views);
        if has(b'\\') {
            // A JSON text in a JSON text.
            views.push(once.owned(backslash));
        }
        views.push(once);
    }
    views
}

fn url_views(from: &View<'_>, percent: bool, plus: bool, views: &mut Vec<View<'static>>) {
    if percent {
        views.push(from.owned(percent_decoded));
    }
    if plus {
        views.push(from.owned(form_decoded));
    }
}

impl View<'_> {
    fn owned(&self, step: Step) -> View<'static> {
        match self.decoded(step) {
            View::Decoded(bytes, starts) => View::Decoded(bytes, starts),
            // `decoded` makes no other kind.
            View::Plain(_) => View::Decoded(Zeroizing::default(), Vec::new()),
        }
    }
}

fn one(text: &[u8]) -> (Bytes<'_>, usize) {
    (Cow::Borrowed(text.get(..1).unwrap_or_default()), 1)
}

fn percent_decoded(text: &[u8]) -> (Bytes<'_>, usize) {
    match text {
        [b'%', digits @ ..] => match hex_number(digits.get(..2)) {
            Some(byte) => (Cow::Owned(vec![u8::try_from(byte).unwrap_or_default()]), 3),
            None => one(text),
        },
        _ => one(text),
    }
}

fn form_decoded(text: &[u8]) -> (Bytes<'_>, usize) {
    if text.first() == Some(&b'+') { (Cow::Borrowed(b" "), 1) } else { percent_decoded(text) }
}

/// The escapes of JSON, and those that Rust's `{:?}` has besides.
fn backslash(text: &[u8]) -> (Bytes<'_>, usize) {
    let [b'\\', kind, rest @ ..] = text else { return one(text) };
    let known: &[u8] = match kind {
        b'"' => b"\"",
        b'\'' => b"'",
        b'\\' => b"\\",
        b'/' => b"/",
        b'b' => b"\x08",
        b'f' => b"\x0c",
        b'n' => b"\n",
        b'r' => b"\r",
        b't' => b"\t",
        b'0' => b"\0",
        b'x' => return character(hex_number(rest.get(..2)), 4).unwrap_or_else(|| one(text)),
        b'u' => return unicode(rest).unwrap_or_else(|| one(text)),
        _ => return one(text),
    };
    (Cow::Borrowed(known), 2)
}

/// What stands behind `\u`: four digits, maybe a pair of surrogates, or `{…}`.
fn unicode(rest: &[u8]) -> Option<(Bytes<'static>, usize)> {
    if let [b'{', braced @ ..] = rest {
        let digits = braced.iter().take(6).take_while(|byte| byte.is_ascii_hexdigit()).count();
        return match braced.get(digits) {
            Some(b'}') => character(hex_number(braced.get(..digits)), digits + 4),
            _ => None,
        };
    }
    let first = hex_number(rest.get(..4))?;
    if !(0xd800..0xdc00).contains(&first) {
        return character(Some(first), 6);
    }
    let second = match rest.get(4..) {
        Some([b'\\', b'u', digits @ ..]) => hex_number(digits.get(..4))?,
        _ => return None,
    };
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    character(Some(0x10000 + ((first - 0xd800) << 10) + low), 12)
}

fn character(number: Option<u32>, length: usize) -> Option<(Bytes<'static>, usize)> {
    let text = char::from_u32(number?)?.to_string();
    Some((Cow::Owned(text.into_bytes()), length))
}

fn hex_number(digits: Option<&[u8]>) -> Option<u32> {
    let digits = digits.filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u32, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, step: Step) -> String {
        String::from_utf8_lossy(View::of(text).decoded(step).bytes()).into_owned()
    }

    #[test]
    fn escapes_are_undone_and_what_is_none_stays() {
        for (text, plain) in [
            (r#"a\"b\\c\/d\n"#, "a\"b\\c/d\n"),
            (r"\u00e9\u{e9}\xe9", "ééé"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d", r"\ud83d"),
            (r"\ud83d\u0041", r"\ud83dA"),
            (r"\u12 \q \", r"\u12 \q \"),
            (r"\u{} \u{1234567} \u{110000}", r"\u{} \u{1234567} \u{110000}"),
        ] {
            assert_eq!(decoded(text, backslash), plain);
        }
        assert_eq!(decoded("a%2Fb%2fc%zz%2", percent_decoded), "a/b/c%zz%2");
        assert_eq!(decoded("a+b%2Bc", form_decoded), "a b+c");
    }

    #[test]
    fn places_lead_back_to_the_text() {
        let view = View::of("x%41yé").decoded(percent_decoded);
        assert_eq!(view.bytes(), "xAyé".as_bytes());
        assert_eq!(view.place(1, 2), Some((1, 4)));
        assert_eq!(view.place(2, 5), Some((4, 7)));
        assert_eq!(view.place(0, 9), None);
    }
}
