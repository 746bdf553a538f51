//! What a program that serves shows at INFO: nothing of the protocol's library, with the filter that docs/mcp.md gives.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::common::log::listen;
use crate::common::over_http::OverHttp;
use crate::common::{self, Client, LEGACY, STATELESS, server};

/// The filter of docs/mcp.md.
const FILTER: &str = "info,rmcp=warn";

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that is logged of sessions in both versions, over standard input and output and over HTTP.
async fn logged(filter: &str) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("the program's own");
    for version in [LEGACY, STATELESS] {
        let mut client = Client::ready(server().0, version).await;
        client.list().await;
        client.call("count", json!({})).await;
        client.call("fail", json!({})).await;
    }
    let served = OverHttp::of(server().0).await;
    let (token, _) = served.token(common::binding());
    served.list(&token).await;
    served.call(&token, "count", json!({})).await;
    drop(guard);
    String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
}

#[tokio::test]
async fn the_protocols_library_is_silent_at_info_with_the_documented_filter() {
    listen();
    assert!(include_str!("../../../docs/mcp.md").contains(&format!("\"{FILTER}\"")));
    let chatter = |log: &str| log.lines().filter(|line| line.contains(" rmcp")).count();
    let log = logged(FILTER).await;
    assert_eq!(chatter(&log), 0, "{log}");
    assert!(log.contains("the program's own") && log.contains("a tool call failed"), "{log}");
    // The control: without it there is some.
    assert!(chatter(&logged("info").await) > 0);
}
