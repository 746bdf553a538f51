//! What code declares: a credential's key, kind and fields, and how its values are read from an opened instance.
//!
//! `#[credential]` implements [`Credential`]; it can be written by hand as well. [`Requirement`](crate::Requirement) is one such
//! credential as an action asks for it, without its type.

use std::any::{TypeId, type_name};
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::time::SystemTime;

use serde::Serialize;

use crate::declare::field::FieldSpec;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::{PinFor, PinScope, Scope, ScopePin};
use crate::store::fields::Fields;
use crate::store::instance::Candidate;
use crate::store::secret::SecretString;

/// A typed credential: what `#[credential]` makes of a struct.
///
/// A credential lends itself to an action for one call. It can be neither cloned, compared, printed nor
/// serialised (SEMANTICS S1).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a credential",
    label = "not a credential",
    note = "put `#[keystroke::credential(key = \"…\")]` on the struct"
)]
pub trait Credential: Sized + Send + Sync + 'static {
    /// The app's slug, such as `exa`: what the store is asked for.
    const KEY: &'static str;
    /// How its instances come to be.
    const KIND: CredentialKind = CredentialKind::ApiKey;
    /// What people call it.
    const NAME: &'static str = Self::KEY;
    /// What it is and where to get one, for the person who stores it; may be empty.
    const DESCRIPTION: &'static str = "";
    /// Its pin, if it has one.
    type Pin: ScopePin;
    /// The fields that an instance must have.
    const FIELDS: &'static [FieldSpec];
    /// OAuth scopes that an instance must have been granted.
    const OAUTH_SCOPES: &'static [&'static str] = &[];

    /// Reads a value from an opened instance. `None` if a field is missing or wrong: the reader then knows which.
    fn read(from: &mut FieldReader<'_>) -> Option<Self>;

    /// Shows each secret with its field's name to `each`: what the redaction of results looks for (SEMANTICS S3).
    fn secrets(&self, each: &mut dyn FnMut(&'static str, &str));

    /// The type that was declared, behind any [`Pinned`].
    #[doc(hidden)]
    fn declared() -> Declared {
        (TypeId::of::<Self>(), type_name::<Self>())
    }

    /// The pin of the type that was declared, behind any [`Pinned`].
    #[doc(hidden)]
    fn declared_pin() -> Option<Scope> {
        <Self::Pin as ScopePin>::SCOPE
    }
}

/// A credential's type and its name.
pub type Declared = (TypeId, &'static str);

/// A credential of type `C`, pinned to the scope `S` by the parameter that asks for it.
///
/// It reads like a `C`. In a unit test, `Pinned::new` makes one.
pub struct Pinned<C, S> {
    credential: C,
    scope: S,
}

impl<C: Credential, S> Pinned<C, S> {
    /// Pins `credential`; for calling an action's function in a test.
    pub fn new(credential: C) -> Self
    where
        S: PinScope + PinFor<C::Pin> + Default,
    {
        Self { credential, scope: S::default() }
    }
}

impl<C, S: ScopePin> Pinned<C, S> {
    /// The scope it is pinned to.
    pub const fn scope(&self) -> S {
        self.scope
    }
}

impl<C, S> Deref for Pinned<C, S> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.credential
    }
}

impl<C: fmt::Debug, S> fmt::Debug for Pinned<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.credential.fmt(f)
    }
}

impl<C: Credential, S: ScopePin + Default> Credential for Pinned<C, S> {
    const KEY: &'static str = C::KEY;
    const KIND: CredentialKind = C::KIND;
    const NAME: &'static str = C::NAME;
    const DESCRIPTION: &'static str = C::DESCRIPTION;
    type Pin = S;
    const FIELDS: &'static [FieldSpec] = C::FIELDS;
    const OAUTH_SCOPES: &'static [&'static str] = C::OAUTH_SCOPES;

    fn read(from: &mut FieldReader<'_>) -> Option<Self> {
        Some(Self { credential: C::read(from)?, scope: S::default() })
    }

    fn secrets(&self, each: &mut dyn FnMut(&'static str, &str)) {
        self.credential.secrets(each);
    }

    fn declared() -> Declared {
        C::declared()
    }

    fn declared_pin() -> Option<Scope> {
        C::declared_pin()
    }
}

/// A connection that calls go through: the one field of a `kind = keystroke` credential. It names the instance
/// and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    id: crate::store::instance::InstanceId,
    account: Option<String>,
}

impl Connection {
    /// The instance it stands for.
    pub const fn instance(&self) -> &crate::store::instance::InstanceId {
        &self.id
    }

    /// The account behind it.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

/// A type that a credential's field can be read as. Every `FromStr` type is one, and so is [`SecretString`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a credential field",
    label = "cannot be read from text",
    note = "use `SecretString` for a secret; for what may be shown, `String`, a number, `bool` or any `FromStr` type, marked `#[field(plain)]`",
    note = "`Option<…>` of one of these makes a field that may be absent"
)]
pub trait FieldValue: Sized {
    /// Reads it from text. The error names what is wrong and never repeats the text.
    fn from_text(text: SecretString) -> Result<Self, String>;
}

impl FieldValue for SecretString {
    fn from_text(text: SecretString) -> Result<Self, String> {
        Ok(text)
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> FieldValue for T {
    fn from_text(text: SecretString) -> Result<Self, String> {
        // The parser's own message may quote the value, so it is dropped.
        text.expose_secret().parse().map_err(|_| format!("is not a valid {}", short_type_name::<T>()))
    }
}

/// `url::Url` → `Url`: a type's name as its user would write it.
fn short_type_name<T>() -> &'static str {
    let name = type_name::<T>();
    if name.contains('<') { name } else { name.rsplit("::").next().unwrap_or(name) }
}

/// The one secret of an OAuth connection that an action is lent.
const ACCESS_TOKEN: &str = "access_token";

/// What is wrong with a field that is not there.
const MISSING: &str = "is missing";

/// One field that is wrong: its name and in what way, never its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The field; empty where the credential as a whole is wrong.
    pub field: String,
    /// What is wrong with it, such as `is missing`.
    pub problem: String,
}

impl FieldProblem {
    /// A field that is not there.
    pub(crate) fn missing(field: &str) -> Self {
        Self { field: field.to_owned(), problem: MISSING.to_owned() }
    }

    /// Whether the field is not there.
    pub(crate) fn is_missing(&self) -> bool {
        self.problem == MISSING
    }
}

/// Reads the fields of an opened instance and collects all that is wrong with them.
pub struct FieldReader<'a> {
    fields: Fields,
    instance: &'a Candidate,
    pub(crate) problems: Vec<FieldProblem>,
}

impl<'a> FieldReader<'a> {
    pub(crate) const fn new(fields: Fields, instance: &'a Candidate) -> Self {
        Self { fields, instance, problems: Vec::new() }
    }

    /// A field that must be there.
    pub fn required<T: FieldValue>(&mut self, name: &'static str) -> Option<T> {
        match self.optional(name) {
            Some(None) => {
                self.problems.push(FieldProblem::missing(name));
                None
            }
            Some(found) => found,
            None => None,
        }
    }

    /// A field that may be absent: `None` if it is there and wrong, `Some(None)` if it is absent.
    ///
    /// Of an OAuth connection only `access_token` is ever there (SEMANTICS O3), whatever its store gives.
    pub fn optional<T: FieldValue>(&mut self, name: &'static str) -> Option<Option<T>> {
        if self.instance.kind == CredentialKind::OauthManaged && name != ACCESS_TOKEN {
            return Some(None);
        }
        let Some(text) = self.fields.take(name) else { return Some(None) };
        match T::from_text(text) {
            Ok(value) => Some(Some(value)),
            Err(problem) => {
                self.problem(name, problem);
                None
            }
        }
    }

    /// A plain field that has a default, given as text.
    pub fn or_default<T: FieldValue>(&mut self, name: &'static str, default: &'static str) -> Option<T> {
        match self.optional(name) {
            Some(None) => match T::from_text(default.into()) {
                Ok(value) => Some(value),
                Err(problem) => {
                    self.problem(name, format!("has a default that {problem}"));
                    None
                }
            },
            Some(found) => found,
            None => None,
        }
    }

    /// The account behind the instance.
    pub fn account(&self) -> Option<String> {
        self.instance.account.clone()
    }

    /// When the instance certainly stops working: of an OAuth connection, the end of its grant.
    pub const fn expires_at(&self) -> Option<SystemTime> {
        self.instance.expires_at
    }

    /// The OAuth scopes granted to the instance.
    pub fn granted_scopes(&self) -> Vec<String> {
        self.instance.granted.clone()
    }

    /// The handle to call through.
    pub fn connection(&self) -> Connection {
        Connection { id: self.instance.id.clone(), account: self.instance.account.clone() }
    }

    /// Notes that a field is wrong. `problem` must not repeat its value.
    pub fn problem(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.problems.push(FieldProblem { field: field.into(), problem: problem.into() });
    }

    /// Checks `credential` with its author's own function. The text of an error is scrubbed of the secrets.
    pub fn validate<C: Credential, E: fmt::Display>(
        &mut self,
        credential: C,
        check: impl FnOnce(&C) -> Result<(), E>,
    ) -> Option<C> {
        match check(&credential) {
            Ok(()) => Some(credential),
            Err(error) => {
                let mut secrets = crate::redact::Redactor::new();
                credential.secrets(&mut |field, value| secrets.add(C::KEY, field, value));
                self.problem("", secrets.scrub(error.to_string()).into_inner());
                None
            }
        }
    }
}
