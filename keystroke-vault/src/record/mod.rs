//! What goes into a vault and comes out of its operations.

use std::sync::Arc;
use std::time::SystemTime;

use keystroke_core::{Assignment, Candidate, CredentialKind, Fields, Instance, Label};

use self::checks::{
    MOST, check_count, check_id, check_key, check_label, check_name, check_owner, check_text, check_value,
    no_fields, printable, unfit,
};
use crate::error::{Result, VaultError};
use crate::format::group::{Group, InstanceEntry};
use crate::time::from_millis;

pub(crate) mod checks;

/// An instance as it is stored, without its secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    /// Its identity, owner, marks, status and version.
    pub candidate: Arc<Candidate>,
    /// When it was first stored.
    pub created_at: SystemTime,
    /// When it was last changed in any way.
    pub updated_at: SystemTime,
    /// The names of its fields, sorted. Values come out only through a run.
    pub fields: Vec<String>,
    /// The assignments that name it (SEMANTICS R2).
    pub used_by: Vec<Assignment>,
}

impl Record {
    /// An entry of a group as operations return it.
    pub(crate) fn of(group: &Group, entry: &InstanceEntry) -> Self {
        Self {
            candidate: Arc::clone(&entry.candidate),
            created_at: from_millis(entry.created_at),
            updated_at: from_millis(entry.updated_at),
            fields: entry.fields().to_vec(),
            used_by: group.used_by(&entry.candidate.id),
        }
    }
}

/// An instance to store: an [`Instance`], which converts into it, and what the vault allows for it.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::Instance;
/// use keystroke_vault::NewInstance;
///
/// let new = NewInstance::new(
///     Instance::new("smtp").in_organization("acme").field("password", "correct horse").field("port", "25"),
/// )
/// .allow_short("port");
/// ```
#[derive(Debug)]
pub struct NewInstance {
    pub(crate) candidate: Candidate,
    pub(crate) new: NewFields,
}

impl NewInstance {
    /// Takes what `instance` says, except its version: the vault counts versions. An id of its own is kept if it is
    /// free; without one the vault gives it `<key>-` and twelve random characters.
    pub fn new(instance: Instance) -> Self {
        let (candidate, fields) = instance.into_parts();
        Self { candidate, new: NewFields::new(fields) }
    }

    /// Lets a field have a value of fewer than 8 bytes, now and when it is rotated. Redaction (SEMANTICS S3) does not
    /// look for such a value: this is for fields that are not secret, such as a region.
    #[must_use]
    pub fn allow_short(mut self, field: impl Into<String>) -> Self {
        self.new = self.new.allow_short(field);
        self
    }

    /// Checks names, sizes and values as [`Vault::add`](crate::Vault::add) does, without a vault.
    ///
    /// # Errors
    /// [`VaultError::InvalidText`], [`VaultError::InvalidValue`].
    pub fn check(&self) -> Result<()> {
        let candidate = &self.candidate;
        check_key(&candidate.key)?;
        check_name("the organization", &candidate.organization)?;
        check_owner(&candidate.owner)?;
        if !candidate.id.as_str().is_empty() {
            check_id(candidate.id.as_str())?;
        }
        check_label(candidate.label.as_ref())?;
        if let Some(account) = &candidate.account {
            check_text("the account", account)?;
        }
        if candidate.granted.len() > MOST {
            return Err(unfit(
                "the list of granted scopes",
                "has more than 64 entries",
                "grant fewer of them",
            ));
        }
        for scope in &candidate.granted {
            check_text("a granted scope", scope)?;
        }
        if self.new.fields.is_empty() && candidate.kind == CredentialKind::ApiKey {
            return Err(no_fields());
        }
        self.new.check(&[])
    }
}

impl From<Instance> for NewInstance {
    fn from(instance: Instance) -> Self {
        Self::new(instance)
    }
}

/// New values for an instance's fields: what [`Vault::rotate`](crate::Vault::rotate) takes. [`Fields`] convert into
/// it.
#[derive(Debug)]
pub struct NewFields {
    pub(crate) fields: Fields,
    pub(crate) short: Vec<String>,
    unset: Vec<String>,
    pub(crate) expires_at: Option<SystemTime>,
}

impl NewFields {
    /// These values. Those that are allowed to be short ([`Fields::allow_short`]) may be.
    pub fn new(fields: Fields) -> Self {
        let short = fields.short().map(str::to_owned).collect();
        Self { fields, short, unset: Vec::new(), expires_at: None }
    }

    /// As [`NewInstance::allow_short`].
    #[must_use]
    pub fn allow_short(mut self, field: impl Into<String>) -> Self {
        self.short.push(field.into());
        self
    }

    /// Removes a field that the instance has, one that was set by mistake for instance.
    #[must_use]
    pub fn unset(mut self, field: impl Into<String>) -> Self {
        self.unset.push(field.into());
        self
    }

    /// When the new values stop working. Without it they don't: the old values take their expiry with them.
    #[must_use]
    pub const fn expires_at(mut self, at: SystemTime) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Checks names and values; `allowed` fields were allowed to be short before.
    pub(crate) fn check(&self, allowed: &[String]) -> Result<()> {
        check_count(&self.fields)?;
        for name in &self.short {
            check_name("a field's name", name)?;
        }
        for (name, value) in self.fields.iter() {
            check_name("a field's name", name)?;
            let short = self.short.iter().chain(allowed).any(|short| short == name);
            check_value(name, value, short)?;
        }
        Ok(())
    }

    /// Puts the new values over `fields` and takes out what is unset. The limits apply to the result: each half may
    /// be within them and the whole above.
    pub(crate) fn merge_into(&mut self, fields: &mut Fields) -> Result<()> {
        for name in &self.unset {
            let refuse = |problem, fix: String| {
                Err(VaultError::InvalidText {
                    what: format!("the field `{}`", printable(name)),
                    problem,
                    fix,
                })
            };
            if self.fields.get(name).is_some() {
                return refuse("is both set and unset", "do only one of them".to_owned());
            }
            if fields.take(name).is_none() {
                let there = fields.names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                return refuse(
                    "is not a field of this instance, or is named twice",
                    format!("use one of {there}"),
                );
            }
        }
        let names: Vec<String> = self.fields.names().map(str::to_owned).collect();
        for name in names {
            if let Some(value) = self.fields.take(&name) {
                fields.set(name, value);
            }
        }
        if fields.is_empty() { Err(no_fields()) } else { check_count(fields) }
    }
}

impl From<Fields> for NewFields {
    fn from(fields: Fields) -> Self {
        Self::new(fields)
    }
}

/// Whether [`Vault::add`](crate::Vault::add) and [`Vault::move_to`](crate::Vault::move_to) may give an owner a second
/// instance of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Add {
    /// No: they refuse where the owner has an instance of the key, revoked or not.
    OnlyFirst,
    /// Yes.
    Another,
}

/// Which instances a verb is about; by default all of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this organization.
    pub organization: Option<String>,
    /// Only of this credential key.
    pub key: Option<String>,
}

/// A change to an instance that leaves its secret alone. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// A new label; `Some(None)` removes it.
    pub label: Option<Option<Label>>,
    /// `true` marks it as its owner's default for the key, and unmarks the other one (SEMANTICS R10); `false` removes
    /// its mark, also from a revoked instance.
    pub default: Option<bool>,
}

/// What [`Vault::verify`](crate::Vault::verify) looked at and found sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Instances that were opened.
    pub instances: usize,
    /// Pairs of organization and key whose seal fits.
    pub groups: usize,
    /// Assignments under those seals.
    pub assignments: usize,
    /// Rows of the audit record.
    pub audit_entries: u64,
    /// How often instances or assignments were changed since the vault was made.
    pub generation: u64,
}
