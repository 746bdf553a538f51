//! The search of one text, a slice at a time: it takes as much memory as a slice does, and whoever runs it may do something
//! else between two of them.
//!
//! What is decoded goes through as a stream, and of what was searched as much is kept as the longest secret takes. So
//! nothing depends on where a slice ends, however long a secret is spelled: a test compares slices of every size.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::decode::Decoder;
use super::decoded::View;
use super::lists::Lists;
use super::multi_pattern::{Patterns, Wiped};
use super::needle::{LETTERS, Needle};
use super::{SHORTEST, SLICE};

/// A search under way.
#[derive(Default)]
pub(super) struct Scan {
    /// How much of the text was looked at.
    at: usize,
    /// So far all secrets are known that begin before.
    certain: usize,
    /// Whether anything in it could be decoded.
    is_escaped: bool,
    decoder: Decoder,
    letters: Letters,
    lists: Lists,
    list_letters: Letters,
    hits: Vec<Hit>,
    /// The text without secrets, as far as that is certain; nothing until one was found.
    clean: Option<String>,
    /// How much of the text is in `clean`, or was left out of it.
    done: usize,
}

/// The letters and digits of a view, or of the text.
#[derive(Default)]
struct Letters {
    view: View,
    /// How many of the view's bytes were looked at.
    seen: usize,
}

/// A stretch of the text, in bytes, and the needle that it shows.
struct Hit {
    start: usize,
    end: usize,
    needle: usize,
}

/// What is searched for, and what of it was found.
pub(super) struct Search<'a> {
    needles: &'a [Arc<Needle>],
    found: &'a mut BTreeSet<usize>,
    /// How much of what was searched may be the beginning of a secret.
    overlap: usize,
    letters_overlap: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(needles: &'a [Arc<Needle>], found: &'a mut BTreeSet<usize>) -> Self {
        let longest = |of: fn(&Needle) -> &Patterns| needles.iter().map(|needle| of(needle).overlap()).max();
        let overlap = longest(|needle| &needle.forms().exact).unwrap_or_default();
        let letters_overlap = longest(|needle| &needle.forms().letters).unwrap_or_default();
        Self { needles, found, overlap, letters_overlap }
    }

    /// How many bytes are looked at in one go. A slice that is shorter than what is kept would be searched again and again.
    pub(super) fn slice(&self) -> usize {
        SLICE.max(self.overlap).max(self.letters_overlap)
    }

    /// Tells start, end and needle of what is in the bytes as it is.
    fn exact(&self, bytes: &[u8], mut each: impl FnMut(usize, usize, usize)) {
        for (needle, index) in self.needles.iter().zip(0..) {
            needle.forms().exact.find(bytes, |start, end| each(start, end, index));
        }
    }

    /// What is in the letters; forgets what no secret can begin in any more.
    fn letters(&self, letters: &mut View, hits: &mut Vec<Hit>) {
        for (needle, index) in self.needles.iter().zip(0..) {
            needle
                .forms()
                .letters
                .find(letters.bytes(), |start, end| hits.extend(Hit::of(letters, start, end, index)));
        }
        letters.forget(letters.len().saturating_sub(self.letters_overlap));
    }

    /// What is in the first so many bytes of a view; comes to how many of them can be forgotten.
    fn view(&self, view: &View, settled: usize, letters: &mut Letters, hits: &mut Vec<Hit>) -> usize {
        let bytes = view.bytes().get(..settled).unwrap_or_default();
        self.exact(bytes, |start, end, needle| hits.extend(Hit::of(view, start, end, needle)));
        letters.view.add_letters_of(view, letters.seen, settled);
        self.letters(&mut letters.view, hits);
        let searched = settled.saturating_sub(self.overlap);
        letters.seen = settled - searched;
        searched
    }
}

impl Hit {
    fn of(view: &View, start: usize, end: usize, needle: usize) -> Option<Self> {
        view.stretch(start, end).map(|(start, end)| Self { start, end, needle })
    }
}

impl Letters {
    fn clear(&mut self) {
        self.view.clear();
        self.seen = 0;
    }
}

impl Scan {
    /// Of a text from its beginning on.
    pub(super) fn begin(&mut self, text: &[u8]) {
        (self.at, self.certain, self.done, self.clean) = (0, 0, 0, None);
        self.is_escaped = memchr::memchr3(b'%', b'\\', b'&', text).is_some();
        self.decoder.clear();
        self.letters.clear();
        self.lists.clear();
        self.list_letters.clear();
        self.hits.clear();
    }

    /// How much of the text was looked at.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Looks at the next slice of the text that it began with. Whether that was the last one.
    pub(super) fn go_on(&mut self, text: &str, search: &mut Search<'_>) -> bool {
        self.go_on_by(text, search.slice(), search)
    }

    /// The same of so many bytes.
    pub(super) fn go_on_by(&mut self, text: &str, length: usize, search: &mut Search<'_>) -> bool {
        let is_last = self.look(text.as_bytes(), length, search);
        self.settle(text, search);
        is_last
    }

    /// The same of bytes that are no text: finds what they show, and cleans nothing.
    pub(super) fn seek(&mut self, bytes: &[u8], search: &mut Search<'_>) -> bool {
        let is_last = self.look(bytes, search.slice(), search);
        search.found.extend(self.hits.drain(..).map(|hit| hit.needle));
        is_last
    }

    fn look(&mut self, bytes: &[u8], length: usize, search: &Search<'_>) -> bool {
        let from = self.at;
        let to = from.saturating_add(length).min(bytes.len());
        let slice = bytes.get(from..to).unwrap_or_default();
        let is_last = to == bytes.len();
        self.at = to;

        let (before, hits) = (from.saturating_sub(search.overlap), &mut self.hits);
        search.exact(bytes.get(before..to).unwrap_or_default(), |start, end, needle| {
            hits.push(Hit { start: before + start, end: before + end, needle });
        });

        let letters = &mut self.list_letters;
        self.lists.push(slice, from, |list| {
            if list.len() >= SHORTEST {
                search.view(list, list.len(), letters, hits);
            }
            letters.clear();
        });
        let list = self.lists.bytes();
        if list.len() >= SHORTEST {
            let searched = search.view(list, list.len(), letters, hits);
            self.lists.forget(searched);
        }

        if self.is_escaped {
            self.decoder.push(slice, from);
            if is_last {
                self.decoder.end();
            }
            let view = self.decoder.view();
            let settled = if is_last { view.len() } else { self.decoder.settled() };
            let searched = search.view(view, settled, &mut self.letters, hits);
            self.decoder.forget(searched);
        } else if bytes.len() >= LETTERS {
            self.letters.view.add_letters(slice, from);
            search.letters(&mut self.letters.view, hits);
        }

        let kept = [
            self.decoder.view().first(),
            self.letters.view.first(),
            self.lists.first(),
            self.list_letters.view.first(),
        ];
        let certain = kept.into_iter().flatten().fold(to.saturating_sub(search.overlap), usize::min);
        self.certain = if is_last { bytes.len() } else { certain };
        is_last
    }

    /// Takes over what was found so far, as nothing more will be.
    fn settle(&mut self, text: &str, search: &mut Search<'_>) {
        self.hits.sort_unstable_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end), hit.needle));
        let count = self.hits.partition_point(|hit| hit.start < self.certain);
        for Hit { start, end, needle } in self.hits.drain(..count) {
            // What is decoded has other characters.
            let (start, end) = (text.floor_char_boundary(start), text.ceil_char_boundary(end));
            let clean = self.clean.get_or_insert_default();
            // A hit that begins inside the one before only widens it: no byte of either may stay.
            if start >= self.done {
                clean.push_str(text.get(self.done..start).unwrap_or_default());
                if let Some(needle) = search.needles.get(needle) {
                    clean.push_str(&needle.mark);
                }
            }
            search.found.insert(needle);
            self.done = self.done.max(end);
        }
    }

    /// The text without secrets; `None` if it holds none.
    pub(super) fn end(&mut self, text: &str) -> Option<String> {
        let mut clean = self.clean.take()?;
        clean.push_str(text.get(self.done..).unwrap_or_default());
        Some(clean)
    }

    /// The beginning of the text without secrets, as far as no secret can begin that was not looked at to its end.
    pub(super) fn beginning(&mut self, text: &str) -> String {
        let mut clean = self.clean.take().unwrap_or_default();
        clean.push_str(text.get(self.done..text.floor_char_boundary(self.certain)).unwrap_or_default());
        clean
    }
}

/// A text of base64 that comes in pieces and is not kept. Nothing in it is escaped.
#[derive(Default)]
pub(super) struct Base64Scan {
    /// The last of what came before, and the next piece.
    window: Wiped,
    letters: View,
    hits: Vec<Hit>,
    at: usize,
}

impl Base64Scan {
    /// The next piece: finds what it shows.
    pub(super) fn seek(&mut self, piece: &[u8], search: &mut Search<'_>) {
        let searched = self.window.len().saturating_sub(search.overlap);
        self.window.drain(..searched);
        self.window.extend_from_slice(piece);
        search.exact(&self.window, |start, end, needle| self.hits.push(Hit { start, end, needle }));
        self.letters.add_letters(piece, self.at);
        self.at += piece.len();
        search.letters(&mut self.letters, &mut self.hits);
        search.found.extend(self.hits.drain(..).map(|hit| hit.needle));
    }
}

/// The stretches of a list of bytes that show a secret, by index, in order.
#[derive(Default)]
pub(super) struct ListScan {
    bytes: View,
    letters: Letters,
    hits: Vec<Hit>,
}

impl ListScan {
    /// The next number of the list; `None` if it is no byte.
    pub(super) fn push(&mut self, byte: Option<u8>, index: usize, search: &Search<'_>) {
        match byte {
            Some(byte) => self.bytes.push(byte, index, index + 1),
            None => self.end(search),
        }
        if self.bytes.len() >= SLICE.max(2 * search.overlap) {
            let searched = search.view(&self.bytes, self.bytes.len(), &mut self.letters, &mut self.hits);
            self.bytes.forget(searched);
        }
    }

    /// The list has ended.
    pub(super) fn end(&mut self, search: &Search<'_>) {
        if self.bytes.len() >= SHORTEST {
            search.view(&self.bytes, self.bytes.len(), &mut self.letters, &mut self.hits);
        }
        self.bytes.clear();
        self.letters.clear();
    }

    /// The list with a mark in the place of each stretch; `None` if it holds none.
    pub(super) fn clean(mut self, list: &mut Vec<Value>, search: &mut Search<'_>) {
        self.hits.sort_unstable_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end), hit.needle));
        let mut hits = self.hits.into_iter().peekable();
        if hits.peek().is_none() {
            return;
        }
        let mut done = 0;
        for (item, index) in std::mem::take(list).into_iter().zip(0..) {
            while let Some(hit) = hits.next_if(|hit| hit.start == index) {
                if hit.start >= done
                    && let Some(needle) = search.needles.get(hit.needle)
                {
                    list.push(Value::from(needle.mark.as_str()));
                }
                search.found.insert(hit.needle);
                done = done.max(hit.end);
            }
            if index >= done {
                list.push(item);
            }
        }
    }
}
