//! The ring's file: read only if nobody else could have read or changed it, and made so that a killed process
//! leaves either no ring or a whole one.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{Result, VaultError};
use crate::lock;
use crate::options::KeySource;
use crate::ring::{Ring, random_base32};

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
pub(crate) fn create(file: &Path, ring: &Ring) -> Result<bool> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    lock::make_folder(folder)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", random_base32(8)?));
    let new = folder.join(name);
    let made = write(&new, ring).and_then(|()| match fs::hard_link(&new, file) {
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

fn write(new: &Path, ring: &Ring) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    lock::private(&mut options);
    let mut open = options.open(new).map_err(|error| VaultError::io_write(new, error))?;
    open.write_all(ring.to_text().as_bytes())
        .and_then(|()| open.sync_all())
        .map_err(|error| VaultError::io_write(new, error))
}
