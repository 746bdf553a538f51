//! What a call may take: time, a permit, and an end when its client cancels it. The clock is the test's, so no test waits.

use std::time::Duration;

use keystroke::mcp::Server;
use keystroke::prelude::*;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::common::{self, BETWEEN, Client, LEGACY, STATELESS, ended, error_text, in_time, runtime, server};

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_is_cancelled_and_its_client_told() {
    for version in [LEGACY, STATELESS] {
        let (server, mut heard) = server();
        let mut client = Client::ready(server.time_limit(Duration::from_secs(7)), version).await;
        let before = Instant::now();
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
            for sent in 1_usize.. {
                let sending = client.begin("nope", json!({}));
                if tokio::time::timeout(Duration::from_secs(1), sending).await.is_err() {
                    return sent;
                }
            }
            0
        };
        let sent = in_time(flood).await;
        // 72 answers wait. Before them are those that the connection has room for, and behind them the requests that it
        // has room for, and what the server has read of the next.
        let (request, answer) = if version == LEGACY { (56, 80) } else { (240, 80) };
        let between = (BETWEEN + 16 * 1024) / request + (BETWEEN + 16 * 1024) / answer;
        assert!((72..72 + between).contains(&sent), "{sent} requests: 72 answers, and {between} at most");
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

/// Tells how far it is, for ever, and waits for nothing else.
#[action(slug = "tells")]
async fn tells(cx: &ActionContext) -> Result<(), Failure> {
    let common::Told(told) = cx.state().ok_or("no listener")?;
    let _ended = common::Ended(told.clone());
    let _ = told.send("begun");
    for done in 0.. {
        cx.progress(done, None, &"so far ".repeat(1_000));
        tokio::task::yield_now().await;
        sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

/// Tells a lot, and is done.
#[action(slug = "told")]
async fn told(cx: &ActionContext) -> Result<u32, Failure> {
    for done in 0..64 {
        cx.progress(done, None, &"so far ".repeat(1_000));
    }
    tokio::task::yield_now().await;
    Ok(7)
}

/// Says a lot.
#[action(slug = "large")]
async fn large() -> Result<String, Failure> {
    Ok("x".repeat(BETWEEN))
}

fn telling(
    version: &'static str,
) -> (Server<keystroke::mcp::ReadyToServe>, impl AsyncFnMut(&'static str), &'static str) {
    let (runtime, mut heard) = runtime();
    let tools = toolset![Tells, Told, Large, common::Count, common::Wait].unwrap();
    let server = Server::new("researcher", tools, runtime).run(|request| request.run());
    let hears = async move |what| while in_time(heard.recv()).await != Some(what) {};
    (server.time_limit(Duration::from_secs(2)), hears, version)
}

#[tokio::test(start_paused = true)]
async fn a_call_that_tells_a_client_that_reads_nothing_ends_in_time_and_frees_its_place() {
    for version in [LEGACY, STATELESS] {
        let (server, mut hears, version) = telling(version);
        let mut client = Client::ready(server.calls(1, 0), version).await;
        for _ in 0..3 {
            let before = Instant::now();
            let params = json!({ "name": "tells", "arguments": {}, "_meta": { "progressToken": 1 } });
            let id = client.begin("tools/call", params).await;
            hears("begun").await;
            hears("ended").await;
            assert_eq!(before.elapsed().as_secs(), 2, "nothing was read, and the limit holds");
            let late = client.answer(id).await;
            assert!(error_text(&late).contains("within 2 seconds"), "{late}");
            assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_tells_a_client_that_reads_nothing_ends_when_it_is_cancelled() {
    let (server, mut hears, version) = telling(LEGACY);
    let mut client = Client::ready(server, version).await;
    let before = Instant::now();
    let params = json!({ "name": "tells", "arguments": {}, "_meta": { "progressToken": 1 } });
    let id = client.begin("tools/call", params).await;
    hears("begun").await;
    // Until nothing more fits between server and client.
    sleep(Duration::from_secs(1)).await;
    cancel(&mut client, id).await;
    hears("ended").await;
    assert_eq!(before.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_result_waits_for_progress_that_nobody_reads_only_until_the_limit() {
    let (server, _hears, version) = telling(LEGACY);
    let mut client = Client::ready(server, version).await;
    let params = json!({ "name": "told", "arguments": {}, "_meta": { "progressToken": 1 } });
    let ids = [client.begin("tools/call", params.clone()).await, client.begin("tools/call", params).await];
    sleep(Duration::from_secs(3)).await;
    for id in ids {
        let answer = client.answer(id).await;
        assert_eq!(
            answer["result"]["structuredContent"]["result"], 7,
            "the action was in time: {answer:.200}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_holds_its_calls_turn() {
    for version in [LEGACY, STATELESS] {
        let (server, _hears, version) = telling(version);
        let mut client = Client::ready(server.calls(2, 0), version).await;
        // The second does not fit between server and client any more, nor the third's busy answer.
        let ids = [client.begin_call("large", json!({})).await, client.begin_call("large", json!({})).await];
        sleep(Duration::from_secs(1)).await;
        let refused =
            [client.begin_call("count", json!({})).await, client.begin_call("count", json!({})).await];
        sleep(Duration::from_secs(1)).await;
        let (mut large, mut busy) = (0, 0);
        for _ in 0..4 {
            let answer = client.receive().await;
            let id = answer["id"].as_u64().unwrap();
            if ids.contains(&id) {
                assert_eq!(answer["result"]["isError"], false);
                large += 1;
            } else {
                assert!(refused.contains(&id) && error_text(&answer).contains("busy"), "{answer}");
                busy += 1;
            }
        }
        assert_eq!((large, busy), (2, 2));
        assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_what_it_reads_from_has_gone() {
    let (server, mut hears, _) = telling(LEGACY);
    let server = server.time_limit(Duration::from_secs(3_600));
    let ((mut to, input), (output, from)) = (tokio::io::duplex(1024), tokio::io::duplex(1024));
    let serving =
        tokio::spawn(server.serve_streams_until(input, output, common::binding(), Cancellation::new()));
    let call = |id: u64, tool: &str| {
        let params = json!({ "name": tool, "arguments": {}, "_meta": common::meta() });
        format!("{}\n", json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }))
    };
    tokio::io::AsyncWriteExt::write_all(&mut to, call(1, "wait").as_bytes()).await.unwrap();
    hears("begun").await;
    drop(from);
    tokio::io::AsyncWriteExt::write_all(&mut to, call(2, "count").as_bytes()).await.unwrap();
    // Its other half stays open, and nothing waits for that.
    hears("ended").await;
    in_time(serving).await.unwrap().unwrap();
    drop(to);
}
