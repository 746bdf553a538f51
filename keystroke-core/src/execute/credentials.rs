//! Credentials as a call holds them: read and checked, without their types, and with their secrets in the forms that are
//! kept out of results.

use std::any::Any;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::declare::requirement::{AnyCredential, Requirement};
use crate::redact::{Needle, Redactor};
use crate::resolve::resolved::Choice;
use crate::store::instance::Candidate;

/// A credential that was read from an opened instance. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LoadedCredential(Arc<Loaded>);

struct Loaded {
    value: Box<dyn Any + Send + Sync>,
    needles: Vec<Arc<Needle>>,
    instance: Arc<Candidate>,
}

impl LoadedCredential {
    /// Asks the credential for its secrets once. That is author's code: call this where a panic is caught.
    pub(crate) fn new(value: AnyCredential, requirement: &Requirement, instance: Arc<Candidate>) -> Self {
        let mut needles = Vec::new();
        requirement.secrets_of(&*value, &mut |field, secret| {
            needles.extend(Needle::new(requirement.key(), field, secret).map(Arc::new));
        });
        Self(Arc::new(Loaded { value, needles, instance }))
    }

    /// The instance that it was read from, as it was then.
    pub(crate) fn instance(&self) -> &Candidate {
        &self.0.instance
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
