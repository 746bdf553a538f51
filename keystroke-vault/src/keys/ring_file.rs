//! The ring's file: read only if nobody else could have read or changed it, and written so that a killed process
//! leaves a whole file, or none where there was none.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use keystroke_files::{NotOpened, folder_of, in_shell};
use zeroize::Zeroizing;

use super::key_source::KeySource;
use crate::error::{Result, VaultError};

/// A ring of a thousand keys has 60 kB; anything longer is not a ring.
const LONGEST: usize = 64 * 1024;

/// The text of the file, `None` if there is none. Links are followed, and what they lead to is checked.
pub(crate) fn read(file: &Path) -> Result<Option<Zeroizing<String>>> {
    let (open, about) = match keystroke_files::open(file) {
        Ok(opened) => opened,
        Err(NotOpened::Missing(_)) => return Ok(None),
        Err(NotOpened::Folder | NotOpened::Special) => {
            return Err(VaultError::NotAVault { file: file.to_owned(), what: "not a file".to_owned() });
        }
        Err(NotOpened::Io(error)) => return Err(VaultError::io(file, error)),
    };
    check_owner_and_mode(file, &about)?;
    let malformed =
        |problem| VaultError::MalformedRing { source: KeySource::File(file.to_owned()), line: 0, problem };
    let bytes = keystroke_files::read(&open, &about, LONGEST).map_err(|error| VaultError::io(file, error))?;
    let bytes = bytes.ok_or_else(|| malformed("is longer than any ring"))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed("is not text"))?;
    let mut copy = Zeroizing::new(String::with_capacity(text.len()));
    copy.push_str(text);
    Ok(Some(copy))
}

fn check_owner_and_mode(file: &Path, about: &Metadata) -> Result<()> {
    let exposed = |problem, fix| Err(VaultError::ExposedKey { file: file.to_owned(), problem, fix });
    if let Some((owner, us)) = keystroke_files::stranger(about) {
        let problem = format!("belongs to the user {owner}, not to this one ({us}) or root");
        return exposed(problem, format!("as root, run `chown {us} {}`", in_shell(file)));
    }
    if let Some(mode) = keystroke_files::exposed(about) {
        let problem = format!("can be used by others (its mode is {:03o})", mode & 0o777);
        return exposed(problem, format!("run `chmod 600 {}`", in_shell(file)));
    }
    Ok(())
}

/// Writes a new ring, whole and at once. `false` if another process was faster.
pub(crate) fn create(file: &Path, text: &str) -> Result<bool> {
    check_length(text)?;
    keystroke_files::create(file, text.as_bytes()).map_err(|error| VaultError::io_write(file, error))
}

/// What a link leads to, or the file itself. This is what is locked and replaced, so that the link stays a link, and
/// a process that comes by another link waits for the same lock.
pub(crate) fn target(file: &Path) -> Result<PathBuf> {
    match fs::canonicalize(file) {
        Ok(target) => Ok(target),
        // Reading it reports that.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(file.to_owned()),
        Err(error) => Err(VaultError::io(file, error)),
    }
}

/// Whether the file, or the folder that it is in, is a link.
pub(crate) fn is_linked(file: &Path) -> bool {
    [file, folder_of(file)]
        .into_iter()
        .any(|path| fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()))
}

/// Writes another ring over the one that is there, whole and at once, with its mode. Call it under the file's lock.
pub(crate) fn replace(file: &Path, text: &str) -> Result<()> {
    check_length(text)?;
    let file = &target(file)?;
    keystroke_files::replace(file, text.as_bytes()).map_err(|error| VaultError::io_write(file, error))
}

/// A ring that no reading accepts would make the vault unreadable.
fn check_length(text: &str) -> Result<()> {
    if text.len() <= LONGEST {
        return Ok(());
    }
    Err(VaultError::CannotWrite {
        problem: format!("the ring would be longer than the {LONGEST} bytes that one may have"),
        fix: "take out of it the keys that no vault and no backup needs any more".to_owned(),
    })
}
