//! The token endpoint: what is sent there, what comes back, and what that means.
//!
//! What a person or a machine does to be given a grant is not in here: it is in `grant`.

pub(crate) mod answer;
pub(crate) mod assertion;
pub(crate) mod document;
pub(crate) mod request;
mod retry_after;
mod verdict;

pub use answer::{Expiry, TokenAnswer};
pub use request::AuthorizationServer;
pub use retry_after::{MAX_RETRY_AFTER, RetryAfter};
pub use verdict::{CONFIRM_DEAD_AFTER, Cause, ErrorCode, Verdict, verdict};
