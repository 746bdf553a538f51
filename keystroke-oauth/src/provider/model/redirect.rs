//! Where a provider sends the browser back to.

use url::Url;

use crate::provider::form::{Form, Section, plain_words};

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

impl Loopback {
    /// As a URL has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "127.0.0.1",
            Self::Name => "localhost",
        }
    }
}

impl Redirect {
    /// The redirect as it is registered, to the letter. `server` is the public URL of a server that has a callback; without
    /// one, where only `https` will do, it is a URL of this machine that nothing listens at: the browser shows it, with the
    /// code, and the person pastes it.
    pub fn to_register(&self, server: Option<&Url>) -> String {
        match (self, server) {
            (Self::Loopback { path, .. } | Self::Https { path }, Some(server)) => {
                format!("{}{path}", server.as_str().trim_end_matches('/'))
            }
            (Self::Loopback { host, port: Some(port), path }, None) => {
                format!("http://{}:{port}{path}", host.as_str())
            }
            (Self::Loopback { host, port: None, path }, None) => format!("http://{}{path}", host.as_str()),
            (Self::Https { path }, None) => format!("https://localhost{path}"),
        }
    }

    /// The redirect for a listener on `port`; none if the provider takes only `https`.
    pub fn on_port(&self, port: u16) -> Option<String> {
        match self {
            Self::Loopback { host, path, .. } => Some(format!("http://{}:{port}{path}", host.as_str())),
            Self::Https { .. } => None,
        }
    }
}

impl Default for Redirect {
    fn default() -> Self {
        Self::Loopback { host: Loopback::Ip, port: None, path: "/callback".to_owned() }
    }
}

/// The word for a form in a file.
#[derive(Clone, Copy)]
enum RedirectForm {
    Ip,
    Name,
    Https,
}

plain_words!(
    RedirectForm,
    "\"localhost\"",
    "127.0.0.1" => RedirectForm::Ip,
    "localhost" => RedirectForm::Name,
    "https" => RedirectForm::Https,
);

impl Section for Redirect {
    fn fields(&mut self, form: &mut impl Form) {
        let (mut word, mut port, mut path) = match self.clone() {
            Self::Loopback { host: Loopback::Ip, port, path } => (RedirectForm::Ip, port, path),
            Self::Loopback { host: Loopback::Name, port, path } => (RedirectForm::Name, port, path),
            Self::Https { path } => (RedirectForm::Https, None, path),
        };
        form.field("form", &mut word);
        form.field("port", &mut port);
        form.field("path", &mut path);
        let letter = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        if !path.starts_with('/') || path.contains("//") || path.contains("..") || !path.chars().all(letter) {
            form.fault(
                "path",
                "is not a path",
                "write it as in `\"/callback\"`, of letters, digits and `/-_.`",
            );
        }
        *self = match word {
            RedirectForm::Ip => Self::Loopback { host: Loopback::Ip, port, path },
            RedirectForm::Name => Self::Loopback { host: Loopback::Name, port, path },
            RedirectForm::Https => {
                if port.is_some() {
                    form.fault("port", "has no effect with `https`", "remove it");
                }
                Self::Https { path }
            }
        };
    }
}
