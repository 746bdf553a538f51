//! Credentials as a call holds them: read and checked, without their types, and with their secrets in the forms that are
//! kept out of results.

use std::any::Any;
use std::sync::Arc;
use std::time::SystemTime;

use smallvec::SmallVec;

use crate::declare::requirement::{AnyCredential, Requirement};
use crate::redact::{Needle, Redactor};
use crate::resolve::resolved::Choice;
use crate::run::clock::Moment;
use crate::store::instance::Candidate;

/// A credential that was read from an opened instance. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LoadedCredential(Arc<Loaded>);

struct Loaded {
    value: Box<dyn Any + Send + Sync>,
    needles: Vec<Arc<Needle>>,
    instance: Arc<Candidate>,
    lease: Lease,
}

/// What bounds the lending of an opened value, and which one it is (SEMANTICS O4).
#[derive(Clone, Copy)]
pub(crate) struct Lease {
    /// In milliseconds since 1970; the greatest number where nothing bounds it.
    until: u64,
    grant_version: u64,
}

impl Lease {
    pub(crate) fn new(lend_until: Option<SystemTime>, grant_version: u64) -> Self {
        Self { until: lend_until.map_or(u64::MAX, |at| Moment::of(at).millis()), grant_version }
    }

    pub(crate) const fn is_over(self, now: Moment) -> bool {
        self.until <= now.millis()
    }
}

impl LoadedCredential {
    /// Asks the credential for its secrets once. That is author's code: call this where a panic is caught.
    pub(crate) fn new(
        value: AnyCredential,
        requirement: &Requirement,
        instance: Arc<Candidate>,
        lease: Lease,
    ) -> Self {
        let mut needles = Vec::new();
        requirement.secrets_of(&*value, &mut |field, secret| {
            needles.extend(Needle::new(requirement.key(), field, secret).map(Arc::new));
        });
        Self(Arc::new(Loaded { value, needles, instance, lease }))
    }

    /// The instance that it was read from, as it was then.
    pub(crate) fn instance(&self) -> &Candidate {
        &self.0.instance
    }

    /// Whether it may still be lent.
    pub(crate) fn is_lendable(&self, now: Moment) -> bool {
        !self.0.lease.is_over(now)
    }

    /// Which of the values that the instance has had since it was stored or connected.
    pub(crate) fn grant_version(&self) -> u64 {
        self.0.lease.grant_version
    }

    /// Whether a number as JSON writes it may show one of the secrets.
    pub(crate) fn may_be_a_number(&self) -> bool {
        self.0.needles.iter().any(|needle| needle.may_be_a_number())
    }

    /// The value, if it is a `C`.
    pub(crate) fn downcast<C: 'static>(&self) -> Option<&C> {
        self.0.value.downcast_ref()
    }
}

/// The credential of one requirement, and how it was chosen.
#[derive(Clone)]
pub(crate) struct Acquired {
    pub(crate) requirement: &'static Requirement,
    pub(crate) held: LoadedCredential,
    pub(crate) choice: Choice,
    /// Whether it was opened for this call, which has put it on record.
    pub(crate) is_fresh: bool,
}

/// The credentials of a call, without those that are optional and absent; most have one, which needs no allocation.
pub(crate) type Credentials = SmallVec<[Acquired; 1]>;

impl Redactor {
    /// Looks for every secret of what a call was lent.
    pub(crate) fn of<'c>(credentials: impl IntoIterator<Item = &'c LoadedCredential>) -> Self {
        Self::looking_for(credentials.into_iter().flat_map(|held| &held.0.needles).map(Arc::clone))
    }
}
