//! The vault: what users call. `vault/` holds what concerns it as a whole: making one, backing it up and putting it
//! back, checking it, rotating its key, and serving a runtime.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use keystroke_core::{Assignment, InstanceId, Owner};

use crate::audit::{AuditEntry, AuditFilter};
use crate::error::{Result, VaultError};
use crate::format::group::{Group, GroupId};
use crate::open_vault::{self, OpenVault};
use crate::options::VaultOptions;
use crate::read::metadata::{self, Metadata};
use crate::read::pools::Reader;
use crate::record::{Add, Change, Filter, NewFields, NewInstance, Record, Verified};

mod audit;
mod backup;
mod create;
mod restore;
mod rotate_key;
mod store;
mod verify;

pub use backup::BackedUp;
pub use create::Created;
pub use restore::Restored;
pub use rotate_key::RotatedKey;

/// An encrypted vault in two files on this machine. Many processes may use it at once. Cloning is cheap: clones are
/// handles to one vault.
///
/// All of its methods block: reads for microseconds, changes for a write to the disk or as long as another process
/// changes the vault (5 seconds at most, then [`VaultError::Busy`]). As the
/// [`CredentialStore`](keystroke_core::CredentialStore) of a runtime it never makes an executor wait for another
/// process. Dropping the last handle writes the audit rows that still wait, and takes half a second for that at most;
/// call [`flush`](Self::flush) to be sure that they are written.
///
/// What it protects, and from whom: an attacker who reads its files learns no value. One who can write them, without
/// the key, can destroy a file, or put both files, or all of one (organization, key), back to an earlier state, and
/// nothing finer: every other change is found and named, including the vault's file put back alone. Anyone who has
/// the key file, or is this user or root, has the secrets.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{Instance, Runtime};
/// use keystroke_vault::{Add, Vault, VaultOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let (vault, _) = Vault::open_or_init(VaultOptions::at(folder.path()))?;
/// let exa = Instance::new("exa").in_organization("acme").field("api_key", "a-long-secret");
/// let stored = vault.add([exa], Add::OnlyFirst)?;
/// assert_eq!(stored[0].fields, ["api_key"]);
/// let runtime = Runtime::new(vault);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Vault {
    pub(crate) inner: Arc<OpenVault>,
}

impl Vault {
    /// Opens the vault in this folder: [`VaultOptions::at`], with the key and `KEYSTROKE_STRICT_AUDIT` from the
    /// environment where those variables are set. It never creates anything.
    ///
    /// # Errors
    /// There is no vault, its key is missing or wrong, or a file is damaged, foreign or of a newer format. In each
    /// case nothing was written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(VaultOptions::at(path.as_ref()).settings_from(&|name| std::env::var_os(name))?)
    }

    /// Opens the vault that the environment names: [`VaultOptions::from_env`].
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_default() -> Result<Self> {
        Self::open_with(VaultOptions::from_env()?)
    }

    /// Opens the vault that the options name.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(options: VaultOptions) -> Result<Self> {
        Ok(Self { inner: Arc::new(open_vault::open(options)?) })
    }

    /// Makes a vault, and a key if there is none, and opens it.
    ///
    /// # Errors
    /// [`VaultError::VaultExists`], or it can't be made; nothing is left then that the next attempt would trip over.
    pub fn init(options: VaultOptions) -> Result<(Self, Created)> {
        let created = create::create(&options)?;
        Ok((Self::open_with(options)?, created))
    }

    /// Opens the vault, or makes it if there is none. Of several processes that do this at once, one makes it.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`init`](Self::init).
    pub fn open_or_init(options: VaultOptions) -> Result<(Self, Option<Created>)> {
        match Self::open_with(options.clone()) {
            Err(VaultError::NoVault { .. }) => match Self::init(options.clone()) {
                Ok((vault, created)) => Ok((vault, Some(created))),
                Err(VaultError::VaultExists { .. }) => Ok((Self::open_with(options)?, None)),
                Err(error) => Err(error),
            },
            opened => Ok((opened?, None)),
        }
    }

    /// Stores instances, all or none of them.
    ///
    /// # Errors
    /// A name or value is refused (SEMANTICS S3); [`VaultError::InstanceExists`]; the vault or its audit record
    /// can't be written; the group was altered outside keystroke.
    pub fn add<I: Into<NewInstance>>(
        &self,
        instances: impl IntoIterator<Item = I>,
        mode: Add,
    ) -> Result<Vec<Record>> {
        self.inner.add(instances.into_iter().map(Into::into).collect(), mode)
    }

    /// The instances, ordered by organization, key, owner and id.
    ///
    /// # Errors
    /// The vault can't be read, or a group was altered outside keystroke.
    pub fn list(&self, filter: &Filter) -> Result<Vec<Record>> {
        Ok(metadata::records(&self.groups(filter)?))
    }

    /// One instance.
    ///
    /// # Errors
    /// [`VaultError::NoSuchInstance`]; as [`list`](Self::list).
    pub fn get(&self, id: &InstanceId) -> Result<Record> {
        let missing = || VaultError::NoSuchInstance { id: id.clone() };
        self.inner.read(|reader| {
            let GroupId { organization, key } = reader.group_of_for_sure(id.as_str())?.ok_or_else(missing)?;
            let group = reader.group(&organization, &key)?;
            group.find(id.as_str()).map(|entry| Record::of(&group, entry)).ok_or_else(missing)
        })
    }

    /// Changes a label or the default mark. Marking an instance unmarks its owner's other one at the same moment
    /// (SEMANTICS R10).
    ///
    /// # Errors
    /// [`VaultError::NoSuchInstance`]; a revoked instance can't become the default; as [`add`](Self::add).
    pub fn update(&self, id: &InstanceId, change: Change) -> Result<Record> {
        self.inner.update(id, change)
    }

    /// Gives an instance new values under its id and label: the next version. Fields that are not given stay, except
    /// those that [`NewFields::unset`] takes out. Takes [`Fields`](keystroke_core::Fields) or [`NewFields`]. The
    /// limits of [`add`](Self::add) apply to what the instance has in the end.
    ///
    /// # Errors
    /// [`VaultError::NoSuchInstance`], [`VaultError::Revoked`], a value is refused; as [`add`](Self::add).
    pub fn rotate(&self, id: &InstanceId, fields: impl Into<NewFields>) -> Result<Record> {
        self.inner.rotate(id, fields.into())
    }

    /// Gives an instance to another owner of its organization: the next version, with the same id, label, values and
    /// assignments, at one moment. Runs see the move at their next call; those that reached the instance through its
    /// old owner get `missing`, or another one of that owner (SEMANTICS R3 to R6).
    ///
    /// Its default mark stays behind (R10): [`update`](Self::update) marks it for its new owner. An instance that the
    /// owner already has stays as it is, and no event is recorded.
    ///
    /// # Errors
    /// [`VaultError::NoSuchInstance`], [`VaultError::Revoked`]; [`VaultError::InstanceExists`] where the new owner has an
    /// instance of the key and `mode` is [`Add::OnlyFirst`]; [`VaultError::StillAssigned`] if it is assigned in a project
    /// that the new owner does not reach; as [`add`](Self::add).
    pub fn move_to(&self, id: &InstanceId, owner: Owner, mode: Add) -> Result<Record> {
        self.inner.move_to(id, owner, mode)
    }

    /// Refuses what [`move_to`](Self::move_to) would refuse, and changes nothing: for a program that asks before it
    /// moves.
    ///
    /// # Errors
    /// As [`move_to`](Self::move_to).
    pub fn check_move(&self, id: &InstanceId, owner: &Owner, mode: Add) -> Result<()> {
        self.inner.check_move(id, owner, mode)
    }

    /// Ends the use of an instance for good. It stays in the vault, so that a run that would have used it says so.
    ///
    /// # Errors
    /// [`VaultError::NoSuchInstance`]; as [`add`](Self::add).
    pub fn revoke(&self, id: &InstanceId) -> Result<Record> {
        self.inner.revoke(id)
    }

    /// Deletes an instance and its assignments, and returns what it was.
    ///
    /// # Errors
    /// [`VaultError::NoSuchInstance`]; as [`add`](Self::add).
    pub fn delete(&self, id: &InstanceId) -> Result<Record> {
        self.inner.delete(id)
    }

    /// Binds a consumer to an instance for a key, over an earlier binding (SEMANTICS R2).
    ///
    /// # Errors
    /// [`VaultError::NoSuchInstance`]; [`VaultError::OutOfReach`] if it is of another key, organization or
    /// project; [`VaultError::Revoked`]; [`VaultError::InvalidText`] if no action can have the slug; as
    /// [`add`](Self::add).
    pub fn assign(&self, assignment: &Assignment, key: &str, id: &InstanceId) -> Result<()> {
        self.inner.assign(assignment, key, id)
    }

    /// Removes a binding; `false` if there was none.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn unassign(&self, assignment: &Assignment, key: &str) -> Result<bool> {
        self.inner.unassign(assignment, key)
    }

    /// The bindings, with their key and instance, ordered by organization, key and consumer.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn assignments(&self, filter: &Filter) -> Result<Vec<(Assignment, String, InstanceId)>> {
        Ok(metadata::assignments(&self.groups(filter)?))
    }

    /// All that the vault holds except its secrets, as of one moment.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn metadata(&self, filter: &Filter) -> Result<Metadata> {
        self.inner.read(|reader| {
            let groups = groups(reader, filter)?;
            Ok(Metadata {
                generation: reader.generation()?,
                keys: reader.keys()?,
                records: metadata::records(&groups),
                assignments: metadata::assignments(&groups),
            })
        })
    }

    /// Gives up all instances and assignments of one organization and key, whether their seal fits or not: the way
    /// out of [`VaultError::Altered`] where there is no backup. Returns how many instances there were. It reads
    /// nothing that was altered, and touches nothing else.
    ///
    /// # Errors
    /// The vault or its audit record can't be written.
    pub fn discard(&self, organization: &str, key: &str) -> Result<usize> {
        self.inner.discard(organization, key)
    }

    /// Seals everything with a new key, while others use the vault, and takes the old key out of the ring. If it is
    /// killed or fails, the vault goes on with both keys, and the next call finishes the work. Applications that read
    /// the ring from its file go on without a restart; those that get it from the environment need the new key there
    /// first.
    ///
    /// Earlier copies, such as a backup, still open with the old key only.
    ///
    /// # Errors
    /// The ring can't be changed (whoever sets a ring in the environment gives it its new first key); a group was
    /// altered outside keystroke; another process is rotating the key; as [`add`](Self::add).
    pub fn rotate_key(&self) -> Result<RotatedKey> {
        self.inner.rotate_key()
    }

    /// Copies the vault and its audit record into a new folder, while others use them, and checks the copy as
    /// [`verify`](Self::verify) does. The key is not part of it: [`BackedUp::key_source`] says where it is.
    ///
    /// # Errors
    /// The folder is not empty or can't be written; the copy is not sound, because the vault is not. Then no copy is
    /// left.
    pub fn backup(&self, folder: impl AsRef<Path>) -> Result<BackedUp> {
        self.inner.backup(folder.as_ref())
    }

    /// Puts a vault back from the folder of a [`backup`](Self::backup), which is checked first. What was there is
    /// kept in a folder ([`Restored::replaced`]). Applications that have the vault open go on with what was put back
    /// at their next call; only if the vault could no longer be opened do they have to be restarted. The audit record
    /// that is there goes on, if it is sound.
    ///
    /// # Errors
    /// [`VaultError::CannotRestore`] if there is no backup, or it is one of another vault; the key does not open it,
    /// or it is not sound; what is there can't be written. Then everything is as it was.
    pub fn restore(options: VaultOptions, folder: impl AsRef<Path>) -> Result<(Self, Restored)> {
        let (inner, restored) = restore::restore(&options, folder.as_ref())?;
        Ok((Self { inner: Arc::new(inner) }, restored))
    }

    /// Removes the rows from before a moment from the audit record, and leaves a checkpoint that the rest is chained
    /// to. The whole record is checked first. It stops at the first row that is not older, so that a clock that was
    /// set back removes nothing more. Returns how many rows were removed.
    ///
    /// # Errors
    /// [`VaultError::AuditAltered`], and then nothing is removed; the record can't be written.
    pub fn prune_audit(&self, before: SystemTime) -> Result<u64> {
        self.inner.prune_audit(before)
    }

    fn groups(&self, filter: &Filter) -> Result<Vec<Arc<Group>>> {
        self.inner.read(|reader| groups(reader, filter))
    }

    /// Rows of the audit record, oldest first. The whole chain is checked, whatever the filter.
    ///
    /// # Errors
    /// [`VaultError::AuditAltered`]; the record can't be read or, where rows wait, written.
    pub fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>> {
        self.inner.audit_entries(filter)
    }

    /// Opens every instance, checks every seal, the whole audit record and every page of both files. No value leaves.
    ///
    /// # Errors
    /// The first thing that is not sound.
    pub fn verify(&self) -> Result<Verified> {
        self.inner.verify()
    }

    /// Writes the audit rows that wait for others. The last handle does so too when it is dropped.
    ///
    /// # Errors
    /// They can't be written.
    pub fn flush(&self) -> Result<()> {
        self.inner.audit.commit_blocking(Vec::new())
    }

    /// Where the vault is and how it was opened.
    pub fn options(&self) -> &VaultOptions {
        &self.inner.options
    }
}

fn groups(reader: &mut Reader, filter: &Filter) -> Result<Vec<Arc<Group>>> {
    let groups = reader.groups(filter.organization.as_deref(), filter.key.as_deref())?;
    groups.iter().map(|GroupId { organization, key }| reader.group(organization, key)).collect()
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("file", &self.inner.file).finish_non_exhaustive()
    }
}
