//! Copies of a vault, and a vault put back from one.
//!
//! A backup is the two files, each as of one moment, without logs beside them and checked as a vault is by `verify`.
//! The key is not part of it. What is put back goes into the vault that is there, in one transaction, so that
//! applications go on and see it at their next call; only where there is none that can be opened do files take the place
//! of files. The audit record that is there goes on wherever it is sound: it then tells of what was put back.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use keystroke_files::{is_secret_path, shown};

use crate::audit::{self, Event};
use crate::counter;
use crate::error::{Result, VaultError};
use crate::key_source::KeySource;
use crate::lock;
use crate::open::{self, Inner};
use crate::options::VaultOptions;
use crate::record::Verified;
use crate::ring::VaultId;
use crate::schema::{self, Kind};
use crate::time::to_millis;

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
        // Half of a rotation would need a key that the ring loses at its end.
        check_name(folder)?;
        let _lock = lock::of_vault(self.options.data_folder(), schema::PATIENCE)?;
        self.audit.commit_blocking(Vec::new())?;
        make_empty(folder)?;
        let options = self.options.clone().in_folder(folder);
        let made = self.copy_to(&options).and_then(|()| {
            let verified = open::open(options.clone())?.verify()?;
            leave_logs(&options)?;
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
        copy(&self.options.audit_file(), &to.audit_file(), Kind::Audit)?;
        // It may know of changes that were committed after the vault was copied.
        let copied = schema::open_reader(&to.vault_file(), Kind::Vault)?;
        let generation = counter::read(&copied, &self.keyring, &to.vault_file())?;
        open::append(to, &self.keyring, &to.audit_file(), &audit::copied(self.now(), generation))
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

pub(crate) fn restore(options: &VaultOptions, folder: &Path) -> Result<(Inner, Restored)> {
    check_name(folder)?;
    options.check_places()?;
    let _lock = lock::of_vault(options.data_folder(), schema::PATIENCE)?;
    let from = options.clone().in_folder(folder);
    let staged = Staged::of(options, &from).map_err(|error| of_backup(folder, error))?;
    if open::id_there(options).is_some_and(|there| there != staged.id) {
        return Err(VaultError::CannotRestore {
            problem: format!(
                "{} is the backup of another vault than {}",
                shown(folder),
                shown(&options.vault_file())
            ),
            fix: "move that vault's folder away first, or set KEYSTROKE_HOME to another one".to_owned(),
        });
    }
    match into_vault(options, &staged) {
        Err(error) if makes_way(&error) => in_place_of_files(options, &staged),
        restored => restored,
    }
}

fn check_name(folder: &Path) -> Result<()> {
    if is_secret_path(folder) { Err(VaultError::secret_as_path("the backup's folder")) } else { Ok(()) }
}

/// A copy of a backup, which was checked: opening a vault writes to its folder, and nothing is to happen to a backup.
/// It goes with the restoring.
struct Staged {
    options: VaultOptions,
    id: VaultId,
}

impl Staged {
    fn of(options: &VaultOptions, from: &VaultOptions) -> Result<Self> {
        for (file, kind) in [(from.vault_file(), Kind::Vault), (from.audit_file(), Kind::Audit)] {
            let folder = shown(from.data_folder());
            schema::check_header(&file, kind)?.ok_or_else(|| VaultError::CannotRestore {
                problem: format!("{} is not there, so {folder} holds no backup", shown(&file)),
                fix: "name the folder that `keystroke vault backup` made".to_owned(),
            })?;
        }
        let folder = options.data_folder().join("restoring");
        if is_same(from.data_folder(), &folder) {
            return Err(VaultError::CannotRestore {
                problem: format!(
                    "{} is where a backup is copied to while it is checked, and not a backup",
                    shown(&folder)
                ),
                fix:
                    "name the folder that `keystroke vault backup` made, or give this one another name first"
                        .to_owned(),
            });
        }
        let _ = fs::remove_dir_all(&folder);
        make_empty(&folder)?;
        let mut staged = Self { options: options.clone().in_folder(folder), id: VaultId::default() };
        copy(&from.vault_file(), &staged.options.vault_file(), Kind::Vault)?;
        copy(&from.audit_file(), &staged.options.audit_file(), Kind::Audit)?;
        let inner = open::open(staged.options.clone())?;
        inner.verify()?;
        staged.id = *inner.keyring.vault();
        drop(inner);
        leave_logs(&staged.options)?;
        Ok(staged)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.options.data_folder());
    }
}

/// What is wrong with a backup, as that: it is not the vault that is there, and its copy is gone when this is read.
fn of_backup(folder: &Path, error: VaultError) -> VaultError {
    let name = |file: &Path| file.file_name().unwrap_or_default().display().to_string();
    let problem = match &error {
        VaultError::Damaged { file, what } => format!("its {} is damaged: {what}", name(file)),
        VaultError::NotAVault { file, what } => format!("its {} is {what}", name(file)),
        VaultError::AuditAltered { what, .. } => format!("its audit record was altered: {what}"),
        VaultError::Altered { organization, key, what } => {
            format!("its `{key}` credentials of `{organization}` were altered: {what}")
        }
        // SQLite would have to undo what was begun there.
        VaultError::ReadOnly { folder: there } if there == folder => {
            "it was not made to its end, or cannot be read".to_owned()
        }
        _ => return error,
    };
    VaultError::CannotRestore {
        problem: format!("{} holds no sound backup: {problem}", shown(folder)),
        fix: "name another backup; nothing was changed".to_owned(),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether what is there is missing, or broken or altered in a way that leaves nothing to go on with.
const fn makes_way(error: &VaultError) -> bool {
    matches!(
        error,
        VaultError::NoVault { .. }
            | VaultError::NoAudit { .. }
            | VaultError::Damaged { .. }
            | VaultError::NotAVault { .. }
            | VaultError::AuditAltered { .. }
            | VaultError::RolledBack { .. }
            // The ring opens the backup: then these are names that were planted, or a key that is lost.
            | VaultError::UnknownKey { .. }
            | VaultError::WrongKey { .. }
    )
}

/// Into the vault that is there.
fn into_vault(options: &VaultOptions, staged: &Staged) -> Result<(Inner, Restored)> {
    let inner = open::open(options.clone())?;
    // Before anything is changed: opening has looked at the end of the record alone.
    audit::walk(&options.audit_file(), &inner.keyring, &inner.audit.seen(), |_| {})?;
    let replaced = aside(options)?;
    let kept = options.clone().in_folder(&replaced);
    let put_back = inner.copy_to(&kept).and_then(|()| inner.put_back(&staged.options.vault_file()));
    if put_back.is_err() {
        let _ = fs::remove_dir_all(&replaced);
    }
    put_back?;
    let verified = inner.verify()?;
    Ok((inner, Restored { verified, replaced: Some(replaced), kept_audit: true }))
}

/// Where nothing could be opened: files in place of files.
fn in_place_of_files(options: &VaultOptions, staged: &Staged) -> Result<(Inner, Restored)> {
    let kept_audit = match open::check_audit_of(options, staged.id) {
        Ok(recorded) => Some(recorded),
        Err(error) if makes_way(&error) => None,
        Err(error) => return Err(error),
    };
    let mut replaced = None;
    let mut moves = vec![(options.vault_file(), staged.options.vault_file())];
    if kept_audit.is_none() {
        // First: where there is a vault, all it needs is there, as when one is made.
        moves.insert(0, (options.audit_file(), staged.options.audit_file()));
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
    let inner = open::open_any(options.clone())?;
    let recorded = kept_audit.unwrap_or_default();
    inner.audit.knows_committed(recorded);
    inner.change(|work| work.go_on_above(recorded))?;
    let verified = inner.verify()?;
    Ok((inner, Restored { verified, replaced, kept_audit: kept_audit.is_some() }))
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
                problem: format!("the folder {} is not empty", shown(folder)),
                fix: "name a folder that is not there yet".to_owned(),
            }),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => lock::make_folder(folder),
        Err(error) => Err(VaultError::io(folder, error)),
    }
}

/// Has both files hold all that they are by themselves, so that they can be moved, copied on and read from anywhere.
fn leave_logs(options: &VaultOptions) -> Result<()> {
    for (file, kind) in [(options.vault_file(), Kind::Vault), (options.audit_file(), Kind::Audit)] {
        schema::leave_log(&file, kind)?;
        sync(&file)?;
    }
    lock::sync_folder(options.data_folder())
}

fn sync(file: &Path) -> Result<()> {
    fs::File::open(file).and_then(|open| open.sync_all()).map_err(|error| VaultError::io_write(file, error))
}

/// Copies one file as of one moment, whoever writes to it meanwhile.
fn copy(from: &Path, to: &Path, kind: Kind) -> Result<()> {
    let connection = schema::open_reader(from, kind)?;
    // SQLite writes into a file that is there and empty: this one is for this user alone.
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    keystroke_files::private(&mut options);
    drop(options.open(to).map_err(|error| VaultError::io_write(to, error))?);
    let name = to.to_str().ok_or_else(|| VaultError::CannotWrite {
        problem: format!("{} is not Unicode", shown(to)),
        fix: "name a folder whose name is".to_owned(),
    })?;
    // As in `schema::connect`: a name that begins with a folder is taken as it is.
    let name = Path::new(".").join(name).display().to_string();
    let copied = connection.execute("VACUUM INTO ?1", [name]);
    copied.map_err(|error| match VaultError::sqlite(to, &error) {
        // Of the two files it is this one that is read.
        VaultError::Damaged { what, .. } => VaultError::Damaged { file: from.to_owned(), what },
        error => error,
    })?;
    sync(to)
}
