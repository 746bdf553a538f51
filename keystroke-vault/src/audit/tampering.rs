//! Errors for an audit record that was altered outside keystroke.

use std::path::Path;

use crate::error::{VaultError, foreign_value};

pub(super) fn altered(file: &Path, what: impl Into<String>) -> VaultError {
    VaultError::AuditAltered { file: file.to_owned(), what: what.into() }
}

pub(super) fn read_error(file: &Path, error: &rusqlite::Error) -> VaultError {
    match foreign_value(error) {
        Some(what) => altered(file, what),
        None => VaultError::sqlite(file, error),
    }
}
