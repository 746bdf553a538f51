//! What each error says: the problem, and the one command or step that mends it.

use std::fmt;
use std::path::Path;

use keystroke_core::{Assignment, Candidate, Owner, Status, fix};
use keystroke_files::{in_shell, shown};

use super::VaultError;
use crate::key_source::KeySource;
use crate::options::VaultOptions;
use crate::time;

const RESTORE: &str = "restore a backup with `keystroke vault restore FOLDER`";

/// What stands before a command, so that it works where the error is from: an application may have named a folder.
fn home_of(vault: &Path) -> String {
    match VaultOptions::from_env() {
        Ok(options) if options.vault_file() == vault => String::new(),
        _ => {
            let folder = vault.parent().unwrap_or(vault);
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
            format!("KEYSTROKE_HOME={} ", in_shell(&folder))
        }
    }
}

/// Where new values of an instance's fields come from.
fn settings(there: &Candidate) -> String {
    let fields = there.fields.iter().flat_map(|fields| fields.iter().map(String::as_str));
    fix::settings(&there.key, fields, &[])
}

/// Beside a revoked instance that has the default mark, another one is used only if it has the mark instead.
fn default_flag(there: &Candidate) -> &'static str {
    if there.default { " --default" } else { "" }
}

impl VaultError {
    /// What the operator does about it: one command or one step.
    pub fn fix(&self) -> String {
        match self {
            Self::NoVault { file } => {
                let home = home_of(file);
                format!(
                    "run `{home}keystroke vault init`, or store a credential with `{home}keystroke credentials set`"
                )
            }
            Self::AlreadyExists { .. } => {
                "use it as it is; to begin anew, move the folder away first (its secrets go with it)"
                    .to_owned()
            }
            Self::MissingKey { vault, source } => {
                let back = match source {
                    KeySource::File(file) => format!("put the key file back at {}, or ", shown(file)),
                    _ => String::new(),
                };
                format!(
                    "{back}set KEYSTROKE_VAULT_KEY or KEYSTROKE_VAULT_KEY_FILE to the vault's key; without it \
                     nothing in the vault can be read, and to begin anew you have to move {} away",
                    shown(vault.parent().unwrap_or(vault))
                )
            }
            Self::UnknownKey { id, source: source @ KeySource::File(file) } => format!(
                "put the line of `{id}` back into {source} (those that a rotation took out are in {}.retired), or \
                 point KEYSTROKE_VAULT_KEY_FILE at the right ring; if there never was such a key, {RESTORE}",
                shown(file)
            ),
            Self::UnknownKey { id, source } => {
                format!(
                    "put the line of `{id}` back into {source}, or point KEYSTROKE_VAULT_KEY_FILE at the \
                     right ring; if there never was such a key, {RESTORE}"
                )
            }
            Self::WrongKey { id, source } => format!(
                "restore the `{id}` that the vault was made with in {source}, or point KEYSTROKE_HOME at \
                 the vault it belongs to; if it is the right one, the vault was altered: {RESTORE}"
            ),
            // As people paste it: a variable in their shell, a file with the mode that it must have.
            Self::MalformedRing { source: KeySource::Environment(variable), .. } => format!(
                "set it to what the vault's key file holds: `export {variable}=\"$(cat vault.keys)\"`; for a vault that \
                 is yet to be made: `export {variable}=\"$(keystroke vault new-key)\"`"
            ),
            Self::MalformedRing { source: KeySource::File(file), .. } => {
                let file = in_shell(file);
                format!(
                    "restore {file} from a backup; for a vault that is yet to be made: \
                     `(umask 077 && keystroke vault new-key > {file})`"
                )
            }
            Self::MalformedRing { source, .. } => format!(
                "restore {source} from a backup; for a vault that is yet to be made, take what \
                 `keystroke vault new-key` prints"
            ),
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
            Self::Damaged { .. } | Self::NoAudit { .. } => RESTORE.to_owned(),
            Self::AuditAltered { .. } => {
                format!("{RESTORE}, and find out who can write to the vault's folder")
            }
            Self::Altered { organization, key, .. } => format!(
                "{RESTORE}; without one, give up all `{key}` credentials of `{organization}` with \
                 `keystroke credentials discard {} --organization {}` and set them anew",
                fix::word(key),
                fix::word(organization)
            ),
            Self::RolledBack { .. } => format!(
                "end all programs that have the vault open and run `keystroke vault verify`; if that says the same, {RESTORE}, \
                 and find out who can write to the vault's folder"
            ),
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
            Self::AlreadyThere { there } if there.status == Status::Revoked => format!(
                "run `keystroke credentials delete {}` first (a revoked one cannot be rotated), or pass `--add{}`",
                there.id,
                default_flag(there)
            ),
            Self::AlreadyThere { there } => format!(
                "run `keystroke credentials rotate {}{}` for a new secret, or pass `--add` for a second one",
                there.id,
                settings(there)
            ),
            Self::ClockSetBack { .. } => {
                "set this machine's clock right; the credential has expired, and needs new values".to_owned()
            }
            Self::IdTaken { .. } => "leave the id out; the vault gives one".to_owned(),
            Self::NoSuchInstance { .. } => "use an id that `keystroke credentials list` shows".to_owned(),
            Self::Revoked { there } => format!(
                "use another one that `{}` shows, or store one with `{} --add{}`",
                fix::list(&there.key, &there.organization),
                fix::set(&there.key, &settings(there), Some(&there.owner), &there.organization),
                default_flag(there)
            ),
            Self::StillAssigned { key, assignments, .. } => {
                let undo = assignments.iter().map(|place| format!("`{}`", fix::unassign(key, place)));
                format!(
                    "undo these first: {}; or move it to the organization",
                    undo.collect::<Vec<_>>().join(", ")
                )
            }
            Self::OutOfReach { key, .. } => format!("use one that `keystroke credentials list {key}` shows"),
        }
    }

    /// Whether trying again may help.
    pub const fn is_retryable(&self) -> bool {
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
            Self::AlreadyThere { there } => {
                let owner = named(&there.owner);
                let revoked = if there.status == Status::Revoked { ", which is revoked" } else { "" };
                write!(f, "{owner} has a credential for `{}` already: `{}`{revoked}", there.key, there.id)
            }
            Self::ClockSetBack { id, expired_at, latest } => write!(
                f,
                "the clock was set back: `{id}` expired at {}, and the audit record has a row from {}",
                time::shown(*expired_at),
                time::shown(*latest)
            ),
            Self::IdTaken { id } => write!(f, "the id `{id}` is in use"),
            Self::NoSuchInstance { id } => write!(f, "there is no instance `{id}`"),
            Self::Revoked { there } => write!(f, "`{}` is revoked", there.id),
            Self::OutOfReach { id, why, .. } => write!(f, "`{id}` cannot be assigned here: {why}"),
            Self::StillAssigned { id, owner, assignments, .. } => {
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
