//! What an action and a credential declare, as `#[action]` and `#[credential]` write it.
//!
//! Come here to read what an action asks for ([`Action::REQUIREMENTS`]), or to implement [`Action`] or [`Credential`]
//! by hand, where the macros don't reach.

pub use keystroke_core::{
    ActionOutput, Annotations, Codec, Connection, CredentialKind, FieldProblem, FieldReader, FieldSpec,
    FieldType, FieldValue, Invocation, Requirement, Scoped, StateRequirement, UnknownKind,
};

pub use crate::{Action, Credential, Pinned};
