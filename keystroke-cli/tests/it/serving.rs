//! An MCP server and the program on one vault: 64 calls at a time, while `keystroke credentials` changes which key they are
//! lent. Each call is lent one that was current at some time between its start and its end.
//!
//! Four thousand calls; with `KEYSTROKE_FULL=1` a hundred thousand.

#![allow(clippy::print_stderr, reason = "the other process says there where it listens")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::support::Home;
use keystroke::mcp::{Server, Tokens};
use keystroke::prelude::*;
use serde_json::{Value, json};

const FOLDER: &str = "KEYSTROKE_TEST_FOLDER";
const LISTENING: &str = "listening on ";
const AT_A_TIME: usize = 64;
/// After so many answers some are of calls that began after what was before them.
const SEEN: u64 = 2 * AT_A_TIME as u64;
/// How many changes the program makes at least.
const CHANGES: usize = 24;

/// A service whose keys have a number.
#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

/// Tells the number of the key that it was lent.
#[action(slug = "which")]
async fn which(exa: &Exa) -> Result<u64, Failure> {
    Ok(exa.api_key.expose_secret().split('-').nth(1).unwrap_or_default().parse()?)
}

fn key(number: u64) -> String {
    format!("number-{number}-of-the-keys")
}

/// The other process of the test below: an application that serves.
#[test]
fn serves() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let executor =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    executor.block_on(async {
        let options = VaultOptions::at(folder);
        let tokens = Tokens::in_folder(options.data_folder());
        let runtime = Runtime::new(Vault::open_with(options).unwrap());
        let server = Server::new("numbers", toolset![Which].unwrap(), runtime).run(|request| request.run());
        let listening = server.http("127.0.0.1:0".parse().unwrap(), tokens).bind().await.unwrap();
        eprintln!("{LISTENING}{}", listening.address());
        listening.serve().await.unwrap();
    });
}

struct Serving {
    process: Child,
    address: String,
    token: String,
}

impl Serving {
    fn start(home: &Home) -> Self {
        let token = home.run(&["tokens", "create", "--organization", "acme", "--project", "research"]).json();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "serving::serves", "--nocapture"])
            .env(FOLDER, home.vault())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(process.stderr.take().unwrap()).lines();
        let listening = errors.find_map(|line| line.unwrap().strip_prefix(LISTENING).map(str::to_owned));
        let address = listening.expect("it says where it listens");
        // Read as it is written, so that the server never waits for its log to be read.
        std::thread::spawn(move || errors.for_each(drop));
        Self { process, address, token: token["token"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client with a connection of its own.
struct Client<'s> {
    stream: BufReader<TcpStream>,
    serving: &'s Serving,
    newest: bool,
}

impl<'s> Client<'s> {
    fn new(serving: &'s Serving, newest: bool) -> Self {
        let stream = TcpStream::connect(&serving.address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), serving, newest }
    }

    /// The number of the key that the call was lent.
    fn call(&mut self) -> u64 {
        let mut params = json!({ "name": "which", "arguments": {} });
        let mut headers = "Mcp-Protocol-Version: 2025-11-25\r\n";
        if self.newest {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            });
            headers = "Mcp-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: which\r\n";
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.serving.address,
            self.serving.token,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut line, mut length) = (String::new(), 0);
        self.stream.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200 "), "{line}");
        while line != "\r\n" {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let number = &answer["result"]["structuredContent"];
        let number = if self.newest { number } else { &number["result"] };
        number.as_u64().unwrap_or_else(|| panic!("{answer}"))
    }
}

/// What happens in all threads, in its order: no clock has to say which of two came first.
#[derive(Default)]
struct Order(AtomicU64);

impl Order {
    fn now(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// A call that was answered.
struct Answered {
    began: u64,
    ended: u64,
    number: u64,
}

/// A change of what is current: what is from then on, when the program was started to make it, and when it had ended.
struct Change {
    number: u64,
    began: u64,
    ended: u64,
}

/// Whether the number was current at some time while the call ran. The state that a change makes may hold from its beginning
/// on, and the one before until its end.
fn was_current(changes: &[Change], call: &Answered) -> bool {
    changes.iter().zip(1..).any(|(change, next)| {
        let until = changes.get(next).map(|next: &Change| next.ended);
        change.number == call.number
            && change.began <= call.ended
            && until.is_none_or(|until| call.began <= until)
    })
}

/// Two credentials of a project, and what was done to them.
struct Credentials<'h> {
    home: &'h Home,
    ids: [String; 2],
    numbers: [u64; 2],
    default: usize,
    assigned: Option<usize>,
    next: u64,
}

impl<'h> Credentials<'h> {
    fn new(home: &'h Home) -> Self {
        let set = |number: u64, more: &[&str]| {
            let fixed = ["credentials", "set", "exa", "--set", "api_key=@stdin", "--scope", "project"];
            let place = ["--organization", "acme", "--project", "research"];
            let run = home.run(&[&fixed[..], &place, more].concat()).stdin(key(number)).json();
            run["instances"][0]["id"].as_str().unwrap().to_owned()
        };
        let ids = [set(1, &["--default"]), set(2, &["--add"])];
        Self { home, ids, numbers: [1, 2], default: 0, assigned: None, next: 3 }
    }

    /// What a call is lent.
    fn current(&self) -> u64 {
        self.numbers[self.assigned.unwrap_or(self.default)]
    }

    fn run(&self, arguments: &[&str], stdin: &str) {
        let place = ["--organization", "acme", "--project", "research"];
        self.home.run(&[&["credentials"], arguments, &place].concat()).stdin(stdin).ok();
    }

    fn rotate(&mut self, at: usize) {
        self.numbers[at] = self.next;
        self.run(&["rotate", &self.ids[at], "--set", "api_key=@stdin"], &key(self.next));
        self.next += 1;
    }

    /// The next of a round of changes, by the program.
    fn change(&mut self, round: usize) {
        let at = self.assigned.unwrap_or(self.default);
        let other = 1 - at;
        match round % 6 {
            0 | 3 => self.rotate(at),
            1 => {
                self.default = other;
                self.run(&["update", &self.ids[other], "--default"], "");
            }
            2 => {
                self.assigned = Some(other);
                self.run(&["assign", &self.ids[other], "--action", "which", "--tool", "numbers"], "");
            }
            // Nobody is lent it while the assignment chooses; what it is now shows when that is gone.
            4 => self.rotate(self.default),
            _ => {
                self.assigned = None;
                self.run(&["unassign", "exa", "--action", "which", "--tool", "numbers"], "");
            }
        }
    }
}

#[test]
fn each_of_64_calls_at_a_time_is_lent_what_is_current_while_the_program_changes_it() {
    let full = std::env::var_os("KEYSTROKE_FULL").is_some_and(|value| value == "1");
    let enough: u64 = if full { 100_000 } else { 4_000 };
    let home = Home::new();
    let mut vault = Credentials::new(&home);
    let serving = Serving::start(&home);

    let order = Order::default();
    let began = order.now();
    let mut changes = vec![Change { number: vault.current(), began, ended: began }];
    let (answered, over) = (Answers::default(), AtomicBool::new(false));
    let answers: Vec<Answered> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..AT_A_TIME)
            .map(|number| {
                let mut client = Client::new(&serving, number % 2 == 0);
                let (order, answered, over) = (&order, &answered, &over);
                scope.spawn(move || {
                    let mut answers = Vec::new();
                    while !over.load(Ordering::Relaxed) {
                        let began = order.now();
                        let number = client.call();
                        answers.push(Answered { began, ended: order.now(), number });
                        answered.one_more();
                    }
                    answers
                })
            })
            .collect();
        let over = Over(&over);
        while changes.len() <= CHANGES || answered.count() < enough {
            answered.wait_for(SEEN);
            let began = order.now();
            vault.change(changes.len() - 1);
            changes.push(Change { number: vault.current(), began, ended: order.now() });
        }
        answered.wait_for(SEEN);
        drop(over);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });

    let wrong = answers.iter().filter(|call| !was_current(&changes, call)).count();
    assert_eq!(wrong, 0, "of {}", answers.len());
    // Whatever was current was lent.
    let unseen =
        changes.iter().filter(|change| answers.iter().all(|call| call.number != change.number)).count();
    assert_eq!(unseen, 0, "of {}", changes.len());
    // The control: with the changes the wrong way round, calls are wrong.
    let numbers: Vec<u64> = changes.iter().rev().map(|change| change.number).collect();
    changes.iter_mut().zip(numbers).for_each(|(change, number)| change.number = number);
    assert!(answers.iter().any(|call| !was_current(&changes, call)), "the control");
    eprintln!("{} calls, {} changes, {wrong} wrong", answers.len(), changes.len() - 1);
}

/// Lets the clients end, however the test does.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How many calls were answered.
#[derive(Default)]
struct Answers {
    count: Mutex<u64>,
    more: Condvar,
}

impl Answers {
    fn count(&self) -> u64 {
        *self.count.lock().unwrap()
    }

    fn one_more(&self) {
        *self.count.lock().unwrap() += 1;
        self.more.notify_one();
    }

    fn wait_for(&self, more: u64) {
        let count = self.count.lock().unwrap();
        let enough = *count + more;
        // Or the test fails rather than waits for ever. Nothing depends on how long it is.
        let limit = Duration::from_secs(60);
        let (count, waited) = self.more.wait_timeout_while(count, limit, |count| *count < enough).unwrap();
        drop(count);
        assert!(!waited.timed_out(), "no call is answered any more");
    }
}
