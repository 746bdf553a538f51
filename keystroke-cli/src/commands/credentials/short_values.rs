//! Values that are too short to be found and removed in results, and `--allow-short`, which admits them.

use keystroke_core::{Fields, SHORTEST_SECRET};
use keystroke_vault::VaultError;

use crate::error::CliError;
use crate::output::typed;

/// The fields that the vault refuses unless they are allowed.
pub(super) fn short_fields(fields: &Fields) -> Vec<String> {
    let short = fields.iter().filter(|(_, value)| value.expose_secret().len() < SHORTEST_SECRET);
    short.map(|(name, _)| name.to_owned()).collect()
}

/// The vault's refusal of a value, which names one field. For a short value it names all short ones, and the flag that
/// allows them.
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
        format!("use a longer secret; for a field that is not secret, pass {}", flags.join(" and ")),
    )
}

/// An `--allow-short` for a field that is not there is a mistake.
pub(super) fn short_fields_exist(short: &[String], fields: &Fields) -> Result<(), CliError> {
    if short.iter().all(|name| fields.get(name).is_some()) {
        return Ok(());
    }
    Err(CliError::usage(
        "`--allow-short` names a field that is not set here",
        "name a field that has a `--set` in this command",
    ))
}
