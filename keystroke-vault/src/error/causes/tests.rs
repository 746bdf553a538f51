use std::path::Path;

use rusqlite::ffi;

use super::*;

/// SQLite says "disk I/O error" where the index of its log did not find room.
#[test]
fn a_full_disk_that_sqlite_calls_an_error_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let of = |code| {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some("disk I/O error".to_owned()));
        VaultError::sqlite(&folder.path().join("vault.db"), &error)
    };
    let error = of(ffi::SQLITE_IOERR_SHMSIZE);
    assert!(matches!(error, VaultError::DiskFull { .. }), "{error}");
    assert!(error.to_string().contains("free some space"), "{error}");
    assert_eq!(error.code(), "disk_full");
    assert!(matches!(of(ffi::SQLITE_FULL), VaultError::DiskFull { .. }));
    // A disk that fails and has room is another matter.
    assert!(matches!(of(ffi::SQLITE_IOERR_WRITE), VaultError::Sqlite { .. }));
    // This one never has room.
    assert!(!cfg!(target_os = "linux") || no_room(&rusqlite::Error::InvalidQuery, Path::new("/proc")));
}
