//! The vault checked as a whole: every page, seal, secret and audit row.

use crate::audit::{self, AuditEntry, Commits};
use crate::error::{Result, VaultError};
use crate::file::connection;
use crate::file::tables::FileKind;
use crate::format::envelope::{Envelope, RecordIdentity};
use crate::format::group::GroupId;
use crate::open_vault::OpenVault;
use crate::record::Verified;

impl OpenVault {
    pub(crate) fn verify(&self) -> Result<Verified> {
        self.audit.commit_blocking(Vec::new())?;
        let mut verified = self.readers.take()?.reader()?.at_one_moment(|reader| {
            reader.check_pages()?;
            let groups = reader.groups(None, None)?;
            let mut verified = Verified {
                instances: 0,
                groups: groups.len(),
                assignments: 0,
                audit_entries: 0,
                generation: reader.generation()?,
            };
            for GroupId { organization, key } in &groups {
                let group = reader.group(organization, key)?;
                verified.instances += group.entries.len();
                verified.assignments += group.assignments.len();
                for entry in &group.entries {
                    let sealed = reader.sealed(&group, entry.candidate.id.as_str())?;
                    let key = self.subkeys.find(&entry.record_key)?;
                    let identity = RecordIdentity::of(self.subkeys.vault(), &entry.candidate);
                    Envelope::parse(&sealed).and_then(|envelope| envelope.open(&key, &identity)).map_err(
                        |what| VaultError::altered(&group, format!("`{}`: {what}", entry.candidate.id)),
                    )?;
                }
            }
            // Whichever table holds it, nothing sealed is left out.
            if reader.envelopes()? != verified.instances {
                let what = "it holds sealed secrets that belong to no instance".to_owned();
                return Err(VaultError::Damaged { file: self.file.clone(), what });
            }
            Ok(verified)
        })?;
        let audit_file = self.options.audit_file();
        connection::check_pages(&connection::open_reader(&audit_file, FileKind::Audit)?, &audit_file)?;
        let seen = self.audit.seen();
        let mut commits = Commits::default();
        let each = |entry: AuditEntry| {
            commits.note(&entry.event, entry.version);
            verified.audit_entries += u64::from(!audit::is_internal(&entry.event));
        };
        self.audit.saw(audit::walk(&audit_file, &self.subkeys, &seen, each)?);
        self.audit.knows_committed(commits.highest());
        // After the record: what it now knows to be committed must now be in the vault.
        let committed = self.audit.committed();
        self.readers.take()?.reader()?.at_one_moment(|reader| reader.check_generation(committed))?;
        Ok(verified)
    }
}
