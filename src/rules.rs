#![cfg_attr(feature = "vault", doc = "[the vault]: crate::vault")]
#![doc = include_str!("../docs/semantics.md")]
