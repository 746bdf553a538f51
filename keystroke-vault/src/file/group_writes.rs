//! The rows of a group as a change writes them. The [`Changeset`](crate::change::Changeset) keeps the group in memory
//! in step.

use keystroke_core::Label;
use rusqlite::{Connection, params};

use crate::format::group::{Binding, Group, GroupId, InstanceEntry};
use crate::format::policy_text::{joined, owner_name, status_text};
use crate::format::subkeys::{Subkeys, VaultId};
use crate::time::to_millis;

const PUT: &str = "INSERT INTO instances (organization, key, id, scope, owner, kind, label, is_default, \
    status, version, account, granted, expires_at, created_at, updated_at, fields, short_fields, sealed) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) ON CONFLICT \
    (organization, key, id) DO UPDATE SET scope = ?4, owner = ?5, kind = ?6, label = ?7, is_default = ?8, \
    status = ?9, version = ?10, account = ?11, granted = ?12, expires_at = ?13, updated_at = ?15, fields = \
    ?16, short_fields = ?17, sealed = ?18";
const UPDATE: &str = "UPDATE instances SET label = ?7, is_default = ?8, status = ?9, version = ?10, \
    account = ?11, granted = ?12, expires_at = ?13, updated_at = ?15, fields = ?16, short_fields = ?17 \
    WHERE organization = ?1 AND key = ?2 AND id = ?3 AND scope = ?4 AND owner = ?5 AND kind = ?6 AND \
    created_at = ?14 AND ?18 IS NULL";

/// Writes an instance, a new one or over the one with its id; without `sealed` the sealed secret stays as it is.
/// `false` if there is no such row to write over.
pub(crate) fn put(
    connection: &Connection,
    group: &GroupId,
    entry: &InstanceEntry,
    version: u64,
    sealed: Option<&[u8]>,
) -> rusqlite::Result<bool> {
    let candidate = &entry.candidate;
    let changed = connection.execute(
        if sealed.is_some() { PUT } else { UPDATE },
        params![
            group.organization,
            group.key,
            candidate.id.as_str(),
            candidate.owner.scope().as_str(),
            owner_name(&candidate.owner),
            candidate.kind.as_str(),
            candidate.label.as_ref().map(Label::as_str),
            candidate.default,
            status_text(candidate.status),
            version.cast_signed(),
            candidate.account,
            joined(&candidate.granted),
            candidate.expires_at.map(to_millis),
            entry.created_at,
            entry.updated_at,
            joined(entry.fields()),
            joined(&entry.short_fields),
            sealed,
        ],
    )?;
    Ok(changed == 1)
}

/// Writes the sealed secret of an instance over its old one; all else stays. `false` if there is no such row.
pub(crate) fn put_sealed(
    connection: &Connection,
    group: &GroupId,
    id: &str,
    sealed: &[u8],
) -> rusqlite::Result<bool> {
    let changed = connection.execute(
        "UPDATE instances SET sealed = ?4 WHERE organization = ?1 AND key = ?2 AND id = ?3",
        params![group.organization, group.key, id, sealed],
    )?;
    Ok(changed == 1)
}

/// Writes a binding, over an earlier one of its consumer.
pub(crate) fn bind(connection: &Connection, group: &GroupId, bound: &Binding) -> rusqlite::Result<()> {
    let (project, kind, consumer, action) = bound.found_by();
    connection.execute(
        "INSERT OR REPLACE INTO assignments (organization, key, project, consumer_kind, consumer, action, instance) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![group.organization, group.key, project, kind, consumer, action, bound.instance.as_str()],
    )?;
    Ok(())
}

/// Deletes a binding.
pub(crate) fn unbind(connection: &Connection, group: &GroupId, bound: &Binding) -> rusqlite::Result<()> {
    let (project, kind, consumer, action) = bound.found_by();
    connection.execute(
        "DELETE FROM assignments WHERE organization = ?1 AND key = ?2 AND project = ?3 AND consumer_kind = ?4 AND \
         consumer = ?5 AND action = ?6",
        params![group.organization, group.key, project, kind, consumer, action],
    )?;
    Ok(())
}

/// Writes the seal of a group, or deletes it if nothing of the group is left.
pub(crate) fn put_seal(
    connection: &Connection,
    id: &GroupId,
    group: &Group,
    key: &Subkeys,
    vault: &VaultId,
) -> rusqlite::Result<()> {
    if group.entries.is_empty() {
        connection
            .execute("DELETE FROM seals WHERE organization = ?1 AND key = ?2", [&id.organization, &id.key])?;
    } else {
        connection.execute(
            "INSERT OR REPLACE INTO seals (organization, key, key_id, mac) VALUES (?1, ?2, ?3, ?4)",
            params![id.organization, id.key, key.id, group.seal(key, vault)],
        )?;
    }
    Ok(())
}
