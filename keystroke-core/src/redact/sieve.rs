//! Says of nearly every text, after a look at a few of its bytes, that none of some patterns is in it: the table of
//! shifts of Wu and Manber (1994). How many patterns there are hardly matters, and no case is told from another.
//!
//! What it can't rule out is searched in full: it never says of a text that holds a pattern that there is none.

use zeroize::Zeroizing;

/// So many bytes are looked at together.
const BLOCK: usize = 3;
/// So much of each pattern is known here.
const LONGEST: usize = 64;
/// Bits of a block's number: the table has a byte for each.
const BITS: u32 = 12;

pub(super) struct Sieve {
    /// How much of each pattern is known here.
    known: usize,
    /// By the number of a block that ends a stretch of `known` bytes: how far on a pattern could begin at the earliest.
    /// It tells something of the secrets, so it is wiped like them.
    shifts: Zeroizing<Vec<u8>>,
}

/// The number of a block; one that differs in case has the same.
fn number(block: &[u8]) -> usize {
    let folded = block.iter().fold(0_u32, |all, byte| (all << 8) | u32::from(byte | 0x20));
    usize::try_from(folded.wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS)).unwrap_or_default()
}

impl Sieve {
    /// For these patterns, which have [`BLOCK`] bytes at least.
    pub(super) fn new<'p>(patterns: impl Iterator<Item = &'p [u8]> + Clone) -> Self {
        let known = patterns.clone().map(<[u8]>::len).min().unwrap_or(LONGEST).min(LONGEST);
        let farthest = u8::try_from((known + 1).saturating_sub(BLOCK)).unwrap_or(u8::MAX);
        let mut shifts = Zeroizing::new(vec![farthest; 1 << BITS]);
        for pattern in patterns {
            let blocks = pattern.get(..known).unwrap_or(pattern).windows(BLOCK);
            // The last block of what is known ends where a pattern may lie: no shift.
            for (block, shift) in blocks.rev().zip(0_u8..) {
                if let Some(least) = shifts.get_mut(number(block)) {
                    *least = shift.min(*least);
                }
            }
        }
        Self { known, shifts }
    }

    /// Whether one of the patterns may be in the text; `is_one` says of a stretch of it whether a pattern begins so.
    pub(super) fn may_hold(&self, text: &[u8], is_one: impl Fn(&[u8]) -> bool) -> bool {
        let mut start = 0;
        while let Some(stretch) = text.get(start..start + self.known) {
            let last = stretch.last_chunk::<BLOCK>().map_or(0, |block| number(block));
            match self.shifts.get(last) {
                Some(shift @ 1..) => start += usize::from(*shift),
                _ if is_one(stretch) => return true,
                _ => start += 1,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_never_missed_and_what_is_not_is_ruled_out() {
        let patterns: [&[u8]; 3] = [b"abcdefgh", b"secret-of-some-length", b"ABABABABABAB"];
        let sieve = Sieve::new(patterns.into_iter());
        let is_one =
            |stretch: &[u8]| patterns.iter().any(|pattern| pattern[..8].eq_ignore_ascii_case(stretch));
        for pattern in patterns {
            for before in 0..40 {
                for after in [0, 1, 7, 30] {
                    let text = [vec![b'a'; before], pattern.to_ascii_uppercase(), vec![b'b'; after]].concat();
                    assert!(sieve.may_hold(&text, is_one), "{}", String::from_utf8_lossy(&text));
                    let less = &text[..before + 7];
                    assert!(!sieve.may_hold(less, is_one), "{}", String::from_utf8_lossy(less));
                }
            }
        }
        for text in ["", "ab", "abcdefg", "abcdefg abcdefg", "secret of some length"] {
            assert!(!sieve.may_hold(text.as_bytes(), is_one), "{text}");
        }
    }

    #[test]
    fn few_bytes_of_a_text_are_looked_at() {
        let pattern: &[u8] = b"sk-7d1f0c9a54e34b0e8f21c6aa01";
        let sieve = Sieve::new(std::iter::once(pattern));
        let asked = std::cell::Cell::new(0);
        let text = "Nothing of it is in here, however long this is. ".repeat(100);
        let is_one = |_: &[u8]| {
            asked.set(asked.get() + 1);
            false
        };
        assert!(!sieve.may_hold(text.as_bytes(), is_one));
        assert_eq!(asked.get(), 0);
    }
}
