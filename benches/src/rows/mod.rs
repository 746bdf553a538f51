//! The rows of the table, by what they need.

pub mod cold;
pub mod mcp;
pub mod preflight;
pub mod redaction;
pub mod threads;
pub mod vault;
pub mod warm;

use crate::allocations::Counts;
use crate::table::Table;
use crate::{Failed, Plan};

/// Measures a group of rows.
type Rows = fn(&Plan, &Counts, &mut Table) -> Result<(), Failed>;

/// All groups, in the order of the table.
pub const ALL: [(&str, Rows); 7] = [
    ("warm", warm::rows),
    ("vault", vault::rows),
    ("cold", cold::rows),
    ("preflight", preflight::rows),
    ("redaction", redaction::rows),
    ("mcp", mcp::rows),
    ("threads", threads::rows),
];
