//! Where a run belongs: organization, project and user from `keystroke.toml` in the current folder or above, which the
//! program `keystroke` reads too.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

/// What `keystroke.toml` says, or the defaults.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Context {
    /// The organization that a run is for.
    pub organization: String,
    /// The project that it is in.
    pub project: String,
    /// The user that it acts for.
    pub user: Option<String>,
    /// For the program `keystroke`; a run does not need it.
    pub manifest: Option<String>,
}

impl Default for Context {
    fn default() -> Self {
        Self { organization: "default".to_owned(), project: "default".to_owned(), user: None, manifest: None }
    }
}

/// Why a `keystroke.toml` that is there can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// It can't be read.
    #[error("{} can't be read. To fix it, make it a file that this user can read, or remove it", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is not what it should be.
    #[error("{} is not a valid context. To fix it, give `organization`, `project`, `user` and `manifest` and nothing else, as text, such as `project = \"research\"`", .0.display())]
    Invalid(PathBuf, #[source] toml::de::Error),
}

impl Context {
    /// The context of a folder: that of the nearest `keystroke.toml` in it or above.
    ///
    /// # Errors
    /// The file is there, but can't be read or understood.
    pub fn of(folder: &Path) -> Result<Self, ContextError> {
        let Some(file) =
            folder.ancestors().map(|above| above.join("keystroke.toml")).find(|file| file.exists())
        else {
            return Ok(Self::default());
        };
        let text = read(&file).map_err(|error| ContextError::Unreadable(file.clone(), error))?;
        toml::from_str(&text).map_err(|error| ContextError::Invalid(file, error))
    }
}

/// Its text. A folder above may belong to others, and reading a pipe or a device there might never end.
fn read(file: &Path) -> io::Result<String> {
    let about = fs::metadata(file)?;
    if about.is_file() && about.len() <= 64 * 1024 {
        return fs::read_to_string(file);
    }
    Err(io::Error::other("it is not a regular file of at most 64 KiB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_counts_and_fills_in_defaults() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).expect("folders");
        fs::write(folder.path().join("keystroke.toml"), "organization = \"far\"").expect("a file");
        fs::write(
            folder.path().join("a/keystroke.toml"),
            "project = \"near\"\nuser = \"ada\"\nmanifest = \"app.json\"",
        )
        .expect("a file");
        let expected = Context {
            project: "near".into(),
            user: Some("ada".into()),
            manifest: Some("app.json".into()),
            ..Context::default()
        };
        assert_eq!(Context::of(&deep).expect("a context"), expected);
    }

    #[test]
    fn a_broken_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        for text in ["project = 3", "project", "user = [\"ada\"]", "projekt = \"research\""] {
            fs::write(folder.path().join("keystroke.toml"), text).expect("a file");
            let error = Context::of(folder.path()).expect_err(text).to_string();
            assert!(error.contains("keystroke.toml") && error.contains("To fix it"), "{error}");
        }
        fs::write(folder.path().join("keystroke.toml"), "#".repeat(70_000)).expect("a file");
        assert!(matches!(Context::of(folder.path()), Err(ContextError::Unreadable(..))));
        #[cfg(unix)]
        {
            fs::remove_file(folder.path().join("keystroke.toml")).expect("it was there");
            std::os::unix::fs::symlink("/dev/zero", folder.path().join("keystroke.toml")).expect("a link");
            assert!(matches!(Context::of(folder.path()), Err(ContextError::Unreadable(..))));
        }
    }
}
