//! Whether anything was committed to the vault, asked without SQLite.
//!
//! Where a database keeps a write-ahead log, its connections share an index of it, `vault.db-shm`, which all of them
//! map. It begins with two copies of a header that is rewritten by every commit and whatever else moves the log: a
//! counter, the log's length, its salts and checksums (<https://sqlite.org/walformat.html>). SQLite itself compares
//! this header to tell whether what a connection remembers is still current, also for `PRAGMA data_version`; but it
//! takes locks first, and they are what costs. Here the same bytes are read and compared, and that is all.
//!
//! What was read under a header is as of that header if the header was read *before* it, and stays current as long as
//! both copies still are that header. A header that is being written has two different copies, and counts as none. In
//! every other case SQLite is asked.
//!
//! A read gives what others have mapped where both share the file's pages: on Linux, on local file systems. Elsewhere
//! there is no such index to read, and SQLite is asked each time.

/// One copy of the header.
pub(crate) type Header = [u8; 48];

#[cfg(not(target_os = "linux"))]
pub(crate) enum WalIndex {}

#[cfg(not(target_os = "linux"))]
impl WalIndex {
    pub(crate) fn of(_: &rusqlite::Connection) -> Option<Self> {
        None
    }

    pub(crate) fn header(&self) -> Option<Header> {
        match *self {}
    }

    pub(crate) fn in_place(&self) -> bool {
        match *self {}
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::WalIndex;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::os::unix::fs::FileExt as _;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use rusqlite::Connection;

    use super::Header;
    use crate::file::identity::FileIdentity;
    use crate::file::open_files;

    /// Where in a header its one version (`iVersion`) and its mark that it is in use (`isInit`) lie.
    const VERSION: (usize, u32) = (0, 3_007_000);
    const IN_USE: usize = 12;

    /// File systems whose files have one set of pages, whether they are read or mapped: ext2 to ext4, XFS, Btrfs,
    /// F2FS, tmpfs, and overlays of these.
    const LOCAL: [u32; 6] = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994, 0x794c_7630];

    pub(crate) struct WalIndex {
        path: PathBuf,
        file: Arc<File>,
        identity: FileIdentity,
    }

    impl WalIndex {
        /// The index of the database that this connection has open; the connection must stay open for as long as this is
        /// used, so that nobody deletes the index. `None` where it could not be relied on.
        pub(crate) fn of(connection: &Connection) -> Option<Self> {
            // Reading makes SQLite map the index, if it has not done so yet.
            connection.query_row("PRAGMA data_version", [], |_| Ok(())).ok()?;
            // The name as SQLite has it, links resolved.
            let path = keystroke_files::beside(Path::new(connection.path()?), "-shm");
            let file = open_files::open(&path).ok()?;
            let system = rustix::fs::fstatfs(&file).ok()?;
            if !LOCAL.iter().any(|local| i128::from(system.f_type) == i128::from(*local)) {
                return None;
            }
            let identity = FileIdentity::of(&file.metadata().ok()?);
            let index = Self { path, file, identity };
            // The header is there even if nobody has written yet; a process that is writing it now is done soon.
            (0..100).find_map(|_| index.header())?;
            index.in_place().then_some(index)
        }

        /// The header, if it is whole.
        pub(crate) fn header(&self) -> Option<Header> {
            let mut copies = [[0; 48]; 2];
            let read = self.file.read_at(copies.as_flattened_mut(), 0).ok()?;
            let [one, two] = copies;
            let known =
                one.get(VERSION.0..4) == Some(&VERSION.1.to_ne_bytes()) && one.get(IN_USE) == Some(&1);
            (read == 96 && one == two && known).then_some(one)
        }

        /// Whether the file is still the one under its name. If somebody deleted it, SQLite goes on with the one that
        /// it has, and others make a new one.
        pub(crate) fn in_place(&self) -> bool {
            std::fs::metadata(&self.path).is_ok_and(|named| FileIdentity::of(&named) == self.identity)
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use keystroke_core::{Consumer, Instance, Lookup};
    use rusqlite::Connection;

    use super::WalIndex;
    use crate::{Add, Vault, VaultOptions};

    /// Each moves the log in its own way.
    const COMMITS: &[&str] = &[
        "UPDATE meta SET created_at = created_at + 1",
        "UPDATE meta SET generation = generation + 1",
        "BEGIN; UPDATE meta SET generation = generation - 1; COMMIT",
        "PRAGMA wal_checkpoint(TRUNCATE); UPDATE meta SET created_at = created_at + 1",
        "PRAGMA wal_checkpoint(RESTART); UPDATE meta SET created_at = created_at + 1",
        "VACUUM",
    ];

    #[test]
    fn every_commit_moves_it_and_reading_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (vault, _) = Vault::init(VaultOptions::at(folder.path())).unwrap();
        let index = WalIndex::of(&vault.inner.writer.lock().unwrap()).unwrap();
        let other = Connection::open(folder.path().join("vault.db")).unwrap();
        let mut headers = vec![index.header().unwrap()];
        for _ in 0..3 {
            for statements in COMMITS {
                for none in
                    ["SELECT * FROM instances", "BEGIN IMMEDIATE; ROLLBACK", "PRAGMA wal_checkpoint(PASSIVE)"]
                {
                    let statement = |sql: &str| other.execute_batch(sql).unwrap();
                    statement(none);
                    assert_eq!(index.header().as_ref(), headers.last(), "{none}");
                }
                other.execute_batch(statements).unwrap();
                let header = index.header().unwrap();
                assert!(!headers.contains(&header), "{statements}");
                headers.push(header);
            }
        }
    }

    #[test]
    fn a_deleted_index_and_a_file_without_a_log_have_none() {
        let folder = tempfile::tempdir().unwrap();
        let (vault, _) = Vault::init(VaultOptions::at(folder.path())).unwrap();
        let index = WalIndex::of(&vault.inner.writer.lock().unwrap()).unwrap();
        assert!(index.in_place());
        std::fs::remove_file(folder.path().join("vault.db-shm")).unwrap();
        assert!(!index.in_place());
        assert!(WalIndex::of(&vault.inner.writer.lock().unwrap()).is_none());

        let file = folder.path().join("other.db");
        let other = Connection::open(&file).unwrap();
        other.execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(WalIndex::of(&other).is_none());
        other
            .execute_batch(
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1)",
            )
            .unwrap();
        assert!(WalIndex::of(&other).is_none(), "its index is in its own memory");
    }

    /// Otherwise the tests of what others change would prove nothing about it.
    #[test]
    fn a_warm_lookup_is_answered_without_a_connection() {
        let folder = tempfile::tempdir().unwrap();
        let (vault, _) = Vault::init(VaultOptions::at(folder.path())).unwrap();
        let new = Instance::new("exa").in_organization("acme").field("api_key", "a-long-secret");
        vault.add([new], Add::OnlyFirst).unwrap();
        let lookup = Lookup {
            organization: "acme",
            project: "p",
            user: None,
            key: "exa",
            consumer: &Consumer::Direct,
            action: "a",
            selected: None,
        };
        let readers = &vault.inner.readers;
        assert_eq!(readers.candidates(&lookup).unwrap().group().len(), 1);
        readers.without_connections(|| assert_eq!(readers.candidates(&lookup).unwrap().group().len(), 1));
        let other = Connection::open(folder.path().join("vault.db")).unwrap();
        other.execute_batch("DELETE FROM instances").unwrap();
        readers.candidates(&lookup).unwrap_err();
    }
}
