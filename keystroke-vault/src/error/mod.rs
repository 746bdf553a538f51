//! What can go wrong with a vault, one variant per cause. Each has a code, a problem and a fix ([`messages`] frames
//! all of them; what exactly is damaged is said by who found it), and none holds a secret: no value, no key, no line of a ring.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use keystroke_core::{Assignment, Candidate, InstanceId, Owner, StoreError};

use crate::format::SealError;
use crate::format::group::Group;
use crate::keys::key_source::KeySource;

mod causes;
mod messages;

pub(crate) use causes::{TOO_BIG, foreign_value};

/// Why the vault refused. `Display` is the problem and its fix in one line; [`fix`](Self::fix) is the second
/// half.
#[derive(Clone)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no vault in the folder.
    NoVault {
        /// Where it would be.
        file: PathBuf,
    },
    /// There is a vault already, so none is made.
    VaultExists {
        /// Where it is.
        file: PathBuf,
    },
    /// The vault is there and its key is not. No new key is ever made for it.
    MissingKey {
        /// The vault.
        vault: PathBuf,
        /// Where the key should be.
        source: KeySource,
    },
    /// The ring lacks a key that the vault names.
    UnknownKey {
        /// The id of the key.
        id: String,
        /// Where the ring comes from.
        source: KeySource,
    },
    /// The ring has a key with the right id and the wrong content.
    WrongKey {
        /// The id of the key.
        id: String,
        /// Where the ring comes from.
        source: KeySource,
    },
    /// The ring can't be parsed.
    MalformedRing {
        /// Where the ring comes from.
        source: KeySource,
        /// The line (where it is a single one: the entry), from 1; 0 for the ring as a whole.
        line: usize,
        /// What is wrong with it, never its text.
        problem: &'static str,
    },
    /// The ring file can be read or changed by others.
    ExposedKey {
        /// The ring file.
        file: PathBuf,
        /// How it is exposed.
        problem: String,
        /// One command that fixes it.
        fix: String,
    },
    /// Others may exchange what is in the folder of the vault or of its key.
    ExposedFolder {
        /// The folder, or one above it.
        folder: PathBuf,
        /// Its mode.
        mode: u32,
        /// The mode that `chmod` takes to fix it.
        mend: &'static str,
    },
    /// A ring that should be wrapped is not, a wrapped one can't be unwrapped, or the wrapper failed.
    KeyWrapping {
        /// Where the ring comes from.
        source: KeySource,
        /// What is wrong.
        problem: String,
        /// What to do.
        fix: String,
    },
    /// The file is something else: text, another program's database, a folder.
    NotAVault {
        /// The file.
        file: PathBuf,
        /// What it is.
        what: String,
    },
    /// The file was written by a newer version of keystroke. Nothing was changed.
    NewerFormat {
        /// The file.
        file: PathBuf,
        /// Its format.
        format: i64,
    },
    /// The file is cut short or broken.
    Damaged {
        /// The file.
        file: PathBuf,
        /// How that shows.
        what: String,
    },
    /// The vault is there, and its audit record is not.
    NoAudit {
        /// Where it should be.
        file: PathBuf,
    },
    /// The audit record was cut or altered by something that does not have the vault's key.
    AuditAltered {
        /// The file.
        file: PathBuf,
        /// How that shows.
        what: String,
    },
    /// What the vault holds for a key was altered by something that does not have the vault's key.
    Altered {
        /// The organization.
        organization: String,
        /// The credential key.
        key: String,
        /// How that shows.
        what: String,
    },
    /// Something other than keystroke put the vault back to an earlier state: its audit record knows of committed
    /// changes that are not in it.
    RolledBack {
        /// The file.
        file: PathBuf,
        /// How many changes the record knows of.
        recorded: u64,
    },
    /// The file was moved, deleted or replaced under this process.
    Replaced {
        /// The file.
        file: PathBuf,
    },
    /// The folder can't be written, so no audit record can be kept, so nothing can be used (SEMANTICS S5).
    ReadOnly {
        /// The folder.
        folder: PathBuf,
    },
    /// What was asked for can't be written where it was asked for.
    CannotWrite {
        /// Why not.
        problem: String,
        /// What to do.
        fix: String,
    },
    /// The folder that was named as a backup can't be restored here.
    CannotRestore {
        /// Why not.
        problem: String,
        /// What to do.
        fix: String,
    },
    /// The disk is full.
    DiskFull {
        /// The folder.
        folder: PathBuf,
    },
    /// This process may not write a file of that length.
    FileTooLarge {
        /// The file.
        file: PathBuf,
    },
    /// Another process held the file for too long.
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// The operating system failed.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        error: Arc<io::Error>,
    },
    /// SQLite failed in another way.
    Sqlite {
        /// The file.
        file: PathBuf,
        /// What it said.
        message: String,
    },
    /// The environment variables can't be used.
    Environment {
        /// What is wrong.
        problem: String,
        /// What to do.
        fix: String,
    },
    /// The clock says that an instance has not expired, and the audit record has a row from after that.
    ClockSetBack {
        /// The instance.
        id: InstanceId,
        /// When it expired.
        expired_at: SystemTime,
        /// The time of that row.
        latest: SystemTime,
    },
    /// The process itself is in trouble: no random numbers, or no audit thread.
    System {
        /// What failed.
        what: String,
    },
    /// The owner has an instance of the key already.
    InstanceExists {
        /// The instance.
        there: Box<Candidate>,
    },
    /// An id that was asked for is in use.
    IdTaken {
        /// The id.
        id: InstanceId,
    },
    /// No instance has the id.
    NoSuchInstance {
        /// The id.
        id: InstanceId,
    },
    /// The instance is revoked, and will never be used again.
    Revoked {
        /// The instance.
        there: Box<Candidate>,
    },
    /// The instance can't serve the assignment.
    OutOfReach {
        /// The instance.
        id: InstanceId,
        /// Why not.
        why: String,
        /// The credential key that was asked for.
        key: String,
    },
    /// The instance is assigned in a project that its new owner does not reach.
    StillAssigned {
        /// The instance.
        id: InstanceId,
        /// Its credential key.
        key: String,
        /// The owner it was to move to.
        owner: Owner,
        /// The assignments that it could no longer serve.
        assignments: Vec<Assignment>,
    },
    /// A name or text that can't be stored.
    InvalidText {
        /// Which one, such as `the organization`.
        what: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What to do.
        fix: String,
    },
    /// A value that can't be stored. It is named by its field.
    InvalidValue {
        /// The field.
        field: String,
        /// What is wrong with the value.
        problem: &'static str,
        /// What to do.
        fix: String,
    },
}

impl VaultError {
    /// The system gives no random numbers.
    pub(crate) fn no_random_numbers(error: impl std::fmt::Display) -> Self {
        Self::System { what: format!("the system gives no random numbers: {error}") }
    }

    /// A group is not what its seal says.
    pub(crate) fn altered(group: &Group, what: impl Into<String>) -> Self {
        Self::Altered { organization: group.organization.clone(), key: group.key.clone(), what: what.into() }
    }

    /// A secret was given where a name belongs. What was given is not shown.
    pub(crate) fn secret_as_path(what: &str) -> Self {
        Self::Environment {
            problem: format!("what was given as {what} looks like a key or a token, so it is not shown"),
            fix: "give the name there; a vault's key itself goes into KEYSTROKE_VAULT_KEY".to_owned(),
        }
    }
}

impl std::error::Error for VaultError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<SealError> for VaultError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::NoRandomNumbers(error) => Self::no_random_numbers(error),
            SealError::TooLong => Self::InvalidText {
                what: "the instance".to_owned(),
                problem: "has more than 8 MiB of fields",
                fix: "store less in it".to_owned(),
            },
            SealError::NotSealed => Self::System { what: "a secret cannot be sealed".to_owned() },
            SealError::NotDerived => Self::System { what: "a key cannot be derived".to_owned() },
        }
    }
}

impl From<VaultError> for StoreError {
    fn from(error: VaultError) -> Self {
        let store = Self::new(error.problem()).with_fix(error.fix());
        if error.is_retryable() { store.retryable() } else { store }
    }
}

pub(crate) type Result<T, E = VaultError> = std::result::Result<T, E>;
