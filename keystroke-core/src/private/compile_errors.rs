//! Facts about an author's types, each checked once, in a constant of its own: by a panic with a composed message, or
//! by a bound with `on_unimplemented` where the compiler's pointer to the type helps.

use std::fmt::Display;
use std::future::Future;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::kinds::{LentKind, StateOf, ValueKind, count, is_one};
use super::text::{Text, argument, same, state_within};
use crate::declare::action::Action;
use crate::declare::credential::{Credential, FieldReader, FieldValue};
use crate::declare::failure::{Failure, InvalidInput};
use crate::declare::requirement::Requirement;
use crate::json::codec::ActionOutput;

/// What an action can take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an action's input",
    label = "not an input",
    note = "an input is a struct with `#[derive(serde::Deserialize, schemars::JsonSchema)]` (serde 1, schemars 1)",
    note = "credentials, shared state and the context are lent: take them by reference, as `&Exa`, `&State<Client>` or `&ActionContext`",
    note = "if it is a credential, two versions of `keystroke` may be in this build"
)]
pub trait ActionInput {}
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> ActionInput for T {}

/// What an action can fail with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an action's error",
    label = "not an error",
    note = "implement `std::error::Error` for it, for example with `thiserror`, or `From<{Self}> for keystroke::Failure`"
)]
pub trait ActionFailure {}
#[diagnostic::do_not_recommend]
impl<T: Into<Failure>> ActionFailure for T {}

pub const fn must_be_input<T: ActionInput>() {}
pub const fn must_be_output<T: ActionOutput>() {}
pub const fn must_be_error<T: ActionFailure>() {}
pub const fn must_be_field<T: FieldValue>() {}

/// Checks that an action returns a result.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_be_result(is_result: bool, action: &str, ty: &str) {
    if !is_result {
        let text = Text::new()
            .push("`")
            .push(ty)
            .push("` cannot be returned by the action `")
            .push(action)
            .push("`; return `Result<")
            .push(ty)
            .push(", E>`");
        panic!("{}", text.as_str());
    }
}

/// The future of an action, whose arguments are sound or not.
pub struct ActionFuture<const SOUND: bool>;

impl ActionFuture<true> {
    pub fn must_be_send<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        future
    }
}

impl ActionFuture<false> {
    /// Asks nothing: why it may not be `Send` is told already.
    pub fn must_be_send<F: Future>(future: F) -> impl Future<Output = F::Output> + Send {
        drop(future);
        std::future::pending()
    }
}

/// Stands for an argument of an action that does not compile.
///
/// # Panics
/// Always.
#[expect(clippy::panic, reason = "no program that calls it compiles")]
pub fn absent<T>() -> T {
    panic!("an action with two inputs does not compile")
}

/// Checks a by-value parameter that is no input; `all` are the kinds of all by-value parameters.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_be_by_value(kind: ValueKind, all: &[ValueKind], name: &str, ty: &str) {
    let text = Text::new();
    let text = match kind {
        ValueKind::Credential => text
            .push("borrow it: `")
            .push(name)
            .push(": &")
            .push(ty)
            .push("`; a credential is lent for one call"),
        ValueKind::Context => text.push("borrow it: `").push(name).push(": &").push(ty).push("`"),
        ValueKind::State => text
            .push("borrow it: `")
            .push(name)
            .push(": &")
            .push(ty)
            .push("`; shared state is lent for one call"),
        ValueKind::Shared => {
            text.push("borrow the credential itself: `").push(name).push(": &C`; it is lent for one call")
        }
        ValueKind::Secret => text.push(SECRET),
        ValueKind::Reference => {
            text.push("write the `&` in the signature; an alias may name the type, not the reference")
        }
        ValueKind::OptionalCredential => {
            text.push("borrow it: `").push(name).push(": Option<&C>`; a credential is lent for one call")
        }
        ValueKind::OptionalReference => text
            .push("write `")
            .push(name)
            .push(": Option<&C>` in the signature; an alias may name the credential, not the reference"),
        ValueKind::OptionalState => never_optional(text, name, state_within(ty)),
        // Two inputs are told as such.
        _ if !is_one(all) => return,
        ValueKind::Option => text.push(
            "an action's input is never optional; put optional fields into a struct, and borrow credentials as `&C` or `Option<&C>`",
        ),
        ValueKind::Scalar => text
            .push("an action's input must be a struct, because tools take a JSON object; put `")
            .push(name)
            .push("` into one"),
        ValueKind::Else => return,
    };
    panic!("{}", text.as_str());
}

const CONNECTION: &str = "a connection comes in a credential; declare a struct with `#[credential(kind = keystroke)]` and borrow it";

const SECRET: &str = "a secret comes in a credential; declare a struct with `#[credential]` and borrow it";

/// Checks the by-value parameter at `index` to be no second input.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
#[expect(clippy::indexing_slicing, reason = "`at` stays below both lengths, and `get` is not const")]
pub const fn must_be_one_input(kinds: &[ValueKind], names: &[&str], index: usize, action: &str) {
    let (before, _) = kinds.split_at(index);
    if count(before) != 1 || !kinds[index].may_be_input() {
        return;
    }
    let mut at = 0;
    while at < before.len() && at < names.len() {
        if before[at].may_be_input() {
            let text = Text::new()
                .push("action `")
                .push(action)
                .push("` has two inputs, `")
                .push(names[at])
                .push("` and `")
                .push(names[index])
                .push("`; put both into one struct");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

/// Checks a by-reference parameter.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_be_lent(kind: LentKind, name: &str, ty: &str) {
    let text = Text::new();
    let text = match kind {
        LentKind::Credential | LentKind::Context | LentKind::State(StateOf::Value) => return,
        LentKind::Secret | LentKind::State(StateOf::Secret) => text.push(SECRET),
        LentKind::State(StateOf::Credential) => text
            .push("a credential is not shared state: borrow it as `")
            .push(name)
            .push(": &")
            .push(argument(ty))
            .push("`; it is lent for one call"),
        LentKind::State(StateOf::Context) => {
            text.push("the context is not shared state: borrow it as `").push(name).push(": &ActionContext`")
        }
        LentKind::Unshared => text
            .push("`")
            .push(ty)
            .push("` cannot be shared: calls on all threads use one `")
            .push(argument(ty))
            .push("`, so it must be `Send`, `Sync` and sized; take `Arc` for `Rc`, `Mutex` for `Cell` and `RefCell`, `Box<dyn … + Send + Sync>` for `dyn …`"),
        LentKind::OptionalState => never_optional(text, name, state_within(ty)),
        LentKind::StateInPointer => text
            .push("a `State` is shared already: write `")
            .push(name)
            .push(": &")
            .push(state_within(ty))
            .push("`"),
        LentKind::Option => text
            .push("put the `&` inside: `")
            .push(name)
            .push(": Option<&C>` is a credential that may be absent; other data is owned"),
        LentKind::Pinned => text
            .push("`")
            .push(ty)
            .push("` must pin a credential to one of the scopes `Organization`, `Project` and `User`"),
        LentKind::Connection | LentKind::State(StateOf::Connection) => text.push(CONNECTION),
        LentKind::Input => text.push("take the input by value: `").push(name).push(": ").push(ty).push("`"),
        LentKind::Else => text
            .push("`")
            .push(ty)
            .push("` cannot be lent to an action; if the application shares one, write `")
            .push(name)
            .push(": &State<")
            .push(ty)
            .push(">` and share it by `.with_state(…)`"),
    };
    panic!("{}", text.as_str());
}

/// Checks a parameter `Option<&T>`: only a credential may be absent (SEMANTICS R11).
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_be_optional(is_option: bool, kind: LentKind, name: &str, ty: &str) {
    let text = Text::new();
    let text = match kind {
        _ if !is_option => text
            .push("this `Option` is not the standard library's; write `")
            .push(name)
            .push(": std::option::Option<&")
            .push(ty)
            .push(">`"),
        LentKind::Credential => return,
        LentKind::Secret
        | LentKind::Pinned
        | LentKind::Connection
        | LentKind::Unshared
        | LentKind::OptionalState
        | LentKind::StateInPointer
        | LentKind::State(StateOf::Credential | StateOf::Secret | StateOf::Connection | StateOf::Context) => {
            return must_be_lent(kind, name, ty);
        }
        LentKind::State(StateOf::Value) => never_optional(text, name, ty),
        LentKind::Context => {
            text.push("the context is always there: write `").push(name).push(": &").push(ty).push("`")
        }
        LentKind::Option => {
            text.push("write `").push(name).push(": Option<&C>`; a credential is there or it is not")
        }
        LentKind::Input => text
            .push("only a credential may be absent: take the input by value, `")
            .push(name)
            .push(": ")
            .push(ty)
            .push("`, with optional fields in its struct"),
        LentKind::Else => text
            .push("only a credential may be absent, and `")
            .push(ty)
            .push("` is not one; if the application shares one, write `")
            .push(name)
            .push(": &State<")
            .push(ty)
            .push(">`"),
    };
    panic!("{}", text.as_str());
}

/// What is said of an `Option` of state, whichever of the two is the reference.
const fn never_optional(text: Text, name: &str, state: &str) -> Text {
    text.push("shared state is never optional: write `")
        .push(name)
        .push(": &")
        .push(state)
        .push("`, or ask for it with `cx.state::<")
        .push(argument(state))
        .push(">()`, which gives an `Option`")
}

const fn scope_name(pin: u8) -> &'static str {
    match pin {
        1 => "Organization",
        2 => "Project",
        4 => "User",
        _ => "Unpinned",
    }
}

/// Checks a credential's pins against each other and against the action's (SEMANTICS P1).
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_fit_pin(pinned: Option<(u8, u8)>, pin: u8, action: u8, ty: &str) {
    if let Some((_, 0)) = pinned {
        let text = Text::new().push("`").push(ty).push(
            "` pins to no scope; pin to `Organization`, `Project` or `User`, or borrow the credential itself",
        );
        panic!("{}", text.as_str());
    }
    if let Some((own, parameter)) = pinned
        && own != 0
        && own != parameter
    {
        let text = Text::new()
            .push("`")
            .push(ty)
            .push("`: this credential is already pinned to `")
            .push(scope_name(own))
            .push("`");
        panic!("{}", text.as_str());
    }
    if pin != 0 && action != 0 && pin != action {
        let text = Text::new()
            .push("credential pinned to `")
            .push(scope_name(pin))
            .push("` cannot be used by an action pinned to `")
            .push(scope_name(action))
            .push("`");
        panic!("{}", text.as_str());
    }
}

/// Checks the keys of two of an action's credentials, and that the context and each type of state are taken once.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_share_no_key(
    first: Option<Requirement>,
    second: Option<Requirement>,
    contexts: (bool, bool),
    is_same_state: bool,
    tys: (&str, &str),
    names: (&str, &str),
) {
    if let (true, true) = contexts {
        let text = Text::new().push("an action takes `&ActionContext` once; remove `");
        let text = text.push(names.1).push("`, and use `").push(names.0).push("`");
        panic!("{}", text.as_str());
    }
    if is_same_state {
        let text = Text::new().push("`").push(tys.1).push("` is taken twice; remove `").push(names.1);
        let text = text.push("`, and use `").push(names.0);
        let text = text.push("`; a second value needs a type of its own, such as `struct Other(");
        panic!("{}", text.push(argument(tys.1)).push(")`").as_str());
    }
    if let (Some(first), Some(second)) = (first, second)
        && same(first.key(), second.key())
    {
        let text = Text::new();
        let text = if same(tys.0, tys.1) {
            text.push("credential `")
                .push(tys.0)
                .push("` is taken twice; remove `")
                .push(names.1)
                .push("`, and use `")
                .push(names.0)
                .push("`; for a second account, declare a credential with another `key`")
        } else {
            text.push("`")
                .push(tys.0)
                .push("` and `")
                .push(tys.1)
                .push("` share the key `")
                .push(first.key())
                .push("`: an action asks for a key once; remove `")
                .push(names.1)
                .push("`, or give its credential another `key`")
        };
        panic!("{}", text.as_str());
    }
}

/// Checks that an output is no secret and no credential.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_not_be_secret(is_secret: bool, ty: &str) {
    if is_secret {
        let text = Text::new().push("`").push(ty).push("` never leaves an action: it holds a secret");
        panic!("{}", text.as_str());
    }
}

/// Checks that an output has no content in its inside.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_not_nest_content(nests: bool, ty: &str) {
    if nests {
        let text = Text::new().push("`").push(ty).push(
            "` cannot be an action's output; return `Content`, which has any number of parts, or `WithContent<T>` for a value `T` beside it",
        );
        panic!("{}", text.as_str());
    }
}

/// Checks that an output which can be written can be read back.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_be_read_back(fits: bool, can_be_read_back: bool, ty: &str) {
    if fits && !can_be_read_back {
        let text = Text::new()
            .push("a step's output is stored and replayed; `")
            .push(ty)
            .push("` also needs `Deserialize`");
        panic!("{}", text.as_str());
    }
}

/// The slug of an action. It takes the value, not the type: a name that is nothing is one error then, told at the entry.
pub const fn slug_of<A: Action>(_: &A) -> &'static str {
    A::SLUG
}

/// Checks that one of a toolset's slugs is none of those before it.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_share_no_slug(slugs: &[&str], index: usize) {
    let (mut before, rest) = slugs.split_at(index);
    let [own, ..] = rest else { return };
    while let [first, rest @ ..] = before {
        if same(first, own) {
            let text = Text::new().push("two actions in this toolset share the slug `").push(own).push("`");
            panic!("{}", text.as_str());
        }
        before = rest;
    }
}

/// Checks that a credential implements nothing by which a secret could leave. `traits` are those it does or does not.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_not_leak(credential: &str, mut traits: &[(bool, &str)]) {
    let mut text = Text::new().push("credential `").push(credential).push("` must not implement ");
    let mut found = false;
    while let [(implemented, name), rest @ ..] = traits {
        if *implemented {
            text = text.push(if found { ", `" } else { "`" }).push(name).push("`");
            found = true;
        }
        traits = rest;
    }
    if found {
        panic!("{}", text.push(": a secret could leave").as_str());
    }
}

/// Checks a field of a kind whose fields are fixed.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_be_fixed(fits: bool, kind: &str, field: &str, ty: &str, expected: &str) {
    if !fits {
        let text = Text::new()
            .push("`")
            .push(field)
            .push("` of a credential of kind `")
            .push(kind)
            .push("` is `")
            .push(expected)
            .push("`, not `")
            .push(ty)
            .push("`");
        panic!("{}", text.as_str());
    }
}

/// Checks a field without `#[field(plain)]`.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_be_secret(is_secret: bool, field: &str, ty: &str) {
    if !is_secret {
        let text = Text::new()
            .push("`")
            .push(field)
            .push("` is `")
            .push(ty)
            .push("`: use `SecretString`, or mark it `#[field(plain)]` if it may be shown");
        panic!("{}", text.as_str());
    }
}

/// Checks a field with `#[field(plain)]`.
#[track_caller]
#[expect(clippy::panic, reason = "the panic is the compile error")]
pub const fn must_be_plain(is_secret: bool, is_optional_with_default: bool, field: &str) {
    if is_optional_with_default && !is_secret {
        let text = Text::new()
            .push("`")
            .push(field)
            .push("` has a default and is never absent; write it without `Option`");
        panic!("{}", text.as_str());
    }
    if is_secret {
        let text = Text::new().push("`").push(field).push("` is a secret; remove `#[field(plain)]`");
        panic!("{}", text.as_str());
    }
}

/// A further check of a credential: `validate = path`.
#[diagnostic::on_unimplemented(
    message = "expected a function taking `&{C}` and returning `Result<(), E>`",
    label = "not a check of `{C}`",
    note = "`E` is any type with `Display`; the function is not async"
)]
pub trait Validation<C> {
    fn check(&self, credential: &C) -> Result<(), String>;
}
#[diagnostic::do_not_recommend]
impl<C, E: Display, F: Fn(&C) -> Result<(), E>> Validation<C> for F {
    fn check(&self, credential: &C) -> Result<(), String> {
        self(credential).map_err(|error| error.to_string())
    }
}

/// Checks a credential that was read with its author's own function.
pub fn validated<C: Credential, V: Validation<C>>(
    from: &mut FieldReader<'_>,
    credential: C,
    validation: V,
) -> Option<C> {
    from.validate(credential, |credential| validation.check(credential))
}

/// Checks an input with its author's `garde` rules (SEMANTICS E1).
#[cfg(feature = "garde")]
pub fn validate<I: garde::Validate<Context = ()>>(input: &I) -> Result<(), InvalidInput> {
    input.validate().map_err(|report| {
        let problems: Vec<String> = report.iter().map(|(path, error)| format!("`{path}`: {error}")).collect();
        InvalidInput::new(problems.join(", "))
    })
}

/// What `validate` needs of an input when this build has no `garde`: more than any type has.
#[cfg(not(feature = "garde"))]
#[diagnostic::on_unimplemented(
    message = "`validate` needs the feature `garde` of keystroke",
    label = "this build cannot check inputs",
    note = "write `keystroke = {{ version = \"…\", features = [\"garde\"] }}` in Cargo.toml, or remove `validate`"
)]
pub trait Garde {}

/// Checks nothing: see [`Garde`].
#[cfg(not(feature = "garde"))]
pub fn validate<I: Garde>(_: &I) -> Result<(), InvalidInput> {
    Ok(())
}
