//! Where a credential instance belongs, and pins as types.
//!
//! A *scope* is organization, project or user. A *pin* is a scope fixed in code (SEMANTICS P1–P3). Pins are
//! types, so that two pins that disagree, and a user pin on a run without a user, are compile errors.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scope as a value: what the traits below say in types, for messages, stores and traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Shared by every project of an organization.
    Organization,
    /// Belongs to one project.
    Project,
    /// Belongs to one user, and is used only for runs that act for that user.
    User,
}

impl Scope {
    /// The scope's name as users write it: `organization`, `project` or `user`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Project => "project",
            Self::User => "user",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Pins to the organization scope.
#[derive(Clone, Copy, Debug, Default)]
pub struct Organization;
/// Pins to the project scope.
#[derive(Clone, Copy, Debug, Default)]
pub struct Project;
/// Pins to the user scope; whatever is pinned so needs a run with a user (SEMANTICS P3).
#[derive(Clone, Copy, Debug, Default)]
pub struct User;
/// No pin. This is not a scope: it cannot be given to `.scope(…)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unpinned;
/// The pins of an action's credentials when they differ: no single scope fits them all.
#[derive(Clone, Copy, Debug)]
pub struct Mixed;

mod sealed {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a scope: the scopes are `Organization`, `Project` and `User`",
        label = "not a scope",
        note = "the scopes are a closed set; use one of `keystroke::scope::{{Organization, Project, User}}`"
    )]
    pub trait Sealed {}
}
use sealed::Sealed;

impl Sealed for Organization {}
impl Sealed for Project {}
impl Sealed for User {}
impl Sealed for Unpinned {}

/// A pin level in types: [`Organization`], [`Project`], [`User`] or [`Unpinned`]. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scope: the scopes are `Organization`, `Project` and `User`",
    label = "not a scope",
    note = "the scopes are a closed set; use one of `keystroke::scope::{{Organization, Project, User}}`"
)]
pub trait ScopePin: Sealed + Copy + Send + Sync + 'static {
    /// The scope it pins to; `None` for [`Unpinned`].
    const SCOPE: Option<Scope>;
    /// What a use with this pin needs, if its action needs `N` without it.
    type NeedOver<N: Need>: Need;
}

impl ScopePin for Organization {
    const SCOPE: Option<Scope> = Some(Scope::Organization);
    type NeedOver<N: Need> = N;
}
impl ScopePin for Project {
    const SCOPE: Option<Scope> = Some(Scope::Project);
    type NeedOver<N: Need> = N;
}
impl ScopePin for User {
    const SCOPE: Option<Scope> = Some(Scope::User);
    type NeedOver<N: Need> = NeedsUser;
}
impl ScopePin for Unpinned {
    const SCOPE: Option<Scope> = None;
    type NeedOver<N: Need> = N;
}

/// A scope that may be given to `.scope(…)`: [`Organization`], [`Project`] or [`User`]. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scope: the scopes are `Organization`, `Project` and `User`",
    label = "not a scope",
    note = "the scopes are a closed set; use one of `keystroke::scope::{{Organization, Project, User}}`"
)]
pub trait PinScope: ScopePin {}
impl PinScope for Organization {}
impl PinScope for Project {}
impl PinScope for User {}

/// A scope that may be given to `.scope(…)` where the pin so far is `P` (SEMANTICS P1): any where nothing is pinned yet,
/// else only the same one. No `do_not_recommend` here: the compiler's own way leads to [`Admits`] and its message.
pub trait PinFor<P> {}
impl<S, P: Admits<S>> PinFor<P> for S {}

/// The pins that a level lets in; the other side of [`PinFor`]. [`Unpinned`] lets in anything: what is no scope is
/// told by [`PinScope`] alone.
#[diagnostic::on_unimplemented(
    message = "this action is already pinned to `{Self}`",
    label = "another scope than `{Self}`",
    note = "two different pins never agree; remove this `.scope(…)`, or the pin it meets"
)]
pub trait Admits<S> {}
impl<S> Admits<S> for Unpinned {}

/// A scope that agrees with the pins `C` of an action's own credentials (SEMANTICS P1).
pub trait PinOver<C> {}
impl<S, C: Suits<S>> PinOver<C> for S {}

/// The scopes that a credential's pin suits; the other side of [`PinOver`].
#[diagnostic::on_unimplemented(
    message = "credential pinned to `{Self}` cannot be used by an action pinned to `{S}`",
    label = "a credential of this action is pinned to `{Self}`",
    note = "two different pins never agree; remove this `.scope(…)`, or the pin on the credential"
)]
pub trait Suits<S> {}
impl<S> Suits<S> for Unpinned {}

/// What is still asked of a run where the pin `Self` meets the scope `S`: `N` where they agree, and nothing where
/// they don't, because that is an error already.
pub trait Meets<S> {
    /// What is asked.
    type Then<N: Need>: Need;
}

impl<S> Meets<S> for Unpinned {
    type Then<N: Need> = N;
}

/// Which pin meets which scope, and whether they agree.
macro_rules! pins {
    ($($pin:ident meets $scope:ident $($agrees:ident)?;)*) => { $(
        pins!(@ $pin $scope $($agrees)?);
    )* };
    (@ $pin:ident $scope:ident agrees) => {
        impl Admits<$scope> for $pin {}
        impl Suits<$scope> for $pin {}
        impl Meets<$scope> for $pin {
            type Then<N: Need> = N;
        }
    };
    (@ $pin:ident $scope:ident) => {
        impl Meets<$scope> for $pin {
            type Then<N: Need> = NoUser;
        }
    };
}
pins! {
    Organization meets Organization agrees;
    Organization meets Project;
    Organization meets User;
    Project meets Organization;
    Project meets Project agrees;
    Project meets User;
    User meets Organization;
    User meets Project;
    User meets User agrees;
    Mixed meets Organization;
    Mixed meets Project;
    Mixed meets User;
}

/// Whether a run must have a user: [`NoUser`] or [`NeedsUser`]. Sealed.
pub trait Need: sealed_need::Sealed + Send + Sync + 'static {
    /// The same as a value.
    const NEEDS_USER: bool;
    /// What two uses together need.
    type And<N: Need>: Need;
}

/// Runs with and without a user will do.
#[derive(Clone, Copy, Debug)]
pub struct NoUser;
/// Acts as a user: only a run that has one will do (SEMANTICS P3).
#[derive(Clone, Copy, Debug)]
pub struct NeedsUser;

mod sealed_need {
    pub trait Sealed {}
    impl Sealed for super::NoUser {}
    impl Sealed for super::NeedsUser {}
}

impl Need for NoUser {
    const NEEDS_USER: bool = false;
    type And<N: Need> = N;
}
impl Need for NeedsUser {
    const NEEDS_USER: bool = true;
    type And<N: Need> = Self;
}
