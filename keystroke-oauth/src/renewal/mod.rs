//! When a grant is renewed, and what becomes of it (SEMANTICS O4 to O9): the rules that every store shares.
//!
//! All of it is computed: nothing here reads a clock, draws a random number, waits, or sends. A store keeps the bytes of a
//! [`Renewal`] beside the tokens, asks [`Renewal::need`] before it lends one, and saves what [`Renewal::after`] or
//! [`Renewal::issued`] returns. Where the rows are, who holds a claim and who runs the exchange is the store's.

mod after;
mod encoding;
mod need;
mod state;
mod takeover;
mod time;

use std::time::Duration;

pub use after::Effect;
pub use need::{Need, Occasion};
pub use state::{LastVerdict, Renewal, Terms, VerdictName};
pub use takeover::{Exchange, Holder, Takeover};

/// The most bytes that a [`Renewal`] is encoded in.
pub const LONGEST_RENEWAL: usize = 2048;
/// The least time between two exchanges of one grant, whatever the clock does.
pub const LEAST_INTERVAL: Duration = Duration::from_secs(1);
/// The cooldown after many failures, without what a provider asks for by `Retry-After`.
pub const LONGEST_COOLDOWN: Duration = Duration::from_secs(60);
/// A token that a third party refuses sooner than this after its issue is not exchanged for that.
pub const FORCED_AFTER: Duration = Duration::from_secs(60);
/// How many connections of one client have to die within [`DEAD_TOGETHER_WITHIN`] to be held.
pub const DEAD_TOGETHER: usize = 5;
/// See [`DEAD_TOGETHER`].
pub const DEAD_TOGETHER_WITHIN: Duration = Duration::from_secs(10 * 60);
/// At so many unknown verdicts in a row the operator is told.
pub const UNKNOWNS_TOLD: u32 = 3;
/// How long a dead refresh token stays sealed.
pub const KEEP_DEAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long after an exchange was sent it may be tried again, where nobody knows what became of its holder.
pub const RETRY_UNKNOWN_HOLDER: Duration = Duration::from_secs(10 * 60);

#[cfg(test)]
mod tests;
