//! What a run is, as values: for stores, actions, errors and audit records.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::run::consumer::Consumer;
use crate::store::instance::InstanceId;

/// What may start a run with or without a user; given to [`Run::origin`](crate::Run::origin).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A call in a program.
    Direct,
    /// A command line.
    Cli,
    /// A prompt to an agent.
    Prompt,
    /// A workflow.
    Workflow,
}

/// What starts a run in the background: such a run never has a user (SEMANTICS P4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BackgroundOrigin {
    /// A schedule.
    Schedule,
    /// A request from outside.
    Webhook,
    /// A regular check for something new.
    Poll,
    /// A chat workspace such as Slack; it acts as the workspace's connected account.
    Gateway,
}

/// What started a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RunOrigin {
    /// [`Origin::Direct`].
    #[default]
    Direct,
    /// [`Origin::Cli`].
    Cli,
    /// [`Origin::Prompt`].
    Prompt,
    /// [`Origin::Workflow`].
    Workflow,
    /// [`BackgroundOrigin::Schedule`].
    Schedule,
    /// [`BackgroundOrigin::Webhook`].
    Webhook,
    /// [`BackgroundOrigin::Poll`].
    Poll,
    /// [`BackgroundOrigin::Gateway`].
    Gateway,
}

impl RunOrigin {
    /// The origin's name in lower case, such as `webhook`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Cli => "cli",
            Self::Prompt => "prompt",
            Self::Workflow => "workflow",
            Self::Schedule => "schedule",
            Self::Webhook => "webhook",
            Self::Poll => "poll",
            Self::Gateway => "gateway",
        }
    }
}

impl RunOrigin {
    /// Whether such a run never has a user (SEMANTICS P4).
    pub(crate) const fn is_background(self) -> bool {
        matches!(self, Self::Schedule | Self::Webhook | Self::Poll | Self::Gateway)
    }
}

impl fmt::Display for RunOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RunOrigin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<Origin> for RunOrigin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Direct => Self::Direct,
            Origin::Cli => Self::Cli,
            Origin::Prompt => Self::Prompt,
            Origin::Workflow => Self::Workflow,
        }
    }
}

impl From<BackgroundOrigin> for RunOrigin {
    fn from(origin: BackgroundOrigin) -> Self {
        match origin {
            BackgroundOrigin::Schedule => Self::Schedule,
            BackgroundOrigin::Webhook => Self::Webhook,
            BackgroundOrigin::Poll => Self::Poll,
            BackgroundOrigin::Gateway => Self::Gateway,
        }
    }
}

/// What a run is, without its type: for stores, actions and audit records.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The run's own id.
    pub id: String,
    /// The organization it runs for.
    pub organization: String,
    /// The project it runs in.
    pub project: String,
    /// The user it acts for, if any.
    pub user: Option<String>,
    /// What started it.
    pub origin: RunOrigin,
    /// The container that calls actions in it.
    pub consumer: Consumer,
    /// The instances selected for it, by key.
    pub selections: Vec<(String, InstanceId)>,
}

impl RunFacts {
    pub(crate) fn selected(&self, key: &str) -> Option<&InstanceId> {
        self.selections.iter().rev().find(|(selected, _)| selected == key).map(|(_, id)| id)
    }
}
