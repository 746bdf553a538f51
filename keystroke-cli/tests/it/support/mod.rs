//! A folder of one's own with the real program in it: nothing of this machine's environment is seen.

pub(crate) mod lent;
#[cfg(target_os = "linux")]
pub(crate) mod pty;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The manifest of an application with two credentials and an action for each.
pub(crate) const MANIFEST: &str = include_str!("assistant.json");

/// A provider of one's own.
pub(crate) const ACME: &str = include_str!("acme.toml");

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_keystroke");

/// A home folder, its vault in `vault/`, and `work/` to work in.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(home.work()).unwrap();
        home
    }

    /// With a vault, and an `exa` credential of the organization in it. Its id too.
    pub(crate) fn with_exa() -> (Self, String) {
        let home = Self::new();
        let set = home
            .run(&["credentials", "set", "exa", "--set", "api_key=@stdin"])
            .stdin("exa-secret-7Qm2vX9d")
            .json();
        let id = set["instances"][0]["id"].as_str().unwrap().to_owned();
        (home, id)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.path().join("work")
    }

    pub(crate) fn vault(&self) -> PathBuf {
        self.path().join("vault")
    }

    pub(crate) fn ring(&self) -> PathBuf {
        self.vault().join("config").join("vault.keys")
    }

    /// A command, not yet started.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env_clear().env("HOME", self.path()).env("KEYSTROKE_HOME", self.vault());
        command.current_dir(self.work());
        Run { command, stdin: Vec::new() }
    }

    /// All files below the home folder, with their bytes.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.path(), &mut files);
        files
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}

/// A command about to run.
pub(crate) struct Run {
    pub(crate) command: Command,
    stdin: Vec<u8>,
}

impl Run {
    pub(crate) fn stdin(mut self, text: impl AsRef<[u8]>) -> Self {
        self.stdin = text.as_ref().to_vec();
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn start(mut self) -> Child {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        // A command that reads nothing may have closed it already.
        let _ = child.stdin.take().unwrap().write_all(&self.stdin);
        child
    }

    /// Runs it to its end.
    pub(crate) fn done(self) -> Done {
        let line = format!("{:?}", self.command.get_args().collect::<Vec<_>>());
        Done::new(line, self.start().wait_with_output().unwrap())
    }

    /// Runs it, which must succeed: stdout.
    pub(crate) fn ok(self) -> String {
        self.done().ok().out
    }

    /// Runs it with `--json`, which must succeed with one object on stdout and nothing on stderr.
    pub(crate) fn json(self) -> Value {
        let done = self.arg("--json").done().ok();
        assert_eq!(done.err, "", "{}", done.line);
        let value: Value = serde_json::from_str(&done.out).unwrap();
        assert!(value.is_object(), "{}", done.line);
        value
    }

    /// Runs it, which must be refused with a fix: stderr. With `--json` the same is said in one object.
    pub(crate) fn refused(mut self, exit: i32) -> Refused {
        let mut again = Command::new(PROGRAM);
        again.args(self.command.get_args()).arg("--json").env_clear();
        for (name, value) in self.command.get_envs() {
            again.env(name, value.unwrap());
        }
        again.current_dir(self.command.get_current_dir().unwrap());
        let again = Run { command: again, stdin: self.stdin.clone() };
        self.command.stdin(Stdio::piped());
        let people = self.done();
        assert_eq!(people.code, Some(exit), "{}: {}{}", people.line, people.out, people.err);
        assert_eq!(people.out, "", "{}", people.line);
        let programs = again.done();
        assert_eq!(
            (programs.code, programs.out.as_str()),
            (Some(exit), ""),
            "{}: {}",
            programs.line,
            programs.err
        );
        let value: Value = serde_json::from_str(&programs.err)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", programs.line, programs.err));
        let text = |name: &str| value["error"][name].as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
        let refused =
            Refused { code: text("code"), message: text("message"), fix: text("fix"), people: people.err };
        assert!(!refused.fix.is_empty() && !refused.message.is_empty(), "{value}");
        assert!(refused.people.contains("error: "), "{}", refused.people);
        if refused.code != "usage" {
            assert!(
                refused.people.ends_with(&format!("fix: {}\n", refused.fix)),
                "{}{value}",
                refused.people
            );
        }
        refused
    }
}

/// Every command that does something, as `--help` names them: `credentials set`, `audit`, ….
pub(crate) fn commands() -> Vec<String> {
    let below = |path: &[&str]| -> Vec<String> {
        let output = Command::new(PROGRAM).args(path).arg("--help").env_clear().output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        let list =
            help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
        let names = list.lines().filter_map(|line| line.split_whitespace().next());
        names.filter(|name| *name != "help").map(str::to_owned).collect()
    };
    let all: Vec<String> = below(&[])
        .into_iter()
        .flat_map(|name| {
            let mut all: Vec<String> = below(&[&name]).iter().map(|verb| format!("{name} {verb}")).collect();
            // With verbs, a command by itself is one only where it says so.
            if all.is_empty() || name == "audit" {
                all.push(name);
            }
            all
        })
        .collect();
    assert!(all.len() > 20, "{all:?}");
    all
}

/// Every command in backticks is one that the program has, with flags that it has.
pub(crate) fn commands_exist(home: &Home, text: &str) {
    for command in text.split('`').skip(1).step_by(2).filter_map(|quoted| quoted.strip_prefix("keystroke ")) {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        assert_eq!(home.run(&words).done().code, Some(0), "`keystroke {command}` in: {text}");
    }
}

/// What a refused command said.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) fix: String,
    pub(crate) people: String,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) line: String,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    pub(crate) fn new(line: String, output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { line, code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}: {}{}", self.line, self.out, self.err);
        self
    }
}
