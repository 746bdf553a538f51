//! Owner and mode checks: whose a file or folder is, and whether anybody else can use it.

use std::fs::Metadata;

/// The effective user of this process, where users have numbers.
pub fn current_user() -> Option<u32> {
    #[cfg(unix)]
    return Some(rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    None
}

/// The owner of a file and this user, if the owner is neither this user nor root.
#[cfg(unix)]
pub fn stranger(about: &Metadata) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    let us = current_user()?;
    is_stranger(about.uid(), us).then_some((about.uid(), us))
}

/// The owner of a file and this user, if the owner is neither this user nor root. This system does not say.
#[cfg(not(unix))]
pub fn stranger(_about: &Metadata) -> Option<(u32, u32)> {
    None
}

/// The mode of a file that others than its owner can read or write.
#[cfg(unix)]
pub fn exposed(about: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = about.mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// The mode of a file that others than its owner can read or write. This system does not say.
#[cfg(not(unix))]
pub fn exposed(_about: &Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
const fn is_stranger(owner: u32, us: u32) -> bool {
    owner != us && owner != 0
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_trusted_from_this_user_and_from_root() {
        assert!(!is_stranger(1000, 1000) && !is_stranger(0, 1000) && !is_stranger(0, 0));
        assert!(is_stranger(1001, 1000) && is_stranger(1000, 0));
    }
}
