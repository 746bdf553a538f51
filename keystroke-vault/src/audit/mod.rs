//! The audit record (SEMANTICS S5). It is a file of its own, because each commit to the vault's file would empty the
//! vault's cache. Rows are chained by HMACs under a key derived from the ring, and a sealed head names the last one.
//! No row ever holds a value, and nothing here reads or changes what the vault holds.

mod audit_file;
mod chain;
mod commits;
mod entry;
mod history;
mod prune;
mod queue;
mod retired;
mod tampering;
mod writer;

pub(crate) use chain::{append_to, check, create, vault_of, walk};
pub(crate) use commits::{Commits, committed, copied, is_internal};
pub use entry::{AuditEntry, AuditFilter};
pub(crate) use entry::{AuditEvent, Who};
pub(crate) use history::History;
pub(crate) use prune::prune;
pub(crate) use retired::{ids as retired_ids, keep as keep_retired};
pub(crate) use writer::{Audit, Watched};
