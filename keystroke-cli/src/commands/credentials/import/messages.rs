//! What people are told of an import: what it would store, what it leaves out, and what stays in the file.

use std::collections::BTreeMap;
use std::path::Path;

use keystroke_core::{Manifest, Owner};
use keystroke_files::in_shell;

use super::mapping::{Mapping, all_fields, example, shown};
use crate::commands::credentials::placement::Placement;
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Output, typed, view};

/// What would be stored, a line for each credential.
pub(super) fn plan(
    mapping: &Mapping<'_>,
    placements: &BTreeMap<&str, Placement<'_>>,
    context: &Context,
) -> Vec<String> {
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
pub(super) fn skipped_lines(mapping: &Mapping<'_>, manifest: Option<&Manifest>) -> Vec<String> {
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

/// The refusal of an import that stores nothing.
pub(super) fn nothing(mapping: &Mapping<'_>, manifest: Option<&Manifest>) -> CliError {
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
pub(super) fn still_there(path: &Path, mapping: &Mapping<'_>, output: &Output) {
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
