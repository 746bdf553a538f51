//! `search mcp` as real processes: what a client gets over standard input and output and over HTTP, for whom its calls act,
//! and that neither the key nor a token is in anything that the program says.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::support::{StandIn, canary, documents, ended, found_in, program};
use keystroke::Instance;
use keystroke::mcp::{Binding, Tokens};
use keystroke::vault::{Add, Vault, VaultOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A vault with one key for the project `research` of `acme`.
fn vault(key: &str) -> TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, _) = Vault::open_or_init(VaultOptions::at(home.path())).expect("a vault");
    let instance = Instance::new("exa").in_project("acme", "research").field("api_key", key);
    vault.add([instance], Add::OnlyFirst).expect("stored");
    home
}

fn serving(base_url: &str, home: &Path, folder: &Path) -> Command {
    let mut program = program();
    program.arg("mcp").env("EXA_BASE_URL", base_url).env("KEYSTROKE_HOME", home).env("RUST_LOG", "trace");
    program.current_dir(folder);
    program
}

/// A server that ends with the test, however that ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A client at the standard input and output of a server.
struct Client {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    seen: String,
}

impl Client {
    fn of(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = command.spawn().expect("it starts");
        let (to, from) = (server.stdin.take().expect("its input"), server.stdout.take().expect("its output"));
        let mut client = Self { server, to, from: BufReader::new(from), seen: String::new() };
        let about = json!({ "name": "test", "version": "1" });
        client.ask(
            "initialize",
            json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": about }),
        );
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.to, "{message}").expect("it reads");
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params }));
        let mut line = String::new();
        self.from.read_line(&mut line).expect("a line");
        self.seen += &line;
        let answer: Value = serde_json::from_str(&line).expect("nothing but the protocol is there");
        assert_eq!(answer["id"], method);
        answer["result"].clone()
    }

    fn search(&mut self) -> Value {
        self.ask(
            "tools/call",
            json!({ "name": "search", "arguments": { "query": "pinned scope", "limit": 1 } }),
        )
    }

    /// All that the server ever said, on both streams; it ends when its client goes away.
    fn end(self) -> String {
        let Self { server, to, mut from, mut seen } = self;
        drop(to);
        std::io::Read::read_to_string(&mut from, &mut seen).expect("text");
        let (code, _, log) = ended(server.wait_with_output().expect("it ends"));
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("TRACE"), "the log was on");
        seen + &log
    }
}

#[test]
fn a_client_lists_and_calls_over_standard_input_and_output() {
    let (documents, secret) = (documents(), canary());
    let stand_in = StandIn::over(documents.path(), Some(&secret));
    let home = vault(&secret);
    let mut command = serving(&stand_in.base_url, home.path(), documents.path());
    command.args(["--organization", "acme", "--project", "research"]);
    let mut client = Client::of(command);
    let tools = client.ask("tools/list", json!({}));
    let names: Vec<&str> =
        tools["tools"].as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["search", "read-page"]);
    let found = client.search();
    assert_eq!(found["structuredContent"]["results"][0]["url"], "corpus:code%20one.rs#L1", "{found}");
    assert_eq!(found_in(&client.end(), &secret), Vec::<String>::new());
}

#[test]
fn who_it_acts_for_comes_from_the_options_or_keystroke_toml_and_the_client_cannot_say_it() {
    let (documents, secret) = (documents(), canary());
    let stand_in = StandIn::over(documents.path(), Some(&secret));
    let home = vault(&secret);
    let mut client = Client::of(serving(&stand_in.base_url, home.path(), documents.path()));
    let meta = json!({ "organization": "acme", "project": "research", "user": "ada" });
    let params = json!({ "name": "search", "arguments": { "query": "x", "organization": "acme", "project": "research" }, "_meta": meta });
    assert_eq!(client.ask("tools/call", params)["isError"], true, "the project `default` has no key");
    client.end();
    std::fs::write(
        documents.path().join("keystroke.toml"),
        "organization = \"acme\"\nproject = \"research\"\n",
    )
    .expect("a file");
    let mut client = Client::of(serving(&stand_in.base_url, home.path(), documents.path()));
    assert_eq!(client.search()["isError"], false);
    client.end();
}

#[test]
fn http_is_served_to_a_token_and_not_without_one() {
    let (documents, secret) = (documents(), canary());
    let stand_in = StandIn::over(documents.path(), Some(&secret));
    let home = vault(&secret);
    let serving = || {
        let mut command = serving(&stand_in.base_url, home.path(), documents.path());
        command.args(["--http", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let (code, shown, errors) = ended(serving().output().expect("it ends"));
    assert_eq!((code, shown.as_str()), (Some(1), ""), "{errors}");
    assert!(errors.contains("To fix it, make one with `keystroke tokens create`"), "{errors}");

    let made =
        Tokens::in_folder(home.path()).create(Binding::new("acme", "research"), None, None).expect("a token");
    let token = made.token.expose_secret();
    let mut server = Server(serving().spawn().expect("it starts"));
    let mut log = BufReader::new(server.0.stderr.take().expect("its errors")).lines();
    let mut said = String::new();
    let url = loop {
        let line = log.next().expect("it says where it listens").expect("text");
        said += &line;
        if let Some(url) = line.strip_prefix("listening on ") {
            break url.to_owned();
        }
    };
    let params = json!({ "name": "search", "arguments": { "query": "pinned scope", "limit": 1 } });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an executor");
    let found: Value = executor.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let post =
            || client.post(&url).header("accept", "application/json, text/event-stream").json(&message);
        assert_eq!(post().send().await.expect("an answer").status(), 401);
        post().bearer_auth(token).send().await.expect("an answer").json().await.expect("JSON")
    });
    assert_eq!(
        found["result"]["structuredContent"]["results"][0]["url"], "corpus:code%20one.rs#L1",
        "{found}"
    );
    drop(server);
    said.extend(log.map_while(Result::ok));
    said += &found.to_string();
    assert_eq!(found_in(&said, &secret), Vec::<String>::new());
    let own = token.splitn(3, '_').last().expect("its secret");
    assert_eq!(found_in(&said, own), Vec::<String>::new(), "a token is in no log");
}

#[test]
fn at_info_the_programs_own_lines_are_shown_and_not_the_protocols() {
    let (documents, secret) = (documents(), canary());
    let stand_in = StandIn::over(documents.path(), Some(&secret));
    let home = vault(&secret);
    for (wanted, chatter) in [("info", false), ("info,rmcp=info", true)] {
        let mut command = serving(&stand_in.base_url, home.path(), documents.path());
        command.env("RUST_LOG", wanted).args(["--organization", "acme", "--project", "ops"]);
        let mut client = Client::of(command);
        assert_eq!(client.search()["isError"], true, "there is no key in that project");
        let Client { server, to, .. } = client;
        drop(to);
        let (code, _, log) = ended(server.wait_with_output().expect("it ends"));
        assert_eq!((code, log.contains(" rmcp")), (Some(0), chatter), "{log}");
        assert!(log.contains("a tool call failed") && log.contains("project=\"ops\""), "{log}");
    }
}

/// `read-page` takes its credential as an `Option`: nobody has to store one, and one that is there is used.
#[test]
fn a_page_is_read_without_a_key_and_with_the_stored_one_and_never_without_a_broken_one() {
    let (documents, secret) = (documents(), canary());
    let stand_in = StandIn::over(documents.path(), Some(&secret));
    let home = vault(&secret);
    let (vault, _) = Vault::open_or_init(VaultOptions::at(home.path())).expect("a vault");
    let read = || {
        let mut command = serving(&stand_in.base_url, home.path(), documents.path());
        command.env("FIRECRAWL_BASE_URL", &stand_in.base_url);
        command.args(["--organization", "acme", "--project", "research"]);
        let mut client = Client::of(command);
        let params = json!({ "name": "read-page", "arguments": { "url": "corpus:guide.md#L3" } });
        let answers: Vec<Value> = (0..6).map(|_| client.ask("tools/call", params.clone())).collect();
        assert_eq!(found_in(&client.end(), &secret), Vec::<String>::new());
        answers
    };
    let text = |answer: &Value| answer["content"][0]["text"].as_str().expect("text").to_owned();

    // The free tier, until it is used up.
    let without = read();
    assert!(without[..5].iter().all(|answer| text(answer).contains("pinned in code")), "{without:?}");
    assert_eq!(without[5]["isError"], true);
    assert!(text(&without[5]).contains("no more pages without a key"), "{without:?}");

    let firecrawl = |project: &str| Instance::new("firecrawl").in_project("acme", project);
    vault.add([firecrawl("ops").field("api_key", "another-key")], Add::OnlyFirst).expect("stored");
    assert_eq!(read()[0]["isError"], true, "another project's key is not there");
    let ids = vault.add([firecrawl("research").field("api_key", &*secret)], Add::OnlyFirst).expect("stored");
    assert!(read().iter().all(|answer| text(answer).contains("pinned in code")), "the key is used");
    vault.revoke(&ids[0].candidate.id).expect("it is there");
    let revoked = read();
    assert!(text(&revoked[0]).contains("revoked"), "it never reads without: {revoked:?}");
}
