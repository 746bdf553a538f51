//! For whom a command works: organization, project and maybe a user. From the flags, else from `keystroke.toml` in
//! this folder or the nearest above that has one, else `default`.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;

use crate::cli::ContextArgs;
use crate::error::CliError;

const FILE: &str = "keystroke.toml";
const DEFAULT: &str = "default";

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
        let folder = std::env::current_dir().map_err(|error| {
            CliError::refused(
                "context",
                format!("the current folder cannot be had: {error}"),
                "change to another folder",
            )
        })?;
        let settings = nearest(&folder)?;
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

fn nearest(folder: &Path) -> Result<Settings, CliError> {
    for folder in folder.ancestors() {
        let file = folder.join(FILE);
        match fs::read_to_string(&file) {
            Ok(text) => return parse(&file, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(broken(&file, &error.to_string())),
        }
    }
    Ok(Settings::default())
}

fn parse(file: &Path, text: &str) -> Result<Settings, CliError> {
    let settings: Settings = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        broken(file, &format!("line {line}: {}", error.message().replace('\n', ", ")))
    })?;
    let named =
        [("organization", &settings.organization), ("project", &settings.project), ("user", &settings.user)];
    for (name, value) in named {
        if value.as_deref() == Some("") {
            return Err(broken(file, &format!("`{name}` is empty")));
        }
    }
    Ok(settings)
}

fn broken(file: &Path, problem: &str) -> CliError {
    CliError::refused(
        "context",
        format!("{}: {problem}", file.display()),
        "mend the file: it may hold the texts `organization`, `project` and `user`, and nothing else",
    )
}
