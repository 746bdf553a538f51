//! The vault as a runtime's store: candidates from memory as long as nothing changed, and opens that are on record
//! before a value leaves.

use std::borrow::Cow;
use std::future::{Future, ready};
use std::sync::Arc;

use keystroke_core::{
    Candidate, Candidates, Consumer, CredentialStore, InstanceId, Lookup, OpenError, Opened, Outcome,
    PendingRecord, Resolved, Status, StoreError, UseRecord,
};

use crate::audit::AuditEvent;
use crate::error::{Result, VaultError};
use crate::format::envelope::{Envelope, RecordIdentity};
use crate::format::group::{Group, InstanceEntry};
use crate::open_vault::OpenVault;
use crate::time::{from_millis, to_millis};
use crate::vault::Vault;

impl OpenVault {
    /// The instance as it is now.
    fn current(&self, organization: &str, key: &str, id: &InstanceId) -> Result<Option<Arc<Candidate>>> {
        let group = self.readers.group(organization, key)?;
        Ok(group.find(id.as_str()).map(|entry| Arc::clone(&entry.candidate)))
    }

    fn look_up(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
        Ok(self.readers.candidates(lookup)?)
    }

    /// The entry and the sealed secret of what was resolved, if it is unchanged. Everything is as of one moment,
    /// under a seal that was checked at that moment.
    fn fetch(&self, resolved: &Resolved) -> Result<(InstanceEntry, Vec<u8>), OpenError> {
        let fetched = self.readers.take().and_then(|mut lent| {
            let reader = lent.reader()?;
            reader.at_one_moment(|reader| {
                let chosen = resolved.instance();
                let group = reader.group(resolved.organization(), &chosen.key)?;
                let Some(entry) = still(&group, resolved) else { return Ok(None) };
                Ok(Some((entry.clone(), reader.sealed(&group, chosen.id.as_str())?)))
            })
        });
        fetched.map_err(StoreError::from)?.ok_or(OpenError::Changed)
    }

    /// Refuses what had expired when some row of the record was written. If the clock says otherwise, it was set
    /// back.
    fn unexpired(&self, fetched: (InstanceEntry, Vec<u8>)) -> Result<(InstanceEntry, Vec<u8>), OpenError> {
        let candidate = &fetched.0.candidate;
        let latest = self.audit.latest();
        match candidate.expires_at.filter(|at| to_millis(*at) <= latest) {
            None => Ok(fetched),
            Some(at) => {
                let (id, expired_at, latest) = (candidate.id.clone(), at, from_millis(latest));
                Err(StoreError::from(VaultError::ClockSetBack { id, expired_at, latest }).into())
            }
        }
    }

    async fn open_resolved(&self, resolved: &Resolved) -> Result<Opened, OpenError> {
        let key = &resolved.instance().key;
        let group = self.readers.group(resolved.organization(), key).map_err(StoreError::from)?;
        still(&group, resolved).ok_or(OpenError::Changed)?;
        // First the row, then the value (SEMANTICS S5).
        let consumer = name_of(&resolved.facts().consumer);
        let event = self.open_event(resolved, &consumer);
        self.audit.commit(event.encode()).await.map_err(StoreError::from)?;
        // The row may have waited seconds for another process: what was true before may no longer be.
        let (entry, sealed) = match self.fetch(resolved).and_then(|fetched| self.unexpired(fetched)) {
            Ok(fetched) => fetched,
            Err(error) => {
                // The row tells of a release that did not happen. The opposite mistake would be worse, so this
                // correction may come late or, if it can't be written, never.
                let _ = self.audit.queue(&AuditEvent { code: Some("not_released"), ..event });
                return Err(error);
            }
        };
        let candidate = &entry.candidate;
        let key = self.subkeys.find(&entry.record_key).map_err(StoreError::from)?;
        let fields = Envelope::parse(&sealed)
            .and_then(|envelope| envelope.open(&key, &RecordIdentity::of(self.subkeys.vault(), candidate)))
            .map_err(|what| VaultError::Altered {
                organization: candidate.organization.clone(),
                key: candidate.key.clone(),
                what: what.to_owned(),
            })
            .map_err(StoreError::from)?;
        Ok(Opened::new(fields))
    }

    /// Records the use of a held value before the value is lent.
    fn record_used(self: &Arc<Self>, record: &UseRecord<'_>, id: &InstanceId) -> PendingRecord {
        let consumer = name_of(&record.run.consumer);
        let event = use_event(to_millis((self.options.now)()), record, &consumer);
        let (row, undone) = (event.encode(), AuditEvent { code: Some("not_released"), ..event }.encode());
        let (organization, key) = (record.run.organization.clone(), record.key.to_owned());
        let (id, version) = (id.clone(), record.version);
        let before = self.current(&organization, &key, &id);
        let inner = Arc::clone(self);
        Box::pin(async move {
            let usable = |now: &Candidate| now.status != Status::Revoked && Some(now.version) == version;
            let before = before?.filter(|before| usable(before)).ok_or_else(changed)?;
            inner.audit.commit(row).await?;
            // The row may have waited seconds for another process: what was true before may no longer be.
            if inner.current(&organization, &key, &id)?.is_some_and(|now| now.is_still(&before)) {
                return Ok(());
            }
            inner.audit.commit(undone).await?;
            Err(changed())
        })
    }

    fn open_event<'a>(&self, resolved: &'a Resolved, consumer: &'a str) -> AuditEvent<'a> {
        let run = resolved.facts();
        let instance = resolved.instance();
        AuditEvent {
            at: self.now(),
            event: "open",
            run: Some(&run.id),
            origin: Some(run.origin.as_str()),
            consumer: Some(consumer),
            action: Some(resolved.action()),
            organization: Some(resolved.organization()),
            project: Some(resolved.project()),
            user: resolved.user(),
            key: Some(&instance.key),
            instance: Some(instance.id.as_str()),
            version: Some(instance.version.cast_signed()),
            rule: Some(resolved.rule().as_str()),
            ..AuditEvent::default()
        }
    }
}

fn use_event<'a>(at: i64, record: &UseRecord<'a>, consumer: &'a str) -> AuditEvent<'a> {
    let (event, code, cause) = match record.outcome {
        Outcome::Used => ("use", None, None),
        Outcome::Absent { code } => ("absent", Some(code), None),
        Outcome::Refused { code, cause } => ("refused", Some(code), cause),
        Outcome::Redacted => ("redacted", None, None),
        Outcome::Rejected => ("rejected", None, None),
    };
    AuditEvent {
        at,
        event,
        run: Some(&record.run.id),
        origin: Some(record.run.origin.as_str()),
        consumer: Some(consumer),
        action: Some(record.action),
        organization: Some(&record.run.organization),
        project: Some(&record.run.project),
        user: record.run.user.as_deref(),
        key: Some(record.key),
        field: record.field,
        instance: record.instance.map(InstanceId::as_str),
        version: record.version.map(u64::cast_signed),
        rule: record.rule.map(|rule| rule.as_str()),
        code,
        cause,
        generation: None,
    }
}

/// The entry of what was resolved, if it is unchanged.
fn still<'a>(group: &'a Group, resolved: &Resolved) -> Option<&'a InstanceEntry> {
    let chosen = resolved.instance();
    group.find(chosen.id.as_str()).filter(|entry| {
        entry.candidate.is_still(chosen) && chosen.owner.reached_by(resolved.project(), resolved.user())
    })
}

fn changed() -> StoreError {
    StoreError::new("the instance changed while its use was recorded").with_fix("try again").retryable()
}

/// As [`Consumer`] displays itself; the common one without allocating.
fn name_of(consumer: &Consumer) -> Cow<'_, str> {
    match consumer {
        Consumer::Direct => Cow::Borrowed(consumer.kind()),
        _ => Cow::Owned(consumer.to_string()),
    }
}

impl CredentialStore for Vault {
    fn name(&self) -> String {
        "the local vault".to_owned()
    }

    fn candidates(&self, lookup: &Lookup<'_>) -> impl Future<Output = Result<Candidates, StoreError>> + Send {
        ready(self.inner.look_up(lookup))
    }

    fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
        Some(self.inner.look_up(lookup))
    }

    fn open(&self, resolved: &Resolved) -> impl Future<Output = Result<Opened, OpenError>> + Send {
        self.inner.open_resolved(resolved)
    }

    fn record(&self, record: &UseRecord<'_>) -> Result<(), StoreError> {
        let at = to_millis((self.inner.options.now)());
        let encode = || use_event(at, record, &name_of(&record.run.consumer)).encode();
        Ok(self.inner.audit.queue_use(at, record, encode)?)
    }

    fn record_first(&self, record: &UseRecord<'_>) -> Option<PendingRecord> {
        let used = record.outcome == Outcome::Used && self.inner.options.strict_audit;
        record.instance.filter(|_| used).map(|id| self.inner.record_used(record, id))
    }
}
