//! `keystroke providers show`: the provider file, after what a person looks for in it.

use keystroke_oauth::{GrantType, Provider, Providers};
use serde::Serialize;

use super::list::grants;
use super::{OriginJson, find, providers};
use crate::error::CliError;
use crate::output::{Output, Report, text};

/// `{"provider": …}`
#[derive(Serialize)]
pub(super) struct ProviderJson<'a> {
    provider: Json<'a>,
}

#[derive(Serialize)]
struct Json<'a> {
    name: &'a str,
    title: &'a str,
    grants: Vec<&'static str>,
    verified: Option<&'a str>,
    #[serde(flatten)]
    origin: Option<OriginJson>,
    register_at: &'a str,
    redirect: Option<String>,
    steps: Vec<String>,
    toml: String,
}

impl<'a> ProviderJson<'a> {
    pub(super) fn of(provider: &'a Provider, providers: &Providers) -> Self {
        let redirect = redirect(provider);
        Self {
            provider: Json {
                name: provider.name(),
                title: provider.title(),
                grants: grants(provider),
                verified: provider.evidence().verified.as_deref(),
                origin: providers.origin(provider.name()).map(OriginJson::from),
                register_at: &provider.registration().url,
                steps: provider.client_missing(redirect.as_deref(), &[]).steps,
                redirect,
                toml: provider.to_toml(),
            },
        }
    }
}

pub(super) fn show(name: &str, output: &Output) -> Result<Report, CliError> {
    let providers = providers()?;
    let provider = find(name, &providers)?;
    output.of(people(&provider, &providers), ProviderJson::of(&provider, &providers))
}

/// The redirect to register; none where no browser comes back.
fn redirect(provider: &Provider) -> Option<String> {
    provider.grants().contains(&GrantType::AuthorizationCode).then(|| provider.redirect().to_register(None))
}

/// A provider file: what stands before it is a comment.
fn people(provider: &Provider, providers: &Providers) -> String {
    let json = ProviderJson::of(provider, providers).provider;
    let origin = json.origin.as_ref();
    let mut lines = vec![match origin.and_then(|origin| origin.file.as_ref()) {
        None => format!("`{}` comes with keystroke.", json.name),
        Some(file) if origin.is_some_and(|origin| origin.replaces_built_in) => {
            format!("`{}` is the file {file}, which takes the place of keystroke's own.", json.name)
        }
        Some(file) => format!("`{}` is the file {file}.", json.name),
    }];
    lines.push(format!("Where to register a client: {}", json.register_at));
    lines.extend(json.redirect.map(|redirect| format!("The redirect to register: {redirect}")));
    let about = lines.iter().map(|line| format!("# {}\n", text::line(line)));
    about.chain(json.toml.lines().map(|line| format!("{}\n", text::line(line)))).collect()
}
