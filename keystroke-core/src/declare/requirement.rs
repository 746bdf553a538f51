//! A credential as an action asks for it, without its type: what resolution and the cache work with.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use crate::declare::credential::{Credential, Declared, FieldProblem, FieldReader};
use crate::declare::field::FieldSpec;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::{Scope, ScopePin};
use crate::redact::{Needle, Redactor};
use crate::store::instance::{Candidate, Fields};

/// Shows the secrets of a credential without its type.
type SecretsOf = fn(&(dyn Any + Send + Sync), &mut dyn FnMut(&'static str, &str));

/// A credential without its type.
pub(crate) type AnyCredential = Box<dyn Any + Send + Sync>;

/// A value lent to an action, with its secrets in the forms that are kept out of results.
#[derive(Clone)]
pub(crate) struct Held(Arc<Lendable>);

struct Lendable {
    value: AnyCredential,
    needles: Vec<Arc<Needle>>,
    instance: Arc<Candidate>,
}

impl Held {
    /// Asks the credential for its secrets once; author's code, so to be called where a panic is caught.
    pub(crate) fn new(value: AnyCredential, requirement: &Requirement, instance: Arc<Candidate>) -> Self {
        let mut needles = Vec::new();
        (requirement.secrets)(&*value, &mut |field, secret| {
            needles.extend(Needle::new(requirement.key, field, secret).map(Arc::new));
        });
        Self(Arc::new(Lendable { value, needles, instance }))
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

/// What one credential parameter of an action asks for, without its type.
#[derive(Clone, Copy)]
pub struct Requirement {
    key: &'static str,
    kind: CredentialKind,
    name: &'static str,
    description: &'static str,
    pin: Option<Scope>,
    fields: &'static [FieldSpec],
    oauth_scopes: &'static [&'static str],
    read: fn(Fields, &Candidate) -> Result<AnyCredential, Vec<FieldProblem>>,
    secrets: SecretsOf,
    type_id: fn() -> TypeId,
    declared: fn() -> Declared,
    declared_pin: fn() -> Option<Scope>,
}

impl Requirement {
    /// The requirement of a parameter `&C`.
    pub const fn of<C: Credential>() -> Self {
        Self {
            key: C::KEY,
            kind: C::KIND,
            name: C::NAME,
            description: C::DESCRIPTION,
            pin: <C::Pin as ScopePin>::SCOPE,
            fields: C::FIELDS,
            oauth_scopes: C::OAUTH_SCOPES,
            read: read_any::<C>,
            secrets: secrets_of_any::<C>,
            type_id: TypeId::of::<C>,
            declared: C::declared,
            declared_pin: C::declared_pin,
        }
    }

    /// The credential's key.
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// Its kind.
    pub const fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// What people call it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it is and where to get one; may be empty.
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// The pin that the credential itself, or its parameter, has.
    pub const fn pin(&self) -> Option<Scope> {
        self.pin
    }

    /// Its fields.
    pub const fn fields(&self) -> &'static [FieldSpec] {
        self.fields
    }

    /// The OAuth scopes it asks for.
    pub const fn oauth_scopes(&self) -> &'static [&'static str] {
        self.oauth_scopes
    }

    /// The Rust type behind it.
    pub fn type_name(&self) -> &'static str {
        self.declared().1
    }

    pub(crate) fn declared(&self) -> Declared {
        (self.declared)()
    }

    /// The pin of the credential itself, whatever its parameter says.
    pub(crate) fn declared_pin(&self) -> Option<Scope> {
        (self.declared_pin)()
    }

    pub(crate) fn type_id(&self) -> TypeId {
        (self.type_id)()
    }

    pub(crate) fn read(
        &self,
        fields: Fields,
        instance: &Candidate,
    ) -> Result<AnyCredential, Vec<FieldProblem>> {
        (self.read)(fields, instance)
    }
}

impl fmt::Debug for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requirement")
            .field("key", &self.key)
            .field("kind", &self.kind)
            .field("pin", &self.pin)
            .field("type", &self.type_name())
            .finish()
    }
}

fn read_any<C: Credential>(fields: Fields, instance: &Candidate) -> Result<AnyCredential, Vec<FieldProblem>> {
    let mut reader = FieldReader::new(fields, instance);
    match C::read(&mut reader) {
        Some(credential) if reader.problems.is_empty() => Ok(Box::new(credential)),
        _ => {
            if reader.problems.is_empty() {
                reader.problem("", "was refused by the credential's `read`");
            }
            Err(reader.problems)
        }
    }
}

fn secrets_of_any<C: Credential>(value: &(dyn Any + Send + Sync), each: &mut dyn FnMut(&'static str, &str)) {
    if let Some(credential) = value.downcast_ref::<C>() {
        credential.secrets(each);
    }
}

impl Redactor {
    /// Looks for every secret of what an execution was lent.
    pub(crate) fn of<'h>(held: impl IntoIterator<Item = &'h Held>) -> Self {
        Self::looking_for(held.into_iter().flat_map(|held| &held.0.needles).map(Arc::clone))
    }
}
