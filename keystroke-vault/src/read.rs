//! Reading: a few connections, each with the groups that it has checked and SQLite's word on whether they are
//! still what the file holds.
//!
//! `PRAGMA data_version` tells a connection that *another* one committed, in this process or any other; a
//! reader never commits, so it tells of every change. It costs about a microsecond, and it is asked at each
//! read: an answer from memory is never older than the question. On any change all is read and checked anew,
//! whether the change bumped the vault's generation or not: whoever alters the file behind our back would not
//! bump it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use keystroke_core::{Candidate, Candidates, Lookup, Owner};
use rusqlite::{Connection, OptionalExtension as _};

use crate::error::{Result, VaultError};
use crate::group::{Failure, Group};
use crate::open;
use crate::ring::Keyring;
use crate::schema::{self, Kind};

/// Connections that are kept when nobody uses them.
const IDLE: usize = 8;
/// Instances that one connection remembers at most, empty groups counted as one.
const REMEMBERED: usize = 20_000;
/// Runs (project and user) whose part of a group is remembered.
const VIEWS: usize = 64;

pub(crate) struct Pool {
    file: PathBuf,
    keyring: Arc<Keyring>,
    idle: Mutex<Vec<Reader>>,
}

impl Pool {
    pub(crate) const fn new(file: PathBuf, keyring: Arc<Keyring>) -> Self {
        Self { file, keyring, idle: Mutex::new(Vec::new()) }
    }

    /// A reader for the calling thread, until it is dropped. The last one given back comes first: it is warm.
    pub(crate) fn take(&self) -> Result<Lent<'_>> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => self.open()?,
        };
        Ok(Lent { pool: self, reader: Some(reader) })
    }

    fn open(&self) -> Result<Reader> {
        let connection = schema::open_reader(&self.file, Kind::Vault)?;
        // Another vault may have been put in this one's place since the first connection was opened.
        if open::vault_of(&connection, &self.file)? != *self.keyring.vault() {
            return Err(VaultError::Replaced { file: self.file.clone() });
        }
        Ok(Reader {
            file: self.file.clone(),
            keyring: Arc::clone(&self.keyring),
            connection,
            seen: None,
            groups: HashMap::new(),
            remembered: 0,
        })
    }
}

/// A [`Reader`] that goes back to its pool.
pub(crate) struct Lent<'a> {
    pool: &'a Pool,
    reader: Option<Reader>,
}

/// Why a lent reader can be missing: only while it is dropped.
const LENT: &str = "a reader is used after it was given back";

impl Lent<'_> {
    /// What is to be done with the reader.
    pub(crate) fn reader(&mut self) -> Result<&mut Reader> {
        self.reader.as_mut().ok_or_else(|| VaultError::System { what: LENT.to_owned() })
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // One whose transaction could not be ended is of no more use.
        if idle.len() < IDLE && reader.connection.is_autocommit() {
            idle.push(reader);
        }
    }
}

/// A connection and what it remembers.
pub(crate) struct Reader {
    file: PathBuf,
    keyring: Arc<Keyring>,
    connection: Connection,
    /// The data version at which `groups` were read.
    seen: Option<i64>,
    /// By organization, then key.
    groups: HashMap<String, HashMap<String, Cached>>,
    remembered: usize,
}

struct Cached {
    group: Arc<Group>,
    views: Vec<View>,
}

/// What the runs of one project and user can reach.
struct View {
    project: String,
    user: Option<String>,
    candidates: Arc<[Arc<Candidate>]>,
}

impl Reader {
    fn sqlite(&self, error: &rusqlite::Error) -> VaultError {
        VaultError::sqlite(&self.file, error)
    }

    /// Forgets everything if anything was committed since.
    fn refresh(&mut self) -> Result<()> {
        let now = self
            .connection
            .query_row("PRAGMA data_version", [], |row| row.get(0))
            .map_err(|error| self.sqlite(&error))?;
        if self.seen != Some(now) {
            self.groups.clear();
            self.remembered = 0;
            self.seen = Some(now);
        }
        Ok(())
    }

    /// Does something with what the file holds at one moment. The file must still be the one under its path:
    /// that takes longer than asking for the data version, so answers from memory go without.
    pub(crate) fn at_one_moment<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        schema::check_place(&self.connection, &self.file)?;
        let sqlite = |reader: &Self, error: rusqlite::Error| reader.sqlite(&error);
        self.connection.execute_batch("BEGIN").map_err(|error| sqlite(self, error))?;
        // The pragma is the transaction's first read: the data version is the moment's.
        let done = self.refresh().and_then(|()| work(self));
        // A reading transaction has nothing to lose: ending it can't fail in a way that matters to what was
        // read.
        let ended = self.connection.execute_batch("ROLLBACK").map_err(|error| sqlite(self, error));
        done.and_then(|done| ended.map(|()| done))
    }

    /// The group, checked, as it is at this moment: to be called within
    /// [`at_one_moment`](Self::at_one_moment).
    pub(crate) fn group(&mut self, organization: &str, key: &str) -> Result<Arc<Group>> {
        self.cached(organization, key).map(|cached| Arc::clone(&cached.group))
    }

    fn cached(&mut self, organization: &str, key: &str) -> Result<&mut Cached> {
        if self.groups.get(organization).is_none_or(|keys| !keys.contains_key(key)) {
            let group = Group::load(&self.connection, &self.keyring, organization, key)
                .map_err(|failure| failure.of(&self.file, organization, key))?;
            let size = group.entries.len().max(1);
            if self.remembered + size > REMEMBERED {
                self.groups.clear();
                self.remembered = 0;
            }
            self.remembered += size;
            let cached = Cached { group: Arc::new(group), views: Vec::new() };
            self.groups.entry(organization.to_owned()).or_default().insert(key.to_owned(), cached);
        }
        self.groups
            .get_mut(organization)
            .and_then(|keys| keys.get_mut(key))
            .ok_or_else(|| VaultError::System { what: "a group is gone that was just read".to_owned() })
    }

    /// The answer to a lookup, from memory if the file did not change.
    pub(crate) fn candidates(&mut self, lookup: &Lookup<'_>) -> Result<Candidates> {
        self.refresh()?;
        if let Some(cached) =
            self.groups.get_mut(lookup.organization).and_then(|keys| keys.get_mut(lookup.key))
            && lookup.selected.is_none_or(|id| cached.group.find(id.as_str()).is_some())
        {
            return Ok(cached.answer(lookup));
        }
        self.at_one_moment(|reader| {
            let cached = reader.cached(lookup.organization, lookup.key)?;
            let mut answer = cached.answer(lookup);
            if let Some(id) = lookup.selected
                && cached.group.find(id.as_str()).is_none()
                && let Some((organization, key)) = reader.place_of(id.as_str())?
                && organization == lookup.organization
            {
                // Its own seal is checked before a word of it is believed.
                let other = reader.group(&organization, &key)?;
                if let Some(entry) = other.find(id.as_str()) {
                    answer = answer.with_named(Arc::clone(&entry.candidate));
                }
            }
            Ok(answer)
        })
    }

    /// The organization and key of an instance, unchecked: its group is still to be read.
    pub(crate) fn place_of(&self, id: &str) -> Result<Option<(String, String)>> {
        self.connection
            .query_row("SELECT organization, key FROM instances WHERE id = ?1", [id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(|error| self.sqlite(&error))
    }

    /// Every (organization, key) that any table names.
    pub(crate) fn places(
        &self,
        organization: Option<&str>,
        key: Option<&str>,
    ) -> Result<Vec<(String, String)>> {
        let failed = |error: rusqlite::Error| self.sqlite(&error);
        let mut statement = self
            .connection
            .prepare(
                "SELECT organization, key FROM (SELECT organization, key FROM instances UNION SELECT \
                 organization, key FROM assignments UNION SELECT organization, key FROM seals) WHERE (?1 \
                 IS NULL OR organization = ?1) AND (?2 IS NULL OR key = ?2) ORDER BY organization, key",
            )
            .map_err(failed)?;
        let rows =
            statement.query_map([organization, key], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// The sealed secret of an instance of `group`, as the group's seal knows it.
    pub(crate) fn sealed(&self, group: &Group, id: &str) -> Result<Vec<u8>> {
        let entry = group.find(id).ok_or_else(|| group.altered("an instance is gone that was just read"))?;
        let sealed = self
            .connection
            .query_row(
                "SELECT sealed FROM instances WHERE organization = ?1 AND key = ?2 AND id = ?3",
                [&group.organization, &group.key, id],
                |row| row.get::<_, Vec<u8>>(0),
            )
            .map_err(|error| Failure::from(error).of(&self.file, &group.organization, &group.key))?;
        if crate::group::digest(&sealed) == entry.digest {
            Ok(sealed)
        } else {
            Err(group.altered("a sealed secret is not the one that the seal names"))
        }
    }

    pub(crate) fn generation(&self) -> Result<u64> {
        schema::generation(&self.connection, &self.file)
    }
}

impl Cached {
    fn answer(&mut self, lookup: &Lookup<'_>) -> Candidates {
        let view = self.view(lookup.project, lookup.user);
        let assignment = self.group.assignment(lookup.project, lookup.consumer, lookup.action);
        let mut answer = Candidates::new(view).with_assignment(assignment.cloned());
        // What is named and out of reach is told too: the error hides why, and the audit record keeps it.
        for id in [lookup.selected, assignment].into_iter().flatten() {
            if let Some(entry) = self.group.find(id.as_str())
                && !reaches(&entry.candidate.owner, lookup.project, lookup.user)
            {
                answer = answer.with_named(Arc::clone(&entry.candidate));
            }
        }
        answer
    }

    fn view(&mut self, project: &str, user: Option<&str>) -> Arc<[Arc<Candidate>]> {
        let known = self.views.iter().find(|view| view.project == project && view.user.as_deref() == user);
        if let Some(view) = known {
            return Arc::clone(&view.candidates);
        }
        let reachable = self.group.entries.iter().map(|entry| &entry.candidate);
        let candidates: Arc<[_]> =
            reachable.filter(|candidate| reaches(&candidate.owner, project, user)).cloned().collect();
        if self.views.len() >= VIEWS {
            self.views.clear();
        }
        self.views.push(View {
            project: project.to_owned(),
            user: user.map(str::to_owned),
            candidates: Arc::clone(&candidates),
        });
        candidates
    }
}

/// Whether a run of this project and user may use what belongs to `owner`.
pub(crate) fn reaches(owner: &Owner, project: &str, user: Option<&str>) -> bool {
    match owner {
        Owner::Organization => true,
        Owner::Project(name) => name == project,
        Owner::User(name) => user == Some(name),
    }
}
