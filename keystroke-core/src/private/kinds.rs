//! What a parameter's type is, as one value that checks and gates read.

/// What a by-value parameter is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    Credential,
    Context,
    Secret,
    State,
    /// A credential behind a pointer of its own.
    Shared,
    /// A reference behind an alias.
    Reference,
    Option,
    /// An `Option` that holds a credential.
    OptionalCredential,
    /// An `Option` that holds a reference, behind an alias.
    OptionalReference,
    /// An `Option` that holds state.
    OptionalState,
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
        state: bool,
        shared: bool,
        reference: bool,
        option: bool,
        (holds_credential, holds_reference, holds_state): (bool, bool, bool),
        scalar: bool,
    ) -> Self {
        match (credential, context, secret, state, shared, reference, option, scalar) {
            (true, ..) => Self::Credential,
            (_, true, ..) => Self::Context,
            (_, _, true, ..) => Self::Secret,
            (_, _, _, true, ..) => Self::State,
            (_, _, _, _, true, ..) => Self::Shared,
            (_, _, _, _, _, true, ..) => Self::Reference,
            (.., true, _) if holds_credential => Self::OptionalCredential,
            (.., true, _) if holds_reference => Self::OptionalReference,
            (.., true, _) if holds_state => Self::OptionalState,
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

/// What a `State<T>` is state of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StateOf {
    /// Of anything that is no secret.
    Value,
    Credential,
    Secret,
    Connection,
    Context,
}

/// What a by-reference parameter is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LentKind {
    Credential,
    Context,
    State(StateOf),
    /// State that threads can't share.
    Unshared,
    /// An `Option` that holds state.
    OptionalState,
    /// State behind a pointer of its own.
    StateInPointer,
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
    #[expect(
        clippy::fn_params_excessive_bools,
        clippy::too_many_arguments,
        reason = "one for each probe, written by the macro alone"
    )]
    pub const fn of(
        credential: bool,
        context: bool,
        // Whether it is a `State<T>`, whether that can be shared, and of what it is.
        state: (bool, bool, StateOf),
        // Whether it is an `Option` or a pointer that holds a `State<T>`.
        holds_state: bool,
        secret: bool,
        option: bool,
        pinned: bool,
        connection: bool,
        input: bool,
    ) -> Self {
        match (credential, context, secret, option, pinned, connection, input) {
            (true, ..) => Self::Credential,
            (_, true, ..) => Self::Context,
            _ if state.0 => match state {
                (_, false, StateOf::Value) => Self::Unshared,
                (_, _, of) => Self::State(of),
            },
            (_, _, true, ..) => Self::Secret,
            (_, _, _, true, ..) if holds_state => Self::OptionalState,
            _ if holds_state => Self::StateInPointer,
            (_, _, _, true, ..) => Self::Option,
            (_, _, _, _, true, ..) => Self::Pinned,
            (.., true, _) => Self::Connection,
            (.., true) => Self::Input,
            _ => Self::Else,
        }
    }

    /// Whether it can be lent.
    pub const fn is_sound(self) -> bool {
        matches!(self, Self::Credential | Self::Context | Self::State(StateOf::Value))
    }

    /// Whether it is state that can be lent.
    pub const fn is_state(self) -> bool {
        matches!(self, Self::State(StateOf::Value))
    }
}
