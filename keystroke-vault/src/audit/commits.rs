//! The highest generation that was committed. A change is on record before it is committed, and once more afterwards,
//! in a row that no list shows. So a vault with a lower generation than the record knows to be committed was put back
//! to an earlier state: by an older file written over it, for instance, or an older header of its WAL index.

use rusqlite::Connection;

use super::entry::AuditEvent;

/// A change was committed; the row's version is its generation.
const COMMIT: &str = "commit";
/// The record was copied with a vault of this generation, which may be older than what the record knows.
const COPY: &str = "copy";
/// A vault was made, perhaps in place of one that is gone.
const INIT: &str = "init";

/// Whether a row exists only for [`Commits`].
pub(crate) fn is_internal(event: &str) -> bool {
    event == COMMIT || event == COPY
}

/// The row of a change that was committed.
pub(crate) fn committed(at: i64, generation: u64) -> AuditEvent<'static> {
    AuditEvent { at, event: COMMIT, version: Some(generation.cast_signed()), ..AuditEvent::default() }
}

/// The row at the end of a copied record.
pub(crate) fn copied(at: i64, generation: u64) -> AuditEvent<'static> {
    AuditEvent { event: COPY, ..committed(at, generation) }
}

/// The highest generation that is known to have been committed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Commits(u64);

impl Commits {
    /// Takes in each row, in order.
    pub(crate) fn note(&mut self, event: &str, version: Option<u64>) {
        match (event, version) {
            // The rows of two processes may be in another order than their changes.
            (COMMIT, Some(generation)) => self.0 = self.0.max(generation),
            (COPY, Some(generation)) => self.0 = generation,
            (INIT, _) => self.0 = 0,
            _ => {}
        }
    }

    pub(crate) const fn highest(self) -> u64 {
        self.0
    }

    /// Takes in the rows above `seq`, and returns the last row's number. Their HMACs are not checked: reading the
    /// whole record finds what was altered, and does not rely on this.
    pub(super) fn note_above(&mut self, connection: &Connection, seq: u64) -> rusqlite::Result<u64> {
        let mut rows = connection.prepare_cached(
            "SELECT event, version FROM entries WHERE seq > ?1 AND event IN ('commit', 'copy', 'init') ORDER BY seq",
        )?;
        let last = connection
            .prepare_cached("SELECT max(seq) FROM entries")?
            .query_row([], |row| row.get::<_, Option<i64>>(0))?;
        let mut rows = rows.query([seq.cast_signed()])?;
        while let Some(row) = rows.next()? {
            let version = row.get::<_, Option<i64>>(1)?.map(i64::cast_unsigned);
            self.note(row.get_ref(0)?.as_str()?, version);
        }
        Ok(last.map_or(seq, |last| seq.max(last.cast_unsigned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_to_be_committed_is_the_highest_since_the_vault_was_made_or_copied() {
        let mut commits = Commits::default();
        for (event, version, highest) in [
            ("init", None, 0),
            ("set", Some(9), 0),
            ("commit", Some(2), 2),
            ("commit", Some(1), 2),
            ("use", Some(7), 2),
            ("commit", Some(5), 5),
            ("copy", Some(3), 3),
            ("commit", Some(4), 4),
            ("init", None, 0),
        ] {
            commits.note(event, version);
            assert_eq!(commits.highest(), highest, "{event} {version:?}");
        }
    }
}
