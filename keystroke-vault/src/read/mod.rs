//! Reading the vault: connections that wait for their next use, and what was read and checked, for as long as it is current.
//! Nothing here changes a file.

pub(crate) mod group_cache;
pub(crate) mod metadata;
pub(crate) mod pools;
