//! `keystroke credentials list` and `show`.

use std::collections::BTreeSet;

use keystroke_core::{Candidate, Owner};
use keystroke_vault::{Filter, Record, Vault};

use crate::args::{ContextArgs, ListArgs, ScopeName};
use crate::commands::known_names::KnownNames;
use crate::commands::open::{find, open};
use crate::context::Context;
use crate::error::CliError;
use crate::input::names::check_key;
use crate::output::typed::nearest;
use crate::output::{InstanceJson, InstancesJson, Output, RecordJson, Report, text, typed, view};

pub(super) fn list(args: &ListArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    args.key.as_deref().map_or(Ok(()), check_key)?;
    let context = Context::find(flags)?;
    let vault = open()?;
    let filter = Filter { organization: Some(context.organization.clone()), key: args.key.clone() };
    let mut records = vault.list(&filter)?;
    let unfiltered = records.len();
    records.retain(|record| is_wanted(&record.candidate, args, flags));
    // By owner too: the vault orders by scope and then by id, which is random.
    records.sort_by(|a, b| {
        let (a, b) = (&a.candidate, &b.candidate);
        (&a.key, &a.owner, &a.id).cmp(&(&b.key, &b.owner, &b.id))
    });
    let people = if records.is_empty() {
        KnownNames::of(&vault, &context.organization).tell_slips(
            flags.project.as_deref(),
            flags.as_user.as_deref(),
            output,
        );
        none(unfiltered, args, flags, &vault, &context)?
    } else {
        view::records(&records)
    };
    output.of(people, InstancesJson { instances: records.iter().map(RecordJson::from).collect() })
}

/// By the flags alone: `keystroke.toml` says which project one works in, not what one may see.
fn is_wanted(candidate: &Candidate, args: &ListArgs, flags: &ContextArgs) -> bool {
    let is_owners = match (&flags.project, &flags.as_user) {
        (None, None) => true,
        (project, user) => match &candidate.owner {
            Owner::Organization => false,
            Owner::Project(owner) => project.as_ref() == Some(owner),
            Owner::User(owner) => user.as_ref() == Some(owner),
        },
    };
    let scope = ScopeName::from(candidate.scope());
    is_owners
        && (args.scope.is_empty() || args.scope.contains(&scope))
        && (args.status.is_empty() || args.status.iter().any(|status| candidate.status == (*status).into()))
        && (args.kind.is_empty() || args.kind.iter().any(|kind| candidate.kind == (*kind).into()))
}

/// Says that there are none, and where there are others. What a key or a flag leaves out is nowhere else either.
fn none(
    unfiltered: usize,
    args: &ListArgs,
    flags: &ContextArgs,
    vault: &Vault,
    context: &Context,
) -> Result<String, CliError> {
    let key = args.key.as_deref();
    let what = key.map_or_else(String::new, |key| format!(" for `{}`", typed::key(key)));
    let text = format!("no credentials{what} in the organization `{}`", context.organization);
    let all = if unfiltered == 0 { vault.list(&Filter::default())? } else { Vec::new() };
    let of_key = |record: &&Record| key.is_none_or(|key| record.candidate.key == key);
    let text = match key {
        _ if unfiltered > 0 => format!("{text} that these flags let through, of {unfiltered}"),
        Some(key) if !all.iter().any(|record| of_key(&record)) => unknown_key(key, &all, context),
        _ => {
            let others = all.iter().filter(of_key).filter(|record| is_wanted(&record.candidate, args, flags));
            let others: BTreeSet<&str> =
                others.map(|record| record.candidate.organization.as_str()).collect();
            let others: Vec<String> =
                others.into_iter().map(|organization| format!("`{organization}`")).collect();
            if others.is_empty() {
                text
            } else {
                format!("{text}; there are some in {}, which `--organization` names", others.join(", "))
            }
        }
    };
    Ok(text::line(&text).into_owned() + "\n")
}

/// Says that no credential has the key, and which key was probably meant: one of the organization before any other.
fn unknown_key(key: &str, all: &[Record], context: &Context) -> String {
    let near = |is_ours: bool| {
        let candidates = all.iter().map(|record| &record.candidate);
        let candidates = candidates.filter(|one| (one.organization == context.organization) == is_ours);
        nearest(key, candidates.map(|one| one.key.as_str()))
    };
    let text = format!("no credential has the key `{}`", typed::key(key));
    match (near(true), near(false)) {
        (Some(near), _) => format!("{text}; the nearest one is `{near}`"),
        (None, Some(near)) => {
            let organizations: BTreeSet<String> = all
                .iter()
                .filter(|record| record.candidate.key == near)
                .map(|record| format!("`{}`", record.candidate.organization))
                .collect();
            let organizations: Vec<String> = organizations.into_iter().collect();
            format!(
                "{text}; the nearest one is `{near}`, of {}, which `--organization` names",
                organizations.join(", ")
            )
        }
        (None, None) => text,
    }
}

pub(super) fn show(id: &str, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let record = find(&open()?, id, flags)?;
    output.of(view::record(&record), InstanceJson::from(&record))
}
