//! For whom a command works: organization, project and maybe a user. They come from the flags, else from the nearest
//! `keystroke.toml` in this folder or above, else they are `default`.

use std::io;
use std::path::{Path, PathBuf};

use keystroke_files::{holds_secret, is_secret_path};
use serde::Deserialize;

use crate::args::ContextArgs;
use crate::error::CliError;
use crate::file;

const FILE: &str = "keystroke.toml";
/// The name of an organization or project that nobody named.
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
    /// The manifest of this folder's application, relative to the file.
    manifest: Option<PathBuf>,
}

impl Context {
    /// The context of this command, run in the current folder.
    pub(crate) fn find(flags: &ContextArgs) -> Result<Self, CliError> {
        // The flags say everything that the file could say, so a broken file does not matter.
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
            format!("the current folder cannot be determined: {error}"),
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

/// The text of the file, if it exists. A folder above may belong to everybody, as `/tmp` does, and the file decides where a
/// secret goes: so only a file of this user or of root is accepted.
fn read(path: &Path) -> Result<Option<String>, CliError> {
    let (open, about) = match file::open(path) {
        // A link to nothing is not a missing file: whoever made it wanted one.
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            return Err(unreadable(path, "it is a link to a file that does not exist"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| unreadable(path, &error.to_string()))?,
    };
    if let Some((owner, us)) = file::stranger(&about) {
        return Err(CliError::refused(
            "context",
            format!("{} belongs to the user {owner}, not to you ({us}) or root", path.display()),
            "put your own `keystroke.toml` into this folder, where it comes first, or have that file removed",
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
        "make it a regular file of at most 64 KiB that you can read; it may hold the texts `organization`, `project`, `user` and `manifest`",
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
        "correct the file: it may hold the texts `organization`, `project`, `user` and `manifest`, and nothing else",
    )
}
