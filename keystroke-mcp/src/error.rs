//! Why a server does not start, or stops.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::tokens::TokenError;

/// Why a server does not start, or stops. `Display` is the problem and its fix, and so is `Debug`: a program that returns
/// this from `main` shows it by that.
#[non_exhaustive]
pub enum ServeError {
    /// There is no token, so no client could be let in.
    NoTokens {
        /// The file of the tokens.
        file: PathBuf,
    },
    /// The tokens can't be used.
    Tokens(TokenError),
    /// The address can be reached from elsewhere, and nobody said that it should.
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// A host or origin that is none.
    Malformed {
        /// What it should be.
        what: &'static str,
        /// What was given.
        name: String,
    },
    /// The address can't be had.
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The connection broke, or never was one.
    Protocol {
        /// What went wrong.
        problem: String,
    },
    /// Serving ended with an error.
    Io(io::Error),
}

impl ServeError {
    /// A stable word for each.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoTokens { .. } => "no_tokens",
            Self::Tokens(error) => error.code(),
            Self::NotLoopback { .. } => "not_loopback",
            Self::Malformed { .. } => "malformed",
            Self::Bind { .. } => "bind",
            Self::Protocol { .. } => "protocol",
            Self::Io(_) => "io",
        }
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        match self {
            Self::NoTokens { file } => {
                format!(
                    "{} holds no token that is valid, and HTTP is not served without",
                    keystroke_files::shown(file)
                )
            }
            Self::Tokens(error) => error.problem(),
            Self::NotLoopback { address } => format!("{address} can be reached from other machines"),
            Self::Malformed { what, name } => format!("`{name}` is no {what}"),
            Self::Bind { address, error } => format!("{address} cannot be listened on: {error}"),
            Self::Protocol { problem } => {
                format!("the client and this server found no common protocol: {problem}")
            }
            Self::Io(error) => format!("serving ended: {error}"),
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            Self::NoTokens { .. } => "make one with `keystroke tokens create`".to_owned(),
            Self::Tokens(error) => error.fix(),
            Self::NotLoopback { .. } => {
                "listen on 127.0.0.1, behind a proxy that does TLS; or name the hosts that clients ask for, with `Http::hosts`"
                    .to_owned()
            }
            Self::Malformed { what, .. } => match *what {
                "origin" => "write it as a browser does: `https://app.example.com`, with the port if it is not the usual one".to_owned(),
                _ => "write it as clients do: `mcp.example.com`, or with a port".to_owned(),
            },
            Self::Bind { .. } => "give another port (0 takes any that is free), or end what listens there".to_owned(),
            Self::Protocol { .. } => "connect with an MCP client; a person at a terminal is none".to_owned(),
            Self::Io(_) => "look at what it says, and start the server again".to_owned(),
        }
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

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. To fix it, {}", self.problem(), self.fix())
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
