//! A credential as an action asks for it, without its type: what resolution and the cache work with.

use std::any::{Any, TypeId};
use std::fmt;

use crate::declare::credential::{Credential, Declared, FieldProblem, FieldReader};
use crate::declare::field::FieldSpec;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::{Scope, ScopePin};
use crate::resolve::query::{Demand, DemandedFields};
use crate::store::fields::Fields;
use crate::store::instance::Candidate;

/// Shows the secrets of a credential without its type.
type SecretsOf = fn(&(dyn Any + Send + Sync), &mut dyn FnMut(&'static str, &str));

/// A credential without its type.
pub(crate) type AnyCredential = Box<dyn Any + Send + Sync>;

/// What one credential parameter of an action asks for, without its type.
#[derive(Clone, Copy)]
pub struct Requirement {
    demand: Demand<'static>,
    kind: CredentialKind,
    name: &'static str,
    description: &'static str,
    pin: Option<Scope>,
    optional: bool,
    read: fn(Fields, &Candidate) -> Result<AnyCredential, Vec<FieldProblem>>,
    secrets: SecretsOf,
    type_id: TypeId,
    declared: fn() -> Declared,
    declared_pin: fn() -> Option<Scope>,
}

impl Requirement {
    /// The requirement of a parameter `&C`.
    pub const fn of<C: Credential>() -> Self {
        Self {
            demand: Demand {
                key: C::KEY,
                fields: DemandedFields::Declared(C::FIELDS),
                oauth_scopes: C::OAUTH_SCOPES,
            },
            kind: C::KIND,
            name: C::NAME,
            description: C::DESCRIPTION,
            pin: <C::Pin as ScopePin>::SCOPE,
            optional: false,
            read: read_any::<C>,
            secrets: secrets_of_any::<C>,
            type_id: TypeId::of::<C>(),
            declared: C::declared,
            declared_pin: C::declared_pin,
        }
    }

    /// The requirement of a parameter `Option<&C>`: where the credential is absent, the action runs without it (SEMANTICS
    /// R11).
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The credential's key.
    pub const fn key(&self) -> &'static str {
        self.demand.key
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

    /// Whether the action runs without it where it is absent (SEMANTICS R11).
    pub const fn is_optional(&self) -> bool {
        self.optional
    }

    /// Its fields.
    pub const fn fields(&self) -> &'static [FieldSpec] {
        match self.demand.fields {
            DemandedFields::Declared(fields) => fields,
            DemandedFields::Listed(_) => &[],
        }
    }

    /// The OAuth scopes it asks for.
    pub const fn oauth_scopes(&self) -> &'static [&'static str] {
        self.demand.oauth_scopes
    }

    /// The Rust type behind it.
    pub fn type_name(&self) -> &'static str {
        self.declared().1
    }

    pub(crate) const fn demand(&self) -> &Demand<'static> {
        &self.demand
    }

    pub(crate) fn secrets_of(
        &self,
        value: &(dyn Any + Send + Sync),
        each: &mut dyn FnMut(&'static str, &str),
    ) {
        (self.secrets)(value, each);
    }

    pub(crate) fn declared(&self) -> Declared {
        (self.declared)()
    }

    /// The pin of the credential itself, whatever its parameter says.
    pub(crate) fn declared_pin(&self) -> Option<Scope> {
        (self.declared_pin)()
    }

    pub(crate) fn type_id(&self) -> TypeId {
        self.type_id
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
            .field("key", &self.key())
            .field("kind", &self.kind)
            .field("pin", &self.pin)
            .field("optional", &self.optional)
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
