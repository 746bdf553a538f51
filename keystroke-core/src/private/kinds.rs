//! What a parameter's type is, as one value that checks and gates read.

/// What a by-value parameter is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    Credential,
    Context,
    Secret,
    /// A credential behind a pointer of its own.
    Shared,
    /// A reference behind an alias.
    Reference,
    Option,
    /// An `Option` that holds a credential.
    OptionalCredential,
    /// An `Option` that holds a reference, behind an alias.
    OptionalReference,
    Scalar,
    /// Anything else, such as an input.
    Else,
}

impl ValueKind {
    #[expect(
        clippy::fn_params_excessive_bools,
        clippy::too_many_arguments,
        reason = "one for each probe, written by the macro alone"
    )]
    pub const fn of(
        credential: bool,
        context: bool,
        secret: bool,
        shared: bool,
        reference: bool,
        option: bool,
        (holds_credential, holds_reference): (bool, bool),
        scalar: bool,
    ) -> Self {
        match (credential, context, secret, shared, reference, option, scalar) {
            (true, ..) => Self::Credential,
            (_, true, ..) => Self::Context,
            (_, _, true, ..) => Self::Secret,
            (_, _, _, true, ..) => Self::Shared,
            (_, _, _, _, true, ..) => Self::Reference,
            (.., true, _) if holds_credential => Self::OptionalCredential,
            (.., true, _) if holds_reference => Self::OptionalReference,
            (.., true, _) => Self::Option,
            (.., true) => Self::Scalar,
            _ => Self::Else,
        }
    }

    pub const fn is_else(self) -> bool {
        matches!(self, Self::Else)
    }

    /// Whether its author meant it as the input, well or badly.
    pub const fn may_be_input(self) -> bool {
        matches!(self, Self::Option | Self::Scalar | Self::Else)
    }
}

/// Whether one parameter at most was meant as the input.
pub const fn is_one(kinds: &[ValueKind]) -> bool {
    count(kinds) <= 1
}

/// How many were meant as the input.
pub(super) const fn count(mut kinds: &[ValueKind]) -> usize {
    let mut count = 0;
    while let [first, rest @ ..] = kinds {
        if first.may_be_input() {
            count += 1;
        }
        kinds = rest;
    }
    count
}

/// What a by-reference parameter is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LentKind {
    Credential,
    Context,
    Secret,
    Option,
    /// A `Pinned` that pins no credential, or to no scope.
    Pinned,
    Connection,
    Input,
    /// Anything else.
    Else,
}

impl LentKind {
    #[expect(clippy::fn_params_excessive_bools, reason = "one for each probe, written by the macro alone")]
    pub const fn of(
        credential: bool,
        context: bool,
        secret: bool,
        option: bool,
        pinned: bool,
        connection: bool,
        input: bool,
    ) -> Self {
        match (credential, context, secret, option, pinned, connection, input) {
            (true, ..) => Self::Credential,
            (_, true, ..) => Self::Context,
            (_, _, true, ..) => Self::Secret,
            (_, _, _, true, ..) => Self::Option,
            (_, _, _, _, true, ..) => Self::Pinned,
            (.., true, _) => Self::Connection,
            (.., true) => Self::Input,
            _ => Self::Else,
        }
    }

    /// Whether it can be lent.
    pub const fn is_sound(self) -> bool {
        matches!(self, Self::Credential | Self::Context)
    }
}
