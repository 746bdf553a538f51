//! The actions and their credentials: `search` asks Exa, `read-page` asks Firecrawl.
//!
//! An action is an async function. It takes its input by value, and borrows its credentials for one call and what the program
//! shares. It does not know where credentials are stored, or which of several is used. `search` needs its credential;
//! `read-page` takes an `Option`, because Firecrawl has a free tier that asks for no key.

use std::fmt;

use keystroke::ToolsetErrors;
use keystroke::prelude::*;
use reqwest::header::{HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Exa web search. Create a key in the Exa dashboard.
#[credential(key = "exa")]
pub struct Exa {
    /// Sent with each request as `x-api-key`.
    pub api_key: SecretString,
}

/// Firecrawl, which turns web pages into Markdown. It reads some pages without a key; with one, from the Firecrawl
/// dashboard, it reads more.
#[credential(key = "firecrawl")]
pub struct Firecrawl {
    /// Sent with each request as a bearer token.
    pub api_key: SecretString,
}

/// Where the services are. The program shares it with its actions, as it shares the HTTP client.
#[derive(Clone, Debug)]
pub struct BaseUrls {
    /// Exa, such as `https://api.exa.ai`.
    pub exa: String,
    /// Firecrawl, such as `https://api.firecrawl.dev`.
    pub firecrawl: String,
}

/// What `search` looks for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct SearchInput {
    /// What to look for, in plain words.
    pub query: String,
    /// At most this many results, from 1 to 100.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: u32,
}

const fn ten() -> u32 {
    10
}

/// What `search` found, best first.
#[derive(Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct SearchOutput {
    /// The results.
    pub results: Vec<Found>,
}

/// One result.
#[derive(Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Found {
    /// The page's title; its URL if it has none.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// The part that fits the query best.
    pub snippet: String,
}

/// Searches the web and returns titles, URLs and a snippet of each page.
///
/// # Errors
/// Exa can't be reached, or refuses the request.
#[action(slug = "search", read_only)]
pub async fn search(
    input: SearchInput,
    exa: &Exa,
    client: &State<Client>,
    urls: &State<BaseUrls>,
) -> Result<SearchOutput, ServiceError> {
    let mut key = HeaderValue::from_str(exa.api_key.expose_secret())
        .map_err(|_| ServiceError::UnusableKey(Service::Exa))?;
    // Whatever prints the headers then prints `Sensitive` in its place.
    key.set_sensitive(true);
    let request = client.post(format!("{}/search", urls.exa)).header("x-api-key", key).json(&json!({
        "query": input.query,
        "numResults": input.limit,
        "contents": { "highlights": { "maxCharacters": 400 } },
    }));
    let answer: ExaAnswer = send(Service::Exa, request).await?;
    let results = answer.results.into_iter().map(Found::from).collect();
    Ok(SearchOutput { results })
}

/// Exa's answer, as far as this program reads it.
#[derive(Deserialize)]
struct ExaAnswer {
    results: Vec<ExaResult>,
}

#[derive(Deserialize)]
struct ExaResult {
    url: String,
    title: Option<String>,
    text: Option<String>,
    highlights: Option<Vec<String>>,
}

impl From<ExaResult> for Found {
    fn from(result: ExaResult) -> Self {
        let ExaResult { url, title, text, highlights } = result;
        let snippet =
            highlights.and_then(|highlights| highlights.into_iter().next()).or(text).unwrap_or_default();
        Self { title: title.filter(|title| !title.is_empty()).unwrap_or_else(|| url.clone()), url, snippet }
    }
}

/// Which page `read_page` reads.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ReadPageInput {
    /// The page's URL.
    pub url: String,
}

/// A page that was read.
#[derive(Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Page {
    /// Its text as Markdown.
    pub markdown: String,
}

/// Reads one web page in full, as Markdown.
///
/// Without a key it uses Firecrawl's free tier. A key that is there and can't be used is an error all the same: it never
/// reads on another account than the one that somebody has stored.
///
/// # Errors
/// Firecrawl can't be reached, or refuses the request.
#[action(slug = "read-page", read_only)]
pub async fn read_page(
    input: ReadPageInput,
    firecrawl: Option<&Firecrawl>,
    client: &State<Client>,
    urls: &State<BaseUrls>,
) -> Result<Page, ServiceError> {
    #[derive(Deserialize)]
    struct Answer {
        data: Page,
    }
    let mut request = client
        .post(format!("{}/v2/scrape", urls.firecrawl))
        .json(&json!({ "url": input.url, "formats": ["markdown"] }));
    if let Some(firecrawl) = firecrawl {
        // reqwest marks this header as sensitive itself.
        request = request.bearer_auth(firecrawl.api_key.expose_secret());
    }
    match send::<Answer>(Service::Firecrawl, request).await {
        Ok(answer) => Ok(answer.data),
        Err(ServiceError::RateLimited { .. }) if firecrawl.is_none() => Err(ServiceError::FreeTier),
        Err(error) => Err(error),
    }
}

/// The actions, as tools.
pub fn tools() -> Result<Toolset<NoUser>, ToolsetErrors> {
    toolset![Search, ReadPage]
}

/// A service behind an action.
#[derive(Clone, Copy, Debug)]
pub enum Service {
    /// Exa.
    Exa,
    /// Firecrawl.
    Firecrawl,
}

impl Service {
    /// Its credential's key.
    const fn key(self) -> &'static str {
        match self {
            Self::Exa => "exa",
            Self::Firecrawl => "firecrawl",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exa => "Exa",
            Self::Firecrawl => "Firecrawl",
        })
    }
}

/// Why a service did not do what it was asked. None of the texts holds the key.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The key can't be sent.
    #[error(
        "the key for {0} holds characters that no HTTP header can carry. To fix it, replace it: `keystroke credentials list {key}`, then `keystroke credentials rotate <id> --set api_key=@stdin`",
        key = .0.key()
    )]
    UnusableKey(Service),
    /// The service did not answer.
    #[error("{0} did not answer (to fix it, check the network and the service's base URL)")]
    Transport(Service, #[source] reqwest::Error),
    /// The service does not take the key.
    #[error(
        "{0} refused the key (401 Unauthorized). To fix it, store one that it accepts: `keystroke credentials list {key}`, then `keystroke credentials rotate <id> --set api_key=@stdin`",
        key = .0.key()
    )]
    RefusedKey(Service),
    /// Too many requests.
    #[error("{service} asks for fewer requests (429 Too Many Requests). To fix it, try again {}", in_seconds(*.after))]
    RateLimited {
        /// Who asks.
        service: Service,
        /// How long to wait, in seconds, if the service says.
        after: Option<u32>,
    },
    /// Too many pages without a key.
    #[error(
        "Firecrawl reads no more pages without a key for now (429 Too Many Requests). To fix it, try again later, or store a key: `keystroke credentials set firecrawl --set api_key=@stdin`"
    )]
    FreeTier,
    /// Another refusal.
    #[error("{service} refused the request ({status}): {message}")]
    Refused {
        /// Who refused.
        service: Service,
        /// The status.
        status: StatusCode,
        /// What the service says.
        message: String,
    },
    /// An answer in another format.
    #[error(
        "{0} answered something that its API does not document (to fix it, check the service's base URL)"
    )]
    BadAnswer(Service, #[source] serde_json::Error),
    /// More than any answer that is read here.
    #[error("{0} answered with more than 4 MB (to fix it, check the service's base URL)")]
    TooLong(Service),
}

fn in_seconds(after: Option<u32>) -> String {
    after.map_or_else(|| "later".to_owned(), |after| format!("in {after} seconds"))
}

async fn send<T: DeserializeOwned>(service: Service, request: RequestBuilder) -> Result<T, ServiceError> {
    let answer = request.send().await.map_err(|error| ServiceError::Transport(service, error))?;
    match answer.status() {
        status if status.is_success() => serde_json::from_slice(&body(service, answer).await?)
            .map_err(|error| ServiceError::BadAnswer(service, error)),
        StatusCode::UNAUTHORIZED => Err(ServiceError::RefusedKey(service)),
        StatusCode::TOO_MANY_REQUESTS => {
            let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Err(ServiceError::RateLimited { service, after })
        }
        status => {
            // Exa and Firecrawl both say why in `error`.
            let why = serde_json::from_slice::<Value>(&body(service, answer).await?).ok();
            let message = match why.as_ref().and_then(|body| body.get("error")?.as_str()) {
                // Shown whole or not at all: half of a key that it repeats would be found and removed by nothing.
                Some(why) if why.len() <= 300 => why,
                Some(_) => "its reason is too long to be shown",
                None => "no reason given",
            };
            Err(ServiceError::Refused { service, status, message: message.to_owned() })
        }
    }
}

/// The body of an answer, which must fit into the memory whatever the service sends.
async fn body(service: Service, mut answer: Response) -> Result<Vec<u8>, ServiceError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| ServiceError::Transport(service, error))? {
        if body.len() + chunk.len() > 4_000_000 {
            return Err(ServiceError::TooLong(service));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::corpus::Corpus;
    use crate::demo::stand_in::{AcceptedKey, StandIn};

    /// The function is still a function: a test gives it a credential and state of its own, and needs no store.
    #[tokio::test]
    async fn the_function_can_be_called_with_what_is_made_by_hand() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.md"), "# Quokkas\nA quokka smiles.").expect("a file");
        let corpus = Corpus::read(folder.path()).expect("an index");
        let key = AcceptedKey { name: "the only one".to_owned(), key: "a-test-key".to_owned() };
        let stand_in = StandIn::bind(corpus, vec![key]).await.expect("a port");
        let exa = stand_in.base_url();
        tokio::spawn(stand_in.serve());

        let client = State::new(crate::http::client(&exa).expect("a client"));
        let urls = State::new(BaseUrls { exa, firecrawl: "https://firecrawl.invalid".to_owned() });
        let search = async |key: &str| {
            let input = SearchInput { query: "quokka".to_owned(), limit: 5 };
            search(input, &Exa { api_key: key.into() }, &client, &urls).await
        };

        let found = search("a-test-key").await.expect("results");
        let [first] = found.results.as_slice() else { panic!("one result, not {found:?}") };
        assert_eq!((first.title.as_str(), first.url.as_str()), ("Quokkas", "corpus:a.md#L1"));
        assert!(first.snippet.contains("A quokka smiles."), "{first:?}");

        let refused = search("another-key").await;
        assert!(matches!(refused, Err(ServiceError::RefusedKey(Service::Exa))), "{refused:?}");
        let unusable = search("two\nlines").await;
        assert!(matches!(unusable, Err(ServiceError::UnusableKey(Service::Exa))), "{unusable:?}");
    }
}
