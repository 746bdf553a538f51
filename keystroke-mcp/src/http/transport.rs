//! What is known about a request over HTTP: the layers have put its client into its extensions, and its answer is a
//! response.

use std::sync::{Arc, Weak};

use axum::http::request::Parts as RequestHead;
use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::call::Reply;
use crate::client::Client;
use crate::http::cancel::{RunningCall, RunningCalls};
use crate::http::exchange::Exchange;
use crate::http::layers::accept::JsonOnly;
use crate::limits::CallPermit;
use crate::transport::{Route, Transport};

/// All requests of a server.
#[derive(Clone)]
pub(super) struct HttpTransport {
    running: RunningCalls,
}

/// A response, if somebody still waits for it.
pub(super) struct ResponseReply {
    exchange: Weak<Exchange>,
    /// Makes the call known while it runs.
    _running: Option<RunningCall>,
}

impl HttpTransport {
    pub(super) const fn new(running: RunningCalls) -> Self {
        Self { running }
    }
}

impl Transport for HttpTransport {
    type Reply = ResponseReply;

    fn client(&self, context: &RequestContext<RoleServer>) -> Option<Client> {
        context.extensions.get::<RequestHead>()?.extensions.get().cloned()
    }

    fn route(&self, client: &Client, context: &RequestContext<RoleServer>) -> Option<Route<ResponseReply>> {
        let head = context.extensions.get::<RequestHead>()?;
        let exchange: &Weak<Exchange> = head.extensions.get()?;
        let (id, end) = (context.id.clone(), context.ct.clone());
        let reply = ResponseReply {
            exchange: Weak::clone(exchange),
            _running: self.running.enter(client, &head.headers, id, end),
        };
        Some(Route { reply, may_stream: head.extensions.get::<JsonOnly>().is_none() })
    }
}

impl Reply for ResponseReply {
    fn hold(&self, permit: &Arc<CallPermit>) {
        if let Some(exchange) = self.exchange.upgrade() {
            exchange.hold_call(Arc::clone(permit));
        }
    }
}
