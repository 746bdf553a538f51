//! The stand-in speaks the wire formats of Exa and Firecrawl: status codes, bodies, and any text as a query.

use crate::support::{StandIn, documents};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

const KEY: &str = "a-good-key";

fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

async fn ask(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status();
    (status, answer.json().await.expect("every answer is JSON"))
}

async fn search(stand_in: &StandIn, body: &Value) -> (StatusCode, Value) {
    ask(client().post(format!("{}/search", stand_in.base_url)).header("x-api-key", KEY).json(body)).await
}

#[tokio::test]
async fn a_good_key_gets_results_in_exas_format() {
    let documents = documents();
    let stand_in = StandIn::over(documents.path(), Some(KEY));
    let contents = json!({ "text": { "maxCharacters": 10 }, "highlights": true });
    let body = json!({ "query": "pinned scope", "numResults": 2, "contents": contents });
    let (status, answer) = search(&stand_in, &body).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["requestId"].as_str().map(str::len), Some(32));
    let results = answer["results"].as_array().expect("results");
    assert_eq!(results.len(), 2, "{answer}");
    let urls: Vec<_> = results.iter().map(|result| result["url"].as_str().expect("a URL")).collect();
    assert_eq!(urls, ["corpus:code%20one.rs#L1", "corpus:guide.md#L3"]);
    let last = &results[1];
    assert_eq!(last["title"], "Guide › Pins");
    assert_eq!(last["id"], last["url"]);
    assert_eq!(last["text"], "## Pins\n\nA");
    assert!(
        last["highlights"][0].as_str().is_some_and(|text| text.contains("A scope that is pinned")),
        "{last}"
    );
    let scores: Vec<_> = results.iter().map(|result| result["score"].as_f64().expect("a score")).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|score| (0.0..1.0).contains(score)));
}

#[tokio::test]
async fn contents_come_only_when_asked_for_and_results_as_many_as_asked_for() {
    let documents = documents();
    let stand_in = StandIn::over(documents.path(), Some(KEY));
    let (_, answer) = search(&stand_in, &json!({ "query": "pinned scope", "numResults": 1 })).await;
    assert_eq!(answer["results"].as_array().map(Vec::len), Some(1));
    assert!(answer["results"][0].get("text").is_none() && answer["results"][0].get("highlights").is_none());
}

#[tokio::test]
async fn what_is_refused_has_exas_status_and_error_body() {
    let documents = documents();
    let stand_in = StandIn::over(documents.path(), Some(KEY));
    let good = r#"{"query": "pinned"}"#;
    let key = Some(("x-api-key", KEY));
    let unauthorized = (401, "INVALID_API_KEY");
    let invalid = (400, "INVALID_REQUEST_BODY");
    let nothing = (404, "NOT_FOUND");
    for (method, path, header, body, (status, tag)) in [
        (Method::POST, "/search", None, good, unauthorized),
        (Method::POST, "/search", Some(("x-api-key", "a-wrong-key")), good, unauthorized),
        (Method::POST, "/search", Some(("x-api-key", "")), good, unauthorized),
        (Method::POST, "/search", Some(("x-api-key", "a-good-key,other-key")), good, unauthorized),
        (Method::POST, "/search", Some(("authorization", "Basic a-good-key")), good, unauthorized),
        // The key comes first: a stranger learns nothing about bodies.
        (Method::POST, "/search", None, "{", unauthorized),
        (Method::POST, "/search", key, "", invalid),
        (Method::POST, "/search", key, "{", invalid),
        (Method::POST, "/search", key, "[]", invalid),
        (Method::POST, "/search", key, r#"{"numResults": 3}"#, invalid),
        (Method::POST, "/search", key, r#"{"query": 3}"#, invalid),
        (Method::POST, "/search", key, r#"{"query": "a", "numResults": 0}"#, invalid),
        (Method::POST, "/search", key, r#"{"query": "a", "numResults": 101}"#, invalid),
        (Method::POST, "/search", key, r#"{"query": "a", "numResults": -1}"#, invalid),
        (Method::POST, "/search", key, r#"{"query": "a", "contents": {"text": "yes"}}"#, invalid),
        (Method::GET, "/search", key, "", nothing),
        (Method::POST, "/", key, good, nothing),
        (Method::POST, "/contents", key, good, nothing),
        (Method::GET, "/../guide.md", key, "", nothing),
    ] {
        let case = format!("{method} {path} {header:?} {body}");
        let mut request = client().request(method, format!("{}{path}", stand_in.base_url)).body(body);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let (found, answer) = ask(request).await;
        assert_eq!(found.as_u16(), status, "{case}: {answer}");
        assert_eq!(answer["tag"], tag, "{case}");
        assert!(answer["error"].is_string() && answer["requestId"].is_string(), "{case}: {answer}");
    }
}

#[tokio::test]
async fn several_keys_and_the_bearer_form_are_accepted() {
    let documents = documents();
    let stand_in = StandIn::over(documents.path(), Some(&format!("{KEY}, other-key")));
    for (name, value) in
        [("x-api-key", "a-good-key"), ("x-api-key", "other-key"), ("authorization", "Bearer other-key")]
    {
        let request = client().post(format!("{}/search", stand_in.base_url)).header(name, value);
        let (status, _) = ask(request.json(&json!({ "query": "pinned" }))).await;
        assert_eq!(status, StatusCode::OK, "{name}: {value}");
    }
}

#[tokio::test]
async fn without_keys_it_makes_one_and_prints_it() {
    let documents = documents();
    let stand_in = StandIn::over(documents.path(), None);
    let key = stand_in.key.as_deref().expect("a printed key");
    assert_eq!(key.len(), 32);
    let request = client().post(format!("{}/search", stand_in.base_url));
    let body = json!({ "query": "pinned" });
    let (status, _) = ask(request.try_clone().expect("a copy").header("x-api-key", key).json(&body)).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = ask(request.header("x-api-key", "").json(&body)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn any_text_is_a_query() {
    let documents = documents();
    let stand_in = StandIn::over(documents.path(), Some(KEY));
    for (query, found) in [
        ("pinned", true),
        ("PINNED?", true),
        ("\"pinned", true),
        ("pinned\" OR \"", true),
        ("NEAR(pinned", true),
        ("title: pinned", true),
        ("pinned*", true),
        ("^pinned", true),
        ("pinned AND", true),
        ("-pinned", true),
        ("naive", true),
        ("pinned\u{0}", true),
        ("'; DROP TABLE section; --", false),
        ("", false),
        ("\"", false),
        ("()", false),
        ("🗝️ 鍵", false),
    ] {
        let (status, answer) = search(&stand_in, &json!({ "query": query })).await;
        assert_eq!(status, StatusCode::OK, "{query:?}: {answer}");
        assert_eq!(!answer["results"].as_array().expect("results").is_empty(), found, "{query:?}: {answer}");
    }
}

async fn scrape(stand_in: &StandIn, key: Option<&str>, url: &str) -> (StatusCode, Value) {
    let request = client().post(format!("{}/v2/scrape", stand_in.base_url));
    let request = match key {
        Some(key) => request.bearer_auth(key),
        None => request,
    };
    ask(request.json(&json!({ "url": url, "formats": ["markdown"] }))).await
}

#[tokio::test]
async fn a_page_is_read_without_a_key_a_few_times_and_with_one_as_often_as_wanted() {
    let documents = documents();
    let stand_in = StandIn::over(documents.path(), Some(KEY));
    let url = "corpus:code%20one.rs#L1";
    for _ in 0..5 {
        let (status, answer) = scrape(&stand_in, None, url).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let markdown = answer["data"]["markdown"].as_str().expect("a page");
        assert!(
            markdown.starts_with("/// A pinned scope.") && markdown.ends_with("fn other() {}\n"),
            "{markdown}"
        );
    }
    let (status, answer) = scrape(&stand_in, None, url).await;
    assert_eq!(
        (status, answer["error"].as_str()),
        (StatusCode::TOO_MANY_REQUESTS, Some("Rate limit exceeded"))
    );
    assert_eq!(scrape(&stand_in, Some(KEY), url).await.0, StatusCode::OK);
    // A key that is wrong is not no key.
    assert_eq!(scrape(&stand_in, Some("a-wrong-key"), url).await.0, StatusCode::UNAUTHORIZED);
    for url in ["corpus:gone.md", "corpus:%zz", "corpus:%", "https://example.com", ""] {
        let (status, answer) = scrape(&stand_in, Some(KEY), url).await;
        assert_eq!((status, answer["success"].as_bool()), (StatusCode::BAD_REQUEST, Some(false)), "{url}");
    }
}
