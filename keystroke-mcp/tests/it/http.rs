//! Who is let in over HTTP, whom they act for, and what the others are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use keystroke::mcp::{Binding, Http, ServeError, Server, Tokens};
use keystroke::prelude::*;
use keystroke::testing::{assert_no_secret, find_secret};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::common::{self, SECRET, STATELESS, ended, error_text, in_time, meta, runtime, server, tools};
use crate::tee::Tee;

fn anywhere() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// A server that runs, with one token.
struct Served {
    url: String,
    /// The same without the tap in between.
    direct: String,
    tokens: Tokens,
    token: String,
    client: Client,
    shutdown: Cancellation,
    ended: Option<tokio::task::JoinHandle<Result<(), ServeError>>>,
    tee: Tee,
    _folder: tempfile::TempDir,
}

/// In no test may a byte of the secret be among what clients and server say.
impl Drop for Served {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_no_secret(self.tee.kept(), [SECRET]);
        }
    }
}

impl Served {
    async fn new() -> Self {
        Self::of(|tokens| server().0.http(anywhere(), tokens)).await
    }

    async fn of(http: impl FnOnce(Tokens) -> Http) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tokens = Tokens::in_folder(folder.path());
        let token = make(&tokens, common::binding());
        let listening = http(tokens.clone()).bind().await.unwrap();
        let (tee, shutdown) = (Tee::before(listening.address()), Cancellation::new());
        let url = format!("http://{}/mcp", tee.address());
        assert_eq!(
            url,
            listening.url().replace(&listening.address().to_string(), &tee.address().to_string())
        );
        let direct = listening.url();
        let ended = Some(tokio::spawn(listening.serve_until(shutdown.clone())));
        let client = Client::builder().no_proxy().build().unwrap();
        Self { url, direct, tokens, token, client, shutdown, ended, tee, _folder: folder }
    }

    fn post(&self, message: &Value) -> RequestBuilder {
        self.client
            .post(&self.url)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", STATELESS)
            .header("mcp-method", message["method"].as_str().unwrap_or_default())
            .header("mcp-name", message["params"]["name"].as_str().unwrap_or_default())
            .json(message)
    }

    async fn call(&self, token: &str, tool: &str, arguments: Value) -> Response {
        self.post(&call(tool, arguments)).bearer_auth(token).send().await.unwrap()
    }
}

fn make(tokens: &Tokens, binding: Binding) -> String {
    tokens.create(binding, None, None).unwrap().token.expose_secret().to_owned()
}

fn call(tool: &str, arguments: Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta() });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
}

async fn json_of(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

#[tokio::test]
async fn nothing_is_served_without_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let hour = Arc::new(AtomicU64::new(0));
    let now = Arc::clone(&hour);
    let tokens = Tokens::with_clock(folder.path(), move || {
        SystemTime::UNIX_EPOCH + Duration::from_hours(now.load(Ordering::Relaxed))
    });
    let refused =
        async || server().0.http(anywhere(), tokens.clone()).bind().await.err().map(|error| error.code());
    assert_eq!(refused().await, Some("no_tokens"));
    tokens.create(common::binding(), None, Some(Duration::from_hours(2))).unwrap();
    assert_eq!(refused().await, None);
    hour.store(2, Ordering::Relaxed);
    assert_eq!(refused().await, Some("no_tokens"), "one that has expired lets nobody in");
    std::fs::write(tokens.file(), "{").unwrap();
    assert_eq!(refused().await, Some("tokens_malformed"), "broken is not absent");
}

#[tokio::test]
async fn only_this_machine_is_listened_on_unless_hosts_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = Tokens::in_folder(folder.path());
    make(&tokens, common::binding());
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let error = server().0.http(address.parse().unwrap(), tokens.clone()).bind().await.unwrap_err();
        assert!(error.code() == "not_loopback" && error.fix().contains("127.0.0.1"), "{error}");
    }
    let everywhere = server().0.http("0.0.0.0:0".parse().unwrap(), tokens.clone());
    assert!(everywhere.hosts(["mcp.example.com"]).bind().await.is_ok());
    for (hosts, origins) in
        [(vec!["a b"], vec![]), (vec!["http://x"], vec![]), (vec![""], vec![]), (vec![], vec!["example.com"])]
    {
        let error = server()
            .0
            .http(anywhere(), tokens.clone())
            .hosts(hosts)
            .origins(origins)
            .bind()
            .await
            .unwrap_err();
        assert_eq!(error.code(), "malformed", "{error}");
    }
}

#[tokio::test]
async fn without_a_valid_token_in_its_header_a_request_is_refused_with_a_challenge() {
    let served = Served::new().await;
    let message = call("count", json!({}));
    let token = &served.token;
    let (id, secret) = token.strip_prefix("kst_").unwrap().split_once('_').unwrap();
    let mut other = secret.to_owned();
    let last = if other.starts_with('A') { "B" } else { "A" };
    other.replace_range(0..1, last);
    let headers: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("authorization", token.clone()),
        ("authorization", format!("Basic {token}")),
        ("authorization", "Bearer".to_owned()),
        ("authorization", "Bearer ".to_owned()),
        ("authorization", format!("Bearer {secret}")),
        ("authorization", format!("Bearer kst_{id}_{other}")),
        ("authorization", format!("Bearer kst_000000000000_{secret}")),
        ("authorization", format!("Bearer kst_{id}_")),
        ("authorization", format!("Bearer kst_{id}_{secret}AA")),
        ("authorization", format!("Bearer {}", "x".repeat(8_000))),
        ("x-api-key", token.clone()),
        ("cookie", format!("access_token={token}")),
    ];
    for (name, value) in headers {
        let response = served.post(&message).header(name, &value).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{name}: {value}");
        let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert!(challenge.starts_with("Bearer realm="), "{challenge}");
        assert!(!response.text().await.unwrap().contains(secret));
    }
    let twice = served.post(&message).bearer_auth(token).header("authorization", format!("Bearer {token}"));
    assert_eq!(twice.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "two tokens are none");
    let in_the_query = served.client.post(format!("{}?access_token={token}", served.url)).json(&message);
    assert_eq!(in_the_query.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let elsewhere = served.client.post(served.url.replace("/mcp", "/")).json(&message).send().await.unwrap();
    assert!(elsewhere.status().is_client_error());
    let answer = json_of(served.call(token, "count", json!({})).await).await;
    assert_eq!(answer["result"]["structuredContent"], 3);
}

#[tokio::test]
async fn a_call_acts_for_what_its_token_is_bound_to() {
    let served = Served::new().await;
    let ops = make(&served.tokens, Binding::new("acme", "ops"));
    let stranger = make(&served.tokens, Binding::new("globex", "research"));
    for (token, region) in [(&served.token, "eu"), (&ops, "us")] {
        let answer = json_of(served.call(token, "echo", json!({ "text": "a" })).await).await;
        assert_eq!(answer["result"]["structuredContent"]["region"], region, "{answer}");
    }
    let answer = json_of(served.call(&stranger, "echo", json!({ "text": "a" })).await).await;
    assert!(error_text(&answer).contains("`exa`"), "another organization has none: {answer}");
}

#[tokio::test]
async fn a_tool_that_needs_a_user_runs_for_the_tokens_user_alone() {
    let served = Served::of(|tokens| {
        let store = MemoryStore::new().with(
            Instance::new("exa").of_user("acme", "ada").field("api_key", SECRET).field("region", "ada's"),
        );
        let tools = toolset![common::Echo.scope(User)].unwrap();
        let server =
            Server::new("researcher", tools, Runtime::new(store)).run(|request| request.run_as_user());
        server.http(anywhere(), tokens)
    })
    .await;
    let ada = make(&served.tokens, common::binding().user("ada"));
    let bob = make(&served.tokens, common::binding().user("bob"));
    let arguments = json!({ "text": "a" });
    let answer = json_of(served.call(&ada, "echo", arguments.clone()).await).await;
    assert_eq!(answer["result"]["structuredContent"]["region"], "ada's");
    let answer = json_of(served.call(&bob, "echo", arguments.clone()).await).await;
    assert!(error_text(&answer).contains("`exa`"), "{answer}");
    let answer = json_of(served.call(&served.token, "echo", arguments).await).await;
    assert!(error_text(&answer).contains("signed-in user"), "{answer}");
}

#[tokio::test]
async fn a_token_is_refused_from_the_next_request_on_when_it_is_revoked() {
    let served = Served::new().await;
    // Another process's, with nothing in memory of what the server read.
    let elsewhere = Tokens::in_folder(served.tokens.file().parent().unwrap());
    for _ in 0..20 {
        let made = elsewhere.create(common::binding(), None, None).unwrap();
        let token = made.token.expose_secret();
        assert_eq!(served.call(token, "count", json!({})).await.status(), StatusCode::OK);
        elsewhere.revoke(&made.info.id).unwrap();
        assert_eq!(served.call(token, "count", json!({})).await.status(), StatusCode::UNAUTHORIZED);
    }
    std::fs::write(served.tokens.file(), "").unwrap();
    let response = served.call(&served.token, "count", json!({})).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "who can't be checked is not let in");
    std::fs::remove_file(served.tokens.file()).unwrap();
    assert_eq!(served.call(&served.token, "count", json!({})).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn hosts_and_origins_of_others_are_refused() {
    let served = Served::of(|tokens| {
        server().0.http(anywhere(), tokens).hosts(["mcp.example.com"]).origins(["https://app.example.com"])
    })
    .await;
    let status = async |name: &str, value: &str| {
        let request = served.post(&call("count", json!({}))).bearer_auth(&served.token).header(name, value);
        request.send().await.unwrap().status()
    };
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"] {
        assert_eq!(status("host", host).await, StatusCode::FORBIDDEN, "{host}");
    }
    for host in ["localhost", "127.0.0.1:1", "[::1]:8765", "mcp.example.com"] {
        assert_eq!(status("host", host).await, StatusCode::OK, "{host}");
    }
    for origin in ["https://evil.example", "http://localhost.evil.example", "null", "http://app.example.com"]
    {
        assert_eq!(status("origin", origin).await, StatusCode::FORBIDDEN, "{origin}");
    }
    for origin in ["http://localhost:3000", "http://127.0.0.1:1", "https://app.example.com"] {
        assert_eq!(status("origin", origin).await, StatusCode::OK, "{origin}");
    }
}

#[tokio::test]
async fn what_is_no_message_is_answered_as_json_rpc_says() {
    let served = Served::of(|tokens| server().0.longest_message(100_000).http(anywhere(), tokens)).await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for (body, code, id) in [
        ("", -32700, Value::Null),
        ("{bad", -32700, Value::Null),
        (&deep, -32600, Value::Null),
        ("3", -32600, Value::Null),
        ("[]", -32600, Value::Null),
        (r#"{"jsonrpc":"1.0","id":7,"method":"tools/list"}"#, -32600, json!(7)),
        (r#"{"jsonrpc":"2.0","id":{},"method":"tools/list"}"#, -32600, Value::Null),
    ] {
        let request = served.post(&json!({})).bearer_auth(&served.token).body(body.to_owned());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body:.60}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{body:.60}");
    }
    let large = json!({ "text": "x".repeat(200_000) });
    assert_eq!(served.call(&served.token, "echo", large).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let text = served.client.post(&served.url).header("accept", "application/json, text/event-stream");
    let text =
        text.bearer_auth(&served.token).header("content-type", "text/plain").body("{}").send().await.unwrap();
    assert_eq!(text.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for method in [reqwest::Method::GET, reqwest::Method::DELETE, reqwest::Method::PUT] {
        let request = served.client.request(method, &served.url).bearer_auth(&served.token);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(served.call(&served.token, "count", json!({})).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn older_clients_are_served_too() {
    let served = Served::new().await;
    let about = json!({ "name": "test", "version": "1" });
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let send = async |message: Value| {
            let request =
                served.client.post(&served.url).header("accept", "application/json, text/event-stream");
            request
                .header("mcp-protocol-version", version)
                .bearer_auth(&served.token)
                .json(&message)
                .send()
                .await
                .unwrap()
        };
        let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": about });
        let hello =
            send(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params })).await;
        assert_eq!(json_of(hello).await["result"]["protocolVersion"], version);
        let begun = send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        assert_eq!(begun.status(), StatusCode::ACCEPTED);
        let params = json!({ "name": "count", "arguments": {} });
        let answer =
            send(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params })).await;
        assert_eq!(json_of(answer).await["result"]["structuredContent"], json!({ "result": 3 }));
    }
}

/// A request of a client that speaks an older version, in a session.
fn older(served: &Served, token: &str, session: &str, message: &Value) -> RequestBuilder {
    let request = served.client.post(&served.url).header("accept", "application/json, text/event-stream");
    request.header("mcp-session-id", session).bearer_auth(token).json(message)
}

#[tokio::test]
async fn an_older_client_cancels_its_own_calls_by_notification_and_nobody_elses() {
    let (runtime, mut heard) = runtime();
    let served = Served::of(|tokens| {
        Server::new("researcher", tools(), runtime).run(|request| request.run()).http(anywhere(), tokens)
    })
    .await;
    let about = json!({ "name": "test", "version": "1" });
    let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": about });
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
    let hello = older(&served, &served.token, "", &hello).send().await.unwrap();
    let session = hello.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let message = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "wait" } });
    let running = tokio::spawn(older(&served, &served.token, &session, &message).send());
    assert_eq!(in_time(heard.recv()).await, Some("begun"));
    let other = make(&served.tokens, common::binding());
    for (token, session, id) in [
        (&other, session.as_str(), json!(7)),
        (&served.token, "another-session", json!(7)),
        (&served.token, &session, json!("7")),
        (&served.token, &session, json!(8)),
    ] {
        cancel(&served, token, session, &id).await;
        assert!(heard.try_recv().is_err() && !running.is_finished(), "{session} {id} is another call");
    }
    cancel(&served, &served.token, &session, &json!(7)).await;
    ended(&mut heard).await;
    in_time(running).await.unwrap().unwrap();
}

async fn cancel(served: &Served, token: &str, session: &str, id: &Value) {
    let message =
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
    let status = older(served, token, session, &message).send().await.unwrap().status();
    assert_eq!(status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_its_call() {
    let (runtime, mut heard) = runtime();
    let served = Served::of(|tokens| {
        Server::new("researcher", tools(), runtime).run(|request| request.run()).http(anywhere(), tokens)
    })
    .await;
    let request = served.post(&call("wait", json!({}))).bearer_auth(&served.token).send();
    let waiting = tokio::spawn(request);
    assert_eq!(in_time(heard.recv()).await, Some("begun"));
    waiting.abort();
    ended(&mut heard).await;
}

#[tokio::test]
async fn progress_comes_before_the_result_and_without_secrets() {
    let served = Served::new().await;
    let mut message = call("steps", json!({}));
    message["params"]["_meta"]["progressToken"] = json!("token-1");
    let response = served.post(&message).bearer_auth(&served.token).send().await.unwrap();
    let text = response.text().await.unwrap();
    let (progress, result) = (text.find("notifications/progress").unwrap(), text.find("\"result\"").unwrap());
    assert!(progress < result, "{text}");
    assert!(text.contains("[redacted:exa.api_key]"));
    assert_eq!(find_secret(&text, [SECRET]), None);
}

#[tokio::test]
async fn a_shutdown_lets_calls_end_and_takes_no_more() {
    let (runtime, mut heard) = runtime();
    let mut served = Served::of(|tokens| {
        let server = Server::new("researcher", tools(), runtime).run(|request| request.run());
        server.http(anywhere(), tokens).grace(Duration::from_millis(50))
    })
    .await;
    assert_eq!(served.call(&served.token, "count", json!({})).await.status(), StatusCode::OK);
    let stuck = tokio::spawn(served.post(&call("wait", json!({}))).bearer_auth(&served.token).send());
    assert_eq!(in_time(heard.recv()).await, Some("begun"));
    served.shutdown.cancel();
    served.ended.take().unwrap().await.unwrap().unwrap();
    ended(&mut heard).await;
    stuck.abort();
    let request = Client::builder().no_proxy().build().unwrap().post(&served.url).send();
    assert!(request.await.is_err(), "nobody listens");
}

/// What a browser asks before it sends a page's request.
fn preflight(served: &Served, origin: &str) -> RequestBuilder {
    served
        .client
        .request(reqwest::Method::OPTIONS, &served.url)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,mcp-param-region,x-other")
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_can_use_the_server() {
    let served = Served::of(|tokens| {
        let origins =
            ["https://app.example.com", "https://other.example.com:8443", "https://any.example.com:*"];
        server().0.longest_message(10_000).http(anywhere(), tokens).origins(origins)
    })
    .await;
    let allowed = [
        "https://app.example.com",
        "https://other.example.com:8443",
        "https://any.example.com:3000",
        "http://localhost:3000",
        "http://[::1]:5173",
    ];
    for origin in allowed {
        // Without a token, as a browser asks.
        let answer = preflight(&served, origin).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{origin}");
        assert_eq!(header(&answer, "access-control-allow-origin"), origin);
        assert!(header(&answer, "vary").contains("origin"));
        assert!(header(&answer, "access-control-allow-methods").contains("POST"));
        assert_eq!(header(&answer, "access-control-max-age"), "7200");
        let headers = header(&answer, "access-control-allow-headers");
        for name in [
            "authorization",
            "content-type",
            "mcp-protocol-version",
            "mcp-session-id",
            "last-event-id",
            "mcp-method",
            "mcp-name",
            "mcp-param-region",
        ] {
            assert!(headers.split(", ").any(|one| one == name), "{name}: {headers}");
        }
        assert!(!headers.contains("x-other"), "{headers}");
        assert_eq!(header(&answer, "access-control-allow-credentials"), "", "a token is no cookie");
        // Each answer may be seen by the page, whatever it is.
        let large = json!({ "text": "x".repeat(20_000) });
        for (request, status) in [
            (served.post(&call("count", json!({}))).bearer_auth(&served.token), StatusCode::OK),
            (served.post(&call("count", json!({}))), StatusCode::UNAUTHORIZED),
            (served.post(&call("echo", large)).bearer_auth(&served.token), StatusCode::PAYLOAD_TOO_LARGE),
            (served.client.get(&served.url).bearer_auth(&served.token), StatusCode::METHOD_NOT_ALLOWED),
            (served.client.get(served.url.replace("/mcp", "/.well-known/x")), StatusCode::NOT_FOUND),
            (
                served
                    .client
                    .post(&served.url)
                    .bearer_auth(&served.token)
                    .header("accept", "text/html")
                    .json(&json!({})),
                StatusCode::NOT_ACCEPTABLE,
            ),
        ] {
            let answer = request.header("origin", origin).send().await.unwrap();
            assert_eq!(answer.status(), status, "{origin}");
            assert_eq!(header(&answer, "access-control-allow-origin"), origin, "{status}");
            let exposed = header(&answer, "access-control-expose-headers");
            assert!(exposed.contains("mcp-session-id") && exposed.contains("www-authenticate"), "{exposed}");
            assert!(header(&answer, "vary").contains("origin"), "{status}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_learns_nothing_and_who_is_no_page_is_not_asked() {
    let served =
        Served::of(|tokens| server().0.http(anywhere(), tokens).origins(["https://app.example.com"])).await;
    for origin in [
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://user@app.example.com",
        "https://localhost",
        "null",
        "",
    ] {
        for request in [
            preflight(&served, origin),
            served.post(&call("count", json!({}))).header("origin", origin),
            served.post(&call("count", json!({}))).bearer_auth(&served.token).header("origin", origin),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin}");
            assert_eq!(header(&answer, "access-control-allow-origin"), "", "{origin}");
            assert!(header(&answer, "vary").contains("origin"), "no cache may keep it for others");
        }
    }
    let rebound =
        preflight(&served, "http://localhost:3000").header("host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), StatusCode::FORBIDDEN);
    let answer = served.call(&served.token, "count", json!({})).await;
    assert_eq!(header(&answer, "access-control-allow-origin"), "");
    // Not what a browser asks, so it needs a token as all else does.
    let options =
        served.client.request(reqwest::Method::OPTIONS, &served.url).header("origin", "http://localhost");
    assert_eq!(options.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn where_the_server_is_not_there_is_nothing_with_a_token_or_without() {
    let served = Served::new().await;
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/register",
        "/",
        "/favicon.ico",
    ] {
        let url = served.url.replace("/mcp", path);
        for request in [
            served.client.get(&url),
            served.client.post(&url).body("{}"),
            served.client.get(&url).bearer_auth(&served.token),
        ] {
            assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert_eq!(served.client.get(&served.url).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn after_an_answer_that_came_before_the_body_was_read_the_next_request_is_answered_too() {
    let mut served = Served::of(|tokens| server().0.longest_message(100_000).http(anywhere(), tokens)).await;
    // More than the system takes in advance, and more than one wants to search for secrets.
    served.url = served.direct.clone();
    let large = call("echo", json!({ "text": "x".repeat(3_000_000) }));
    for _ in 0..2 {
        for (request, status) in [
            (served.post(&large).bearer_auth(&served.token), StatusCode::PAYLOAD_TOO_LARGE),
            (served.post(&large).bearer_auth("nobody"), StatusCode::UNAUTHORIZED),
            (served.post(&large), StatusCode::UNAUTHORIZED),
            (served.client.post(served.url.replace("/mcp", "/x")).json(&large), StatusCode::NOT_FOUND),
            (
                served.post(&large).bearer_auth(&served.token).header("host", "evil.example"),
                StatusCode::FORBIDDEN,
            ),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!((answer.status(), header(&answer, "connection")), (status, "close"));
            assert_eq!(
                served.call(&served.token, "count", json!({})).await.status(),
                StatusCode::OK,
                "{status}"
            );
        }
    }
    let answer = served.call(&served.token, "count", json!({})).await;
    assert_eq!(header(&answer, "connection"), "", "who is read to the end may go on");
}
