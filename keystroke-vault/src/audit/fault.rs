//! What is said of a record that was altered outside keystroke.

use std::path::Path;

use crate::error::{TOO_BIG, VaultError};

pub(super) fn altered(file: &Path, what: impl Into<String>) -> VaultError {
    VaultError::AuditAltered { file: file.to_owned(), what: what.into() }
}

pub(super) fn read_error(file: &Path, error: &rusqlite::Error) -> VaultError {
    use rusqlite::Error as E;
    match error {
        E::InvalidColumnType(..)
        | E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::Utf8Error(..) => altered(file, "a row holds a value that keystroke does not write"),
        error if error.sqlite_error_code() == Some(rusqlite::ErrorCode::TooBig) => altered(file, TOO_BIG),
        error => VaultError::sqlite(file, error),
    }
}
