//! A provider as data: where its endpoints are, and how it differs from the standards.
//!
//! A file is read (`form`) into sections (`model`) and checked as a whole (`check`). A [`Provider`] exists only if its file
//! passed every check, so nothing that uses one checks it again. No code here, or anywhere, knows a single provider.

mod built_in;
mod catalog;
mod check;
mod client_missing;
mod discovery;
mod error;
mod form;
mod model;
mod validated;
mod values;

#[cfg(test)]
mod tests;

pub use catalog::{Origin, Providers};
pub use client_missing::ClientMissing;
pub use discovery::{Fetch, Fetched};
pub use error::{Fault, ProviderError};
pub use model::*;
pub use validated::Provider;
