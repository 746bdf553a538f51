//! The listener for the browser's return: what else reaches it, and a port that is taken.

use std::net::{Ipv4Addr, Ipv6Addr};

use keystroke_oauth::{Authorization, LoopbackListener, Pending, Provider};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::common::setup::{client, http, now, provider, scopes, server, sign_in};

const NOWHERE: &str = "http://127.0.0.1:9";

fn with_redirect(redirect: &str) -> Provider {
    provider(NOWHERE, &format!("[redirect]\n{redirect}\n"))
}

async fn bind(provider: &Provider) -> Result<LoopbackListener, keystroke_oauth::ConnectError> {
    LoopbackListener::bind(provider.redirect(), &sign_in())
        .await
        .map(|listener| listener.expect("a listener"))
}

/// A sign-in that waits, and its state.
fn begin(provider: &Provider, redirect_uri: &str) -> (Pending, String) {
    let (http, client) = (http(), client());
    let server = server(&http, provider, &client);
    let begun =
        Authorization::begin(&server, sign_in(), redirect_uri, scopes(&["openid"]), None, now()).unwrap();
    let state = begun.url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    (begun.pending, state)
}

fn port(listener: &LoopbackListener) -> u16 {
    listener.redirect_uri().parse::<reqwest::Url>().unwrap().port().unwrap()
}

/// What the listener answers. `None` if it says nothing.
async fn ask(port: u16, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    stream.write_all(request.replace('\n', "\r\n").as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    (!answer.is_empty()).then_some(answer)
}

#[tokio::test]
async fn what_a_web_page_sends_ends_no_sign_in_and_learns_nothing() {
    let provider = with_redirect("form = \"127.0.0.1\"");
    let listener = bind(&provider).await.unwrap();
    let port = port(&listener);
    let (pending, state) = begin(&provider, listener.redirect_uri());
    let attacks = async {
        for (request, status) in [
            (
                format!(
                    "GET /callback?code=evil&state={state} HTTP/1.1\nhost: 127.0.0.1:{port}\norigin: https://evil.example\n\n"
                ),
                "403",
            ),
            (
                format!(
                    "GET /callback?code=evil&state={state} HTTP/1.1\nhost: 127.0.0.1:{port}\nsec-fetch-mode: no-cors\n\n"
                ),
                "403",
            ),
            (format!("POST /callback?code=evil&state={state} HTTP/1.1\nhost: 127.0.0.1:{port}\n\n"), "405"),
            (format!("GET /callback?code=evil&state={state} HTTP/1.1\nhost: evil.example:{port}\n\n"), "421"),
            (format!("GET /other?code=evil&state={state} HTTP/1.1\nhost: 127.0.0.1:{port}\n\n"), "404"),
            (format!("GET /callback?code=evil&state=guessed HTTP/1.1\nhost: 127.0.0.1:{port}\n\n"), "400"),
            (format!("GET /callback?code=evil HTTP/1.1\nhost: 127.0.0.1:{port}\n\n"), "400"),
            (format!("GET /callback?error=access_denied HTTP/1.1\nhost: 127.0.0.1:{port}\n\n"), "400"),
            (
                format!("GET /callback?state={state}&state={state} HTTP/1.1\nhost: 127.0.0.1:{port}\n\n"),
                "400",
            ),
        ] {
            let answer = ask(port, &request).await.unwrap_or_else(|| panic!("no answer: {request}"));
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}\n{answer}");
            assert!(!answer.contains("evil") && !answer.contains(&state), "{answer}");
            assert!(!answer.to_ascii_lowercase().contains("access-control-allow"), "{answer}");
        }
        // Connections that say nothing keep nobody out.
        let mut silent = Vec::new();
        for _ in 0..16 {
            silent.push(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap());
        }
        let real = format!("GET /callback?code=c&state={state} HTTP/1.1\nhost: 127.0.0.1:{port}\n\n");
        let answer = ask(port, &real).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.contains("referrer-policy: no-referrer"),
            "{answer}"
        );
        drop(silent);
    };
    let (callback, ()) = tokio::join!(listener.wait(&pending), attacks);
    assert!(pending.is_answered_by(&callback.unwrap()));
}

#[tokio::test]
async fn it_listens_on_this_machine_alone() {
    let provider = with_redirect("form = \"127.0.0.1\"");
    let listener = bind(&provider).await.unwrap();
    assert!(listener.redirect_uri().starts_with("http://127.0.0.1:"), "{}", listener.redirect_uri());
    // All of 127.0.0.0/8 is this machine, and it listens on one address of it.
    let other = TcpStream::connect((Ipv4Addr::new(127, 0, 0, 2), port(&listener))).await;
    assert_eq!(other.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn by_name_it_listens_on_both_addresses() {
    let provider = with_redirect("form = \"localhost\"");
    let listener = bind(&provider).await.unwrap();
    assert!(listener.redirect_uri().starts_with("http://localhost:"), "{}", listener.redirect_uri());
    let port = port(&listener);
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.is_err());
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_ok() {
        let (pending, state) = begin(&provider, listener.redirect_uri());
        let browser = async {
            let mut stream = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await.unwrap();
            let request =
                format!("GET /callback?code=c&state={state} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let (callback, answer) = tokio::join!(listener.wait(&pending), browser);
        assert!(callback.is_ok() && answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    // Whoever has a port of either address could be sent the code.
    for six in [false, true] {
        let taken = match six {
            false => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
            true => TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await,
        };
        // A machine may have no IPv6.
        let Ok(taken) = taken else { continue };
        let port = taken.local_addr().unwrap().port();
        let provider = with_redirect(&format!("form = \"localhost\"\nport = {port}"));
        let error = bind(&provider).await.err().unwrap();
        assert_eq!(error.code(), "port_taken");
        assert!(error.problem().contains(&port.to_string()), "{error}");
    }
}

#[tokio::test]
async fn two_sign_ins_at_once_don_t_get_each_other_s_callback() {
    // A port that is free may be taken by another test meanwhile.
    let (provider, first) = loop {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
        let provider = with_redirect(&format!("form = \"127.0.0.1\"\nport = {free}"));
        if let Ok(first) = bind(&provider).await {
            break (provider, first);
        }
    };
    assert_eq!(bind(&provider).await.err().unwrap().code(), "port_taken");
    drop(first);
    // Where any port will do, each has its own.
    let provider = with_redirect("form = \"127.0.0.1\"");
    let [one, other] = [bind(&provider).await.unwrap(), bind(&provider).await.unwrap()];
    assert_ne!(one.redirect_uri(), other.redirect_uri());
}

#[tokio::test]
async fn a_provider_that_takes_https_only_gets_no_listener() {
    let provider = with_redirect("form = \"https\"");
    assert!(LoopbackListener::bind(provider.redirect(), &sign_in()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_flood_of_connections_is_bounded_and_the_browser_still_comes_through() {
    let provider = with_redirect("form = \"127.0.0.1\"");
    let listener = bind(&provider).await.unwrap();
    let port = port(&listener);
    let (pending, state) = begin(&provider, listener.redirect_uri());
    let mut flood = JoinSet::new();
    for _ in 0..100 {
        flood.spawn(
            async move { ask(port, &format!("GET /{} HTTP/1.1\nhost: x\n\n", "x".repeat(40_000))).await },
        );
    }
    let browser = async {
        let request = format!("GET /callback?code=c&state={state} HTTP/1.1\nhost: 127.0.0.1:{port}\n\n");
        ask(port, &request).await.unwrap()
    };
    let (callback, answer) = tokio::join!(listener.wait(&pending), browser);
    assert!(callback.is_ok() && answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
