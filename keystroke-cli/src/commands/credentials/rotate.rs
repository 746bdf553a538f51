//! `keystroke credentials rotate`: new values under the same id.

use keystroke_core::ManifestField;
use keystroke_vault::{NewFields, Record};

use super::short_values::{short_fields, short_fields_exist, with_flag};
use crate::args::{ContextArgs, RotateArgs};
use crate::commands::open::{find, open};
use crate::context::Context;
use crate::error::{CliError, Refusal, Refusals};
use crate::input::field_rules::FieldRules;
use crate::input::set::{FORMS, Settings};
use crate::input::{ask, prompt};
use crate::manifest::Declared;
use crate::output::typed::{self, listed, nearest};
use crate::output::{InstanceJson, Output, Report, text, view};

pub(super) fn rotate(args: RotateArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let RotateArgs { id, sets, unset, mut allow_short, keep_line_end, manifest } = args;
    let settings = Settings::parse(sets, keep_line_end)?;
    let asks = settings.is_empty() && unset.is_empty();
    if asks && !prompt::is_possible() {
        return Err(CliError::usage(
            "there is no `--set`, and no terminal to ask on",
            format!("add {}", FORMS),
        ));
    }
    let vault = open()?;
    let record = find(&vault, &id, flags)?;
    unset_fields_exist(&unset, &record)?;
    let declared = Declared::find(&record.candidate.key, manifest.file.as_deref())?;
    if let Some(declared) = declared.as_ref().filter(|_| !asks) {
        declared.check_names(settings.fields())?;
        let stays = |name: &str| has(&record, name) && unset.iter().all(|unset| unset != name);
        declared.check_complete(|name| stays(name) || settings.has(name))?;
    }
    let rules = FieldRules { declared: declared.as_ref(), allow_short: &allow_short };
    let fields = if asks {
        let wanted = |field: &ManifestField| field.required || has(&record, &field.name);
        ask::fields(&rules, wanted, &record.fields, output)?
    } else {
        settings.read(&rules, output)?
    };
    short_fields_exist(&allow_short, &fields)?;
    if let Some(declared) = &declared {
        declared.check_types(&fields)?;
        allow_short.extend(declared.plain(&fields));
    }
    let unknown: Vec<String> = fields.names().filter(|name| !has(&record, name)).map(str::to_owned).collect();
    let short = short_fields(&fields);
    let new = allow_short.iter().fold(NewFields::new(fields), NewFields::allow_short);
    let new = unset.iter().fold(new, NewFields::unset);
    let before = fields_of(&record);
    let record =
        vault.rotate(&record.candidate.id, new).map_err(|error| with_flag(error, &short, &allow_short))?;
    // A mistyped field would leave the old secret in use and report success.
    for name in unknown.into_iter().filter(|_| declared.is_none()) {
        output.warning(
            "new_field",
            &format!(
                "{} had no field {} before, only {before}; if that is a mistake, `keystroke credentials rotate {} --unset {}` removes it",
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
    let people = format!("rotated {} to version {version}{}\n", view::named(&record), text::line(&without));
    output.of(people, InstanceJson::from(&record))
}

fn has(record: &Record, name: &str) -> bool {
    record.fields.iter().any(|field| field == name)
}

/// Names only: `` `id`, `secret` ``.
fn fields_of(record: &Record) -> String {
    record.fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

/// What is not a field of the record may be a secret, so it is repeated only if it can't be one.
fn unset_fields_exist(unset: &[String], record: &Record) -> Result<(), CliError> {
    let unknown = unset.iter().filter(|name| !has(record, name)).map(|name| {
        let field = typed::plain_field(name)
            .map_or_else(|| "a field of this name".to_owned(), |name| format!("a field `{name}`"));
        let fields = || record.fields.iter().map(String::as_str);
        let fix = match nearest(name, fields()) {
            Some(meant) => format!("write `{meant}`"),
            None => format!("name {}", listed(fields())),
        };
        Refusal::new("unknown_field", format!("{} does not have {field}", view::named(record)), fix)
    });
    unknown.collect::<Refusals>().into_result()
}
