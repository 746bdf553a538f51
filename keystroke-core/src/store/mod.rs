//! The seam between resolution and where credentials are kept.
//!
//! A store answers two questions: which instances are there ([`CredentialStore::candidates`], metadata only), and what is the
//! secret of the chosen one ([`CredentialStore::open`]). Opening takes a [`Resolved`], which only the resolver can make, so no
//! path goes round the rules (SEMANTICS S2). A store never chooses: that is [`resolve`](crate::resolve).

pub(crate) mod fields;
pub(crate) mod instance;
pub(crate) mod length;
pub(crate) mod memory;
pub(crate) mod secret;
pub(crate) mod strength;

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use crate::resolve::resolved::Resolved;
use crate::resolve::rule::Rule;
use crate::run::consumer::Consumer;
use crate::run::facts::RunFacts;
use crate::store::fields::Fields;
use crate::store::instance::{Candidate, InstanceId};

/// What a store is asked for: the instances that one requirement of one run could use.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    /// The run's organization.
    pub organization: &'a str,
    /// The run's project.
    pub project: &'a str,
    /// The user the run acts for, if it has one.
    pub user: Option<&'a str>,
    /// The credential key.
    pub key: &'a str,
    /// Who asks: the container …
    pub consumer: &'a Consumer,
    /// … and the action in it.
    pub action: &'a str,
    /// The instance that was selected for this key, if one was.
    pub selected: Option<&'a InstanceId>,
}

/// A store's answer to a [`Lookup`]. Cheap to clone.
///
/// It must hold every instance of the organization and key that belongs to the organization, to the run's project
/// or to the run's user; it may hold others of the organization and key, which the resolver passes over.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    group: Arc<[Arc<Candidate>]>,
    /// Most answers have no more than the group.
    more: Option<Box<More>>,
}

#[derive(Clone, Debug, Default)]
struct More {
    assignment: Option<InstanceId>,
    named: Vec<Arc<Candidate>>,
}

impl Candidates {
    /// The instances of the key.
    #[inline]
    pub fn new(group: impl Into<Arc<[Arc<Candidate>]>>) -> Self {
        Self { group: group.into(), more: None }
    }

    /// The instance that the consumer is assigned for this key (SEMANTICS R2).
    #[must_use]
    #[inline]
    pub fn with_assignment(mut self, id: Option<InstanceId>) -> Self {
        if id.is_some() || self.more.is_some() {
            self.more.get_or_insert_default().assignment = id;
        }
        self
    }

    /// An instance of *the same organization* that a selection or the assignment names and that is not among the
    /// key's own: the resolver must tell "another key" from "not there".
    #[must_use]
    pub fn with_named(mut self, instance: Arc<Candidate>) -> Self {
        self.more.get_or_insert_default().named.push(instance);
        self
    }

    /// The instances of the key.
    pub fn group(&self) -> &[Arc<Candidate>] {
        &self.group
    }

    /// The assignment, if there is one.
    pub fn assignment(&self) -> Option<&InstanceId> {
        self.more.as_ref()?.assignment.as_ref()
    }

    pub(crate) fn find(&self, id: &InstanceId) -> Option<&Arc<Candidate>> {
        let named = self.more.iter().flat_map(|more| &more.named);
        self.group.iter().chain(named).find(|candidate| candidate.id == *id)
    }
}

/// The secret part of an instance, released for one resolution.
///
/// What renews (an access token, say) has a bound and a count of its own, here and not in the [`Candidate`]: it changes with
/// each renewal, and a renewal is no change of what was chosen.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use keystroke_core::{Fields, Opened};
/// # let (fields, now) = (Fields::new(), SystemTime::UNIX_EPOCH);
/// let key = Opened::new(fields); // lent as long as its instance is what it was
/// # let fields = Fields::new();
/// let token = Opened {
///     lend_until: Some(now + Duration::from_secs(3600 - 30)),
///     grant_version: 7,
///     ..Opened::new(fields)
/// };
/// # let _ = (key, token);
/// ```
#[derive(Debug)]
pub struct Opened {
    /// Its values by field name.
    pub fields: Fields,
    /// Up to when it may be lent, by the runtime's clock; `None` where nothing bounds that. After it the instance is opened
    /// again (SEMANTICS O4). A token that is lent just before it must still last for a call.
    pub lend_until: Option<SystemTime>,
    /// Counts up with each renewal; 0 where nothing renews. It tells [`CredentialStore::rejected`] which value was refused.
    pub grant_version: u64,
}

impl Opened {
    /// Values that never renew, and may be lent as long as the instance is what it was.
    pub const fn new(fields: Fields) -> Self {
        Self { fields, lend_until: None, grant_version: 0 }
    }
}

/// What opening an instance would take: [`CredentialStore::preview_open`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenPreview {
    /// What the store has can be lent as it is.
    Ready,
    /// It would be renewed first, and the call would wait for that.
    WouldRefresh,
}

/// What a store has for a value that was refused: [`CredentialStore::rejected`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// A newer one, which [`open`](CredentialStore::open) gives from now on.
    Newer,
    /// Nothing newer.
    Unchanged,
}

/// The application as a provider of accounts has it registered: what OAuth calls a client. Never its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientName {
    /// The provider, such as `slack`.
    pub provider: String,
    /// Its name among several of the organization for that provider.
    pub name: Option<String>,
}

/// A store could not answer. It holds no secret, and says what would help: `Display` is the message alone, and `Debug` ends
/// with the fix, if the store knows one.
#[derive(Clone, thiserror::Error)]
#[error("{}", .0.message)]
pub struct StoreError(Box<Failed>);

/// What a [`StoreError`] says. In a box: most answers of a store are none, and would be as large.
#[derive(Clone)]
struct Failed {
    message: String,
    fix: Option<String>,
    retry: bool,
}

impl StoreError {
    /// The store failed with `message`, which begins in lower case and must not hold a secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Failed { message: message.into(), fix: None, retry: false }))
    }

    /// What the operator can do about it.
    #[must_use]
    pub fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.0.fix = Some(fix.into());
        self
    }

    /// Trying again may help.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retry = true;
        self
    }

    /// What is wrong, without the fix: what `Display` shows.
    pub fn problem(&self) -> &str {
        &self.0.message
    }

    /// What the operator can do about it, if the store knows.
    pub fn fix(&self) -> Option<&str> {
        self.0.fix.as_deref()
    }

    /// Whether trying again may help.
    pub const fn is_retryable(&self) -> bool {
        self.0.retry
    }
}

/// A program that returns this from `main` shows it by that.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0.fix.as_ref().map_or(Ok(()), |fix| write!(f, ". To fix it, {fix}"))
    }
}

/// Why an instance was not opened. Each but `Changed` ends the resolution with the [`ResolveError`](crate::ResolveError) of
/// the same name.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It is no longer what was resolved ([`Candidate::is_still`]), or gone. The runtime resolves again.
    #[error("the instance changed between choosing and opening")]
    Changed,
    /// Its provider has ended the grant: only a person can connect the account again.
    #[error("the account must be connected again")]
    NeedsReconnect,
    /// There is no client at the provider to renew it with.
    #[error("no client is set for `{}`", .client.provider)]
    ClientMissing {
        /// The client that is looked for.
        client: ClientName,
        /// Where one is registered, with the redirect and the scopes to enter there, if the store knows.
        register: Option<String>,
    },
    /// The provider refuses the client, so nothing of it can be renewed.
    #[error("`{}` refuses its client", .client.provider)]
    ClientRejected {
        /// The client.
        client: ClientName,
    },
    /// It was granted to another client than the one that is set now, or by another issuer. Nothing was sent.
    #[error("another client is set for `{}` than the account was connected with", .client.provider)]
    ClientChanged {
        /// The client that is set now.
        client: ClientName,
    },
    /// It is being renewed, and the store has waited as long as it lets a call wait. It may be there a moment later.
    #[error("the account's token is being renewed")]
    Refreshing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            _ => fmt::Display::fmt(self, f),
        }
    }
}

/// How a use of a credential ended, for the audit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A value that the process already held was lent to the action.
    Used,
    /// The credential is optional and absent, and the action runs without it (SEMANTICS R11).
    Absent {
        /// Why: `missing` or `no_user`.
        code: &'static str,
    },
    /// Resolution refused. The code is that of the error; the cause may say more than the error may.
    Refused {
        /// [`ResolveError::code`](crate::ResolveError::code).
        code: &'static str,
        /// The true cause, where the error hides it (SEMANTICS §3, limits of R1 and R2).
        cause: Option<&'static str>,
    },
    /// The function ended; a secret was removed from what it gave (SEMANTICS S3).
    Redacted,
    /// The function ended; it reports that the third party refused the credential (SEMANTICS O8).
    Rejected,
}

/// One use of a credential, its absence or one refusal, for the audit record (SEMANTICS S5).
#[derive(Clone, Copy, Debug)]
pub struct UseRecord<'a> {
    /// The run. Records of one run share it.
    pub run: &'a Arc<RunFacts>,
    /// The action's slug.
    pub action: &'a str,
    /// The credential key.
    pub key: &'a str,
    /// The field, where one is concerned.
    pub field: Option<&'a str>,
    /// The instance: the one that was chosen, or that a refused selection or assignment names.
    pub instance: Option<&'a InstanceId>,
    /// Its version, where the instance was seen.
    pub version: Option<u64>,
    /// The rule that chose or named it.
    pub rule: Option<Rule>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Where credentials are kept. Implementations are trusted: they hold the secrets.
///
/// Both questions are futures, for stores that are asked over a network. A store that can answer from memory also
/// implements the `…_now` twins, and a warm call then makes no future at all.
///
/// # Values that renew
///
/// A store whose values renew, such as the access tokens of OAuth connections, does three things more (SEMANTICS §7):
///
/// - Its candidates tell what lasts: `expires_at` is the certain end of the grant, `version` counts what a person changes.
///   [`Opened`] tells what renews: `lend_until` and `grant_version`. So a renewal empties no cache, and no call takes it for a
///   change.
/// - `open` renews what can't be lent any more, and waits for that, at most as long as a call may wait: 10 s, then
///   [`OpenError::Refreshing`]. The future may be dropped at any time, so an exchange that must not be lost runs elsewhere.
/// - [`rejected`](Self::rejected) says whether there is something newer than what a third party refused.
pub trait CredentialStore: Send + Sync + 'static {
    /// A name for error messages, such as `the local vault`.
    fn name(&self) -> String;

    /// The instances that `lookup` can use, as they are now: never from before the call.
    ///
    /// # Errors
    /// The store can't be read, or what it holds is damaged.
    fn candidates(&self, lookup: &Lookup<'_>) -> impl Future<Output = Result<Candidates, StoreError>> + Send;

    /// Opens the instance that was chosen. The store rechecks organization, owner, key, version and status in the
    /// read that decrypts (SEMANTICS §2), and writes the audit record of the open before it releases the value (S5).
    ///
    /// # Errors
    /// [`OpenError::Changed`] if the recheck finds a difference that matters ([`Candidate::is_still`]); else why it can't be
    /// opened, or as the store fails.
    fn open(&self, resolved: &Resolved) -> impl Future<Output = Result<Opened, OpenError>> + Send;

    /// [`candidates`](Self::candidates) without waiting; `None` if that can't be done.
    fn candidates_now(&self, _lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
        None
    }

    /// Records a use of a value that the process already holds, an absence or a refusal. It must not block: a store may write
    /// in batches, at most 100 ms late (SEMANTICS S5). There is no default: a store that keeps no record says so, with
    /// `Ok(())`.
    ///
    /// # Errors
    /// The record can't be kept, so the value must not be used.
    fn record(&self, record: &UseRecord<'_>) -> Result<(), StoreError>;

    /// Records a use as [`record`](Self::record) does, for a store whose records have to be waited for: the value is
    /// lent only when the future has ended well, and then the record survives a loss of power (SEMANTICS S5). As its
    /// record may have waited, the future then looks once more whether the instance still is what it was.
    ///
    /// Stores without such a mode return `None`, and `record` is called instead.
    fn record_first(&self, _record: &UseRecord<'_>) -> Option<PendingRecord> {
        None
    }

    /// A third party refused the value of `grant_version` that was lent of `resolved` (SEMANTICS O8): is there a newer one?
    /// The answer decides whether the call is worth repeating. A store that can renew the value may do so here, once for each
    /// version and not right after it was issued, and wait as long as in [`open`](Self::open). It is on record already.
    ///
    /// The default has nothing newer.
    ///
    /// # Errors
    /// The store can't tell. If the error may be retried, so may the call.
    fn rejected(
        &self,
        _resolved: &Resolved,
        _grant_version: u64,
    ) -> impl Future<Output = Result<Renewal, StoreError>> + Send {
        ready(Ok(Renewal::Unchanged))
    }

    /// What opening an instance would take now, for explanations and preflights (SEMANTICS R9). It opens, sends and records
    /// nothing.
    ///
    /// The default knows no reason to wait.
    ///
    /// # Errors
    /// What [`open`](Self::open) would fail with, as far as that shows without opening: a missing client, for one.
    fn preview_open(
        &self,
        _instance: &Candidate,
    ) -> impl Future<Output = Result<OpenPreview, OpenError>> + Send {
        ready(Ok(OpenPreview::Ready))
    }
}

/// A record that is being kept: [`CredentialStore::record_first`]. It borrows nothing.
pub type PendingRecord = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The object-safe twin of [`CredentialStore`], so that a runtime is one type for all stores.
pub(crate) trait AnyStore: Send + Sync {
    fn name(&self) -> String;
    fn candidates<'a>(&'a self, lookup: &'a Lookup<'a>) -> BoxFuture<'a, Result<Candidates, StoreError>>;
    fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>>;
    fn open<'a>(&'a self, resolved: &'a Resolved) -> BoxFuture<'a, Result<Opened, OpenError>>;
    fn rejected<'a>(
        &'a self,
        resolved: &'a Resolved,
        grant_version: u64,
    ) -> BoxFuture<'a, Result<Renewal, StoreError>>;
    fn preview_open<'a>(&'a self, instance: &'a Candidate) -> BoxFuture<'a, Result<OpenPreview, OpenError>>;
    fn record(&self, record: &UseRecord<'_>) -> Result<(), StoreError>;
    /// Records a use before the value is lent: done, or to be waited for.
    fn record_use(&self, record: &UseRecord<'_>) -> Result<Option<PendingRecord>, StoreError>;
}

impl<S: CredentialStore> AnyStore for S {
    fn name(&self) -> String {
        CredentialStore::name(self)
    }

    fn candidates<'a>(&'a self, lookup: &'a Lookup<'a>) -> BoxFuture<'a, Result<Candidates, StoreError>> {
        Box::pin(CredentialStore::candidates(self, lookup))
    }

    fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
        CredentialStore::candidates_now(self, lookup)
    }

    fn open<'a>(&'a self, resolved: &'a Resolved) -> BoxFuture<'a, Result<Opened, OpenError>> {
        Box::pin(CredentialStore::open(self, resolved))
    }

    fn rejected<'a>(
        &'a self,
        resolved: &'a Resolved,
        grant_version: u64,
    ) -> BoxFuture<'a, Result<Renewal, StoreError>> {
        Box::pin(CredentialStore::rejected(self, resolved, grant_version))
    }

    fn preview_open<'a>(&'a self, instance: &'a Candidate) -> BoxFuture<'a, Result<OpenPreview, OpenError>> {
        Box::pin(CredentialStore::preview_open(self, instance))
    }

    fn record(&self, record: &UseRecord<'_>) -> Result<(), StoreError> {
        CredentialStore::record(self, record)
    }

    fn record_use(&self, record: &UseRecord<'_>) -> Result<Option<PendingRecord>, StoreError> {
        match CredentialStore::record_first(self, record) {
            None => CredentialStore::record(self, record).map(|()| None),
            waiting => Ok(waiting),
        }
    }
}

impl fmt::Debug for dyn AnyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// A store that is shared, for instance with the code that manages its content.
impl<S: CredentialStore> CredentialStore for Arc<S> {
    fn name(&self) -> String {
        S::name(self)
    }

    fn candidates(&self, lookup: &Lookup<'_>) -> impl Future<Output = Result<Candidates, StoreError>> + Send {
        S::candidates(self, lookup)
    }

    fn open(&self, resolved: &Resolved) -> impl Future<Output = Result<Opened, OpenError>> + Send {
        S::open(self, resolved)
    }

    fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
        S::candidates_now(self, lookup)
    }

    fn record(&self, record: &UseRecord<'_>) -> Result<(), StoreError> {
        S::record(self, record)
    }

    fn record_first(&self, record: &UseRecord<'_>) -> Option<PendingRecord> {
        S::record_first(self, record)
    }

    fn rejected(
        &self,
        resolved: &Resolved,
        grant_version: u64,
    ) -> impl Future<Output = Result<Renewal, StoreError>> + Send {
        S::rejected(self, resolved, grant_version)
    }

    fn preview_open(
        &self,
        instance: &Candidate,
    ) -> impl Future<Output = Result<OpenPreview, OpenError>> + Send {
        S::preview_open(self, instance)
    }
}
