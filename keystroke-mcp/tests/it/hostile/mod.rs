//! Malformed and hostile messages, by the hundred: each is answered as the protocol says, none stops the server or fills its
//! memory. The server is a process of its own; both transports, both generations.

mod corpus;
mod http;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpStream};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystroke::mcp::Tokens;
use serde_json::{Value, json};

use self::corpus::{Answer, Case, LONGEST, corpus};
use crate::common::child::{Child, is_child};
use crate::common::{self, LEGACY, STATELESS, binding, meta};

/// So much may the server have used, however long the messages: MiB. It comes to 30.
const MEMORY: u64 = 64;

const VERSION: &str = "mcp-protocol-version";
/// What is longer no server takes as a header.
const LONGEST_HEADER: usize = 10_000;

/// The other process of the tests below.
#[test]
fn serves() {
    if is_child() {
        common::child::serve(common::server().0);
    }
}

#[test]
fn there_are_five_hundred() {
    assert!(http::corpus("a token").len() >= 100, "and these");
    for version in [LEGACY, STATELESS] {
        let cases = corpus(version);
        let different: std::collections::HashSet<_> = cases.iter().map(|case| &case.name).collect();
        assert!(different.len() >= 500, "{version}: {}", different.len());
        assert_eq!(different.len(), cases.len());
    }
}

/// The largest part of the memory that the process ever had, in MiB. Linux alone tells.
fn memory(child: &Child) -> u64 {
    if cfg!(not(target_os = "linux")) {
        return 0;
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// A request that anybody may send.
fn sound(id: &str, version: &str) -> Value {
    let mut params = json!({ "name": "count", "arguments": {} });
    if version == STATELESS {
        params["_meta"] = meta();
    }
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

/// That this is the answer, in as far as it is JSON-RPC.
fn look(case: &Case, answer: &Value) {
    let Case { name, answer: expected, id, .. } = case;
    let shown = || format!("{name}: {expected:.60?}, but {answer:.500}");
    let code = match expected {
        Answer::Error(code) => Some(*code),
        Answer::Unsaid => Some(-32602),
        _ => None,
    };
    if let Some(code) = code {
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), id), "{}", shown());
        let message = answer["error"]["message"].as_str().unwrap();
        // What `rmcp` says of headers repeats them as they are.
        let is_ours = code != -32020;
        assert!(!is_ours || message.len() < 1_000 && !message.contains(char::is_control), "{}", shown());
        return;
    }
    let result = &answer["result"];
    match expected {
        Answer::Failed(words) => {
            assert_eq!((&result["isError"], &answer["id"]), (&json!(true), id), "{}", shown());
            assert!(result["content"][0]["text"].as_str().unwrap().contains(words), "{}", shown());
        }
        Answer::Done(text) => {
            assert_eq!((&result["isError"], &answer["id"]), (&json!(false), id), "{}", shown());
            assert!(text.is_empty() || result["structuredContent"]["text"] == **text, "{}", shown());
        }
        Answer::NoJson => assert_eq!(answer["error"]["code"], -32700, "{}", shown()),
        _ => assert_eq!(answer["error"]["code"], -32600, "{}", shown()),
    }
}

fn over_stdio(version: &'static str) {
    let mut child = Child::over_stdio("hostile::serves");
    child.begin(version);
    for (number, case) in corpus(version).iter().enumerate() {
        child.send_bytes(&case.bytes);
        let after = format!("sound {number}");
        child.send(&sound(&after, version));
        let is_answered =
            !matches!(case.answer, Answer::NoJson | Answer::Nothing | Answer::TooLong | Answer::Unread);
        // In whatever order, and nothing else.
        for _ in 0..1 + usize::from(is_answered) {
            let answer = child.next_answer();
            if answer["id"] == *after {
                assert_eq!(answer["result"]["isError"], false, "{}: {answer}", case.name);
            } else {
                assert!(is_answered, "{}: {answer}", case.name);
                look(case, &answer);
            }
        }
    }
    // A line that is longer than the memory that there may be.
    let part = vec![b'x'; LONGEST];
    for _ in 0..MEMORY + 1 {
        child.send_part(&part);
    }
    child.send_bytes(b"");
    child.send(&sound("the last", version));
    assert_eq!(child.next_answer()["id"], "the last");
    let memory = memory(&child);
    assert!(memory < MEMORY, "{memory} MiB");
    child.end();
}

#[test]
fn over_stdio_an_older_client_gets_what_the_protocol_says() {
    over_stdio(LEGACY);
}

#[test]
fn over_stdio_a_client_of_the_newest_version_gets_what_the_protocol_says() {
    over_stdio(STATELESS);
}

#[test]
fn what_is_no_beginning_is_answered_and_a_sound_one_may_follow() {
    let hello = |version: Value| {
        let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "a", "version": "1" } });
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params })
    };
    let mut nameless = hello(json!(LEGACY));
    nameless["params"].as_object_mut().unwrap().remove("clientInfo");
    let mut child = Child::over_stdio("hostile::serves");
    for first in [hello(json!(3)), nameless, sound("early", LEGACY)] {
        child.send(&first);
        let answer = child.next_answer();
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(-32602), &first["id"]), "{answer}");
    }
    child.begin(LEGACY);
    child.send(&sound("sound", LEGACY));
    assert_eq!(child.next_answer()["result"]["isError"], false);
    child.end();
    // A version that nobody knows is answered with one that the server does.
    for version in ["9999-99-99", "", "latest", "2024-11-05"] {
        let mut child = Child::over_stdio("hostile::serves");
        child.send(&hello(json!(version)));
        let answer = child.next_answer();
        let expected = if version == "2024-11-05" { version } else { LEGACY };
        assert_eq!(answer["result"]["protocolVersion"], expected, "{version}: {answer}");
        child.end();
    }
    // A client that goes away in the middle of its first word is no error.
    let mut child = Child::over_stdio("hostile::serves");
    child.send_part(b"{\"jsonrpc\":");
    let (_, log) = child.end();
    assert_eq!(String::from_utf8(log).unwrap(), "");
}

/// A server over HTTP, and a token for it.
struct Served {
    child: Child,
    token: String,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Served {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token = Tokens::in_folder(folder.path()).create(binding(), None, None).unwrap().token;
        let child = Child::over_http("hostile::serves", folder.path());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, token: token.expose_secret().to_owned(), client, _folder: folder }
    }

    async fn post(&self, bytes: Vec<u8>, version: &str) -> Result<(u16, Value), reqwest::Error> {
        let mut request = self
            .client
            .post(format!("http://{}/mcp", self.child.address()))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if version == STATELESS {
            let message = serde_json::from_slice(&bytes).unwrap_or_default();
            for (name, value) in said_twice(&message) {
                if let Some(value) = value.filter(|value| value.len() < LONGEST_HEADER) {
                    request = request.header(name, as_header(value));
                } else if name == VERSION {
                    request = request.header(name, version);
                }
            }
        } else {
            request = request.header(VERSION, version);
        }
        let request = request.body(bytes);
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        let last = text.lines().rfind(|line| !line.is_empty()).unwrap_or_default();
        Ok((status, serde_json::from_str(last.strip_prefix("data:").unwrap_or(last)).unwrap_or_default()))
    }

    async fn is_alive(&self, version: &str) -> bool {
        let bytes = sound("sound", version).to_string().into_bytes();
        let answer = self.post(bytes, version).await.unwrap();
        answer.0 == 200 && answer.1["result"]["isError"] == false
    }
}

/// As the protocol puts any text into a header.
fn as_header(value: &str) -> String {
    let plain = value.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && value.trim() == value;
    if plain { value.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(value)) }
}

/// What a request of the newest version says in its headers too.
fn said_twice(message: &Value) -> [(&'static str, Option<&str>); 3] {
    let params = &message["params"];
    let version = &params["_meta"]["io.modelcontextprotocol/protocolVersion"];
    [
        (VERSION, version.as_str()),
        ("mcp-method", message["method"].as_str()),
        ("mcp-name", params["name"].as_str()),
    ]
}

/// Whether it can: only a tool's name has a form for other characters than those of a header, and none may be as long as a
/// message.
fn has_headers(bytes: &[u8]) -> bool {
    let Ok(message) = serde_json::from_slice::<Value>(bytes) else { return true };
    let fits = |(name, value): (&str, Option<&str>)| {
        let Some(value) = value else { return true };
        value.len() < LONGEST_HEADER && (name == "mcp-name" || as_header(value) == value)
    };
    message["id"].is_null() || bytes.len() > LONGEST || said_twice(&message).into_iter().all(fits)
}

async fn over_http(version: &'static str) {
    let served = Served::new();
    for mut case in corpus(version) {
        if version == STATELESS && !has_headers(&case.bytes) {
            case.answer = Answer::Error(-32020);
        }
        let answer = served.post(case.bytes.clone(), version).await;
        let (status, answer) = answer.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let expected = match case.answer {
            Answer::NoJson | Answer::NoMessage | Answer::Unread | Answer::Unsaid => 400,
            Answer::TooLong => 413,
            Answer::Nothing => 202,
            Answer::Error(-32601) if version == STATELESS => 404,
            Answer::Error(-32022 | -32020) if version == STATELESS => 400,
            Answer::Error(_) | Answer::Failed(_) | Answer::Done(_) => 200,
        };
        assert_eq!(status, expected, "{}: {answer:.500}", case.name);
        if !matches!(case.answer, Answer::Nothing | Answer::TooLong) {
            look(&case, &answer);
        }
    }
    assert!(served.is_alive(version).await);
    let memory = memory(&served.child);
    assert!(memory < MEMORY, "{memory} MiB");
}

#[tokio::test]
async fn over_http_an_older_client_gets_what_the_protocol_says() {
    over_http(LEGACY).await;
}

#[tokio::test]
async fn over_http_a_client_of_the_newest_version_gets_what_the_protocol_says() {
    over_http(STATELESS).await;
}

#[tokio::test]
async fn what_is_no_request_of_http_is_refused() {
    let served = Served::new();
    for http::Case { name, bytes, statuses } in http::corpus(&served.token) {
        let mut stream = TcpStream::connect(served.child.address()).unwrap();
        // Who hangs up early can't be written to, and may have answered all the same.
        let _ = stream.write_all(&bytes);
        if statuses.contains(&0) {
            // It may be waiting for more, and a client that hangs up is waited for no longer.
            let _ = stream.shutdown(Shutdown::Write);
        }
        let mut line = String::new();
        let _ = BufReader::new(stream).read_line(&mut line);
        let status = line.split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
        assert!(statuses.contains(&status), "{name}: {statuses:?}, but {line}");
        assert!(served.is_alive(STATELESS).await, "after {name}");
    }
    // Connections that say nothing, or half of it, keep nobody out, also if there are more than there may be.
    let half = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    let mut silent: Vec<_> = (0..700).map(|_| TcpStream::connect(served.child.address()).unwrap()).collect();
    for stream in silent.iter_mut().step_by(2) {
        // The first have made room for the last.
        let _ = stream.write_all(half);
    }
    assert!(served.is_alive(STATELESS).await);
    drop(silent);
    let memory = memory(&served.child);
    assert!(memory < MEMORY, "{memory} MiB");
}
