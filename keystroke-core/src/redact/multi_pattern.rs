//! Searches a text for many patterns at once, overlapping occurrences included, in linear time.
//!
//! Nearly every text holds none of them, and a look at a few of its bytes says so: the table of shifts of Wu and Manber
//! (1994). How many patterns there are hardly matters, and no case is told from another. What the table can't rule out is
//! compared.

use zeroize::Zeroizing;

use super::step;

/// So many bytes are looked at together.
const BLOCK: usize = 3;
/// So much of each pattern is in the table.
const LONGEST: usize = 64;
/// Bits of a block's number: the table has a byte for each. Many patterns get a larger one.
const BITS: std::ops::RangeInclusive<u32> = 12..=16;

/// Bytes that are wiped when they are dropped.
pub(super) type Wiped = Zeroizing<Vec<u8>>;

/// What is searched for, with its table. All of it tells of secrets, so it is wiped like them.
pub(super) struct Patterns {
    patterns: Vec<Wiped>,
    /// How much of each pattern is in the table.
    known: usize,
    bits: u32,
    /// By the number of a block that ends a stretch of `known` bytes: how far on a pattern could begin at the earliest.
    shifts: Wiped,
    /// The number of the block that ends what is known of a pattern, and the pattern; in order.
    ends: Zeroizing<Vec<[u32; 2]>>,
    longest: usize,
}

impl Patterns {
    /// Of these, each of which has [`BLOCK`] bytes at least.
    pub(super) fn new(mut patterns: Vec<Wiped>) -> Self {
        patterns.retain(|pattern| pattern.len() >= BLOCK);
        patterns.sort_by(|a, b| a.as_slice().cmp(b));
        patterns.dedup();
        let lengths = || patterns.iter().map(|pattern| pattern.len());
        let known = lengths().min().unwrap_or(LONGEST).min(LONGEST);
        let blocks = u32::try_from(patterns.len().saturating_mul(2 * known)).unwrap_or(u32::MAX);
        let bits = blocks.max(1).ilog2().clamp(*BITS.start(), *BITS.end());
        let farthest = u8::try_from((known + 1).saturating_sub(BLOCK)).unwrap_or(u8::MAX);
        let mut shifts = Zeroizing::new(vec![farthest; 1 << bits]);
        let mut ends = Zeroizing::new(Vec::with_capacity(patterns.len()));
        for (pattern, index) in patterns.iter().zip(0_u32..) {
            let blocks = pattern.get(..known).unwrap_or(pattern).windows(BLOCK);
            // The last block of what is known ends where a pattern may lie: no shift.
            for (block, shift) in blocks.rev().zip(0_u8..) {
                let number = number(block, bits);
                if let Some(least) = shifts.get_mut(usize::try_from(number).unwrap_or_default()) {
                    *least = shift.min(*least);
                }
                if shift == 0 {
                    ends.push([number, index]);
                }
            }
        }
        ends.sort_unstable();
        Self { known, bits, shifts, ends, longest: lengths().max().unwrap_or_default(), patterns }
    }

    /// How much of a text before some point an occurrence may have begun in that ends after it.
    pub(super) fn overlap(&self) -> usize {
        self.longest.saturating_sub(1)
    }

    /// The patterns themselves.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.patterns.iter().map(|pattern| pattern.as_slice())
    }

    /// Tells start and end of each occurrence.
    pub(super) fn find(&self, text: &[u8], mut each: impl FnMut(usize, usize)) {
        if self.patterns.is_empty() {
            return;
        }
        // What was spent on comparing each pattern, so that one that nearly fits everywhere gets another search.
        let mut spent: Vec<usize> = Vec::new();
        let mut start = 0;
        while let Some(stretch) = text.get(start..start + self.known) {
            step();
            let block = stretch.last_chunk::<BLOCK>().map_or(0, |block| number(block, self.bits));
            match self.shifts.get(usize::try_from(block).unwrap_or_default()) {
                Some(shift @ 1..) => start += usize::from(*shift),
                _ => {
                    self.compare(text, start, block, &mut spent, &mut each);
                    start += 1;
                }
            }
        }
    }

    /// Tells of each pattern that begins here and whose known part ends with this block.
    fn compare(
        &self,
        text: &[u8],
        start: usize,
        block: u32,
        spent: &mut Vec<usize>,
        each: &mut impl FnMut(usize, usize),
    ) {
        let first = self.ends.partition_point(|[number, _]| *number < block);
        let same = self.ends.iter().skip(first).take_while(|[number, _]| *number == block);
        let rest = text.get(start..).unwrap_or_default();
        for [_, index] in same {
            let index = usize::try_from(*index).unwrap_or_default();
            let Some(pattern) = self.patterns.get(index) else { continue };
            if rest.get(..self.known) != pattern.get(..self.known) {
                continue;
            }
            if spent.is_empty() {
                spent.resize(self.patterns.len(), 0);
            }
            let Some(spent) = spent.get_mut(index).filter(|spent| **spent < usize::MAX) else { continue };
            *spent += pattern.len();
            step();
            if *spent <= 4 * text.len() {
                if rest.starts_with(pattern) {
                    each(start, start + pattern.len());
                }
            } else {
                *spent = usize::MAX;
                occurrences(rest, pattern, |at| each(start + at, start + at + pattern.len()));
            }
        }
    }
}

/// The number of a block; one that differs in case has the same.
fn number(block: &[u8], bits: u32) -> u32 {
    let folded = block.iter().fold(0_u32, |all, byte| (all << 8) | u32::from(byte | 0x20));
    folded.wrapping_mul(0x9e37_79b1) >> (u32::BITS - bits)
}

/// Tells where `needle` begins in `text`, in linear time whatever they hold: Knuth, Morris and Pratt.
fn occurrences(text: &[u8], needle: &[u8], mut each: impl FnMut(usize)) {
    // After an occurrence, or a part of one: how much of it may begin the next one.
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
    for (at, byte) in text.iter().enumerate() {
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

#[cfg(test)]
mod tests {
    use super::super::tests::STEPS;
    use super::*;

    fn patterns(all: &[&[u8]]) -> Patterns {
        Patterns::new(all.iter().map(|pattern| Zeroizing::new(pattern.to_vec())).collect())
    }

    fn found(patterns: &Patterns, text: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        patterns.find(text, |start, end| found.push((start, end)));
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_ruled_out() {
        let all: [&[u8]; 3] = [b"abcdefgh", b"secret-of-some-length", b"ABABABABABAB"];
        let search = patterns(&all);
        for pattern in all {
            for before in 0..40 {
                for after in [0, 1, 7, 30] {
                    let text = [vec![b'a'; before], pattern.to_vec(), vec![b'b'; after]].concat();
                    assert_eq!(found(&search, &text), [(before, before + pattern.len())]);
                    assert_eq!(found(&search, &text[..before + pattern.len() - 1]), []);
                }
            }
        }
        for text in ["", "ab", "abcdefg", "abcdefg abcdefg", "secret of some length", "ABCDEFGH"] {
            assert_eq!(found(&search, text.as_bytes()), [], "{text}");
        }
    }

    #[test]
    fn a_thousand_patterns_are_found_as_one_by_one() {
        let all: Vec<Vec<u8>> =
            (0..1000_u32).map(|n| format!("{:08x}-{n}", n.wrapping_mul(0x9e37_79b1)).into_bytes()).collect();
        let search = patterns(&all.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let text = all.concat();
        let mut expected: Vec<(usize, usize)> = all
            .iter()
            .flat_map(|one| memchr::memmem::find_iter(&text, one).map(|at| (at, at + one.len())))
            .collect();
        expected.sort_unstable();
        assert_eq!(found(&search, &text), expected);
    }

    #[test]
    fn few_bytes_of_a_text_are_looked_at() {
        let search = patterns(&[b"sk-7d1f0c9a54e34b0e8f21c6aa01"]);
        let text = "Nothing of it is in here, however long this is. ".repeat(100);
        STEPS.set(0);
        assert_eq!(found(&search, text.as_bytes()), []);
        assert!(STEPS.get() * 16 < text.len(), "{} steps for {} bytes", STEPS.get(), text.len());
    }

    #[test]
    fn occurrences_that_overlap_are_all_told() {
        assert_eq!(found(&patterns(&[b"aaa"]), b"aaaaa"), [(0, 3), (1, 4), (2, 5)]);
        let mut starts = Vec::new();
        occurrences(b"aaaaa", b"aaa", |start| starts.push(start));
        assert_eq!(starts, [0, 1, 2]);
        // So many that the other search has to go on.
        let (text, needle) = ("ab".repeat(5000), "ab".repeat(500));
        let all = found(&patterns(&[needle.as_bytes()]), text.as_bytes());
        assert_eq!(all.len(), (text.len() - needle.len()) / 2 + 1);
    }

    #[test]
    fn the_search_takes_linear_steps_whatever_the_text_holds() {
        let long = "a".repeat(1000);
        let worst = [
            ("aaaaaaaa", "a"),
            (&long, "a"),
            ("aaaaaaab", "aaaaaaaa"),
            ("baaaaaaa", "baaaaaaab"),
            ("abacabadabacabae", "abacabadabacabae abacabadabacaba"),
        ];
        for (needle, part) in worst {
            let search = patterns(&[needle.as_bytes()]);
            for size in [1 << 12, 1 << 14, 1 << 16] {
                let text = part.repeat(size / part.len());
                STEPS.set(0);
                search.find(text.as_bytes(), |_, _| {});
                let most = 4 * (text.len() + needle.len());
                assert!(STEPS.get() <= most, "{needle}: {} steps for {} bytes", STEPS.get(), text.len());
            }
        }
        assert!(STEPS.get() > 1 << 11, "the control: steps are counted");
    }
}
