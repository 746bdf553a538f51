//! Opening files that somebody else may have put there, or that were named by mistake: only regular ones, and without
//! waiting. A pipe would block, and a device such as `/dev/zero` would fill the memory.

use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

/// Why a file was not opened.
#[derive(Debug)]
pub enum NotOpened {
    /// It does not exist.
    Missing(io::Error),
    /// It is a folder.
    Folder,
    /// It is a pipe, a device or the like.
    Special,
    /// The system refuses.
    Io(io::Error),
}

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(error) | Self::Io(error) => error.fmt(f),
            Self::Folder => f.write_str("it is a directory"),
            Self::Special => f.write_str("it is not a regular file but a pipe, a device or the like"),
        }
    }
}

impl std::error::Error for NotOpened {}

impl From<NotOpened> for io::Error {
    fn from(error: NotOpened) -> Self {
        match error {
            NotOpened::Missing(error) | NotOpened::Io(error) => error,
            other => Self::other(other.to_string()),
        }
    }
}

/// Opens a regular file for reading. Links are followed. The metadata is that of the open file, not of its path, so what is
/// checked is what is read.
///
/// # Errors
/// [`NotOpened`].
pub fn open(path: &Path) -> Result<(File, Metadata), NotOpened> {
    let mut options = OpenOptions::new();
    options.read(true);
    without_waiting(&mut options, false);
    let file = options.open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => NotOpened::Missing(error),
        _ => NotOpened::Io(error),
    })?;
    let about = file.metadata().map_err(NotOpened::Io)?;
    if about.is_dir() {
        Err(NotOpened::Folder)
    } else if about.is_file() {
        Ok((file, about))
    } else {
        Err(NotOpened::Special)
    }
}

/// Reads an open file, or `None` if it is longer than `longest`. The bytes are wiped when they are dropped.
///
/// # Errors
/// It can't be read.
pub fn read(file: &File, about: &Metadata, longest: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let most = longest as u64 + 1;
    // Allocated once, because a buffer that grows leaves copies behind that nobody wipes. The file may grow meanwhile.
    let length = usize::try_from(about.len().min(most)).unwrap_or(longest);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 64));
    file.take(most.min(length as u64 + 32)).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= longest).then_some(bytes))
}

/// A file that these options create is for this user alone.
pub fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Opening does not wait for the other end of a pipe and, if asked, follows no link.
pub(crate) fn without_waiting(options: &mut OpenOptions, refuse_links: bool) {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let links = if refuse_links { OFlags::NOFOLLOW } else { OFlags::empty() };
        let flags = (OFlags::NONBLOCK | links).bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags);
    }
    #[cfg(not(unix))]
    let _ = (options, refuse_links);
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_a_regular_file_is_opened_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(matches!(open(&at("none")), Err(NotOpened::Missing(_))));
        assert!(matches!(open(folder.path()), Err(NotOpened::Folder)));
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        assert!(matches!(open(&at("pipe")), Err(NotOpened::Special)));
        std::os::unix::fs::symlink("/dev/zero", at("link")).unwrap();
        assert!(matches!(open(&at("link")), Err(NotOpened::Special)));
        std::fs::write(at("file"), "text").unwrap();
        let (file, about) = open(&at("file")).unwrap();
        assert_eq!(*read(&file, &about, 4).unwrap().unwrap(), b"text");
        let (file, about) = open(&at("file")).unwrap();
        assert!(read(&file, &about, 3).unwrap().is_none());
    }
}
