//! Why a server does not start, or stops.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use keystroke_core::PreflightState;
use keystroke_tokens::TokenError;

/// Why a server does not start, or stops. `Display` is the problem and its fix, and so is `Debug`, so that
/// a program that returns this from `main` shows both.
#[non_exhaustive]
pub enum ServeError {
    /// The server's runtime does not share what its tools take, so each call of them would fail.
    MissingState(Vec<PreflightState>),
    /// There is no valid token, so no client could be let in.
    NoTokens {
        /// The file of the tokens.
        file: PathBuf,
    },
    /// The file of tokens can't be used.
    Tokens(TokenError),
    /// The address can be reached from other machines, and the program does not say that it should be.
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// A malformed host or origin.
    Malformed {
        /// `host` or `origin`.
        what: &'static str,
        /// What was given.
        name: String,
    },
    /// The address can't be listened on.
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The client does not speak MCP.
    Protocol {
        /// What went wrong.
        problem: String,
    },
    /// Serving ended with an error.
    Io(io::Error),
}

impl ServeError {
    /// Everything there is to say of each: its code, the problem and the fix.
    fn facts(&self) -> (&'static str, String, String) {
        match self {
            Self::MissingState(missing) => ("missing_state", lines(missing, problem), lines(missing, fix)),
            Self::NoTokens { file } => (
                "no_tokens",
                format!(
                    "{} holds no valid token, and HTTP is not served without one",
                    keystroke_files::shown(file)
                ),
                "make one with `keystroke tokens create`".to_owned(),
            ),
            Self::Tokens(error) => (error.code(), error.problem(), error.fix()),
            Self::NotLoopback { address } => (
                "not_loopback",
                format!("{address} can be reached from other machines"),
                "listen on 127.0.0.1, behind a proxy that does TLS; or name the hosts that clients ask for, with `Http::hosts`"
                    .to_owned(),
            ),
            Self::Malformed { what, name } => (
                "malformed",
                format!("`{name}` is not a valid {what}"),
                match *what {
                    "origin" => {
                        "write it as a browser does: `https://app.example.com`, with the port if it is not the usual one"
                            .to_owned()
                    }
                    _ => "write it as clients do: `mcp.example.com`, or with a port".to_owned(),
                },
            ),
            Self::Bind { address, error } => (
                "bind",
                format!("{address} cannot be listened on: {error}"),
                "give another port (0 takes any that is free), or end the program that listens there".to_owned(),
            ),
            Self::Protocol { problem } => (
                "protocol",
                format!("the client and this server found no common protocol: {problem}"),
                "connect with an MCP client; this server does not talk to a person at a terminal".to_owned(),
            ),
            Self::Io(error) => (
                "io",
                format!("serving ended: {error}"),
                "look at the message, and start the server again".to_owned(),
            ),
        }
    }

    /// A stable word for each.
    pub fn code(&self) -> &'static str {
        self.facts().0
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        self.facts().1
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        self.facts().2
    }

    /// Whether the same may work a little later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Tokens(error) => error.is_retryable(),
            Self::Bind { .. } | Self::Io(_) => true,
            _ => false,
        }
    }
}

fn lines(missing: &[PreflightState], text: fn(&PreflightState) -> String) -> String {
    missing.iter().map(text).collect::<Vec<_>>().join("\n")
}

fn problem(PreflightState { missing, actions }: &PreflightState) -> String {
    let tools = if let [_] = &**actions { "tool" } else { "tools" };
    format!("the {tools} `{}` cannot run: {}", actions.join("`, `"), missing.problem())
}

fn fix(PreflightState { missing, .. }: &PreflightState) -> String {
    missing.fix()
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, problem, fix) = self.facts();
        write!(f, "{problem}. To fix it, {fix}")
    }
}

impl fmt::Debug for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ServeError {}

impl From<TokenError> for ServeError {
    fn from(error: TokenError) -> Self {
        Self::Tokens(error)
    }
}
