//! The ring's file: read only if nobody else could have read or changed it, and written so that a killed process
//! leaves a whole one, or none where there was none.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Result, VaultError};
use crate::key_source::KeySource;
use crate::lock;
use crate::ring::random_base32;

/// A ring of a thousand keys has 60 kB; what is longer is no ring.
const LONGEST: u64 = 64 * 1024;

/// The text of the file, `None` if there is none. Links are followed, and what they lead to is checked.
pub(crate) fn read(file: &Path) -> Result<Option<Zeroizing<String>>> {
    let mut options = OpenOptions::new();
    options.read(true);
    // A pipe would make this process wait for a writer that may never come.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let open = match options.open(file) {
        Ok(open) => open,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(VaultError::io(file, error)),
    };
    // Of the open file, not of its path: what is checked is what is read.
    let about = open.metadata().map_err(|error| VaultError::io(file, error))?;
    if !about.is_file() {
        return Err(VaultError::NotAVault { file: file.to_owned(), what: "no file".to_owned() });
    }
    check_owner_and_mode(file, &about)?;
    let malformed =
        |problem| VaultError::MalformedRing { source: KeySource::File(file.to_owned()), line: 0, problem };
    if about.len() > LONGEST {
        return Err(malformed("is longer than any ring"));
    }
    // One byte more than needed, so that reading to the end never has to move the text.
    let length = usize::try_from(about.len()).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 64));
    open.take(LONGEST).read_to_end(&mut bytes).map_err(|error| VaultError::io(file, error))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed("is not text"))?;
    let mut copy = Zeroizing::new(String::with_capacity(text.len()));
    copy.push_str(text);
    Ok(Some(copy))
}

#[cfg(unix)]
fn check_owner_and_mode(file: &Path, about: &fs::Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let exposed = |problem, fix| Err(VaultError::ExposedKey { file: file.to_owned(), problem, fix });
    let us = rustix::process::geteuid().as_raw();
    if about.uid() != us && about.uid() != 0 {
        let problem = format!("belongs to the user {}, not to this one ({us}) or root", about.uid());
        return exposed(problem, format!("run `chown {us} {}`", file.display()));
    }
    if about.mode() & 0o077 != 0 {
        let problem = format!("can be used by others (its mode is {:03o})", about.mode() & 0o777);
        return exposed(problem, format!("run `chmod 600 {}`", file.display()));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner_and_mode(_file: &Path, _about: &fs::Metadata) -> Result<()> {
    Ok(())
}

/// Writes a new ring: a file of its own first, synced, and then linked under its name, which fails if another
/// process was faster. `false` if so.
pub(crate) fn create(file: &Path, text: &str) -> Result<bool> {
    let folder = lock::folder_of(file);
    lock::make_folder(folder)?;
    let new = beside(file, &format!(".new-{}", random_base32(8)?));
    let made = write(&new, text).and_then(|_| match fs::hard_link(&new, file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // A file system without hard links. The lock of the vault's folder still keeps two firsts apart.
        Err(_) if !file.exists() => {
            fs::rename(&new, file).map(|()| true).map_err(|error| VaultError::io_write(file, error))
        }
        Err(_) => Ok(false),
    });
    // Gone already after a rename.
    let _ = fs::remove_file(&new);
    lock::sync_folder(folder)?;
    made
}

/// What a link leads to, or the file itself. That is what is locked and replaced, so that the link stays one and whoever
/// comes by another one waits for the same lock.
pub(crate) fn target(file: &Path) -> Result<PathBuf> {
    match fs::canonicalize(file) {
        Ok(target) => Ok(target),
        // Whoever asks is told so when it is read.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(file.to_owned()),
        Err(error) => Err(VaultError::io(file, error)),
    }
}

/// Whether the file, or the folder that it is in, is a link.
pub(crate) fn is_linked(file: &Path) -> bool {
    [file, lock::folder_of(file)]
        .into_iter()
        .any(|path| fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()))
}

/// Writes another ring over the one that is there, whole and at once, with its mode. To be called under its lock.
pub(crate) fn replace(file: &Path, text: &str) -> Result<()> {
    let file = &target(file)?;
    // Under the lock nobody else has one: what is there was left by a killed process.
    let new = beside(file, ".changing");
    let _ = fs::remove_file(&new);
    let replaced = write(&new, text).and_then(|open| {
        // It is this user's, as the old one was or else it could not have been read, and so is its mode.
        let kept = fs::metadata(file).and_then(|about| open.set_permissions(about.permissions()));
        kept.and_then(|()| fs::rename(&new, file)).map_err(|error| VaultError::io_write(file, error))
    });
    if replaced.is_err() {
        let _ = fs::remove_file(&new);
    }
    replaced?;
    lock::sync_folder(lock::folder_of(file))
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    lock::folder_of(file).join(name)
}

fn write(new: &Path, text: &str) -> Result<fs::File> {
    // What no reading accepts would take the vault along.
    if text.len() as u64 > LONGEST {
        return Err(VaultError::CannotWrite {
            problem: format!("the ring would be longer than the {LONGEST} bytes that one may have"),
            fix: "take out of it the keys that no vault and no backup needs any more".to_owned(),
        });
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    lock::private(&mut options);
    let mut open = options.open(new).map_err(|error| VaultError::io_write(new, error))?;
    open.write_all(text.as_bytes())
        .and_then(|()| open.sync_all())
        .map_err(|error| VaultError::io_write(new, error))?;
    Ok(open)
}
