//! Panics of the program's own code, which must not take an answer with them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use keystroke_core::drop_payload;
use tokio::task::JoinError;

/// `None` if it panics.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(drop_payload).ok()
}

/// Drops the error of a task that ended without a result. What it panicked with may panic once more when it is dropped.
pub(crate) fn drop_error(ended: JoinError) {
    if let Ok(payload) = ended.try_into_panic() {
        drop_payload(payload);
    }
}
