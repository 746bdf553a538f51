//! How the two files are recognized before SQLite touches them.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use keystroke_files::beside;

use super::open_files;
use super::tables::FileKind;
use crate::error::{Result, VaultError};

/// Looks at the file's first bytes, and refuses a file that is not ours before SQLite touches it: opening a database
/// in WAL mode already writes files beside it. `None` if there is no file.
pub(crate) fn check(path: &Path, kind: FileKind) -> Result<Option<()>> {
    let not = |what: &str| VaultError::NotAVault { file: path.to_owned(), what: what.to_owned() };
    let damaged = |what: &str| VaultError::Damaged { file: path.to_owned(), what: what.to_owned() };
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(VaultError::io(path, error)),
    };
    if about.is_dir() {
        return Err(not("a folder"));
    }
    if !about.is_file() {
        return Err(not("not a regular file"));
    }
    let mut header = vec![0; 100];
    let read = open_files::read_start(path, &mut header).map_err(|error| VaultError::io(path, error))?;
    header.truncate(read);
    if header.is_empty() {
        return Err(damaged("it is empty"));
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(not("not an SQLite database"));
    }
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        bytes.ok_or_else(|| damaged("it is cut short"))
    };
    let page = match number(16)? >> 16 {
        1 => 65_536,
        size => u64::from(size),
    };
    if number(68)? != kind.application().cast_unsigned() {
        return Err(not("the database of another application"));
    }
    check_format(path, kind, i64::from(number(60)?))?;
    // With a write-ahead log the file may rightly be shorter than its header says: then SQLite checks it.
    let log = fs::metadata(beside(path, "-wal")).map_or(0, |about| about.len());
    if log == 0 && about.len() < page * u64::from(number(28)?) {
        return Err(damaged("it is cut short"));
    }
    Ok(Some(()))
}

pub(super) fn check_format(path: &Path, kind: FileKind, format: i64) -> Result<()> {
    match format {
        format if (1..=kind.format()).contains(&format) => Ok(()),
        format if format > kind.format() => Err(VaultError::NewerFormat { file: path.to_owned(), format }),
        _ => Err(VaultError::Damaged { file: path.to_owned(), what: "it has no format number".to_owned() }),
    }
}
