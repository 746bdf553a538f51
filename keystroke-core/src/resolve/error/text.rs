//! What each resolution error says: a variant's code, problem, fix and model's face stand together in one arm.

use std::fmt::Write as _;
use std::time::SystemTime;

use super::ResolveError;
use super::context::InstanceSummary;
use crate::declare::credential::FieldProblem;
use crate::declare::kind::CredentialKind;
use crate::fix;
use crate::resolve::rule::Rule;
use crate::run::facts::RunOrigin;
use crate::store::ClientName;

/// All that an error says.
pub(super) struct Words {
    /// A stable word.
    pub(super) code: &'static str,
    /// What is wrong, for the operator.
    pub(super) problem: String,
    /// What the operator does about it: one command or one step.
    pub(super) fix: String,
    /// What the model is told: what it can do, without ids, labels or accounts.
    pub(super) model: String,
}

impl ResolveError {
    pub(super) fn words(&self) -> Words {
        let about = self.about();
        let (key, who) = (&about.key, about.who());
        let required = || about.fields.iter().map(String::as_str);
        match self {
            Self::Missing { elsewhere, .. } => Words {
                code: "missing",
                problem: {
                    let needs = if about.optional { "asks for" } else { "needs" };
                    let mut problem = format!("{} {needs} the `{key}` credential", about.consumer.this());
                    if !about.action.is_empty() {
                        problem += &format!(" for the action `{}`", about.action);
                    }
                    problem += &format!(": there is none in {}", about.tried());
                    for scope in elsewhere {
                        problem += &format!("; {} has one, but was not tried", about.scope(*scope));
                    }
                    problem
                },
                fix: about.store_in(about.pin, ""),
                model: format!(
                    "The `{key}` credential is not connected, so this tool cannot run. Tell the user that `{key}` must be connected first; trying again will not help."
                ),
            },
            Self::Ambiguous { scope, candidates, .. } => Words {
                code: "ambiguous",
                problem: format!(
                    "Multiple `{key}` credentials are available. Pick one{who}: {} holds {}",
                    about.scope(*scope),
                    listed(candidates)
                ),
                fix: {
                    let id = candidates.first().map_or("<id>", |candidate| candidate.id.as_str());
                    format!(
                        "run `keystroke credentials update {id} --default` for the one to use, or select one with `.select(\"{key}\", id)`"
                    )
                },
                model: format!(
                    "Several `{key}` accounts are connected and none is marked as the default. Tell the user to pick one; trying again will not help."
                ),
            },
            Self::NoUser { .. } => Words {
                code: "no_user",
                problem: {
                    let gateway = match about.origin {
                        RunOrigin::Gateway => ": it acts as the workspace's connected account",
                        _ => "",
                    };
                    format!(
                        "`{key}` is pinned to the user scope, but this {} run has no user{gateway}{who}",
                        about.origin
                    )
                },
                fix: {
                    let in_command = if about.origin.is_background() {
                        ""
                    } else {
                        ", in a command with `--as-user NAME`"
                    };
                    format!(
                        "pin it to `organization` or `project`, or start the run for a signed-in user with `.as_user(…)`{in_command}"
                    )
                },
                model: format!(
                    "This tool acts as a signed-in user of `{key}`, and this run has none. It cannot be used here."
                ),
            },
            Self::SelectionNotFound { instance, rule, .. } => Words {
                code: "selection_not_found",
                problem: format!(
                    "`{instance}`, {} for `{key}`{who}, is not an instance that this run can use",
                    chosen_by(*rule)
                ),
                fix: self.choose_another(*rule),
                model: not_to_be_used(key),
            },
            Self::SelectionMismatch { instance, found, rule, .. } => Words {
                code: "selection_mismatch",
                problem: format!(
                    "{instance}, {} for `{key}`{who}, is a `{found}` credential",
                    chosen_by(*rule)
                ),
                fix: self.choose_another(*rule),
                model: not_to_be_used(key),
            },
            Self::SelectionUnused { instance, .. } => Words {
                code: "selection_unused",
                problem: format!(
                    "`{instance}` is selected for `{key}`, which the action `{}` does not use",
                    about.action
                ),
                fix: format!("remove `.select(\"{key}\", …)`; {} shows who uses it", about.list()),
                model: not_to_be_used(key),
            },
            Self::AssignmentConflictsWithPin { instance, .. } => Words {
                code: "assignment_conflicts_with_pin",
                problem: {
                    let pin = about
                        .pin
                        .map_or(String::new(), |pin| format!(", but `{key}` is pinned to the {pin} scope"));
                    format!(
                        "{instance}, chosen by an assignment for `{key}`{who}, is in {}{pin}",
                        about.scope(instance.scope)
                    )
                },
                fix: format!(
                    "{}, or assign one of the pinned scope that {} shows",
                    about.unassign(),
                    about.list()
                ),
                model: not_to_be_used(key),
            },
            Self::Revoked { instance, others, rule, .. } => Words {
                code: "revoked",
                problem: {
                    let scope = about.scope(instance.scope);
                    if !others.is_empty() && !instance.default {
                        let all = listed(std::iter::once(instance).chain(others));
                        format!("{all}, all that {scope} holds for `{key}`{who}, are revoked")
                    } else {
                        let by = match rule {
                            Rule::Pin | Rule::Project | Rule::Organization if instance.default => {
                                "chosen by its default mark"
                            }
                            _ => chosen_by(*rule),
                        };
                        format!("{instance}, {by} for `{key}`{who} in {scope}, is revoked")
                    }
                },
                fix: match (rule, others.as_slice()) {
                    (Rule::Assignment, _) => {
                        format!("{}, or assign another one that {} shows", about.unassign(), about.list())
                    }
                    (Rule::Selection, _) => format!("select another one that {} shows", about.list()),
                    _ if !instance.default => about.store_in(Some(instance.scope), " --add"),
                    // Without the mark it would be passed over: that of the revoked one is what chooses.
                    (_, []) => about.store_in(Some(instance.scope), " --add --default"),
                    (_, [one]) => format!("run `keystroke credentials update {} --default`", one.id),
                    (_, [one, ..]) => {
                        format!("run `keystroke credentials update {} --default`, for the one to use", one.id)
                    }
                },
                model: format!(
                    "The `{key}` credential was revoked. Tell the user that it must be replaced; trying again will not help."
                ),
            },
            Self::WrongKind { instance, found, .. } => Words {
                code: "wrong_kind",
                problem: {
                    let fields = match about.fields.as_slice() {
                        [] => String::new(),
                        _ => format!(" with the fields {}", quoted(required())),
                    };
                    format!(
                        "{instance} is of the kind `{found}`, but `{key}`{who} is declared as `{}`{fields}",
                        about.kind
                    )
                },
                fix: match about.kind {
                    // Nothing turns a key into an account, so it is connected beside it.
                    CredentialKind::OauthManaged => about.store_in(Some(instance.scope), ""),
                    _ => about.renew(&instance.id, required()),
                },
                model: to_be_stored_again(key),
            },
            Self::NeedsReconnect { instance, .. } => Words {
                code: "needs_reconnect",
                problem: format!("{instance} for `{key}`{who} must be connected again"),
                fix: about.renew(&instance.id, required()),
                model: to_be_connected_again(key),
            },
            Self::Expired { instance, at, .. } => Words {
                code: "expired",
                problem: format!("{instance} for `{key}`{who} expired{}", at_time(*at)),
                fix: about.renew(&instance.id, required()),
                model: to_be_connected_again(key),
            },
            Self::UnderScoped { instance, lacking, .. } => Words {
                code: "under_scoped",
                problem: {
                    let lacking = quoted(lacking.iter().map(String::as_str));
                    format!("{instance} for `{key}`{who} was not granted {lacking}")
                },
                fix: about.ask_for(&instance.id, lacking),
                model: format!(
                    "The `{key}` connection lacks permissions that this tool needs. Tell the user to connect `{key}` again and allow them."
                ),
            },
            Self::Withheld { instance, until, .. } => Words {
                code: "withheld",
                problem: format!(
                    "{instance} for `{key}`{who} is withheld{}: it was removed from too many results within a minute, as when somebody guesses it",
                    until_time(*until)
                ),
                fix: format!(
                    "run `keystroke audit --key {} --since 1h` to see which action and consumer it was; if the secret may be known now, run `{}`; else call again after that time",
                    fix::word(key),
                    about.rotate(&instance.id, required())
                ),
                model: format!(
                    "The `{key}` credential is held back for a minute, because it turned up in too many results. Do not call this tool before that, and do not ask for credentials."
                ),
            },
            Self::Invalid { instance, problems, stored, .. } => Words {
                code: "invalid",
                problem: {
                    let told = |FieldProblem { field, problem }: &FieldProblem| match field.as_str() {
                        "" => problem.clone(),
                        field => format!("`{field}` {problem}"),
                    };
                    let told: Vec<String> = problems.iter().map(told).collect();
                    let mut names = Vec::new();
                    if !about.fields.is_empty() {
                        names.push(format!("declared: {}", quoted(required())));
                    }
                    // They say nothing about a field that is there and wrong.
                    if problems.iter().any(FieldProblem::is_missing) && !stored.is_empty() {
                        names.push(format!("stored: {}", quoted(stored.iter().map(String::as_str))));
                    }
                    let names =
                        if names.is_empty() { String::new() } else { format!(" ({})", names.join("; ")) };
                    format!("{instance} does not fit `{key}`{who}: {}{names}", told.join(", "))
                },
                fix: {
                    let fields = problems.iter().map(|problem| problem.field.as_str());
                    let fields = fields.filter(|name| !name.is_empty());
                    let run = format!("run `{}`", about.rotate(&instance.id, fields));
                    let meant: Vec<String> = misspelt(problems, stored, &about.fields)
                        .map(|(missing, stored)| format!("`{stored}` in place of `{missing}`"))
                        .collect();
                    if meant.is_empty() {
                        run
                    } else {
                        format!("declare {} if that is what is meant; else {run}", meant.join(" and "))
                    }
                },
                model: to_be_stored_again(key),
            },
            Self::ClientMissing { instance, client, register, .. } => Words {
                code: "client_missing",
                problem: {
                    let of = format!("{instance} for `{key}`{who} cannot be renewed");
                    format!("{of}: no client {} is set", at_provider(client))
                },
                fix: {
                    let set = about.set_client(client);
                    match register {
                        Some(register) => format!("{register}; then run `{set}` with the id that it gets"),
                        None => format!("register a client at the provider, then run `{set}` with its id"),
                    }
                },
                model: set_up_first(key),
            },
            Self::ClientChanged { instance, client, .. } => Words {
                code: "client_changed",
                problem: format!(
                    "{instance} for `{key}`{who} was connected with another client than the one {} that is set now",
                    at_provider(client)
                ),
                fix: format!(
                    "run `{}`, or put the former client back with `{}`",
                    fix::reconnect(&instance.id),
                    about.set_client(client)
                ),
                model: to_be_connected_again(key),
            },
            Self::ClientRejected { instance, client, .. } => Words {
                code: "client_rejected",
                problem: format!(
                    "{instance} for `{key}`{who} cannot be renewed: the client {} is refused, by its id or its secret",
                    at_provider(client)
                ),
                fix: format!("run `{}` with those that the provider shows", about.set_client(client)),
                model: set_up_first(key),
            },
            Self::Refreshing { instance, .. } => Words {
                code: "refreshing",
                problem: format!(
                    "{instance} for `{key}`{who} is being renewed, and its provider has not answered yet"
                ),
                fix: "call again in a few seconds".to_owned(),
                model: format!("The `{key}` connection is being renewed. Try again in a few seconds."),
            },
            Self::StoreUnavailable { store, error, .. } => Words {
                code: "store_unavailable",
                problem: {
                    let retry = if error.is_retryable() { "may" } else { "will not" };
                    format!("{store} cannot give `{key}`{who}: {error} (trying again {retry} help)")
                },
                fix: match (error.fix(), error.is_retryable()) {
                    (Some(fix), _) => fix.to_owned(),
                    (None, true) => "try again".to_owned(),
                    (None, false) => "repair the store first".to_owned(),
                },
                model: if error.is_retryable() {
                    "Credentials cannot be read at the moment. Try again later.".to_owned()
                } else {
                    "Credentials cannot be read. Tell the user; trying again will not help.".to_owned()
                },
            },
        }
    }

    /// The fix for an instance that a selection or assignment should not name.
    fn choose_another(&self, rule: Rule) -> String {
        let about = self.about();
        match rule {
            Rule::Assignment => {
                format!("{}, then assign one that {} shows", about.unassign(), about.list())
            }
            _ => format!("select one that {} shows", about.list()),
        }
    }
}

/// The fields that are missing and the stored ones that are probably meant: the same letters and digits, such as `apikey` and
/// `api_key`, and not declared. Other slips are seen in the two lists of the problem.
fn misspelt<'a>(
    problems: &'a [FieldProblem],
    stored: &'a [String],
    declared: &'a [String],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-'], "");
    problems.iter().filter(|problem| problem.is_missing()).filter_map(
        move |FieldProblem { field, .. }| {
            let mut spare = stored.iter().filter(|name| !declared.contains(name));
            Some((field.as_str(), spare.find(|name| plain(name) == plain(field))?.as_str()))
        },
    )
}

/// What a model is told of a choice that does not hold.
fn not_to_be_used(key: &str) -> String {
    format!(
        "The `{key}` account chosen for this tool cannot be used. Tell the user that the choice must be corrected; trying again will not help."
    )
}

fn to_be_stored_again(key: &str) -> String {
    format!(
        "The stored `{key}` credential is not usable. Tell the user that it must be stored again; trying again will not help."
    )
}

fn to_be_connected_again(key: &str) -> String {
    format!(
        "The `{key}` connection has ended. Tell the user to connect `{key}` again; trying again before that will not help."
    )
}

/// What a model is told where the provider does not know the application.
fn set_up_first(key: &str) -> String {
    format!(
        "The `{key}` connection cannot be renewed, because this application is not set up with its provider. Tell the user that the operator has to do that; trying again will not help."
    )
}

/// `` at `slack` ``, or `` `bot` at `slack` ``.
fn at_provider(ClientName { provider, name }: &ClientName) -> String {
    let name = name.as_ref().map_or_else(String::new, |name| format!("`{name}` "));
    format!("{name}at `{provider}`")
}

/// How the instance came to be chosen.
const fn chosen_by(rule: Rule) -> &'static str {
    match rule {
        Rule::Selection => "chosen by a selection",
        Rule::Assignment => "chosen by an assignment",
        Rule::Pin | Rule::Project | Rule::Organization => "the only one",
    }
}

/// Ids, labels and accounts may come from a request or a foreign store: they get no line and no terminal of their own,
/// and no more room than a name needs.
pub(super) fn one_line(text: String) -> String {
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

fn listed<'a>(instances: impl IntoIterator<Item = &'a InstanceSummary>) -> String {
    instances.into_iter().map(InstanceSummary::to_string).collect::<Vec<_>>().join(", ")
}
