//! How a call fails, and what each error tells each reader.
//!
//! Come here to map errors to answers of your own. [The rules](crate::rules#4-errors) list the codes, which are stable.
//!
//! | error | has |
//! | --- | --- |
//! | [`ActionError`], [`ToolError`], [`ResolveError`], [`MissingState`] | `code()`, `problem()`, `fix()`, and `for_model()`, which holds no ids, labels or accounts |
//! | [`ToolsetError`], [`ManifestError`], and those of the vault and the MCP server | `code()`, `problem()`, `fix()` |
//! | [`ToolsetErrors`] | a list of [`ToolsetError`]s, by [`errors()`](ToolsetErrors::errors) |
//! | [`StoreError`], which a store of your own makes | `problem()`, and `fix()` if the store knows one; no code |
//! | [`TooShort`], which a store of your own may answer with | `problem()` and `fix()`; no code |
//! | [`OpenError`] | two variants to match: the instance changed, or a [`StoreError`] |
//! | [`InvalidInput`] | `problem()`: the [`ActionError`] or [`ToolError`] around it has the code and the fix |
//! | [`Failure`], what an action returns | `operator()` and `model()`, the two texts; it is no `std::error::Error`, so that all of those convert into it |
//!
//! [`ManifestError`]: crate::manifest::ManifestError
//! [`OpenError`]: crate::store::OpenError
//! [`StoreError`]: crate::store::StoreError
//! [`TooShort`]: crate::secret::TooShort

pub use keystroke_core::{ErrorContext, InstanceSummary, InvalidInput, ToolsetError};

pub use crate::{
    ActionError, ActionErrorKind, Failure, MissingState, ResolveError, ToolError, ToolsetErrors,
};
