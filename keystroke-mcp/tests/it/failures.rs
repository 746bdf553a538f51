//! What a client is told when a call fails, and what it is never told (SEMANTICS §4, S3).

use keystroke::mcp::{Server, Tokens};
use keystroke::prelude::*;
use keystroke::testing::find_secret;
use serde_json::json;

use crate::common::{self, Client, LEGACY, SECRET, STATELESS, error_text, runtime, server, tools};

#[tokio::test]
async fn an_invalid_argument_is_named_with_what_was_expected() {
    let mut client = Client::ready(server().0, LEGACY).await;
    for (arguments, field, expected) in [
        (json!({ "text": 3 }), "`text`", "expected a string"),
        (json!({ "text": "a", "times": -1 }), "`times`", "expected u32"),
        (json!({}), "`text`", "missing field"),
    ] {
        let answer = client.call("echo", arguments).await;
        let text = error_text(&answer);
        assert!(text.contains(field) && text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn a_missing_credential_is_told_to_the_model_without_ids_and_commands() {
    let mut client = Client::ready(server().0, LEGACY).await;
    let answer = client.call("missing", json!({ "text": "" })).await;
    let text = error_text(&answer);
    assert!(text.contains("`nowhere`"), "{text}");
    assert!(!text.contains("keystroke") && !text.contains("acme") && !text.contains("research"), "{text}");
}

#[tokio::test]
async fn an_invalid_input_touches_no_credential() {
    let mut client = Client::ready(server().0, LEGACY).await;
    let answer = client.call("missing", json!({ "text": 1 })).await;
    assert!(error_text(&answer).contains("expected a string"), "E1 comes before E2: {answer}");
}

#[tokio::test]
async fn an_unknown_tool_is_an_error_of_the_protocol_and_its_name_is_cut() {
    let mut client = Client::ready(server().0, LEGACY).await;
    for name in ["nope", "Echo", "echo\u{200b}", "../echo", "", &"x".repeat(100_000)] {
        let answer = client.call(name, json!({})).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().len() < 500);
    }
    assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
}

#[tokio::test]
async fn no_byte_of_a_secret_leaves_in_results_errors_panics_and_progress() {
    for version in [LEGACY, STATELESS] {
        let mut client = Client::ready(server().0, version).await;
        let leaked = client.call("leak", json!({})).await;
        let mark = "[redacted:exa.api_key]";
        assert!(leaked["result"]["content"][0]["text"].as_str().unwrap().contains(mark), "{leaked}");
        assert!(leaked["result"]["structuredContent"].to_string().contains(mark), "{leaked}");
        let failed = client.call("fail", json!({})).await;
        assert_eq!(error_text(&failed), "refused: [redacted:exa.api_key]", "the model's face");
        let panicked = client.call("panic", json!({})).await;
        assert!(error_text(&panicked).contains("failed inside"), "{panicked}");
        let id = client
            .begin(
                "tools/call",
                json!({ "name": "steps", "arguments": {}, "_meta": { "progressToken": "p" } }),
            )
            .await;
        client.answer(id).await;
        assert!(client.seen.contains("notifications/progress"), "{}", client.seen);
        assert_eq!(find_secret(&client.seen, [SECRET]), None, "{}", client.seen);
        // The control: the search does find it, in bytes like these.
        let planted = client.seen.replacen("[redacted:exa.api_key]", &json!(SECRET).to_string(), 1);
        assert!(find_secret(planted, [SECRET]).is_some());
    }
}

#[tokio::test]
async fn a_panic_is_one_failed_call() {
    let mut client = Client::ready(server().0, LEGACY).await;
    for _ in 0..3 {
        let panicked = client.call("panic", json!({})).await;
        error_text(&panicked);
        assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
    }
}

#[tokio::test]
async fn a_panic_where_the_run_is_made_is_one_failed_call_too() {
    let (runtime, _heard) = runtime();
    let server = Server::new("researcher", tools(), runtime).run(|request| {
        assert_ne!(request.tool(), "count", "a bug of the program's");
        request.run()
    });
    let mut client = Client::ready(server, LEGACY).await;
    let failed = client.call("count", json!({})).await;
    assert!(error_text(&failed).contains("failed inside"), "{failed}");
    assert!(!client.seen.contains("a bug"), "{}", client.seen);
    assert_eq!(client.call("nothing", json!({})).await["result"]["isError"], false);
}

#[tokio::test]
async fn a_client_without_a_user_is_refused_tools_that_need_one() {
    let (runtime, _heard) = runtime();
    let tools = toolset![common::Echo.scope(User)].unwrap();
    let server = Server::new("researcher", tools, runtime).run(|request| request.run_as_user());
    let mut client = Client::ready(server, LEGACY).await;
    let refused = client.call("echo", json!({ "text": "a" })).await;
    assert!(error_text(&refused).contains("signed-in user"), "{refused}");
}

#[tokio::test]
async fn the_server_is_the_agent_that_assignments_refer_to() {
    for (name, region) in [("researcher", "us"), ("another", "eu")] {
        let store = MemoryStore::new()
            .with(
                Instance::new("exa")
                    .in_project("acme", "research")
                    .field("api_key", SECRET)
                    .field("region", "eu"),
            )
            .with(
                Instance::new("exa")
                    .in_organization("acme")
                    .id("shared")
                    .field("api_key", SECRET)
                    .field("region", "us"),
            )
            .assign(Assignment::in_project("acme", "research").tool("researcher", "echo"), "exa", "shared");
        let server = Server::new(name, tools(), Runtime::new(store)).run(|request| request.run());
        let mut client = Client::ready(server, LEGACY).await;
        let answer = client.call("echo", json!({ "text": "a" })).await;
        assert_eq!(answer["result"]["structuredContent"]["region"], region, "{answer}");
    }
}

/// Takes what its program has to share.
#[action(slug = "takes-state")]
async fn takes_state(calls: &State<u8>) -> Result<u8, Failure> {
    Ok(**calls)
}

#[tokio::test]
async fn a_server_whose_runtime_lacks_state_does_not_start_whatever_it_is_served_over() {
    let server = |runtime| Server::new("researcher", toolset![TakesState].unwrap(), runtime).run(|r| r.run());
    let folder = tempfile::tempdir().unwrap();
    let tokens = Tokens::in_folder(folder.path());
    tokens.create(common::binding(), None, None).unwrap();
    let starts = async |share: fn(Runtime) -> Runtime| {
        let server = || server(share(Runtime::new(MemoryStore::new())));
        let streams = server().serve_streams_until(
            tokio::io::empty(),
            tokio::io::sink(),
            common::binding(),
            Cancellation::new(),
        );
        let address = "127.0.0.1:0".parse().unwrap();
        let http = server().http(address, tokens.clone()).bind().await.map(drop);
        let mounted = server().mount(tokens.clone()).into_router().map(drop);
        [streams.await, http, mounted]
    };
    for started in starts(|runtime| runtime).await {
        let error = started.unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), ("missing_state", false));
        assert_eq!(
            error.to_string(),
            "the tool `takes-state` cannot run: the runtime shares no `u8` with its actions. To fix it, share a `u8` where \
             the runtime is made: `Runtime::new(…).with_state(…)`; it shares nothing so far"
        );
    }
    assert!(starts(|runtime| runtime.with_state(7_u8)).await.iter().all(Result::is_ok));
}
