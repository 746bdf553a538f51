//! Copies of a vault, and a vault put back from one.
//!
//! A backup is the two files, each as of one moment, without logs beside them and checked as a vault is by `verify`.
//! The key is not part of it. What is put back goes into the vault that is there, in one transaction, so that
//! applications go on and see it at their next call; only where there is none that can be opened do files take the place
//! of files. The audit record that is there goes on wherever it is sound: it then tells of what was put back.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::audit::Event;
use crate::error::{Result, VaultError};
use crate::lock::{self, FileLock};
use crate::open::{self, Inner};
use crate::options::VaultOptions;
use crate::record::Verified;
use crate::schema::{self, Kind};
use crate::source::KeySource;
use crate::time::to_millis;
use crate::vault::Vault;

/// A backup that was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackedUp {
    /// The copy of the vault.
    pub vault_file: PathBuf,
    /// The copy of its audit record.
    pub audit_file: PathBuf,
    /// Where the key is that opens both. It is not in the backup.
    pub key_source: KeySource,
    /// What is in it.
    pub verified: Verified,
}

/// A vault that was put back.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Restored {
    /// What was put back, and the audit record as it is now.
    pub verified: Verified,
    /// The folder with what was there before.
    pub replaced: Option<PathBuf>,
    /// Whether the audit record went on, so that it knows more than the backup's. Otherwise it is the backup's.
    pub kept_audit: bool,
}

impl Inner {
    pub(crate) fn backup(&self, folder: &Path) -> Result<BackedUp> {
        self.audit.commit_blocking(Vec::new())?;
        make_empty(folder)?;
        let options = self.options.clone().in_folder(folder);
        let made = self.copy_to(&options).and_then(|()| {
            let verified = Vault::open_with(options.clone())?.verify()?;
            // Whatever is in them is in the files themselves, so that they can be copied on and read from anywhere.
            for (file, kind) in [(options.vault_file(), Kind::Vault), (options.audit_file(), Kind::Audit)] {
                schema::leave_log(&file, kind)?;
                fs::File::open(&file)
                    .and_then(|open| open.sync_all())
                    .map_err(|error| VaultError::io_write(&file, error))?;
            }
            lock::sync_folder(folder)?;
            let event = Event { at: self.now(), event: "backup", ..Event::default() };
            self.audit.commit_blocking(vec![event.encode()])?;
            Ok(verified)
        });
        if made.is_err() {
            let _ = fs::remove_dir_all(folder);
        }
        Ok(BackedUp {
            vault_file: options.vault_file(),
            audit_file: options.audit_file(),
            key_source: options.key_source(),
            verified: made?,
        })
    }

    /// First the vault: a change is on record before it is made, so the record then knows of all that are in the copy.
    fn copy_to(&self, to: &VaultOptions) -> Result<()> {
        copy(&self.file, &to.vault_file(), Kind::Vault)?;
        copy(&self.options.audit_file(), &to.audit_file(), Kind::Audit)
    }

    fn now(&self) -> i64 {
        to_millis((self.options.now)())
    }

    /// Puts what `from` holds in place of what is there.
    fn put_back(&self, from: &Path) -> Result<()> {
        let from = schema::open_reader(from, Kind::Vault)?;
        self.change(|work| work.put_back(&from))?;
        self.clear_log();
        Ok(())
    }
}

pub(crate) fn restore(options: &VaultOptions, folder: &Path) -> Result<(Vault, Restored)> {
    let _lock = FileLock::of_vault(options.data_folder(), schema::PATIENCE)?;
    let from = options.clone().in_folder(folder);
    for (file, kind) in [(from.vault_file(), Kind::Vault), (from.audit_file(), Kind::Audit)] {
        schema::check_header(&file, kind)?.ok_or_else(|| VaultError::CannotRestore {
            problem: format!("{} is not there, so {} holds no backup", file.display(), folder.display()),
            fix: "name the folder that `keystroke vault backup` made".to_owned(),
        })?;
    }
    // A copy of it is checked: opening a vault writes to its folder, and nothing is to happen to a backup.
    let staged = options.clone().in_folder(options.data_folder().join("restoring"));
    let _ = fs::remove_dir_all(staged.data_folder());
    make_empty(staged.data_folder())?;
    copy(&from.vault_file(), &staged.vault_file(), Kind::Vault)?;
    copy(&from.audit_file(), &staged.audit_file(), Kind::Audit)?;
    let vault = Vault::open_with(staged.clone())?;
    vault.verify()?;
    let id = *vault.inner.keyring.vault();
    drop(vault);
    for (file, kind) in [(staged.vault_file(), Kind::Vault), (staged.audit_file(), Kind::Audit)] {
        schema::leave_log(&file, kind)?;
    }

    let there = match Vault::open_with(options.clone()) {
        Ok(vault) => Some(vault),
        Err(
            VaultError::NoVault { .. }
            | VaultError::NoAudit { .. }
            | VaultError::Damaged { .. }
            | VaultError::NotAVault { .. }
            | VaultError::AuditAltered { .. },
        ) => None,
        Err(error) => return Err(error),
    };
    let restored = match there {
        Some(vault) => {
            if *vault.inner.keyring.vault() != id {
                return Err(VaultError::CannotRestore {
                    problem: format!(
                        "{} is the backup of another vault than {}",
                        folder.display(),
                        options.vault_file().display()
                    ),
                    fix: "move that vault's folder away first, or set KEYSTROKE_HOME to another one"
                        .to_owned(),
                });
            }
            let replaced = aside(options)?;
            copy(&options.vault_file(), &replaced.join("vault.db"), Kind::Vault)?;
            vault.inner.put_back(&staged.vault_file())?;
            let verified = vault.verify()?;
            (vault, Restored { verified, replaced: Some(replaced), kept_audit: true })
        }
        None => in_place_of_files(options, &staged, id)?,
    };
    let _ = fs::remove_dir_all(staged.data_folder());
    Ok(restored)
}

/// Where nothing could be opened: files in place of files.
fn in_place_of_files(
    options: &VaultOptions,
    staged: &VaultOptions,
    id: crate::ring::VaultId,
) -> Result<(Vault, Restored)> {
    let kept_audit = open::audit_is_of(options, id);
    let mut replaced = None;
    let mut moves = vec![(options.vault_file(), staged.vault_file())];
    if !kept_audit {
        // Last, as when a vault is made: where there is a vault, all it needs is there.
        moves.insert(0, (options.audit_file(), staged.audit_file()));
    }
    for (file, new) in moves {
        for suffix in ["", "-wal", "-shm"] {
            let old = open::with_suffix(&file, suffix);
            if fs::symlink_metadata(&old).is_err() {
                continue;
            }
            let folder = match &replaced {
                Some(folder) => folder,
                None => replaced.insert(aside(options)?),
            };
            let to = folder.join(old.file_name().unwrap_or_default());
            fs::rename(&old, to).map_err(|error| VaultError::io_write(&old, error))?;
        }
        fs::rename(&new, &file).map_err(|error| VaultError::io_write(&file, error))?;
        lock::sync_folder(options.data_folder())?;
    }
    let vault = Vault::open_with(options.clone())?;
    vault.inner.change(|work| work.note_restored(None))?;
    let verified = vault.verify()?;
    Ok((vault, Restored { verified, replaced, kept_audit }))
}

/// A new folder for what is replaced.
fn aside(options: &VaultOptions) -> Result<PathBuf> {
    let name = format!("replaced-{}", to_millis((options.now)()));
    let folder = (0..100)
        .map(|again| {
            options.data_folder().join(if again == 0 { name.clone() } else { format!("{name}-{again}") })
        })
        .find(|folder| !folder.exists());
    let folder =
        folder.ok_or_else(|| VaultError::System { what: format!("there are too many folders `{name}`") })?;
    make_empty(&folder)?;
    Ok(folder)
}

/// Makes a folder for this user alone. One that is there must be empty.
fn make_empty(folder: &Path) -> Result<()> {
    match fs::read_dir(folder) {
        Ok(mut files) => match files.next() {
            None => Ok(()),
            Some(_) => Err(VaultError::CannotWrite {
                problem: format!("the folder {} is not empty", folder.display()),
                fix: "name a folder that is not there yet".to_owned(),
            }),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => lock::make_folder(folder),
        Err(error) => Err(VaultError::io(folder, error)),
    }
}

/// Copies one file as of one moment, whoever writes to it meanwhile.
fn copy(from: &Path, to: &Path, kind: Kind) -> Result<()> {
    let connection = schema::open_reader(from, kind)?;
    // SQLite writes into a file that is there and empty: this one is for this user alone.
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    lock::private(&mut options);
    drop(options.open(to).map_err(|error| VaultError::io_write(to, error))?);
    let name = to.to_str().ok_or_else(|| VaultError::CannotWrite {
        problem: format!("{} is not Unicode", to.display()),
        fix: "name a folder whose name is".to_owned(),
    })?;
    // As in `schema::connect`: a name that begins with a folder is taken as it is.
    let name = Path::new(".").join(name).display().to_string();
    connection.execute("VACUUM INTO ?1", [name]).map(drop).map_err(|error| VaultError::sqlite(to, &error))
}
