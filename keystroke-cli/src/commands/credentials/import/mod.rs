//! `keystroke credentials import`: stores what a `.env` file holds, all at once, after showing it, and without guessing.

mod mapping;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use keystroke_core::{Candidate, Fields, Manifest, Owner, SecretString};
use keystroke_files::in_shell;
use keystroke_vault::{Filter, NewInstance, VaultError};
use serde::Serialize;
use zeroize::Zeroizing;

use self::mapping::{Mapping, Target, all_fields, example, shown};
use super::placement::{Placement, add, stored};
use crate::args::{ContextArgs, ImportArgs};
use crate::commands::confirm::Plan;
use crate::commands::open::open;
use crate::commands::unused_flags;
use crate::context::Context;
use crate::error::{CliError, Refusal, Refusals};
use crate::input::dotenv::{self, Variable};
use crate::input::value;
use crate::output::{Output, RecordJson, Report, typed, view};
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
        if let Some(declared) = &placement.declared {
            declared.has_all(fields.names())?;
            declared.is_complete_in_file(|name| fields.get(name).is_some())?;
        }
        for (name, value) in fields.iter() {
            let is_plain = placement.rules().is_plain(name);
            value::tell(
                &format!("{} of `{key}`", typed::field(name)),
                value.expose_secret(),
                is_plain,
                output,
            );
        }
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
    problems.none()?;
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
    there.none()
}

/// What would be stored, a line for each credential.
fn plan(mapping: &Mapping<'_>, placements: &BTreeMap<&str, Placement<'_>>, context: &Context) -> Vec<String> {
    let mut by_key: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (target, variable) in &mapping.taken {
        let from = format!("{} from {}", typed::field(&target.field), shown(variable));
        by_key.entry(&target.key).or_default().push(from);
    }
    let line = |(key, from): (&str, &Vec<String>), owner: &Owner| {
        let owner = view::owner_of(owner, &context.organization);
        format!("would store `{key}` for {owner}: {}", from.join(", "))
    };
    let owners = |key: &str| placements.get(key).into_iter().flat_map(|placement| &placement.owners);
    by_key.iter().flat_map(|(key, from)| owners(key).map(move |owner| line((key, from), owner))).collect()
}

/// What is left out, and what to do about it.
fn skipped_lines(mapping: &Mapping<'_>, manifest: Option<&Manifest>) -> Vec<String> {
    let (unknown, ambiguous): (Vec<_>, Vec<_>) =
        mapping.skipped.iter().partition(|(_, could_be)| could_be.is_empty());
    let mut lines: Vec<String> = ambiguous
        .iter()
        .map(|(variable, could_be)| {
            let fields: Vec<String> = could_be.iter().map(|target| format!("`{target}`")).collect();
            format!("not imported: {} may be {}; `--map` says which", shown(variable), fields.join(" or "))
        })
        .collect();
    if !unknown.is_empty() {
        let names: Vec<String> = unknown.iter().map(|(variable, _)| shown(variable)).collect();
        let such = unknown.iter().find_map(|(variable, _)| example(variable, manifest));
        let such = match (such, manifest) {
            (Some(example), _) => format!(", such as {example}"),
            // A field that the manifest does not have would be refused.
            (None, Some(manifest)) => format!(", of {}", all_fields(manifest)),
            (None, None) => String::new(),
        };
        lines.push(format!(
            "not imported: {}; say which field each one is with `--map VAR=key.field`{such}",
            names.join(", ")
        ));
    }
    lines
}

fn nothing(mapping: &Mapping<'_>, manifest: Option<&Manifest>) -> CliError {
    let all: Vec<String> = mapping.skipped.iter().map(|(variable, _)| shown(variable)).collect();
    let message = if all.is_empty() {
        "the file has no variables".to_owned()
    } else {
        format!("nothing says which fields these variables are: {}", all.join(", "))
    };
    let such = mapping.skipped.iter().find_map(|(variable, _)| example(variable, manifest));
    let such = such.unwrap_or_else(|| "`--map VAR=key.field`".to_owned());
    let fix = match manifest {
        None => format!("say it with {such}, or name the application's manifest with `--manifest`"),
        Some(manifest) => format!("say it as in {such}, with one of {}", all_fields(manifest)),
    };
    CliError::refused("nothing_to_import", message, fix)
}

/// Warns that what the vault holds now is still in the file, and wherever the file was copied.
fn still_there(path: &Path, mapping: &Mapping<'_>, output: &Output) {
    if path == Path::new("-") {
        return;
    }
    let mut lines: Vec<usize> = mapping.taken.values().map(|variable| variable.line).collect();
    lines.sort_unstable();
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let which = if lines.len() == 1 { "line" } else { "lines" };
    output.notice(
        "still_in_file",
        &format!(
            "{0} still holds these secrets: once your programs run without it, delete {which} {1} or the file (`rm {2}`); editors, backups and git keep copies, so replace at its provider what was ever committed or shared",
            path.display(),
            lines.join(", "),
            in_shell(path)
        ),
    );
}
