//! The audit record as the vault's verbs read and shorten it.

use std::collections::VecDeque;
use std::time::SystemTime;

use crate::audit::{self, AuditEntry, AuditEvent, AuditFilter, History};
use crate::error::Result;
use crate::open_vault::OpenVault;

impl OpenVault {
    pub(crate) fn audit_entries(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>> {
        self.audit.commit_blocking(Vec::new())?;
        let mut found = VecDeque::new();
        let mut history = History::default();
        let end = audit::walk(&self.options.audit_file(), &self.subkeys, &self.audit.seen(), |entry| {
            history.note(&entry);
            if filter.admits(&entry) && !audit::is_internal(&entry.event) {
                found.push_back(entry);
                if filter.limit.is_some_and(|limit| found.len() > limit) {
                    found.pop_front();
                }
            }
        })?;
        self.audit.saw(end);
        // After the walk: a change that was announced before it and is not in the vault now did not happen, or not
        // yet. The record can be read whatever state the vault is in.
        let generation =
            self.readers.take().and_then(|mut lent| lent.reader()?.at_one_moment(|r| r.generation()));
        if let Ok(generation) = generation {
            let past = history.past(generation);
            for entry in &mut found {
                entry.committed = past.committed(entry);
            }
        }
        Ok(found.into())
    }

    pub(crate) fn prune_audit(&self, before: SystemTime) -> Result<u64> {
        self.audit.commit_blocking(Vec::new())?;
        let file = self.options.audit_file();
        let (mut first, mut last, mut ended, mut gone) = (None, None, false, 0);
        let end = audit::walk(&file, &self.subkeys, &self.audit.seen(), |entry| {
            ended |= entry.at >= before;
            first = first.or(Some(entry.seq));
            last = if ended { last } else { Some(entry.seq) };
            gone += u64::from(!ended && !audit::is_internal(&entry.event));
        })?;
        self.audit.saw(end);
        let (Some(first), Some(last)) = (first, last) else { return Ok(0) };
        let cause = format!("rows {first} to {last}");
        let at = self.now();
        let event = AuditEvent { at, event: "prune", cause: Some(&cause), ..AuditEvent::default() };
        self.audit.commit_blocking(vec![event.encode()])?;
        audit::prune(&file, &self.subkeys, last)?;
        Ok(gone)
    }
}
