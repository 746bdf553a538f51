//! What is said of each error, in one place: its code for programs, the problem, and the one command or step that
//! fixes it.

use std::fmt;
use std::path::Path;

use keystroke_core::{Assignment, Candidate, Owner, Status, fix};
use keystroke_files::{in_shell, shown};

use super::VaultError;
use crate::keys::key_source::KeySource;
use crate::options::home::Home;
use crate::time;

const RESTORE: &str = "restore a backup with `keystroke vault restore FOLDER`";

/// All that is said of an error.
struct Message {
    code: &'static str,
    problem: String,
    fix: String,
}

fn message(code: &'static str, problem: String, fix: impl Into<String>) -> Message {
    Message { code, problem, fix: fix.into() }
}

impl VaultError {
    /// One word for what is wrong, which later versions keep: for `--json`, logs and tests.
    pub fn code(&self) -> &'static str {
        self.message().code
    }

    /// What is wrong, for the operator, without the fix.
    pub fn problem(&self) -> String {
        self.message().problem
    }

    /// What the operator does about it: one command or one step.
    pub fn fix(&self) -> String {
        self.message().fix
    }

    /// Whether trying again may help.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::DiskFull { .. })
    }

    fn message(&self) -> Message {
        match self {
            Self::NoVault { file } => {
                let home = home_of(file);
                message(
                    "no_vault",
                    format!("there is no vault at {}", shown(file)),
                    format!(
                        "run `{home}keystroke vault init`, or store a credential with `{home}keystroke credentials set`"
                    ),
                )
            }
            Self::VaultExists { file } => message(
                "vault_exists",
                format!("there is a vault at {} already", shown(file)),
                "use it as it is; to start over, move the folder away first (its secrets go with it)",
            ),
            Self::MissingKey { vault, source } => message(
                "missing_key",
                format!("the vault {} exists, but its key ({source}) is missing", shown(vault)),
                {
                    let back = match source {
                        KeySource::File(file) => format!("put the key file back at {}, or ", shown(file)),
                        _ => String::new(),
                    };
                    format!(
                        "{back}set KEYSTROKE_VAULT_KEY or KEYSTROKE_VAULT_KEY_FILE to the vault's key; without it \
                         nothing in the vault can be read, and to start over you have to move {} away",
                        shown(vault.parent().unwrap_or(vault))
                    )
                },
            ),
            Self::UnknownKey { id, source } => message(
                "unknown_key",
                format!("the vault is sealed with the key `{id}`, which {source} does not hold"),
                {
                    let retired = match source {
                        KeySource::File(file) => {
                            format!(" (those that a rotation took out are in {}.retired)", shown(file))
                        }
                        _ => String::new(),
                    };
                    format!(
                        "put the line of `{id}` back into {source}{retired}, or point KEYSTROKE_VAULT_KEY_FILE at the \
                         right ring; if there never was such a key, {RESTORE}"
                    )
                },
            ),
            Self::WrongKey { id, source } => message(
                "wrong_key",
                format!("the key `{id}` in {source} is not the one that this vault is sealed with"),
                format!(
                    "restore the `{id}` that the vault was made with in {source}, or point KEYSTROKE_HOME at \
                     the vault it belongs to; if it is the right one, the vault was altered: {RESTORE}"
                ),
            ),
            Self::MalformedRing { source, line, problem } => message(
                "malformed_ring",
                match line {
                    0 => format!("{source} {problem}"),
                    line => format!("{source}, line {line}, {problem}"),
                },
                // As people paste it: a variable in their shell, a file with the mode that it must have.
                match source {
                    KeySource::Environment(variable) => format!(
                        "set it to what the vault's key file holds: `export {variable}=\"$(cat vault.keys)\"`; for a \
                         vault that is yet to be made: `export {variable}=\"$(keystroke vault new-key)\"`"
                    ),
                    KeySource::File(file) => {
                        let file = in_shell(file);
                        format!(
                            "restore {file} from a backup; for a vault that is yet to be made: \
                             `(umask 077 && keystroke vault new-key > {file})`"
                        )
                    }
                    _ => format!(
                        "restore {source} from a backup; for a vault that is yet to be made, take what \
                         `keystroke vault new-key` prints"
                    ),
                },
            ),
            Self::ExposedKey { file, problem, fix } => {
                message("exposed_key", format!("the key file {} {problem}", shown(file)), fix)
            }
            Self::ExposedFolder { folder, mode, mend } => message(
                "exposed_folder",
                format!(
                    "others may exchange the files in the folder {}: its mode is {mode:03o}",
                    shown(folder)
                ),
                format!(
                    "run `chmod {mend} {}`, or set KEYSTROKE_HOME to a folder of this user's own; if others could \
                     write there before, check the vault with `keystroke vault verify`",
                    in_shell(folder)
                ),
            ),
            Self::KeyWrapping { source, problem, fix } => {
                message("key_wrapping", format!("{source} {problem}"), fix)
            }
            Self::NotAVault { file, what } => message(
                "not_a_vault",
                format!("{} is not a keystroke file: it is {what}", shown(file)),
                format!("move {} away, or set KEYSTROKE_HOME to the vault's folder", shown(file)),
            ),
            Self::NewerFormat { file, format } => message(
                "newer_format",
                format!("{} has format {format}, which this version of keystroke does not know", shown(file)),
                "update keystroke; nothing was changed",
            ),
            Self::Damaged { file, what } => {
                message("damaged", format!("{} is damaged: {what}", shown(file)), RESTORE)
            }
            Self::NoAudit { file } => message(
                "no_audit",
                format!("the vault is damaged: its audit record {} is missing", shown(file)),
                RESTORE,
            ),
            Self::AuditAltered { file, what } => message(
                "audit_altered",
                format!("the audit record {} was altered outside keystroke: {what}", shown(file)),
                format!("{RESTORE}, and find out who can write to the vault's folder"),
            ),
            Self::Altered { organization, key, what } => message(
                "altered",
                format!(
                    "the `{key}` credentials of organization `{organization}` were altered outside keystroke: {what}"
                ),
                format!(
                    "{RESTORE}; without one, give up all `{key}` credentials of `{organization}` with \
                     `keystroke credentials discard {} --organization {}` and set them again",
                    fix::word(key),
                    fix::word(organization)
                ),
            ),
            Self::RolledBack { file, recorded } => message(
                "rolled_back",
                format!(
                    "{} was put back to an earlier state outside keystroke: its audit record knows of {recorded} \
                     changes, and the last of them are not in it",
                    shown(file)
                ),
                format!(
                    "end all programs that have the vault open and run `keystroke vault verify`; if that says the \
                     same, {RESTORE}, and find out who can write to the vault's folder"
                ),
            ),
            Self::Replaced { file } => message(
                "replaced",
                format!("{} was moved, deleted or replaced while it was open", shown(file)),
                "start this program again",
            ),
            Self::ReadOnly { folder } => message(
                "read_only",
                format!(
                    "the folder {} cannot be written, so no audit record can be kept and nothing can be used",
                    shown(folder)
                ),
                format!(
                    "make {} writable for this user; nothing is used without an audit record",
                    shown(folder)
                ),
            ),
            Self::CannotWrite { problem, fix } => message("cannot_write", problem.clone(), fix),
            Self::CannotRestore { problem, fix } => message("cannot_restore", problem.clone(), fix),
            Self::DiskFull { folder } => message(
                "disk_full",
                format!("the disk of {} is full", shown(folder)),
                format!("free some space on the disk of {}", shown(folder)),
            ),
            Self::FileTooLarge { file } => message(
                "file_too_large",
                {
                    let limit = keystroke_files::file_size_limit();
                    let limit = limit.map_or_else(String::new, |limit| format!(" (at most {limit} bytes)"));
                    format!("this process may not write a file as long as {} would be{limit}", shown(file))
                },
                "run `ulimit -f unlimited`, and then the same again",
            ),
            Self::Busy { file } => message(
                "busy",
                format!("another process held {} for too long", shown(file)),
                "try again, or end the process that holds it",
            ),
            Self::Io { path, error } => message(
                "io",
                format!("{}: {error}", shown(path)),
                format!("check that this user may use {}", shown(path)),
            ),
            Self::Sqlite { file, message: said } => {
                message("sqlite", format!("{}: {said}", shown(file)), "run `keystroke vault verify`")
            }
            Self::Environment { problem, fix } => message("environment", problem.clone(), fix),
            Self::ClockSetBack { id, expired_at, latest } => message(
                "clock_set_back",
                format!(
                    "the clock was set back: `{id}` expired at {}, and the audit record has a row from {}",
                    time::shown(*expired_at),
                    time::shown(*latest)
                ),
                "set this machine's clock right; the credential has expired, and needs new values",
            ),
            Self::System { what } => message("system", what.clone(), "start this program again"),
            Self::InstanceExists { there } => {
                let Candidate { key, id, owner, status, .. } = &**there;
                let owner = named(owner);
                match status {
                    Status::Revoked => message(
                        "instance_exists",
                        format!("{owner} has a credential for `{key}` already: `{id}`, which is revoked"),
                        format!(
                            "run `keystroke credentials delete {id}` first (a revoked one cannot be rotated), or \
                             pass `--add{}`",
                            default_flag(there)
                        ),
                    ),
                    Status::Active | Status::NeedsReconnect => message(
                        "instance_exists",
                        format!("{owner} has a credential for `{key}` already: `{id}`"),
                        format!(
                            "run `keystroke credentials rotate {id}{}` for a new secret, or pass `--add` for a \
                             second one",
                            settings(there)
                        ),
                    ),
                }
            }
            Self::IdTaken { id } => message(
                "id_taken",
                format!("the id `{id}` is in use"),
                "leave the id out; the vault gives one",
            ),
            Self::NoSuchInstance { id } => message(
                "no_such_instance",
                format!("there is no instance `{id}`"),
                "use an id that `keystroke credentials list` shows",
            ),
            Self::Revoked { there } => message(
                "revoked",
                format!("`{}` is revoked", there.id),
                format!(
                    "use another one that `{}` shows, or store one with `{} --add{}`",
                    fix::list(&there.key, &there.organization),
                    fix::set(&there.key, &settings(there), Some(&there.owner), &there.organization),
                    default_flag(there)
                ),
            ),
            Self::OutOfReach { id, why, key } => message(
                "out_of_reach",
                format!("`{id}` cannot be assigned here: {why}"),
                format!("use one that `keystroke credentials list {key}` shows"),
            ),
            Self::StillAssigned { id, key, owner, assignments } => message(
                "still_assigned",
                {
                    let places =
                        assignments.iter().map(|Assignment { project, consumer, action, .. }| {
                            format!("`{action}` ({consumer}) in the project `{project}`")
                        });
                    format!(
                        "`{id}` cannot go to {}, because it is assigned in other projects: {}",
                        named(owner),
                        places.collect::<Vec<_>>().join("; ")
                    )
                },
                {
                    let undo = assignments.iter().map(|place| format!("`{}`", fix::unassign(key, place)));
                    format!(
                        "undo these first: {}; or move it to the organization",
                        undo.collect::<Vec<_>>().join(", ")
                    )
                },
            ),
            Self::InvalidText { what, problem, fix } => {
                message("invalid_text", format!("{what} {problem}"), fix)
            }
            Self::InvalidValue { field, problem, fix } => {
                message("invalid_value", format!("the value of `{field}` {problem}"), fix)
            }
        }
    }
}

/// What stands before a command so that it works on the vault of the error: an application may have named a folder.
fn home_of(vault: &Path) -> String {
    match Home::of(&|name| std::env::var_os(name)) {
        Some(home) if home.vault_file() == vault => String::new(),
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

/// Beside a revoked instance with the default mark, another one is used only if it takes over the mark.
fn default_flag(there: &Candidate) -> &'static str {
    if there.default { " --default" } else { "" }
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
        let Message { problem, fix, .. } = self.message();
        write!(f, "{problem}. To fix it, {fix}")
    }
}

/// As `Display`: a program that returns this from `main` shows it with `Debug`, and must name the fix there too.
impl fmt::Debug for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
