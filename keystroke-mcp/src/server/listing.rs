//! Which tools a client is shown: those that it can call. A token may be limited to named tools, and a tool that acts for
//! a user is of no use to a client without one.

use rmcp::model::{ListToolsResult, ProtocolVersion};

use crate::call::guarded;
use crate::client::{Client, told_of};
use crate::request::{Reach, Request};
use crate::server::Shared;
use crate::wire::Callable;
use keystroke_tokens::{TokenError, Tokens};

impl Shared {
    pub(crate) fn list(&self, client: &Client, version: Option<&ProtocolVersion>) -> ListToolsResult {
        let list = self.listed.list(version, |tool| self.can_call(client, tool));
        if list.tools.is_empty() && self.listed.names().next().is_some() && !self.allows_none(client) {
            told_of!(
                WARN,
                client,
                agent = self.agent.slug(),
                fix = client.user_fix(),
                "a client can call no tool: all act for a user, and it has none"
            );
        }
        list
    }

    fn can_call(&self, client: &Client, tool: Callable) -> bool {
        if !client.binding.allows(tool.name) {
            return false;
        }
        let Some(reach) = &self.reach else { return true };
        let request = Request::new(self, client, tool.name);
        match guarded(|| reach(&request)) {
            Some(Reach::All) => true,
            Some(Reach::WithoutUser) => !tool.needs_user,
            Some(Reach::Nothing) => false,
            None => {
                let agent = self.agent.slug();
                told_of!(
                    ERROR,
                    client,
                    tool = tool.name,
                    agent,
                    "a tool was not listed: what makes its run panicked"
                );
                false
            }
        }
    }

    /// Whether the client is limited to tools of which this server has none; the operator is then told.
    pub(crate) fn allows_none(&self, client: &Client) -> bool {
        let Some(tools) = &client.binding.tools else { return false };
        if self.listed.names().any(|name| client.binding.allows(name)) {
            return false;
        }
        let tools: Vec<&str> = tools.iter().map(String::as_str).collect();
        told_of!(
            WARN,
            client,
            agent = self.agent.slug(),
            tools = tools.join(", "),
            fix = client.tools_fix(self.listed.names()),
            "a client can call no tool: those that it is limited to are none of this server's"
        );
        true
    }

    /// Warns of each token with which a client could call nothing.
    pub(crate) fn look_at(&self, tokens: &Tokens) -> Result<(), TokenError> {
        for info in tokens.list()?.into_iter().filter(|info| !info.expired) {
            self.allows_none(&Client::by_token(info.binding.into(), info.id.into()));
        }
        Ok(())
    }
}
