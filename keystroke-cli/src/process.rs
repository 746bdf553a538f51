//! What the process does before it reads its first argument, since it is going to hold secrets.

use std::io;

use crate::output::Output;

/// Has no memory of it written to a disk, and outlives the signal for a file that may not grow (`ulimit -f`): the write
/// then fails, and the command says so. What the system does not take is told.
pub(crate) fn protect(output: &Output) {
    if let Err(error) = keystroke_files::forbid_core_dumps() {
        let message =
            format!("if this program crashes, the system may write its memory to the disk: {error}");
        output.warning("core_dumps", &message);
    }
    if let Err(error) = outlive_size_limit() {
        output.warning("size_limit", &format!("a file that may not grow would end this program: {error}"));
    }
}

#[cfg(unix)]
fn outlive_size_limit() -> io::Result<()> {
    // Nobody looks at the flag: that there is a handler is what makes the write fail instead.
    let met = std::sync::Arc::default();
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, met).map(drop)
}

#[cfg(not(unix))]
fn outlive_size_limit() -> io::Result<()> {
    Ok(())
}
