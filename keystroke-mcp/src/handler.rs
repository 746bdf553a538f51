//! The protocol's requests, as `rmcp` hands them over.

use std::sync::{Arc, Weak};

use axum::http::request::Parts;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorCode, ErrorData,
    ListToolsResult, PaginatedRequestParams, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use crate::answer::Answer;
use crate::call::Incoming;
use crate::client::{Client, told_of};
use crate::http::{Caller, Entry, Exchange, JsonOnly};
use crate::server::Shared;
use crate::share::Holder;
use crate::shown::shown;
use crate::stdio::Unanswered;
use crate::wire::{Callable, is_stateless};

/// Serves one connection, or over HTTP one request.
#[derive(Clone)]
pub(crate) struct Handler {
    shared: Arc<Shared>,
    callers: Callers,
}

/// Where it is known from who a client acts for.
#[derive(Clone)]
enum Callers {
    /// One for the whole connection.
    Fixed(Client, Unanswered),
    /// Each request has one, put there by the check of its token.
    ByToken,
}

/// The way that a call came, which its answer goes back.
struct Way {
    holder: Holder,
    answer: Answer,
    /// Whether the answer may be a stream, which progress needs.
    may_stream: bool,
    /// Makes the call known while it runs.
    _entry: Option<Entry>,
}

impl Handler {
    pub(crate) const fn over_stdio(shared: Arc<Shared>, client: Client, unanswered: Unanswered) -> Self {
        Self { shared, callers: Callers::Fixed(client, unanswered) }
    }

    pub(crate) const fn over_http(shared: Arc<Shared>) -> Self {
        Self { shared, callers: Callers::ByToken }
    }

    /// Who asks. No request gets here of whom that is not known; if one does, it acts for nobody.
    fn client(&self, context: &RequestContext<RoleServer>) -> Result<Client, ErrorData> {
        match &self.callers {
            Callers::Fixed(client, _) => Ok(client.clone()),
            Callers::ByToken => {
                let (_, Caller { binding, token }) = head(context).ok_or_else(unknown_client)?;
                Ok(Client::by_token(Arc::clone(binding), Arc::clone(token)))
            }
        }
    }

    /// The tool of this name, if the client may call it. One that it may not is as unknown to it as one that does not exist;
    /// the operator is told which it was.
    fn find(&self, client: &Client, name: &str) -> Result<Callable, ErrorData> {
        let agent = self.shared.agent.slug();
        match self.shared.listed.find(name) {
            Some(tool) if client.binding.allows(tool.name) => return Ok(tool),
            Some(tool) => {
                let allowed = client.binding.tools.iter().flatten().map(String::as_str);
                let fix = client.tools_fix(allowed.chain([tool.name]));
                told_of!(
                    WARN,
                    client,
                    tool = tool.name,
                    agent,
                    fix,
                    "a tool was not called: the client is limited to others"
                );
            }
            None => told_of!(WARN, client, tool = shown(name), agent, "there is no such tool"),
        }
        Err(ErrorData::invalid_params(format!("there is no tool `{}`", shown(name)), None))
    }

    /// The way that a call came, and makes it known while it runs.
    fn way(&self, context: &RequestContext<RoleServer>) -> Option<Way> {
        match &self.callers {
            Callers::Fixed(_, unanswered) => Some(Way {
                holder: None,
                answer: Answer::Line(unanswered.clone(), context.id.clone()),
                may_stream: true,
                _entry: None,
            }),
            Callers::ByToken => {
                let (head, caller) = head(context)?;
                let exchange: &Weak<Exchange> = head.extensions.get()?;
                let (id, end) = (context.id.clone(), context.ct.clone());
                Some(Way {
                    holder: Some(Arc::clone(&caller.token)),
                    answer: Answer::Response(Weak::clone(exchange)),
                    may_stream: head.extensions.get::<JsonOnly>().is_none(),
                    _entry: self.shared.running.enter(caller, &head.headers, id, end),
                })
            }
        }
    }
}

fn unknown_client() -> ErrorData {
    ErrorData::internal_error("it is not known who this client acts for", None)
}

/// The head of a request over HTTP, with what the check of its token put there.
fn head(context: &RequestContext<RoleServer>) -> Option<(&Parts, &Caller)> {
    let head = context.extensions.get::<Parts>()?;
    Some((head, head.extensions.get()?))
}

impl ServerHandler for Handler {
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
        let Way { holder, answer, may_stream, _entry } = self.way(&context).ok_or_else(unknown_client)?;
        let incoming = Incoming {
            tool,
            input: request.arguments.unwrap_or_default(),
            client,
            version: context.protocol_version(),
            progress: context.meta.get_progress_token().filter(|_| may_stream),
            withdrawn: context.ct,
            peer: context.peer,
            holder,
            answer,
        };
        Ok(self.shared.call(incoming).await.into())
    }

    /// What `rmcp` knows no method for, and what has parameters that are not its method's.
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
        let method = shown(&request.method);
        Err(if is_served {
            ErrorData::invalid_params(format!("these are no parameters for `{method}`"), None)
        } else {
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("there is no method `{method}`"), None)
        })
    }
}
