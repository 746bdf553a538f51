//! What a program that holds secrets does at its start.

use std::io;

/// Has the system write no memory of this process to a disk when it crashes: it may hold secrets. On Linux other processes
/// of this user can then read neither its memory nor, in `/proc`, its environment, and no debugger can be attached. It
/// holds for this process alone; a child that runs another program begins anew.
///
/// A library must not decide this for the program that it is part of, so opening a vault does not do it: call it first in
/// `main`, as the program `keystroke` does.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// keystroke_vault::forbid_core_dumps()?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The system does not take it.
pub fn forbid_core_dumps() -> io::Result<()> {
    keystroke_files::forbid_core_dumps()
}
