//! Reports each secret that was removed from what an action gave, and counts it (SEMANTICS S3). The search itself is in
//! [`redact`](crate::redact).

use smallvec::SmallVec;

use super::credentials::LoadedCredential;
use super::observe;
use crate::run::facts::RunFacts;
use crate::run::runtime::RunInner;
use crate::store::instance::{Candidate, InstanceId};
use crate::store::{Outcome, UseRecord};

/// Reports what was found: `lent` are the credentials of the call.
pub(crate) fn report_redactions<'a>(
    run: &RunInner,
    action: &str,
    lent: impl Iterator<Item = &'a LoadedCredential> + Clone,
    found: impl Iterator<Item = (&'a str, &'a str)>,
) {
    let mut counted = SmallVec::<[&InstanceId; 1]>::new();
    for (key, field) in found {
        tracing::warn!(action, key, field, "a secret was removed from what the action gave");
        observe::redacted(action, key, field);
        let instance = lent.clone().map(LoadedCredential::instance).find(|instance| instance.key == key);
        let record = UseRecord {
            field: Some(field),
            instance: instance.map(|instance| &instance.id),
            version: instance.map(|instance| instance.version),
            ..run.record_of(action, key, None, Outcome::Redacted)
        };
        if let Err(error) = run.runtime.store().record(&record) {
            tracing::warn!(action, key, field, %error, "the removal could not be recorded");
        }
        // One result may show several fields of a credential; it answers one guess.
        if let Some(instance) = instance.filter(|instance| !counted.contains(&&instance.id)) {
            counted.push(&instance.id);
            count_redaction(run, action, instance);
        }
    }
}

fn count_redaction(run: &RunInner, action: &str, instance: &Candidate) {
    if let Some(limit) = run.runtime.count_redaction(instance) {
        let RunFacts { id, consumer, .. } = &*run.facts;
        tracing::warn!(
            action,
            key = instance.key,
            instance = instance.id.as_str(),
            run = id,
            consumer = consumer.to_string(),
            limit,
            "a credential is withheld for a minute: it was removed from results too often, as when somebody guesses it"
        );
    }
}
