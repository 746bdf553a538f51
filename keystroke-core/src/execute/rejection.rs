//! What becomes of a call whose action reports that a third party refused a credential (SEMANTICS O8): the value is not lent
//! again, it is on record, and the store says whether there is a newer one.
//!
//! Whether the call is then repeated depends on its form: a call in JSON may be (`tools/call.rs`), a typed one never is.

use std::future::poll_fn;
use std::pin::pin;

use super::credentials::Acquired;
use super::invocation::Invocation;
use super::run_function::unless_cancelled;
use crate::declare::failure::{Failure, RejectionOutcome};
use crate::resolve::resolver::Resolver;
use crate::run::runtime::RunInner;
use crate::store::{Outcome, Renewal, UseRecord};

impl Invocation {
    /// The credential that a failure says was refused, if it is one that was lent, and nothing has cancelled the call.
    pub(crate) fn rejected_by(&self, failure: &Failure) -> Option<Acquired> {
        let key = failure.rejected_key()?;
        if self.run().cancellation.is_cancelled() {
            return None;
        }
        let rejected = self.acquired(key).cloned();
        if rejected.is_none() {
            tracing::warn!(key, "an action says that a credential was refused which it was not lent");
        }
        rejected
    }

    /// Tells the store what was refused. `None` if the call is cancelled while the store looks for something newer.
    #[cold]
    pub(crate) async fn tell_store(
        &self,
        action: &'static str,
        rejected: &Acquired,
    ) -> Option<RejectionOutcome> {
        let (run, key) = (self.run(), rejected.requirement.key());
        run.runtime.drop_rejected(&rejected.held);
        self.observed.within(|| record(run, action, rejected));
        let resolver = Resolver::of_lent(run, rejected.requirement, action);
        let resolved = resolver.resolved(rejected.choice.clone(), rejected.requirement.fields());
        let renewal = {
            let mut asked = pin!(run.runtime.store().rejected(&resolved, rejected.held.grant_version()));
            let asked = poll_fn(|cx| self.observed.within(|| asked.as_mut().poll(cx)));
            unless_cancelled(&run.cancellation, pin!(asked)).await?
        };
        let is_retryable = match &renewal {
            Ok(renewal) => *renewal == Renewal::Newer,
            Err(error) => {
                self.observed.within(|| {
                    tracing::warn!(action, key, %error, "the store cannot say whether there is a newer credential");
                });
                error.is_retryable()
            }
        };
        let fix = if is_retryable {
            "call again".to_owned()
        } else {
            resolver.fix_of_rejected(&rejected.choice.candidate)
        };
        Some(RejectionOutcome { is_renewed: matches!(renewal, Ok(Renewal::Newer)), is_retryable, fix })
    }
}

/// Has it on record (SEMANTICS O11). The value has been lent, so without that record this only warns.
fn record(run: &RunInner, action: &str, rejected: &Acquired) {
    let Acquired { requirement, choice, .. } = rejected;
    let (key, candidate) = (requirement.key(), &choice.candidate);
    tracing::warn!(
        action,
        key,
        instance = candidate.id.as_str(),
        run = run.facts.id,
        "a third party refused a credential"
    );
    let record = UseRecord {
        instance: Some(&candidate.id),
        version: Some(candidate.version),
        ..run.record_of(action, key, Some(choice.rule), Outcome::Rejected)
    };
    if let Err(error) = run.runtime.store().record(&record) {
        tracing::warn!(action, key, %error, "the refusal by a third party could not be recorded");
    }
}
