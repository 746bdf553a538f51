//! Names that are new to a vault. Any text can name a project, so a mistyped name makes a new one, where no run will ever
//! look: the first command to use a name says so.

use std::collections::BTreeSet;

use keystroke_core::{Assignment, Consumer, Owner};
use keystroke_tokens::{Binding, Tokens};
use keystroke_vault::{AuditFilter, Filter, Vault};

use super::open::options;
use crate::context::{Context, DEFAULT};
use crate::output::Output;
use crate::output::typed::{is_near, nearest};

/// The names that are in use, those of projects, users and consumers in one organization.
#[derive(Default)]
pub(super) struct KnownNames {
    organizations: BTreeSet<String>,
    projects: BTreeSet<String>,
    users: BTreeSet<String>,
    consumers: BTreeSet<Consumer>,
    organization: String,
}

impl KnownNames {
    /// To be called before a command adds to the vault. If a part of the vault can't be read, commands on other parts go
    /// on, and no name is known.
    pub(super) fn of(vault: &Vault, organization: &str) -> Self {
        let mut known = Self { organization: organization.to_owned(), ..Self::default() };
        let Ok(all) = vault.metadata(&Filter::default()) else { return known };
        for record in all.records {
            let candidate = &record.candidate;
            known.organizations.insert(candidate.organization.clone());
            if candidate.organization == organization {
                match &candidate.owner {
                    Owner::Organization => {}
                    Owner::Project(project) => drop(known.projects.insert(project.clone())),
                    Owner::User(user) => drop(known.users.insert(user.clone())),
                }
            }
        }
        for (place, _, _) in all.assignments {
            if place.organization == organization {
                known.projects.insert(place.project);
                known.consumers.insert(place.consumer);
            }
        }
        // A name that only a token has is in use too. A file that can't be read is told by the commands on tokens.
        let tokens = options().ok().and_then(|options| Tokens::in_folder(options.data_folder()).list().ok());
        for token in tokens.into_iter().flatten() {
            known.add_binding(token.binding);
        }
        known
    }

    fn add_binding(&mut self, binding: Binding) {
        if binding.organization == self.organization {
            self.projects.insert(binding.project);
            self.users.extend(binding.user);
        }
        self.organizations.insert(binding.organization);
    }

    /// Adds the names of this context that the audit record knows: of what was changed or opened, and not of what was
    /// refused or absent, where a mistyped name would be as well. Only for a command that changes nothing in the vault,
    /// because its own change would be found.
    pub(super) fn with_audit(mut self, vault: &Vault, context: &Context) -> Self {
        let is_known = |project: Option<&String>, user: Option<&String>| {
            let organization = Some(context.organization.clone());
            let (project, user) = (project.cloned(), user.cloned());
            let filter = AuditFilter { organization, project, user, ..AuditFilter::default() };
            let entries = vault.audit(&filter).unwrap_or_default();
            entries.iter().any(|entry| !matches!(entry.event.as_str(), "refused" | "absent"))
        };
        if !self.organizations.contains(&context.organization) && is_known(None, None) {
            self.organizations.insert(context.organization.clone());
        }
        if !self.projects.contains(&context.project) && is_known(Some(&context.project), None) {
            self.projects.insert(context.project.clone());
        }
        if let Some(user) = &context.user
            && !self.users.contains(user)
            && is_known(None, Some(user))
        {
            self.users.insert(user.clone());
        }
        self
    }

    /// Says which owners are new.
    pub(super) fn tell_owners<'a>(&self, owners: impl IntoIterator<Item = &'a Owner>, output: &Output) {
        // In an empty vault every organization is new.
        if !self.organizations.is_empty() {
            tell("new_organization", "organization", &self.organization, &self.organizations, output);
        }
        for owner in owners {
            match owner {
                Owner::Organization => {}
                Owner::Project(project) => self.tell_project(project, output),
                Owner::User(user) => tell("new_user", "user", user, &self.users, output),
            }
        }
    }

    /// Says what is new about whom a token acts for.
    pub(super) fn tell_context(&self, context: &Context, output: &Output) {
        let user = context.user.clone().map(Owner::User);
        self.tell_owners(std::iter::once(&Owner::Project(context.project.clone())).chain(&user), output);
    }

    /// Says what is new about the place of an assignment.
    pub(super) fn tell_assignment(&self, place: &Assignment, output: &Output) {
        self.tell_project(&place.project, output);
        self.tell_consumer(&place.consumer, output);
    }

    /// Says if nothing is assigned to a consumer, but something is to one of almost the same name. Otherwise it is usual:
    /// many consumers have no assignments.
    pub(super) fn tell_consumer(&self, consumer: &Consumer, output: &Output) {
        let alike =
            |other: &&Consumer| other.kind() == consumer.kind() && is_near(consumer.slug(), other.slug());
        if self.consumers.contains(consumer) || consumer.slug().is_empty() {
            return;
        }
        if let Some(other) = self.consumers.iter().find(alike) {
            output.notice(
                "new_consumer",
                &format!(
                    "nothing was assigned to the {0} `{1}` before, but something is to the {0} `{2}`",
                    consumer.kind(),
                    consumer.slug(),
                    other.slug()
                ),
            );
        }
    }

    /// Says which names a command looks under are new, but only if the vault knows one of almost the same name. Otherwise
    /// it is usual: most projects and users have nothing of their own.
    pub(super) fn tell_slips(&self, project: Option<&str>, user: Option<&str>, output: &Output) {
        let names = [
            ("new_organization", "organization", Some(self.organization.as_str()), &self.organizations),
            ("new_project", "project", project, &self.projects),
            ("new_user", "user", user, &self.users),
        ];
        for (code, what, name, known) in names {
            if let Some(name) = name
                && nearest(name, known.iter().map(String::as_str)).is_some()
            {
                tell(code, what, name, known, output);
            }
        }
    }

    fn tell_project(&self, project: &str, output: &Output) {
        tell("new_project", "project", project, &self.projects, output);
    }
}

fn tell(code: &'static str, what: &str, name: &str, known: &BTreeSet<String>, output: &Output) {
    // Nobody mistypes the default; but it may be the wrong one if others have names.
    if known.contains(name) || (name == DEFAULT && known.is_empty()) {
        return;
    }
    let near = match (nearest(name, known.iter().map(String::as_str)), known.len()) {
        (Some(near), _) => format!("; the nearest one it knows is `{near}`"),
        (None, 0) => String::new(),
        (None, 1..=3) => {
            let all: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("; it knows {}", all.join(", "))
        }
        (None, more) => format!("; it knows {more} others"),
    };
    output.notice(code, &format!("the {what} `{name}` is new to this vault{near}"));
}
