//! What a process that holds secrets forbids itself, and what others forbid it.

use std::io;

/// Has the kernel write no memory of this process to a disk when it crashes. On Linux other processes of this user can
/// then read neither its memory nor, in `/proc`, its environment.
///
/// # Errors
/// The system does not take it.
pub fn forbid_core_dumps() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: getrlimit(Resource::Core).maximum };
        setrlimit(Resource::Core, none)?;
    }
    // A limit of 0 does not hold where a program takes the dump.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// How many bytes a file that this process writes may have at most, where there is a limit (`ulimit -f`).
pub fn file_size_limit() -> Option<u64> {
    #[cfg(unix)]
    return rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    #[cfg(not(unix))]
    None
}
