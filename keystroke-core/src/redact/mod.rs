//! The one place that removes secrets from what leaves (SEMANTICS E6, S3).
//!
//! What leaves is [`Scrubbed`], and only this module makes one: code that lets something leave without asking does not compile. Which forms
//! of a secret are searched for is in `needle`, what of it is a secret by itself in `parts`, how encodings are undone in
//! `decode`, what becomes of images and other content in `content`. The time is linear in the text, and the memory that of a
//! slice of it.

mod content;
mod decode;
mod decoded;
mod lists;
mod multi_pattern;
mod needle;
mod parts;
mod scan;
mod scrubbed;
mod walk;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Number, Value};
use smallvec::SmallVec;

pub(crate) use needle::Needle;
use scan::{Scan, Search};
pub use scrubbed::Scrubbed;
pub(crate) use scrubbed::{AtAGlance, Glance, Scrub};
use walk::Walk;

/// Shorter secrets are not looked for: they would be found by chance. Stores refuse them unless allowed by name.
pub const SHORTEST: usize = 8;

/// So many bytes of text are looked at before anybody else gets a turn: a fraction of a millisecond.
const SLICE: usize = 32 * 1024;

/// The secrets of one execution, and what of them was found so far.
#[derive(Default)]
pub struct Redactor {
    /// Mostly one.
    needles: SmallVec<[Arc<Needle>; 1]>,
    found: BTreeSet<usize>,
    /// Kept from text to text for its memory. In a box, so that a redactor that meets no text is small.
    scan: Box<Scan>,
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
        Self { needles: needles.collect(), ..Self::default() }
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
        self.cleaned(text).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Removes the secrets from every string, number, list of bytes and map key of `value`.
    pub fn value(&mut self, value: &mut Value) {
        if !self.is_empty() {
            let mut walk = Walk::over(value);
            while !walk.go_on(self) {}
        }
    }

    fn search(&mut self) -> Search<'_> {
        Search::new(&self.needles, &mut self.found)
    }

    /// The text without secrets; `None` if it holds none.
    fn cleaned(&mut self, text: &str) -> Option<String> {
        // No form is shorter than that, and none that is decoded longer than what it was decoded from.
        if self.is_empty() || text.len() < SHORTEST {
            return None;
        }
        self.scan.begin(text.as_bytes());
        while !self.scan_on(text).0 {}
        self.scan.end(text)
    }

    /// Looks at the next slice of the text that the scan began with. Whether that was the last one, and what it cost.
    fn scan_on(&mut self, text: &str) -> (bool, usize) {
        let from = self.scan.at();
        let mut search = Search::new(&self.needles, &mut self.found);
        let is_done = self.scan.go_on(text, &mut search);
        (is_done, self.scan.at() - from)
    }

    /// The mark of the secret that a number shows: what is left of it.
    fn number(&mut self, number: &Number) -> Option<String> {
        if !self.needles.iter().any(|needle| needle.may_be_a_number()) {
            return None;
        }
        let double = number.as_f64();
        let same = |needle: &Arc<Needle>| double.is_some_and(|number| needle.is_number(number));
        match self.needles.iter().position(same) {
            Some(index) => {
                self.found.insert(index);
                self.needles.get(index).map(|needle| needle.mark.clone())
            }
            None => self.cleaned(&number.to_string()),
        }
    }
}

/// One step of a search. A test counts them, so that no clock has to say that the search is linear.
#[inline]
fn step() {
    #[cfg(test)]
    tests::STEPS.set(tests::STEPS.get() + 1);
}

#[cfg(test)]
mod tests;
