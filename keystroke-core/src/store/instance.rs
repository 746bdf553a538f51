//! Stored credentials as the resolver sees them: identity, owner, marks and status, apart from the secret.
//!
//! [`Candidate`] is what may be looked at to choose; [`Instance`] adds the secret part, [`Fields`], as a store is given it.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::fields::Fields;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::Scope;
use crate::store::secret::SecretString;

/// The stable name of one instance. It is not a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceId(String);

impl InstanceId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for InstanceId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// What people call an instance, such as `Production Slack`. Shown in lists and errors; never a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(String);

impl Label {
    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an id and a label are made of: a text, owned or borrowed, as `String` itself takes it.
macro_rules! from_texts {
    ($name:ident: $($text:ty),*) => {
        $(impl From<$text> for $name {
            fn from(text: $text) -> Self {
                Self(text.into())
            }
        })*

        impl From<&Self> for $name {
            fn from(other: &Self) -> Self {
                other.clone()
            }
        }
    };
}
from_texts!(InstanceId: &str, String, &String, Box<str>, Cow<'_, str>);
from_texts!(Label: &str, String, &String, Box<str>, Cow<'_, str>);

/// Who an instance belongs to within its organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// The organization itself.
    Organization,
    /// One project of it.
    Project(String),
    /// One user of it.
    User(String),
}

impl Owner {
    /// The scope of this owner.
    pub const fn scope(&self) -> Scope {
        match self {
            Self::Organization => Scope::Organization,
            Self::Project(_) => Scope::Project,
            Self::User(_) => Scope::User,
        }
    }

    /// Whether a run of this project, and of this user if it has one, may use what belongs to this owner. Both must be of the
    /// same organization, which the caller has to check (SEMANTICS R0).
    pub fn reached_by(&self, project: &str, user: Option<&str>) -> bool {
        match self {
            Self::Organization => true,
            Self::Project(owner) => owner == project,
            Self::User(owner) => user == Some(owner),
        }
    }
}

/// Whether an instance can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It can.
    #[default]
    Active,
    /// Its account must be connected again first.
    NeedsReconnect,
    /// It was revoked, and is never used again.
    Revoked,
}

/// One stored instance without its secret: all that resolution may look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The instance's stable id.
    pub id: InstanceId,
    /// The credential key it is for, such as `exa`.
    pub key: String,
    /// The organization it belongs to; nothing crosses organizations (SEMANTICS R0).
    pub organization: String,
    /// Who in the organization it belongs to.
    pub owner: Owner,
    /// How it came to be.
    pub kind: CredentialKind,
    /// What people call it.
    pub label: Option<Label>,
    /// Whether it is the default of its owner for its key (SEMANTICS R10).
    pub default: bool,
    /// Whether it can be used.
    pub status: Status,
    /// Counts up with each new secret.
    pub version: u64,
    /// A value of the store's own that no two stored secrets share, such as a digest of the sealed one: versions may
    /// come again after a restore, this does not. Part of every cache key; not a secret. Zero where a store never
    /// changes.
    pub revision: [u8; 16],
    /// The account at the third party, such as `ada@example.com`.
    pub account: Option<String>,
    /// OAuth scopes that the account granted.
    pub granted: Vec<String>,
    /// When it certainly stops working, if it does: of what renews, the end of the grant and not of the token that it has now
    /// ([`Opened::lend_until`](crate::Opened::lend_until)).
    pub expires_at: Option<SystemTime>,
    /// The names of its fields, where the store knows them without opening it: a preflight then tells those that are
    /// missing. Never a value.
    pub fields: Option<Arc<[String]>>,
}

impl Candidate {
    /// The scope it belongs to.
    pub const fn scope(&self) -> Scope {
        self.owner.scope()
    }

    /// Whether this is still what was `chosen`: the same instance, owner, key, kind, status and secret. Its label, default
    /// mark, account, scopes and end may differ: none of them makes the secret that was chosen another one, and a renewal may
    /// move the end. A store that takes scopes away counts the version up.
    pub fn is_still(&self, chosen: &Self) -> bool {
        let Self { id, key, organization, owner, kind, status, version, revision, .. } = chosen;
        (&self.id, &self.key, &self.organization, &self.owner) == (id, key, organization, owner)
            && (self.kind, self.status) == (*kind, *status)
            && self.stamp() == (*version, *revision)
    }

    /// What tells one secret of the instance from another.
    pub(crate) const fn stamp(&self) -> (u64, [u8; 16]) {
        (self.version, self.revision)
    }
}

/// An instance to be stored: a [`Candidate`] and its [`Fields`].
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{Instance, MemoryStore};
///
/// let store = MemoryStore::new()
///     .with(Instance::new("exa").in_organization("acme").field("api_key", "shared-key"))
///     .with(Instance::new("exa").in_project("acme", "research").field("api_key", "own-key").label("Research").default());
/// ```
///
/// Until [`in_organization`](Self::in_organization), [`in_project`](Self::in_project), [`of_user`](Self::of_user) or
/// [`owned`](Self::owned) places it, it belongs to no organization, and no run can reach it.
#[derive(Debug)]
pub struct Instance {
    candidate: Candidate,
    fields: Fields,
}

impl Instance {
    /// An instance for the credential `key`, of kind `api_key`, active, at version 1. Its id is empty until
    /// [`id`](Self::id) or the store gives it one.
    pub fn new(key: impl Into<String>) -> Self {
        let candidate = Candidate {
            id: InstanceId(String::new()),
            key: key.into(),
            organization: String::new(),
            owner: Owner::Organization,
            kind: CredentialKind::ApiKey,
            label: None,
            default: false,
            status: Status::Active,
            version: 1,
            revision: [0; 16],
            account: None,
            granted: Vec::new(),
            expires_at: None,
            fields: Some(Arc::default()),
        };
        Self { candidate, fields: Fields::new() }
    }

    /// Places it in the scope of an organization.
    #[must_use]
    pub fn in_organization(self, organization: impl Into<String>) -> Self {
        self.owned(organization, Owner::Organization)
    }

    /// Places it in the scope of a project.
    #[must_use]
    pub fn in_project(self, organization: impl Into<String>, project: impl Into<String>) -> Self {
        self.owned(organization, Owner::Project(project.into()))
    }

    /// Places it in the scope of a user.
    #[must_use]
    pub fn of_user(self, organization: impl Into<String>, user: impl Into<String>) -> Self {
        self.owned(organization, Owner::User(user.into()))
    }

    /// Places it with any owner.
    #[must_use]
    pub fn owned(mut self, organization: impl Into<String>, owner: Owner) -> Self {
        self.candidate.organization = organization.into();
        self.candidate.owner = owner;
        self
    }

    /// Sets a field.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.fields.set(name, value);
        self.candidate.fields = Some(self.fields.names().map(str::to_owned).collect());
        self
    }

    /// Allows a field to have fewer than 8 bytes. Redaction (SEMANTICS S3) does not look for such a value, so
    /// stores refuse it otherwise; no field may be empty. Fields that the credential declares as `plain` need this in the
    /// vault, which does not know what is declared, and not in a [`MemoryStore`](crate::MemoryStore).
    #[must_use]
    pub fn allow_short(mut self, field: impl Into<String>) -> Self {
        self.fields.allow_short(field);
        self
    }

    /// Gives it an id.
    #[must_use]
    pub fn id(mut self, id: impl Into<InstanceId>) -> Self {
        self.candidate.id = id.into();
        self
    }

    /// Gives it a label.
    #[must_use]
    pub fn label(mut self, label: impl Into<Label>) -> Self {
        self.candidate.label = Some(label.into());
        self
    }

    /// Marks it as the default of its owner (SEMANTICS R10).
    #[must_use]
    pub fn default(mut self) -> Self {
        self.candidate.default = true;
        self
    }

    /// Sets its kind.
    #[must_use]
    pub fn kind(mut self, kind: CredentialKind) -> Self {
        self.candidate.kind = kind;
        self
    }

    /// Sets its status.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.candidate.status = status;
        self
    }

    /// Sets its version.
    #[must_use]
    pub fn version(mut self, version: u64) -> Self {
        self.candidate.version = version;
        self
    }

    /// Names the account behind it.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.candidate.account = Some(account.into());
        self
    }

    /// Lists the OAuth scopes that were granted.
    #[must_use]
    pub fn granted<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.candidate.granted = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets when it stops working.
    #[must_use]
    pub fn expires_at(mut self, at: SystemTime) -> Self {
        self.candidate.expires_at = Some(at);
        self
    }

    /// The part without secrets.
    pub const fn candidate(&self) -> &Candidate {
        &self.candidate
    }

    /// Both parts, for a store.
    pub fn into_parts(self) -> (Candidate, Fields) {
        (self.candidate, self.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_labels_are_made_of_every_kind_of_text() {
        let owned = "in-1".to_owned();
        let ids: [InstanceId; 7] = [
            "in-1".into(),
            (&owned).into(),
            owned.clone().into_boxed_str().into(),
            Cow::Borrowed("in-1").into(),
            Cow::<str>::Owned(owned.clone()).into(),
            (&InstanceId::from("in-1")).into(),
            owned.clone().into(),
        ];
        assert!(ids.iter().all(|id| id.as_str() == "in-1"));
        let labels: [Label; 5] = [
            "in-1".into(),
            (&owned).into(),
            Cow::Borrowed("in-1").into(),
            (&Label::from("in-1")).into(),
            owned.into(),
        ];
        assert!(labels.iter().all(|label| label.as_str() == "in-1"));
    }
}
