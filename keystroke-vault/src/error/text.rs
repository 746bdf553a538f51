//! What each error says: the problem, and the one command or step that mends it.

use std::fmt;

use keystroke_core::{Assignment, Owner};
use keystroke_files::{in_shell, shown};

use super::VaultError;
use crate::key_source::KeySource;
use crate::time;

impl VaultError {
    /// What the operator does about it: one command or one step.
    pub fn fix(&self) -> String {
        match self {
            Self::NoVault { .. } => {
                "run `keystroke vault init`, or store a credential with `keystroke credentials set`"
                    .to_owned()
            }
            Self::AlreadyExists { .. } => {
                "use it as it is; to begin anew, move the folder away first (its secrets go with it)"
                    .to_owned()
            }
            Self::MissingKey { source: KeySource::File(file), .. } => format!(
                "put the key file back at {}, or set KEYSTROKE_VAULT_KEY or KEYSTROKE_VAULT_KEY_FILE; \
                 without the key nothing in the vault can be read",
                shown(file)
            ),
            Self::MissingKey { .. } => {
                "set KEYSTROKE_VAULT_KEY or KEYSTROKE_VAULT_KEY_FILE to the vault's key".to_owned()
            }
            Self::UnknownKey { id, source: source @ KeySource::File(file) } => format!(
                "put the line of `{id}` back into {source} (those that a rotation took out are in {}.retired), or \
                 point KEYSTROKE_VAULT_KEY_FILE at the right ring; if there never was such a key, restore a backup with \
                 `keystroke vault restore <folder>`",
                shown(file)
            ),
            Self::UnknownKey { id, source } => {
                format!(
                    "put the line of `{id}` back into {source}, or point KEYSTROKE_VAULT_KEY_FILE at the \
                     right ring; if there never was such a key, restore a backup with `keystroke vault restore <folder>`"
                )
            }
            Self::WrongKey { id, source } => format!(
                "restore the `{id}` that the vault was made with in {source}, or point KEYSTROKE_HOME at \
                 the vault it belongs to; if it is the right one, the vault was altered: restore a backup with \
                 `keystroke vault restore <folder>`"
            ),
            Self::MalformedRing { source, .. } => {
                format!("restore {source} from a backup; an entry is `id:` and base64 of 32 bytes")
            }
            Self::ExposedKey { fix, .. }
            | Self::KeyWrapping { fix, .. }
            | Self::CannotWrite { fix, .. }
            | Self::CannotRestore { fix, .. }
            | Self::Environment { fix, .. }
            | Self::InvalidText { fix, .. }
            | Self::InvalidValue { fix, .. } => fix.clone(),
            Self::ExposedFolder { folder, mend, .. } => format!(
                "run `chmod {mend} {}`, or set KEYSTROKE_HOME to a folder of this user's own; if others could write \
                 there before, check the vault with `keystroke vault verify`",
                in_shell(folder)
            ),
            Self::NotAVault { file, .. } => {
                format!("move {} away, or set KEYSTROKE_HOME to the vault's folder", shown(file))
            }
            Self::NewerFormat { .. } => "update keystroke; nothing was changed".to_owned(),
            Self::Damaged { .. } | Self::NoAudit { .. } => {
                "restore a backup with `keystroke vault restore <folder>`".to_owned()
            }
            Self::AuditAltered { .. } => {
                "restore a backup with `keystroke vault restore <folder>`, and find out \
                 who can write to the vault's folder"
                    .to_owned()
            }
            Self::Altered { organization, key, .. } => format!(
                "restore a backup with `keystroke vault restore <folder>`; without one, give up all `{key}` credentials \
                 of `{organization}` with `keystroke credentials discard {key} --organization {organization}` and set \
                 them anew"
            ),
            Self::RolledBack { .. } => {
                "end all programs that have the vault open and run `keystroke vault verify`; if that says the same, restore \
                 a backup with `keystroke vault restore <folder>`. Find out who can write to the vault's folder"
                    .to_owned()
            }
            Self::Replaced { .. } => "start this program again".to_owned(),
            Self::ReadOnly { folder } => {
                format!(
                    "make {} writable for this user; nothing is used without an audit record",
                    shown(folder)
                )
            }
            Self::DiskFull { folder } => format!("free some space on the disk of {}", shown(folder)),
            Self::FileTooLarge { .. } => "run `ulimit -f unlimited`, and then the same again".to_owned(),
            Self::Busy { .. } => "try again, or end the process that holds it".to_owned(),
            Self::Io { path, .. } => format!("check that this user may use {}", shown(path)),
            Self::Sqlite { .. } => "run `keystroke vault verify`".to_owned(),
            Self::System { .. } => "start this program again".to_owned(),
            Self::AlreadyThere { id, revoked: false, .. } => format!(
                "run `keystroke credentials rotate {id}` for a new secret, or pass `--add` for a second one"
            ),
            Self::AlreadyThere { id, revoked: true, .. } => format!(
                "run `keystroke credentials delete {id}` first (a revoked one cannot be rotated), or pass `--add`"
            ),
            Self::ClockSetBack { id, .. } => format!(
                "set this machine's clock right; the credential has expired (`keystroke credentials rotate {id}`)"
            ),
            Self::IdTaken { .. } => "leave the id out; the vault gives one".to_owned(),
            Self::NoSuchInstance { .. } => "use an id that `keystroke credentials list` shows".to_owned(),
            Self::Revoked { key, .. } => {
                format!(
                    "use another one that `keystroke credentials list {key}` shows, or store one with \
                     `keystroke credentials set {key} --add`"
                )
            }
            Self::StillAssigned { .. } => {
                "undo these first with `keystroke credentials unassign`, or move it to the \
                 organization"
                    .to_owned()
            }
            Self::OutOfReach { key, .. } => format!("use one that `keystroke credentials list {key}` shows"),
        }
    }

    /// Whether trying again may help.
    pub const fn may_retry(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::DiskFull { .. })
    }

    /// What is wrong, for the operator, without the fix.
    pub fn problem(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = self.write_problem(&mut text);
        text
    }

    fn write_problem(&self, f: &mut impl fmt::Write) -> fmt::Result {
        match self {
            Self::NoVault { file } => write!(f, "there is no vault at {}", shown(file)),
            Self::AlreadyExists { file } => write!(f, "there is a vault at {} already", shown(file)),
            Self::MissingKey { vault, source } => {
                write!(f, "the vault {} exists, but its key ({source}) is missing", shown(vault))
            }
            Self::UnknownKey { id, source } => {
                write!(f, "the vault is sealed with the key `{id}`, which {source} does not hold")
            }
            Self::WrongKey { id, source } => {
                write!(f, "the key `{id}` in {source} is not the one that this vault is sealed with")
            }
            Self::MalformedRing { source, line: 0, problem } => write!(f, "{source} {problem}"),
            Self::MalformedRing { source, line, problem } => write!(f, "{source}, line {line}, {problem}"),
            Self::KeyWrapping { source, problem, .. } => write!(f, "{source} {problem}"),
            Self::ExposedFolder { folder, mode, .. } => write!(
                f,
                "others may exchange the files in the folder {}: its mode is {mode:03o}",
                shown(folder)
            ),
            Self::ExposedKey { file, problem, .. } => write!(f, "the key file {} {problem}", shown(file)),
            Self::NotAVault { file, what } => {
                write!(f, "{} is not a keystroke file: it is {what}", shown(file))
            }
            Self::NewerFormat { file, format } => {
                write!(
                    f,
                    "{} has format {format}, which this version of keystroke does not know",
                    shown(file)
                )
            }
            Self::Damaged { file, what } => write!(f, "{} is damaged: {what}", shown(file)),
            Self::NoAudit { file } => {
                write!(f, "the vault is damaged: its audit record {} is missing", shown(file))
            }
            Self::AuditAltered { file, what } => {
                write!(f, "the audit record {} was altered outside keystroke: {what}", shown(file))
            }
            Self::Altered { organization, key, what } => write!(
                f,
                "the `{key}` credentials of organization `{organization}` were altered outside keystroke: \
                 {what}"
            ),
            Self::RolledBack { file, recorded } => write!(
                f,
                "{} was put back to an earlier state outside keystroke: its audit record knows of {recorded} changes, \
                 and the last of them are not in it",
                shown(file)
            ),
            Self::Replaced { file } => {
                write!(f, "{} was moved, deleted or replaced while it was open", shown(file))
            }
            Self::ReadOnly { folder } => write!(
                f,
                "the folder {} cannot be written, so no audit record can be kept and nothing can be used",
                shown(folder)
            ),
            Self::DiskFull { folder } => write!(f, "the disk of {} is full", shown(folder)),
            Self::FileTooLarge { file } => {
                write!(f, "this process may not write a file as long as {} would be", shown(file))?;
                match keystroke_files::file_size_limit() {
                    Some(limit) => write!(f, " (at most {limit} bytes)"),
                    None => Ok(()),
                }
            }
            Self::Busy { file } => write!(f, "another process held {} for too long", shown(file)),
            Self::Io { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Sqlite { file, message } => write!(f, "{}: {message}", shown(file)),
            Self::Environment { problem, .. }
            | Self::CannotWrite { problem, .. }
            | Self::CannotRestore { problem, .. } => f.write_str(problem),
            Self::System { what } => f.write_str(what),
            Self::AlreadyThere { id, key, owner, revoked } => {
                let owner = named(owner);
                let revoked = if *revoked { ", which is revoked" } else { "" };
                write!(f, "{owner} has a credential for `{key}` already: `{id}`{revoked}")
            }
            Self::ClockSetBack { id, expired_at, latest } => write!(
                f,
                "the clock was set back: `{id}` expired at {}, and the audit record has a row from {}",
                time::shown(*expired_at),
                time::shown(*latest)
            ),
            Self::IdTaken { id } => write!(f, "the id `{id}` is in use"),
            Self::NoSuchInstance { id } => write!(f, "there is no instance `{id}`"),
            Self::Revoked { id, .. } => write!(f, "`{id}` is revoked"),
            Self::OutOfReach { id, why, .. } => write!(f, "`{id}` cannot be assigned here: {why}"),
            Self::StillAssigned { id, owner, assignments } => {
                write!(
                    f,
                    "`{id}` cannot go to {}, because it is assigned in other projects: ",
                    named(owner)
                )?;
                for (index, Assignment { project, consumer, action, .. }) in assignments.iter().enumerate() {
                    let and = if index == 0 { "" } else { "; " };
                    write!(f, "{and}`{action}` ({consumer}) in the project `{project}`")?;
                }
                Ok(())
            }
            Self::InvalidText { what, problem, .. } => write!(f, "{what} {problem}"),
            Self::InvalidValue { field, problem, .. } => write!(f, "the value of `{field}` {problem}"),
        }
    }
}

fn named(owner: &Owner) -> String {
    match owner {
        Owner::Organization => "the organization".to_owned(),
        Owner::Project(project) => format!("the project `{project}`"),
        Owner::User(user) => format!("the user `{user}`"),
    }
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_problem(f)?;
        write!(f, ". To fix it, {}", self.fix())
    }
}

/// As `Display`: a program that returns this from `main` shows it by that, and it must name the fix there too.
impl fmt::Debug for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
