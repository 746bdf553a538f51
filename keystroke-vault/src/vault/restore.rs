//! A vault put back from a backup.
//!
//! What is put back goes into the vault that is there, in one transaction, so that applications go on and see it at
//! their next call. Only where no vault can be opened are files replaced. The audit record that is there goes on
//! wherever it is sound, and records the restore.

use std::fs;
use std::path::{Path, PathBuf};

use keystroke_files::{beside, in_shell, shown};

use super::backup::{check_name, copy, leave_logs, make_empty};
use crate::audit::{self, Commits};
use crate::error::{Result, VaultError};
use crate::file::busy;
use crate::file::tables::FileKind;
use crate::file::{connection, header, schema};
use crate::format::subkeys::VaultId;
use crate::keys::key_source::KeySource;
use crate::keys::ring_file;
use crate::lock;
use crate::open_vault::{self, OpenVault};
use crate::options::VaultOptions;
use crate::record::Verified;
use crate::time::to_millis;

/// A vault that was put back.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Restored {
    /// What was put back, and the audit record as it is now.
    pub verified: Verified,
    /// The folder with what was there before.
    pub replaced: Option<PathBuf>,
    /// Whether the audit record that was there went on, which knows more than the backup's. Otherwise it is the
    /// backup's.
    pub kept_audit: bool,
}

impl OpenVault {
    /// Replaces what the vault holds with what `from` holds.
    fn put_back(&self, from: &Path) -> Result<()> {
        let from = connection::open_reader(from, FileKind::Vault)?;
        self.change(|changes| changes.put_back(&from))?;
        self.clear_log();
        Ok(())
    }
}

pub(crate) fn restore(options: &VaultOptions, folder: &Path) -> Result<(OpenVault, Restored)> {
    check_name(folder)?;
    options.check_places()?;
    let _lock = lock::of_vault(options.data_folder(), busy::PATIENCE)?;
    let from = options.clone().in_folder(folder);
    let staged = Staged::of(options, &from).map_err(|error| of_backup(folder, error))?;
    if id_there(options).is_some_and(|there| there != staged.id) {
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

/// A checked copy of a backup: opening a vault writes to its folder, and a backup must not be touched. It is deleted
/// when the restore ends.
struct Staged {
    options: VaultOptions,
    id: VaultId,
}

impl Staged {
    fn of(options: &VaultOptions, from: &VaultOptions) -> Result<Self> {
        for (file, kind) in [(from.vault_file(), FileKind::Vault), (from.audit_file(), FileKind::Audit)] {
            let folder = shown(from.data_folder());
            header::check(&file, kind)?.ok_or_else(|| VaultError::CannotRestore {
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
        copy(&from.vault_file(), &staged.options.vault_file(), FileKind::Vault)?;
        copy(&from.audit_file(), &staged.options.audit_file(), FileKind::Audit)?;
        let inner = open_vault::open(staged.options.clone())?;
        inner.verify()?;
        staged.id = *inner.subkeys.vault();
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

/// What is wrong, said of the backup: the error is not about the vault that is there, and names a copy that is gone
/// by then.
fn of_backup(folder: &Path, error: VaultError) -> VaultError {
    let name = |file: &Path| file.file_name().unwrap_or_default().display().to_string();
    let problem = match &error {
        VaultError::Damaged { file, what } => format!("its {} is damaged: {what}", name(file)),
        VaultError::NotAVault { file, what } => format!("its {} is {what}", name(file)),
        VaultError::AuditAltered { what, .. } => format!("its audit record was altered: {what}"),
        VaultError::Altered { organization, key, what } => {
            format!("its `{key}` credentials of `{organization}` were altered: {what}")
        }
        // SQLite would first have to undo what was begun there.
        VaultError::ReadOnly { folder: there } if there == folder => {
            "it was not finished, or cannot be read".to_owned()
        }
        VaultError::UnknownKey { .. } | VaultError::MissingKey { .. } | VaultError::WrongKey { .. } => {
            return unopened(folder, error);
        }
        _ => return error,
    };
    VaultError::CannotRestore {
        problem: format!("{} holds no sound backup: {problem}", shown(folder)),
        fix: "name another backup; nothing was changed".to_owned(),
    }
}

/// The backup is sealed with a key that the ring does not hold, as one from before `rotate-key` is. The vault that is there
/// needs its own key too, so the missing one goes beside it.
fn unopened(folder: &Path, error: VaultError) -> VaultError {
    let folder = shown(folder);
    let (problem, fix) = match error {
        VaultError::UnknownKey { id, source } => {
            let problem =
                format!("the backup {folder} is sealed with the key `{id}`, which {source} does not hold");
            let retired = match &source {
                KeySource::File(ring) => Some((ring, beside(ring, ".retired"))),
                _ => None,
            };
            let fix = match retired {
                Some((ring, retired)) if holds(&retired, &id) => {
                    let (ring, retired) = (in_shell(ring), in_shell(&retired));
                    format!(
                        "run `grep '^{id}:' {retired} >> {ring}`, which puts that key back behind the present one; then \
                         restore again"
                    )
                }
                Some((_, retired)) => format!(
                    "put the line of `{id}` behind the one in {source}, from the ring that the backup was made under \
                     (`vault rotate-key` moves old keys to {}), then restore again",
                    shown(&retired)
                ),
                None => format!(
                    "put the line of `{id}` behind the one in {source}, from the ring that the backup was made under, \
                     then restore again"
                ),
            };
            (problem, fix)
        }
        VaultError::MissingKey { source, .. } => (
            format!("the backup {folder} cannot be opened, because its key ({source}) is missing"),
            "put the key back there, or set KEYSTROKE_VAULT_KEY or KEYSTROKE_VAULT_KEY_FILE to the key that the backup \
             was made under, then restore again"
                .to_owned(),
        ),
        VaultError::WrongKey { id, source } => (
            format!("the key `{id}` in {source} is not the one that the backup {folder} is sealed with"),
            format!(
                "restore in {source} the `{id}` that the backup was made under, or name another backup; nothing was \
                 changed"
            ),
        ),
        other => return other,
    };
    VaultError::CannotRestore { problem, fix }
}

/// Whether a ring in this file has a line for the key, so that a shell can copy it.
fn holds(ring: &Path, id: &str) -> bool {
    let is_plain = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let begins = format!("{id}:");
    let text = ring_file::read(ring).ok().flatten();
    is_plain && text.is_some_and(|text| text.lines().any(|line| line.starts_with(&begins)))
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether what is there is missing, broken or altered in a way that leaves nothing to go on with.
const fn makes_way(error: &VaultError) -> bool {
    matches!(
        error,
        VaultError::NoVault { .. }
            | VaultError::NoAudit { .. }
            | VaultError::Damaged { .. }
            | VaultError::NotAVault { .. }
            | VaultError::AuditAltered { .. }
            | VaultError::RolledBack { .. }
            // The ring opens the backup, so these are planted names, or a key that is lost.
            | VaultError::UnknownKey { .. }
            | VaultError::WrongKey { .. }
    )
}

/// Into the vault that is there.
fn into_vault(options: &VaultOptions, staged: &Staged) -> Result<(OpenVault, Restored)> {
    let inner = open_vault::open(options.clone())?;
    // Before anything is changed: opening has looked only at the end of the record.
    audit::walk(&options.audit_file(), &inner.subkeys, &inner.audit.seen(), |_| {})?;
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

/// Where nothing could be opened: replaces the files.
fn in_place_of_files(options: &VaultOptions, staged: &Staged) -> Result<(OpenVault, Restored)> {
    let kept_audit = match check_audit_of(options, staged.id) {
        Ok(recorded) => Some(recorded),
        Err(error) if makes_way(&error) => None,
        Err(error) => return Err(error),
    };
    let mut replaced = None;
    let mut moves = vec![(options.vault_file(), staged.options.vault_file())];
    if kept_audit.is_none() {
        // First, as when a vault is made: where there is a vault, everything that it needs is there.
        moves.insert(0, (options.audit_file(), staged.options.audit_file()));
    }
    for (file, new) in moves {
        for suffix in ["", "-wal", "-shm"] {
            let old = beside(&file, suffix);
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
    let inner = open_vault::open_any(options.clone())?;
    let recorded = kept_audit.unwrap_or_default();
    inner.audit.knows_committed(recorded);
    inner.change(|changes| changes.go_on_above(recorded))?;
    let verified = inner.verify()?;
    Ok((inner, Restored { verified, replaced, kept_audit: kept_audit.is_some() }))
}

/// A new folder for what is being replaced.
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

/// Checks that there is an audit record of this vault, and that all of it is sound. Returns the highest generation
/// that it knows to be committed.
fn check_audit_of(options: &VaultOptions, id: VaultId) -> Result<u64> {
    let file = options.audit_file();
    header::check(&file, FileKind::Audit)?.ok_or_else(|| VaultError::NoAudit { file: file.clone() })?;
    let subkeys = options.subkeys(&options.keys.load(&options.vault_file())?, id)?;
    let connection = connection::open_writer(&file, FileKind::Audit)?;
    let (seen, _) = audit::check(&connection, &subkeys, &file)?;
    schema::bring_up(&connection, &file, FileKind::Audit, |_| Ok(()))?;
    let mut commits = Commits::default();
    audit::walk(&file, &subkeys, &seen, |entry| commits.note(&entry.event, entry.version))?;
    Ok(commits.highest())
}

/// The id of the vault that is there, if it can be read.
fn id_there(options: &VaultOptions) -> Option<VaultId> {
    let file = options.vault_file();
    header::check(&file, FileKind::Vault).ok()??;
    connection::vault_of(&connection::open_reader(&file, FileKind::Vault).ok()?, &file).ok()
}
