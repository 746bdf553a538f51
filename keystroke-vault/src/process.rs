//! What a program that holds secrets does at its start.

use std::io;

/// Keeps the system from writing this process's memory to a disk when it crashes, since that may hold secrets. On
/// Linux, other processes of this user can then read neither its memory nor, in `/proc`, its environment, and no
/// debugger can attach. It holds for this process only: a child that runs another program starts without it.
///
/// A library must not decide this for the program that it is part of, so opening a vault does not do it. Call it
/// first in `main`, as the program `keystroke` does.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// keystroke_vault::forbid_core_dumps()?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The system refuses.
pub fn forbid_core_dumps() -> io::Result<()> {
    keystroke_files::forbid_core_dumps()
}
