//! A server, whatever its transport: how a program describes it (`builder`), the runs of its calls (`run`), what all of its
//! connections share (`shared`), and which tools a client is shown (`listing`). No transport is known here, and no call is
//! made here.

mod builder;
mod listing;
mod run;
mod shared;

pub use builder::{ReadyToServe, Server};
pub use run::{BoundRun, NoUserBound, RunOfCall, RunRequest};
pub(crate) use run::{CallSetup, ProgressListener};
pub(crate) use shared::Shared;
