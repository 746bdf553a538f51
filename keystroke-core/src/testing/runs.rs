//! Runs of every origin, in one organization and project.

use crate::run::Run;
use crate::run::actor::{Anonymous, AsUser, Background};
use crate::run::clock::Clock;
use crate::run::facts::{BackgroundOrigin, Origin};
use crate::run::runtime::Runtime;
use crate::store::CredentialStore;

/// Makes runs of every origin: of the organization `acme`, the project `research` and the user `ada`, unless it is
/// told others. Its clock is a [`TestClock`](super::TestClock) of its own, so that no test depends on the day. As that
/// clock stands, the minute of [`Runtime::with_redaction_limit`] would never pass, and a test of many leaks would end in
/// `withheld`: these runs have no such limit until [`redaction_limit`](Self::redaction_limit) sets one.
///
/// ```
/// use keystroke_core::testing::TestRuns;
/// use keystroke_core::{BackgroundOrigin, MemoryStore, Origin};
///
/// let runs = TestRuns::new(MemoryStore::new()).project("nightly");
/// assert_eq!(runs.as_user(Origin::Prompt).facts().user.as_deref(), Some("ada"));
/// for run in runs.every_background() {
///     assert_eq!((run.facts().project.as_str(), run.facts().user.as_deref()), ("nightly", None));
/// }
/// assert_eq!(runs.background(BackgroundOrigin::Gateway).facts().origin.as_str(), "gateway");
/// ```
#[derive(Clone, Debug)]
pub struct TestRuns {
    runtime: Runtime,
    organization: String,
    project: String,
    user: String,
}

impl TestRuns {
    /// Runs over a store.
    pub fn new(store: impl CredentialStore) -> Self {
        let runtime = Runtime::new(store).with_redaction_limit(u32::MAX);
        Self::of(runtime.with_clock(super::TestClock::new()))
    }

    /// Runs of a runtime, with the clock, state and limits that it has.
    pub fn of(runtime: Runtime) -> Self {
        Self {
            runtime,
            organization: "acme".to_owned(),
            project: "research".to_owned(),
            user: "ada".to_owned(),
        }
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.runtime = self.runtime.with_clock(clock);
        self
    }

    /// Withholds a credential that is removed from results more often than this in a minute.
    #[must_use]
    pub fn redaction_limit(mut self, per_minute: u32) -> Self {
        self.runtime = self.runtime.with_redaction_limit(per_minute);
        self
    }

    /// Runs of another organization.
    #[must_use]
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = organization.into();
        self
    }

    /// Runs in another project.
    #[must_use]
    pub fn project(mut self, project: impl Into<String>) -> Self {
        self.project = project.into();
        self
    }

    /// Runs for another user.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// The runtime behind the runs.
    pub const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    fn run(&self) -> Run<Anonymous> {
        self.runtime.organization(&self.organization).project(&self.project)
    }

    /// A run without a user.
    pub fn anonymous(&self, origin: Origin) -> Run<Anonymous> {
        self.run().origin(origin)
    }

    /// A run that acts for the user.
    pub fn as_user(&self, origin: Origin) -> Run<AsUser> {
        self.run().as_user(&self.user).origin(origin)
    }

    /// A run that was started in the background, and has no user.
    pub fn background(&self, origin: BackgroundOrigin) -> Run<Background> {
        self.run().background(origin)
    }

    /// A run without a user of each origin that may have one.
    pub fn every_anonymous(&self) -> impl Iterator<Item = Run<Anonymous>> + '_ {
        ORIGINS.into_iter().map(|origin| self.anonymous(origin))
    }

    /// A run that acts for the user, of each origin.
    pub fn every_as_user(&self) -> impl Iterator<Item = Run<AsUser>> + '_ {
        ORIGINS.into_iter().map(|origin| self.as_user(origin))
    }

    /// A run of each background origin.
    pub fn every_background(&self) -> impl Iterator<Item = Run<Background>> + '_ {
        BACKGROUND.into_iter().map(|origin| self.background(origin))
    }
}

const ORIGINS: [Origin; 4] = [Origin::Direct, Origin::Cli, Origin::Prompt, Origin::Workflow];
const BACKGROUND: [BackgroundOrigin; 4] = [
    BackgroundOrigin::Schedule,
    BackgroundOrigin::Webhook,
    BackgroundOrigin::Poll,
    BackgroundOrigin::Gateway,
];
