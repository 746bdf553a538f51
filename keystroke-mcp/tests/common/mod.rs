//! Actions that do what a test needs, a store with a secret to plant, and a client that sees every byte.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod child;
pub(crate) mod log;
pub(crate) mod over_http;
pub(crate) mod random;

use std::collections::BTreeMap;
use std::time::Duration;

use keystroke::mcp::{Binding, ReadyToServe, Server};
use keystroke::prelude::*;
use keystroke::scope::NoUser;
use keystroke::testing::assert_no_secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};
use tokio::sync::mpsc;

/// Planted in the store; no byte of it may leave.
pub(crate) const SECRET: &str = "sk-canary/4f\"9c+é one";
/// The newest protocol version of those with `initialize`, and the one without.
pub(crate) const LEGACY: &str = "2025-11-25";
pub(crate) const STATELESS: &str = "2026-07-28";

/// A service of the tests.
#[credential(key = "exa")]
pub(crate) struct Exa {
    api_key: SecretString,
    #[field(plain)]
    region: Option<String>,
}

impl Exa {
    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Text {
    /// What to say.
    text: String,
    /// How often.
    #[serde(default)]
    times: u32,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Said {
    text: String,
    region: Option<String>,
}

/// Says a text again.
///
/// # Errors
/// Never: this part is not for the model.
#[action(slug = "echo", name = "Echo", read_only, idempotent)]
pub(crate) async fn echo(input: Text, exa: &Exa) -> Result<Said, Failure> {
    Ok(Said { text: input.text, region: exa.region.clone() })
}

/// Says how many there are.
#[action(slug = "count", destructive)]
pub(crate) async fn count() -> Result<u32, Failure> {
    Ok(3)
}

/// Says nothing.
#[action(slug = "nothing")]
pub(crate) async fn nothing() -> Result<(), Failure> {
    Ok(())
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Node {
    name: String,
    below: Vec<Node>,
}

/// Gives a tree, or none.
#[action(slug = "tree")]
pub(crate) async fn tree() -> Result<Option<Node>, Failure> {
    Ok(Some(Node { name: "root".into(), below: vec![Node { name: "leaf".into(), below: Vec::new() }] }))
}

/// Tries to let its secret out in a text, a key and a list.
#[action(slug = "leak")]
pub(crate) async fn leak(exa: &Exa) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let secret = exa.api_key.expose_secret();
    Ok(BTreeMap::from([(secret.to_owned(), vec![secret.to_owned(), format!("{secret:?}")])]))
}

/// Tries to let its secret out in an error.
#[action(slug = "fail")]
pub(crate) async fn fail(exa: &Exa) -> Result<(), Failure> {
    let secret = exa.api_key.expose_secret();
    Err(Failure::new(format!("account 17 refused {secret}")).with_model(format!("refused: {secret}")))
}

/// Tries to let its secret out in a panic.
#[action(slug = "panic")]
pub(crate) async fn panics(exa: &Exa) -> Result<(), Failure> {
    panic!("{}", exa.api_key.expose_secret())
}

/// What a test hears of the actions below: that one has begun, or was ended.
#[derive(Clone)]
pub(crate) struct Told(pub(crate) mpsc::UnboundedSender<&'static str>);

pub(crate) struct Ended(pub(crate) mpsc::UnboundedSender<&'static str>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.send("ended");
    }
}

/// Waits until it is cancelled.
#[action(slug = "wait")]
pub(crate) async fn wait(cx: &ActionContext) -> Result<(), Failure> {
    let Told(told) = cx.state().ok_or("no listener")?;
    let _ended = Ended(told.clone());
    let _ = told.send("begun");
    cx.cancellation().cancelled().await;
    let _ = told.send("heard");
    std::future::pending().await
}

/// Tells how far it is, with its secret in it.
#[action(slug = "steps")]
pub(crate) async fn steps(exa: &Exa, cx: &ActionContext) -> Result<(), Failure> {
    for done in [1, 1, 3] {
        cx.progress(done, Some(3), &format!("with {}", exa.api_key.expose_secret()));
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Needs a credential that nobody has stored.
#[action(slug = "missing")]
pub(crate) async fn missing(input: Text, cx: &ActionContext, none: &Nowhere) -> Result<(), Failure> {
    let _ = (input, cx, none);
    Ok(())
}

/// A service that nobody connected.
#[credential(key = "nowhere")]
pub(crate) struct Nowhere {
    api_key: SecretString,
}

pub(crate) fn tools() -> Toolset<NoUser> {
    toolset![Echo, Count, Nothing, Tree, Leak, Fail, Panics, Wait, Steps, Missing].unwrap()
}

/// A store with the secret in the project `research` of `acme`, and another credential in the project `ops`.
pub(crate) fn runtime() -> (Runtime, mpsc::UnboundedReceiver<&'static str>) {
    let (told, heard) = mpsc::unbounded_channel();
    let store = MemoryStore::new()
        .with(
            Instance::new("exa")
                .in_project("acme", "research")
                .field("api_key", SECRET)
                .field("region", "eu"),
        )
        .with(
            Instance::new("exa")
                .in_project("acme", "ops")
                .field("api_key", "another-key-entirely")
                .field("region", "us"),
        );
    (Runtime::new(store).with_state(Told(told)), heard)
}

pub(crate) fn server() -> (Server<ReadyToServe>, mpsc::UnboundedReceiver<&'static str>) {
    let (runtime, heard) = runtime();
    (Server::new("researcher", tools(), runtime).run(|request| request.run()), heard)
}

pub(crate) fn binding() -> Binding {
    Binding::new("acme", "research")
}

/// So many bytes may be between a client and its server, each way.
pub(crate) const BETWEEN: usize = 1 << 16;

/// A client that writes lines and reads lines.
pub(crate) struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    to: WriteHalf<DuplexStream>,
    next: u64,
    version: &'static str,
    /// All that the server ever sent.
    pub(crate) seen: String,
    /// All that was ever sent to it.
    sent: String,
}

/// In no test may a byte of the secret be among what client and server say.
impl Drop for Client {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_no_secret(&self.sent, [SECRET]);
            assert_no_secret(&self.seen, [SECRET]);
        }
    }
}

impl Client {
    /// Connected to the server, with nothing said yet.
    pub(crate) fn of(server: Server<ReadyToServe>, version: &'static str) -> Self {
        Self::bound(server, version, binding())
    }

    /// The same, and acts for somebody else.
    pub(crate) fn bound(server: Server<ReadyToServe>, version: &'static str, binding: Binding) -> Self {
        let (ours, theirs) = tokio::io::duplex(BETWEEN);
        let (input, output) = tokio::io::split(theirs);
        tokio::spawn(server.serve_streams_until(input, output, binding, Cancellation::new()));
        let (from, to) = tokio::io::split(ours);
        Self {
            lines: BufReader::new(from).lines(),
            to,
            next: 0,
            version,
            seen: String::new(),
            sent: String::new(),
        }
    }

    /// Connected, and ready for requests.
    pub(crate) async fn ready(server: Server<ReadyToServe>, version: &'static str) -> Self {
        Self::of(server, version).begun().await
    }

    /// ReadyToServe for requests.
    pub(crate) async fn begun(mut self) -> Self {
        if self.version != STATELESS {
            let about = json!({ "name": "test", "version": "1" });
            let hello = json!({ "protocolVersion": self.version, "capabilities": {}, "clientInfo": about });
            self.ask("initialize", hello).await;
            self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        }
        self
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        self.sent += &line;
        self.to.write_all(line.as_bytes()).await.unwrap();
    }

    /// Sends a request: its id.
    pub(crate) async fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        self.next += 1;
        if self.version == STATELESS {
            for (name, value) in meta().as_object().unwrap() {
                params["_meta"][name] = value.clone();
            }
        }
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        id
    }

    pub(crate) async fn begin_call(&mut self, tool: &str, arguments: Value) -> u64 {
        self.begin("tools/call", json!({ "name": tool, "arguments": arguments })).await
    }

    /// The next message of the server.
    pub(crate) async fn receive(&mut self) -> Value {
        let line = in_time(self.lines.next_line()).await.unwrap().expect("the server closed");
        self.seen += &line;
        self.seen.push('\n');
        serde_json::from_str(&line).unwrap()
    }

    /// The answer to a request.
    pub(crate) async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.receive().await;
            if message["id"] == id {
                return message;
            }
        }
    }

    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        self.answer(id).await
    }

    pub(crate) async fn list(&mut self) -> Vec<String> {
        names(&self.ask("tools/list", json!({})).await)
    }

    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let id = self.begin_call(tool, arguments).await;
        self.answer(id).await
    }
}

/// The names of the tools that were listed.
pub(crate) fn names(answer: &Value) -> Vec<String> {
    let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

/// What each request of the stateless protocol says of its client.
pub(crate) fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// The text of a result that is an error.
pub(crate) fn error_text(answer: &Value) -> &str {
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(answer["result"].get("structuredContent").is_none(), "{answer}");
    answer["result"]["content"][0]["text"].as_str().unwrap()
}

/// What happens, or the test fails rather than waits for ever. Nothing depends on how long it is.
pub(crate) async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("it never happened")
}

/// Waits until an action's call has ended.
pub(crate) async fn ended(heard: &mut mpsc::UnboundedReceiver<&'static str>) {
    in_time(async { while heard.recv().await.expect("the server is there") != "ended" {} }).await;
}
