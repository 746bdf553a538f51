//! Reports of progress from an action, and who listens.

use std::sync::Arc;

use crate::redact::Scrubbed;

/// How far a call has come, as its action reports it.
///
/// Only the runtime makes one, from what is [`Scrubbed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// How much is done.
    pub done: u64,
    /// Of how much, if known.
    pub total: Option<u64>,
    /// What is going on.
    pub message: &'a str,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(
        done: &Scrubbed<u64>,
        total: Option<&Scrubbed<u64>>,
        message: &'a Scrubbed<String>,
    ) -> Self {
        Self { done: **done, total: total.map(|total| **total), message }
    }
}

/// Who listens to progress.
pub(crate) type Listener = Arc<dyn Fn(Progress<'_>) + Send + Sync>;
