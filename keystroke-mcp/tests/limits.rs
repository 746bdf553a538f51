//! What a call may take: time, a place in the queue, and an end when its client wants it no more. The clock is the
//! test's, so no time is waited for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::time::Duration;

use common::{Client, LEGACY, STATELESS, ended, error_text, in_time, server};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_is_cancelled_and_its_client_told() {
    for version in [LEGACY, STATELESS] {
        let (server, mut heard) = server();
        let mut client = Client::ready(server.time_limit(Duration::from_secs(7)), version).await;
        let before = tokio::time::Instant::now();
        let late = client.call("wait", json!({})).await;
        assert!(error_text(&late).contains("within 7 seconds"), "{late}");
        assert_eq!(before.elapsed().as_secs(), 7);
        assert_eq!(in_time(heard.recv()).await, Some("begun"));
        // Whether it gets to say that it heard is the executor's affair; that it ends is ours.
        ended(&mut heard).await;
        assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
    }
}

#[tokio::test]
async fn calls_run_at_once_wait_in_line_and_are_refused_beyond() {
    let (server, mut heard) = server();
    let mut client = Client::ready(server.calls(2, 1), LEGACY).await;
    let running = [client.begin_call("wait", json!({})).await, client.begin_call("wait", json!({})).await];
    assert_eq!((heard.recv().await, heard.recv().await), (Some("begun"), Some("begun")), "both at once");
    // Which of the two comes first is not said; one waits, and the other is refused while it does.
    let more = [client.begin_call("count", json!({})).await, client.begin_call("count", json!({})).await];
    let refused = client.receive().await;
    assert!(error_text(&refused).contains("busy"), "{refused}");
    let waiting = if refused["id"] == more[0] { more[1] } else { more[0] };
    cancel(&mut client, running[0]).await;
    let done = client.answer(waiting).await;
    assert_eq!(done["result"]["isError"], false, "{done}");
}

async fn cancel(client: &mut Client, id: u64) {
    client
        .send(
            &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }),
        )
        .await;
}

#[tokio::test]
async fn a_cancelled_call_ends_its_action() {
    let (server, mut heard) = server();
    let mut client = Client::ready(server, LEGACY).await;
    let id = client.begin_call("wait", json!({})).await;
    assert_eq!(in_time(heard.recv()).await, Some("begun"));
    cancel(&mut client, id).await;
    ended(&mut heard).await;
    assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_calls() {
    let (server, mut heard) = server();
    let mut client = Client::ready(server, LEGACY).await;
    client.begin_call("wait", json!({})).await;
    assert_eq!(in_time(heard.recv()).await, Some("begun"));
    drop(client);
    tokio::time::pause();
    ended(&mut heard).await;
}

#[tokio::test]
async fn progress_is_told_to_who_asks_and_only_grows() {
    for version in [LEGACY, STATELESS] {
        let mut client = Client::ready(server().0, version).await;
        let params = json!({ "name": "steps", "arguments": {}, "_meta": { "progressToken": "token-1" } });
        let id = client.begin("tools/call", params).await;
        let mut told = Vec::new();
        loop {
            let message = client.receive().await;
            if message["id"] == id {
                break;
            }
            assert_eq!(message["method"], "notifications/progress", "{message}");
            let params = &message["params"];
            assert_eq!((&params["progressToken"], params["total"].as_f64()), (&json!("token-1"), Some(3.0)));
            assert_eq!(params["message"], "with [redacted:exa.api_key]");
            told.push(params["progress"].as_f64().unwrap());
        }
        assert_eq!(told, [1.0, 3.0], "the one that did not grow is left out");
        let quiet = client.call("steps", json!({})).await;
        assert_eq!(quiet["result"]["isError"], false);
        assert_eq!(client.seen.matches("notifications/progress").count(), 2, "nobody asked the second time");
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_is_dropped_and_the_connection_stays() {
    let mut client = Client::ready(server().0.longest_message(10_000), LEGACY).await;
    client.begin_call("echo", json!({ "text": "x".repeat(20_000) })).await;
    assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
    assert_eq!(client.seen.lines().count(), 2, "the handshake and one answer");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_no_answers_is_read_no_further_until_it_does() {
    for version in [LEGACY, STATELESS] {
        let (server, _heard) = server();
        let mut client = Client::ready(server.calls(4, 4), version).await;
        // The clock moves on when nothing else does: then the server has read all that it will.
        let flood = async {
            for sent in 1_u64.. {
                let sending = client.begin("nope", json!({}));
                if tokio::time::timeout(Duration::from_secs(1), sending).await.is_err() {
                    return sent;
                }
            }
            0
        };
        let sent = in_time(flood).await;
        assert!(
            (72..4_000).contains(&sent),
            "{sent} requests: 72 answers, and what is between client and server"
        );
        for _ in 1..sent {
            let answer = client.receive().await;
            assert_eq!(answer["error"]["code"], -32601, "{answer}");
        }
        // The last was cut off; after the end of its line there is another.
        client.send(&json!("and so on")).await;
        let id = client.begin_call("count", json!({})).await;
        assert_eq!(client.answer(id).await["result"]["isError"], false);
    }
}
