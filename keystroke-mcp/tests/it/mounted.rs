//! The server as part of another program, and what its clients may take from each other. Nothing listens here: requests and
//! answers are values, and the clock is the test's.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use hyper::body::Frame;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use keystroke::mcp::{Http, Mounted, ReadyToServe, Server, ShutdownHandle, Tokens};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::common::{self, STATELESS, ended, error_text, in_time, meta, runtime, tools};

/// A program with the server at `/tools/mcp`.
struct Program {
    app: TowerToHyperService<Router>,
    stop: ShutdownHandle,
    tokens: Tokens,
    heard: mpsc::UnboundedReceiver<&'static str>,
    _folder: tempfile::TempDir,
}

/// A body that never comes.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

fn message(tool: &str, more: Value) -> Body {
    let mut meta = meta();
    meta.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let params = json!({ "name": tool, "arguments": {}, "_meta": meta });
    Body::from(json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string())
}

fn request(token: &str, tool: &str, body: Body) -> Request<Body> {
    Request::post("/tools/mcp")
        .header("host", "localhost")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("mcp-protocol-version", STATELESS)
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .body(body)
        .unwrap()
}

async fn json_of(response: Response<Body>) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap()
}

impl Program {
    fn new(
        set: impl FnOnce(Server<ReadyToServe>) -> Server<ReadyToServe>,
        http: impl FnOnce(Http<Mounted>) -> Http<Mounted>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tokens = Tokens::in_folder(folder.path());
        // Without any it does not serve.
        tokens.create(common::binding(), None, None).unwrap();
        let (runtime, heard) = runtime();
        let server = set(Server::new("researcher", tools(), runtime).run(|request| request.run()));
        let (router, stop) = http(server.mount(tokens.clone())).into_router().unwrap();
        let app = Router::new().route("/health", get(async || "fine")).nest("/tools/mcp", router);
        Self { app: TowerToHyperService::new(app), stop, tokens, heard, _folder: folder }
    }

    fn token(&self) -> String {
        self.tokens.create(common::binding(), None, None).unwrap().token.expose_secret().to_owned()
    }

    fn send(&self, request: Request<Body>) -> JoinHandle<Response<Body>> {
        let answering = self.app.call(request);
        tokio::spawn(async move { answering.await.unwrap() })
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        in_time(self.send(request)).await.unwrap()
    }

    async fn call(&self, token: &str, tool: &str) -> Value {
        json_of(self.answer(request(token, tool, message(tool, json!({})))).await).await
    }

    async fn is_fine(&self, token: &str) -> bool {
        self.call(token, "count").await["result"]["isError"] == false
    }
}

#[tokio::test]
async fn it_is_a_part_of_a_program_with_the_same_checks() {
    let program = Program::new(
        |server| server,
        |http| http.hosts(["tools.example.com"]).origins(["https://app.example.com"]),
    );
    let token = program.token();
    assert!(program.is_fine(&token).await);
    let health = program.answer(Request::get("/health").body(Body::empty()).unwrap()).await;
    assert_eq!(health.status(), StatusCode::OK, "the program's own pages need no token of the server");
    for (name, value, expected) in [
        ("host", "tools.example.com", StatusCode::OK),
        ("host", "tools.example.com:8080", StatusCode::OK),
        ("host", "evil.example", StatusCode::FORBIDDEN),
        ("origin", "https://app.example.com", StatusCode::OK),
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("authorization", "Bearer nobody", StatusCode::UNAUTHORIZED),
    ] {
        let mut request = request(&token, "count", message("count", json!({})));
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(program.answer(request).await.status(), expected, "{name}: {value}");
    }
    let folder = tempfile::tempdir().unwrap();
    let of = |tokens| common::server().0.mount(tokens);
    let error = of(Tokens::in_folder(folder.path())).into_router().unwrap_err();
    assert_eq!(error.code(), "no_tokens");
    let error = of(program.tokens.clone()).origins(["app.example.com"]).into_router().unwrap_err();
    assert_eq!(error.code(), "malformed");
}

#[tokio::test]
async fn a_client_that_takes_json_alone_gets_json_alone() {
    let program = Program::new(|server| server, |http| http);
    let token = program.token();
    let progress = json!({ "progressToken": "token-1" });
    for (accepted, kind) in [
        (None, "text/event-stream"),
        (Some("*/*"), "text/event-stream"),
        (Some("application/json, text/event-stream"), "text/event-stream"),
        (Some("application/json"), "application/json"),
        (Some("*/*, text/event-stream;q=0"), "application/json"),
    ] {
        let mut request = request(&token, "steps", message("steps", progress.clone()));
        if let Some(accepted) = accepted {
            request.headers_mut().insert("accept", accepted.parse().unwrap());
        }
        let response = program.answer(request).await;
        assert_eq!(response.headers()["content-type"], kind, "{accepted:?}");
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("\"isError\":false"), "{accepted:?}: {body:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_tokens_slow_bodies_leave_room_for_the_others() {
    let program = Program::new(|server| server, |http| http.client_timeout(Duration::from_secs(20)));
    let (greedy, other, third) = (program.token(), program.token(), program.token());
    let before = Instant::now();
    let slow: Vec<_> = (0..450).map(|_| program.send(request(&greedy, "count", Body::new(Never)))).collect();
    // The clock moves on when nothing else does.
    sleep(Duration::from_secs(1)).await;
    let refused: Vec<_> = slow.iter().filter(|slow| slow.is_finished()).collect();
    assert_eq!(refused.len(), 450 - 289, "three quarters of 384, and one");
    for token in [&other, &third] {
        // As many at a time as clients send.
        let calls: Vec<_> =
            (0..16).map(|_| program.send(request(token, "count", message("count", json!({}))))).collect();
        for call in calls {
            assert_eq!(json_of(call.await.unwrap()).await["result"]["isError"], false);
        }
    }
    let response = program.answer(request(&greedy, "count", message("count", json!({})))).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "1");
    for slow in slow {
        let response = slow.await.unwrap();
        assert!(matches!(response.status(), StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(response.headers()["connection"], "close", "the rest of the body is not read");
    }
    assert_eq!(before.elapsed().as_secs(), 20);
    assert!(program.is_fine(&greedy).await, "what was slow is over");
}

#[tokio::test(start_paused = true)]
async fn one_tokens_long_calls_leave_turns_for_the_others() {
    let mut program = Program::new(|server| server.calls(8, 100), |http| http);
    let (greedy, other) = (program.token(), program.token());
    let long: Vec<_> =
        (0..50).map(|_| program.send(request(&greedy, "wait", message("wait", json!({}))))).collect();
    for _ in 0..7 {
        assert_eq!(in_time(program.heard.recv()).await, Some("begun"));
    }
    let before = Instant::now();
    for _ in 0..20 {
        assert!(program.is_fine(&other).await);
    }
    assert_eq!(before.elapsed(), Duration::ZERO);
    drop(long);
}

#[tokio::test(start_paused = true)]
async fn an_answer_holds_its_place_until_it_is_written_or_dropped() {
    let program = Program::new(|server| server.calls(3, 0), |http| http);
    let token = program.token();
    let call = || request(&token, "count", message("count", json!({})));
    let mut unread =
        [program.answer(call()).await, program.answer(call()).await, program.answer(call()).await];
    for _ in 0..3 {
        let busy = program.call(&token, "count").await;
        assert!(error_text(&busy).contains("busy"), "{busy}");
    }
    // A server has taken its bytes, and has not written them yet.
    let taken = std::mem::take(unread[0].body_mut());
    let taken = to_bytes(taken, 1 << 20).await.unwrap();
    drop(taken);
    assert!(program.is_fine(&token).await, "written");
    drop(unread);
    assert!(program.is_fine(&token).await, "dropped");
}

#[tokio::test(start_paused = true)]
async fn bytes_that_a_server_has_taken_hold_their_place_until_they_are_written() {
    let program = Program::new(|server| server.calls(1, 0), |http| http);
    let token = program.token();
    let response = program.answer(request(&token, "count", message("count", json!({})))).await;
    let mut body = response.into_body();
    let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await.unwrap().unwrap();
    assert!(body.is_end_stream());
    drop(body);
    let busy = program.call(&token, "count").await;
    assert!(error_text(&busy).contains("busy"), "{busy}");
    drop(frame);
    assert!(program.is_fine(&token).await);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_reads_holds_its_place_and_its_call_ends_in_time() {
    let program = Program::new(|server| server.calls(1, 0).time_limit(Duration::from_secs(5)), |http| http);
    let token = program.token();
    let progress = json!({ "progressToken": "token-1" });
    let response = program.answer(request(&token, "steps", message("steps", progress))).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    sleep(Duration::from_secs(10)).await;
    let busy = program.call(&token, "count").await;
    assert!(error_text(&busy).contains("busy"), "{busy}");
    drop(response);
    sleep(Duration::from_secs(1)).await;
    assert!(program.is_fine(&token).await);
}

#[tokio::test(start_paused = true)]
async fn a_stop_takes_nothing_new_and_ends_what_runs_when_the_grace_is_over() {
    let mut program = Program::new(|server| server, |http| http);
    let token = program.token();
    let stuck = program.send(request(&token, "wait", message("wait", json!({}))));
    assert_eq!(in_time(program.heard.recv()).await, Some("begun"));
    let (stop, before) = (program.stop.clone(), Instant::now());
    let stopping = tokio::spawn(async move { stop.within(Duration::from_secs(10)).await });
    sleep(Duration::from_secs(1)).await;
    let refused = program.answer(request(&token, "count", message("count", json!({})))).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    stopping.await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 10);
    assert_eq!(stuck.await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    ended(&mut program.heard).await;
    // Where nothing runs there is nothing to wait for.
    let idle = Program::new(|server| server, |http| http);
    assert!(idle.is_fine(&idle.token()).await);
    assert!(timeout(Duration::ZERO, idle.stop.within(Duration::from_secs(10))).await.is_ok());
}
