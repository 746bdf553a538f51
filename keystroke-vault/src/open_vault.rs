//! The open vault: what all handles to it share, and how it is opened. Opening writes nothing until everything is
//! known to fit.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;

use crate::audit::{self, Audit, Watched, Who};
use crate::error::{Result, VaultError};
use crate::file::identity::{self, FileIdentity};
use crate::file::tables::FileKind;
use crate::file::wal_index::WalIndex;
use crate::file::{connection, header, schema, vault_keys};
use crate::keys::subkey_ring::SubkeyRing;
use crate::options::VaultOptions;
use crate::read::pools::{Pool, Reader};
use crate::time::to_millis;

/// An open vault. The order of its fields matters when it is dropped: SQLite clears its log when the last connection
/// that may write closes, so readers close first.
pub(crate) struct OpenVault {
    pub(crate) readers: Pool,
    pub(crate) audit: Audit,
    pub(crate) writer: Mutex<Connection>,
    pub(crate) subkeys: Arc<SubkeyRing>,
    pub(crate) options: VaultOptions,
    pub(crate) file: PathBuf,
}

impl OpenVault {
    /// The time.
    pub(crate) fn now(&self) -> i64 {
        to_millis((self.options.now)())
    }

    /// Reads what the vault holds at one moment, which is not earlier than what is known to be committed.
    pub(crate) fn read<T>(&self, mut look: impl FnMut(&mut Reader) -> Result<T>) -> Result<T> {
        let committed = self.audit.committed();
        self.readers.take()?.reader()?.at_one_moment(|reader| {
            reader.check_generation(committed)?;
            look(reader)
        })
    }
}

pub(crate) fn open(options: VaultOptions) -> Result<OpenVault> {
    let inner = open_any(options)?;
    match inner.read(|_| Ok(())) {
        Err(ahead @ VaultError::RolledBack { .. }) => {
            // Only the record's last rows say so. If they were altered to say it, that is the error.
            audit::walk(&inner.options.audit_file(), &inner.subkeys, &inner.audit.seen(), |_| {})?;
            Err(ahead)
        }
        // Whoever meets another fault reports it.
        _ => Ok(inner),
    }
}

/// Opens a vault even if its record is ahead of it, as after a backup's file was just put in its place.
pub(crate) fn open_any(options: VaultOptions) -> Result<OpenVault> {
    options.check_places()?;
    let (file, audit_file) = (options.vault_file(), options.audit_file());
    header::check(&file, FileKind::Vault)?.ok_or_else(|| VaultError::NoVault { file: file.clone() })?;
    let ring = options.keys.load(&file)?;
    header::check(&audit_file, FileKind::Audit)?
        .ok_or_else(|| VaultError::NoAudit { file: audit_file.clone() })?;
    let writer = connection::open_writer(&file, FileKind::Vault)?;
    let vault = connection::vault_of(&writer, &file)?;
    let subkeys = Arc::new(options.subkeys(&ring, vault)?);
    let moment = writer.unchecked_transaction().map_err(|error| VaultError::sqlite(&file, &error))?;
    vault_keys::check(&moment, &subkeys, &file)?;
    drop(moment);
    let connection = connection::open_writer(&audit_file, FileKind::Audit)?;
    if options.strict_audit {
        connection::sync_each_commit(&connection, &audit_file)?;
    }
    let who = Who::new(options.program_name());
    // In this order: if another file than the writer's has this name now, the check finds out.
    let identity = FileIdentity::at(&file)?;
    identity::check_in_place(&writer, &file)?;
    let vault = Watched::new(file.clone(), identity, Arc::clone(&subkeys));
    let audit = Audit::start(connection, Arc::clone(&subkeys), audit_file, who, vault, options.strict_audit)?;
    // Last: if anything does not fit, nothing was written.
    schema::bring_up(&writer, &file, FileKind::Vault, |vault| vault_keys::bring_up(vault, &subkeys, &file))?;
    connection::keep_log(&writer, &file)?;
    let readers = Pool::new(file.clone(), Arc::clone(&subkeys), WalIndex::of(&writer));
    Ok(OpenVault { readers, audit, writer: Mutex::new(writer), subkeys, options, file })
}
