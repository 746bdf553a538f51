//! The official conformance suite against a server of ours: each scenario ends as the table in docs/mcp.md says. What
//! `keystroke` can express of the tools that the scenarios want is there, as actions; the table explains the rest.

use std::collections::BTreeMap;
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, header};
use keystroke::mcp::{Binding, Server, Tokens};
use keystroke::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::install;

/// Gives a text.
#[action(slug = "test_simple_text", read_only)]
async fn simple_text() -> Result<String, Failure> {
    Ok("This is a simple text response for testing.".to_owned())
}

/// Fails.
#[action(slug = "test_error_handling", read_only)]
async fn error_handling() -> Result<(), Failure> {
    Err("This tool intentionally returns an error for testing".into())
}

/// Tells how far it is.
#[action(slug = "test_tool_with_progress", read_only)]
async fn with_progress(cx: &ActionContext) -> Result<String, Failure> {
    for done in [0, 50, 100] {
        cx.progress(done, Some(100), "");
        tokio::task::yield_now().await;
    }
    Ok("done".to_owned())
}

/// A red pixel.
const PNG: &[u8] = include_bytes!("pixel.png");
/// No sound, for no time.
const WAV: &[u8] =
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0";

/// Gives an image.
#[action(slug = "test_image_content", read_only)]
async fn image_content() -> Result<Content, Failure> {
    Ok(Content::image("image/png", PNG))
}

/// Gives a sound.
#[action(slug = "test_audio_content", read_only)]
async fn audio_content() -> Result<Content, Failure> {
    Ok(Content::audio("audio/wav", WAV))
}

/// Gives a resource.
#[action(slug = "test_embedded_resource", read_only)]
async fn embedded_resource() -> Result<Content, Failure> {
    Ok(Content::resource("test://embedded-resource", "text/plain", "This is an embedded resource content."))
}

/// Gives a text, an image and a resource.
#[action(slug = "test_multiple_content_types", read_only)]
async fn multiple_content_types() -> Result<Content, Failure> {
    let resource =
        Content::resource("test://mixed-content-resource", "application/json", r#"{"test":"data"}"#);
    Ok(Content::text("Multiple content types test:").and(Content::image("image/png", PNG)).and(resource))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "nobody calls it")]
struct Person {
    name: Option<String>,
    address: Option<Address>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "address")]
#[expect(dead_code, reason = "nobody calls it")]
struct Address {
    street: Option<String>,
    city: Option<String>,
}

/// Has keywords of JSON Schema 2020-12 in its input's schema.
#[action(slug = "json_schema_2020_12_tool", read_only)]
async fn json_schema_tool(input: Person) -> Result<(), Failure> {
    drop(input);
    Ok(())
}

/// The suite shows no token, so something in front of the server does.
#[derive(Clone)]
struct Front {
    client: reqwest::Client,
    url: String,
    token: String,
}

async fn with_token(State(front): State<Front>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let request = front.client.request(head.method, &front.url).headers(head.headers).body(body);
    let answer = request.bearer_auth(&front.token).send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    let own = [header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::CONNECTION];
    for (name, value) in answer.headers().iter().filter(|(name, _)| !own.contains(name)) {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

#[tokio::test]
async fn each_scenario_of_the_conformance_suite_ends_as_the_docs_say() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = Tokens::in_folder(folder.path());
    let made = tokens.create(Binding::new("acme", "research"), None, None).unwrap();
    let tools = toolset![
        SimpleText,
        ErrorHandling,
        WithProgress,
        JsonSchemaTool,
        ImageContent,
        AudioContent,
        EmbeddedResource,
        MultipleContentTypes
    ]
    .unwrap();
    let server =
        Server::new("everything", tools, Runtime::new(MemoryStore::new())).run(|request| request.run());
    let listening = server.http("127.0.0.1:0".parse().unwrap(), tokens).bind().await.unwrap();
    let front = Front {
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
        url: listening.url(),
        token: made.token.expose_secret().to_owned(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(listening.serve());
    tokio::spawn(async { axum::serve(listener, Router::new().fallback(with_token).with_state(front)).await });

    let results = folder.path().join("results");
    let told = tokio::task::spawn_blocking({
        let results = results.clone();
        move || suite(&url, &results)
    });
    let told = told.await.unwrap();
    let found = found(&results);
    let documented = documented();
    assert_eq!(found, documented, "the table in docs/mcp.md is not what the suite says:\n{told}");
}

/// Runs all scenarios for servers, those that the suite calls pending too.
fn suite(url: &str, results: &Path) -> String {
    let clients = install::node_clients();
    let output = std::process::Command::new("node")
        .current_dir(&clients)
        .args(["--import", "./globsync.mjs", "node_modules/@modelcontextprotocol/conformance/dist/index.js"])
        .args(["server", "--suite", "all", "--url", url, "--output-dir"])
        .arg(results)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", install::missing("node")));
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What the suite wrote of each scenario: `passed`, or that one of its checks failed or was a warning.
fn found(results: &Path) -> BTreeMap<String, String> {
    let scenarios = std::fs::read_dir(results).expect("the suite wrote results").map(|entry| entry.unwrap());
    let result = |folder: std::fs::DirEntry| {
        let checks = std::fs::read(folder.path().join("checks.json")).unwrap();
        let checks: Vec<Value> = serde_json::from_slice(&checks).unwrap();
        let any = |status: &str| checks.iter().any(|check| check["status"] == status);
        let result = match () {
            () if any("FAILURE") => "failed",
            () if any("WARNING") => "warned",
            () => "passed",
        };
        // `server-<scenario>-2026-11-27T06-31-33-803Z`.
        let name = folder.file_name().into_string().unwrap();
        let name = name.strip_prefix("server-").unwrap().rsplitn(7, '-').last().unwrap().to_owned();
        (name, result.to_owned())
    };
    scenarios.map(result).collect()
}

/// The rows of the table in docs/mcp.md.
fn documented() -> BTreeMap<String, String> {
    let docs = include_str!("../../../docs/mcp.md");
    let table = docs.split("| scenario | result | why |").nth(1).expect("the docs have the table");
    let rows = table.lines().skip(2).map_while(|line| line.strip_prefix('|'));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    cells.map(|cells| (cells[0].trim_matches('`').to_owned(), cells[1].to_owned())).collect()
}
