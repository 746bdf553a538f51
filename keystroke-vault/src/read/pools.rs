//! Reading: a few connections, each with the groups that it has checked and SQLite's word on whether they are still what
//! the file holds; and before them a cache of what all of them have read, with the [`WalIndex`]'s word on it.
//!
//! `PRAGMA data_version` tells a connection that *another* one committed, in this process or any other; a reader never
//! commits, so it tells of every change. It is asked at each read that the WAL index can't answer for: an answer from memory
//! is never older than the question. After any change everything is read and checked again, whether the change bumped the
//! vault's generation or not: a file that was altered outside keystroke would not bump it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use keystroke_core::{Candidates, Lookup};
use rusqlite::Connection;

use super::group_cache::{CachedGroup, GroupCache};
use super::metadata::KeyName;
use crate::error::{Result, VaultError};
use crate::file::connection;
use crate::file::identity;
use crate::file::tables::FileKind;
use crate::file::wal_index::{Header, WalIndex};
use crate::file::{all_tables, generation, group_rows, id_index, vault_keys};
use crate::format::group::{Group, GroupId};
use crate::keys::subkey_ring::SubkeyRing;
use crate::time::from_millis;

/// How many connections stay open while nobody uses them.
const IDLE: usize = 8;

pub(crate) struct Pool {
    file: PathBuf,
    subkeys: Arc<SubkeyRing>,
    idle: Mutex<Vec<Reader>>,
    wal_index: Option<WalIndex>,
    warm: RwLock<Warm>,
}

/// What connections have read.
#[derive(Default)]
struct Warm {
    /// The header from before they read it.
    header: Option<Header>,
    cache: GroupCache,
}

impl Pool {
    pub(crate) fn new(file: PathBuf, subkeys: Arc<SubkeyRing>, wal_index: Option<WalIndex>) -> Self {
        Self { file, subkeys, idle: Mutex::default(), wal_index, warm: RwLock::default() }
    }

    /// The group as it is now.
    pub(crate) fn group(&self, organization: &str, key: &str) -> Result<Arc<Group>> {
        let header = self.wal_index.as_ref().and_then(WalIndex::header);
        if header.is_some() {
            let warm = self.warm.read().unwrap_or_else(PoisonError::into_inner);
            if warm.header == header
                && let Some(cached) = warm.cache.get(organization, key)
            {
                return Ok(Arc::clone(&cached.group));
            }
        }
        self.take()?.reader()?.at_one_moment(|reader| reader.group(organization, key))
    }

    /// The answer to a lookup, from memory if nothing was committed since it was read.
    pub(crate) fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates> {
        // Before anything else is read: what is read then is as of this header, or newer.
        let header = self.wal_index.as_ref().and_then(WalIndex::header);
        if header.is_some() {
            let warm = self.warm.read().unwrap_or_else(PoisonError::into_inner);
            if warm.header == header
                && let Some(answer) = warm.cache.answer(lookup)
            {
                return Ok(answer);
            }
        }
        let mut lent = self.take()?;
        let reader = lent.reader()?;
        let answer = reader.candidates(lookup)?;
        if let (Some(header), Some(wal_index)) = (header, &self.wal_index)
            && let Some(cached) = reader.cache.get(lookup.organization, lookup.key)
            // If somebody committed meanwhile, others may already have read something newer.
            && wal_index.header() == Some(header)
            && wal_index.in_place()
        {
            let mut warm = self.warm.write().unwrap_or_else(PoisonError::into_inner);
            if warm.header != Some(header) {
                warm.cache.clear();
                warm.header = Some(header);
            }
            warm.cache.learn(lookup.organization, lookup.key, cached);
        }
        Ok(answer)
    }

    /// Runs `work` while nobody can get a connection.
    #[cfg(all(test, target_os = "linux"))]
    pub(crate) fn without_connections(&self, work: impl FnOnce()) {
        let _all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        work();
    }

    /// A reader for the calling thread, until it is dropped. The one that was given back last is taken first: it is
    /// warm.
    pub(crate) fn take(&self) -> Result<PooledReader<'_>> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => self.open()?,
        };
        Ok(PooledReader { pool: self, reader: Some(reader) })
    }

    fn open(&self) -> Result<Reader> {
        let connection = connection::open_reader(&self.file, FileKind::Vault)?;
        // Another vault may have been put in this one's place since the first connection was opened.
        if connection::vault_of(&connection, &self.file)? != *self.subkeys.vault() {
            return Err(VaultError::Replaced { file: self.file.clone() });
        }
        Ok(Reader {
            file: self.file.clone(),
            subkeys: Arc::clone(&self.subkeys),
            connection,
            seen: None,
            cache: GroupCache::default(),
        })
    }
}

/// A [`Reader`] that goes back to its pool.
pub(crate) struct PooledReader<'a> {
    pool: &'a Pool,
    reader: Option<Reader>,
}

/// When a pooled reader has no reader: only while it is dropped.
const GIVEN_BACK: &str = "a reader is used after it was given back";

impl PooledReader<'_> {
    /// The reader.
    pub(crate) fn reader(&mut self) -> Result<&mut Reader> {
        self.reader.as_mut().ok_or_else(|| VaultError::System { what: GIVEN_BACK.to_owned() })
    }
}

impl Drop for PooledReader<'_> {
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // A reader whose transaction could not be ended is of no use any more.
        if idle.len() < IDLE && reader.connection.is_autocommit() {
            idle.push(reader);
        }
    }
}

/// A connection and its cache.
pub(crate) struct Reader {
    file: PathBuf,
    subkeys: Arc<SubkeyRing>,
    connection: Connection,
    /// The data version at which `cache` was read.
    seen: Option<i64>,
    cache: GroupCache,
}

impl Reader {
    fn sqlite(&self, error: &rusqlite::Error) -> VaultError {
        VaultError::sqlite(&self.file, error)
    }

    /// Forgets everything if anything was committed since.
    fn refresh(&mut self) -> Result<()> {
        let now = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut asking| asking.query_row([], |row| row.get(0)))
            .map_err(|error| self.sqlite(&error))?;
        if self.seen != Some(now) {
            self.cache.clear();
            self.seen = Some(now);
        }
        Ok(())
    }

    /// Does something with what the file holds at one moment. The file must still be the one under its path; checking
    /// that takes longer than asking for the data version, so answers from memory go without.
    pub(crate) fn at_one_moment<T>(&mut self, mut work: impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        match self.at_this_moment(&mut work) {
            // A rotation may have ended meanwhile: the ring has lost the key that sealed this moment, and has the one
            // that sealed the next.
            Err(VaultError::UnknownKey { .. }) => self.at_this_moment(&mut work),
            done => done,
        }
    }

    fn at_this_moment<T>(&mut self, work: &mut impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        identity::check_in_place(&self.connection, &self.file)?;
        self.run("BEGIN")?;
        // The pragma is the transaction's first read, so the data version is the moment's.
        let done = self.refresh().and_then(|()| work(self));
        // A reading transaction has nothing to lose: ending it can't fail in a way that matters to what was
        // read.
        let ended = self.run("ROLLBACK");
        done.and_then(|done| ended.map(|()| done))
    }

    fn run(&self, statement: &str) -> Result<()> {
        let ran = self.connection.prepare_cached(statement).and_then(|mut statement| statement.execute([]));
        ran.map(drop).map_err(|error| self.sqlite(&error))
    }

    /// The group, checked, as it is at this moment. Call it within [`at_one_moment`](Self::at_one_moment).
    pub(crate) fn group(&mut self, organization: &str, key: &str) -> Result<Arc<Group>> {
        self.cached(organization, key).map(|cached| Arc::clone(&cached.group))
    }

    fn cached(&mut self, organization: &str, key: &str) -> Result<&mut CachedGroup> {
        if self.cache.get(organization, key).is_none() {
            let group = group_rows::load(&self.connection, &self.subkeys, &self.file, organization, key)?;
            self.cache.put(organization, key, CachedGroup::new(Arc::new(group)));
        }
        self.cache
            .get_mut(organization, key)
            .ok_or_else(|| VaultError::System { what: "a group is gone that was just read".to_owned() })
    }

    /// The answer to a lookup, from memory if the file did not change.
    pub(crate) fn candidates(&mut self, lookup: &Lookup<'_>) -> Result<Candidates> {
        // A group that must be read anyway is not asked for first.
        if self.cache.get(lookup.organization, lookup.key).is_some() {
            self.refresh()?;
            if let Some(cached) = self.cache.get_mut(lookup.organization, lookup.key)
                && cached.holds(lookup.selected)
            {
                return Ok(cached.answer(lookup));
            }
        }
        self.at_one_moment(|reader| {
            let cached = reader.cached(lookup.organization, lookup.key)?;
            let mut answer = cached.answer(lookup);
            if let Some(id) = lookup.selected
                && !cached.holds(Some(id))
                && let Some(group) = reader.group_of(id.as_str())?
                && group.organization == lookup.organization
            {
                // Its own seal is checked before a word of it is believed.
                let other = reader.group(&group.organization, &group.key)?;
                if let Some(entry) = other.find(id.as_str()) {
                    answer = answer.with_named(Arc::clone(&entry.candidate));
                }
            }
            Ok(answer)
        })
    }

    /// The group of an instance, unchecked: it is still to be read.
    fn group_of(&self, id: &str) -> Result<Option<GroupId>> {
        id_index::look_up(&self.connection, id).map_err(|error| self.sqlite(&error))
    }

    /// The same for callers who would be told that there is no such instance.
    pub(crate) fn group_of_for_sure(&self, id: &str) -> Result<Option<GroupId>> {
        id_index::look_up_for_sure(&self.connection, &self.file, id)
    }

    /// Every group that any table names.
    pub(crate) fn groups(&self, organization: Option<&str>, key: Option<&str>) -> Result<Vec<GroupId>> {
        all_tables::groups(&self.connection, organization, key).map_err(|error| self.sqlite(&error))
    }

    /// The sealed secret of an instance of `group`, as the group's seal knows it.
    pub(crate) fn sealed(&self, group: &Group, id: &str) -> Result<Vec<u8>> {
        group_rows::sealed(&self.connection, &self.file, group, id)
    }

    /// How many envelopes the file holds.
    pub(crate) fn envelopes(&self) -> Result<usize> {
        all_tables::envelopes(&self.connection).map_err(|error| self.sqlite(&error))
    }

    /// The keys that the file names, the oldest first.
    pub(crate) fn keys(&self) -> Result<Vec<KeyName>> {
        let keys = vault_keys::check(&self.connection, &self.subkeys, &self.file)?;
        Ok(keys.into_iter().map(|key| KeyName::new(key.id, from_millis(key.created_at))).collect())
    }

    pub(crate) fn check_pages(&self) -> Result<()> {
        connection::check_pages(&self.connection, &self.file)
    }

    /// Refuses a vault of an earlier generation than one that was committed before this moment.
    pub(crate) fn check_generation(&self, committed: u64) -> Result<()> {
        match self.generation() {
            Ok(now) if now < committed => {
                Err(VaultError::RolledBack { file: self.file.clone(), recorded: committed })
            }
            // An altered generation stops changes and `verify`; reads go on as before.
            _ => Ok(()),
        }
    }

    pub(crate) fn generation(&self) -> Result<u64> {
        generation::read(&self.connection, &self.subkeys, &self.file)
    }
}
