//! How a call would resolve now, for people: an [`Explanation`] (SEMANTICS R9).
//!
//! It goes the resolver's way, opens nothing and records nothing.

use std::fmt;

use serde::Serialize;

use super::trace::Resolution;
use crate::execute::execution::Execution;

/// The resolutions that a call would make now.
pub(crate) async fn explain(execution: Execution<'_>) -> Vec<Resolution> {
    let failed = |error| Resolution::failed(None, error);
    let mut found: Vec<_> = execution.unused_selections().into_iter().map(failed).collect();
    for requirement in execution.action.requirements {
        found.push(execution.resolver(requirement).explain().await);
    }
    found
}

/// The resolutions of a call, one for each credential; `Display` is a line each.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Explanation(pub(crate) Vec<Resolution>);

impl Explanation {
    /// One resolution for each credential of the action.
    pub fn resolutions(&self) -> &[Resolution] {
        &self.0
    }

    /// Whether each of them chose an instance, or is optional and absent. State and input are not looked at.
    pub fn is_resolved(&self) -> bool {
        self.0.iter().all(|resolution| resolution.result().is_ok())
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, resolution) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            resolution.fmt(f)?;
        }
        Ok(())
    }
}
