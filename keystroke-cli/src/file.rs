//! Files that someone else may have put there, or that a slip names: only regular ones are opened, and only so much
//! of them is read. A pipe would be waited for, and a device such as `/dev/zero` fill the memory.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// More than this is no secret and no setting but a mistake. The vault stores no longer value.
const MOST: usize = 64 * 1024;

/// The file, open, and what is known of it: of the open file, not of its path, so that what is checked is what is
/// read.
pub(crate) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true);
    without_waiting(&mut options);
    let file = options.open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    if !about.is_file() {
        return Err(io::Error::other("it is no regular file but a pipe, a device or the like"));
    }
    Ok((file, about))
}

/// Reads to the end. The buffer is never grown in place, which could leave a copy behind that nobody wipes.
pub(crate) fn read_all(mut from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(vec![0; 8 * 1024]);
    let mut length = 0;
    loop {
        if length == buffer.len() {
            // A line end may follow the longest value.
            if length > MOST {
                return Err(io::Error::other("it has more than 64 KiB"));
            }
            let mut larger = Zeroizing::new(vec![0; (2 * length).min(MOST + 2)]);
            for (to, byte) in larger.iter_mut().zip(buffer.iter()) {
                *to = *byte;
            }
            buffer = larger;
        }
        let free = buffer.get_mut(length..).unwrap_or_default();
        match from.read(free) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(length);
    Ok(buffer)
}

/// Opening a pipe would wait for its writer.
#[cfg(unix)]
fn without_waiting(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
}

#[cfg(not(unix))]
fn without_waiting(_options: &mut OpenOptions) {}

/// Whose the file is, where that is neither this user nor root: the file's owner and this user.
#[cfg(unix)]
pub(crate) fn stranger(about: &Metadata) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    let us = rustix::process::geteuid().as_raw();
    is_stranger(about.uid(), us).then_some((about.uid(), us))
}

#[cfg(not(unix))]
pub(crate) fn stranger(_about: &Metadata) -> Option<(u32, u32)> {
    None
}

/// The mode of a file that others than its owner may read or write.
#[cfg(unix)]
pub(crate) fn exposed(about: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = about.mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
pub(crate) fn exposed(_about: &Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
const fn is_stranger(owner: u32, us: u32) -> bool {
    owner != us && owner != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_file_is_trusted_from_this_user_and_from_root() {
        assert!(!is_stranger(1000, 1000) && !is_stranger(0, 1000) && !is_stranger(0, 0));
        assert!(is_stranger(1001, 1000) && is_stranger(1000, 0));
    }

    #[test]
    fn reading_is_complete_and_has_an_end() {
        let long: Vec<u8> = (0..50_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        assert_eq!(*read_all(&long[..]).unwrap(), long);
        let longest = vec![1; MOST + 1];
        assert_eq!(*read_all(&longest[..]).unwrap(), longest);
        assert!(read_all(&[1; MOST + 2][..]).is_err() && read_all(io::repeat(1)).is_err());
    }
}
