//! The client behind a request, as calls and the log know it: what it is bound to, and the id of its token. The token itself
//! never gets here.

use std::sync::Arc;

use keystroke_core::fix::word;
use keystroke_tokens::Binding;

use crate::limits::fair::Holder;

/// The client behind a request.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) binding: Arc<Binding>,
    /// The id of its token; the one client of standard input and output has none.
    token: Option<Arc<str>>,
}

/// An event about a client, with the fields that name it: `client_event!(WARN, client, …)`.
macro_rules! client_event {
    ($level:ident, $client:expr, $($more:tt)+) => {{
        let client: &$crate::client::Client = $client;
        tracing::event!(
            tracing::Level::$level,
            token = client.token(),
            organization = client.binding.organization,
            project = client.binding.project,
            user = client.binding.user,
            $($more)+
        )
    }};
}
pub(crate) use client_event;

impl Client {
    pub(crate) const fn over_stdio(binding: Arc<Binding>) -> Self {
        Self { binding, token: None }
    }

    pub(crate) const fn by_token(binding: Arc<Binding>, token: Arc<str>) -> Self {
        Self { binding, token: Some(token) }
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Whom its permits count for.
    pub(crate) fn holder(&self) -> Holder {
        self.token.clone()
    }

    /// How to give it a user.
    pub(crate) fn user_fix(&self) -> String {
        if self.token.is_none() {
            return "give `serve_stdio` a binding with a user: `.user(…)`".to_owned();
        }
        // Without quotes: a log would show them with a backslash.
        let user = " --as-user $(id -un)";
        let tools = self.binding.tools.iter().flatten();
        let command = self.create(user, tools.map(String::as_str));
        format!("give the client a token of a user, whose name goes where `$(id -un)` is: `{command}`")
    }

    /// How to allow it these tools.
    pub(crate) fn tools_fix<'t>(&self, tools: impl Iterator<Item = &'t str>) -> String {
        if self.token.is_none() {
            return "to allow that, name the tools in the binding of `serve_stdio`: `.tools([…])`".to_owned();
        }
        let user = self.binding.user.as_deref().map(|user| format!(" --as-user {}", word(user)));
        let command = self.create(&user.unwrap_or_default(), tools);
        format!("to allow that, give the client another token: `{command}`")
    }

    /// The command that makes a token like this client's.
    fn create<'t>(&self, user: &str, tools: impl Iterator<Item = &'t str>) -> String {
        let Binding { organization, project, .. } = &*self.binding;
        let mut command = format!(
            "keystroke tokens create --organization {} --project {}{user}",
            word(organization),
            word(project)
        );
        for tool in tools {
            command.push_str(" --tool ");
            command.push_str(&word(tool));
        }
        command
    }
}
