//! The one type of what leaves: [`Scrubbed`]. A result, an error's texts, a report of progress are each built from it, so
//! that none of them can be made of something that was not searched.

use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::task::Poll;

use serde_json::{Number, Value};

use super::walk::Walk;
use super::{Redactor, SHORTEST, SLICE};
use crate::json::content::{Content, GivenContent};
use crate::run::cancel::Cancellation;

/// So much of a text that an error or a report of progress tells is shown; behind it stands how long it was.
const LONGEST_TEXT: usize = 64 * 1024;

/// What may leave: the secrets of the call were removed from it (SEMANTICS S3). Only the runtime makes one; read it as what
/// it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrubbed<T>(T);

/// What is seen of a JSON value while it is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Glance {
    /// About how many bytes it has.
    pub(crate) size: usize,
    is_long: bool,
}

impl Glance {
    /// A text or key of so many bytes, or a list of so many items, is in it.
    pub(crate) fn saw(&mut self, length: usize) {
        self.is_long |= length >= SHORTEST;
    }

    /// Whether any of it is long enough for a secret.
    #[cfg(test)]
    pub(crate) fn is_long(self) -> bool {
        self.is_long
    }
}

/// A JSON value, as far as it was seen at a glance.
pub(crate) enum AtAGlance {
    /// Nothing in it is long enough for a secret.
    Clean(Scrubbed<Value>),
    /// It can be searched in one go.
    Little(Value),
    Much(Value),
}

impl AtAGlance {
    /// `may_be_a_number` says whether a number may show one of the secrets.
    pub(crate) fn of(json: Value, glance: Glance, may_be_a_number: impl FnOnce() -> bool) -> Self {
        if glance.size >= SLICE {
            Self::Much(json)
        } else if glance.is_long || may_be_a_number() {
            Self::Little(json)
        } else {
            Self::Clean(Scrubbed(json))
        }
    }
}

/// What is short, as the texts of errors are, and is searched in one go.
pub(crate) trait Scrub {
    /// Removes the secrets from all of it that is shown to anybody.
    fn scrub(&mut self, secrets: &mut Redactor);
}

impl Scrub for String {
    fn scrub(&mut self, secrets: &mut Redactor) {
        if let Some(clean) = secrets.cleaned_beginning(self) {
            *self = clean;
        }
    }
}

/// The texts of an error and its sources: of all of them together no more is shown than of one.
impl Scrub for Vec<String> {
    fn scrub(&mut self, secrets: &mut Redactor) {
        let mut left = LONGEST_TEXT;
        for text in self {
            if left == 0 {
                text.clear();
            }
            text.scrub(secrets);
            left = left.saturating_sub(text.len());
        }
    }
}

/// What is told to an operator, and what to a model where that is something else.
impl<A: Scrub, B: Scrub> Scrub for (A, Option<B>) {
    fn scrub(&mut self, secrets: &mut Redactor) {
        self.0.scrub(secrets);
        if let Some(second) = &mut self.1 {
            second.scrub(secrets);
        }
    }
}

impl Redactor {
    /// Without secrets, and so fit to leave.
    pub(crate) fn scrub<T: Scrub>(&mut self, mut thing: T) -> Scrubbed<T> {
        thing.scrub(self);
        Scrubbed(thing)
    }

    /// A value that is looked at in one go.
    pub(crate) fn scrub_value(&mut self, mut value: Value) -> Scrubbed<Value> {
        self.value(&mut value);
        Scrubbed(value)
    }

    /// A large value, with a turn for everybody else after each slice; `None` once the call is cancelled.
    pub(crate) async fn scrub_in_slices(
        &mut self,
        mut value: Value,
        cancellation: &Cancellation,
    ) -> Option<Scrubbed<Value>> {
        if !self.is_empty() {
            let mut slices = Slices::of(cancellation);
            let mut walk = Walk::over(&mut value);
            while !walk.go_on(self) {
                slices.next().await?;
            }
        }
        Some(Scrubbed(value))
    }

    /// The same of content, large or not.
    pub(crate) async fn scrub_content(
        &mut self,
        mut given: GivenContent,
        cancellation: &Cancellation,
    ) -> Option<Scrubbed<GivenContent>> {
        if !self.is_empty() {
            self.clean_content(&mut given.content, &mut Slices::of(cancellation)).await?;
        }
        Some(Scrubbed(given))
    }

    /// A number; `None` if it shows a secret, which then counts as found.
    pub(crate) fn scrub_number(&mut self, number: u64) -> Option<Scrubbed<u64>> {
        self.number(&Number::from(number)).is_none().then_some(Scrubbed(number))
    }

    /// Without secrets and no longer than may be; `None` if it is so already.
    fn cleaned_beginning(&mut self, text: &str) -> Option<String> {
        if text.len() <= LONGEST_TEXT {
            return self.cleaned(text);
        }
        self.scan.begin(text.as_bytes());
        while self.scan.at() < LONGEST_TEXT && !self.scan_on(text).0 {}
        let beginning = self.scan.beginning(text);
        Some(format!("{beginning}… ({} bytes in all)", text.len()))
    }
}

/// The slices in which something large is searched: after each, everybody else gets a turn.
pub(super) struct Slices<'a> {
    left: usize,
    cancellation: &'a Cancellation,
}

impl<'a> Slices<'a> {
    const fn of(cancellation: &'a Cancellation) -> Self {
        Self { left: SLICE, cancellation }
    }

    /// So many bytes were looked at; `None` once the call is cancelled.
    pub(super) async fn spend(&mut self, cost: usize) -> Option<()> {
        self.left = self.left.saturating_sub(cost);
        if self.left == 0 { self.next().await } else { Some(()) }
    }

    async fn next(&mut self) -> Option<()> {
        self.left = SLICE;
        give_way().await;
        (!self.cancellation.is_cancelled()).then_some(())
    }
}

/// Lets whatever else waits for this thread go first.
async fn give_way() {
    let mut has_waited = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Scrubbed<Vec<String>> {
    /// Each of the texts.
    pub(crate) fn into_each(self) -> impl DoubleEndedIterator<Item = Scrubbed<String>> {
        self.0.into_iter().map(Scrubbed)
    }
}

impl<A, B> Scrubbed<(A, Option<B>)> {
    /// Both of them.
    pub(crate) fn split(self) -> (Scrubbed<A>, Option<Scrubbed<B>>) {
        (Scrubbed(self.0.0), self.0.1.map(Scrubbed))
    }
}

impl Scrubbed<GivenContent> {
    /// The content itself.
    pub(crate) fn content(&self) -> &Content {
        &self.0.content
    }
}

impl<T> Scrubbed<T> {
    /// Adds words of our own, which hold no secret.
    pub(crate) fn amend(&mut self, with: impl FnOnce(&mut T)) {
        with(&mut self.0);
    }

    /// What it holds.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Scrubbed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display> fmt::Display for Scrubbed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
