//! Processes that a test starts: its own executable, told by variables of the environment which part it plays.

use std::future::Future;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Home;

/// Set for a process that a test starts: what it is to do.
pub const PART: &str = "KEYSTROKE_TEST_PART";
pub const FOLDER: &str = "KEYSTROKE_TEST_FOLDER";
/// What a process tells the test, among the lines of its test harness.
const TELL: &str = "tell: ";

pub fn full() -> bool {
    std::env::var_os("KEYSTROKE_FULL").is_some_and(|value| value == "1")
}

/// A test's name as the test binary knows it, by the `module_path!()` that it is in.
pub fn test_name(module: &str, test: &str) -> String {
    match module.split_once("::") {
        Some((_, module)) => format!("{module}::{test}"),
        None => test.to_owned(),
    }
}

/// Another process, that does its part of the same test.
pub struct Other {
    pub process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Other {
    pub fn start(test: &str, part: &str, home: &Home) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(PART, part)
            .env(FOLDER, home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = process.stdin.take().unwrap();
        let from = BufReader::new(process.stdout.take().unwrap());
        Self { process, to, from }
    }

    pub fn ask(&mut self, what: &str) -> String {
        writeln!(self.to, "{what}").unwrap();
        self.told().expect("the other process ended")
    }

    /// Has it end by itself, as it does when nobody asks any more.
    pub fn end(self) {
        let Self { mut process, to, .. } = self;
        drop(to);
        assert!(process.wait().unwrap().success());
    }

    /// Kills it at once, whatever it does. All that it had told by then.
    pub fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        let lines: Vec<String> = self.from.lines().map(Result::unwrap).collect();
        self.process.wait().unwrap();
        lines.iter().filter_map(|line| line.split_once(TELL)).map(|(_, told)| told.to_owned()).collect()
    }

    /// The next thing that it tells; `None` when it has ended, and ended well.
    pub fn told(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.from.read_line(&mut line).unwrap() > 0 {
            // The harness writes the test's name without an end of line.
            if let Some((_, told)) = line.split_once(TELL) {
                return Some(told.trim_end().to_owned());
            }
            line.clear();
        }
        assert!(self.process.wait().unwrap().success());
        None
    }
}

pub fn tell(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{TELL}{what}").unwrap();
    out.flush().unwrap();
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Numbers that are the same in each run of the test.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
