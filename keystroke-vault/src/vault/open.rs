//! Opening a vault, which writes nothing until all is known to fit, and making one, which leaves nothing
//! half-made.
//!
//! A vault is made in this order, under a lock: the ring, the audit record, the vault itself under another
//! name, and last its renaming. So where there is a `vault.db`, all it needs is there, and a killed process
//! is in nobody's way.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags, params};

use crate::audit::{self, Audit, Commits, Event, Watched, Who};
use crate::beacon::Beacon;
use crate::counter;
use crate::error::{Result, VaultError};
use crate::key_source::KeySource;
use crate::lock;
use crate::named;
use crate::options::VaultOptions;
use crate::read::{Pool, Reader};
use crate::ring::{Keyring, Ring, VaultId, random};
use crate::schema::{self, Kind, Place};
use crate::time::to_millis;

/// An open vault. The order matters when it is dropped: SQLite clears its log when the last connection that
/// may write goes, so readers go first.
pub(crate) struct Inner {
    pub(crate) readers: Pool,
    pub(crate) audit: Audit,
    pub(crate) writer: Mutex<Connection>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) options: VaultOptions,
    pub(crate) file: PathBuf,
}

/// What [`Vault::init`](crate::Vault::init) made, to be told to the user.
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
    /// Whether the key was made too; otherwise it was there.
    pub new_key: bool,
}

impl Inner {
    /// Reads what the vault holds at one moment, which is not one of before what was committed.
    pub(crate) fn read<T>(&self, mut work: impl FnMut(&mut Reader) -> Result<T>) -> Result<T> {
        let committed = self.audit.committed();
        self.readers.take()?.reader()?.at_one_moment(|reader| {
            reader.check_generation(committed)?;
            work(reader)
        })
    }
}

pub(crate) fn open(options: VaultOptions) -> Result<Inner> {
    let inner = open_any(options)?;
    match inner.read(|_| Ok(())) {
        Err(ahead @ VaultError::RolledBack { .. }) => {
            // The last rows alone say so. If they were altered to say it, that is what is wrong.
            audit::walk(&inner.options.audit_file(), &inner.keyring, &inner.audit.seen(), |_| {})?;
            Err(ahead)
        }
        // What else is wrong is told by what meets it.
        _ => Ok(inner),
    }
}

/// Opens a vault even if its record is ahead of it, as it is when a backup's file was just put into its place.
pub(crate) fn open_any(options: VaultOptions) -> Result<Inner> {
    options.check_places()?;
    let (file, audit_file) = (options.vault_file(), options.audit_file());
    schema::check_header(&file, Kind::Vault)?.ok_or_else(|| VaultError::NoVault { file: file.clone() })?;
    let ring = options.keys.load(&file)?;
    schema::check_header(&audit_file, Kind::Audit)?
        .ok_or_else(|| VaultError::NoAudit { file: audit_file.clone() })?;
    let writer = schema::open_writer(&file, Kind::Vault)?;
    let vault = schema::vault_of(&writer, &file)?;
    let keyring = Arc::new(Keyring::new(&options, &ring, vault)?);
    let moment = writer.unchecked_transaction().map_err(|error| VaultError::sqlite(&file, &error))?;
    named::check(&moment, &keyring, &file)?;
    drop(moment);
    let connection = schema::open_writer(&audit_file, Kind::Audit)?;
    if options.strict_audit {
        schema::sync_each_commit(&connection, &audit_file)?;
    }
    let who = Who::new(options.program_name());
    // In this order: if it is not the writer's file that is named here, the check finds out.
    let place = Place::of(&file)?;
    schema::check_place(&writer, &file)?;
    let vault = Watched::new(file.clone(), place, Arc::clone(&keyring));
    let audit = Audit::start(connection, Arc::clone(&keyring), audit_file, who, vault, options.strict_audit)?;
    // Last: whatever does not fit, nothing was written.
    schema::bring_up(&writer, &file, Kind::Vault, |vault| named::bring_up(vault, &keyring, &file))?;
    schema::keep_log(&writer, &file)?;
    let readers = Pool::new(file.clone(), Arc::clone(&keyring), Beacon::of(&writer));
    Ok(Inner { readers, audit, writer: Mutex::new(writer), keyring, options, file })
}

/// Makes a vault. `AlreadyExists` if there is one, which another process may have made a moment ago.
pub(crate) fn create(options: &VaultOptions) -> Result<Created> {
    let (file, audit_file) = (options.vault_file(), options.audit_file());
    options.check_places()?;
    let lock = lock::of_vault(options.data_folder(), schema::PATIENCE)?;
    if fs::symlink_metadata(&file).is_ok() {
        drop(lock);
        // "Use it as it is" would be no help with one that can't be opened, because its key is gone for instance.
        return Err(open(options.clone()).err().unwrap_or(VaultError::AlreadyExists { file }));
    }
    let (ring, new_key) = ring_for(options, &file)?;
    let now = to_millis((options.now)());
    let keyring = audit_for(options, &ring, &audit_file, now)?;
    let active = keyring.active()?;
    announce(options, &keyring, &audit_file, now)?;
    make_file(&file, |connection| {
        let transaction = connection.transaction()?;
        for table in Kind::Vault.tables() {
            transaction.execute(table.statement, [])?;
        }
        transaction.pragma_update(None, "application_id", Kind::Vault.application())?;
        transaction.pragma_update(None, "user_version", Kind::Vault.format())?;
        transaction.execute(
            "INSERT INTO meta (id, format, vault, created_at, generation) VALUES (1, ?1, ?2, ?3, 0)",
            params![Kind::Vault.format(), keyring.vault(), now],
        )?;
        named::add(&transaction, &active, keyring.vault(), now)?;
        counter::write(&transaction, &active, keyring.vault(), 0)?;
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
            // A record without its key is what is left of a vault: a new key would only hide that the old is
            // lost.
            let audit_file = options.audit_file();
            if schema::check_header(&audit_file, Kind::Audit)?.is_some() {
                return Err(foreign_record(&audit_file));
            }
            let ring = Ring::generate()?;
            if options.keys.create(&ring)? { Ok((ring, true)) } else { Ok((options.keys.load(file)?, false)) }
        }
        found => Ok((found?, false)),
    }
}

/// Makes the audit record and with it the vault's id. If one is there without a vault, either a first process
/// was killed between the two, or the vault is gone: its history goes on under the same id, so nothing is
/// forgotten.
fn audit_for(options: &VaultOptions, ring: &Ring, audit_file: &Path, now: i64) -> Result<Keyring> {
    if schema::check_header(audit_file, Kind::Audit)?.is_some() {
        let connection = schema::open_writer(audit_file, Kind::Audit)?;
        let vault = audit::vault_of(&connection, audit_file)?;
        let keyring = Keyring::new(options, ring, vault)?;
        return match audit::check(&connection, &keyring, audit_file) {
            Ok(_) => Ok(keyring),
            Err(VaultError::AuditAltered { .. } | VaultError::UnknownKey { .. }) => {
                Err(foreign_record(audit_file))
            }
            Err(error) => Err(error),
        };
    }
    let mut vault = VaultId::default();
    random(&mut vault)?;
    let keyring = Keyring::new(options, ring, vault)?;
    let key = keyring.active()?;
    make_file(audit_file, |connection| audit::create(connection, &key, &vault, now))?;
    Ok(keyring)
}

/// Checks that there is an audit record of this vault that is sound, all of it. The highest generation that it knows to
/// have been committed.
pub(crate) fn check_audit_of(options: &VaultOptions, id: VaultId) -> Result<u64> {
    let file = options.audit_file();
    schema::check_header(&file, Kind::Audit)?.ok_or_else(|| VaultError::NoAudit { file: file.clone() })?;
    let keyring = Keyring::new(options, &options.keys.load(&options.vault_file())?, id)?;
    let connection = schema::open_writer(&file, Kind::Audit)?;
    let (seen, _) = audit::check(&connection, &keyring, &file)?;
    schema::bring_up(&connection, &file, Kind::Audit, |_| Ok(()))?;
    let mut commits = Commits::default();
    audit::walk(&file, &keyring, &seen, |entry| commits.note(&entry.event, entry.version))?;
    Ok(commits.highest())
}

/// The id of the vault that is there, where it can be read.
pub(crate) fn id_there(options: &VaultOptions) -> Option<VaultId> {
    let file = options.vault_file();
    schema::check_header(&file, Kind::Vault).ok()??;
    schema::vault_of(&schema::open_reader(&file, Kind::Vault).ok()?, &file).ok()
}

fn foreign_record(audit_file: &Path) -> VaultError {
    VaultError::NotAVault {
        file: audit_file.to_owned(),
        what: "the audit record of another vault or key".to_owned(),
    }
}

fn announce(options: &VaultOptions, keyring: &Keyring, audit_file: &Path, now: i64) -> Result<()> {
    let event = Event { at: now, event: "init", generation: Some(0), ..Event::default() };
    append(options, keyring, audit_file, &event)
}

/// Appends a row to a record that is not open.
pub(crate) fn append(
    options: &VaultOptions,
    keyring: &Keyring,
    audit_file: &Path,
    event: &Event<'_>,
) -> Result<()> {
    let mut connection = schema::open_writer(audit_file, Kind::Audit)?;
    let (mut seen, _) = audit::check(&connection, keyring, audit_file)?;
    let event = event.encode();
    let who = Who::new(options.program_name());
    audit::append(
        &mut connection,
        keyring,
        audit_file,
        &who,
        &mut seen,
        std::iter::once((event.as_slice(), None)),
    )
    .map(drop)
}

/// Makes a database under another name, whole and synced, and renames it into place. Called under the lock,
/// so a file of the other name is what a killed process left.
fn make_file(file: &Path, fill: impl FnOnce(&mut Connection) -> rusqlite::Result<()>) -> Result<()> {
    // SQLite would take it for this file's, and write what is in it into this one.
    let log = with_suffix(file, "-wal");
    if fs::metadata(&log).is_ok_and(|about| about.len() > 0) {
        return Err(VaultError::NotAVault { file: log, what: "the log of a file that is gone".to_owned() });
    }
    let new = with_suffix(file, ".new");
    for leftover in ["", "-journal", "-wal", "-shm"] {
        let _ = fs::remove_file(with_suffix(&new, leftover));
    }
    let failed = |error: rusqlite::Error| VaultError::sqlite(&new, &error);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    keystroke_files::private(&mut options);
    let open = options.open(&new).map_err(|error| VaultError::io_write(&new, error))?;
    let mut connection = schema::connect(&new, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    schema::set_up(&mut connection, Kind::Vault, schema::PATIENCE).map_err(failed)?;
    fill(&mut connection).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))?;
    open.sync_all().map_err(|error| VaultError::io_write(&new, error))?;
    // Before others of this process can have it open: closing it takes their locks.
    drop(open);
    fs::rename(&new, file).map_err(|error| VaultError::io_write(file, error))?;
    lock::sync_folder(file.parent().unwrap_or(Path::new(".")))
}

pub(crate) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
