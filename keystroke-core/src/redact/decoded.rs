//! Bytes decoded from a text, such as the text with its escapes undone, and where in the text each comes from.

use super::multi_pattern::Wiped;

/// A stretch of what was made from a text. It holds the last of it only: what was searched is forgotten.
#[derive(Default)]
pub(super) struct View {
    bytes: Wiped,
    /// In order, each up to the next one: far fewer than bytes.
    runs: Vec<Run>,
}

/// Bytes that come one after another from the text, or one that was made from some of it.
#[derive(Clone, Copy)]
struct Run {
    /// The first byte's index.
    at: usize,
    /// Where it begins in the text, and where the run ends.
    start: usize,
    end: usize,
}

impl View {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// For so many bytes, so that none has to be moved.
    pub(super) fn reserve(&mut self, count: usize) {
        self.bytes.reserve(count);
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.runs.clear();
    }

    /// Where in the text the first byte begins.
    pub(super) fn first(&self) -> Option<usize> {
        self.runs.first().map(|run| run.start)
    }

    /// A byte that was made from this stretch of the text.
    pub(super) fn push(&mut self, byte: u8, start: usize, end: usize) {
        let length = self.bytes.len();
        match self.runs.last_mut() {
            // The run goes on, if each of its bytes stands for one.
            Some(run) if run.end == start && end == start + 1 && end - run.start == length + 1 - run.at => {
                run.end = end;
            }
            _ => self.runs.push(Run { at: length, start, end }),
        }
        self.bytes.push(byte);
    }

    /// Bytes of the text, which begin there.
    pub(super) fn extend(&mut self, bytes: impl ExactSizeIterator<Item = u8>, start: usize) {
        if bytes.len() > 0 {
            self.runs.push(Run { at: self.bytes.len(), start, end: start + bytes.len() });
            self.bytes.extend(bytes);
        }
    }

    /// The run that the byte is in, and where the next one begins.
    fn run_of(&self, at: usize) -> Option<(Run, usize)> {
        // Mostly one of the last is asked for.
        let last = self.runs.iter().rev().take(4).position(|run| run.at <= at);
        let next = match last {
            Some(after) => self.runs.len() - after,
            None => self.runs.partition_point(|run| run.at <= at),
        };
        let run = *self.runs.get(next.checked_sub(1)?)?;
        Some((run, self.runs.get(next).map_or(self.bytes.len(), |run| run.at)))
    }

    /// Where in the text a byte begins, and where it ends.
    pub(super) fn place(&self, at: usize) -> Option<(usize, usize)> {
        let (run, next) = self.run_of(at)?;
        let start = (run.start + (at - run.at)).min(run.end);
        Some((start, if at + 1 == next { run.end } else { start + 1 }))
    }

    /// The stretch of the text that the bytes `start..end`, at least one, come from.
    pub(super) fn stretch(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        Some((self.place(start)?.0, self.place(end.checked_sub(1)?)?.1))
    }

    /// Takes back all from this byte on.
    pub(super) fn truncate(&mut self, at: usize) {
        let last = at.checked_sub(1).and_then(|last| self.run_of(last));
        self.runs.truncate(self.runs.partition_point(|run| run.at < at));
        if let (Some((run, next)), Some(kept)) = (last, self.runs.last_mut())
            && next > at
        {
            kept.end = run.start + (at - run.at);
        }
        self.bytes.truncate(at);
    }

    /// Forgets the first so many bytes.
    pub(super) fn forget(&mut self, count: usize) {
        let count = count.min(self.bytes.len());
        let Some((mut first, _)) = self.run_of(count).filter(|_| count < self.bytes.len()) else {
            return self.clear();
        };
        let whole = self.runs.partition_point(|run| run.at <= count);
        (first.start, first.at) = (first.start + (count - first.at), 0);
        self.runs.drain(..whole);
        self.runs.iter_mut().for_each(|run| run.at -= count);
        self.runs.insert(0, first);
        self.bytes.drain(..count);
    }

    /// The letters and digits of bytes of the text, which begin there.
    pub(super) fn add_letters(&mut self, bytes: &[u8], mut start: usize) {
        let mut rest = bytes;
        while let Some(skip) = rest.iter().position(u8::is_ascii_alphanumeric) {
            let from = rest.get(skip..).unwrap_or_default();
            let length = from.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(from.len());
            let (word, after) = from.split_at_checked(length).unwrap_or((from, &[]));
            self.extend(word.iter().map(u8::to_ascii_lowercase), start + skip);
            (rest, start) = (after, start + skip + length);
        }
    }

    /// The letters and digits of a stretch of another view.
    pub(super) fn add_letters_of(&mut self, view: &Self, from: usize, to: usize) {
        let first = view.runs.partition_point(|run| run.at <= from).saturating_sub(1);
        for (index, run) in view.runs.iter().enumerate().skip(first).take_while(|(_, run)| run.at < to) {
            let next = view.runs.get(index + 1).map_or(view.bytes.len(), |run| run.at);
            let (begin, end) = (run.at.max(from), next.min(to));
            let bytes = view.bytes.get(begin..end).unwrap_or_default();
            if run.end - run.start == next - run.at {
                self.add_letters(bytes, run.start + (begin - run.at));
            } else if let Some(letter) = bytes.first().filter(|byte| byte.is_ascii_alphanumeric()) {
                self.push(letter.to_ascii_lowercase(), run.start, run.end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(view: &View) -> Vec<(u8, usize, usize)> {
        (0..view.len())
            .map(|at| {
                let (start, end) = view.place(at).unwrap();
                (view.bytes()[at], start, end)
            })
            .collect()
    }

    #[test]
    fn each_byte_leads_back_to_the_text_whatever_is_taken_away() {
        // Of `ab%41cd%42%43é`, with what each byte comes from.
        let all = [
            (b'a', 0, 1),
            (b'b', 1, 2),
            (b'A', 2, 5),
            (b'c', 5, 6),
            (b'd', 6, 7),
            (b'B', 7, 10),
            (b'C', 10, 13),
            (0xe9, 13, 15),
        ];
        let made = || {
            let mut view = View::default();
            all.into_iter().for_each(|(byte, start, end)| view.push(byte, start, end));
            view
        };
        assert_eq!(places(&made()), all);
        assert_eq!(made().stretch(1, 4), Some((1, 6)));
        for count in 0..=all.len() {
            let mut view = made();
            view.truncate(count);
            assert_eq!(places(&view), all[..count]);
            view.push(b'x', 20, 21);
            assert_eq!(view.place(count), Some((20, 21)));
            let mut view = made();
            view.forget(count);
            assert_eq!(places(&view), all[count..]);
            let mut letters = View::default();
            letters.add_letters_of(&made(), count, all.len());
            let expected = all[count..].iter().filter(|(byte, ..)| *byte != 0xe9);
            let expected: Vec<_> =
                expected.map(|(byte, start, end)| (byte.to_ascii_lowercase(), *start, *end)).collect();
            assert_eq!(places(&letters), expected);
        }
        let mut letters = View::default();
        letters.add_letters(b"-aB_1 \xc3\xa9 2", 7);
        assert_eq!(places(&letters), [(b'a', 8, 9), (b'b', 9, 10), (b'1', 11, 12), (b'2', 16, 17)]);
    }
}
