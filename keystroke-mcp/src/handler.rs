//! The protocol's requests, as `rmcp` hands them over.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorCode, ErrorData,
    ListToolsResult, PaginatedRequestParams, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use crate::call::IncomingCall;
use crate::client::{Client, client_event};
use crate::safe_name::safe_name;
use crate::server::Shared;
use crate::tools::{ListedTool, is_stateless};
use crate::transport::{Route, Transport};

/// Serves one connection, or over HTTP one request.
#[derive(Clone)]
pub(crate) struct Handler<T> {
    shared: Arc<Shared>,
    transport: T,
}

impl<T: Transport> Handler<T> {
    pub(crate) const fn new(shared: Arc<Shared>, transport: T) -> Self {
        Self { shared, transport }
    }

    fn client(&self, context: &RequestContext<RoleServer>) -> Result<Client, ErrorData> {
        self.transport.client(context).ok_or_else(unknown_client)
    }

    /// The tool of this name, if the client may call it. A client can't tell a tool that it may not call from one that does
    /// not exist; the operator is told which it was.
    fn find(&self, client: &Client, name: &str) -> Result<ListedTool, ErrorData> {
        let agent = self.shared.agent.slug();
        match self.shared.tools.find(name) {
            Some(tool) if client.binding.allows(tool.name) => return Ok(tool),
            Some(tool) => {
                let allowed = client.binding.tools.iter().flatten().map(String::as_str);
                let fix = client.tools_fix(allowed.chain([tool.name]));
                client_event!(
                    WARN,
                    client,
                    tool = tool.name,
                    agent,
                    fix,
                    "a tool was not called: the client is limited to others"
                );
            }
            None => client_event!(WARN, client, tool = safe_name(name), agent, "there is no such tool"),
        }
        Err(ErrorData::invalid_params(format!("there is no tool `{}`", safe_name(name)), None))
    }
}

fn unknown_client() -> ErrorData {
    ErrorData::internal_error("it is not known who this client acts for", None)
}

impl<T: Transport> ServerHandler for Handler<T> {
    fn get_info(&self) -> ServerConfig {
        self.shared.config.clone()
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(self.shared.list(&self.client(&context)?, context.protocol_version().as_ref()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let client = self.client(&context)?;
        let tool = self.find(&client, &request.name)?;
        let Route { reply, may_stream } =
            self.transport.route(&client, &context).ok_or_else(unknown_client)?;
        let incoming = IncomingCall {
            tool,
            input: request.arguments.unwrap_or_default(),
            client,
            version: context.protocol_version(),
            progress: context.meta.get_progress_token().filter(|_| may_stream),
            cancelled: context.ct,
            peer: context.peer,
            reply,
        };
        Ok(self.shared.call(incoming).await.into())
    }

    /// A method that `rmcp` does not know, or parameters that don't fit the method.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let is_served = match request.method.as_str() {
            "tools/call" | "tools/list" => true,
            "initialize" => !is_stateless(context.protocol_version().as_ref()),
            _ => false,
        };
        let method = safe_name(&request.method);
        Err(if is_served {
            ErrorData::invalid_params(format!("invalid parameters for `{method}`"), None)
        } else {
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("there is no method `{method}`"), None)
        })
    }
}
