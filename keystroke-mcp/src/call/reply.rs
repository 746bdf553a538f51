//! Where a call's turn is kept until its answer has been written: an answer that nobody reads fills the memory like a call
//! that runs.

use std::sync::{Arc, Weak};

use rmcp::model::RequestId;

use crate::http::Exchange;
use crate::limits::Turn;
use crate::stdio::Unanswered;

/// The answer that a call is going to have.
pub(crate) enum Answer {
    /// A line to the one client.
    Line(Unanswered, RequestId),
    /// The response to a request, if somebody still waits for it.
    Response(Weak<Exchange>),
}

impl Answer {
    pub(crate) fn keep(&self, turn: &Arc<Turn>) {
        match self {
            Self::Line(unanswered, id) => unanswered.keep(id, turn),
            Self::Response(exchange) => {
                if let Some(exchange) = exchange.upgrade() {
                    exchange.keep_turn(Arc::clone(turn));
                }
            }
        }
    }
}
