//! The HTTP client that the actions share, and where the services are.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

/// Where Exa really is.
pub const EXA: &str = "https://api.exa.ai";
/// Where Firecrawl really is.
pub const FIRECRAWL: &str = "https://api.firecrawl.dev";

/// Why a service can't be called.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// A base URL can't be used.
    #[error(
        "{variable} is not a base URL: {why}. To fix it, set it to one such as `https://api.exa.ai`, or unset it"
    )]
    BaseUrl {
        /// The environment variable that holds it.
        variable: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// No client.
    #[error("the HTTP client can't be made")]
    Client(#[source] reqwest::Error),
}

/// The base URL in an environment variable, without a slash at its end; `None` if it is unset.
///
/// # Errors
/// It is not a URL to which a key may be sent. An empty one is none either: whoever wrote `EXA_BASE_URL=$STAND_IN` with
/// a typo must not reach the real service.
pub fn base_url(variable: &'static str) -> Result<Option<String>, HttpError> {
    let Some(text) = std::env::var_os(variable) else { return Ok(None) };
    let refuse = |why: String| HttpError::BaseUrl { variable, why };
    let text = text.into_string().map_err(|_| refuse("it is not UTF-8".to_owned()))?;
    if text.is_empty() {
        return Err(refuse("it is empty".to_owned()));
    }
    let url = Url::parse(&text).map_err(|error| refuse(error.to_string()))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(refuse("a key would cross the network unencrypted; use https".to_owned())),
        other => return Err(refuse(format!("`{other}` is neither https nor http"))),
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(refuse("it must have no user, `?` or `#`".to_owned()));
    }
    Ok(Some(url.as_str().trim_end_matches('/').to_owned()))
}

/// A client for a service.
///
/// # Errors
/// The system's certificates can't be read.
pub fn client(base_url: &str) -> Result<Client, HttpError> {
    let mut builder = Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(60))
        // A redirect would carry `x-api-key` along to whatever host it names.
        .redirect(Policy::none());
    if Url::parse(base_url).is_ok_and(|url| is_loopback(&url)) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(HttpError::Client)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
