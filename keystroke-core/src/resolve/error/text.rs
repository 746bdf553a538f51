//! The words of resolution errors, in both faces: `problem` and `fix` for the operator, `for_model` for the model.

use std::fmt::{self, Write as _};
use std::time::SystemTime;

use super::{ErrorContext, InstanceSummary, ResolveError};
use crate::declare::credential::FieldProblem;
use crate::declare::kind::CredentialKind;
use crate::declare::scope::Scope;
use crate::fix;
use crate::resolve::rule::Rule;
use crate::run::consumer::{Assignment, Consumer};
use crate::run::facts::RunOrigin;
use crate::store::instance::{InstanceId, Owner};

/// What to do about an account. No command connects one yet.
const CONNECT: &str =
    "connect the account in the program that stores such ones; `keystroke` itself connects none yet";

impl ResolveError {
    /// What the operator does about it: one command or one step.
    pub fn fix(&self) -> String {
        one_line(self.fix_text())
    }

    fn fix_text(&self) -> String {
        let about = self.about();
        let key = &about.key;
        match self {
            Self::Missing { .. } => about.store_in(about.pin, ""),
            Self::Ambiguous { candidates, .. } => {
                let id = candidates.first().map_or("<id>", |candidate| candidate.id.as_str());
                format!(
                    "run `keystroke credentials update {id} --default` for the one to use, or select one with `.select(\"{key}\", id)`"
                )
            }
            Self::NoUser { .. } => {
                let fix = "pin it to `organization` or `project`, or start the run for a signed-in user with `.as_user(…)`";
                let in_command =
                    if about.origin.is_background() { "" } else { ", in a command with `--as-user NAME`" };
                format!("{fix}{in_command}")
            }
            Self::SelectionNotFound { rule: Rule::Assignment, .. }
            | Self::SelectionMismatch { rule: Rule::Assignment, .. } => {
                format!("{}, then assign one that {} shows", about.unassign(), about.list())
            }
            Self::SelectionNotFound { .. } | Self::SelectionMismatch { .. } => {
                format!("select one that {} shows", about.list())
            }
            Self::SelectionUnused { .. } => {
                format!("remove `.select(\"{key}\", …)`; {} shows who uses it", about.list())
            }
            Self::AssignmentConflictsWithPin { .. } => {
                format!("{}, or assign one of the pinned scope that {} shows", about.unassign(), about.list())
            }
            Self::Revoked { rule: Rule::Assignment, .. } => {
                format!("{}, or assign another one that {} shows", about.unassign(), about.list())
            }
            Self::Revoked { rule: Rule::Selection, .. } => {
                format!("select another one that {} shows", about.list())
            }
            Self::Revoked { instance, .. } if !instance.default => {
                about.store_in(Some(instance.scope), " --add")
            }
            Self::Revoked { instance, others, .. } => match others.as_slice() {
                // Without the mark it would be passed over: that of the revoked one is what chooses.
                [] => about.store_in(Some(instance.scope), " --add --default"),
                [one] => format!("run `keystroke credentials update {} --default`", one.id),
                [one, ..] => {
                    format!("run `keystroke credentials update {} --default`, for the one to use", one.id)
                }
            },
            Self::WrongKind { instance, .. } => {
                about.renew(&instance.id, about.fields.iter().map(String::as_str))
            }
            Self::Invalid { instance, problems, .. } => {
                let fields =
                    problems.iter().map(|problem| problem.field.as_str()).filter(|name| !name.is_empty());
                format!("run `{}`", about.rotate(&instance.id, fields))
            }
            Self::NeedsReconnect { instance, .. } | Self::Expired { instance, .. } => {
                about.renew(&instance.id, about.fields.iter().map(String::as_str))
            }
            Self::UnderScoped { .. } => CONNECT.to_owned(),
            Self::Withheld { instance, .. } => {
                let fields = about.fields.iter().map(String::as_str);
                format!(
                    "run `keystroke audit --key {} --since 1h` to see which action and consumer it was; if the secret may be known now, run `{}`; else call again after that time",
                    fix::word(key),
                    about.rotate(&instance.id, fields)
                )
            }
            Self::StoreUnavailable { error, .. } => match (error.fix(), error.is_retryable()) {
                (Some(fix), _) => fix.to_owned(),
                (None, true) => "try again".to_owned(),
                (None, false) => "mend the store first".to_owned(),
            },
        }
    }

    /// What the model is told: what it can do, without ids, labels or accounts.
    pub fn for_model(&self) -> String {
        let about = self.about();
        let key = &about.key;
        match self {
            Self::Missing { .. } => format!(
                "The `{key}` credential is not connected, so this tool cannot run. Tell the user that `{key}` must be connected first; trying again will not help."
            ),
            Self::Ambiguous { .. } => format!(
                "Several `{key}` accounts are connected and none is marked as the default. Tell the user to pick one; trying again will not help."
            ),
            Self::NoUser { .. } => format!(
                "This tool acts as a signed-in user of `{key}`, and this run has none. It cannot be used here."
            ),
            Self::SelectionNotFound { .. }
            | Self::SelectionMismatch { .. }
            | Self::SelectionUnused { .. }
            | Self::AssignmentConflictsWithPin { .. } => format!(
                "The `{key}` account chosen for this tool cannot be used. Tell the user that the choice must be mended; trying again will not help."
            ),
            Self::Revoked { .. } => format!(
                "The `{key}` credential was revoked. Tell the user that it must be replaced; trying again will not help."
            ),
            Self::WrongKind { .. } | Self::Invalid { .. } => format!(
                "The stored `{key}` credential is not usable. Tell the user that it must be stored anew; trying again will not help."
            ),
            Self::NeedsReconnect { .. } | Self::Expired { .. } => format!(
                "The `{key}` connection has ended. Tell the user to connect `{key}` again; trying again before that will not help."
            ),
            Self::UnderScoped { .. } => format!(
                "The `{key}` connection lacks permissions that this tool needs. Tell the user to connect `{key}` again and allow them."
            ),
            Self::Withheld { .. } => format!(
                "The `{key}` credential is held back for a minute, because it turned up in too many results. Do not call this tool before that, and do not ask for credentials."
            ),
            Self::StoreUnavailable { error, .. } if error.is_retryable() => {
                "Credentials cannot be read at the moment. Try again later.".to_owned()
            }
            Self::StoreUnavailable { .. } => {
                "Credentials cannot be read. Tell the user; trying again will not help.".to_owned()
            }
        }
    }
}

impl ErrorContext {
    /// `` (action `search` of the agent `researcher`)``, or nothing.
    fn who(&self) -> String {
        match (self.action.as_str(), &self.consumer) {
            ("", Consumer::Direct) => String::new(),
            (action, Consumer::Direct) => format!(" (action `{action}`)"),
            ("", other) => format!(" ({} `{}`)", other.kind(), other.slug()),
            (action, other) => format!(" (action `{action}` of the {} `{}`)", other.kind(), other.slug()),
        }
    }

    /// The fix for something missing. It names the organization, because the program's own may be another.
    fn store_in(&self, scope: Option<Scope>, flags: &str) -> String {
        if self.kind != CredentialKind::ApiKey {
            return CONNECT.to_owned();
        }
        let owner = scope.map(|scope| match scope {
            Scope::Organization => Owner::Organization,
            Scope::Project => Owner::Project(self.project.clone()),
            // Without a user nothing is looked for there.
            Scope::User => Owner::User(self.user.clone().unwrap_or_else(|| "NAME".to_owned())),
        });
        let settings = fix::settings(&self.key, self.fields.iter().map(String::as_str), &self.plain);
        format!("run `{}{flags}`", fix::set(&self.key, &settings, owner.as_ref(), &self.organization))
    }

    fn rotate<'a>(&self, id: &InstanceId, fields: impl Iterator<Item = &'a str>) -> String {
        format!("keystroke credentials rotate {id}{}", fix::settings(&self.key, fields, &self.plain))
    }

    /// The fix for an instance that no longer works, or never did.
    fn renew<'a>(&self, id: &InstanceId, fields: impl Iterator<Item = &'a str>) -> String {
        match self.kind {
            CredentialKind::ApiKey => format!("run `{}`", self.rotate(id, fields)),
            CredentialKind::OauthManaged | CredentialKind::Keystroke => CONNECT.to_owned(),
        }
    }

    fn list(&self) -> String {
        format!("`{}`", fix::list(&self.key, &self.organization))
    }

    fn unassign(&self) -> String {
        let Self { key, action, organization, project, .. } = self;
        let place = Assignment::in_project(organization, project).to(self.consumer.clone(), action);
        format!("run `{}`", fix::unassign(key, &place))
    }

    /// `the project scope (`research`) and the organization scope (`acme`)`.
    fn tried(&self) -> String {
        let named: Vec<String> = self.tried.iter().map(|scope| self.scope(*scope)).collect();
        named.join(" and ")
    }

    fn scope(&self, scope: Scope) -> String {
        let owner = match scope {
            Scope::Organization => Some(self.organization.as_str()),
            Scope::Project => Some(self.project.as_str()),
            Scope::User => self.user.as_deref(),
        };
        owner.map_or_else(|| format!("the {scope} scope"), |owner| format!("the {scope} scope (`{owner}`)"))
    }
}

/// How the instance came to be chosen.
const fn chosen_by(rule: Rule) -> &'static str {
    match rule {
        Rule::Selection => "chosen by a selection",
        Rule::Assignment => "chosen by an assignment",
        Rule::Pin | Rule::Project | Rule::Organization => "the only one",
    }
}

/// The problem, then the fix, on one line.
impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. To fix it, {}", self.problem(), self.fix())
    }
}

impl ResolveError {
    /// What is wrong, for the operator, without the fix.
    pub fn problem(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = self.write_problem(&mut text);
        one_line(text)
    }

    fn write_problem(&self, f: &mut String) -> fmt::Result {
        let about = self.about();
        let key = &about.key;
        let who = about.who();
        match self {
            Self::Missing { elsewhere, .. } => {
                write!(f, "{} needs the `{key}` credential", about.consumer.this())?;
                if !about.action.is_empty() {
                    write!(f, " for the action `{}`", about.action)?;
                }
                write!(f, ": there is none in {}", about.tried())?;
                for scope in elsewhere {
                    write!(f, "; {} has one, but was not tried", about.scope(*scope))?;
                }
            }
            Self::Ambiguous { scope, candidates, .. } => {
                write!(
                    f,
                    "Multiple `{key}` credentials are available. Pick one{who}: {} holds ",
                    about.scope(*scope)
                )?;
                let shown: Vec<String> = candidates.iter().map(InstanceSummary::to_string).collect();
                f.write_str(&shown.join(", "))?;
            }
            Self::NoUser { .. } => {
                write!(f, "`{key}` is pinned to the user scope, but this {} run has no user", about.origin)?;
                if about.origin == RunOrigin::Gateway {
                    f.write_str(": it acts as the workspace's connected account")?;
                }
                f.write_str(&who)?;
            }
            Self::SelectionNotFound { instance, rule, .. } => {
                write!(
                    f,
                    "`{instance}`, {} for `{key}`{who}, is no instance that this run can use",
                    chosen_by(*rule)
                )?;
            }
            Self::SelectionMismatch { instance, found, rule, .. } => {
                write!(f, "{instance}, {} for `{key}`{who}, is a `{found}` credential", chosen_by(*rule))?;
            }
            Self::SelectionUnused { instance, .. } => {
                write!(
                    f,
                    "`{instance}` is selected for `{key}`, which the action `{}` does not use",
                    about.action
                )?;
            }
            Self::AssignmentConflictsWithPin { instance, .. } => {
                write!(
                    f,
                    "{instance}, chosen by an assignment for `{key}`{who}, is in {}",
                    about.scope(instance.scope)
                )?;
                if let Some(pin) = about.pin {
                    write!(f, ", but `{key}` is pinned to the {pin} scope")?;
                }
            }
            Self::Revoked { instance, others, .. } if !others.is_empty() && !instance.default => {
                let all: Vec<String> =
                    std::iter::once(instance).chain(others).map(InstanceSummary::to_string).collect();
                let scope = about.scope(instance.scope);
                write!(f, "{}, all that {scope} holds for `{key}`{who}, are revoked", all.join(", "))?;
            }
            Self::Revoked { instance, rule, .. } => {
                let by = match rule {
                    Rule::Selection | Rule::Assignment => chosen_by(*rule),
                    _ if instance.default => "chosen by its default mark",
                    _ => chosen_by(*rule),
                };
                write!(
                    f,
                    "{instance}, {by} for `{key}`{who} in {}, is revoked",
                    about.scope(instance.scope)
                )?;
            }
            Self::WrongKind { instance, found, .. } => {
                write!(
                    f,
                    "{instance} is of the kind `{found}`, but `{key}`{who} is declared as `{}`",
                    about.kind
                )?;
                if !about.fields.is_empty() {
                    write!(f, " with the fields {}", quoted(about.fields.iter().map(String::as_str)))?;
                }
            }
            Self::NeedsReconnect { instance, .. } => {
                write!(f, "{instance} for `{key}`{who} must be connected again")?;
            }
            Self::Expired { instance, at, .. } => {
                write!(f, "{instance} for `{key}`{who} expired{}", at_time(*at))?;
            }
            Self::UnderScoped { instance, lacking, .. } => {
                let lacking = quoted(lacking.iter().map(String::as_str));
                write!(f, "{instance} for `{key}`{who} was not granted {lacking}")?;
            }
            Self::Withheld { instance, until, .. } => {
                write!(
                    f,
                    "{instance} for `{key}`{who} is withheld{}: it was removed from too many results within a minute, as when somebody guesses it",
                    until_time(*until)
                )?;
            }
            Self::Invalid { instance, problems, .. } => {
                write!(f, "{instance} does not fit `{key}`{who}: ")?;
                for (index, FieldProblem { field, problem }) in problems.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    if field.is_empty() {
                        write!(f, "{problem}")?;
                    } else {
                        write!(f, "`{field}` {problem}")?;
                    }
                }
                if !about.fields.is_empty() {
                    write!(f, " (declared: {})", quoted(about.fields.iter().map(String::as_str)))?;
                }
            }
            Self::StoreUnavailable { store, error, .. } => {
                let retry = if error.is_retryable() { "may" } else { "will not" };
                write!(f, "{store} cannot give `{key}`{who}: {error} (trying again {retry} help)")?;
            }
        }
        Ok(())
    }
}

/// Ids, labels and accounts may come from a request or a foreign store: they get no line and no terminal of their own,
/// and no more room than a name needs.
fn one_line(text: String) -> String {
    const MOST: usize = 2_000;
    if text.len() <= MOST && !text.chars().any(char::is_control) {
        return text;
    }
    let mut line = String::with_capacity(MOST);
    for c in text.chars() {
        if line.len() >= MOST {
            line.push('…');
            break;
        }
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}

/// ` at 2026-01-31T12:00:00Z`; nothing for a time that has no such form.
fn at_time(time: SystemTime) -> String {
    if time < SystemTime::UNIX_EPOCH {
        return " before 1970".to_owned();
    }
    after(" at ", time)
}

/// ` until 2026-01-31T12:00:00Z`; nothing for a time that has no such form.
fn until_time(time: SystemTime) -> String {
    after(" until ", time)
}

fn after(word: &str, time: SystemTime) -> String {
    let mut text = word.to_owned();
    match write!(text, "{}", humantime::format_rfc3339_seconds(time)) {
        Ok(()) => text,
        Err(_) => String::new(),
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
