//! What an action is lent for one call, and the only way out of it: [`Invocation`] removes the secrets that it lends from
//! what the action gives (SEMANTICS E6).

use std::any::{Any, TypeId};
use std::sync::Arc;

use serde_json::Value;

use super::context::ActionContext;
use super::credentials::{Acquired, Credentials, LoadedCredential};
use super::execution::Stop;
use super::observe::Observed;
use super::redactions::report_redactions;
use crate::json::content::GivenContent;
use crate::redact::{Redactor, Scrub, Scrubbed};
use crate::run::runtime::RunInner;

/// What an action is lent for one execution: its credentials and the context.
pub struct Invocation {
    acquired: Credentials,
    context: ActionContext,
    pub(crate) observed: Observed,
    is_repeated: bool,
}

impl Invocation {
    /// Of a second attempt, `acquired` ends with what the first one was lent: for redaction alone.
    pub(crate) const fn new(
        acquired: Credentials,
        context: ActionContext,
        observed: Observed,
        is_repeated: bool,
    ) -> Self {
        Self { acquired, context, observed, is_repeated }
    }

    /// Whether this is the second attempt at the call (SEMANTICS O8).
    pub(crate) const fn is_repeated(&self) -> bool {
        self.is_repeated
    }

    /// Ends it: the run, and what was lent.
    pub(crate) fn into_parts(self) -> (Arc<RunInner>, Credentials) {
        (Arc::clone(self.context.shared()), self.acquired)
    }

    /// The credential of a key, if one was lent.
    pub(crate) fn acquired(&self, key: &str) -> Option<&Acquired> {
        self.acquired.iter().find(|acquired| acquired.requirement.key() == key)
    }

    /// The context of the call.
    pub const fn context(&self) -> &ActionContext {
        &self.context
    }

    /// The credential of type `C` (or `Pinned<C, S>`), if the action's [`REQUIREMENTS`](crate::Action::REQUIREMENTS) have it. An
    /// optional one may be absent (SEMANTICS R11).
    pub fn credential<C: 'static>(&self) -> Option<&C> {
        self.acquired.iter().find_map(|acquired| acquired.held.downcast())
    }

    /// What a parameter `&T` is lent: the context, a credential, or state.
    #[inline]
    pub(crate) fn find<T: 'static>(&self) -> Option<&T> {
        if TypeId::of::<T>() == TypeId::of::<ActionContext>() {
            return (&self.context as &dyn Any).downcast_ref();
        }
        match self.credential() {
            None => self.state(),
            credential => credential,
        }
    }

    /// Apart, so that what lends a credential stays small enough to be part of the call.
    #[inline(never)]
    fn state<T: 'static>(&self) -> Option<&T> {
        self.run().runtime.state().find()
    }

    /// Without the secrets that are lent; reports what was removed.
    pub(crate) fn scrub<T: Scrub>(&self, action: &str, thing: T) -> Scrubbed<T> {
        let mut secrets = self.secrets();
        let scrubbed = secrets.scrub(thing);
        self.report(action, &secrets);
        scrubbed
    }

    /// The same of a value that can be searched in one go.
    pub(crate) fn scrub_value(&self, action: &str, json: Value) -> Scrubbed<Value> {
        let mut secrets = self.secrets();
        let scrubbed = secrets.scrub_value(json);
        self.report(action, &secrets);
        scrubbed
    }

    /// The same of a large one, and of content; `None` if the call is cancelled meanwhile.
    pub(crate) async fn scrub_in_slices(
        &self,
        action: &str,
        json: Value,
        content: Option<Box<GivenContent>>,
    ) -> Option<(Scrubbed<Value>, Option<Scrubbed<GivenContent>>)> {
        let (mut secrets, cancellation) = (self.secrets(), &self.run().cancellation);
        let scrubbed = async {
            let json = secrets.scrub_in_slices(json, cancellation).await?;
            let content = match content {
                Some(content) => Some(secrets.scrub_content(*content, cancellation).await?),
                None => None,
            };
            Some((json, content))
        };
        let scrubbed = scrubbed.await;
        self.report(action, &secrets);
        scrubbed
    }

    fn secrets(&self) -> Redactor {
        Redactor::of(self.held())
    }

    fn held(&self) -> impl Iterator<Item = &LoadedCredential> + Clone {
        self.acquired.iter().map(|acquired| &acquired.held)
    }

    fn report(&self, action: &str, secrets: &Redactor) {
        report_redactions(self.run(), action, self.held(), secrets.found());
    }

    /// The run of the call.
    pub(crate) fn run(&self) -> &RunInner {
        self.context.shared()
    }

    /// The call gave nothing, after it was lent this; `code` is that of its error.
    #[cold]
    pub(crate) fn failed(&mut self, action: &'static str, code: &'static str) {
        self.observed.failed(self.context.shared(), action, code);
    }

    /// The call was cancelled while it ran.
    #[cold]
    pub(crate) fn cancelled(&mut self, action: &'static str) -> Stop {
        self.failed(action, "cancelled");
        Stop::Cancelled
    }

    /// Whether a number may show one of the secrets that are lent.
    pub(crate) fn may_be_a_number(&self) -> bool {
        self.acquired.iter().any(|acquired| acquired.held.may_be_a_number())
    }
}
