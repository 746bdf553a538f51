//! What the commands do: a file for each command, or for what several have in common.

mod check;
#[cfg(unix)]
mod completions;
mod context;
mod import;
mod manifest;
mod program;
#[cfg(feature = "oauth")]
mod providers;
mod relocate;
mod tokens;
mod vault;
