//! The stable word of each error, for programs.

use super::VaultError;

impl VaultError {
    /// One word for what is wrong, which later versions keep: for `--json`, logs and tests.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoVault { .. } => "no_vault",
            Self::AlreadyExists { .. } => "already_exists",
            Self::MissingKey { .. } => "missing_key",
            Self::UnknownKey { .. } => "unknown_key",
            Self::WrongKey { .. } => "wrong_key",
            Self::MalformedRing { .. } => "malformed_ring",
            Self::ExposedKey { .. } => "exposed_key",
            Self::ExposedFolder { .. } => "exposed_folder",
            Self::KeyWrapping { .. } => "key_wrapping",
            Self::NotAVault { .. } => "not_a_vault",
            Self::NewerFormat { .. } => "newer_format",
            Self::Damaged { .. } => "damaged",
            Self::NoAudit { .. } => "no_audit",
            Self::AuditAltered { .. } => "audit_altered",
            Self::Altered { .. } => "altered",
            Self::RolledBack { .. } => "rolled_back",
            Self::Replaced { .. } => "replaced",
            Self::ReadOnly { .. } => "read_only",
            Self::CannotWrite { .. } => "cannot_write",
            Self::CannotRestore { .. } => "cannot_restore",
            Self::DiskFull { .. } => "disk_full",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::Busy { .. } => "busy",
            Self::Io { .. } => "io",
            Self::Sqlite { .. } => "sqlite",
            Self::Environment { .. } => "environment",
            Self::ClockSetBack { .. } => "clock_set_back",
            Self::System { .. } => "system",
            Self::AlreadyThere { .. } => "already_there",
            Self::IdTaken { .. } => "id_taken",
            Self::NoSuchInstance { .. } => "no_such_instance",
            Self::Revoked { .. } => "revoked",
            Self::OutOfReach { .. } => "out_of_reach",
            Self::StillAssigned { .. } => "still_assigned",
            Self::InvalidText { .. } => "invalid_text",
            Self::InvalidValue { .. } => "invalid_value",
        }
    }
}
