//! What an author of actions uses: `use keystroke::prelude::*`.
//!
//! It holds no derives, which would need a direct dependency of the author's crate, and no name of std's prelude.

pub use crate::declare::Connection;
pub use crate::run::{BackgroundOrigin, Cancellation, Consumer, Origin};
pub use crate::scope::{NeedsUser, NoUser, Organization, Project, User};
pub use crate::{
    Action, ActionContext, ActionError, ActionErrorKind, Anonymous, AsUser, Assignment, Content, Failure,
    Instance, MemoryStore, Pinned, ResolveError, Run, RunFor, Runtime, SecretString, State, ToolError,
    Toolset, WithContent, action, credential, toolset,
};
#[cfg(feature = "vault")]
pub use crate::{Vault, VaultOptions};
