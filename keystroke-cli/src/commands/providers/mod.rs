//! `keystroke providers list`, `show` and `add`: the OAuth providers that are known, those that come with keystroke and those
//! of the user's folder.
//!
//! What a provider file may say is `keystroke-oauth`'s; here files are listed, shown and put in their place.

mod add;
mod list;
mod show;

use std::path::PathBuf;

use keystroke_files::shown;
use keystroke_oauth::{Origin, Provider, Providers};
use serde::Serialize;

use super::open::options;
use crate::args::ProvidersCommand;
use crate::error::CliError;
use crate::output::{Output, Report, typed};

/// Does what the command line says.
pub(super) fn run(command: ProvidersCommand, output: &Output) -> Result<Report, CliError> {
    match command {
        ProvidersCommand::List => list::list(output),
        ProvidersCommand::Show { name } => show::show(&name, output),
        ProvidersCommand::Add(args) => add::add(args, output),
    }
}

/// Where the user's own files are.
fn folder() -> Result<PathBuf, CliError> {
    Ok(options()?.config_folder().join("providers"))
}

/// All providers that are known.
pub(super) fn providers() -> Result<Providers, CliError> {
    Ok(Providers::built_in().with_folder(&folder()?)?)
}

/// The provider of this name. What can't be one is not shown: it may be a secret.
pub(super) fn find(name: &str, providers: &Providers) -> Result<Provider, CliError> {
    if providers.origin(name).is_none() && typed::key(name) != name {
        return Err(CliError::refused(
            "provider_unknown",
            "there is no provider of this name",
            "use a name that `keystroke providers list` shows",
        ));
    }
    Ok(providers.get(name)?)
}

/// What programs are told of where a provider comes from.
#[derive(Serialize)]
struct OriginJson {
    origin: &'static str,
    file: Option<String>,
    replaces_built_in: bool,
}

impl From<&Origin> for OriginJson {
    fn from(origin: &Origin) -> Self {
        match origin {
            Origin::File { path, replaces_built_in } => Self {
                origin: "file",
                file: Some(shown(path).to_string()),
                replaces_built_in: *replaces_built_in,
            },
            _ => Self { origin: "built_in", file: None, replaces_built_in: false },
        }
    }
}
