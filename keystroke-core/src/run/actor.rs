//! Who a run acts for, as types: so an action that needs a user does not compile on a run without one (SEMANTICS P3, P4).

use std::sync::Arc;

use super::runtime::RunInner;
use crate::declare::scope::{Meets, NeedsUser, NoUser, ScopePin};

/// A run that has no user, and may be given one with [`Run::as_user`](crate::Run::as_user).
#[derive(Clone, Copy, Debug)]
pub struct Anonymous;
/// A run that acts for a user.
#[derive(Clone, Copy, Debug)]
pub struct AsUser;
/// A run that a schedule, webhook, poll or gateway started. It has no user and can't be given one, so it has no
/// `as_user`: nobody is signed in when it starts (SEMANTICS P4).
#[derive(Clone, Copy, Debug)]
pub struct Background;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Anonymous {}
    impl Sealed for super::AsUser {}
    impl Sealed for super::Background {}
}

/// Who a run acts for, as a type: [`Anonymous`], [`AsUser`] or [`Background`]. Sealed.
pub trait Actor: sealed::Sealed + Send + Sync + 'static {}
impl Actor for Anonymous {}
impl Actor for AsUser {}
impl Actor for Background {}

/// A run that gives a use what it needs: every run for [`NoUser`], a run with a user for [`NeedsUser`].
#[diagnostic::on_unimplemented(
    message = "this action acts as a user, but this run has none",
    label = "a run without a user",
    note = "give the run its signed-in user with `.as_user(…)`; a background run has none, so pin to `Organization` or `Project` there",
    note = "in a generic function over actions `A`, take `run: &R` with `R: RunFor<A::Need>`"
)]
pub trait RunFor<N>: AnyRun {}
// A blanket over every type, so that the compiler lists no implementations below our sentence.
#[diagnostic::do_not_recommend]
impl<N, R: AnyRun<Actor: Gives<N>>> RunFor<N> for R {}

/// [`RunFor`] as a toolset asks it, so that the message speaks of the toolset.
#[diagnostic::on_unimplemented(
    message = "this toolset acts as a user, but this run has none",
    label = "a run without a user",
    note = "give the run its signed-in user with `.as_user(…)`; a background run has none, so pin to `Organization` or `Project` there"
)]
pub trait ToolsetRunFor<N>: AnyRun {}
#[diagnostic::do_not_recommend]
impl<N, R: RunFor<N>> ToolsetRunFor<N> for R {}

/// What [`RunFor`] and [`PinIn`] ask of a run's actor: every one gives [`NoUser`], and [`AsUser`] also [`NeedsUser`].
///
/// It is exported so that the compiler names it by its last word where a call is pinned to a user that its run does not have.
#[diagnostic::on_unimplemented(
    message = "this call acts as a user, but its run has none",
    label = "needs a run with a user",
    note = "give the run its signed-in user with `.as_user(…)`; a background run has none, so pin to `Organization` or `Project` there"
)]
pub trait Gives<N> {}
impl<A: Actor> Gives<NoUser> for A {}
// Else the compiler points below our sentence to this line.
#[diagnostic::do_not_recommend]
impl Gives<NeedsUser> for AsUser {}

/// A [`Run`](crate::Run) of any actor. Sealed.
///
/// Functions that take a run ask for this beside its subtrait [`RunFor`]: so the compiler says of any other value that it is
/// not a run, rather than that it has no user.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a run",
    label = "`{Self}` in the place of a run",
    note = "a run is of one organization and one project: `runtime.organization(\"acme\").project(\"research\")`"
)]
pub trait AnyRun: sealed_run::Sealed {
    /// Who the run acts for.
    type Actor: Actor;

    #[doc(hidden)]
    fn inner(&self) -> &Arc<RunInner>;
}

pub(super) mod sealed_run {
    pub trait Sealed {}
}

/// A scope that a call of a run by `A` may be pinned to: every one but [`User`](crate::scope::User), which needs
/// [`AsUser`]. Where it does not agree with the pin `P` so far or with the credentials' pins `C`, nothing is asked of the
/// run: that error is enough. No `do_not_recommend`: the message is that of `Gives`.
pub trait PinIn<A, P, C> {}
impl<A, S, P, C> PinIn<A, P, C> for S
where
    S: ScopePin,
    P: Meets<S>,
    C: Meets<S>,
    A: Actor + Gives<C::Then<P::Then<S::NeedOver<NoUser>>>>,
{
}
