//! `search mcp` with clients that nobody here wrote: the official SDKs for Python and TypeScript, over standard input and
//! output and over HTTP, in both generations of the protocol. They are started as the README says, and every byte that
//! they and the server exchange is searched for the key.

#[path = "clients/install.rs"]
mod install;
mod support;
#[path = "support/tee.rs"]
mod tee;

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use keystroke::Instance;
use keystroke::mcp::{Binding, Tokens};
use keystroke::vault::{Add, Vault, VaultOptions};
use serde_json::{Value, json};
use support::{canary, found_in, program};
use tee::Tee;
use tempfile::TempDir;

const OLDEST: &str = "2025-11-25";
const NEWEST: &str = "2026-07-28";

#[test]
fn the_python_sdk_lists_calls_and_takes_back_in_both_generations() {
    let folder = install::python_clients();
    let client = |spec: &Value| {
        let mut command = Command::new(folder.join("venv/bin/python"));
        command.arg(folder.join("client.py")).arg(spec.to_string());
        command
    };
    let home = Home::new();
    for (generation, protocol) in [("older", OLDEST), ("newest", NEWEST), ("any", NEWEST)] {
        home.over_stdio(generation, protocol, &json!({}), &client);
        home.over_http(generation, protocol, &json!({}), &client);
    }
}

#[test]
fn the_typescript_sdk_lists_calls_and_takes_back_in_both_generations() {
    let home = Home::new();
    for (generation, protocol) in [("older", OLDEST), ("newest", NEWEST), ("any", NEWEST)] {
        home.over_stdio(generation, protocol, &json!({ "sdk": "2" }), &node);
        home.over_http(generation, protocol, &json!({ "sdk": "2" }), &node);
    }
}

#[test]
fn the_typescript_sdk_of_the_first_generation_lists_calls_and_takes_back() {
    let home = Home::new();
    home.over_stdio("older", OLDEST, &json!({ "sdk": "1" }), &node);
    home.over_http("older", OLDEST, &json!({ "sdk": "1" }), &node);
}

fn node(spec: &Value) -> Command {
    let mut command = Command::new("node");
    command.arg(install::node_clients().join("client.mjs")).arg(spec.to_string());
    command
}

/// A vault with a key, a folder to be in, and the service that the key is for.
struct Home {
    folder: TempDir,
    secret: String,
    service: Service,
}

impl Home {
    fn new() -> Self {
        let (folder, secret) = (tempfile::tempdir().expect("a folder"), canary());
        let (vault, _) = Vault::open_or_init(VaultOptions::at(folder.path())).expect("a vault");
        let instance = Instance::new("exa").in_project("acme", "research").field("api_key", &*secret);
        vault.add([instance], Add::OnlyFirst).expect("stored");
        let service = Service::of(&secret);
        Self { folder, secret, service }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the server needs to know of where it is.
    fn environment(&self) -> HashMap<&str, String> {
        let home = self.folder.path().display().to_string();
        let url = format!("http://{}", self.service.address);
        HashMap::from([
            ("KEYSTROKE_HOME", home),
            ("EXA_BASE_URL", url.clone()),
            ("FIRECRAWL_BASE_URL", url),
            ("RUST_LOG", "trace".to_owned()),
        ])
    }

    /// The client starts the server, as the README's first configuration says, with a tap on the pipes.
    fn over_stdio(&self, generation: &str, protocol: &str, more: &Value, client: &dyn Fn(&Value) -> Command) {
        let configuration = &configurations()[0]["mcpServers"]["search"];
        let command = configuration["command"].as_str().expect("a command");
        assert!(command.ends_with("/target/debug/search"), "{command}");
        let names =
            ["asked", "answered", "log"].map(|name| self.file(&format!("{name} {generation} {more}")));
        let tap =
            r#"asked=$1 answered=$2 log=$3; shift 3; tee -a "$asked" | "$@" 2>>"$log" | tee -a "$answered""#;
        let mut arguments: Vec<Value> = vec!["-c".into(), tap.into(), "sh".into()];
        arguments.extend(names.iter().map(|name| name.display().to_string().into()));
        arguments.push(env!("CARGO_BIN_EXE_search").into());
        arguments.extend(configuration["args"].as_array().expect("arguments").iter().cloned());
        let mut spec = json!({
            "generation": generation,
            "command": "/bin/sh",
            "args": arguments,
            "env": self.environment(),
            "cwd": self.folder.path(),
        });
        spec.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.told(protocol, &client(&spec));
        let [asked, answered, log] = names.map(|name| std::fs::read(name).expect("what the tap kept"));
        self.search(&[("asked", asked), ("answered", answered), ("log", log)]);
    }

    /// The server is started first, and the client as the README's second configuration says.
    fn over_http(&self, generation: &str, protocol: &str, more: &Value, client: &dyn Fn(&Value) -> Command) {
        let tokens = Tokens::in_folder(self.folder.path());
        let made = tokens.create(Binding::new("acme", "research"), None, None).expect("a token");
        let mut server = Server::start(self);
        let tee = Tee::before(server.address);
        let mut configuration = configurations()[1]["mcpServers"]["search"].clone();
        assert_eq!(configuration["type"], "http");
        let header = configuration["headers"]["Authorization"].as_str().expect("a header");
        configuration["headers"]["Authorization"] =
            header.replace("kst_…", made.token.expose_secret()).into();
        let url = configuration["url"].as_str().expect("a URL");
        configuration["url"] = url.replace("127.0.0.1:8765", &tee.address().to_string()).into();
        configuration["generation"] = generation.into();
        let mut spec = configuration.as_object().expect("an object").clone();
        spec.extend(more.as_object().expect("an object").clone());
        self.told(protocol, &client(&spec.into()));
        let log = server.end();
        let own = made.token.expose_secret().splitn(3, '_').last().expect("its secret");
        assert_eq!(found_in(&log, own), Vec::<String>::new(), "a token is in no log");
        self.search(&[("wire", tee.kept()), ("log", log.into())]);
    }

    /// What the client tells of all that it did.
    fn told(&self, protocol: &str, command: &Command) {
        let mut client = Client::start(command);
        self.service.said("asked");
        client.tell();
        self.service.said("hung up");
        client.tell();
        let report = client.report();
        assert_eq!(report["protocol"], protocol, "{report}");
        // Who asks for the newest version alone need not ask who answers: the Python SDK does not.
        if !(protocol == NEWEST && report["server"].is_null()) {
            assert_eq!(report["server"]["name"], "search", "{report}");
            assert_eq!(report["server"]["title"], "Web search");
            assert_eq!(report["server"]["version"], env!("CARGO_PKG_VERSION"));
        }
        let tools = report["tools"].as_array().expect("tools");
        let names: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
        assert_eq!(names, ["search", "read-page"]);
        let search = &tools[0];
        assert_eq!(
            search["description"],
            "Searches the web and returns titles, URLs and a snippet of each page."
        );
        assert_eq!(search["annotations"]["readOnlyHint"], true);
        assert_eq!(search["inputSchema"]["required"], json!(["query"]));
        assert_eq!(search["inputSchema"]["properties"]["limit"].get("format"), None, "`uint32` is no format");
        assert_eq!(search["outputSchema"]["type"], "object");
        for found in [&report["found"], &report["after"]] {
            assert_ne!(found["isError"], true, "{report}");
            let results = found["structuredContent"]["results"].as_array().expect("results");
            assert_eq!(results.len(), 2, "{report}");
            assert_eq!(results[0]["title"], "result 1 of `pinned scope`");
            let text = found["content"][0]["text"].as_str().expect("text");
            let text: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(text, found["structuredContent"], "text and structure are one");
        }
        let text = |result: &str| {
            assert_eq!(report[result]["isError"], true, "{report}");
            report[result]["content"][0]["text"].as_str().expect("text").to_owned()
        };
        let wrong = text("wrong");
        assert!(wrong.contains("`query`") && wrong.contains("expected a string"), "{wrong}");
        // Its credential is optional, and nobody has stored one.
        assert_eq!(report["page"]["structuredContent"]["markdown"], "# https://example.com", "{report}");
        assert_eq!(report["unknown"], -32602, "{report}");
        assert_eq!(report["counts"], json!([1, 2, 3, 4, 5, 6, 7, 8]), "each call has its own answer");
    }

    /// No form of the key is in what was kept; and the search would find each of them there.
    fn search(&self, kept: &[(&str, Vec<u8>)]) {
        let mut all = String::new();
        for (name, bytes) in kept {
            assert!(!bytes.is_empty(), "{name}: nothing was kept");
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(found_in(&text, &self.secret), Vec::<String>::new(), "{name}");
            all += &text;
        }
        for part in ["tools/list", "tools/call", "structuredContent", "result 1 of `pinned scope`", "TRACE"] {
            assert!(all.contains(part), "`{part}` was not kept");
        }
        for (name, form) in support::forms(&self.secret) {
            let planted = all.replacen("result 1 of", &form, 1);
            assert!(found_in(&planted, &self.secret).contains(&name), "the control: {name}");
        }
    }
}

/// The configurations that the README gives to paste.
fn configurations() -> Vec<Value> {
    let readme = include_str!("../README.md");
    let blocks = readme.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(|block| serde_json::from_str(block).expect("a block of JSON is JSON")).collect()
}

/// The server over HTTP. It ends with the test, however that ends.
struct Server {
    process: Child,
    address: SocketAddr,
    log: Option<std::thread::JoinHandle<String>>,
}

impl Server {
    fn start(home: &Home) -> Self {
        let mut command = program();
        command
            .args(["mcp", "--http", "127.0.0.1:0"])
            .envs(home.environment())
            .current_dir(home.folder.path());
        let mut process = command.stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(process.stderr.take().expect("its errors"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(lines.read_line(&mut line).expect("text"), 0, "it ended");
            if let Some(url) = line.strip_prefix("listening on http://") {
                break url.trim_end().trim_end_matches("/mcp").parse().expect("an address");
            }
        };
        // Read as it is written, so that the server never waits for its log to be read.
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            lines.read_to_string(&mut log).expect("text");
            log
        });
        Self { process, address, log: Some(log) }
    }

    fn end(&mut self) -> String {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
        self.log.take().expect("it ends once").join().expect("the log is read")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client's process.
struct Client(Child);

impl Client {
    fn start(command: &Command) -> Self {
        let mut own = Command::new(command.get_program());
        own.args(command.get_args()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            own.env_remove(name);
        }
        let program = Path::new(command.get_program()).display();
        Self(own.spawn().unwrap_or_else(|error| panic!("{}: {error}", install::missing(program))))
    }

    /// That it may go on.
    fn tell(&mut self) {
        writeln!(self.0.stdin.as_ref().expect("its input")).expect("it reads");
    }

    fn report(self) -> Value {
        let output = self.0.wait_with_output().expect("it ends");
        let (report, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{report}{errors}");
        let last = report.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {report}{errors}"))
    }
}

/// A stand-in for Exa and Firecrawl, as far as the clients ask it: it gives as many results as are wanted, to the query
/// `wait` nothing at all until its client hangs up, and pages to who has no key.
struct Service {
    address: SocketAddr,
    events: Receiver<&'static str>,
}

#[derive(Clone)]
struct Shared {
    secret: String,
    events: Sender<&'static str>,
}

struct HangsUp(Sender<&'static str>);

impl Drop for HangsUp {
    fn drop(&mut self) {
        let _ = self.0.send("hung up");
    }
}

impl Service {
    fn of(secret: &str) -> Self {
        let (sender, events) = channel();
        let shared = Shared { secret: secret.to_owned(), events: sender };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("an option");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let executor =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an executor");
            executor.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let routes = Router::new().route("/search", post(answer)).route("/v2/scrape", post(page));
                axum::serve(listener, routes.with_state(shared)).await
            })
        });
        Self { address, events }
    }

    /// Waits until that has happened.
    fn said(&self, event: &str) {
        let limit = std::time::Duration::from_secs(60);
        assert_eq!(self.events.recv_timeout(limit).expect("it happens"), event);
    }
}

async fn answer(State(shared): State<Shared>, headers: HeaderMap, Json(request): Json<Value>) -> Json<Value> {
    assert_eq!(headers["x-api-key"], shared.secret, "the key of the vault");
    let query = request["query"].as_str().expect("a query");
    if query == "wait" {
        let _ = shared.events.send("asked");
        let _hangs_up = HangsUp(shared.events);
        return std::future::pending().await;
    }
    let results: Vec<Value> = (1..=request["numResults"].as_u64().expect("a number"))
        .map(|number| {
            json!({ "url": format!("https://example.com/{number}"), "title": format!("result {number} of `{query}`") })
        })
        .collect();
    Json(json!({ "results": results }))
}

async fn page(headers: HeaderMap, Json(request): Json<Value>) -> Json<Value> {
    assert_eq!(headers.get("authorization"), None, "the vault has no key for it");
    let url = request["url"].as_str().expect("a URL");
    Json(json!({ "success": true, "data": { "markdown": format!("# {url}") } }))
}
