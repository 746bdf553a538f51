// Its links lead to files in the repository, and to modules here: the first definition of a link counts.
#![doc = "[choosing]: crate::rules#3-choosing"]
#![doc = "[content]: crate::rules#63-content"]
#![doc = "[errors]: crate::rules#4-errors"]
#![doc = "[manifest]: mod@crate::manifest"]
#![cfg_attr(feature = "mcp", doc = "[an MCP server]: crate::mcp")]
#![cfg_attr(feature = "test-util", doc = "[testing]: crate::testing")]
#![cfg_attr(feature = "vault", doc = "[the vault]: crate::vault")]
#![doc = include_str!("../docs/guide.md")]
