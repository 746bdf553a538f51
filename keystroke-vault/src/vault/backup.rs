//! Copies of a vault.
//!
//! A backup is the two files, each as of one moment, without logs, and checked as `verify` checks a vault. The key is
//! not part of it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use keystroke_files::{is_secret_path, shown};

use crate::audit::{self, AuditEvent};
use crate::error::{Result, VaultError};
use crate::file::busy;
use crate::file::tables::FileKind;
use crate::file::{connection, generation};
use crate::keys::key_source::KeySource;
use crate::lock;
use crate::open_vault::{self, OpenVault};
use crate::options::VaultOptions;
use crate::record::Verified;

/// A backup that was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackedUp {
    /// The copy of the vault.
    pub vault_file: PathBuf,
    /// The copy of its audit record.
    pub audit_file: PathBuf,
    /// Where the key that opens both is. It is not in the backup.
    pub key_source: KeySource,
    /// What is in it.
    pub verified: Verified,
}

impl OpenVault {
    pub(crate) fn backup(&self, folder: &Path) -> Result<BackedUp> {
        // A copy from the middle of a rotation would need a key that the ring then loses.
        check_name(folder)?;
        let _lock = lock::of_vault(self.options.data_folder(), busy::PATIENCE)?;
        self.audit.commit_blocking(Vec::new())?;
        make_empty(folder)?;
        let options = self.options.clone().in_folder(folder);
        let made = self.copy_to(&options).and_then(|()| {
            let verified = open_vault::open(options.clone())?.verify()?;
            leave_logs(&options)?;
            let event = AuditEvent { at: self.now(), event: "backup", ..AuditEvent::default() };
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

    /// Copies the vault first: a change is on record before it is made, so the record then knows of every change in
    /// the copy.
    pub(super) fn copy_to(&self, to: &VaultOptions) -> Result<()> {
        copy(&self.file, &to.vault_file(), FileKind::Vault)?;
        copy(&self.options.audit_file(), &to.audit_file(), FileKind::Audit)?;
        // The record may know of changes that were committed after the vault was copied.
        let copied = connection::open_reader(&to.vault_file(), FileKind::Vault)?;
        let generation = generation::read(&copied, &self.subkeys, &to.vault_file())?;
        let copied = audit::copied(self.now(), generation);
        audit::append_to(&to.audit_file(), to.program_name(), &self.subkeys, &copied)
    }
}

pub(super) fn check_name(folder: &Path) -> Result<()> {
    if is_secret_path(folder) { Err(VaultError::secret_as_path("the backup's folder")) } else { Ok(()) }
}

/// Makes a folder for this user alone. If it is there already, it must be empty.
pub(super) fn make_empty(folder: &Path) -> Result<()> {
    match fs::read_dir(folder) {
        Ok(mut files) => match files.next() {
            None => Ok(()),
            Some(_) => Err(VaultError::CannotWrite {
                problem: format!("the folder {} is not empty", shown(folder)),
                fix: "name a folder that is not there yet".to_owned(),
            }),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => lock::make_folder(folder),
        Err(error) => Err(VaultError::io(folder, error)),
    }
}

/// Makes both files complete by themselves, so that they can be moved, copied and read from anywhere.
pub(super) fn leave_logs(options: &VaultOptions) -> Result<()> {
    for (file, kind) in [(options.vault_file(), FileKind::Vault), (options.audit_file(), FileKind::Audit)] {
        connection::leave_log(&file, kind)?;
        sync(&file)?;
    }
    lock::sync_folder(options.data_folder())
}

fn sync(file: &Path) -> Result<()> {
    keystroke_files::sync_file(file).map_err(|error| VaultError::io_write(file, error))
}

/// Copies one file as of one moment, whoever writes to it meanwhile.
pub(super) fn copy(from: &Path, to: &Path, kind: FileKind) -> Result<()> {
    let connection = connection::open_reader(from, kind)?;
    // SQLite writes into a file that is there and empty; this one is for this user alone.
    keystroke_files::new_file(to).map_err(|error| VaultError::io_write(to, error))?;
    let name = to.to_str().ok_or_else(|| VaultError::CannotWrite {
        problem: format!("{} is not Unicode", shown(to)),
        fix: "name a folder whose name is".to_owned(),
    })?;
    // As in `connection::connect`: a name that begins with a folder is taken as it is.
    let name = Path::new(".").join(name).display().to_string();
    let copied = connection.execute("VACUUM INTO ?1", [name]);
    copied.map_err(|error| match VaultError::sqlite(to, &error) {
        // Of the two files, the damaged one is the one that is read.
        VaultError::Damaged { what, .. } => VaultError::Damaged { file: from.to_owned(), what },
        error => error,
    })?;
    sync(to)
}
