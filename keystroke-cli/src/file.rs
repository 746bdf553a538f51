//! Files that someone else may have put there, or that are named by mistake: only regular files are opened, and only a
//! limited number of bytes is read.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

pub(crate) use keystroke_files::{exposed, stranger};
use zeroize::Zeroizing;

/// Longer than any secret or setting, and than any value that the vault stores.
const MOST: usize = 64 * 1024;

/// The file, open, and what is known of it.
pub(crate) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    keystroke_files::open(path).map_err(io::Error::from)
}

/// Reads to the end. All of the room is there at once: a buffer that grows leaves copies behind that nobody wipes.
pub(crate) fn read_all(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // A line end may follow the longest value.
    let longest = MOST + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(longest + 64));
    from.take(longest as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > longest { Err(io::Error::other("it has more than 64 KiB")) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_complete_and_has_an_end() {
        let long: Vec<u8> = (0..50_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        assert_eq!(*read_all(&long[..]).unwrap(), long);
        let longest = vec![1; MOST + 1];
        let read = read_all(&longest[..]).unwrap();
        assert_eq!((read.len(), read.capacity()), (longest.len(), MOST + 65), "the buffer has grown");
        assert!(read_all(&[1; MOST + 2][..]).is_err() && read_all(io::repeat(1)).is_err());
    }
}
