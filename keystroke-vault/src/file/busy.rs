//! The retry of a busy file: how long this crate waits for what another process holds, and how. [`wait_for`] is for SQLite;
//! the lock files beside a vault wait as long (`lock.rs`). Three places wait less: a warm call's row is not waited for at all
//! (`audit/audit_file.rs`), the audit thread tries again by itself (`audit/writer.rs`), and so does who empties the log after a
//! change (`change/operations.rs`).

use std::time::Duration;

use rusqlite::Connection;

/// How long to wait for another process.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How often a connection that waits for [`PATIENCE`] looks whether it is its turn.
const TURN: Duration = Duration::from_millis(2);

/// Makes a connection wait for another one's lock. SQLite's own way of waiting looks less and less often, down to ten
/// times a second, so that among many constant writers one may never get its turn; here all look equally often.
pub(crate) fn wait_for(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    if patience < PATIENCE {
        return connection.busy_timeout(patience);
    }
    connection.busy_handler(Some(|looked| {
        // Counted, not timed: on a busy machine everything takes longer, and so does this.
        let goes_on =
            u128::try_from(looked).is_ok_and(|looked| looked < PATIENCE.as_millis() / TURN.as_millis());
        if goes_on {
            std::thread::sleep(TURN);
        }
        goes_on
    }))
}
