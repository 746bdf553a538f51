//! What the process does before it reads its first argument, because it is going to hold secrets.

use std::io;

use crate::output::Output;

/// Forbids core dumps, and survives the signal for a file that may not grow (`ulimit -f`), so that the write fails and the
/// command can say so. Warns of what the system does not allow.
pub(crate) fn protect(output: &Output) {
    if let Err(error) = keystroke_files::forbid_core_dumps() {
        let message =
            format!("if this program crashes, the system may write its memory to the disk: {error}");
        output.warning("core_dumps", &message);
    }
    if let Err(error) = outlive_size_limit() {
        output
            .warning("size_limit", &format!("a limit on the size of files would end this program: {error}"));
    }
}

#[cfg(unix)]
fn outlive_size_limit() -> io::Result<()> {
    // Nobody looks at the flag: with a handler in place, the write fails instead.
    let met = std::sync::Arc::default();
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, met).map(drop)
}

#[cfg(not(unix))]
fn outlive_size_limit() -> io::Result<()> {
    Ok(())
}
