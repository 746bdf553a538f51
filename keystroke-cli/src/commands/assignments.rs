//! `keystroke credentials assign`, `unassign` and `assignments`: which step, tool or poll uses which credential,
//! whatever is marked as default (SEMANTICS R2).

use keystroke_core::{Assignment, Consumer, Owner};
use keystroke_vault::Filter;
use serde::Serialize;

use super::{check_key, find, open};
use crate::cli::ContextArgs;
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Output, Report};
use crate::typed;
use crate::view::{self, AssignmentJson, UseJson};

pub(super) fn assign(
    id: &str,
    consumer: Consumer,
    action: &str,
    flags: &ContextArgs,
    output: &Output,
) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        assignment: AssignmentJson<'a>,
    }
    let context = Context::find(flags)?;
    let vault = open()?;
    let candidate = find(&vault, id, flags)?.candidate;
    let place = Assignment::in_project(&context.organization, &context.project).to(consumer, action);
    vault.assign(&place, &candidate.key, &candidate.id)?;
    // Whoever assigns a credential of their own may not think of the others.
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
    let people = format!(
        "assigned {} to {}\n",
        crate::text::line(&format!("`{}`", candidate.id)),
        view::usage(&place)
    );
    output.of(people, Json { assignment: AssignmentJson::new(&place, &candidate.key, &candidate.id) })
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
        unassigned: Place<'a>,
    }
    #[derive(Serialize)]
    struct Place<'a> {
        #[serde(flatten)]
        place: UseJson<'a>,
        key: &'a str,
    }
    check_key(key)?;
    let context = Context::find(flags)?;
    let place = Assignment::in_project(&context.organization, &context.project).to(consumer, action);
    if !open()?.unassign(&place, key)? {
        return Err(CliError::refused(
            "no_such_assignment",
            format!("`{}` is not assigned to {}", typed::key(key), view::usage(&place)),
            "use one that `keystroke credentials assignments` shows",
        ));
    }
    let people = format!("`{}` is no longer assigned to {}\n", typed::key(key), view::usage(&place));
    output.of(people, Json { unassigned: Place { place: (&place).into(), key } })
}

pub(super) fn list(flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        assignments: Vec<AssignmentJson<'a>>,
    }
    let context = Context::find(flags)?;
    let filter = Filter { organization: Some(context.organization.clone()), key: None };
    let mut all = open()?.assignments(&filter)?;
    if let Some(project) = &flags.project {
        all.retain(|(place, _, _)| place.project == *project);
    }
    let people = if all.is_empty() {
        crate::text::line(&format!("no assignments in the organization `{}`", context.organization))
            .into_owned()
            + "\n"
    } else {
        view::assignments(&all)
    };
    let assignments = all.iter().map(|(place, key, id)| AssignmentJson::new(place, key, id)).collect();
    output.of(people, Json { assignments })
}
