//! Providers that describe themselves, and documents that do not do so.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};
use url::Url;

use crate::provider::{
    AccountSource, ClientAuthentication, Fetch, Fetched, GrantType, Pkce, Provider, ProviderError,
    RefreshTokens,
};

/// Answers by URL, and what was asked.
#[derive(Default)]
struct Web {
    answers: BTreeMap<String, (u16, String)>,
    asked: Mutex<Vec<String>>,
}

impl Web {
    fn with(url: &str, status: u16, body: &str) -> Self {
        Self { answers: [(url.to_owned(), (status, body.to_owned()))].into(), asked: Mutex::default() }
    }
}

impl Fetch for Web {
    async fn get(&self, url: &Url, most: usize) -> Result<Fetched, String> {
        self.asked.lock().unwrap().push(url.to_string());
        match self.answers.get(url.as_str()) {
            Some((_, body)) if body.len() > most => Err(format!("answers with more than {most} bytes")),
            Some((0, _)) => Err("does not answer".to_owned()),
            Some((status, body)) => Ok(Fetched { status: *status, body: body.clone().into_bytes() }),
            None => Ok(Fetched { status: 404, body: Vec::new() }),
        }
    }
}

const ISSUER: &str = "https://id.example.com/realm";

fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example.com/realm/authorize",
        "token_endpoint": "https://tokens.example.com/token",
        "device_authorization_endpoint": "https://id.example.com/realm/device",
        "revocation_endpoint": "https://id.example.com/realm/revoke",
        "userinfo_endpoint": "https://id.example.com/realm/me",
        "jwks_uri": "https://id.example.com/realm/keys",
        "scopes_supported": ["openid", "offline_access", "email"],
        "grant_types_supported": ["authorization_code", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "none", "tls_client_auth"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true,
        "unknown": { "to": "nobody" },
    })
}

fn read(document: &Value) -> Result<Provider, ProviderError> {
    Provider::from_discovery("example", ISSUER, document.to_string().as_bytes())
}

#[test]
fn a_document_is_a_provider() {
    let provider = read(&document()).unwrap();
    assert_eq!((provider.name(), provider.title()), ("example", "id.example.com"));
    let endpoints = provider.endpoints(&BTreeMap::new()).unwrap();
    assert_eq!(endpoints.issuer.as_deref(), Some(ISSUER));
    assert_eq!(endpoints.token.as_str(), "https://tokens.example.com/token");
    let grants = [GrantType::AuthorizationCode, GrantType::DeviceCode, GrantType::ClientCredentials];
    assert_eq!(provider.grants(), grants);
    let ways = [ClientAuthentication::Post, ClientAuthentication::PrivateKeyJwt, ClientAuthentication::None];
    assert_eq!(provider.token().authentication, ways);
    assert!(provider.authorize().iss && provider.authorize().pkce == Pkce::S256);
    assert_eq!(provider.scopes().always, ["openid", "offline_access"]);
    assert_eq!(provider.authorize().parameters.get("prompt").map(String::as_str), Some("consent"));
    assert_eq!(provider.account().unwrap().from, AccountSource::IdToken);
    // What the document does not say is guessed to the careful side, and it is told.
    assert_eq!(provider.refresh().tokens, RefreshTokens::Rotates);
    assert_eq!(provider.evidence().unverified, ["refresh.tokens"]);
    // It may be kept as a file.
    assert_eq!(Provider::parse("example", &provider.to_toml()).unwrap(), provider);
}

#[test]
fn the_least_document_is_as_the_standard_has_it() {
    let least = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example.com/authorize",
        "token_endpoint": "https://id.example.com/token",
    });
    let provider = read(&least).unwrap();
    assert_eq!(provider.grants(), [GrantType::AuthorizationCode]);
    assert_eq!(provider.token().authentication, [ClientAuthentication::Basic]);
    assert!(provider.authorize().pkce == Pkce::S256 && !provider.authorize().iss);
    assert_eq!((provider.account(), provider.revocation()), (None, None));
}

#[test]
fn a_document_that_can_not_be_used_says_why() {
    let changed = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut document = document();
        change(document.as_object_mut().unwrap());
        document
    };
    let set = |field: &'static str, value: Value| {
        changed(&move |all| drop(all.insert(field.to_owned(), value.clone())))
    };
    let without = |field: &'static str| changed(&move |all| drop(all.remove(field)));
    let cases = [
        (
            "another issuer",
            set("issuer", json!("https://evil.example")),
            "issuer_mismatch",
            "https://evil.example",
        ),
        (
            "the issuer with a slash",
            set("issuer", json!(format!("{ISSUER}/"))),
            "issuer_mismatch",
            "another issuer",
        ),
        (
            "the issuer in capitals",
            set("issuer", json!("https://ID.example.com/realm")),
            "issuer_mismatch",
            "another",
        ),
        ("no issuer", without("issuer"), "issuer_mismatch", "none"),
        ("an issuer that is no text", set("issuer", json!(7)), "issuer_mismatch", "none"),
        ("no token endpoint", without("token_endpoint"), "discovery_failed", "no token endpoint"),
        (
            "http",
            set("token_endpoint", json!("http://id.example.com/token")),
            "discovery_failed",
            "is not `https`",
        ),
        (
            "a user name",
            set("token_endpoint", json!("https://a@id.example.com/t")),
            "discovery_failed",
            "a user name",
        ),
        (
            "a fragment",
            set("token_endpoint", json!("https://id.example.com/t#x")),
            "discovery_failed",
            "a fragment",
        ),
        (
            "a template",
            set("token_endpoint", json!("https://{shop}.example.com/t")),
            "discovery_failed",
            "a brace",
        ),
        (
            "dots",
            set("token_endpoint", json!("https://id.example.com/a/../t")),
            "discovery_failed",
            "browser",
        ),
        (
            "a script",
            set("authorization_endpoint", json!("javascript:alert(1)")),
            "discovery_failed",
            "authorization_endpoint",
        ),
        ("no grant", set("grant_types_supported", json!(["implicit"])), "discovery_failed", "no grant"),
        (
            "only mTLS",
            set("token_endpoint_auth_methods_supported", json!(["tls_client_auth"])),
            "discovery_failed",
            "no way",
        ),
        ("a list", json!([1]), "discovery_failed", "not a JSON object"),
    ];
    for (about, document, code, problem) in cases {
        let error = read(&document).expect_err(about);
        assert_eq!(error.code(), code, "{about}: {error}");
        assert!(error.problem().contains(problem), "{about}: {error}");
        assert!(!error.fix().is_empty());
    }
    for (about, body) in [("truncated", "{\"issuer\":"), ("a page", "<!doctype html>"), ("nothing", "")] {
        let error = Provider::from_discovery("example", ISSUER, body.as_bytes()).expect_err(about);
        assert_eq!(error.code(), "discovery_failed");
    }
    let long = format!("{{\"issuer\":\"{ISSUER}\",\"x\":\"{}\"}}", "x".repeat(256 * 1024));
    assert!(
        Provider::from_discovery("example", ISSUER, long.as_bytes())
            .unwrap_err()
            .problem()
            .contains("more than")
    );
    let deep = "[".repeat(100_000);
    assert_eq!(
        Provider::from_discovery("example", ISSUER, deep.as_bytes()).unwrap_err().code(),
        "discovery_failed"
    );
}

#[test]
fn an_issuer_that_takes_only_plain_is_asked_without_a_challenge() {
    let mut document = document();
    document["code_challenge_methods_supported"] = json!(["plain"]);
    assert_eq!(read(&document).unwrap().authorize().pkce, Pkce::Refused);
}

#[test]
fn an_issuer_is_a_url_that_nothing_can_be_hidden_in() {
    for issuer in [
        "",
        "id.example.com",
        "http://id.example.com",
        "https://id.example.com?x=1",
        "https://id.example.com#x",
        "https://a:b@id.example.com",
        "https://ID.example.com",
        "https://id.example.com/a/../b",
        "ftp://id.example.com",
        "https://id.example.com:443",
        "https://id.example.com./",
    ] {
        let error = Provider::from_discovery("example", issuer, b"{}").expect_err(issuer);
        assert_eq!(error.code(), "discovery_failed", "{issuer}: {error}");
        assert!(error.problem().contains("so it is not an issuer"), "{error}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn both_addresses_are_asked_and_no_other() {
    let openid = "https://id.example.com/realm/.well-known/openid-configuration";
    let oauth = "https://id.example.com/.well-known/oauth-authorization-server/realm";
    let body = document().to_string();
    for (web, asked, code) in [
        (Web::with(openid, 200, &body), vec![openid], None),
        (Web::with(oauth, 200, &body), vec![openid, oauth], None),
        (Web::default(), vec![openid, oauth], Some("discovery_failed")),
        // An outage is not an answer, and a redirect is not followed.
        (Web::with(openid, 503, &body), vec![openid], Some("discovery_failed")),
        (Web::with(openid, 302, &body), vec![openid], Some("discovery_failed")),
        (Web::with(openid, 0, ""), vec![openid], Some("discovery_failed")),
        (Web::with(openid, 200, &"x".repeat(300 * 1024)), vec![openid], Some("discovery_failed")),
        (Web::with(openid, 200, "{}"), vec![openid], Some("issuer_mismatch")),
    ] {
        let found = Provider::discover("example", ISSUER, &web).await;
        assert_eq!(found.err().map(|error| error.code()), code);
        assert_eq!(*web.asked.lock().unwrap(), asked);
    }
    let bare = Web::default();
    let _ = Provider::discover("example", "https://id.example.com", &bare).await;
    let _ = Provider::discover("example", "https://id.example.com/", &bare).await;
    let both = [
        "https://id.example.com/.well-known/openid-configuration",
        "https://id.example.com/.well-known/oauth-authorization-server",
    ];
    assert_eq!(*bare.asked.lock().unwrap(), [both, both].concat());
}
