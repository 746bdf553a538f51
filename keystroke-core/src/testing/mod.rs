//! What a test of code with credentials needs (feature `test-util`): runs of every origin, a clock that the test moves, a
//! store that records what it was asked, and a search for secrets in whatever left the process.
//!
//! [`MemoryStore`](crate::MemoryStore) is the store to fill.
//!
//! ```
//! use std::time::Duration;
//! use keystroke_core::testing::{RecordingStore, TestClock, TestRuns, assert_no_secret};
//! use keystroke_core::{Instance, MemoryStore, Origin};
//!
//! let store = RecordingStore::new(
//!     MemoryStore::new().with(Instance::new("exa").in_organization("acme").field("api_key", "exa-key-1")),
//! );
//! let clock = TestClock::new();
//! let runs = TestRuns::new(store.clone()).clock(clock.clone());
//!
//! let run = runs.as_user(Origin::Prompt);
//! clock.advance(Duration::from_secs(3600));
//! // … call actions with `run` …
//! assert!(store.opened().is_empty(), "nothing was called");
//! assert_no_secret(format!("{run:?}"), ["exa-key-1"]);
//! ```

mod clock;
mod record;
mod runs;
mod search;

pub use clock::TestClock;
pub use record::{RecordedOpen, RecordedUse, RecordingStore, StoreEvent};
pub use runs::TestRuns;
pub use search::{FoundSecret, assert_no_secret, find_secret};
