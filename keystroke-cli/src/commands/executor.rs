//! What completes futures: the vault's, and with OAuth those of requests to providers, all in this thread.

use tokio::runtime::{Builder, Runtime};

use crate::error::CliError;

pub(super) fn executor() -> Result<Runtime, CliError> {
    Builder::new_current_thread().enable_all().build().map_err(|error| {
        CliError::refused("system", format!("the process is out of resources: {error}"), "try again")
    })
}
