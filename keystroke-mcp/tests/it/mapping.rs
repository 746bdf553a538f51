//! What clients are told of tools, and how outputs are sent (SEMANTICS §6), in both generations of the protocol.

use keystroke::mcp::Server;
use keystroke::prelude::*;
use keystroke::tool::ResourceLink;
use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use serde_json::{Value, json};

use crate::common::{self, Client, LEGACY, STATELESS, server};

async fn listed(version: &'static str) -> Vec<Value> {
    let mut client = Client::ready(server().0, version).await;
    let answer = client.ask("tools/list", json!({})).await;
    answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

fn tool<'t>(tools: &'t [Value], name: &str) -> &'t Value {
    tools.iter().find(|tool| tool["name"] == name).unwrap()
}

#[tokio::test]
async fn the_server_tells_its_own_name_and_not_that_of_a_library() {
    let server = server().0.title("Research").version("1.2.3").instructions("Ask first.");
    let mut client = Client::of(server, LEGACY);
    let about = json!({ "name": "test", "version": "1" });
    let answer = client
        .ask("initialize", json!({ "protocolVersion": LEGACY, "capabilities": {}, "clientInfo": about }))
        .await;
    let result = &answer["result"];
    assert_eq!(
        result["serverInfo"],
        json!({ "name": "researcher", "title": "Research", "version": "1.2.3" })
    );
    assert_eq!((&result["instructions"], &result["protocolVersion"]), (&json!("Ask first."), &json!(LEGACY)));
    assert_eq!(result["capabilities"], json!({ "tools": {} }));
}

#[tokio::test]
async fn each_version_that_has_a_handshake_is_agreed_to() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", LEGACY] {
        let mut client = Client::ready(server().0, version).await;
        assert!(client.seen.contains(&format!(r#""protocolVersion":"{version}""#)), "{}", client.seen);
        assert_eq!(
            client.call("count", json!({})).await["result"]["structuredContent"],
            json!({ "result": 3 })
        );
    }
}

#[tokio::test]
async fn a_tool_is_what_its_action_is() {
    for version in [LEGACY, STATELESS] {
        let tools = listed(version).await;
        let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            ["echo", "count", "nothing", "tree", "leak", "fail", "panic", "wait", "steps", "missing"]
        );
        let echo = tool(&tools, "echo");
        assert_eq!((&echo["title"], &echo["description"]), (&json!("Echo"), &json!("Says a text again.")));
        assert_eq!(
            echo["annotations"],
            json!({ "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true })
        );
        assert_eq!(echo["inputSchema"]["type"], "object");
        assert_eq!(echo["inputSchema"]["required"], json!(["text"]));
        assert_eq!(
            echo["inputSchema"]["properties"]["text"],
            json!({ "type": "string", "description": "What to say." })
        );
        assert_eq!(echo["outputSchema"]["type"], "object");
        let count = tool(&tools, "count");
        assert_eq!(count["title"], "count", "the slug, where there is no name");
        assert_eq!(
            count["annotations"],
            json!({ "readOnlyHint": false, "destructiveHint": true, "idempotentHint": false })
        );
        assert!(tool(&tools, "nothing").get("outputSchema").is_none());
        let all = serde_json::to_string(&tools).unwrap();
        assert!(!all.contains("\"format\""), "no format of Rust's own: {all}");
    }
}

#[tokio::test]
async fn what_is_no_object_is_wrapped_for_versions_that_need_one() {
    let (old, new) = (listed(LEGACY).await, listed(STATELESS).await);
    assert_eq!(tool(&new, "count")["outputSchema"]["type"], "integer");
    let wrapped = &tool(&old, "count")["outputSchema"];
    assert_eq!((&wrapped["type"], &wrapped["required"]), (&json!("object"), &json!(["result"])));
    assert_eq!(wrapped["properties"]["result"]["type"], "integer");
    for (version, expected) in [(LEGACY, json!({ "result": 3 })), (STATELESS, json!(3))] {
        let mut client = Client::ready(server().0, version).await;
        let answer = client.call("count", json!({})).await;
        assert_eq!(answer["result"]["structuredContent"], expected, "{answer}");
        assert_eq!(
            answer["result"]["content"][0]["text"],
            expected.to_string(),
            "text and structure are one"
        );
    }
}

#[tokio::test]
async fn no_schema_holds_a_reference_that_a_client_would_have_to_follow() {
    for version in [LEGACY, STATELESS] {
        let tools = listed(version).await;
        let schema = &tool(&tools, "tree")["outputSchema"];
        let tree = if version == LEGACY { &schema["properties"]["result"] } else { schema };
        assert!(tree.is_object() && tree.get("$schema").is_some() == (version == STATELESS), "{schema:#}");
        let all = serde_json::to_string(&tools).unwrap();
        assert!(!all.contains("$ref") && !all.contains("$defs"), "{all}");
    }
}

#[tokio::test]
async fn an_action_without_output_gives_nothing() {
    for version in [LEGACY, STATELESS] {
        let mut client = Client::ready(server().0, version).await;
        let answer = client.call("nothing", json!({})).await;
        assert_eq!((&answer["result"]["content"], &answer["result"]["isError"]), (&json!([]), &json!(false)));
        assert!(answer["result"].get("structuredContent").is_none());
    }
}

#[tokio::test]
async fn arguments_may_be_left_out_where_none_are_needed() {
    let mut client = Client::ready(server().0, LEGACY).await;
    assert_eq!(client.ask("tools/call", json!({ "name": "count" })).await["result"]["isError"], false);
}

#[tokio::test]
async fn a_client_that_was_written_elsewhere_lists_and_calls() {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let (input, output) = tokio::io::split(theirs);
    tokio::spawn(server().0.serve_streams_until(input, output, common::binding(), Cancellation::new()));
    let client = ().serve(ours).await.unwrap();
    assert_eq!(client.list_all_tools().await.unwrap().len(), 10);
    let arguments = json!({ "text": "hello" }).as_object().cloned().unwrap();
    let result =
        client.call_tool(CallToolRequestParams::new("echo").with_arguments(arguments)).await.unwrap();
    assert_eq!(result.structured_content, Some(json!({ "text": "hello", "region": "eu" })));
    client.cancel().await.unwrap();
}

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Sales {
    total: u32,
}

fn every_part() -> Content {
    let link = ResourceLink::new("https://example.com/a.csv", "a.csv")
        .with_title("Sales")
        .with_description("By day.")
        .with_mime_type("text/csv")
        .with_size(17);
    Content::text("Sales of May.")
        .and(Content::image("image/png", [0_u8, 255]))
        .and(Content::audio("audio/wav", [1_u8]))
        .and(link)
        .and(ResourceLink::new("urn:a:b", "b"))
        .and(Content::resource("file:///a", "text/csv", "a,b"))
        .and(Content::resource("file:///b", "a/b", vec![2_u8]))
}

/// Gives content alone.
#[action(slug = "content")]
async fn parts() -> Result<Content, Failure> {
    Ok(every_part())
}

/// Gives content beside an object.
#[action(slug = "beside-an-object")]
async fn beside_an_object() -> Result<WithContent<Sales>, Failure> {
    Ok(WithContent::new(Sales { total: 3 }, every_part()))
}

/// Gives content beside a number.
#[action(slug = "beside-a-number")]
async fn beside_a_number() -> Result<WithContent<u32>, Failure> {
    Ok(WithContent::new(3, Content::text("three")))
}

#[tokio::test]
async fn each_part_of_content_is_a_block_behind_the_text_of_the_value() {
    let blocks = [
        json!({ "type": "text", "text": "Sales of May." }),
        json!({ "type": "image", "mimeType": "image/png", "data": "AP8=" }),
        json!({ "type": "audio", "mimeType": "audio/wav", "data": "AQ==" }),
        json!({
            "type": "resource_link", "uri": "https://example.com/a.csv", "name": "a.csv", "title": "Sales",
            "description": "By day.", "mimeType": "text/csv", "size": 17,
        }),
        json!({ "type": "resource_link", "uri": "urn:a:b", "name": "b" }),
        json!({ "type": "resource", "resource": { "uri": "file:///a", "mimeType": "text/csv", "text": "a,b" } }),
        json!({ "type": "resource", "resource": { "uri": "file:///b", "mimeType": "a/b", "blob": "Ag==" } }),
    ];
    for version in [LEGACY, STATELESS] {
        let tools = toolset![Parts, BesideAnObject, BesideANumber].unwrap();
        let server = Server::new("a", tools, Runtime::new(MemoryStore::new())).run(|request| request.run());
        let mut client = Client::ready(server, version).await;
        let listed = client.ask("tools/list", json!({})).await["result"]["tools"].clone();
        let schema = |tool: usize| listed[tool].get("outputSchema").map(|schema| schema["type"].clone());
        let number = if version == LEGACY { "object" } else { "integer" };
        assert_eq!([schema(0), schema(1), schema(2)], [None, Some("object".into()), Some(number.into())]);

        let alone = client.call("content", json!({})).await;
        assert_eq!(alone["result"]["content"], json!(blocks));
        assert!(alone["result"].get("structuredContent").is_none(), "{alone}");

        let beside = client.call("beside-an-object", json!({})).await;
        let content = beside["result"]["content"].as_array().unwrap();
        assert_eq!(content[0], json!({ "type": "text", "text": r#"{"total":3}"# }));
        assert_eq!(content[1..], blocks);
        assert_eq!(beside["result"]["structuredContent"], json!({ "total": 3 }));

        let number = if version == LEGACY { json!({ "result": 3 }) } else { json!(3) };
        let beside = client.call("beside-a-number", json!({})).await;
        assert_eq!(beside["result"]["structuredContent"], number);
        let texts =
            [number.to_string(), "three".to_owned()].map(|text| json!({ "type": "text", "text": text }));
        assert_eq!(beside["result"]["content"], json!(texts));
    }
}
