//! What every resolution error says of the requirement and the run, and the commands that its fixes name.

use std::fmt;

use serde::Serialize;

use crate::declare::kind::CredentialKind;
use crate::declare::scope::Scope;
use crate::fix;
use crate::run::consumer::{Assignment, Consumer};
use crate::run::facts::RunOrigin;
use crate::store::ClientName;
use crate::store::instance::{Candidate, InstanceId, Label, Owner};

/// The fix for an app that is called through the platform. No command connects one yet.
const CONNECT_APP: &str =
    "connect the app in the program that stores it; the program `keystroke` cannot connect apps yet";

/// The requirement that an error is about, and the run that asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorContext {
    /// The credential key.
    pub key: String,
    /// The action's slug; empty where a key is explained without an action.
    pub action: String,
    /// The container that calls the action.
    pub consumer: Consumer,
    /// The kind that is asked for.
    pub kind: CredentialKind,
    /// The effective pin.
    pub pin: Option<Scope>,
    /// Whether the action runs without it where it is absent (SEMANTICS R11).
    pub optional: bool,
    /// The required fields, where known.
    pub fields: Vec<String>,
    /// Those of them that are no secrets, and may be short.
    pub plain: Vec<String>,
    /// The run's organization.
    pub organization: String,
    /// The run's project.
    pub project: String,
    /// The user the run acts for.
    pub user: Option<String>,
    /// What started the run.
    pub origin: RunOrigin,
    /// The scopes that were tried, in order.
    pub tried: Vec<Scope>,
}

/// An instance as an error or a trace shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceSummary {
    /// Its id.
    pub id: InstanceId,
    /// Its label.
    pub label: Option<Label>,
    /// The account behind it.
    pub account: Option<String>,
    /// The scope it belongs to.
    pub scope: Scope,
    /// Whether it is the default of its owner.
    pub default: bool,
}

impl From<&Candidate> for InstanceSummary {
    fn from(candidate: &Candidate) -> Self {
        Self {
            id: candidate.id.clone(),
            label: candidate.label.clone(),
            account: candidate.account.clone(),
            scope: candidate.scope(),
            default: candidate.default,
        }
    }
}

/// `` `exa-7k2m` (Shared, ada@example.com) ``, without what is not known.
impl fmt::Display for InstanceSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.id)?;
        let label = self.label.as_ref().map(Label::as_str);
        match (label, self.account.as_deref()) {
            (Some(label), Some(account)) => write!(f, " ({label}, {account})"),
            (Some(one), None) | (None, Some(one)) => write!(f, " ({one})"),
            (None, None) => Ok(()),
        }
    }
}

impl ErrorContext {
    /// `` (action `search` of the agent `researcher`)``, or nothing.
    pub(super) fn who(&self) -> String {
        match (self.action.as_str(), &self.consumer) {
            ("", Consumer::Direct) => String::new(),
            (action, Consumer::Direct) => format!(" (action `{action}`)"),
            ("", other) => format!(" ({} `{}`)", other.kind(), other.slug()),
            (action, other) => format!(" (action `{action}` of the {} `{}`)", other.kind(), other.slug()),
        }
    }

    /// The fix for something missing. It names the organization, because the program's own may be another.
    pub(super) fn store_in(&self, scope: Option<Scope>, flags: &str) -> String {
        let owner = scope.map(|scope| match scope {
            Scope::Organization => Owner::Organization,
            Scope::Project => Owner::Project(self.project.clone()),
            // Without a user nothing is looked for there.
            Scope::User => Owner::User(self.user.clone().unwrap_or_else(|| "NAME".to_owned())),
        });
        match self.kind {
            CredentialKind::ApiKey => {
                let settings = fix::settings(&self.key, self.fields.iter().map(String::as_str), &self.plain);
                format!("run `{}{flags}`", fix::set(&self.key, &settings, owner.as_ref(), &self.organization))
            }
            CredentialKind::OauthManaged => {
                format!("run `{}{flags}`", fix::connect(&self.key, owner.as_ref(), &self.organization))
            }
            CredentialKind::Keystroke => CONNECT_APP.to_owned(),
        }
    }

    pub(super) fn rotate<'a>(&self, id: &InstanceId, fields: impl Iterator<Item = &'a str>) -> String {
        format!("keystroke credentials rotate {id}{}", fix::settings(&self.key, fields, &self.plain))
    }

    /// The fix for an instance that no longer works, or never did.
    pub(crate) fn renew<'a>(&self, id: &InstanceId, fields: impl Iterator<Item = &'a str>) -> String {
        match self.kind {
            CredentialKind::ApiKey => format!("run `{}`", self.rotate(id, fields)),
            CredentialKind::OauthManaged => format!("run `{}`", fix::reconnect(id)),
            CredentialKind::Keystroke => CONNECT_APP.to_owned(),
        }
    }

    /// The fix for permissions that an account lacks.
    pub(super) fn ask_for(&self, id: &InstanceId, scopes: &[String]) -> String {
        match self.kind {
            CredentialKind::OauthManaged => {
                format!("run `{} --scopes {}`", fix::reconnect(id), fix::word(&scopes.join(",")))
            }
            CredentialKind::ApiKey | CredentialKind::Keystroke => self.renew(id, std::iter::empty()),
        }
    }

    /// The fix for a client.
    pub(super) fn set_client(&self, client: &ClientName) -> String {
        fix::set_client(client, &self.organization)
    }

    pub(super) fn list(&self) -> String {
        format!("`{}`", fix::list(&self.key, &self.organization))
    }

    pub(super) fn unassign(&self) -> String {
        let Self { key, action, organization, project, .. } = self;
        let place = Assignment::in_project(organization, project).to(self.consumer.clone(), action);
        format!("run `{}`", fix::unassign(key, &place))
    }

    /// `the project scope (`research`) and the organization scope (`acme`)`.
    pub(super) fn tried(&self) -> String {
        let named: Vec<String> = self.tried.iter().map(|scope| self.scope(*scope)).collect();
        named.join(" and ")
    }

    pub(super) fn scope(&self, scope: Scope) -> String {
        let owner = match scope {
            Scope::Organization => Some(self.organization.as_str()),
            Scope::Project => Some(self.project.as_str()),
            Scope::User => self.user.as_deref(),
        };
        owner.map_or_else(|| format!("the {scope} scope"), |owner| format!("the {scope} scope (`{owner}`)"))
    }
}
