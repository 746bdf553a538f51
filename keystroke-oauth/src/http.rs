//! The HTTP client: what is sent to a provider, and what comes back, goes through here and nowhere else.
//!
//! It follows no redirect, since a redirect would carry a code, a refresh token or a client's secret to a host that the
//! provider's data does not name. It repeats nothing: a refresh token that rotates can be spent only once. It reads at most
//! [`MAX_ANSWER`] bytes. It speaks `http` to this machine alone, and there past any proxy.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, RequestBuilder, Url, redirect, retry};
use zeroize::Zeroizing;

use crate::provider::{Fetch, Fetched};

/// The longest answer that is read, in bytes. Tokens with an ID token in them are a few KiB.
pub const MAX_ANSWER: usize = 1024 * 1024;
/// The longest reason that an error repeats, in bytes.
const MAX_REASON: usize = 300;

/// How long a request may take.
///
/// There is none for a single read: what was sent is waited for until `total`, since the answer may hold the only copy of
/// the next refresh token (SEMANTICS O5).
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To connect, with TLS: 10 s.
    pub connect: Duration,
    /// From the start to the last byte of the answer: 2 min.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(120) }
    }
}

/// The HTTP client of this crate. A clone shares its connections.
#[derive(Clone)]
pub struct Http {
    /// `https` only.
    remote: Client,
    /// For addresses of this machine, to which no proxy leads.
    loopback: Client,
}

impl Http {
    /// A client that trusts what the system trusts.
    ///
    /// # Errors
    /// [`NoHttp`]: the system's certificates can't be read.
    pub fn new(timeouts: Timeouts) -> Result<Self, NoHttp> {
        let builder = || {
            ClientBuilder::new()
                .user_agent(concat!("keystroke/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(timeouts.connect)
                .timeout(timeouts.total)
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                // Requests are minutes apart. A connection that the other side has closed meanwhile only adds a way to fail.
                .pool_max_idle_per_host(0)
        };
        let remote = builder().https_only(true).build().map_err(NoHttp::new)?;
        let loopback = builder().no_proxy().build().map_err(NoHttp::new)?;
        Ok(Self { remote, loopback })
    }

    /// The client for this address.
    pub(crate) fn client(&self, url: &Url) -> &Client {
        if is_loopback(url) { &self.loopback } else { &self.remote }
    }

    /// Sends it and reads the answer.
    pub(crate) async fn send(request: RequestBuilder) -> Reply {
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => return Reply::NotSent(reason(error)),
            Err(error) => return Reply::NoAnswer(reason(error)),
        };
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Zeroizing::new(Vec::new());
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > MAX_ANSWER => {
                    return Reply::Answered(Answer { status, headers, body: Body::TooLong });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Reply::Answered(Answer { status, headers, body: Body::Whole(body) }),
                Err(error) => {
                    let cut = Body::Cut(reason(error));
                    return Reply::Answered(Answer { status, headers, body: cut });
                }
            }
        }
    }
}

impl Fetch for Http {
    async fn get(&self, url: &Url, most: usize) -> Result<Fetched, String> {
        let request = self.client(url).get(url.clone()).header(ACCEPT, "application/json");
        match Self::send(request).await {
            Reply::NotSent(reason) => Err(format!("can't be reached: {reason}")),
            Reply::NoAnswer(reason) => Err(format!("does not answer: {reason}")),
            Reply::Answered(Answer { status, body: Body::Whole(mut body), .. }) if body.len() <= most => {
                Ok(Fetched { status, body: std::mem::take(&mut *body) })
            }
            Reply::Answered(Answer { body: Body::Cut(reason), .. }) => Err(format!("ends early: {reason}")),
            Reply::Answered(_) => Err(format!("answers with more than {most} bytes")),
        }
    }
}

/// Whether the address is `http` on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let on_this_machine = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && on_this_machine
}

/// What became of a request.
pub enum Reply {
    /// Nothing reached the provider, because no connection was made; with the reason.
    NotSent(String),
    /// It was sent, maybe only in part, and no answer came; with the reason.
    NoAnswer(String),
    /// The provider answered.
    Answered(Answer),
}

/// An answer.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// What came after them.
    pub body: Body,
}

impl Answer {
    /// A header's text, if it is one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(HeaderValue::to_str)?.ok()
    }
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Whole(Zeroizing<Vec<u8>>),
    /// It ended early, or took too long; with the reason.
    Cut(String),
    /// It is longer than [`MAX_ANSWER`].
    TooLong,
}

/// What went wrong, without the address: one may hold a code or a token.
fn reason(error: reqwest::Error) -> String {
    let timed_out = error.is_timeout();
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    let mut end = text.len().min(MAX_REASON);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    if timed_out && !text.contains("timed out") { format!("timed out: {text}") } else { text }
}

/// No HTTP client can be made: the system's certificates can't be read.
#[derive(Clone)]
pub struct NoHttp(String);

impl NoHttp {
    fn new(error: reqwest::Error) -> Self {
        Self(reason(error))
    }

    /// `no_http_client`.
    pub const fn code(&self) -> &'static str {
        "no_http_client"
    }

    /// What is wrong.
    pub fn problem(&self) -> String {
        format!("no HTTPS client can be made: {}", self.0)
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        "install the system's certificates (on Debian `apt-get install ca-certificates`), or name a file of them in \
         SSL_CERT_FILE"
            .to_owned()
    }
}

impl fmt::Display for NoHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. To fix it, {}", self.problem(), self.fix())
    }
}

impl fmt::Debug for NoHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for NoHttp {}
