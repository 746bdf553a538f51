//! Where a provider sends the browser back to.

/// The form of redirect that a provider takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redirect {
    /// `http` to this machine (RFC 8252).
    Loopback {
        /// By number or by name.
        host: Loopback,
        /// The one port that is registered; none if the provider takes any.
        port: Option<u16>,
        /// Its path, with the `/`.
        path: String,
    },
    /// `https` only: the callback of a server, or a URL that a person pastes.
    Https {
        /// The path, with the `/`.
        path: String,
    },
}

/// How a redirect spells this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loopback {
    /// `127.0.0.1`
    Ip,
    /// `localhost`
    Name,
}
