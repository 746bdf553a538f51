//! What a transport knows about a request: its client, and the way back of its answer. `stdio` and `http` implement it, so
//! that `handler` and `call` need neither.

use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::call::Reply;
use crate::client::Client;

/// A way that requests come in.
pub(crate) trait Transport: Clone + Send + Sync + 'static {
    type Reply: Reply;

    /// The client behind a request. `None` if it is unknown, which no transport lets happen; then nothing is done.
    fn client(&self, context: &RequestContext<RoleServer>) -> Option<Client>;

    /// How the answer of a call goes back to the client of this request.
    fn route(&self, client: &Client, context: &RequestContext<RoleServer>) -> Option<Route<Self::Reply>>;
}

/// How the answer of a call goes back.
pub(crate) struct Route<R> {
    pub(crate) reply: R,
    /// Whether the answer may be a stream, which progress needs.
    pub(crate) may_stream: bool,
}
