//! The file that an application's manifest is read from: the one that a flag names, else that of the nearest
//! `keystroke.toml`.

use std::io::{self, Read};
use std::path::Path;

use keystroke_core::Manifest;

use crate::error::CliError;
use crate::{context, file};

/// One byte more than a manifest may have, so that the parser can tell that it is too long.
const MOST: u64 = 1024 * 1024 + 1;

/// The manifest that is named (`-` is standard input), else the one that `keystroke.toml` names, if any.
pub(crate) fn find(named: Option<&Path>) -> Result<Option<Manifest>, CliError> {
    match named {
        Some(path) if path == Path::new("-") => {
            parse("standard input", &bytes(io::stdin().lock(), path)?).map(Some)
        }
        Some(path) => read(path, false).map(Some),
        None => context::manifest()?.map(|path| read(&path, true)).transpose(),
    }
}

/// A file that was found, not named, must be ours: it decides which fields are shown while they are typed.
fn read(path: &Path, found: bool) -> Result<Manifest, CliError> {
    let (open, about) = file::open(path).map_err(|error| unreadable(path, &error))?;
    if let Some((owner, us)) = file::stranger(&about).filter(|_| found) {
        return Err(CliError::refused(
            "manifest_unreadable",
            format!(
                "{}, named in keystroke.toml, belongs to the user {owner}, not to you ({us}) or root",
                path.display()
            ),
            "put your own file in its place, or name one with `--manifest`",
        ));
    }
    parse(&path.display().to_string(), &bytes(open, path)?)
}

fn bytes(from: impl Read, path: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    from.take(MOST).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> CliError {
    CliError::refused(
        "manifest_unreadable",
        format!("the manifest {} cannot be read: {error}", path.display()),
        "name the file that the application's manifest was written to, or `-` for standard input",
    )
}

fn parse(name: &str, json: &[u8]) -> Result<Manifest, CliError> {
    Manifest::from_json(json)
        .map_err(|error| CliError::refused(error.code(), format!("{name}: {}", error.problem()), error.fix()))
}

/// Refuses `-` where standard input is for values.
pub(crate) fn refuse_stdin(named: Option<&Path>) -> Result<(), CliError> {
    if named == Some(Path::new("-")) {
        return Err(CliError::usage(
            "`--manifest` must name a file here: standard input is for values",
            "write the manifest to a file, and name it",
        ));
    }
    Ok(())
}
