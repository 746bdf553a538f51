//! Bytes that are written as a list of numbers, as JSON and `{:?}` write a `Vec<u8>`: `[115, 107, 45]`.

use super::decoded::View;

/// Reads the lists of a text, piece by piece.
#[derive(Default)]
pub(super) struct Lists {
    state: State,
    bytes: View,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// In no list.
    #[default]
    Outside,
    /// Where a number may begin.
    Between,
    /// In one, which began there.
    Number { start: usize, value: u32, is_hex: bool, is_negative: bool },
}

impl Lists {
    pub(super) fn clear(&mut self) {
        self.state = State::Outside;
        self.bytes.clear();
    }

    /// The bytes of the list that the text is in.
    pub(super) const fn bytes(&self) -> &View {
        &self.bytes
    }

    /// Where in the text the first of them begins, or a number does that has not ended.
    pub(super) fn first(&self) -> Option<usize> {
        let begun = match self.state {
            State::Number { start, .. } => Some(start),
            State::Outside | State::Between => None,
        };
        self.bytes.first().or(begun)
    }

    /// Forgets the first so many bytes.
    pub(super) fn forget(&mut self, count: usize) {
        self.bytes.forget(count);
    }

    /// Of these bytes of the text, which begin there. `ended` is told of each list that ends, before it is forgotten.
    pub(super) fn push(&mut self, text: &[u8], at: usize, mut ended: impl FnMut(&View)) {
        let mut index = 0;
        while let Some(byte) = text.get(index) {
            if let State::Outside = self.state {
                let Some(skip) = text.get(index..).and_then(|rest| memchr::memchr(b'[', rest)) else {
                    return;
                };
                index += skip + 1;
                self.state = State::Between;
                continue;
            }
            self.state = self.next(*byte, at + index);
            if let State::Outside = self.state {
                ended(&self.bytes);
                self.bytes.clear();
                // It may begin another one.
                if *byte == b'[' {
                    continue;
                }
            }
            index += 1;
        }
    }

    fn next(&mut self, byte: u8, at: usize) -> State {
        let digit = char::from(byte).to_digit(10);
        let number = |value, is_negative| State::Number { start: at, value, is_hex: false, is_negative };
        match (self.state, byte) {
            (State::Between, b',' | b' ' | b'\n' | b'\r' | b'\t') => State::Between,
            (State::Between, b'-') => number(0, true),
            (State::Between, _) => digit.map_or(State::Outside, |digit| number(digit, false)),
            (State::Number { start, value, is_hex, is_negative }, _) => match byte {
                b',' | b' ' | b'\n' | b'\r' | b'\t' | b']' => {
                    // Some languages know signed bytes alone.
                    let value = if is_negative { 256_u32.saturating_sub(value) } else { value };
                    let Ok(value) = u8::try_from(value) else { return State::Outside };
                    self.bytes.push(value, start, at);
                    if byte == b']' { State::Outside } else { State::Between }
                }
                b'x' if value == 0 && !is_hex => State::Number { start, value, is_hex: true, is_negative },
                _ => {
                    let radix = if is_hex { 16 } else { 10 };
                    let value = char::from(byte).to_digit(radix).map(|digit| value * radix + digit);
                    match value.filter(|value| *value < 256) {
                        Some(value) => State::Number { start, value, is_hex, is_negative },
                        None => State::Outside,
                    }
                }
            },
            (State::Outside, _) => State::Outside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_bytes_are_read_however_they_are_written_and_cut() {
        for (text, lists) in [
            ("[115, 107,45]", vec!["sk-"]),
            ("x[[\n    115,\n    107,\n]] [45] [256] [1.5] [1, 2", vec!["", "sk", "-", "", ""]),
            ("[115 107 0x2d 0x2D]", vec!["sk--"]),
            ("[-61, -87]", vec!["\u{e9}"]),
            ("[1][a][115, 'k'] [115, [107]]", vec!["\u{1}", "", "s", "s", "k"]),
        ] {
            for size in 1..=text.len() {
                let mut found = Vec::new();
                let mut reader = Lists::default();
                for (index, piece) in text.as_bytes().chunks(size).enumerate() {
                    reader.push(piece, index * size, |list| found.push(list.bytes().to_vec()));
                }
                assert_eq!(found, lists.iter().map(|list| list.as_bytes()).collect::<Vec<_>>(), "{text}");
            }
        }
    }
}
