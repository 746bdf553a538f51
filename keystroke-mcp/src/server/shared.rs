//! What all connections of a server share.

use keystroke_core::{Consumer, Runtime};
use rmcp::model::ServerConfig;

use crate::limits::{CallQueue, Limits};
use crate::server::run::{AccessOf, Dispatch};
use crate::tools::ToolList;

/// What all connections of a server share.
pub(crate) struct Shared {
    pub(crate) config: ServerConfig,
    pub(crate) agent: Consumer,
    pub(crate) tools: ToolList,
    pub(crate) dispatch: Dispatch,
    /// `None` where every client can call every tool.
    pub(crate) access: Option<AccessOf>,
    pub(crate) runtime: Runtime,
    pub(crate) queue: CallQueue,
    pub(crate) limits: Limits,
}
