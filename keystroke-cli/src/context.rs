//! For whom a command works: organization, project and maybe a user. From the flags, else from `keystroke.toml` in
//! this folder or the nearest above that has one, else `default`.

use std::io;
use std::path::{Path, PathBuf};

use keystroke_files::{holds_secret, is_secret_path};
use serde::Deserialize;

use crate::args::ContextArgs;
use crate::error::CliError;
use crate::file;

const FILE: &str = "keystroke.toml";
/// What a name is that nobody gave.
pub(crate) const DEFAULT: &str = "default";

/// For whom a command works.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) organization: String,
    pub(crate) project: String,
    pub(crate) user: Option<String>,
}

/// What `keystroke.toml` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    organization: Option<String>,
    project: Option<String>,
    user: Option<String>,
    /// The manifest of this folder's application, from where the file is.
    manifest: Option<PathBuf>,
}

impl Context {
    /// The context of this command, run in the current folder.
    pub(crate) fn find(flags: &ContextArgs) -> Result<Self, CliError> {
        // All that the file could say is said already, so a broken one is in nobody's way.
        if let (Some(organization), Some(project), Some(user)) =
            (&flags.organization, &flags.project, &flags.as_user)
        {
            let user = Some(user.clone());
            return Ok(Self { organization: organization.clone(), project: project.clone(), user });
        }
        let settings = nearest()?;
        let or_default = |flag: &Option<String>, setting: Option<String>| {
            flag.clone().or(setting).unwrap_or_else(|| DEFAULT.to_owned())
        };
        Ok(Self {
            organization: or_default(&flags.organization, settings.organization),
            project: or_default(&flags.project, settings.project),
            user: flags.as_user.clone().or(settings.user),
        })
    }
}

/// The manifest that the nearest `keystroke.toml` names.
pub(crate) fn manifest() -> Result<Option<PathBuf>, CliError> {
    Ok(nearest()?.manifest)
}

fn nearest() -> Result<Settings, CliError> {
    let folder = std::env::current_dir().map_err(|error| {
        CliError::refused(
            "context",
            format!("the current folder cannot be had: {error}"),
            "change to another folder",
        )
    })?;
    for folder in folder.ancestors() {
        let file = folder.join(FILE);
        match read(&file) {
            Ok(None) => {}
            Ok(Some(text)) => {
                let settings = parse(&file, &text)?;
                let manifest = settings.manifest.map(|manifest| folder.join(manifest));
                return Ok(Settings { manifest, ..settings });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Settings::default())
}

/// The text of a file that is there. A folder above may belong to everybody, as `/tmp` does, and what is found there
/// decides where a secret goes: so only a file of this user or of root counts.
fn read(path: &Path) -> Result<Option<String>, CliError> {
    let (open, about) = match file::open(path) {
        // A link to nothing is no missing file: whoever made it meant one that says for whom.
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            return Err(unreadable(path, "it is a link to a file that is not there"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| unreadable(path, &error.to_string()))?,
    };
    if let Some((owner, us)) = file::stranger(&about) {
        return Err(CliError::refused(
            "context",
            format!("{} belongs to the user {owner}, not to this one ({us}) or root", path.display()),
            "put a `keystroke.toml` of your own into this folder, where it comes first, or have that file removed",
        ));
    }
    let bytes = file::read_all(open).map_err(|error| unreadable(path, &error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable(path, "it is not UTF-8"))?;
    Ok(Some(text.to_owned()))
}

fn unreadable(file: &Path, problem: &str) -> CliError {
    CliError::refused(
        "context",
        format!("{} cannot be read: {problem}", file.display()),
        "make it a regular file of at most 64 KiB that this user can read; it may hold the texts `organization`, `project`, `user` and `manifest`",
    )
}

fn parse(file: &Path, text: &str) -> Result<Settings, CliError> {
    let settings: Settings = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        broken(file, &format!("line {line}: {}", error.message().replace('\n', ", ")))
    })?;
    let named =
        [("organization", &settings.organization), ("project", &settings.project), ("user", &settings.user)];
    if settings.manifest.as_deref() == Some(Path::new("")) {
        return Err(broken(file, "`manifest` is empty"));
    }
    if settings.manifest.as_deref().is_some_and(is_secret_path) {
        return Err(broken(file, "`manifest` looks like a key or a token"));
    }
    for (name, value) in named {
        if value.as_deref() == Some("") {
            return Err(broken(file, &format!("`{name}` is empty")));
        }
        if value.as_deref().is_some_and(holds_secret) {
            return Err(broken(file, &format!("`{name}` looks like a key or a token")));
        }
    }
    Ok(settings)
}

fn broken(file: &Path, problem: &str) -> CliError {
    CliError::refused(
        "context",
        format!("{}: {problem}", file.display()),
        "mend the file: it may hold the texts `organization`, `project`, `user` and `manifest`, and nothing else",
    )
}
