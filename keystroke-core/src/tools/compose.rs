//! Lists made of other lists, and entries with a condition. What a list needs is in its type, whatever a condition comes to
//! at run time.

use std::marker::PhantomData;

use super::toolset::{Toolset, ToolsetBuilder};
use super::toolset_error::ToolsetErrors;
use crate::declare::action::Action;
use crate::declare::scope::{Need, NeedsUser};

/// What can be merged into a list: a [`Toolset`], or the `Result` that building one gave. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a toolset",
    label = "not a toolset",
    note = "merge a `Toolset`, or what `toolset![…]` gives, as it is; an action stands in a list without `..`, or is added by `.add(…)`"
)]
pub trait Mergeable: sealed::Sealed {
    /// Whether its tools need a user.
    type Need: Need;

    #[doc(hidden)]
    fn tools(self) -> Result<Toolset<Self::Need>, ToolsetErrors>;
}

mod sealed {
    pub trait Sealed {}
    impl<N> Sealed for super::Toolset<N> {}
    impl<N> Sealed for Result<super::Toolset<N>, super::ToolsetErrors> {}
}

impl<N: Need> Mergeable for Toolset<N> {
    type Need = N;

    fn tools(self) -> Result<Self, ToolsetErrors> {
        Ok(self)
    }
}

impl<N: Need> Mergeable for Result<Toolset<N>, ToolsetErrors> {
    type Need = N;

    fn tools(self) -> Self {
        self
    }
}

impl<N: Need> ToolsetBuilder<N> {
    /// Adds an action if `condition` holds. Either way the type is that of a list with the action: if it is pinned to the user
    /// scope, all calls of the list need a run with a user.
    #[must_use]
    pub fn add_if<A: Action>(self, condition: bool, action: A) -> ToolsetBuilder<N::And<A::Need>> {
        if condition { self.add(action) } else { ToolsetBuilder::of(self.tools, self.findings) }
    }

    /// Adds all tools of another toolset, such as that of a library. If building that one failed, its errors
    /// are added to those of this one.
    #[must_use]
    pub fn merge<T: Mergeable>(mut self, other: T) -> ToolsetBuilder<N::And<T::Need>> {
        match other.tools() {
            Ok(other) => self.tools.extend(other.tools.iter().cloned()),
            Err(ToolsetErrors(findings)) => self.findings.extend(findings),
        }
        ToolsetBuilder::of(self.tools, self.findings)
    }

    /// The same list, only for runs with a user, whether or not an entry needs one: so it has the same type as a list with
    /// such an entry.
    #[must_use]
    pub fn needing_user(self) -> ToolsetBuilder<NeedsUser> {
        ToolsetBuilder::of(self.tools, self.findings)
    }
}

impl<N: Need> Toolset<N> {
    /// The tools of both, this one's first. It needs a user if either does.
    ///
    /// # Errors
    /// As [`ToolsetBuilder::build`]: two tools with one slug, say.
    pub fn merge<T: Mergeable>(self, other: T) -> Result<Toolset<N::And<T::Need>>, ToolsetErrors> {
        self.into_builder().merge(other).build()
    }

    /// The same tools, only for runs with a user: for a branch of an `if` whose other branch needs one.
    #[must_use]
    pub fn needing_user(self) -> Toolset<NeedsUser> {
        Toolset { tools: self.tools, by_slug: self.by_slug, need: PhantomData }
    }

    /// A builder that starts with these tools.
    pub fn into_builder(self) -> ToolsetBuilder<N> {
        ToolsetBuilder::of(self.tools.to_vec(), Vec::new())
    }
}
