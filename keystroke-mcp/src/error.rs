//! Why a server does not start, or stops.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::tokens::TokenError;

/// Why a server does not start, or stops.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// There is no token, so no client could be let in.
    #[error("{} holds no token that is valid, and HTTP is not served without", file.display())]
    NoTokens {
        /// The file of the tokens.
        file: PathBuf,
    },
    /// The tokens can't be used.
    #[error(transparent)]
    Tokens(#[from] TokenError),
    /// The address can be reached from elsewhere, and nobody said that it should.
    #[error("{address} can be reached from other machines")]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// A host or origin that is none.
    #[error("`{name}` is no {what}")]
    Malformed {
        /// What it should be.
        what: &'static str,
        /// What was given.
        name: String,
    },
    /// The address can't be had.
    #[error("{address} cannot be listened on: {error}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The connection broke, or never was one.
    #[error("the client and this server found no common protocol: {problem}")]
    Protocol {
        /// What went wrong.
        problem: String,
    },
    /// Serving ended with an error.
    #[error("serving ended: {0}")]
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
    pub const fn may_retry(&self) -> bool {
        match self {
            Self::Tokens(error) => error.may_retry(),
            Self::Bind { .. } | Self::Io(_) => true,
            _ => false,
        }
    }
}
