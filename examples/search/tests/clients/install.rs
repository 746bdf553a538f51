//! Clients that nobody here wrote: the official MCP SDKs, and the conformance suite of the protocol. Each is installed from
//! the lock file beside this one, by its own package manager, on first use and into cargo's `target` folder.

mod packages;

use std::path::PathBuf;

use packages::{installed, npm_ci, pip_install};

pub use packages::missing;

/// The folder of `client.mjs` and the packages that it imports.
pub fn node_clients() -> PathBuf {
    let files = [
        ("package.json", include_str!("package.json")),
        ("package-lock.json", include_str!("package-lock.json")),
        ("client.mjs", include_str!("client.mjs")),
        ("globsync.mjs", include_str!("globsync.mjs")),
    ];
    installed("node-clients", &files, npm_ci)
}

/// The folder of `client.py`, with a Python that has the official SDK in `venv/bin`.
pub fn python_clients() -> PathBuf {
    let files =
        [("requirements.txt", include_str!("requirements.txt")), ("client.py", include_str!("client.py"))];
    installed("python-clients", &files, pip_install)
}
