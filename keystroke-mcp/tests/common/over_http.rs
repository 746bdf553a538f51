//! A server over HTTP, and clients that ask it with tokens of their own.

use keystroke::mcp::{Binding, ReadyToServe, Server, Tokens};
use keystroke::run::Cancellation;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::{STATELESS, meta};

/// Serves until it is dropped.
pub(crate) struct OverHttp {
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) tokens: Tokens,
    shutdown: Cancellation,
    _folder: tempfile::TempDir,
}

impl Drop for OverHttp {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl OverHttp {
    pub(crate) async fn of(server: Server<ReadyToServe>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tokens = Tokens::in_folder(folder.path());
        tokens.create(super::binding(), Some("nothing is served without one".into()), None).unwrap();
        Self::with(server, tokens, folder).await
    }

    pub(crate) async fn with(
        server: Server<ReadyToServe>,
        tokens: Tokens,
        folder: tempfile::TempDir,
    ) -> Self {
        let listening = server.http("127.0.0.1:0".parse().unwrap(), tokens.clone()).bind().await.unwrap();
        let (url, shutdown) = (listening.url(), Cancellation::new());
        tokio::spawn(listening.serve_until(shutdown.clone()));
        let client = Client::builder().no_proxy().build().unwrap();
        Self { url, client, tokens, shutdown, _folder: folder }
    }

    /// A token of this binding: what its client shows, and its id.
    pub(crate) fn token(&self, binding: Binding) -> (String, String) {
        let made = self.tokens.create(binding, None, None).unwrap();
        (made.token.expose_secret().to_owned(), made.info.id)
    }

    pub(crate) async fn response(&self, token: &str, method: &str, mut params: Value) -> Response {
        params["_meta"] = meta();
        let request = self
            .client
            .post(&self.url)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", STATELESS)
            .header("mcp-method", method)
            .header("mcp-name", params["name"].as_str().unwrap_or_default())
            .bearer_auth(token)
            .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
        request.send().await.unwrap()
    }

    pub(crate) async fn ask(&self, token: &str, method: &str, params: Value) -> Value {
        self.response(token, method, params).await.json().await.unwrap()
    }

    pub(crate) async fn call(&self, token: &str, tool: &str, arguments: Value) -> Value {
        self.ask(token, "tools/call", json!({ "name": tool, "arguments": arguments })).await
    }

    pub(crate) async fn list(&self, token: &str) -> Vec<String> {
        super::names(&self.ask(token, "tools/list", json!({})).await)
    }
}
