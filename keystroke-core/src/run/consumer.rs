//! Who asks for a credential, and which instance is assigned to whom (SEMANTICS R2).

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an action is called from. With the action's slug it is the consumer that an [`Assignment`] names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consumer {
    /// Called directly.
    #[default]
    Direct,
    /// A step of this workflow.
    Workflow(String),
    /// A tool of this agent.
    Agent(String),
    /// The action of this poll.
    Poll(String),
}

impl Consumer {
    /// The workflow `slug`.
    pub fn workflow(slug: impl Into<String>) -> Self {
        Self::Workflow(slug.into())
    }

    /// The agent `slug`.
    pub fn agent(slug: impl Into<String>) -> Self {
        Self::Agent(slug.into())
    }

    /// The poll `slug`.
    pub fn poll(slug: impl Into<String>) -> Self {
        Self::Poll(slug.into())
    }

    /// `direct`, `workflow`, `agent` or `poll`: how stores and audit records write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Workflow(_) => "workflow",
            Self::Agent(_) => "agent",
            Self::Poll(_) => "poll",
        }
    }

    /// The container's slug; empty when called directly.
    pub fn slug(&self) -> &str {
        match self {
            Self::Direct => "",
            Self::Workflow(slug) | Self::Agent(slug) | Self::Poll(slug) => slug,
        }
    }

    /// The inverse of [`kind`](Self::kind) and [`slug`](Self::slug); `None` for an unknown kind.
    pub fn from_parts(kind: &str, slug: &str) -> Option<Self> {
        match kind {
            "direct" => Some(Self::Direct),
            "workflow" => Some(Self::workflow(slug)),
            "agent" => Some(Self::agent(slug)),
            "poll" => Some(Self::poll(slug)),
            _ => None,
        }
    }

    /// How an error begins to speak of it: `This agent`, `This action`, …
    pub(crate) const fn this(&self) -> &'static str {
        match self {
            Self::Direct => "This action",
            Self::Workflow(_) => "This workflow",
            Self::Agent(_) => "This agent",
            Self::Poll(_) => "This poll",
        }
    }
}

impl fmt::Display for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("direct"),
            other => write!(f, "{} {}", other.kind(), other.slug()),
        }
    }
}

/// Where an assignment holds: (organization, project, consumer, action). Bound to a key and an instance by the
/// store it is given to.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{Assignment, Instance, MemoryStore};
///
/// let store = MemoryStore::new()
///     .with(Instance::new("exa").in_organization("acme").id("exa-shared").field("api_key", "shared-key"))
///     .assign(Assignment::in_project("acme", "research").tool("researcher", "search"), "exa", "exa-shared");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Assignment {
    /// The organization.
    pub organization: String,
    /// The project.
    pub project: String,
    /// What calls the action.
    pub consumer: Consumer,
    /// The action's slug.
    pub action: String,
}

/// An [`Assignment`] that still lacks its consumer.
#[derive(Clone, Debug)]
pub struct AssignmentIn {
    organization: String,
    project: String,
}

impl Assignment {
    /// Begins an assignment in a project.
    pub fn in_project(organization: impl Into<String>, project: impl Into<String>) -> AssignmentIn {
        AssignmentIn { organization: organization.into(), project: project.into() }
    }
}

impl AssignmentIn {
    /// For an action that is called directly.
    pub fn direct(self, action: impl Into<String>) -> Assignment {
        self.to(Consumer::Direct, action)
    }

    /// For an action as a step of a workflow.
    pub fn step(self, workflow: impl Into<String>, action: impl Into<String>) -> Assignment {
        self.to(Consumer::workflow(workflow), action)
    }

    /// For an action as a tool of an agent.
    pub fn tool(self, agent: impl Into<String>, action: impl Into<String>) -> Assignment {
        self.to(Consumer::agent(agent), action)
    }

    /// For the action of a poll.
    pub fn poll(self, poll: impl Into<String>, action: impl Into<String>) -> Assignment {
        self.to(Consumer::poll(poll), action)
    }

    /// For any consumer.
    pub fn to(self, consumer: Consumer, action: impl Into<String>) -> Assignment {
        Assignment { organization: self.organization, project: self.project, consumer, action: action.into() }
    }
}
