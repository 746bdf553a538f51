//! `keystroke providers list`. A file that can't be used is listed too, since its name is taken: it does not fall back to the
//! built-in provider.

use keystroke_oauth::{GrantType, Provider, ProviderError};
use serde::Serialize;

use super::{OriginJson, providers};
use crate::error::CliError;
use crate::output::{self, Output, Report};

#[derive(Serialize)]
struct All<'a> {
    providers: Vec<Json<'a>>,
}

#[derive(Serialize)]
struct Json<'a> {
    name: &'a str,
    title: Option<&'a str>,
    grants: Vec<&'static str>,
    verified: Option<&'a str>,
    #[serde(flatten)]
    origin: OriginJson,
    error: Option<ErrorJson>,
}

#[derive(Serialize)]
struct ErrorJson {
    code: &'static str,
    message: String,
    fix: String,
}

impl From<&ProviderError> for ErrorJson {
    fn from(error: &ProviderError) -> Self {
        Self { code: error.code(), message: error.problem(), fix: error.fix() }
    }
}

pub(super) fn list(output: &Output) -> Result<Report, CliError> {
    let providers = providers()?;
    let read: Vec<(&str, Result<Provider, ProviderError>)> =
        providers.names().map(|name| (name, providers.get(name))).collect();
    let all: Vec<Json<'_>> = read
        .iter()
        .filter_map(|(name, read)| {
            let origin = providers.origin(name)?.into();
            let error = read.as_ref().err().map(ErrorJson::from);
            let provider = read.as_ref().ok();
            Some(Json {
                name,
                title: provider.map(Provider::title),
                grants: provider.map(grants).unwrap_or_default(),
                verified: provider.and_then(|provider| provider.evidence().verified.as_deref()),
                origin,
                error,
            })
        })
        .collect();
    for (name, error) in read.iter().filter_map(|(name, read)| Some((name, read.as_ref().err()?))) {
        output.warning("unusable_provider", &format!("the provider `{name}` can't be used: {error}"));
    }
    let people = output::table(["NAME", "TITLE", "GRANTS", "FROM"], 1, all.iter().map(row));
    output.of(people, All { providers: all })
}

/// The grants that a provider gives, in the words of its file.
pub(super) fn grants(provider: &Provider) -> Vec<&'static str> {
    provider.grants().iter().map(|grant| GrantType::as_str(*grant)).collect()
}

fn row(provider: &Json<'_>) -> [String; 4] {
    let Json { name, title, grants, origin, error, .. } = provider;
    let title = match error {
        Some(_) => "(can't be used)",
        None => title.unwrap_or_default(),
    };
    let from = match (&origin.file, origin.replaces_built_in) {
        (None, _) => "keystroke".to_owned(),
        (Some(file), false) => file.clone(),
        (Some(file), true) => format!("{file}, in place of keystroke's"),
    };
    [(*name).to_owned(), title.to_owned(), grants.join(", "), from]
}
