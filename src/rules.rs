//! [the vault]: crate::vault
//! [manifest]: crate::manifest
#![doc = include_str!("../docs/semantics.md")]
