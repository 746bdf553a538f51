//! What an application asks for, as data: its actions, their credentials, and the fields of these. The application
//! prints it ([`Toolset::manifest`](crate::Toolset::manifest)), and `keystroke check` and `keystroke credentials set` read it.
//!
//! It holds no secret and nothing of a run. Within a format, fields may be added but never change their meaning; readers
//! ignore those that they do not know.

mod read;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::read::{ManifestError, ManifestProblem};
use crate::declare::action::Annotations;
use crate::declare::field::{FieldSpec, FieldType};
use crate::declare::kind::CredentialKind;
use crate::declare::requirement::Requirement;
use crate::declare::scope::Scope;
use crate::execute::execution::ActionFacts;
use crate::resolve::preflight::{Preflight, PreflightFinding};
use crate::resolve::query::{Demand, DemandedFields};
use crate::resolve::resolver::Resolver;
use crate::resolve::trace::Resolution;
use crate::run::actor::AnyRun;
use crate::run::runtime::RunInner;
use crate::tools::tool::ToolDescriptor;

/// What an application asks for. `Display` is its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(
    description = "What an application asks for: its actions, their credentials, and the fields of these."
)]
#[non_exhaustive]
pub struct Manifest {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    pub format: u32,
    /// Whose manifest it is.
    pub application: Application,
    /// Its actions, in the order of its list.
    pub actions: Vec<ManifestAction>,
    /// The credentials that the actions ask for, each once.
    pub credentials: Vec<ManifestCredential>,
}

/// Whose manifest it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Application {
    /// An application's name and version; [`manifest!`](../keystroke/macro.manifest.html) takes those of the caller's crate.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into() }
    }
}

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ManifestAction {
    /// Its stable identity.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Hints for clients.
    pub annotations: ManifestAnnotations,
    /// Whether it acts for a user: a run without one can't call it, even where all that it asks for is optional.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_user: bool,
    /// The credentials that it asks for.
    pub requires: Vec<ManifestRequirement>,
}

/// Hints for clients about an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ManifestAnnotations {
    /// It changes nothing.
    pub read_only: bool,
    /// It may destroy something.
    pub destructive: bool,
    /// Doing it twice is like doing it once.
    pub idempotent: bool,
}

/// One credential that an action asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ManifestRequirement {
    /// The key of one of the credentials.
    pub credential: String,
    /// The scope that this use of it is pinned to, whether by the credential, the action or the list.
    #[serde(deserialize_with = "read::present")]
    #[schemars(required)]
    pub pin: Option<Scope>,
    /// Whether the action runs without it where it is absent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// One credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ManifestCredential {
    /// What stores are asked for.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What it is and where to get one; may be empty.
    pub description: String,
    /// How its instances come to be.
    pub kind: CredentialKind,
    /// The scope that the credential itself is pinned to.
    #[serde(deserialize_with = "read::present")]
    #[schemars(required)]
    pub pin: Option<Scope>,
    /// The OAuth scopes that an instance must have been granted.
    pub oauth_scopes: Vec<String>,
    /// Its fields, as stores name them.
    pub fields: Vec<ManifestField>,
}

/// One field of a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ManifestField {
    /// Its name in the store.
    pub name: String,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// Whether an instance must have it.
    pub required: bool,
    /// What its text is read as.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// What is read where an instance lacks it; only a field that may be shown has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What it is; may be empty.
    pub description: String,
}

impl Manifest {
    /// The format that this version writes, and the newest that it reads.
    pub const FORMAT: u32 = 1;

    /// What the tools of an application ask for.
    pub(crate) fn of(
        application: Application,
        tools: impl Iterator<Item = (ToolDescriptor, &'static ActionFacts)>,
    ) -> Self {
        let (mut actions, mut credentials) = (Vec::new(), Vec::<ManifestCredential>::new());
        for (descriptor, facts) in tools {
            for requirement in facts.requirements {
                if credentials.iter().all(|known| known.key != requirement.key()) {
                    credentials.push(requirement.into());
                }
            }
            actions.push(ManifestAction::new(&descriptor, facts));
        }
        Self { format: Self::FORMAT, application, actions, credentials }
    }

    /// The credential of this key.
    pub fn credential(&self, key: &str) -> Option<&ManifestCredential> {
        self.credentials.iter().find(|credential| credential.key == key)
    }

    /// Whether a run, with or without a user, goes without the credential of a key where it is absent: all actions that ask
    /// for it do (SEMANTICS R11).
    pub fn may_lack(&self, key: &str, has_user: bool) -> bool {
        let mut asked = false;
        self.actions.iter().all(|action| {
            action.requires.iter().filter(|one| one.credential == key).all(|requirement| {
                asked = true;
                action.may_lack(requirement, has_user)
            })
        }) && asked
    }

    /// How every requirement would resolve in this run, by the rules of a call and without touching a secret: what
    /// [`Toolset::preflight`](crate::Toolset::preflight) says, for an application that is not of this process. A
    /// requirement that is pinned to the user scope is `no_user` in a run without one.
    pub async fn preflight(&self, run: &impl AnyRun) -> Preflight {
        let mut findings = Vec::new();
        let run = run.inner();
        for action in &self.actions {
            for requirement in &action.requires {
                // A requirement always names one: reading checks it.
                if let Some(credential) = self.credential(&requirement.credential) {
                    let (pin, slug) = (requirement.pin, &action.slug);
                    let optional = action.may_lack(requirement, run.facts.user.is_some());
                    let resolution = credential.explain(run, pin, optional, slug).await;
                    findings.push(PreflightFinding { action: slug.clone().into(), resolution });
                }
            }
        }
        Preflight { missing_state: Vec::new(), findings }
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}

impl ManifestAction {
    fn new(descriptor: &ToolDescriptor, facts: &ActionFacts) -> Self {
        let Annotations { read_only, destructive, idempotent } = descriptor.annotations;
        let requires = facts.requirements.iter().map(|requirement| ManifestRequirement {
            credential: requirement.key().to_owned(),
            pin: facts.pin_of(requirement),
            optional: requirement.is_optional(),
        });
        Self {
            slug: facts.slug.to_owned(),
            name: descriptor.title.to_owned(),
            description: descriptor.description.to_owned(),
            annotations: ManifestAnnotations { read_only, destructive, idempotent },
            // An `Action` that is implemented by hand may be pinned to the user scope and say that it needs none; a call then
            // is `no_user`, whatever is optional.
            needs_user: descriptor.needs_user || facts.pin == Some(Scope::User),
            requires: requires.collect(),
        }
    }

    /// Whether the action goes without a credential where it is absent, in a run with or without a user (SEMANTICS R11).
    /// Without a user, an action that needs one does not run at all.
    pub fn may_lack(&self, requirement: &ManifestRequirement, has_user: bool) -> bool {
        let lacks_user = self.needs_user && requirement.pin == Some(Scope::User) && !has_user;
        requirement.optional && !lacks_user
    }
}

impl ManifestCredential {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&ManifestField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// How it would resolve for an action with this pin, by the rules of a call.
    pub(crate) async fn explain(
        &self,
        run: &RunInner,
        pin: Option<Scope>,
        optional: bool,
        action: &str,
    ) -> Resolution {
        let required = self.fields.iter().filter(|field| field.required);
        let fields: Vec<_> = required.map(|field| (field.name.as_str(), field.secret)).collect();
        let oauth_scopes: Vec<&str> = self.oauth_scopes.iter().map(String::as_str).collect();
        let fields = DemandedFields::Listed(&fields);
        let demand = Demand { key: &self.key, fields, oauth_scopes: &oauth_scopes };
        Resolver::of(run, &demand, Some(self.kind), pin, optional, action).explain().await
    }
}

impl From<&Requirement> for ManifestCredential {
    fn from(requirement: &Requirement) -> Self {
        Self {
            key: requirement.key().to_owned(),
            name: requirement.name().to_owned(),
            description: requirement.description().to_owned(),
            kind: requirement.kind(),
            pin: requirement.declared_pin(),
            oauth_scopes: requirement.oauth_scopes().iter().map(|scope| (*scope).to_owned()).collect(),
            fields: requirement.fields().iter().map(ManifestField::from).collect(),
        }
    }
}

impl From<&FieldSpec> for ManifestField {
    fn from(field: &FieldSpec) -> Self {
        let FieldSpec { name, secret, required, ty, default, docs } = *field;
        let default = default.map(str::to_owned);
        Self { name: name.to_owned(), secret, required, ty, default, description: docs.to_owned() }
    }
}
