//! what the vault's operations do to all tables: listing the groups, discarding one, removing an instance, putting a
//! backup back, and looking for a key that is still needed. Only [`tables`](super::tables) names the tables, so a new
//! one is part of all of this.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};

use super::tables::{FileKind, Rows, SealedBy, Table};
use crate::format::envelope;
use crate::format::group::GroupId;

/// The tables whose rows belong to groups.
fn of_groups() -> impl Iterator<Item = &'static Table> {
    FileKind::Vault.tables().filter(|table| matches!(table.rows, Rows::OfGroup | Rows::OfInstance(_)))
}

/// The groups that any row belongs to, in order: all, or those of an organization, of a key, or of both.
pub(crate) fn groups(
    connection: &Connection,
    organization: Option<&str>,
    key: Option<&str>,
) -> rusqlite::Result<Vec<GroupId>> {
    let every: Vec<String> =
        of_groups().map(|table| format!("SELECT organization, key FROM {}", table.name)).collect();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT organization, key FROM ({}) WHERE (?1 IS NULL OR organization = ?1) AND (?2 IS NULL OR key = ?2) \
         ORDER BY organization, key",
        every.join(" UNION ")
    ))?;
    let groups = statement
        .query_map([organization, key], |row| Ok(GroupId { organization: row.get(0)?, key: row.get(1)? }))?;
    groups.collect()
}

/// Deletes every row of a group, whether its seal fits or not. Returns how many there were, and how many of them were
/// instances.
pub(crate) fn discard(
    connection: &Connection,
    organization: &str,
    key: &str,
) -> rusqlite::Result<(usize, usize)> {
    let (mut rows, mut instances) = (0, 0);
    for table in of_groups() {
        let statement = format!("DELETE FROM {} WHERE organization = ?1 AND key = ?2", table.name);
        let deleted = connection.execute(&statement, [organization, key])?;
        rows += deleted;
        instances += if table.name == "instances" { deleted } else { 0 };
    }
    Ok((rows, instances))
}

/// Deletes every row of an instance.
pub(crate) fn remove(connection: &Connection, group: &GroupId, id: &str) -> rusqlite::Result<()> {
    for table in of_groups() {
        let Rows::OfInstance(column) = table.rows else { continue };
        let statement =
            format!("DELETE FROM {} WHERE organization = ?1 AND key = ?2 AND {column} = ?3", table.name);
        connection.execute(&statement, params![group.organization, group.key, id])?;
    }
    Ok(())
}

/// Replaces what the vault holds with what `from` holds.
pub(crate) fn put_back(connection: &Connection, from: &Connection) -> rusqlite::Result<()> {
    for Table { name, rows, .. } in FileKind::Vault.tables() {
        if matches!(rows, Rows::Index | Rows::OfFile) {
            continue;
        }
        connection.execute(&format!("DELETE FROM {name}"), [])?;
        let mut rows = from.prepare(&format!("SELECT * FROM {name}"))?;
        let columns = rows.column_count();
        let marks = vec!["?"; columns].join(", ");
        let mut insert = connection.prepare(&format!("INSERT INTO {name} VALUES ({marks})"))?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let values =
                (0..columns).map(|at| row.get::<_, Value>(at)).collect::<rusqlite::Result<Vec<_>>>()?;
            insert.execute(params_from_iter(values))?;
        }
    }
    Ok(())
}

/// Whether anything in the vault is sealed with this key.
pub(crate) fn is_needed(connection: &Connection, key_id: &str) -> rusqlite::Result<bool> {
    let head = envelope::head_of(key_id);
    let sealed = FileKind::Vault.tables().filter_map(|table| match table.sealed_by {
        SealedBy::Nothing => None,
        SealedBy::KeyId => Some(format!("SELECT 1 FROM {} WHERE key_id = ?1", table.name)),
        SealedBy::Envelope => {
            Some(format!("SELECT 1 FROM {} WHERE substr(sealed, 1, length(?2)) = ?2", table.name))
        }
    });
    let statement = format!("{} LIMIT 1", sealed.collect::<Vec<_>>().join(" UNION ALL "));
    let needed = connection.prepare(&statement)?.query_row(params![key_id, head], |_| Ok(())).optional()?;
    Ok(needed.is_some())
}

/// How many envelopes the vault holds: to say that all of them open, one must have opened this many.
pub(crate) fn envelopes(connection: &Connection) -> rusqlite::Result<usize> {
    let mut envelopes = 0_i64;
    for table in FileKind::Vault.tables().filter(|table| table.sealed_by == SealedBy::Envelope) {
        envelopes += connection
            .query_row(&format!("SELECT count(*) FROM {}", table.name), [], |row| row.get::<_, i64>(0))?;
    }
    Ok(usize::try_from(envelopes).unwrap_or_default())
}
