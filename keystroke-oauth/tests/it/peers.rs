//! Authorization servers that nobody here wrote, each a process that ends with this one.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use crate::keys::KEY;
use crate::packages::{installed, missing, npm_ci, pip_install};

/// A server on this machine.
pub(crate) struct Peer {
    /// Its input ends with this process, and it with its input.
    _child: Child,
    pub(crate) issuer: String,
}

/// npm `oidc-provider`, one for all tests: it keeps apart what it gives to each.
pub(crate) static OIDC: LazyLock<Peer> = LazyLock::new(|| {
    Peer::start(Command::new("node").current_dir(node_peers()).arg("oidc.mjs").arg(&KEY.public))
});

/// npm `oauth2-mock-server`.
pub(crate) static MOCK: LazyLock<Peer> =
    LazyLock::new(|| Peer::start(Command::new("node").current_dir(node_peers()).arg("mock.mjs")));

fn node_peers() -> PathBuf {
    let files = [
        ("package.json", include_str!("../peers/package.json")),
        ("package-lock.json", include_str!("../peers/package-lock.json")),
        ("oidc.mjs", include_str!("../peers/oidc.mjs")),
        ("mock.mjs", include_str!("../peers/mock.mjs")),
        ("answers.json", include_str!("../peers/answers.json")),
    ];
    installed("oauth-peers", &files, npm_ci)
}

/// PyPI `authlib`.
pub(crate) static AUTHLIB: LazyLock<Peer> = LazyLock::new(|| {
    let files = [
        ("requirements.txt", include_str!("../peers/requirements.txt")),
        ("authlib_server.py", include_str!("../peers/authlib_server.py")),
    ];
    let folder = installed("oauth-python-peers", &files, pip_install);
    let mut python = Command::new(folder.join("venv/bin/python"));
    Peer::start(python.current_dir(folder).arg("authlib_server.py").arg(&KEY.public))
});

impl Peer {
    fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", missing(program.display())));
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening ").and_then(|port| port.parse::<u16>().ok()))
            .unwrap_or_else(|| panic!("{program:?} says no port"));
        // What else it says has to be read: a server whose output is closed ends at its next warning.
        std::thread::spawn(move || lines.for_each(drop));
        Self { _child: child, issuer: format!("http://127.0.0.1:{port}") }
    }
}
