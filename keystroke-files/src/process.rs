//! What a process that holds secrets forbids itself, and which limits it is under.

use std::io;

/// Keeps the kernel from writing this process's memory to disk when it crashes. On Linux, other processes of this user can
/// then read neither its memory nor its environment in `/proc`.
///
/// # Errors
/// The system refuses.
pub fn forbid_core_dumps() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: getrlimit(Resource::Core).maximum };
        setrlimit(Resource::Core, none)?;
    }
    // A limit of 0 does not count where a program receives the dump.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// The largest file that this process may write, in bytes, if there is a limit (`ulimit -f`).
pub fn file_size_limit() -> Option<u64> {
    #[cfg(unix)]
    return rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    #[cfg(not(unix))]
    None
}
