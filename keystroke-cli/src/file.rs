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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_complete_and_has_an_end() {
        let long: Vec<u8> = (0..50_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        assert_eq!(*read_all(&long[..]).unwrap(), long);
        let longest = vec![1; MOST + 1];
        assert_eq!(*read_all(&longest[..]).unwrap(), longest);
        assert!(read_all(&[1; MOST + 2][..]).is_err() && read_all(io::repeat(1)).is_err());
    }
}
