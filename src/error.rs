//! How a call fails, and what each error tells each reader.
//!
//! Come here to map errors to answers of your own. Every error has a stable `code()`, a `problem()` and a `fix()`; those
//! of calls also have `for_model()`, which holds no ids, labels or accounts. [The rules](crate::rules#4-errors) list
//! the codes. Errors that belong to one task are in its module: [`StoreError`](crate::store::StoreError),
//! [`ManifestError`](crate::manifest::ManifestError).

pub use keystroke_core::{ErrorContext, InstanceSummary, InvalidInput, ToolsetError};

pub use crate::{
    ActionError, ActionErrorKind, Failure, MissingState, ResolveError, ToolError, ToolsetErrors,
};
