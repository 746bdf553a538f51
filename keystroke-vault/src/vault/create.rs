//! Making a vault, and leaving nothing half-made.
//!
//! A vault is made in this order, under a lock: the ring, the audit record, the vault itself under another name, and
//! last its renaming. So where there is a `vault.db`, everything that it needs is there, and a killed process leaves
//! nothing in anybody's way.

use std::fs;
use std::path::{Path, PathBuf};

use keystroke_files::{beside, folder_of, random_bytes};
use rusqlite::{Connection, OpenFlags, params};

use crate::audit::{self, AuditEvent};
use crate::error::{Result, VaultError};
use crate::file::tables::FileKind;
use crate::file::{connection, generation, header, schema, vault_keys};
use crate::format::subkeys::VaultId;
use crate::keys::key_source::KeySource;
use crate::keys::ring::Ring;
use crate::keys::subkey_ring::SubkeyRing;
use crate::lock;
use crate::open_vault;
use crate::options::VaultOptions;
use crate::time::to_millis;

/// What [`Vault::init`](crate::Vault::init) made, to tell the user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// The vault.
    pub vault_file: PathBuf,
    /// Its audit record.
    pub audit_file: PathBuf,
    /// Where its key is. Without the key nothing in the vault can be read.
    pub key_source: KeySource,
    /// The id of the key that seals. Not a secret.
    pub key_id: String,
    /// Whether the key was made too; otherwise it was there already.
    pub new_key: bool,
}

/// Makes a vault. `VaultExists` if there is one, which another process may have made a moment ago.
pub(crate) fn create(options: &VaultOptions) -> Result<Created> {
    let (file, audit_file) = (options.vault_file(), options.audit_file());
    options.check_places()?;
    let lock = lock::of_vault(options.data_folder(), lock::PATIENCE)?;
    if fs::symlink_metadata(&file).is_ok() {
        drop(lock);
        // "Use it as it is" would be no help with a vault that can't be opened, because its key is gone for instance.
        return Err(open_vault::open(options.clone()).err().unwrap_or(VaultError::VaultExists { file }));
    }
    let (ring, new_key) = ring_for(options, &file)?;
    let now = to_millis((options.now)());
    let subkeys = audit_for(options, &ring, &audit_file, now)?;
    let active = subkeys.active()?;
    announce(options, &subkeys, &audit_file, now)?;
    make_file(&file, |connection| {
        let transaction = connection.transaction()?;
        schema::create(&transaction, FileKind::Vault)?;
        transaction.execute(
            "INSERT INTO meta (id, format, vault, created_at, generation) VALUES (1, ?1, ?2, ?3, 0)",
            params![FileKind::Vault.format(), subkeys.vault(), now],
        )?;
        vault_keys::add(&transaction, &active, subkeys.vault(), now)?;
        generation::write(&transaction, &active, subkeys.vault(), 0)?;
        transaction.commit()
    })?;
    Ok(Created {
        vault_file: file,
        audit_file,
        key_source: options.key_source(),
        key_id: active.id.clone(),
        new_key,
    })
}

/// The ring that is there, or a new one.
fn ring_for(options: &VaultOptions, file: &Path) -> Result<(Ring, bool)> {
    match options.keys.load(file) {
        Err(VaultError::MissingKey { .. }) if options.keys.can_write() => {
            // A record without its key is what is left of a vault: a new key would only hide that the old one is
            // lost.
            let audit_file = options.audit_file();
            if header::check(&audit_file, FileKind::Audit)?.is_some() {
                return Err(foreign_record(&audit_file));
            }
            let ring = Ring::generate()?;
            if options.keys.create(&ring)? { Ok((ring, true)) } else { Ok((options.keys.load(file)?, false)) }
        }
        found => Ok((found?, false)),
    }
}

/// Makes the audit record and with it the vault's id. If there is one without a vault, either an earlier process was
/// killed between the two, or the vault is gone: the history goes on under the same id, so nothing is forgotten.
fn audit_for(options: &VaultOptions, ring: &Ring, audit_file: &Path, now: i64) -> Result<SubkeyRing> {
    if header::check(audit_file, FileKind::Audit)?.is_some() {
        let connection = connection::open_writer(audit_file, FileKind::Audit)?;
        let vault = audit::vault_of(&connection, audit_file)?;
        let subkeys = options.subkeys(ring, vault)?;
        return match audit::check(&connection, &subkeys, audit_file) {
            Ok(_) => Ok(subkeys),
            Err(VaultError::AuditAltered { .. } | VaultError::UnknownKey { .. }) => {
                Err(foreign_record(audit_file))
            }
            Err(error) => Err(error),
        };
    }
    let mut vault = VaultId::default();
    random_bytes(&mut vault).map_err(VaultError::no_random_numbers)?;
    let subkeys = options.subkeys(ring, vault)?;
    let key = subkeys.active()?;
    make_file(audit_file, |connection| audit::create(connection, &key, &vault, now))?;
    Ok(subkeys)
}

fn foreign_record(audit_file: &Path) -> VaultError {
    VaultError::NotAVault {
        file: audit_file.to_owned(),
        what: "the audit record of another vault or key".to_owned(),
    }
}

fn announce(options: &VaultOptions, subkeys: &SubkeyRing, audit_file: &Path, now: i64) -> Result<()> {
    let event = AuditEvent { at: now, event: "init", generation: Some(0), ..AuditEvent::default() };
    audit::append_to(audit_file, options.program_name(), subkeys, &event)
}

/// Makes a database under another name, whole and synced, and renames it into place. Called under the lock, so a file
/// with the other name was left by a killed process.
fn make_file(file: &Path, fill: impl FnOnce(&mut Connection) -> rusqlite::Result<()>) -> Result<()> {
    // SQLite would take it for this file's log, and write its content into this file.
    let log = beside(file, "-wal");
    if fs::metadata(&log).is_ok_and(|about| about.len() > 0) {
        return Err(VaultError::NotAVault { file: log, what: "the log of a file that is gone".to_owned() });
    }
    let new = beside(file, ".new");
    for leftover in ["", "-journal", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(&new, leftover));
    }
    let failed = |error: rusqlite::Error| VaultError::sqlite(&new, &error);
    let open = keystroke_files::new_file(&new).map_err(|error| VaultError::io_write(&new, error))?;
    let mut connection = connection::connect(&new, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    connection::set_up(&mut connection, FileKind::Vault, lock::PATIENCE).map_err(failed)?;
    fill(&mut connection).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))?;
    open.sync_all().map_err(|error| VaultError::io_write(&new, error))?;
    // Before others in this process can have it open: closing it would take their locks.
    drop(open);
    fs::rename(&new, file).map_err(|error| VaultError::io_write(file, error))?;
    lock::sync_folder(folder_of(file))
}
