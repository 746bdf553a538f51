//! `keystroke credentials assign`, `unassign` and `assignments`: which step, tool or poll uses which credential,
//! whatever is marked as default (SEMANTICS R2).

use std::path::Path;

use keystroke_core::{Assignment, Candidate, Consumer, Manifest, Owner};
use keystroke_files::is_secret_path;
use keystroke_vault::Filter;
use serde::Serialize;

use crate::args::ContextArgs;
use crate::commands::known_names::KnownNames;
use crate::commands::open::{find, open};
use crate::context::Context;
use crate::error::CliError;
use crate::input::names::check_key;
use crate::manifest::{self, tell_action_as_consumer};
use crate::output::{AssignmentJson, Output, Report, UseJson, text, typed, view};

pub(super) fn assign(
    id: &str,
    consumer: Consumer,
    action: &str,
    manifest: Option<&Path>,
    flags: &ContextArgs,
    output: &Output,
) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        assignment: AssignmentJson<'a>,
    }
    let context = Context::find(flags)?;
    let manifest = manifest::find(manifest)?;
    let vault = open()?;
    let candidate = find(&vault, id, flags)?.candidate;
    if let Some(manifest) = &manifest {
        serves(manifest, action, &candidate)?;
        tell_action_as_consumer(manifest, &consumer, output);
    }
    let place = Assignment::in_project(&context.organization, &context.project).to(consumer, action);
    let known = KnownNames::of(&vault, &context.organization);
    vault.assign(&place, &candidate.key, &candidate.id)?;
    // Whoever assigns a personal credential may not think of the other users.
    if let Owner::User(user) = &candidate.owner {
        output.notice(
            "user_instance",
            &format!(
                "only runs that act as {user} can use `{}`: all other runs of {} are now refused; `keystroke credentials unassign` undoes it",
                candidate.id,
                view::usage(&place)
            ),
        );
    }
    known.tell_assignment(&place, output);
    let people =
        format!("assigned {} to {}\n", text::line(&format!("`{}`", candidate.id)), view::usage(&place));
    output.of(people, Json { assignment: AssignmentJson::new(&place, &candidate.key, &candidate.id) })
}

/// Refuses an assignment that would serve no run of the application.
fn serves(manifest: &Manifest, action: &str, candidate: &Candidate) -> Result<(), CliError> {
    let declared = manifest::action(manifest, action)?;
    let requirement = manifest::requirement(declared, &candidate.key)?;
    manifest::within_pin(requirement, candidate, action)
}

pub(super) fn unassign(
    key: &str,
    consumer: Consumer,
    action: &str,
    flags: &ContextArgs,
    output: &Output,
) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        unassigned: Unassigned<'a>,
    }
    #[derive(Serialize)]
    struct Unassigned<'a> {
        #[serde(flatten)]
        place: UseJson<'a>,
        key: &'a str,
    }
    check_key(key)?;
    let context = Context::find(flags)?;
    let place = Assignment::in_project(&context.organization, &context.project).to(consumer, action);
    let fix = format!("use one that `keystroke credentials assignments{}` shows", flags.organization_flag());
    // What cannot be a slug may be a secret, and is not shown.
    if is_secret_path(Path::new(action)) || is_secret_path(Path::new(place.consumer.slug())) {
        return Err(CliError::refused(
            "no_such_assignment",
            format!("`{}` is not assigned to an action of that name there", typed::key(key)),
            fix,
        ));
    }
    if !open()?.unassign(&place, key)? {
        return Err(CliError::refused(
            "no_such_assignment",
            format!("`{}` is not assigned to {}", typed::key(key), view::usage(&place)),
            fix,
        ));
    }
    let people = format!("`{}` is no longer assigned to {}\n", typed::key(key), view::usage(&place));
    output.of(people, Json { unassigned: Unassigned { place: (&place).into(), key } })
}

pub(super) fn list(flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        assignments: Vec<AssignmentJson<'a>>,
    }
    let context = Context::find(flags)?;
    let filter = Filter { organization: Some(context.organization.clone()), key: None };
    let vault = open()?;
    let mut all = vault.assignments(&filter)?;
    if let Some(project) = &flags.project {
        all.retain(|(place, _, _)| place.project == *project);
    }
    let people = if all.is_empty() {
        KnownNames::of(&vault, &context.organization).tell_slips(flags.project.as_deref(), None, output);
        let project = flags.project.as_ref().map_or_else(String::new, |it| format!("the project `{it}` of "));
        let text = format!("no assignments in {project}the organization `{}`", context.organization);
        text::line(&text).into_owned() + "\n"
    } else {
        view::assignments(&all)
    };
    let assignments = all.iter().map(|(place, key, id)| AssignmentJson::new(place, key, id)).collect();
    output.of(people, Json { assignments })
}
