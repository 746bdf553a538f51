//! `keystroke credentials discard`: the way out when what is stored for a key was altered outside keystroke.

use keystroke_vault::{Filter, VaultError};
use serde::Serialize;

use crate::args::ContextArgs;
use crate::commands::confirm::Plan;
use crate::commands::open::open;
use crate::context::Context;
use crate::error::CliError;
use crate::input::names::check_key;
use crate::output::{Output, Report, text};

pub(super) fn discard(
    key: &str,
    yes: bool,
    flags: &ContextArgs,
    output: &Output,
) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        organization: &'a str,
        key: &'a str,
        discarded: usize,
    }
    check_key(key)?;
    let Context { organization, .. } = Context::find(flags)?;
    let named = flags.organization_flag();
    let vault = open()?;
    let filter = Filter { organization: Some(organization.clone()), key: Some(key.to_owned()) };
    let state = match vault.list(&filter) {
        Ok(records) if records.is_empty() => {
            return Err(CliError::refused(
                "nothing_to_discard",
                format!("the organization `{organization}` has no credentials for `{key}`"),
                format!(
                    "use a key that `keystroke credentials list{named}` shows, or name another `--organization`"
                ),
            ));
        }
        // Perhaps `delete` is meant, which says more about what it does.
        Ok(records) => {
            let one = records.first().map_or("ID", |record| record.candidate.id.as_str());
            format!("they are sound, and `keystroke credentials delete {one}` deletes one of them alone")
        }
        Err(VaultError::Altered { .. }) => "they were altered outside keystroke".to_owned(),
        Err(error) => return Err(error.into()),
    };
    if !yes {
        let lines = [
            format!(
                "all credentials and assignments of `{key}` in the organization `{organization}` are removed: {state}"
            ),
            format!("they must be stored again with `keystroke credentials set {key}{named}`"),
        ];
        let plan = Plan {
            code: "unconfirmed",
            refusal: "not confirmed: ",
            lines: &lines,
            question: "Discard them?",
            fix: "run the same command with `--yes`",
        };
        plan.confirm(output)?;
    }
    let discarded = vault.discard(&organization, key)?;
    let people = format!(
        "discarded {} of `{key}` in the organization {organization}; store new values with `keystroke credentials set {key}{named}`",
        text::count(discarded as u64, "credential")
    );
    output.of(text::line(&people).into_owned() + "\n", Json { organization: &organization, key, discarded })
}
