//! `keystroke providers add`: puts a file into the user's folder of providers, once it is known to be one.
//!
//! A provider file says where client secrets are sent. So nothing is replaced that was not meant to be, and a file that takes
//! the place of a built-in provider says so.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use keystroke_files::{FileLock, LockError, beside, create, make_folder, replace, shown};
use keystroke_oauth::{Http, Origin, Provider, Timeouts};

use super::show::ProviderJson;
use super::{folder, providers};
use crate::args::AddProviderArgs;
use crate::commands::executor::executor;
use crate::error::CliError;
use crate::file;
use crate::output::{Output, Report, text};

/// How long an issuer may take to answer, each of the two times that it is asked.
const PATIENCE: Timeouts = Timeouts { connect: Duration::from_secs(10), total: Duration::from_secs(30) };
/// How long another `add` is waited for.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn add(args: AddProviderArgs, output: &Output) -> Result<Report, CliError> {
    let AddProviderArgs { file, issuer, name, replace } = args;
    let (provider, text) = match (file, issuer) {
        (_, Some(issuer)) => by_issuer(&issuer, name)?,
        (Some(file), None) => from_file(&file)?,
        // clap asks for one of the two.
        (None, None) => return Err(CliError::usage("there is no provider to add", "name a file")),
    };
    let place = write(provider.name(), &text, replace)?;
    let providers = providers()?;
    let added = providers.get(provider.name())?;
    if let Some(Origin::File { replaces_built_in: true, .. }) = providers.origin(added.name()) {
        let message = format!("it takes the place of the built-in provider `{}`", added.name());
        output.notice("replaces_built_in", &message);
    }
    // What nobody looked up was guessed, and a wrong guess can cost a connection.
    if added.evidence().verified.is_none() && !added.evidence().unverified.is_empty() {
        output.notice(
            "unverified",
            &format!(
                "nobody has confirmed {}; compare that with the provider's documentation, and correct it in the file",
                added
                    .evidence()
                    .unverified
                    .iter()
                    .map(|field| format!("`{field}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        );
    }
    let people = format!("added the provider `{}` ({}): {}\n", added.name(), added.title(), shown(&place));
    output.of(text::line(people.trim_end()).into_owned() + "\n", ProviderJson::of(&added, &providers))
}

/// The provider that a file describes, and the file's text. No error repeats the path, which may be a secret by mistake.
fn from_file(path: &Path) -> Result<(Provider, String), CliError> {
    let unreadable = |problem: &str| {
        CliError::refused(
            "unreadable",
            format!("the file {problem}"),
            "name a regular file of at most 64 KiB that you can read",
        )
    };
    if path.extension().is_none_or(|extension| extension != "toml") {
        return Err(CliError::refused(
            "invalid_text",
            "the file's name does not end in `.toml`",
            "name a file such as `acme.toml`: it is the provider `acme`",
        ));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let (open, _) = file::open(path).map_err(|error| unreadable(&format!("cannot be read: {error}")))?;
    let bytes = file::read_all(open).map_err(|error| unreadable(&format!("cannot be read: {error}")))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable("is not UTF-8"))?;
    Ok((Provider::parse(&name, text)?, text.to_owned()))
}

/// The provider that an issuer describes, and a file that says the same.
fn by_issuer(issuer: &str, name: Option<String>) -> Result<(Provider, String), CliError> {
    if !issuer.starts_with("https://") && !issuer.starts_with("http://") {
        return Err(CliError::usage(
            "the issuer is not a URL",
            "give it as in `https://accounts.example.com`",
        ));
    }
    let name = name.unwrap_or_else(|| host(issuer).replace('.', "-"));
    if !Provider::is_name(&name) {
        return Err(CliError::refused(
            "invalid_text",
            "a provider's name is up to 48 of a–z, 0–9 and `-`, a letter first",
            "give it one with `--name NAME`",
        ));
    }
    let http = Http::new(PATIENCE)?;
    let provider = executor()?.block_on(Provider::discover(&name, issuer, &http))?;
    let today = text::time(SystemTime::now());
    let text = format!(
        "# What {issuer} says of itself, as of {}.\n{}",
        today.split('T').next().unwrap_or_default(),
        provider.to_toml()
    );
    Ok((provider, text))
}

/// The host of an issuer.
fn host(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split(['/', ':', '?', '#']).next().unwrap_or_default()
}

/// Puts the file in its place, and says where that is.
fn write(name: &str, text: &str, replaces: bool) -> Result<PathBuf, CliError> {
    let folder = folder()?;
    let place = folder.join(format!("{name}.toml"));
    let failed = |error: std::io::Error| {
        CliError::refused(
            "cannot_write",
            format!("{} cannot be written: {error}", shown(&place)),
            format!("make {} a folder that you can write to", shown(&folder)),
        )
    };
    make_folder(&folder).map_err(failed)?;
    let _lock = FileLock::acquire(&beside(&folder, ".lock"), LOCK_PATIENCE).map_err(|error| match error {
        LockError::Busy => {
            CliError::refused("busy", "another command is adding a provider", "try again when it has ended")
        }
        LockError::Io(error) => failed(error),
    })?;
    // Nothing is put into a folder that others can write to.
    providers()?;
    if replaces {
        replace(&place, text.as_bytes()).map_err(failed)?;
    } else if !create(&place, text.as_bytes()).map_err(failed)? {
        return Err(CliError::refused(
            "provider_exists",
            format!("there is a file for the provider `{name}` already: {}", shown(&place)),
            "look at it, and add `--replace` if this one is to take its place",
        ));
    }
    Ok(place)
}
