//! What goes into a vault and comes out of its verbs, and the checks on the way in.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use keystroke_core::{
    Assignment, Candidate, CredentialKind, Fields, Instance, LONGEST_SLUG, Label, Owner, TooShort, is_slug,
};
use keystroke_files::is_secret_path;

use crate::error::{Result, VaultError};

/// What names have at most, in bytes.
const LONGEST_NAME: usize = 128;
/// What labels, accounts and OAuth scopes have at most, in bytes.
const LONGEST_TEXT: usize = 256;
/// What one value has at most, in bytes: a key file or certificate chain fits.
const LONGEST_VALUE: usize = 64 * 1024;
/// Fields of an instance, and OAuth scopes of one.
const MOST: usize = 64;

/// An instance as it is stored, without its secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    /// Identity, owner, marks, status and version.
    pub candidate: Arc<Candidate>,
    /// When it was first stored.
    pub created_at: SystemTime,
    /// When it was last changed in any way.
    pub updated_at: SystemTime,
    /// The names of its fields, sorted. Values come out through a run only.
    pub fields: Vec<String>,
    /// The assignments that name it (SEMANTICS R2).
    pub used_by: Vec<Assignment>,
}

/// An instance to be stored: an [`Instance`], which converts into it, and what the vault is to allow for it.
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
    /// Takes what `instance` says, but for its version: the vault counts versions. An id of its own is kept
    /// if it is free; without one the vault gives it `<key>-` and twelve random characters.
    pub fn new(instance: Instance) -> Self {
        let (candidate, fields) = instance.into_parts();
        Self { candidate, new: NewFields::new(fields) }
    }

    /// Lets a field have a value of fewer than 8 bytes, now and when it is rotated. Redaction (SEMANTICS S3)
    /// does not look for such a value: this is for fields that are no secret, such as a region.
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
            check_slug("the id", candidate.id.as_str(), 2 * LONGEST_NAME)?;
        }
        check_label(candidate.label.as_ref())?;
        if let Some(account) = &candidate.account {
            check_text("the account", account, LONGEST_TEXT)?;
        }
        if candidate.granted.len() > MOST {
            return Err(unfit(
                "the list of granted scopes",
                "has more than 64 entries",
                "grant fewer of them",
            ));
        }
        for scope in &candidate.granted {
            check_text("a granted scope", scope, LONGEST_TEXT)?;
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

/// New values of an instance's fields: what [`Vault::rotate`](crate::Vault::rotate) takes. [`Fields`] convert
/// into it.
#[derive(Debug)]
pub struct NewFields {
    pub(crate) fields: Fields,
    pub(crate) short: Vec<String>,
    unset: Vec<String>,
    pub(crate) expires_at: Option<SystemTime>,
}

impl NewFields {
    /// These values; those that they allow to be short ([`Fields::allow_short`]) may be.
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

    /// Removes a field that the instance has: the way back from a field that was set by mistake.
    #[must_use]
    pub fn unset(mut self, field: impl Into<String>) -> Self {
        self.unset.push(field.into());
        self
    }

    /// When the new values stop working. Without it they don't: the expiry of the old ones goes with them.
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
            let refuse = |problem, fix: &str| {
                Err(VaultError::InvalidValue { field: name.to_owned(), problem, fix: fix.to_owned() })
            };
            let short = self.short.iter().chain(allowed).any(|short| short == name);
            if let Some(too_short) = TooShort::of(value, short) {
                return refuse(too_short.problem(), too_short.fix());
            }
            if value.expose_secret().len() > LONGEST_VALUE {
                return refuse("has more than 64 KiB", "store less in it");
            }
            // Text in UTF-16 that was read as UTF-8, say: no service takes it.
            if value.expose_secret().contains('\0') {
                return refuse("has a NUL character in it, as text in UTF-16 has", "store it as UTF-8");
            }
        }
        Ok(())
    }

    /// Puts the new values over `fields` and takes out what is to go. The limits are those of what becomes of
    /// it: each half may be within them and the whole above.
    pub(crate) fn merge_into(&mut self, fields: &mut Fields) -> Result<()> {
        for name in &self.unset {
            let refuse = |problem, fix: String| {
                Err(VaultError::InvalidText { what: format!("the field `{}`", shown(name)), problem, fix })
            };
            if self.fields.get(name).is_some() {
                return refuse("is to be set and unset at once", "do one of them".to_owned());
            }
            if fields.take(name).is_none() {
                let there = fields.names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                return refuse("is none of this instance, or is named twice", format!("use one of {there}"));
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

/// Whether [`Vault::add`](crate::Vault::add) may store a second instance for an owner and key, and
/// [`Vault::move_to`](crate::Vault::move_to) bring one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Add {
    /// It refuses where the owner has an instance of the key, revoked or not.
    OnlyFirst,
    /// It may.
    Another,
}

/// Which instances a verb is about. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this organization.
    pub organization: Option<String>,
    /// Only of this credential key.
    pub key: Option<String>,
}

/// A change of an instance that leaves its secret alone. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Another label, or with `Some(None)` none any more.
    pub label: Option<Option<Label>>,
    /// `true` marks it as its owner's default for the key, and unmarks the other (SEMANTICS R10); `false` takes its own
    /// mark away, that of a revoked one too.
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

fn invalid(what: &str, problem: &'static str) -> VaultError {
    unfit(what, problem, "use another name")
}

fn unfit(what: &str, problem: &'static str, fix: &str) -> VaultError {
    VaultError::InvalidText { what: what.to_owned(), problem, fix: fix.to_owned() }
}

fn no_fields() -> VaultError {
    unfit("the instance", "has no fields", "give it at least one")
}

fn check_count(fields: &Fields) -> Result<()> {
    if fields.names().count() > MOST {
        return Err(unfit("the instance", "has more than 64 fields", "give it fewer"));
    }
    Ok(())
}

/// A name as an error shows it: it may be anything.
fn shown(name: &str) -> String {
    name.chars().take(64).map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn check_text(what: &str, text: &str, longest: usize) -> Result<()> {
    if text.is_empty() {
        return Err(invalid(what, "is empty"));
    }
    if text.len() > longest {
        return Err(invalid(what, "is too long"));
    }
    // Lists are stored with line ends between their entries, and names are shown in terminals.
    if text.chars().any(char::is_control) {
        return Err(invalid(what, "holds control characters"));
    }
    Ok(())
}

pub(crate) fn check_name(what: &str, text: &str) -> Result<()> {
    check_text(what, text, LONGEST_NAME)
}

fn check_slug(what: &str, text: &str, longest: usize) -> Result<()> {
    check_text(what, text, longest)?;
    if is_slug(text) { Ok(()) } else { Err(invalid(what, "may only hold a–z, 0–9, `-` and `_`")) }
}

pub(crate) fn check_key(key: &str) -> Result<()> {
    check_slug("the key", key, LONGEST_NAME)
}

/// The slugs that the macros accept, and no others: an assignment to any other serves nothing, ever.
fn check_action(slug: &str) -> Result<()> {
    if (1..=LONGEST_SLUG).contains(&slug.len()) && is_slug(slug) {
        return Ok(());
    }
    Err(VaultError::InvalidText {
        what: "the action's slug".to_owned(),
        problem: "is not 1 to 64 of a–z, 0–9, `-` and `_`",
        // A slug made of a secret would still tell it.
        fix: if is_secret_path(Path::new(slug)) {
            "use the action's slug, such as `weather-now`".to_owned()
        } else {
            format!("use the action's slug, such as `{}`", slugged(slug))
        },
    })
}

/// The slug that somebody may have meant: `WeatherNow` is `weather-now`.
fn slugged(text: &str) -> String {
    let mut slug = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            slug.push('-');
        }
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        before = c;
        if slug.len() >= LONGEST_SLUG {
            break;
        }
    }
    // A hyphen and a letter in one step may be one too many.
    slug.truncate(LONGEST_SLUG);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "web-search".to_owned() } else { slug.to_owned() }
}

pub(crate) fn check_owner(owner: &Owner) -> Result<()> {
    match owner {
        Owner::Organization => Ok(()),
        Owner::Project(name) => check_name("the project", name),
        Owner::User(name) => check_name("the user", name),
    }
}

pub(crate) fn check_label(label: Option<&Label>) -> Result<()> {
    label.map_or(Ok(()), |label| check_text("the label", label.as_str(), LONGEST_TEXT))
}

pub(crate) fn check_assignment(assignment: &Assignment) -> Result<()> {
    check_name("the organization", &assignment.organization)?;
    check_name("the project", &assignment.project)?;
    check_action(&assignment.action)?;
    if assignment.consumer.kind() == "direct" {
        Ok(())
    } else {
        check_name("the consumer", assignment.consumer.slug())
    }
}
