//! What the operator is told: of each call that came to nothing, whose it was, and of each client that can call nothing.

use std::sync::Arc;
use std::time::Duration;

use keystroke::mcp::{Binding, NewToken, ReadyToServe, Server, Tokens};
use keystroke::prelude::*;
use serde_json::{Value, json};

use crate::common::log::{listen, warnings};
use crate::common::over_http::OverHttp;
use crate::common::{self, Client, LEGACY, binding, error_text, in_time};

fn server() -> Server<ReadyToServe> {
    let tools =
        toolset![common::Echo.scope(User), common::Count, common::Tree.scope(User), common::Nothing].unwrap();
    Server::new("researcher", tools, common::runtime().0).run(|request| request.run())
}

fn text() -> Value {
    json!({ "text": "a" })
}

/// Each line says whose call it was, and none says the token.
fn names_the_client(lines: &[String], token: &NewToken) {
    let id = format!("token=\"{}\"", token.info.id);
    let secret = token.token.expose_secret().splitn(3, '_').nth(2).unwrap();
    for line in lines {
        let fields = [&id, "organization=\"acme\"", "project=\"research\"", "tool=", "agent=\"researcher\""];
        for field in fields {
            assert!(line.contains(field), "{field}: {line}");
        }
        assert!(!line.contains(secret), "{line}");
    }
}

#[tokio::test]
async fn every_warning_of_a_call_names_the_token_and_whom_it_acts_for() {
    listen();
    let tools = toolset![
        common::Echo.scope(User),
        common::Count,
        common::Fail,
        common::Missing,
        common::Panics,
        common::Wait
    ]
    .unwrap();
    let server = Server::new("researcher", tools, common::runtime().0).run(|request| {
        assert_ne!(request.tool(), "count", "a bug of the program's");
        request.run()
    });
    let served = OverHttp::of(server).await;
    let made = served.tokens.create(
        binding().tools(["echo", "count", "fail", "missing", "panic", "wait"]),
        None,
        None,
    );
    let made = made.unwrap();
    let token = made.token.expose_secret();
    for (tool, arguments, told) in [
        ("echo", text(), "it acts for a user"),
        (
            "echo",
            text(),
            r#"fix="give the client a token of a user, whose name goes where `$(id -un)` is: `keystroke tokens create --organization acme --project research --as-user $(id -un) --tool count --tool echo"#,
        ),
        ("count", json!({}), "panicked"),
        ("fail", json!({}), "account 17"),
        ("missing", text(), "keystroke credentials set nowhere"),
        ("echo", json!({ "text": 3 }), "acts for a user"),
        ("panic", json!({}), "panicked at"),
        ("nope", json!({}), "there is no such tool"),
    ] {
        let lines = warnings(async { drop(served.call(token, tool, arguments).await) }).await;
        let line =
            lines.iter().find(|line| line.contains(told)).unwrap_or_else(|| panic!("{tool}: {lines:#?}"));
        names_the_client(&lines, &made);
        assert!(!line.contains("user=\""), "it has none: {line}");
    }
    let (adas, id) = served.token(binding().user("ada").tools(["echo"]));
    let lines = warnings(async { drop(served.call(&adas, "fail", json!({})).await) }).await;
    let [line] = &*lines else { panic!("{lines:?}") };
    for part in [
        &format!("token=\"{id}\""),
        "user=\"ada\"",
        "limited to others",
        "`keystroke tokens create --organization acme --project research --as-user ada --tool echo --tool fail`",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[tokio::test]
async fn so_does_that_of_a_call_which_took_too_long_or_was_one_too_many() {
    listen();
    for told in ["too many wait", "took too long"] {
        let (server, mut heard) = common::server();
        let limit = if told == "took too long" { Duration::from_millis(1) } else { Duration::from_secs(600) };
        let served = Arc::new(OverHttp::of(server.calls(1, 0).time_limit(limit)).await);
        let made = served.tokens.create(binding(), None, None).unwrap();
        let token = made.token.expose_secret().to_owned();
        let lines = warnings(async {
            let (again, shown) = (Arc::clone(&served), token.clone());
            let running = tokio::spawn(async move { again.call(&shown, "wait", json!({})).await });
            if told == "too many wait" {
                assert_eq!(in_time(heard.recv()).await, Some("begun"));
                error_text(&served.call(&token, "count", json!({})).await);
                running.abort();
            } else {
                error_text(&in_time(running).await.unwrap());
            }
        })
        .await;
        assert!(lines.iter().any(|line| line.contains(told)), "{lines:?}");
        names_the_client(&lines, &made);
    }
}

#[tokio::test]
async fn a_client_that_can_call_nothing_is_the_operators_to_know() {
    listen();
    let limited = || Binding::new("acme", "two words").tools(["serach"]);
    let folder = tempfile::tempdir().unwrap();
    let tokens = Tokens::in_folder(folder.path());
    let id = tokens.create(limited(), None, None).unwrap().info.id;
    tokens.create(binding(), None, None).unwrap();
    tokens.create(binding().tools(["count", "gone"]), None, None).unwrap();
    let mut served = None;
    let lines = warnings(async { served = Some(OverHttp::with(server(), tokens, folder).await) }).await;
    let [line] = &*lines else { panic!("of one token: {lines:#?}") };
    for part in [
        &id,
        "tools=\"serach\"",
        "`keystroke tokens create --organization acme --project 'two words' --tool echo --tool count --tool tree --tool nothing`",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let served = served.unwrap();
    let (token, id) = served.token(limited());
    let lines = warnings(async { assert_eq!(served.list(&token).await, [""; 0]) }).await;
    assert!(matches!(&*lines, [line] if line.contains(&id)), "{lines:?}");
    // Where it is the user that it lacks, that is what it is told.
    let (token, id) = served.token(binding().tools(["echo"]));
    let lines = warnings(async { assert_eq!(served.list(&token).await, [""; 0]) }).await;
    assert!(matches!(&*lines, [line] if line.contains(&id) && line.contains("--as-user")), "{lines:?}");
    let lines = warnings(async {
        let mut client = Client::bound(server(), LEGACY, limited()).begun().await;
        client.list().await;
    })
    .await;
    assert_eq!(lines.len(), 2, "when it begins, and when it lists: {lines:?}");
    assert!(
        lines.iter().all(|line| line.contains(".tools([") && !line.contains("tokens create")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_token_in_the_place_of_a_name_is_repeated_nowhere() {
    listen();
    let served = OverHttp::of(server()).await;
    let made = served.tokens.create(binding(), None, None).unwrap();
    let token = made.token.expose_secret();
    let secret = token.splitn(3, '_').nth(2).unwrap().to_ascii_lowercase();
    let mut told = Vec::new();
    let lines = warnings(async {
        told.push(served.call(token, token, json!({})).await.to_string());
        told.push(served.ask(token, token, json!({})).await.to_string());
        for name in ["host", "origin"] {
            let value = if name == "host" { token.to_owned() } else { format!("https://{token}") };
            let request = served.client.post(&served.url).bearer_auth(token).header(name, value).body("{}");
            told.push(request.send().await.unwrap().text().await.unwrap());
        }
    })
    .await;
    assert!(lines.len() >= 3, "of the tool, the host and the origin: {lines:?}");
    for text in lines.iter().chain(&told) {
        assert!(!text.to_ascii_lowercase().contains(&secret), "{text}");
    }
    assert!(told[0].contains("there is no tool `…`"), "{told:?}");
}
