//! A provider as data: where its endpoints are, and how it differs from the standards.
//!
//! What was written (`read`) and what was validated (`model`) are different types: a [`Provider`] exists only if its file
//! passed every check, so nothing that uses one checks it again. No code here, or anywhere, knows a single provider.

mod discovery;
mod error;
mod model;

pub use discovery::{Fetch, Fetched};
pub use error::{Fault, ProviderError};
pub use model::*;
