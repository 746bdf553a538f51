//! Type-level probes of a parameter `&T`: whether it is a credential, the context or state, and which pins, user and
//! requirements it brings.

use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use crate::declare::credential::{Connection, Credential, FieldReader, Pinned};
use crate::declare::requirement::Requirement;
use crate::declare::scope::{
    Mixed, Need, NeedsUser, NoUser, Organization, Project, Scope, ScopePin, Unpinned, User,
};
use crate::execute::context::ActionContext;
use crate::execute::invocation::Invocation;
use crate::private::compile_errors::absent;
use crate::private::kinds::StateOf;
use crate::run::state::{State, StateRequirement};
use crate::store::secret::SecretString;

/// What a parameter `&T` is lent.
pub struct LentProbe<T: ?Sized>(PhantomData<T>);

impl<C: Credential> LentProbe<C> {
    pub const REQUIREMENT: Option<Requirement> = Some(Requirement::of::<C>());
    pub const PIN: u8 = bit::<C::Pin>();
}
impl<C, S> LentProbe<Pinned<C, S>> {
    pub const IS_PINNED: bool = true;
}
impl LentProbe<Connection> {
    pub const IS_CONNECTION: bool = true;
}
impl<C: Credential, S: ScopePin> LentProbe<Pinned<C, S>> {
    /// The credential's own pin, and that of the parameter.
    pub const PINNED: Option<(u8, u8)> = Some((bit::<C::Pin>(), bit::<S>()));
}
impl LentProbe<ActionContext> {
    pub const IS_CONTEXT: bool = true;
}
impl LentProbe<SecretString> {
    pub const IS_SECRET: bool = true;
}
impl<T> LentProbe<Option<T>> {
    pub const IS_OPTION: bool = true;
}
impl<T: ?Sized> LentProbe<State<T>> {
    pub const IS_STATE: bool = true;
}
impl<T: ?Sized> LentProbe<Option<State<T>>> {
    pub const HOLDS_STATE: bool = true;
}
impl<T: ?Sized> LentProbe<Box<State<T>>> {
    pub const HOLDS_STATE: bool = true;
}
impl<T: ?Sized> LentProbe<Arc<State<T>>> {
    pub const HOLDS_STATE: bool = true;
}
impl<T: ?Sized> LentProbe<Rc<State<T>>> {
    pub const HOLDS_STATE: bool = true;
}
impl<T: Send + Sync + 'static> LentProbe<State<T>> {
    pub const STATE: Option<StateRequirement> = Some(StateRequirement::of::<T>());
}
impl<C: Credential> LentProbe<State<C>> {
    pub const STATE_OF: StateOf = StateOf::Credential;
}
impl LentProbe<State<SecretString>> {
    pub const STATE_OF: StateOf = StateOf::Secret;
}
impl LentProbe<State<Connection>> {
    pub const STATE_OF: StateOf = StateOf::Connection;
}
impl LentProbe<State<ActionContext>> {
    pub const STATE_OF: StateOf = StateOf::Context;
}

/// What [`LentProbe`] says of any other type.
pub trait LentRest {
    const REQUIREMENT: Option<Requirement> = None;
    const PIN: u8 = 0;
    const PINNED: Option<(u8, u8)> = None;
    const IS_CONTEXT: bool = false;
    const IS_SECRET: bool = false;
    const IS_OPTION: bool = false;
    const IS_PINNED: bool = false;
    const IS_CONNECTION: bool = false;
    const IS_STATE: bool = false;
    const HOLDS_STATE: bool = false;
    const STATE: Option<StateRequirement> = None;
    const STATE_OF: StateOf = StateOf::Value;
}
impl<T: ?Sized> LentRest for LentProbe<T> {}

/// What a parameter is that is spelled `Option<&T>`.
pub struct OptionProbe<T: ?Sized>(PhantomData<T>);

impl<T: 'static> OptionProbe<Option<&'static T>> {
    pub const IS_OPTION: bool = true;

    /// The credential, if the call was lent one (SEMANTICS R11).
    pub fn lend(lent: &Invocation) -> Option<&T> {
        lent.credential()
    }
}

/// What [`OptionProbe`] says of any other type of that name.
pub trait OptionRest {
    const IS_OPTION: bool = false;

    fn lend<R>(_: &Invocation) -> R {
        absent()
    }
}
impl<T: ?Sized> OptionRest for OptionProbe<T> {}

/// Whether two types are one.
pub struct SameProbe<A: ?Sized, B: ?Sized>(PhantomData<A>, PhantomData<B>);

impl<T: ?Sized> SameProbe<T, T> {
    pub const IS_SAME: bool = true;
}
/// What [`SameProbe`] says of any other two.
pub trait SameRest {
    const IS_SAME: bool = false;
}
impl<A: ?Sized, B: ?Sized> SameRest for SameProbe<A, B> {}

const fn bit<P: ScopePin>() -> u8 {
    match P::SCOPE {
        None => 0,
        Some(Scope::Organization) => 1,
        Some(Scope::Project) => 2,
        Some(Scope::User) => 4,
    }
}

/// The pin `P` as a bit.
pub const fn pin_of<P: ScopePin>() -> u8 {
    bit::<P>()
}

/// All pins of a list of parameters.
pub const fn pins(mut each: &[u8]) -> u8 {
    let mut all = 0;
    while let [first, rest @ ..] = each {
        all |= *first;
        each = rest;
    }
    all
}

/// From a set of pins to a type.
pub struct PinSet<const M: u8>;
/// See [`PinSet`].
pub trait ToPin {
    /// The type.
    type Pin: 'static;
}
impl ToPin for PinSet<0> {
    type Pin = Unpinned;
}
impl ToPin for PinSet<1> {
    type Pin = Organization;
}
impl ToPin for PinSet<2> {
    type Pin = Project;
}
impl ToPin for PinSet<4> {
    type Pin = User;
}
impl ToPin for PinSet<3> {
    type Pin = Mixed;
}
impl ToPin for PinSet<5> {
    type Pin = Mixed;
}
impl ToPin for PinSet<6> {
    type Pin = Mixed;
}
impl ToPin for PinSet<7> {
    type Pin = Mixed;
}

/// From "acts as a user" to a type.
pub struct Needs<const USER: bool>;
/// See [`Needs`].
pub trait ToNeed {
    /// The type.
    type Need: Need;
}
impl ToNeed for Needs<false> {
    type Need = NoUser;
}
impl ToNeed for Needs<true> {
    type Need = NeedsUser;
}

/// The requirement of a parameter `Option<&C>`.
pub const fn optional(requirement: Option<Requirement>) -> Option<Requirement> {
    match requirement {
        Some(requirement) => Some(requirement.optional()),
        None => None,
    }
}

/// How many of the parameters are credentials, or state.
pub const fn count<T>(mut each: &[Option<T>]) -> usize {
    let mut count = 0;
    while let [first, rest @ ..] = each {
        if first.is_some() {
            count += 1;
        }
        each = rest;
    }
    count
}

/// The credentials among the parameters; `N` is their [`count`].
#[expect(clippy::indexing_slicing, reason = "`at` stays below `N`, and `get_mut` is not const")]
pub const fn requirements<const N: usize>(mut each: &[Option<Requirement>]) -> [Requirement; N] {
    let mut found = [Requirement::of::<Filler>(); N];
    let mut at = 0;
    while let [first, rest @ ..] = each {
        if let Some(requirement) = first
            && at < N
        {
            found[at] = *requirement;
            at += 1;
        }
        each = rest;
    }
    found
}

/// The state among the parameters; `N` is its [`count`].
#[expect(clippy::indexing_slicing, reason = "`at` stays below `N`, and `get_mut` is not const")]
pub const fn states<const N: usize>(mut each: &[Option<StateRequirement>]) -> [StateRequirement; N] {
    let mut found = [StateRequirement::of::<()>(); N];
    let mut at = 0;
    while let [first, rest @ ..] = each {
        if let Some(state) = first
            && at < N
        {
            found[at] = *state;
            at += 1;
        }
        each = rest;
    }
    found
}

/// Stands in the array until the real requirements do.
struct Filler;
impl Credential for Filler {
    const KEY: &'static str = "";
    type Pin = Unpinned;
    const FIELDS: &'static [crate::FieldSpec] = &[];
    fn read(_: &mut FieldReader<'_>) -> Option<Self> {
        None
    }
    fn secrets(&self, _: &mut dyn FnMut(&'static str, &str)) {}
}

/// What a parameter `&T` borrows for the call.
///
/// # Panics
/// If the action's `REQUIREMENTS` and `STATE` do not hold `T`. Generated code lists exactly its parameters, and a parameter that
/// can't be lent does not compile.
#[expect(
    clippy::panic,
    reason = "a generated action lists what it borrows; a silent stand-in would be worse"
)]
#[inline]
pub fn lend<T: 'static>(lent: &Invocation) -> &T {
    match lent.find() {
        Some(value) => value,
        None => panic!("the action does not declare `{}`", std::any::type_name::<T>()),
    }
}
