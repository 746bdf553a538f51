//! Which tools a client is shown: those that it can call. A token may be limited to named tools, and a tool that acts for a
//! user is of no use to a client without one.

use std::sync::Arc;

use keystroke_tokens::{TokenError, Tokens};
use rmcp::model::{ListToolsResult, ProtocolVersion};

use crate::client::{Client, client_event};
use crate::panics::caught;
use crate::server::run::{RunRequest, ToolAccess};
use crate::server::shared::Shared;
use crate::tools::ListedTool;

impl Shared {
    /// What the program's closure makes a run of.
    pub(crate) fn request(&self, client: &Client, tool: &'static str) -> RunRequest {
        RunRequest::new(self.runtime.clone(), Arc::clone(&client.binding), tool)
    }

    pub(crate) fn list(&self, client: &Client, version: Option<&ProtocolVersion>) -> ListToolsResult {
        let list = self.tools.list(version, |tool| self.can_call(client, tool));
        if list.tools.is_empty()
            && self.tools.names().next().is_some()
            && !self.warn_if_all_are_forbidden(client)
        {
            client_event!(
                WARN,
                client,
                agent = self.agent.slug(),
                fix = client.user_fix(),
                "a client can call no tool: all act for a user, and it has none"
            );
        }
        list
    }

    fn can_call(&self, client: &Client, tool: ListedTool) -> bool {
        if !client.binding.allows(tool.name) {
            return false;
        }
        let Some(access) = &self.access else { return true };
        let request = self.request(client, tool.name);
        match caught(|| access(&request)) {
            Some(ToolAccess::All) => true,
            Some(ToolAccess::WithoutUser) => !tool.needs_user,
            Some(ToolAccess::None) => false,
            None => {
                let agent = self.agent.slug();
                client_event!(
                    ERROR,
                    client,
                    tool = tool.name,
                    agent,
                    "a tool was not listed: the closure that makes its run panicked"
                );
                false
            }
        }
    }

    /// Whether the client is limited to tools of which this server has none; if so, the operator is warned.
    pub(crate) fn warn_if_all_are_forbidden(&self, client: &Client) -> bool {
        let Some(tools) = &client.binding.tools else { return false };
        if self.tools.names().any(|name| client.binding.allows(name)) {
            return false;
        }
        let tools: Vec<&str> = tools.iter().map(String::as_str).collect();
        client_event!(
            WARN,
            client,
            agent = self.agent.slug(),
            tools = tools.join(", "),
            fix = client.tools_fix(self.tools.names()),
            "a client can call no tool: this server has none of those that it is limited to"
        );
        true
    }

    /// Warns of each token with which a client could call nothing.
    pub(crate) fn warn_of_useless(&self, tokens: &Tokens) -> Result<(), TokenError> {
        for info in tokens.list()?.into_iter().filter(|info| !info.expired) {
            self.warn_if_all_are_forbidden(&Client::by_token(info.binding.into(), info.id.into()));
        }
        Ok(())
    }
}
