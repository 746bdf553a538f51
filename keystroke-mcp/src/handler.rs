//! The protocol's requests, as `rmcp` hands them over.

use std::sync::Arc;

use axum::http::request::Parts;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorCode, ErrorData,
    ListToolsResult, PaginatedRequestParams, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use crate::call::Incoming;
use crate::http::{Caller, Entry};
use crate::server::Shared;
use crate::tokens::Binding;
use crate::wire::is_stateless;

/// Of a name that is none, only so many characters are repeated.
const SHOWN: usize = 64;

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
    Fixed(Arc<Binding>),
    /// Each request has one, put there by the check of its token.
    ByToken,
}

impl Handler {
    pub(crate) const fn over_stdio(shared: Arc<Shared>, binding: Arc<Binding>) -> Self {
        Self { shared, callers: Callers::Fixed(binding) }
    }

    pub(crate) const fn over_http(shared: Arc<Shared>) -> Self {
        Self { shared, callers: Callers::ByToken }
    }

    /// Who the client acts for, and what makes its call known while it runs.
    fn caller(&self, context: &RequestContext<RoleServer>) -> Option<(Arc<Binding>, Option<Entry>)> {
        match &self.callers {
            Callers::Fixed(binding) => Some((Arc::clone(binding), None)),
            Callers::ByToken => {
                let head = context.extensions.get::<Parts>()?;
                let caller: &Caller = head.extensions.get()?;
                let (id, end) = (context.id.clone(), context.ct.clone());
                let entry = self.shared.running.enter(caller, &head.headers, id, end);
                Some((Arc::clone(&caller.binding), entry))
            }
        }
    }
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
        Ok(self.shared.listed.list(context.protocol_version().as_ref()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = self.shared.listed.find(&request.name) else {
            return Err(ErrorData::invalid_params(
                format!("there is no tool `{}`", shown(&request.name)),
                None,
            ));
        };
        let Some((binding, _entry)) = self.caller(&context) else {
            // No request gets here without; if one does, it acts for nobody.
            return Err(ErrorData::internal_error("it is not known who this client acts for", None));
        };
        let incoming = Incoming {
            tool,
            input: request.arguments.unwrap_or_default(),
            binding,
            version: context.protocol_version(),
            progress: context.meta.get_progress_token(),
            withdrawn: context.ct,
            peer: context.peer,
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

/// A client's name for something, as it may be repeated: short, and without characters that do something.
fn shown(name: &str) -> String {
    name.chars().take(SHOWN).flat_map(char::escape_debug).collect()
}
