//! How a call's answer goes back to its client, whatever the transport.

use std::sync::Arc;

use crate::limits::CallPermit;

/// Where a call's answer goes. It lives as long as its call.
pub(crate) trait Reply: Send + 'static {
    /// Holds the call's permit until the answer is written: an answer that nobody reads fills the memory as a running call
    /// does.
    fn hold(&self, permit: &Arc<CallPermit>);
}
