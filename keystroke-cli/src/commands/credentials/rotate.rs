//! `keystroke credentials update`, `rotate`, `revoke` and `delete`: changes of one credential, by its id.

use std::ffi::OsString;

use keystroke_core::Label;
use keystroke_vault::{Change, NewFields, Record};
use serde::Serialize;

use super::confirm::Plan;
use super::credentials::{ask, short_fields, short_fields_exist, tell_unusable, with_flag};
use super::{find, open};
use crate::cli::{ContextArgs, ManifestArg, Update};
use crate::context::Context;
use crate::declared::Declared;
use crate::error::CliError;
use crate::output::{Output, Report};
use crate::set::{self, FieldRules, Setting};
use crate::view::{self, InstanceJson};
use crate::{prompt, text, typed};

/// What no vault can do.
const AT_PROVIDER: &str = "if the key may have leaked, revoke it at the provider too";

pub(super) fn update(args: Update, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let Update { id, label, no_label, default, no_default } = args;
    let vault = open()?;
    let record = find(&vault, &id, flags)?;
    let change = Change {
        label: label.map(Label::from).map(Some).or_else(|| no_label.then_some(None)),
        default: default.then_some(true).or_else(|| no_default.then_some(false)),
    };
    let marked = change.default;
    let record = vault.update(&record.candidate.id, change)?;
    tell_unusable(&vault, [&*record.candidate], output)?;
    let now = match marked {
        Some(true) => format!(", now the default of {}", view::owner(&record)),
        Some(false) => format!(", no longer the default of {}", view::owner(&record)),
        None => String::new(),
    };
    changed(&record, &format!("updated {}{}", view::named(&record), text::line(&now)), output)
}

/// What a rotation puts in and takes out.
pub(super) struct New {
    pub(super) sets: Vec<OsString>,
    pub(super) unset: Vec<String>,
    pub(super) allow_short: Vec<String>,
    pub(super) keep_line_end: Vec<String>,
    pub(super) manifest: ManifestArg,
}

pub(super) fn rotate(id: &str, new: New, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let New { sets, unset, mut allow_short, keep_line_end, manifest } = new;
    let settings = set::parse(sets)?;
    set::keeps_line_ends_of(&keep_line_end, &settings)?;
    let asks = settings.is_empty() && unset.is_empty();
    if asks && !prompt::is_possible() {
        return Err(CliError::usage(
            "no `--set`, and there is no terminal to ask on",
            format!("add {}", set::FORMS),
        ));
    }
    let vault = open()?;
    let record = find(&vault, id, flags)?;
    unset_fields_exist(&unset, &record)?;
    let declared = Declared::find(&record.candidate.key, manifest.file.as_deref())?;
    if let Some(declared) = declared.as_ref().filter(|_| !asks) {
        let names = || settings.iter().map(Setting::field);
        declared.has_all(names())?;
        let stays = |name: &str| has(&record, name) && unset.iter().all(|unset| unset != name);
        declared.is_complete(|name| stays(name) || names().any(|given| given == name))?;
    }
    let rules =
        FieldRules { declared: declared.as_ref(), allow_short: &allow_short, keep_line_end: &keep_line_end };
    let fields = match &declared {
        Some(declared) if asks => {
            declared.ask(|field| field.required || has(&record, &field.name), &rules, output)?
        }
        None if asks => ask(&record.fields, &rules, output)?,
        _ => set::read(settings, &rules, output)?,
    };
    short_fields_exist(&allow_short, &fields)?;
    if let Some(declared) = &declared {
        declared.can_read(&fields)?;
        allow_short.extend(declared.plain(&fields));
    }
    let unknown: Vec<String> = fields.names().filter(|name| !has(&record, name)).map(str::to_owned).collect();
    let short = short_fields(&fields);
    let new = allow_short.iter().fold(NewFields::new(fields), NewFields::allow_short);
    let new = unset.iter().fold(new, NewFields::unset);
    let before = fields_of(&record);
    let record =
        vault.rotate(&record.candidate.id, new).map_err(|error| with_flag(error, &short, &allow_short))?;
    // A slip in a field's name would leave the old secret in use, and say that all is well.
    for name in unknown.into_iter().filter(|_| declared.is_none()) {
        output.warning(
            "new_field",
            &format!(
                "{} had no field {} before, only {before}; if it is a slip, `keystroke credentials rotate {} --unset {}` takes it out",
                view::named(&record),
                typed::plain_field(&name).map_or_else(|| "of this name".to_owned(), |name| format!("`{name}`")),
                record.candidate.id,
                typed::field_in_command(&name),
            ),
        );
    }
    if let Some(declared) = &declared {
        let user = Context::find(flags).ok().and_then(|context| context.user);
        declared.uses().tell_unseen(&record.candidate, user.as_deref(), output);
    }
    let version = record.candidate.version;
    let without: Vec<String> = unset.iter().map(|name| format!("`{name}`")).collect();
    let without =
        if without.is_empty() { String::new() } else { format!(", without {}", without.join(" and ")) };
    let people = format!("rotated {} to version {version}{}", view::named(&record), text::line(&without));
    changed(&record, &people, output)
}

fn has(record: &Record, name: &str) -> bool {
    record.fields.iter().any(|field| field == name)
}

/// Names only: `` `id`, `secret` ``.
fn fields_of(record: &Record) -> String {
    record.fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

/// What is no field of the record may be anything, so it is not repeated.
fn unset_fields_exist(unset: &[String], record: &Record) -> Result<(), CliError> {
    if unset.iter().all(|name| has(record, name)) {
        return Ok(());
    }
    Err(CliError::usage(
        format!("an `--unset` names a field that {} does not have", view::named(record)),
        format!("name one of {}", fields_of(record)),
    ))
}

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
    changed(&record, &people, output)
}

fn changed(record: &Record, people: &str, output: &Output) -> Result<Report, CliError> {
    output.of(format!("{people}\n"), InstanceJson::from(record))
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
