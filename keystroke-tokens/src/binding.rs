//! What a token allows: organization, project, user and tools; and the request for a new one.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

/// Whom a client's calls act for, and which tools it may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Binding {
    /// The organization.
    pub organization: String,
    /// The project.
    pub project: String,
    /// The user, if there is one.
    pub user: Option<String>,
    /// The only tools that the client may use. `None` allows all.
    pub tools: Option<BTreeSet<String>>,
}

impl Binding {
    /// An organization and one of its projects, without a user and with all tools.
    pub fn new(organization: impl Into<String>, project: impl Into<String>) -> Self {
        Self { organization: organization.into(), project: project.into(), user: None, tools: None }
    }

    /// The same for a user.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// The same for these tools alone, by name. To its client a server has no others.
    #[must_use]
    pub fn tools<T: Into<String>>(mut self, tools: impl IntoIterator<Item = T>) -> Self {
        self.tools = Some(tools.into_iter().map(Into::into).collect());
        self
    }

    /// Whether the client may use the tool of this name.
    pub fn allows(&self, tool: &str) -> bool {
        self.tools.as_ref().is_none_or(|tools| tools.contains(tool))
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "organization {}, project {}", self.organization, self.project)?;
        match &self.user {
            Some(user) => write!(f, ", user {user}")?,
            None => f.write_str(", no user")?,
        }
        let Some(tools) = &self.tools else { return Ok(()) };
        f.write_str(", with no tool but ")?;
        for (index, tool) in tools.iter().enumerate() {
            write!(f, "{}`{tool}`", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}
