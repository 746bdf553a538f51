//! `keystroke credentials revoke` and `delete`: the end of one credential, by its id.

use serde::Serialize;

use super::unusable::tell_unusable;
use crate::args::ContextArgs;
use crate::commands::confirm::Plan;
use crate::commands::open::{find, open};
use crate::error::CliError;
use crate::input::prompt;
use crate::output::{InstanceJson, Output, Report, view};

/// What the vault cannot do.
const AT_PROVIDER: &str = "if the key may have leaked, revoke it at the provider too";

pub(super) fn revoke(id: &str, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let vault = open()?;
    let record = find(&vault, id, flags)?;
    let record = vault.revoke(&record.candidate.id)?;
    tell_unusable(&vault, [&*record.candidate], output)?;
    let mut people = format!("revoked {} for good; {AT_PROVIDER}", view::named(&record));
    if !record.used_by.is_empty() {
        let users: Vec<String> = record.used_by.iter().map(view::usage).collect();
        people += &format!("\nit stays assigned, so these are refused from now on: {}", users.join("; "));
    }
    output.of(people + "\n", InstanceJson::from(&record))
}

pub(super) fn delete(id: &str, yes: bool, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        deleted: InstanceJson<'a>,
    }
    let vault = open()?;
    let record = find(&vault, id, flags)?;
    let is_assigned = !record.used_by.is_empty();
    if !yes && !is_assigned && prompt::is_possible() && !output.is_json() {
        let plan = Plan {
            code: "unconfirmed",
            refusal: "",
            lines: &[format!("deletes {} of {} for good", view::named(&record), view::owner(&record))],
            question: "Delete it?",
            fix: &format!("run `keystroke credentials delete {id} --yes`"),
        };
        plan.confirm(output)?;
    }
    if !yes && is_assigned {
        let users: Vec<String> = record.used_by.iter().map(view::usage).collect();
        let plan = Plan {
            code: "assigned",
            refusal: "",
            lines: &[format!("{} is assigned to {}", view::named(&record), users.join("; "))],
            question: "Delete it, and these assignments?",
            fix: &format!("run `keystroke credentials delete {id} --yes` to delete it and its assignments"),
        };
        plan.confirm(output)?;
    }
    let record = vault.delete(&record.candidate.id)?;
    tell_unusable(&vault, [&*record.candidate], output)?;
    let people = format!("deleted {}; {AT_PROVIDER}\n", view::named(&record));
    output.of(people, Json { deleted: InstanceJson::from(&record) })
}
