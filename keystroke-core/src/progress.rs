//! What an action tells of how far it is, and who listens.

use std::sync::Arc;

/// How far a call is, as its action tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// So much is done.
    pub done: u64,
    /// Of so much, if known.
    pub total: Option<u64>,
    /// What is going on.
    pub message: &'a str,
}

/// Who listens to progress.
pub(crate) type Listener = Arc<dyn Fn(Progress<'_>) + Send + Sync>;
