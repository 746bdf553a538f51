//! `keystroke credentials import`: stores what a `.env` file holds, all at once, after showing it, and without guessing.

mod mapping;
mod messages;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use keystroke_core::{Candidate, Fields, SecretString};
use keystroke_files::in_shell;
use keystroke_vault::{Filter, NewInstance, VaultError};
use serde::Serialize;
use zeroize::Zeroizing;

use self::mapping::{Mapping, Target, shown};
use self::messages::{nothing, plan, skipped_lines, still_there};
use super::placement::{Placement, add, stored};
use crate::args::{ContextArgs, ImportArgs};
use crate::commands::confirm::Plan;
use crate::commands::open::open;
use crate::commands::unused_flags;
use crate::context::Context;
use crate::error::{CliError, Refusal, Refusals};
use crate::input::dotenv::{self, Variable};
use crate::input::value;
use crate::output::{Output, RecordJson, Report, typed};
use crate::{file, manifest};

#[derive(Serialize)]
struct Json<'a> {
    instances: Vec<RecordJson<'a>>,
    imported: Vec<Imported<'a>>,
    skipped: Vec<Skipped<'a>>,
}

#[derive(Serialize)]
struct Imported<'a> {
    #[serde(flatten)]
    variable: VariableJson<'a>,
    #[serde(flatten)]
    target: &'a Target,
}

#[derive(Serialize)]
struct Skipped<'a> {
    #[serde(flatten)]
    variable: VariableJson<'a>,
    could_be: &'a [Target],
}

#[derive(Serialize)]
struct VariableJson<'a> {
    variable: Option<&'a str>,
    line: usize,
}

pub(super) fn import(args: ImportArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let ImportArgs { dotenv: path, maps, manifest: manifest_arg, new, yes } = args;
    let maps = mapping::parse(maps)?;
    manifest::refuse_stdin(manifest_arg.file.as_deref())?;
    let context = Context::find(flags)?;
    let text = read(&path, output)?;
    let text = std::str::from_utf8(&text)
        .map_err(|_| unreadable("it is not UTF-8 (UTF-16, perhaps, as Windows writes text)"))?;
    let variables = dotenv::parse(text).map_err(|broken| {
        CliError::refused("not_dotenv", format!("line {} {}", broken.line, broken.problem), broken.fix)
    })?;
    let manifest = manifest::find(manifest_arg.file.as_deref())?;
    let mapping = mapping::find(&variables, maps, manifest.as_ref())?;
    if mapping.taken.is_empty() {
        return Err(nothing(&mapping, manifest.as_ref()));
    }
    let fields = fields(&mapping)?;
    let mut all: Vec<NewInstance> = Vec::new();
    let mut placements: BTreeMap<&str, Placement<'_>> = BTreeMap::new();
    for (key, fields) in &fields {
        let placement = Placement::find(key, &new, &manifest_arg, &context)?;
        check(key, fields, &placement, output)?;
        all.extend(placement.instances(fields)?);
        placements.insert(key, placement);
    }
    unused_flags::tell_owners(placements.values().flat_map(|placement| &placement.owners), flags, output);
    short_fields_exist(&new.allow_short, fields.values())?;
    if !new.add {
        none_is_there(&placements, &context)?;
    }
    let mut lines = plan(&mapping, &placements, &context);
    let skipped = skipped_lines(&mapping, manifest.as_ref());
    if yes {
        skipped.iter().for_each(|line| output.notice("not_imported", line));
    } else {
        lines.extend(skipped);
        let plan = Plan {
            code: "unconfirmed",
            refusal: "not confirmed: ",
            lines: &lines,
            question: "Store these?",
            fix: "run the same command with `--yes`",
        };
        plan.confirm(output)?;
    }
    let records = add(all, &placements, &new, &context, output)?;
    still_there(&path, &mapping, output);
    let json = Json {
        instances: records.iter().map(RecordJson::from).collect(),
        imported: mapping
            .taken
            .iter()
            .map(|(target, variable)| Imported { variable: (*variable).into(), target })
            .collect(),
        skipped: mapping
            .skipped
            .iter()
            .map(|(variable, could_be)| Skipped { variable: (*variable).into(), could_be })
            .collect(),
    };
    output.of(records.iter().map(stored).collect::<String>(), json)
}

/// Refuses fields of a key that do not fit its declaration, and warns of what is odd about their values.
fn check(key: &str, fields: &Fields, placement: &Placement<'_>, output: &Output) -> Result<(), CliError> {
    if let Some(declared) = &placement.declared {
        declared.check_names(fields.names())?;
        declared.check_complete_in_file(|name| fields.get(name).is_some())?;
    }
    let rules = placement.rules();
    for (name, text) in fields.iter() {
        let shown = format!("{} of `{key}`", typed::field(name));
        value::tell(&shown, text.expose_secret(), rules.is_plain(name), output);
    }
    Ok(())
}

impl<'a> From<&'a Variable> for VariableJson<'a> {
    fn from(variable: &'a Variable) -> Self {
        Self { variable: typed::variable(&variable.name), line: variable.line }
    }
}

/// The file's bytes. Warns if other users can read it.
fn read(path: &Path, output: &Output) -> Result<Zeroizing<Vec<u8>>, CliError> {
    if path == Path::new("-") {
        if io::stdin().is_terminal() {
            return Err(unreadable("what is typed would be shown"));
        }
        return file::read_all(io::stdin().lock()).map_err(|error| unreadable(&error.to_string()));
    }
    let (open, about) = file::open(path).map_err(|error| unreadable(&error.to_string()))?;
    if let Some(mode) = file::exposed(&about) {
        output.warning(
            "exposed_file",
            &format!("other users of this machine may read {0} (mode {mode:04o}): run `chmod 600 {1}`, and replace these secrets if those users are not you", path.display(), in_shell(path)),
        );
    }
    file::read_all(open).map_err(|error| unreadable(&error.to_string()))
}

fn unreadable(problem: &str) -> CliError {
    CliError::refused(
        "unreadable",
        format!("the file cannot be read: {problem}"),
        "name a regular file of at most 64 KiB that you can read, or pipe its text in and write `-`",
    )
}

/// The values, by key. Refuses all wanted variables whose values cannot be stored, together.
fn fields(mapping: &Mapping<'_>) -> Result<BTreeMap<String, Fields>, CliError> {
    let mut fields: BTreeMap<String, Fields> = BTreeMap::new();
    let mut problems = Refusals::default();
    for (Target { key, field }, variable) in &mapping.taken {
        let refuse =
            |problem: &str, fix: &str| Refusal::new("value", format!("{} {problem}", shown(variable)), fix);
        match &variable.value {
            Err(problem) => problems.push(refuse(problem.says(), problem.fix())),
            Ok(value) if value.is_empty() => {
                problems.push(refuse("is empty", "give it its value, or remove its line"));
            }
            Ok(value) if value.contains('\0') => {
                problems.push(refuse(value::Problem::Nul.says(), value::Problem::Nul.fix()));
            }
            Ok(value) => {
                fields.entry(key.clone()).or_default().set(field, SecretString::from(value.as_str()));
            }
        }
    }
    problems.into_result()?;
    Ok(fields)
}

fn short_fields_exist<'a>(
    short: &[String],
    fields: impl Iterator<Item = &'a Fields> + Clone,
) -> Result<(), CliError> {
    let known = |name: &String| fields.clone().any(|fields| fields.get(name).is_some());
    if short.iter().all(known) {
        return Ok(());
    }
    Err(CliError::usage("`--allow-short` names a field that is not imported here", "name a field that is"))
}

/// Refuses what the vault would refuse, before asking anybody.
fn none_is_there(placements: &BTreeMap<&str, Placement<'_>>, context: &Context) -> Result<(), CliError> {
    let vault = match open() {
        Err(VaultError::NoVault { .. }) => return Ok(()),
        vault => vault?,
    };
    let mut there = Refusals::default();
    for (key, Placement { owners, .. }) in placements {
        let filter =
            Filter { organization: Some(context.organization.clone()), key: Some((*key).to_owned()) };
        for record in vault.list(&filter)? {
            if owners.contains(&record.candidate.owner) {
                let candidate = Box::new(Candidate::clone(&record.candidate));
                let error = VaultError::InstanceExists { there: candidate };
                if let CliError::Refused(refusal) = error.into() {
                    there.push(refusal);
                }
            }
        }
    }
    there.into_result()
}
