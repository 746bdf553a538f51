//! What is known about a request over standard input and output: it comes from the one client, and its answer is a line.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::RequestId;
use rmcp::service::RequestContext;

use super::backpressure::PendingRequests;
use crate::call::Reply;
use crate::client::Client;
use crate::limits::CallPermit;
use crate::transport::{Route, Transport};

/// The one connection.
#[derive(Clone)]
pub(super) struct StdioTransport {
    client: Client,
    pending: PendingRequests,
}

/// A line to the client.
pub(super) struct LineReply {
    pending: PendingRequests,
    request: RequestId,
}

impl StdioTransport {
    pub(super) const fn new(client: Client, pending: PendingRequests) -> Self {
        Self { client, pending }
    }
}

impl Transport for StdioTransport {
    type Reply = LineReply;

    fn client(&self, _context: &RequestContext<RoleServer>) -> Option<Client> {
        Some(self.client.clone())
    }

    fn route(&self, _client: &Client, context: &RequestContext<RoleServer>) -> Option<Route<LineReply>> {
        let reply = LineReply { pending: self.pending.clone(), request: context.id.clone() };
        Some(Route { reply, may_stream: true })
    }
}

impl Reply for LineReply {
    fn hold(&self, permit: &Arc<CallPermit>) {
        self.pending.hold(&self.request, permit);
    }
}
