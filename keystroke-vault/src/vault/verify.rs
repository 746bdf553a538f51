//! A vault looked at as a whole: every page, seal, secret and audit row.

use crate::audit::{self, AuditEntry, Commits};
use crate::error::Result;
use crate::open::Inner;
use crate::record::Verified;
use crate::schema::{self, Kind};
use crate::seal::{Envelope, Identity};

impl Inner {
    pub(crate) fn verify(&self) -> Result<Verified> {
        self.audit.commit_blocking(Vec::new())?;
        let mut verified = self.readers.take()?.reader()?.at_one_moment(|reader| {
            reader.check_pages()?;
            let places = reader.places(None, None)?;
            let mut verified = Verified {
                instances: 0,
                groups: places.len(),
                assignments: 0,
                audit_entries: 0,
                generation: reader.generation()?,
            };
            for (organization, key) in &places {
                let group = reader.group(organization, key)?;
                verified.instances += group.entries.len();
                verified.assignments += group.assignments.len();
                for entry in &group.entries {
                    let sealed = reader.sealed(&group, entry.candidate.id.as_str())?;
                    let key = self.keyring.find(&entry.record_key)?;
                    let identity = Identity::of(self.keyring.vault(), &entry.candidate);
                    Envelope::parse(&sealed)
                        .and_then(|envelope| envelope.open(&key, &identity))
                        .map_err(|what| group.altered(format!("`{}`: {what}", entry.candidate.id)))?;
                }
            }
            Ok(verified)
        })?;
        let audit_file = self.options.audit_file();
        schema::check_pages(&schema::open_reader(&audit_file, Kind::Audit)?, &audit_file)?;
        let seen = self.audit.seen();
        let mut commits = Commits::default();
        let each = |entry: AuditEntry| {
            commits.note(&entry.event, entry.version);
            verified.audit_entries += u64::from(!audit::is_internal(&entry.event));
        };
        self.audit.saw(audit::walk(&audit_file, &self.keyring, &seen, each)?);
        self.audit.knows_committed(commits.highest());
        // After the record: what it knows to be committed by now is in the vault by now.
        let known = self.audit.committed();
        self.readers.take()?.reader()?.at_one_moment(|reader| reader.check_generation(known))?;
        Ok(verified)
    }
}
