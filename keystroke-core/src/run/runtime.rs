//! A [`Runtime`]: a store, a clock, shared state, and the cache of typed credentials. Runs are made from it.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use crate::execute::credentials::LoadedCredential;
use crate::execute::progress::Listener;
use crate::resolve::error::ResolveError;
use crate::resolve::rule::Rule;
use crate::run::cancel::Cancellation;
use crate::run::clock::{Clock, Moment, MonotonicClock};
use crate::run::facts::RunFacts;
use crate::run::guess_limit::Withholding;
use crate::run::state::SharedState;
use crate::store::instance::{Candidate, InstanceId};
use crate::store::{AnyStore, CredentialStore, Outcome, UseRecord};

/// Where runs come from: one for an application, made once. Cheap to clone.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{MemoryStore, Runtime};
///
/// let runtime = Runtime::new(MemoryStore::new());
/// let run = runtime.organization("acme").project("research");
/// # let _ = run;
/// ```
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    store: Arc<dyn AnyStore>,
    clock: Arc<MonotonicClock>,
    state: SharedState,
    held: Arc<RwLock<Cache>>,
    redaction_limit: u32,
    withholding: Arc<Withholding>,
    longest_output: usize,
}

/// A credential that is removed from results more often than this in a minute is withheld, unless the runtime has another
/// limit. A sound action never gets there.
const REDACTION_LIMIT: u32 = 20;

/// The most that a tool's output may be, in bytes of JSON, unless a runtime says otherwise.
const LONGEST_OUTPUT: usize = 16 * 1024 * 1024;

impl Runtime {
    /// A runtime over a store, with the system's clock.
    ///
    /// The first call of an action puts a panic hook in front of the program's own: a panic inside an action ends
    /// that execution alone, and its payload, which may quote a secret, is not printed (SEMANTICS S3). All other
    /// panics go to the program's hook as before.
    pub fn new(store: impl CredentialStore) -> Self {
        Self(Arc::new(Inner {
            store: Arc::new(store),
            clock: Arc::new(MonotonicClock::new(SystemTime::now)),
            state: SharedState::default(),
            held: Arc::default(),
            redaction_limit: REDACTION_LIMIT,
            withholding: Arc::default(),
            longest_output: LONGEST_OUTPUT,
        }))
    }

    /// Takes the time from `clock`. If it goes back, the runtime's time stands still until it catches up: what has expired
    /// stays expired.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        Arc::make_mut(&mut self.0).clock = Arc::new(MonotonicClock::new(clock));
        self
    }

    /// Shares a value with all actions, by its type: an action takes it as [`&State<T>`](crate::State), or asks its context,
    /// `cx.require_state::<T>()`. A second value of the same type replaces the first. Actions borrow it, so it needs no `Arc`.
    #[must_use]
    pub fn with_state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        Arc::make_mut(&mut self.0).state.insert(value);
        self
    }

    /// Withholds a credential for a minute when it was removed from results more than `per_minute` times within one: 20
    /// without this. A caller who can have an action repeat texts could find a secret by guessing, since each redaction shows
    /// that a guess was right (SEMANTICS S3). Calls then fail with `withheld`, and the operator is warned. `u32::MAX` is no
    /// limit.
    ///
    /// It is counted for each instance, in this process, by the runtime's clock.
    #[must_use]
    pub fn with_redaction_limit(mut self, per_minute: u32) -> Self {
        Arc::make_mut(&mut self.0).redaction_limit = per_minute;
        self
    }

    /// Limits the output of a tool to about so many bytes of JSON, a number counting as 8; 16 MiB without this. A larger one
    /// is an error ([`ToolError::TooLarge`](crate::ToolError::TooLarge)), and none of it leaves. Typed calls have no limit.
    #[must_use]
    pub fn with_longest_output(mut self, bytes: usize) -> Self {
        Arc::make_mut(&mut self.0).longest_output = bytes;
        self
    }

    pub(crate) fn longest_output(&self) -> usize {
        self.0.longest_output
    }

    pub(crate) fn store(&self) -> &dyn AnyStore {
        &*self.0.store
    }

    pub(crate) fn now(&self) -> Moment {
        self.0.clock.moment()
    }

    pub(crate) fn state(&self) -> &SharedState {
        &self.0.state
    }

    /// What is withheld; `None` as long as nothing is.
    pub(crate) fn withholding(&self) -> Option<&Withholding> {
        self.0.withholding.is_any().then_some(&*self.0.withholding)
    }

    /// Counts that a secret of the instance was removed from something; the limit, if it is withheld from now on.
    pub(crate) fn count_redaction(&self, candidate: &Candidate) -> Option<u32> {
        let limit = self.0.redaction_limit;
        self.0.withholding.count(candidate, limit, self.now()).then_some(limit)
    }

    /// The typed credential that an earlier call read from this version of the instance, if it may still be lent.
    pub(crate) fn held(
        &self,
        candidate: &Candidate,
        type_id: TypeId,
        now: Moment,
    ) -> Option<LoadedCredential> {
        {
            let cache = self.0.held.read().unwrap_or_else(PoisonError::into_inner);
            if !cache.is_due(now) {
                return cache.get(candidate, type_id, now);
            }
        }
        let mut cache = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        cache.sweep(now);
        cache.get(candidate, type_id, now)
    }

    pub(crate) fn hold(&self, candidate: &Candidate, type_id: TypeId, held: LoadedCredential, now: Moment) {
        let mut cache = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        cache.put(candidate, type_id, held, now);
    }

    /// Drops what was read from an instance that can't be used any more.
    pub(crate) fn forget(&self, candidate: &Candidate) {
        let mut cache = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        cache.forget(&candidate.organization, &candidate.id);
    }

    /// Drops a value that was refused (SEMANTICS O8), and older ones of the same instance.
    pub(crate) fn drop_rejected(&self, rejected: &LoadedCredential) {
        let mut cache = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        cache.drop_rejected(rejected);
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("store", &self.0.store).finish_non_exhaustive()
    }
}

/// What a run holds; an implementation detail of [`AnyRun`](crate::AnyRun).
#[doc(hidden)]
#[derive(Clone)]
pub struct RunInner {
    pub(crate) runtime: Runtime,
    pub(crate) facts: Arc<RunFacts>,
    pub(crate) cancellation: Cancellation,
    pub(crate) progress: Option<Listener>,
}

impl RunInner {
    /// A record of what became of a credential in this run, for the audit (SEMANTICS S5).
    pub(crate) fn record_of<'a>(
        &'a self,
        action: &'a str,
        key: &'a str,
        rule: Option<Rule>,
        outcome: Outcome,
    ) -> UseRecord<'a> {
        UseRecord { run: &self.facts, action, key, field: None, instance: None, version: None, rule, outcome }
    }

    /// Records a refusal. If that fails it must not hide the refusal, so this only warns.
    #[cold]
    pub(crate) fn record_refusal(&self, error: &ResolveError, record: &UseRecord<'_>) {
        if let Err(record) = self.runtime.store().record(record) {
            tracing::warn!(key = error.key(), code = error.code(), %record, "a refusal could not be recorded");
        }
    }
}

/// The most typed credentials that a runtime holds at a time.
const MOST_HELD: usize = 1024;
/// A typed credential that no call used for so long is dropped at the next call.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// How often what idles is looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// Typed credentials by organization, instance and type. Never stale: version and revision are compared, and they come
/// from candidates that the store reads again for every call. Of what renews, which changes neither, the bound is compared
/// (SEMANTICS O4): a value is lent up to it, also where there is a newer one, so that a renewal empties no cache.
///
/// Calls read it side by side; it is changed when something is opened, revoked or swept out. Times are in whole seconds, which is as well
/// as idling has to be known, and as an atomic number holds it.
#[derive(Default)]
struct Cache {
    entries: BTreeMap<InstanceId, Vec<Entry>>,
    count: usize,
    swept: Option<u64>,
}

struct Entry {
    organization: String,
    type_id: TypeId,
    stamp: (u64, [u8; 16]),
    held: LoadedCredential,
    used: AtomicU64,
}

impl Entry {
    /// Mostly it is the very candidate that it was read from, which it holds.
    fn is_of(&self, candidate: &Candidate) -> bool {
        std::ptr::eq(self.held.instance(), candidate)
            || (self.stamp == candidate.stamp() && self.organization == candidate.organization)
    }

    fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }
}

impl Cache {
    fn get(&self, candidate: &Candidate, type_id: TypeId, now: Moment) -> Option<LoadedCredential> {
        let of_instance = self.entries.get(&candidate.id)?;
        let entry = of_instance.iter().find(|entry| entry.type_id == type_id && entry.is_of(candidate))?;
        if !entry.held.is_lendable(now) {
            return None;
        }
        let now = now.seconds();
        // Threads that use it share its line of memory until one of them writes there.
        if entry.used.load(Ordering::Relaxed) != now {
            entry.used.store(now, Ordering::Relaxed);
        }
        Some(entry.held.clone())
    }

    fn put(&mut self, candidate: &Candidate, type_id: TypeId, held: LoadedCredential, now: Moment) {
        let is_newer = |entry: &&Entry| {
            entry.type_id == type_id
                && entry.is_of(candidate)
                && entry.held.grant_version() > held.grant_version()
        };
        // Of two calls that opened it side by side, the one that got the older value may come last.
        if self.entries.get(&candidate.id).and_then(|entries| entries.iter().find(is_newer)).is_some() {
            return;
        }
        if self.count >= MOST_HELD {
            self.drop_least_used();
        }
        let organization = candidate.organization.clone();
        let stamp = candidate.stamp();
        let entries = self.entries.entry(candidate.id.clone()).or_default();
        // Another version of it is of no more use, whatever its type.
        let before = entries.len();
        entries.retain(|entry| {
            entry.organization != organization || (entry.stamp == stamp && entry.type_id != type_id)
        });
        entries.push(Entry { organization, type_id, stamp, held, used: now.seconds().into() });
        self.count = self.count + entries.len() - before;
    }

    fn forget(&mut self, organization: &str, id: &InstanceId) {
        self.retain(|key, entry| key != id || entry.organization != organization);
    }

    fn drop_rejected(&mut self, rejected: &LoadedCredential) {
        let instance = rejected.instance();
        self.retain(|key, entry| {
            let is_older = entry.held.grant_version() <= rejected.grant_version();
            !(*key == instance.id && entry.is_of(instance) && is_older)
        });
    }

    /// Whether what idles is to be looked for; a clock that was put back must not put that off.
    fn is_due(&self, now: Moment) -> bool {
        let now = now.seconds();
        self.swept.is_none_or(|last| last > now || now - last >= SWEEP.as_secs())
    }

    /// Drops what idles or can't be lent any more, where that [is due](Self::is_due).
    fn sweep(&mut self, now: Moment) {
        if self.is_due(now) {
            let seconds = now.seconds();
            self.swept = Some(seconds);
            self.retain(|_, entry| {
                seconds.saturating_sub(entry.used()) < IDLE.as_secs() && entry.held.is_lendable(now)
            });
        }
    }

    fn drop_least_used(&mut self) {
        if let Some(oldest) = self.entries.values().flatten().map(Entry::used).min() {
            self.retain(|_, entry| entry.used() > oldest);
        }
    }

    fn retain(&mut self, keep: impl Fn(&InstanceId, &Entry) -> bool) {
        self.entries.retain(|id, entries| {
            entries.retain(|entry| keep(id, entry));
            !entries.is_empty()
        });
        self.count = self.entries.values().map(Vec::len).sum();
    }
}

/// An id that no other run has: random for the process, then counted.
pub(crate) fn new_run_id() -> String {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // `RandomState` is std's only source of randomness; an id is no secret.
    let process = PROCESS.get_or_init(|| RandomState::new().hash_one(std::process::id()));
    format!("run-{process:016x}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::requirement::Requirement;
    use crate::execute::credentials::Lease;
    use crate::store::instance::Instance;

    struct Nothing;
    impl crate::Credential for Nothing {
        const KEY: &'static str = "nothing";
        type Pin = crate::declare::scope::Unpinned;
        const FIELDS: &'static [crate::FieldSpec] = &[];
        fn read(_: &mut crate::FieldReader<'_>) -> Option<Self> {
            Some(Self)
        }
        fn secrets(&self, _: &mut dyn FnMut(&'static str, &str)) {}
    }

    fn candidate(id: &str, version: u64) -> Candidate {
        Instance::new("nothing").in_organization("acme").id(id).version(version).into_parts().0
    }

    fn held() -> LoadedCredential {
        token("a", 0, None)
    }

    fn token(id: &str, grant_version: u64, lend_until: Option<Moment>) -> LoadedCredential {
        let (instance, lend_until) = (Arc::new(candidate(id, 1)), lend_until.map(Moment::time));
        let lease = Lease::new(lend_until, grant_version);
        LoadedCredential::new(Box::new(Nothing), &Requirement::of::<Nothing>(), instance, lease)
    }

    fn at(minutes: u64) -> Moment {
        Moment::of(SystemTime::UNIX_EPOCH + Duration::from_secs(60 * minutes))
    }

    /// As a call asks it.
    fn get(cache: &mut Cache, candidate: &Candidate, of: TypeId, now: Moment) -> Option<LoadedCredential> {
        cache.sweep(now);
        cache.get(candidate, of, now)
    }

    #[test]
    fn another_version_is_another_value() {
        let (mut cache, of) = (Cache::default(), TypeId::of::<Nothing>());
        cache.put(&candidate("a", 1), of, held(), at(0));
        assert!(get(&mut cache, &candidate("a", 1), of, at(0)).is_some());
        assert!(get(&mut cache, &candidate("a", 2), of, at(0)).is_none());
        cache.put(&candidate("a", 2), of, held(), at(0));
        assert!(get(&mut cache, &candidate("a", 1), of, at(0)).is_none());
        assert_eq!(cache.count, 1);
    }

    #[test]
    fn the_same_id_in_another_organization_is_another_instance() {
        let (mut cache, of) = (Cache::default(), TypeId::of::<Nothing>());
        cache.put(&candidate("a", 1), of, held(), at(0));
        let other = Instance::new("nothing").in_organization("globex").id("a").into_parts().0;
        assert!(get(&mut cache, &other, of, at(0)).is_none());
    }

    #[test]
    fn what_idles_is_dropped_and_what_is_used_stays() {
        let (mut cache, of) = (Cache::default(), TypeId::of::<Nothing>());
        cache.put(&candidate("idle", 1), of, held(), at(0));
        cache.put(&candidate("busy", 1), of, held(), at(0));
        for minute in 0..15 {
            assert!(get(&mut cache, &candidate("busy", 1), of, at(minute)).is_some());
        }
        get(&mut cache, &candidate("busy", 1), of, at(16));
        assert_eq!(cache.count, 1);
        assert!(get(&mut cache, &candidate("idle", 1), of, at(16)).is_none());
    }

    #[test]
    fn it_is_bounded_and_forgets_on_demand() {
        let (mut cache, of) = (Cache::default(), TypeId::of::<Nothing>());
        for number in 0..2 * MOST_HELD {
            cache.put(&candidate(&number.to_string(), 1), of, held(), at(number as u64));
        }
        assert!(cache.count <= MOST_HELD);
        let last = candidate(&(2 * MOST_HELD - 1).to_string(), 1);
        cache.forget("acme", &last.id);
        assert!(get(&mut cache, &last, of, at(2 * MOST_HELD as u64)).is_none());
    }

    #[test]
    fn what_is_past_its_bound_is_not_lent_and_soon_dropped() {
        let (mut cache, of) = (Cache::default(), TypeId::of::<Nothing>());
        cache.put(&candidate("a", 1), of, token("a", 1, Some(at(10))), at(0));
        assert!(get(&mut cache, &candidate("a", 1), of, at(9)).is_some());
        for minute in [10, 11, 9] {
            let lent = get(&mut cache, &candidate("a", 1), of, at(minute)).is_some();
            assert!(!lent, "at {minute}: swept out at the tenth, and gone");
        }
        assert_eq!(cache.count, 0);
    }

    #[test]
    fn a_value_that_was_refused_is_dropped_with_all_that_are_older_and_nothing_else() {
        let (mut cache, of) = (Cache::default(), TypeId::of::<Nothing>());
        let other_type = TypeId::of::<()>();
        cache.put(&candidate("a", 1), of, token("a", 3, None), at(0));
        cache.put(&candidate("a", 1), other_type, token("a", 2, None), at(0));
        cache.put(&candidate("b", 1), of, token("b", 1, None), at(0));
        let of_another_tenant = Instance::new("nothing").in_organization("globex").id("a").into_parts().0;
        cache.put(&of_another_tenant, of, token("a", 1, None), at(0));
        cache.drop_rejected(&token("a", 2, None));
        assert!(get(&mut cache, &candidate("a", 1), of, at(0)).is_some(), "it is newer");
        assert!(get(&mut cache, &candidate("a", 1), other_type, at(0)).is_none());
        cache.drop_rejected(&token("a", 3, None));
        assert!(get(&mut cache, &candidate("a", 1), of, at(0)).is_none());
        assert!(get(&mut cache, &candidate("b", 1), of, at(0)).is_some());
        assert!(get(&mut cache, &of_another_tenant, of, at(0)).is_some());
    }

    #[test]
    fn an_older_value_that_comes_late_replaces_no_newer_one() {
        let (mut cache, of) = (Cache::default(), TypeId::of::<Nothing>());
        let version = |cache: &mut Cache, of_version| {
            get(cache, &candidate("a", of_version), of, at(0)).map(|held| held.grant_version())
        };
        cache.put(&candidate("a", 1), of, token("a", 2, None), at(0));
        cache.put(&candidate("a", 1), of, token("a", 1, None), at(0));
        assert_eq!(version(&mut cache, 1), Some(2));
        cache.put(&candidate("a", 1), of, token("a", 3, None), at(0));
        assert_eq!(version(&mut cache, 1), Some(3));
        // Connected again: another grant, which counts from the beginning.
        cache.put(&candidate("a", 2), of, token("a", 1, None), at(0));
        assert_eq!(version(&mut cache, 2), Some(1));
        assert_eq!(cache.count, 1);
    }
}
