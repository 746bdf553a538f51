//! A store that records what it was asked.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::resolve::resolved::Resolved;
use crate::resolve::rule::Rule;
use crate::run::consumer::Consumer;
use crate::store::instance::{Candidate, InstanceId};
use crate::store::{
    Candidates, CredentialStore, Lookup, OpenError, OpenPreview, Opened, Outcome, PendingRecord, Renewal,
    StoreError, UseRecord,
};

/// A store that passes everything on to another one and records what it was asked. Clones are the same store: give one
/// to the runtime and keep one.
///
/// ```
/// use keystroke_core::testing::{RecordingStore, TestRuns};
/// use keystroke_core::{MemoryStore, Origin};
///
/// let store = RecordingStore::new(MemoryStore::new());
/// let run = TestRuns::new(store.clone()).anonymous(Origin::Direct);
/// // … call an action …
/// assert_eq!(store.events(), []);
/// # let _ = run;
/// ```
pub struct RecordingStore<S>(Arc<Inner<S>>);

struct Inner<S> {
    store: S,
    events: Mutex<Vec<StoreEvent>>,
}

/// One thing that a [`RecordingStore`] was asked or told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreEvent {
    /// It was asked for the candidates of a key.
    LookedUp {
        /// The key.
        key: String,
        /// The action that asks.
        action: String,
    },
    /// It was asked to open an instance; whether it did, is not told.
    Opened(RecordedOpen),
    /// It was told of a use, an absence, a refusal or a redaction.
    Recorded(RecordedUse),
}

/// An instance that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedOpen {
    /// The instance.
    pub instance: InstanceId,
    /// Its version.
    pub version: u64,
    /// The rule that chose it.
    pub rule: Rule,
    /// The action.
    pub action: String,
    /// The run.
    pub run: String,
}

/// A [`UseRecord`], kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedUse {
    /// The run.
    pub run: String,
    /// The container that calls the action.
    pub consumer: Consumer,
    /// The action.
    pub action: String,
    /// The credential key.
    pub key: String,
    /// The field, where one is concerned.
    pub field: Option<String>,
    /// The instance.
    pub instance: Option<InstanceId>,
    /// Its version.
    pub version: Option<u64>,
    /// The rule that chose or named it.
    pub rule: Option<Rule>,
    /// How it ended.
    pub outcome: Outcome,
}

impl From<&UseRecord<'_>> for RecordedUse {
    fn from(record: &UseRecord<'_>) -> Self {
        Self {
            run: record.run.id.clone(),
            consumer: record.run.consumer.clone(),
            action: record.action.to_owned(),
            key: record.key.to_owned(),
            field: record.field.map(str::to_owned),
            instance: record.instance.cloned(),
            version: record.version,
            rule: record.rule,
            outcome: record.outcome,
        }
    }
}

impl<S> RecordingStore<S> {
    /// Records what `store` is asked.
    pub fn new(store: S) -> Self {
        Self(Arc::new(Inner { store, events: Mutex::default() }))
    }

    /// All that it was asked and told, in order.
    pub fn events(&self) -> Vec<StoreEvent> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The instances that were opened, in order.
    pub fn opened(&self) -> Vec<RecordedOpen> {
        let open = |event| match event {
            StoreEvent::Opened(open) => Some(open),
            _ => None,
        };
        self.events().into_iter().filter_map(open).collect()
    }

    /// The uses, refusals and redactions that it was told of, in order.
    pub fn recorded(&self) -> Vec<RecordedUse> {
        let used = |event| match event {
            StoreEvent::Recorded(record) => Some(record),
            _ => None,
        };
        self.events().into_iter().filter_map(used).collect()
    }

    /// Forgets what it was asked so far.
    pub fn clear(&self) {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn note(&self, event: StoreEvent) {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

impl<S> Clone for RecordingStore<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> fmt::Debug for RecordingStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingStore").field("events", &self.events()).finish_non_exhaustive()
    }
}

impl<S: CredentialStore> CredentialStore for RecordingStore<S> {
    fn name(&self) -> String {
        self.0.store.name()
    }

    fn candidates(&self, lookup: &Lookup<'_>) -> impl Future<Output = Result<Candidates, StoreError>> + Send {
        self.note(looked_up(lookup));
        self.0.store.candidates(lookup)
    }

    fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
        let answer = self.0.store.candidates_now(lookup);
        if answer.is_some() {
            self.note(looked_up(lookup));
        }
        answer
    }

    fn open(&self, resolved: &Resolved) -> impl Future<Output = Result<Opened, OpenError>> + Send {
        self.note(StoreEvent::Opened(RecordedOpen {
            instance: resolved.instance().id.clone(),
            version: resolved.instance().version,
            rule: resolved.rule(),
            action: resolved.action().to_owned(),
            run: resolved.facts().id.clone(),
        }));
        self.0.store.open(resolved)
    }

    fn record(&self, record: &UseRecord<'_>) -> Result<(), StoreError> {
        self.note(StoreEvent::Recorded(record.into()));
        self.0.store.record(record)
    }

    fn record_first(&self, record: &UseRecord<'_>) -> Option<PendingRecord> {
        let recording = self.0.store.record_first(record)?;
        self.note(StoreEvent::Recorded(record.into()));
        Some(recording)
    }

    fn rejected(
        &self,
        resolved: &Resolved,
        grant_version: u64,
    ) -> impl Future<Output = Result<Renewal, StoreError>> + Send {
        self.0.store.rejected(resolved, grant_version)
    }

    fn preview_open(
        &self,
        instance: &Candidate,
    ) -> impl Future<Output = Result<OpenPreview, OpenError>> + Send {
        self.0.store.preview_open(instance)
    }
}

fn looked_up(lookup: &Lookup<'_>) -> StoreEvent {
    StoreEvent::LookedUp { key: lookup.key.to_owned(), action: lookup.action.to_owned() }
}
