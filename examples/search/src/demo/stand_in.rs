//! A stand-in for Exa's search API, a paid service, and for Firecrawl's scrape API, which has a free tier. It speaks their
//! wire formats on this machine, and answers from the text of a folder instead of the web.
//!
//! `POST /search` with a key in `x-api-key` (or as a bearer token) and a body such as
//! `{"query": "…", "numResults": 3, "contents": {"text": {"maxCharacters": 500}, "highlights": true}}`.
//! Errors are `{"requestId", "error", "tag"}` with the status codes of the real service.
//!
//! `POST /v2/scrape` with a key as a bearer token, or without one for the first [`FREE_PAGES`], and a body such as
//! `{"url": "corpus:docs/guide.md#L12", "formats": ["markdown"]}`. Errors are `{"success": false, "error"}`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;

use super::corpus::{Corpus, Hit};

/// So many pages are read without a key.
pub const FREE_PAGES: u32 = 5;

/// A key that the stand-in accepts, and what to call it when saying which one was used.
pub struct AcceptedKey {
    /// Its name.
    pub name: String,
    /// The key itself.
    pub key: String,
}

/// A stand-in that listens.
pub struct StandIn {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// A look at what a stand-in has seen.
#[derive(Clone)]
pub struct Seen(Arc<Shared>);

struct Shared {
    corpus: Mutex<Corpus>,
    keys: Vec<AcceptedKey>,
    last_key: Mutex<Option<String>>,
    free_pages: AtomicU32,
}

impl StandIn {
    /// Listens on a free port of the loopback interface, so that nothing outside this machine reaches it.
    ///
    /// # Errors
    /// The system gives no port.
    pub async fn bind(corpus: Corpus, keys: Vec<AcceptedKey>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Shared {
            corpus: Mutex::new(corpus),
            keys,
            last_key: Mutex::new(None),
            free_pages: AtomicU32::new(FREE_PAGES),
        };
        Ok(Self { listener, address, shared: Arc::new(shared) })
    }

    /// Where it answers, such as `http://127.0.0.1:40123`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has seen, also while it serves.
    pub fn seen(&self) -> Seen {
        Seen(Arc::clone(&self.shared))
    }

    /// Answers until the task is dropped.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(self) -> io::Result<()> {
        let search = post(search).fallback(nothing_here);
        let scrape = post(scrape).fallback(nothing_here);
        let routes = Router::new().route("/search", search).route("/v2/scrape", scrape);
        let routes = routes.fallback(nothing_here).with_state(self.shared);
        axum::serve(self.listener, routes).await
    }
}

impl Seen {
    /// The name of the key of the last request that was let in; `None` if it came without.
    pub fn last_key(&self) -> Option<String> {
        self.0.last_key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// 32 random hexadecimal digits: a key, or the id of a request.
///
/// # Errors
/// The system gives no random bytes.
pub fn random_hex() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchRequest {
    query: String,
    #[serde(default = "ten")]
    num_results: u32,
    #[serde(default)]
    contents: Contents,
}

const fn ten() -> u32 {
    10
}

#[derive(Default, Deserialize)]
struct Contents {
    text: Option<Wanted>,
    highlights: Option<Wanted>,
}

/// `true`, `false` or options.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wanted {
    Flag(bool),
    #[serde(rename_all = "camelCase")]
    With {
        max_characters: Option<usize>,
    },
}

impl Wanted {
    /// As much of a text as is wanted of it.
    fn of(wanted: Option<&Self>, text: &str) -> Option<String> {
        match wanted {
            None | Some(Self::Flag(false)) => None,
            Some(Self::Flag(true)) => Some(text.to_owned()),
            Some(Self::With { max_characters }) => {
                Some(text.chars().take(max_characters.unwrap_or(usize::MAX)).collect())
            }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SearchResponse {
    request_id: String,
    results: Vec<SearchResult>,
    cost_dollars: CostDollars,
}

#[derive(Serialize)]
struct CostDollars {
    total: f64,
}

#[derive(Serialize)]
struct SearchResult {
    id: String,
    title: String,
    url: String,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    highlights: Option<Vec<String>>,
}

impl SearchResult {
    fn new(hit: Hit, contents: &Contents) -> Self {
        let url = url_of(&hit);
        Self {
            id: url.clone(),
            title: hit.title,
            url,
            score: hit.score,
            text: Wanted::of(contents.text.as_ref(), &hit.text),
            highlights: Wanted::of(contents.highlights.as_ref(), &hit.snippet).map(|snippet| vec![snippet]),
        }
    }
}

/// A section's place as a URL, such as `corpus:docs/guide.md#L12`.
fn url_of(hit: &Hit) -> String {
    let mut url = String::from("corpus:");
    for byte in hit.file.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{url}#L{}", hit.line)
}

async fn search(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    // As in the real service, the key comes first: a stranger learns nothing about bodies.
    let key = shared.key_of(&headers)?;
    let body = body.map_err(|rejection| Refusal::invalid_body(&rejection.body_text()))?;
    let request: SearchRequest =
        serde_json::from_slice(&body).map_err(|error| Refusal::invalid_body(&error.to_string()))?;
    if !(1..=100).contains(&request.num_results) {
        return Err(Refusal::invalid_body("numResults must be between 1 and 100"));
    }
    shared.let_in(Some(key));
    let found = {
        let corpus = shared.corpus.lock().unwrap_or_else(PoisonError::into_inner);
        corpus.search(&request.query, request.num_results)
    };
    let hits = found.map_err(|error| Refusal::internal(&error.to_string()))?;
    let results = hits.into_iter().map(|hit| SearchResult::new(hit, &request.contents)).collect();
    let request_id = random_hex().map_err(|error| Refusal::internal(&error.to_string()))?;
    Ok(Json(SearchResponse { request_id, results, cost_dollars: CostDollars { total: 0.0 } }).into_response())
}

async fn nothing_here() -> Refusal {
    Refusal { status: StatusCode::NOT_FOUND, tag: "NOT_FOUND", error: "Not found".to_owned() }
}

#[derive(Deserialize)]
struct ScrapeRequest {
    url: String,
}

/// Firecrawl's side. It reads every page as Markdown, whatever formats are asked for.
async fn scrape(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Json<ScrapeRequest>, JsonRejection>,
) -> Result<Response, NoPage> {
    let key = match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let given = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
            let known = given.and_then(|given| shared.known(given));
            Some(known.ok_or(NoPage(StatusCode::UNAUTHORIZED, "Unauthorized: Invalid token"))?)
        }
        None => None,
    };
    let Json(request) = body.map_err(|_| NoPage(StatusCode::BAD_REQUEST, "Bad Request"))?;
    let left = |left: u32| left.checked_sub(1);
    let relaxed = Ordering::Relaxed;
    if key.is_none() && shared.free_pages.fetch_update(relaxed, relaxed, left).is_err() {
        return Err(NoPage(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded"));
    }
    shared.let_in(key);
    let page = match file_of(&request.url) {
        Some(file) => shared.corpus.lock().unwrap_or_else(PoisonError::into_inner).page(&file),
        None => Ok(None),
    };
    let page = page.map_err(|_| NoPage(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"))?;
    let markdown = page.ok_or(NoPage(StatusCode::BAD_REQUEST, "This URL can't be read"))?;
    Ok(Json(json!({ "success": true, "data": { "markdown": markdown } })).into_response())
}

/// The file of a URL that [`url_of`] made.
fn file_of(url: &str) -> Option<String> {
    let path = url.strip_prefix("corpus:")?.split('#').next()?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Why Firecrawl's side gives no page.
struct NoPage(StatusCode, &'static str);

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "success": false, "error": self.1 }))).into_response()
    }
}

impl Shared {
    /// The name of the key that a request carries.
    fn key_of(&self, headers: &HeaderMap) -> Result<&str, Refusal> {
        let bearer = || headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ");
        let given = headers.get("x-api-key").and_then(|value| value.to_str().ok()).or_else(bearer);
        given.and_then(|given| self.known(given)).ok_or_else(|| Refusal {
            status: StatusCode::UNAUTHORIZED,
            tag: "INVALID_API_KEY",
            error: "Invalid API key".to_owned(),
        })
    }

    /// The name of a key.
    fn known(&self, given: &str) -> Option<&str> {
        self.keys.iter().find(|accepted| accepted.key == given).map(|accepted| accepted.name.as_str())
    }

    /// A request was let in with this key, or without one.
    fn let_in(&self, key: Option<&str>) {
        *self.last_key.lock().unwrap_or_else(PoisonError::into_inner) = key.map(str::to_owned);
    }
}

/// An error in the shape of the real service's.
struct Refusal {
    status: StatusCode,
    tag: &'static str,
    error: String,
}

impl Refusal {
    fn invalid_body(why: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            tag: "INVALID_REQUEST_BODY",
            error: format!("Invalid request body | Validation error: {why}"),
        }
    }

    fn internal(why: &str) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, tag: "INTERNAL_ERROR", error: why.to_owned() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            request_id: String,
            error: String,
            tag: &'static str,
        }
        let request_id = random_hex().unwrap_or_default();
        (self.status, Json(Body { request_id, error: self.error, tag: self.tag })).into_response()
    }
}
