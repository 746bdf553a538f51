//! `keystroke credentials move`: another owner for a credential, after saying whom that affects.

use keystroke_core::{Candidate, Owner};
use keystroke_vault::{Add, Record};
use serde::Serialize;

use super::placement::{no_user, project_without_scope};
use super::unusable::tell_unusable;
use crate::args::{ContextArgs, MoveArgs, ScopeName};
use crate::commands::confirm::Plan;
use crate::commands::known_names::KnownNames;
use crate::commands::open::{find, open};
use crate::commands::unused_flags;
use crate::context::Context;
use crate::error::CliError;
use crate::manifest::Declared;
use crate::output::{Output, OwnerJson, RecordJson, Report, text, view};

#[derive(Serialize)]
struct Json<'a> {
    from: OwnerJson<'a>,
    instance: RecordJson<'a>,
}

pub(super) fn relocate(args: &MoveArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let context = Context::find(flags)?;
    let to = owner(args, &context)?;
    unused_flags::tell_owners(std::iter::once(&to), flags, output);
    let vault = open()?;
    let before = find(&vault, &args.id, flags)?;
    let Candidate { id, organization, .. } = &*before.candidate;
    check_organization(args, flags, &context, &before)?;
    let from = OwnerJson::from(&before.candidate.owner);
    if before.candidate.owner == to {
        let people = format!(
            "{} belongs to {} already; nothing was changed\n",
            view::named(&before),
            view::owner(&before)
        );
        return output.of(text_line(&people), Json { from, instance: (&before).into() });
    }
    let mode = if args.add { Add::Another } else { Add::OnlyFirst };
    // Before anybody is asked.
    vault.check_move(id, &to, mode)?;
    let (there, here) = (view::owner_of(&to, organization), view::owner(&before));
    let mut lines = vec![format!("{} moves from {here} to {there}", view::named(&before))];
    lines.extend(effects(&before.candidate, &to));
    if let Owner::User(user) = &to
        && !before.used_by.is_empty()
    {
        let users: Vec<String> = before.used_by.iter().map(view::usage).collect();
        lines.push(format!("it stays assigned, so only runs that act as {user} are served there, and all others are refused: {}", users.join("; ")));
    }
    if args.yes {
        lines.iter().skip(1).for_each(|line| output.notice("effect", line));
    } else {
        let plan = Plan {
            code: "unconfirmed",
            refusal: "not confirmed: ",
            lines: &lines,
            question: "Move it?",
            fix: "run the same command with `--yes`",
        };
        plan.confirm(output)?;
    }
    let known = KnownNames::of(&vault, organization);
    let record = vault.move_to(id, to, mode)?;
    tell_unusable(&vault, [&*before.candidate, &*record.candidate], output)?;
    known.tell_owners([&record.candidate.owner], output);
    // No flag names a manifest here. One that is found is asked; another application's may not know the key.
    if let Ok(Some(declared)) = Declared::find(&record.candidate.key, None) {
        declared.uses().tell_unseen(&record.candidate, context.user.as_deref(), output);
    }
    let people = format!("moved {} from {here} to {there}\n", view::named(&record));
    output.of(text_line(&people), Json { from, instance: (&record).into() })
}

/// The line, safe to show, and its end.
fn text_line(people: &str) -> String {
    text::line(people.trim_end()).into_owned() + "\n"
}

fn owner(args: &MoveArgs, context: &Context) -> Result<Owner, CliError> {
    if args.project_slug.is_some() && args.scope != ScopeName::Project {
        return Err(project_without_scope());
    }
    match args.scope {
        ScopeName::Organization => Ok(Owner::Organization),
        ScopeName::Project => {
            Ok(Owner::Project(args.project_slug.as_ref().unwrap_or(&context.project).clone()))
        }
        ScopeName::User => context.user.clone().map(Owner::User).ok_or_else(|| no_user(false)),
    }
}

/// A project or user that the command line does not name is the context's, and so one of the context's organization: where
/// the credential is of another, nobody said that it goes there.
fn check_organization(
    args: &MoveArgs,
    flags: &ContextArgs,
    context: &Context,
    before: &Record,
) -> Result<(), CliError> {
    let organization = &before.candidate.organization;
    let (what, flag, is_named) = match args.scope {
        ScopeName::Organization => return Ok(()),
        ScopeName::Project => {
            ("project", "--project-slug", args.project_slug.is_some() || flags.project.is_some())
        }
        ScopeName::User => ("user", "--as-user", flags.as_user.is_some()),
    };
    if is_named || *organization == context.organization {
        return Ok(());
    }
    Err(CliError::refused(
        "other_organization",
        format!(
            "{} belongs to the organization `{organization}`, but the current {what} is one of `{}`",
            view::named(before),
            context.organization
        ),
        format!("name the {what} with `{flag} NAME`"),
    ))
}

/// Who no longer finds it, and who finds it from now on.
fn effects(candidate: &Candidate, to: &Owner) -> Vec<String> {
    let mut effects = Vec::new();
    match (&candidate.owner, to) {
        (Owner::Organization, Owner::Project(project)) => {
            effects.push(format!("runs of projects other than {project} no longer find it"));
        }
        // Every project without one of its own finds the organization's.
        (Owner::Organization, _) | (Owner::Project(_), Owner::Organization) => {}
        (Owner::Project(project), _) => effects.push(format!("runs of project {project} no longer find it")),
        (Owner::User(user), _) => effects.push(format!(
            "actions that are pinned to the user scope no longer find it, in runs that act as {user}"
        )),
    }
    match to {
        Owner::Organization => {
            effects.push("from now on all projects that have none of their own find it".to_owned())
        }
        Owner::Project(_) => {}
        Owner::User(user) => effects.push(format!(
            "only actions that are pinned to the user scope find it, in runs that act as {user}"
        )),
    }
    if candidate.default {
        effects.push(format!(
            "it is marked as default, and the mark does not move with it: `keystroke credentials update {} --default` marks it there",
            candidate.id
        ));
    }
    effects
}
