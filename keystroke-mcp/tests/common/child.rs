//! A server in a process of its own: the test program once more, with a test that serves instead of testing.

#![allow(clippy::print_stderr, reason = "a server's log")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use keystroke::mcp::{ReadyToServe, Server, Tokens};
use serde_json::{Value, json};

use super::log::Log;
use super::{STATELESS, binding};

/// `stdio`, or the folder of the tokens.
const PART: &str = "KEYSTROKE_TEST_PART";
const LISTENING: &str = "listening on ";

pub(crate) fn is_child() -> bool {
    std::env::var_os(PART).is_some()
}

/// What the child does, until its client goes or it is killed.
pub(crate) fn serve(server: Server<ReadyToServe>) {
    let part = std::env::var_os(PART).unwrap();
    tracing::subscriber::set_global_default(Log::new(|line| eprintln!("{line}"))).unwrap();
    let executor =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    executor.block_on(async {
        if part == "stdio" {
            return server.serve_stdio(binding()).await.unwrap();
        }
        let tokens = Tokens::in_folder(PathBuf::from(part));
        let listening = server.http("127.0.0.1:0".parse().unwrap(), tokens).bind().await.unwrap();
        eprintln!("{LISTENING}{}", listening.address());
        listening.serve().await.unwrap();
    });
}

/// The server's process. It ends with the test, however that ends.
pub(crate) struct Child {
    process: process::Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    log: Option<JoinHandle<Vec<u8>>>,
    address: Option<SocketAddr>,
    /// All that went either way.
    wire: Vec<u8>,
}

impl Child {
    /// With its client at its standard input and output; `test` is the test that serves.
    pub(crate) fn over_stdio(test: &str) -> Self {
        Self::start(test, "stdio".as_ref())
    }

    /// Over HTTP, with the tokens of a folder.
    pub(crate) fn over_http(test: &str, tokens: &Path) -> Self {
        Self::start(test, tokens)
    }

    fn start(test: &str, part: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .env(PART, part)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(process.stderr.take().unwrap());
        let mut address = None;
        while part != Path::new("stdio") && address.is_none() {
            let mut line = String::new();
            assert_ne!(errors.read_line(&mut line).unwrap(), 0, "it ended");
            address = line.strip_prefix(LISTENING).map(|address| address.trim_end().parse().unwrap());
        }
        // Read as it is written, so that the server never waits for its log to be read.
        let log = std::thread::spawn(move || {
            let mut log = Vec::new();
            errors.read_to_end(&mut log).unwrap();
            log
        });
        let (to, from) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, to, from, log: Some(log), address, wire: Vec::new() }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address.unwrap()
    }

    /// Says what a client of this version says first.
    pub(crate) fn begin(&mut self, version: &str) {
        if version == STATELESS {
            return;
        }
        let about = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": about });
        self.send(&json!({ "jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": params }));
        assert_eq!(self.next_answer()["result"]["protocolVersion"], version);
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.send_bytes(message.to_string().as_bytes());
    }

    /// Sends a line of any bytes.
    pub(crate) fn send_bytes(&mut self, line: &[u8]) {
        self.send_part(&[line, b"\n"].concat());
    }

    /// Sends a part of a line.
    pub(crate) fn send_part(&mut self, part: &[u8]) {
        self.wire.extend_from_slice(part);
        self.to.as_mut().unwrap().write_all(part).unwrap();
    }

    /// The next message. The harness says first which test runs, and the name has no end of line.
    fn line(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.from.read_line(&mut line).unwrap(), 0, "it ended");
            self.wire.extend_from_slice(line.as_bytes());
            if let Some(message) = line.find('{') {
                return line.split_off(message);
            }
        }
    }

    /// The next message that is an answer.
    pub(crate) fn next_answer(&mut self) -> Value {
        loop {
            let message: Value = serde_json::from_str(&self.line()).unwrap();
            if message.get("method").is_none() {
                return message;
            }
        }
    }

    /// The answer to a request, and all that was said until then.
    pub(crate) fn answer(&mut self, id: usize) -> (Value, String) {
        let mut said = String::new();
        loop {
            let line = self.line();
            said += &line;
            let message: Value = serde_json::from_str(&line).unwrap();
            if message["id"] == id {
                return (message, said);
            }
        }
    }

    /// All that went over standard input and output, and what it wrote to standard error.
    pub(crate) fn end(mut self) -> (Vec<u8>, Vec<u8>) {
        drop(self.to.take());
        if self.address.is_some() {
            self.process.kill().unwrap();
        } else {
            // What comes after the last answer is the harness's, but for what should not be there.
            self.from.read_to_end(&mut self.wire).unwrap();
        }
        self.process.wait().unwrap();
        (std::mem::take(&mut self.wire), self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
