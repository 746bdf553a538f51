//! `keystroke credentials set`, `list` and `show`.

use std::collections::BTreeSet;

use keystroke_core::{Candidate, Fields, Instance, Owner, SHORTEST_SECRET, Status};
use keystroke_vault::{Add, Filter, NewInstance, Record, Vault, VaultError};

use super::known::Known;
use super::{check_key, effect, find, open, open_or_init};
use crate::cli::{ContextArgs, List, New, ScopeName, Set};
use crate::context::Context;
use crate::declared::Declared;
use crate::error::CliError;
use crate::output::{Output, Report};
use crate::set::{self, FieldRules, Setting};
use crate::view::{self, InstanceJson, InstancesJson, RecordJson};
use crate::{prompt, typed};

pub(super) fn set(args: Set, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    check_key(&args.key)?;
    let context = Context::find(flags)?;
    let settings = set::parse(args.sets)?;
    set::keeps_line_ends_of(&args.keep_line_end, &settings)?;
    let declared = Declared::find(&args.key, args.manifest.file.as_deref())?;
    let rules = FieldRules {
        declared: declared.as_ref(),
        allow_short: &args.new.allow_short,
        keep_line_end: &args.keep_line_end,
    };
    let owners = owners(&args.new, declared.as_ref(), &context)?;
    effect::tell_owners(owners.iter(), flags, output);
    let fields = if !settings.is_empty() {
        if let Some(declared) = &declared {
            let names = || settings.iter().map(Setting::field);
            declared.has_all(names())?;
            declared.is_complete(|name| names().any(|given| given == name))?;
        }
        set::read(settings, &rules, output)?
    } else if prompt::is_possible() {
        match &declared {
            Some(declared) => declared.ask(|_| true, &rules, output)?,
            None => ask(&["api_key".to_owned()], &rules, output)?,
        }
    } else {
        return Err(CliError::usage(
            "no `--set`, and there is no terminal to ask on",
            format!(
                "write `keystroke credentials set {} --set api_key=@stdin`; the forms are {}",
                typed::key(&args.key),
                set::FORMS
            ),
        ));
    };
    store(&args.key, owners, &fields, declared.as_ref(), args.new, &context, output)
}

/// Asks for the value of each field.
pub(super) fn ask(names: &[String], rules: &FieldRules<'_>, output: &Output) -> Result<Fields, CliError> {
    let _quiet = prompt::Quiet::begin();
    let mut fields = Fields::new();
    for name in names {
        fields.set(name, set::ask(name, rules, output)?);
    }
    Ok(fields)
}

/// Who the new instances are for: one in each scope that is named, and in each project. Where none is named, it is where
/// the application's runs look.
pub(super) fn owners(
    new: &New,
    declared: Option<&Declared>,
    context: &Context,
) -> Result<BTreeSet<Owner>, CliError> {
    let scopes = match (new.scope.as_slice(), declared) {
        ([], Some(declared)) => vec![declared.uses().scope()?],
        ([], None) => vec![ScopeName::Organization],
        (scopes, _) => scopes.to_vec(),
    };
    if !new.project_slug.is_empty() && !scopes.contains(&ScopeName::Project) {
        return Err(project_without_scope());
    }
    let mut owners = BTreeSet::new();
    for scope in &scopes {
        match scope {
            ScopeName::Organization => {
                owners.insert(Owner::Organization);
            }
            ScopeName::Project if new.project_slug.is_empty() => {
                owners.insert(Owner::Project(context.project.clone()));
            }
            ScopeName::Project => owners.extend(new.project_slug.iter().cloned().map(Owner::Project)),
            ScopeName::User => {
                let user = context.user.clone();
                owners.insert(Owner::User(user.ok_or_else(|| no_user(new.scope.is_empty()))?));
            }
        }
    }
    Ok(owners)
}

pub(super) fn project_without_scope() -> CliError {
    CliError::usage(
        "`--project-slug` says which project, and there is no `--scope project`",
        "add `--scope project`",
    )
}

/// `pinned`: it is the manifest that says so, and no flag.
pub(super) fn no_user(pinned: bool) -> CliError {
    if pinned {
        return CliError::usage(
            "the manifest pins it to the user scope, and nobody says which user",
            "add `--user NAME`, or say with `--scope` where else it belongs",
        );
    }
    CliError::usage(
        "`--scope user` needs to know which user",
        "add `--user NAME`, or put `user` into keystroke.toml",
    )
}

/// Stores the same fields for each owner, all or none. By what is declared their values are checked, and those that are
/// no secrets may be short.
pub(super) fn store(
    key: &str,
    owners: BTreeSet<Owner>,
    fields: &Fields,
    declared: Option<&Declared>,
    new: New,
    context: &Context,
    output: &Output,
) -> Result<Report, CliError> {
    short_fields_exist(&new.allow_short, fields)?;
    // Refused before there is a vault: what can't be stored makes none.
    let instances = instances(key, owners, fields, declared, &new, context)?;
    let mode = if new.add { Add::Another } else { Add::OnlyFirst };
    let vault = open_or_init(output)?;
    let known = Known::of(&vault, &context.organization);
    let records = vault.add(instances, mode)?;
    if new.add {
        tell_unusable(&vault, records.iter().map(|record| &*record.candidate), output)?;
    }
    known.tell_owners(records.iter().map(|record| &record.candidate.owner), output);
    if let Some(declared) = declared {
        for record in &records {
            declared.uses().tell_unseen(&record.candidate, context.user.as_deref(), output);
        }
    }
    let mut people = String::new();
    for record in &records {
        people += &stored(record);
    }
    output.of(people, InstancesJson { instances: records.iter().map(RecordJson::from).collect() })
}

/// Says where runs are refused although the owner of a changed instance has one that could be used: several are left of
/// which none is the default, or the default is revoked. Without a word it would be the next run that tells.
pub(super) fn tell_unusable<'a>(
    vault: &Vault,
    changed: impl IntoIterator<Item = &'a Candidate>,
    output: &Output,
) -> Result<(), CliError> {
    let places: BTreeSet<_> =
        changed.into_iter().map(|one| (&one.organization, &one.key, &one.owner)).collect();
    for (organization, key, owner) in places {
        let filter = Filter { organization: Some(organization.clone()), key: Some(key.clone()) };
        let records = vault.list(&filter)?;
        let all = || records.iter().map(|record| &record.candidate).filter(|one| one.owner == *owner);
        let mut alive = all().filter(|one| one.status != Status::Revoked);
        let Some(one) = alive.next() else { continue };
        let more = alive.count();
        let whose = view::owner_of(owner, organization);
        let mark = format!("`keystroke credentials update {} --default`", one.id);
        match all().find(|one| one.default) {
            Some(default) if default.status == Status::Revoked => output.notice(
                "revoked_default",
                &format!(
                    "`{}`, the default of {whose} for `{key}`, is revoked, so runs that look there are refused: {mark} marks {} instead",
                    default.id,
                    if more == 0 { "the one that is left" } else { "another one" },
                ),
            ),
            None if more > 0 => output.notice(
                "ambiguous",
                &format!(
                    "{whose} has {} credentials for `{key}` now and none is the default, so runs that look there are refused: {mark} marks that one to be used",
                    more + 1
                ),
            ),
            _ => {}
        }
    }
    Ok(())
}

/// What people are told of a new instance.
pub(super) fn stored(record: &Record) -> String {
    let key = &record.candidate.key;
    format!("stored `{key}` as {} for {}\n", view::named(record), crate::text::line(&view::owner(record)))
}

/// The new instances of a key, one for each owner, checked.
pub(super) fn instances(
    key: &str,
    owners: BTreeSet<Owner>,
    fields: &Fields,
    declared: Option<&Declared>,
    new: &New,
    context: &Context,
) -> Result<Vec<NewInstance>, CliError> {
    let mut allow_short = new.allow_short.clone();
    if let Some(declared) = declared {
        declared.can_read(fields)?;
        allow_short.extend(declared.plain(fields));
    }
    let instances = owners.into_iter().map(|owner| {
        let mut instance = Instance::new(key).owned(&context.organization, owner);
        for (name, value) in fields.iter() {
            instance = instance.field(name, value.expose_secret());
        }
        if let Some(label) = &new.label {
            instance = instance.label(label.as_str());
        }
        if new.default {
            instance = instance.default();
        }
        allow_short.iter().fold(NewInstance::new(instance), NewInstance::allow_short)
    });
    let short = short_fields(fields);
    let instances: Vec<NewInstance> = instances.collect();
    instances
        .iter()
        .try_for_each(NewInstance::check)
        .map_err(|error| with_flag(error, &short, &allow_short))?;
    Ok(instances)
}

/// The fields that the vault refuses unless it is told otherwise.
pub(super) fn short_fields(fields: &Fields) -> Vec<String> {
    let short = fields.iter().filter(|(_, value)| value.expose_secret().len() < SHORTEST_SECRET);
    short.map(|(name, _)| name.to_owned()).collect()
}

/// The vault's refusal of a value, which names the field it was given; of a short value, with all that are, and with
/// the flag of this program that allows one.
pub(super) fn with_flag(error: VaultError, short: &[String], allowed: &[String]) -> CliError {
    let VaultError::InvalidValue { field, problem, fix } = error else { return error.into() };
    let refused = |fields: &[&String], fix: String| {
        let names: Vec<String> = fields.iter().map(|field| typed::field(field)).collect();
        CliError::refused("invalid_value", format!("the value of {} {problem}", names.join(" and of ")), fix)
    };
    if !short.contains(&field) {
        return refused(&[&field], fix);
    }
    let short: Vec<&String> = short.iter().filter(|short| !allowed.contains(short)).collect();
    let flags: Vec<String> =
        short.iter().map(|field| format!("`--allow-short {}`", typed::field_in_command(field))).collect();
    refused(
        &short,
        format!("use a longer secret; for a field that is no secret, pass {}", flags.join(" and ")),
    )
}

/// An `--allow-short` for nothing is a slip of the pen.
pub(super) fn short_fields_exist(short: &[String], fields: &Fields) -> Result<(), CliError> {
    if short.iter().all(|name| fields.get(name).is_some()) {
        return Ok(());
    }
    Err(CliError::usage(
        "`--allow-short` names a field that is not set here",
        "name a field that has a `--set` in this command",
    ))
}

pub(super) fn list(args: List, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    args.key.as_deref().map_or(Ok(()), check_key)?;
    let context = Context::find(flags)?;
    let vault = open()?;
    let filter = Filter { organization: Some(context.organization.clone()), key: args.key.clone() };
    let mut records = vault.list(&filter)?;
    let unfiltered = records.len();
    records.retain(|record| is_wanted(&record.candidate, &args, flags));
    // By owner too: the vault orders by scope and then by id, which is random.
    records.sort_by(|a, b| {
        let (a, b) = (&a.candidate, &b.candidate);
        (&a.key, &a.owner, &a.id).cmp(&(&b.key, &b.owner, &b.id))
    });
    let people = if records.is_empty() {
        Known::of(&vault, &context.organization).tell_slips(
            flags.project.as_deref(),
            flags.as_user.as_deref(),
            output,
        );
        none(args.key.as_deref(), unfiltered, &vault, &context)?
    } else {
        view::records(&records)
    };
    output.of(people, InstancesJson { instances: records.iter().map(RecordJson::from).collect() })
}

/// By the flags alone: `keystroke.toml` says for which project one works, and not what one may see.
fn is_wanted(candidate: &Candidate, args: &List, flags: &ContextArgs) -> bool {
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

/// Says that there are none, and where there are some.
fn none(key: Option<&str>, unfiltered: usize, vault: &Vault, context: &Context) -> Result<String, CliError> {
    let what = key.map_or_else(String::new, |key| format!(" for `{}`", typed::key(key)));
    let elsewhere = if unfiltered > 0 {
        format!(" that these flags let through, of {unfiltered}")
    } else {
        let others = vault.list(&Filter::default())?;
        let others: BTreeSet<&str> =
            others.iter().map(|record| record.candidate.organization.as_str()).collect();
        let others: Vec<String> = others
            .into_iter()
            .filter(|organization| *organization != context.organization)
            .map(|organization| format!("`{organization}`"))
            .collect();
        if others.is_empty() {
            String::new()
        } else {
            format!("; there are some in {}, which `--organization` names", others.join(", "))
        }
    };
    let text = format!("no credentials{what} in the organization `{}`{elsewhere}", context.organization);
    Ok(crate::text::line(&text).into_owned() + "\n")
}

pub(super) fn show(id: &str, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let record = find(&open()?, id, flags)?;
    output.of(view::record(&record), InstanceJson::from(&record))
}
