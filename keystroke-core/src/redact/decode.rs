//! A text with its escapes undone, in whatever order they were put on: percent-encoding, the escapes of JSON, Rust and
//! Python literals, and those of HTML, within each other as often as they may be.
//!
//! It goes on until nothing is left to be undone, so a secret that itself looks like an escape is brought into the same
//! form before it is searched for. What is undone depends on the text alone and not on how it is cut: a test compares.

use super::decoded::View;
use super::multi_pattern::Wiped;
use super::step;

/// So many escapes may be begun within each other; of those before them nothing comes any more. As many `%` in a row
/// would otherwise all have to be kept.
const MOST_OPEN: usize = 64;
/// The last bytes that what follows may still change, without an escape being open: a surrogate is three.
const UNSETTLED: usize = 3;

/// Undoes a text piece by piece.
#[derive(Default)]
pub(super) struct Decoder {
    view: View,
    /// Where in the view the escapes begin that what follows may complete, from the outermost to the innermost.
    open: Vec<usize>,
}

/// What a text that begins like an escape comes to.
enum Token {
    /// More has to be seen.
    Open,
    /// It is none.
    Not,
    /// A byte, as `%41` is.
    Byte(u8),
    /// A character by its number, which may be half of a pair of surrogates.
    Character(u32),
}

impl Decoder {
    pub(super) fn clear(&mut self) {
        self.view.clear();
        self.open.clear();
    }

    pub(super) const fn view(&self) -> &View {
        &self.view
    }

    /// Of these bytes of the text, which begin there.
    pub(super) fn push(&mut self, text: &[u8], mut at: usize) {
        let mut rest = text;
        while let [first, after @ ..] = rest {
            if self.open.is_empty() {
                let length = self.plain(rest, at);
                if let Some((_, from)) = rest.split_at_checked(length).filter(|_| length > 0) {
                    (rest, at) = (from, at + length);
                    continue;
                }
            }
            self.take(*first, at);
            (rest, at) = (after, at + 1);
        }
    }

    /// The text has ended: nothing is completed any more.
    pub(super) fn end(&mut self) {
        self.open.clear();
    }

    /// How many bytes nothing can change any more, until the end of the text.
    pub(super) fn settled(&self) -> usize {
        self.open.first().copied().unwrap_or(self.view.len()).saturating_sub(UNSETTLED)
    }

    /// Forgets the first so many bytes, which are settled.
    pub(super) fn forget(&mut self, count: usize) {
        self.view.forget(count);
        self.open.iter_mut().for_each(|open| *open = open.saturating_sub(count));
    }

    /// Takes what is quickly seen to be part of no other escape; comes to how much that is. It does what [`take`](Self::take)
    /// does, byte by byte, of all that is left.
    fn plain(&mut self, text: &[u8], at: usize) -> usize {
        let length = memchr::memchr3(b'%', b'\\', b'&', text).unwrap_or(text.len());
        if length > 0 {
            self.copy(text.get(..length).unwrap_or_default(), at);
            return length;
        }
        let (decoded, length) = match text {
            [b'%', high, low, ..] => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => return 0,
            },
            [b'\\', ..] => {
                let run = text.iter().position(|byte| *byte != b'\\').unwrap_or_default();
                match text.get(run).and_then(|kind| named(*kind)) {
                    Some(decoded) => (decoded, run + 1),
                    None => return 0,
                }
            }
            [b'&', after, ..] if !b"#algq%&\\".contains(after) => {
                self.view.push(b'&', at, at + 1);
                return 1;
            }
            _ => return 0,
        };
        if decoded >= 0x80 || matches!(decoded, b'%' | b'\\' | b'&') {
            return 0;
        }
        step();
        self.view.push(decoded, at, at + length);
        length
    }

    fn copy(&mut self, plain: &[u8], at: usize) {
        let (mut rest, mut at) = (plain, at);
        while let [first, after @ ..] = rest {
            // What may be the second half of a character that is one byte, or the first half.
            if matches!(self.view.bytes().last(), Some(0xc2 | 0xc3)) {
                self.folded(*first, at, at + 1);
                (rest, at) = (after, at + 1);
                continue;
            }
            let length = memchr::memchr2(0xc2, 0xc3, rest).map_or(rest.len(), |lead| lead + 1);
            let (same, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            self.view.extend(same.iter().copied(), at);
            (rest, at) = (after, at + length);
        }
    }

    /// Characters up to U+00FF as one byte, so that `é`, `\u00e9`, `\xe9` and the bytes `\xc3\xa9` are the same, whether
    /// what wrote `\x` meant characters or bytes.
    fn folded(&mut self, mut byte: u8, mut start: usize, end: usize) {
        while let (0x80..=0xbf, Some(lead @ (0xc2 | 0xc3))) = (byte, self.view.bytes().last()) {
            byte = (byte & 0x3f) | (lead << 6);
            let at = self.view.len() - 1;
            start = self.view.place(at).map_or(start, |(start, _)| start);
            self.view.truncate(at);
        }
        self.view.push(byte, start, end);
    }

    /// The next byte of the text.
    fn take(&mut self, mut byte: u8, at: usize) {
        let (mut start, end) = (at, at + 1);
        loop {
            step();
            let length = self.view.len();
            if byte >= 0x80 {
                self.open.clear();
                return self.folded(byte, start, end);
            }
            let is_backslash = byte == b'\\';
            // However often a text is escaped, the backslashes before a character count as one.
            if is_backslash && self.doubles(end - start) {
                return;
            }
            self.view.push(byte, start, end);
            if is_backslash || byte == b'%' || byte == b'&' {
                if self.open.len() == MOST_OPEN {
                    self.open.remove(0);
                }
                return self.open.push(length);
            }
            let Some(open) = self.open.last().copied() else { return };
            let decoded = match token(self.view.bytes().get(open..).unwrap_or_default()) {
                Token::Open => return,
                // Nor does it complete those around it.
                Token::Not => return self.open.clear(),
                Token::Byte(byte) => u32::from(byte),
                Token::Character(number) => number,
            };
            start = self.view.place(open).map_or(start, |(start, _)| start);
            self.view.truncate(open);
            self.open.pop();
            match u8::try_from(decoded) {
                // It may be part of another escape.
                Ok(decoded) => byte = decoded,
                Err(_) => return self.character(decoded, start, end),
            }
        }
    }

    /// Whether a backslash that was so long in the text doubles the one before it. A shorter one begins an escape of its
    /// own, behind one that was an escape itself: `\x5c\x78` is `\` and `x`, each escaped.
    fn doubles(&self, length: usize) -> bool {
        let Some(open) = self.open.last() else { return false };
        self.view.bytes().get(*open..) == Some(b"\\")
            && self.view.place(*open).is_none_or(|(start, end)| length >= end - start)
    }

    /// A character beyond U+00FF; the second half of a surrogate pair completes the first.
    fn character(&mut self, mut number: u32, mut start: usize, end: usize) {
        self.open.clear();
        if let (0xdc00..0xe000, [.., 0xed, second @ 0xa0..=0xaf, third]) = (number, self.view.bytes()) {
            let high = (u32::from(second & 0x0f) << 6) | u32::from(third & 0x3f);
            number = 0x1_0000 + (high << 10) + (number - 0xdc00);
            let at = self.view.len() - 3;
            start = self.view.place(at).map_or(start, |(start, _)| start);
            self.view.truncate(at);
        }
        match char::from_u32(number) {
            Some(character) => {
                let mut utf8 = [0; 4];
                character.encode_utf8(&mut utf8).bytes().for_each(|byte| self.view.push(byte, start, end));
            }
            // Half a pair, as UTF-8 would have it.
            None => {
                for byte in [0xe0 | (number >> 12), 0x80 | (number >> 6 & 0x3f), 0x80 | (number & 0x3f)] {
                    self.view.push(u8::try_from(byte).unwrap_or_default(), start, end);
                }
            }
        }
    }
}

/// A secret as it looks in a decoded text, and without an escape that its end begins: what stands behind it there may
/// complete that.
pub(super) fn decoded(secret: &[u8]) -> (Wiped, Wiped) {
    let mut decoder = Decoder::default();
    decoder.view.reserve(secret.len());
    decoder.push(secret, 0);
    let bytes = decoder.view.bytes();
    let closed = decoder.open.first().and_then(|open| bytes.get(..*open)).unwrap_or(bytes);
    (Wiped::new(bytes.to_vec()), Wiped::new(closed.to_vec()))
}

fn token(text: &[u8]) -> Token {
    match text {
        [b'%', digits @ ..] => hex(digits, 2),
        [b'\\', kind, rest @ ..] => match kind {
            b'x' => hex(rest, 2),
            b'u' => match rest {
                [b'{', digits @ .., b'}'] => number(digits, 16, Token::Not),
                [b'{', digits @ ..] if digits.len() <= 6 => number(digits, 16, Token::Open).or_open(),
                [b'{', ..] => Token::Not,
                _ => hex(rest, 4),
            },
            b'U' => hex(rest, 8),
            kind => named(*kind).map_or(Token::Not, Token::Byte),
        },
        [b'&', b'#', b'x' | b'X', digits @ .., b';'] => number(digits, 16, Token::Not),
        [b'&', b'#', digits @ .., b';'] => number(digits, 10, Token::Not),
        [b'&', b'#', rest @ ..] if rest.len() <= 8 => match rest {
            [b'x' | b'X', digits @ ..] => number(digits, 16, Token::Open).or_open(),
            digits => number(digits, 10, Token::Open).or_open(),
        },
        [b'&', name @ .., b';'] => {
            let known = ENTITIES.iter().find(|(entity, _)| entity.as_bytes() == name);
            known.map_or(Token::Not, |(_, byte)| Token::Byte(*byte))
        }
        [b'&', name @ ..] if ENTITIES.iter().any(|(entity, _)| entity.as_bytes().starts_with(name)) => {
            Token::Open
        }
        _ => Token::Not,
    }
}

/// What a character behind a backslash stands for, if that is all of the escape.
const fn named(kind: u8) -> Option<u8> {
    Some(match kind {
        b'"' | b'\'' | b'/' => kind,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'0' => 0,
        _ => return None,
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The characters that HTML has to escape. What is written by other names is not undone.
const ENTITIES: [(&str, u8); 5] =
    [("amp", b'&'), ("lt", b'<'), ("gt", b'>'), ("quot", b'"'), ("apos", b'\'')];

impl Token {
    /// Digits that are sound so far.
    fn or_open(self) -> Self {
        match self {
            Self::Not => Self::Not,
            _ => Self::Open,
        }
    }
}

/// So many hexadecimal digits.
fn hex(digits: &[u8], count: usize) -> Token {
    match number(digits, 16, Token::Open) {
        Token::Not => Token::Not,
        _ if digits.len() < count => Token::Open,
        token => token,
    }
}

/// The character of this number; `none` where there is no digit.
fn number(digits: &[u8], radix: u32, none: Token) -> Token {
    if digits.is_empty() {
        return none;
    }
    let number = digits.iter().try_fold(0_u32, |number, digit| {
        number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?)
    });
    match number {
        Some(number) if number <= u32::from(char::MAX) => Token::Character(number),
        _ => Token::Not,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::STEPS;
    use super::*;

    fn undone(text: &str) -> Vec<u8> {
        let mut decoder = Decoder::default();
        decoder.push(text.as_bytes(), 0);
        decoder.view.bytes().to_vec()
    }

    #[test]
    fn escapes_are_undone_and_what_is_none_stays() {
        for (text, plain) in [
            (r#"a\"b\\c\/d\n"#, "a\"b\\c/d\n"),
            (r"\ud83d\ude00 \U0001f600 &#x1f600; \u{1F600}", "😀 😀 😀 😀"),
            (r"\ud83d\u20ac", "\u{0}\u{0}\u{0}€"),
            (r"\u12 \q \", r"\u12 \q \"),
            (r"\u{} \u{1234567} \u{110000} \uz", r"\u{} \u{1234567} \u{110000} \uz"),
            ("a%2Fb%2fc%zz%2", "a/b/c%zz%2"),
            ("a+b%2Bc", "a+b+c"),
            ("%252F %25252f %25%32%46 %2%35%32F", "/ / / /"),
            ("&amp;&lt;&gt;&quot;&apos;&#39;&#x27;&#X41;", "&<>\"'''A"),
            (
                "&amp;amp;quot; &ampere; &nope; &; &#; &#x; ?a=1&page=2&lt=3",
                "\" &ampere; &nope; &; &#; &#x; ?a=1&page=2&lt=3",
            ),
            (r"\\\\\\n \\\\x41 %5cn %5C%6E \u0025\u0034\u0031", "\n A \n \n A"),
            (r"\x5c\x78\x34\x31 \\x5c\\u{75}\\x7b41\x7d %5c\u{6e} \u005c\u005c\u006e", "A A \n \n"),
        ] {
            // Half a pair has no text.
            let expected = plain.replace("\0\0\0", "\u{fffd}\u{fffd}\u{fffd}");
            assert_eq!(String::from_utf8_lossy(&undone(text)), expected, "{text}");
        }
        for e in [
            "é",
            r"\u00e9",
            r"\u{e9}",
            r"\xe9",
            r"\xc3\xa9",
            "%C3%A9",
            "%E9",
            "&#233;",
            "Ã©",
            r"\u00c3\u00a9",
        ] {
            assert_eq!(undone(e), [0xe9], "{e}");
        }
    }

    #[test]
    fn what_is_undone_does_not_depend_on_how_the_text_is_cut() {
        let parts = [
            "%", "%2", "%25", "%41", "5", "\\", "\\\\", "\\u", "\\u00", "e9", "\\x4", "n", "&", "&#", "&am",
            "p;", "&amp;", "é", "\\ud83d", "\\ude00", "{", "}", " ", "Ã", "x",
        ];
        let mut seed = 7_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(seed >> 33).unwrap() % below
        };
        for _ in 0..2000 {
            let text: String = (0..random(12)).map(|_| parts[random(parts.len())]).collect();
            let whole = undone(&text);
            let mut decoder = Decoder::default();
            let (mut at, mut pieced, mut ends) = (0, Vec::new(), Vec::new());
            let mut keep = |decoder: &mut Decoder, settled: usize| {
                for index in 0..settled {
                    pieced.push(decoder.view.bytes()[index]);
                    ends.push(decoder.view.place(index).unwrap());
                }
                decoder.forget(settled);
            };
            while at < text.len() {
                let length = (1 + random(4)).min(text.len() - at);
                decoder.push(&text.as_bytes()[at..at + length], at);
                at += length;
                let settled = decoder.settled();
                keep(&mut decoder, settled);
            }
            decoder.end();
            let left = decoder.view.len();
            keep(&mut decoder, left);
            assert_eq!(pieced, whole, "{text}");
            // What was dropped, a second backslash, stands for nothing.
            assert!(ends.windows(2).all(|two| two[0].1 <= two[1].0 || two[0] == two[1]), "{text}: {ends:?}");
        }
    }

    #[test]
    fn it_takes_linear_steps_and_little_memory_whatever_the_text_holds() {
        for part in ["%", "\\", "&", "%2", "%3%3%31", "%25", "\\u{", "&#", "&amp", "%5c", "\\u005c", "&amp;"]
        {
            for size in [1 << 12, 1 << 16] {
                let text = part.repeat(size / part.len());
                let mut decoder = Decoder::default();
                STEPS.set(0);
                for (index, piece) in text.as_bytes().chunks(1 << 10).enumerate() {
                    decoder.push(piece, index << 10);
                    let settled = decoder.settled();
                    decoder.forget(settled);
                    assert!(
                        decoder.view.len() <= (1 << 10) + 16 * MOST_OPEN && decoder.open.len() <= MOST_OPEN
                    );
                }
                assert!(STEPS.get() <= 2 * text.len(), "{part}: {} steps", STEPS.get());
            }
        }
    }

    #[test]
    fn a_secret_is_brought_into_the_same_form() {
        assert_eq!(decoded(b"sk-%41\\n&amp;").0.as_slice(), b"sk-A\n&");
        for (secret, closed) in
            [(&b"abc\\"[..], &b"abc"[..]), (b"abc%4", b"abc"), (b"abc&am", b"abc"), (b"abc", b"abc")]
        {
            assert_eq!(decoded(secret).0.as_slice(), secret);
            assert_eq!(decoded(secret).1.as_slice(), closed);
        }
    }
}
