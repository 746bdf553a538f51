//! What an attacker may bring to a sign-in. Each attack ends in an error with a name, and the code goes nowhere.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystroke_core::Owner;
use keystroke_oauth::{Authorization, Callback, ConnectError, PENDING_LIFETIME, Pending};
use reqwest::Url;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::common::faulty::{self, Faulty};
use crate::common::setup::{
    REDIRECT, client, http, now, provider, provider_with_token, scopes, server, sign_in,
};
use crate::oidc::SCOPES;
use crate::peers::OIDC;

/// Nobody listens here: what is sent would fail with another error.
const NOWHERE: &str = "http://127.0.0.1:9";

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs()
        .find(|(found, _)| found == name)
        .unwrap_or_else(|| panic!("{name} of {url}"))
        .1
        .into_owned()
}

/// A sign-in that begins, and its state.
fn begin(more: &str) -> (Pending, String) {
    let (http, provider, client) = (http(), provider(NOWHERE, more), client());
    let server = server(&http, &provider, &client);
    let begun = Authorization::begin(&server, sign_in(), REDIRECT, scopes(&SCOPES), None, now()).unwrap();
    (begun.pending, parameter(&begun.url, "state"))
}

/// How a sign-in ends with this callback.
fn finish(more: &str, pending: Pending, callback: &str) -> Result<(), ConnectError> {
    let (http, provider, client) = (http(), provider(NOWHERE, more), client());
    let server = server(&http, &provider, &client);
    let owner = Owner::User("ada".to_owned());
    pending.finish(Callback::parse(callback)?, &server, &owner, Some("ada"), now()).map(drop)
}

#[test]
fn a_callback_counts_only_as_the_answer_to_its_own_request() {
    let iss = "iss=http%3A%2F%2F127.0.0.1%3A9";
    let (_, other) = begin("");
    for (callback, code) in [
        (format!("code=c&state={{state}}&{iss}"), None),
        (format!("http://127.0.0.1:7000/callback?state={{state}}&{iss}&code=c#_=_"), None),
        (format!("code=c&state={other}&{iss}"), Some("state_mismatch")),
        (format!("code=c&state=&{iss}"), Some("state_mismatch")),
        (format!("code=c&{iss}"), Some("state_mismatch")),
        (format!("code=c&state={{state}}x&{iss}"), Some("state_mismatch")),
        (format!("code=c&state={{state}}&state={{state}}&{iss}"), Some("callback_malformed")),
        (format!("code=c&code=d&state={{state}}&{iss}"), Some("callback_malformed")),
        (format!("code=c&state={{state}}&{iss}&{iss}"), Some("callback_malformed")),
        (format!("realm=1&realm=2&code=c&state={{state}}&{iss}"), Some("callback_malformed")),
        (format!("state={{state}}&{iss}"), Some("callback_malformed")),
        (format!("code=c&state={{state}}&x={}", "x".repeat(16 * 1024)), Some("callback_malformed")),
        ("code=c&state={state}".to_owned(), Some("issuer_missing")),
        ("code=c&state={state}&iss=https%3A%2F%2Fevil.example".to_owned(), Some("other_issuer")),
        ("code=c&state={state}&iss=http%3A%2F%2F127.0.0.1%3A9%2F".to_owned(), Some("other_issuer")),
        // An error counts no sooner than a code.
        ("error=access_denied&state={state}".to_owned(), Some("issuer_missing")),
        (format!("error=access_denied&{iss}"), Some("state_mismatch")),
        (format!("error=access_denied&state={{state}}&{iss}"), Some("sign_in_denied")),
        (format!("error=server_error&state={{state}}&{iss}"), Some("sign_in_refused")),
        (format!("error=%1B%5B31m&error_description=xoxe-1&state={{state}}&{iss}"), Some("sign_in_refused")),
    ] {
        let (pending, state) = begin("");
        let result = finish("", pending, &callback.replace("{state}", &state));
        assert_eq!(result.as_ref().err().map(ConnectError::code), code, "{callback}");
        if let Err(error) = result {
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains(&state) && !shown.contains('\u{1b}') && !shown.contains("xoxe"),
                "{shown}"
            );
        }
    }
}

#[test]
fn a_callback_counts_only_for_whom_it_was_begun_and_only_in_time() {
    let (http, provider, client) = (http(), provider(NOWHERE, ""), client());
    let server = server(&http, &provider, &client);
    let (ada, bob) = (Owner::User("ada".to_owned()), Owner::User("bob".to_owned()));
    let start = now();
    let last = start + PENDING_LIFETIME - Duration::from_secs(1);
    for (owner, user, time, code) in [
        (&ada, Some("ada"), last, None),
        (&bob, Some("ada"), start, Some("state_other_owner")),
        (&ada, Some("bob"), start, Some("state_other_owner")),
        (&ada, None, start, Some("state_other_owner")),
        (&Owner::Organization, Some("ada"), start, Some("state_other_owner")),
        (&ada, Some("ada"), start + PENDING_LIFETIME, Some("state_expired")),
    ] {
        let begun = Authorization::begin(&server, sign_in(), REDIRECT, scopes(&SCOPES), None, start).unwrap();
        let state = parameter(&begun.url, "state");
        let callback = Callback::parse(&format!("code=c&state={state}&iss=http://127.0.0.1:9")).unwrap();
        // As a server keeps it until then.
        let kept = begun.pending.seal(Pending::from_sealed).unwrap();
        let result = kept.finish(callback, &server, owner, user, time);
        assert_eq!(result.err().map(|error| error.code()), code, "{owner:?} {user:?}");
    }
}

#[tokio::test]
async fn a_code_from_another_session_is_worth_nothing() {
    let (http, provider, client) = (http(), provider(&OIDC.issuer, ""), client());
    let server = server(&http, &provider, &client);
    let begin = || Authorization::begin(&server, sign_in(), REDIRECT, scopes(&SCOPES), None, now()).unwrap();
    // The attacker signs in, and puts the code of that into the victim's callback.
    let attacker = Browser::new().sign_in(begin().url).await;
    let victim = begin();
    let injected = format!(
        "code={}&state={}&iss={}",
        parameter(&attacker, "code"),
        parameter(&victim.url, "state"),
        OIDC.issuer
    );
    let owner = Owner::User("ada".to_owned());
    let callback = Callback::parse(&injected).unwrap();
    let code = victim.pending.finish(callback, &server, &owner, Some("ada"), now()).unwrap();
    let error = code.redeem(&server, now()).await.err().unwrap();
    assert_eq!(error.code(), "sign_in_refused");
    assert!(error.problem().contains("invalid_grant"), "{error}");
}

#[test]
fn a_callback_that_names_another_token_host_sends_the_code_nowhere() {
    // As Zoho does it: the callback tells the data centre.
    let more = r#"
[variables.region]
about = "The data centre."
default = "accounts.example.com"
values = ["accounts.example.com", "accounts.example.eu"]
callback = "accounts-server"
[facts.base_url]
from = { callback = "api" }
hosts = ["example.com"]
"#;
    for (told, code) in [
        ("accounts-server=https%3A%2F%2Faccounts.example.eu", None),
        ("accounts-server=https%3A%2F%2Fevil.example", Some("provider_value")),
        ("accounts-server=accounts.example.com.evil.example", Some("provider_value")),
        ("accounts-server=accounts.example.com%2F%40evil.example", Some("provider_value")),
        ("api=https%3A%2F%2Fapi.example.com%2Fv1", None),
        ("api=http%3A%2F%2Fapi.example.com", Some("callback_other_host")),
        ("api=https%3A%2F%2Fevilexample.com", Some("callback_other_host")),
        ("api=https%3A%2F%2Fexample.com.evil.example", Some("callback_other_host")),
        ("api=https%3A%2F%2Fexample.com%40evil.example", Some("callback_other_host")),
        ("api=https%3A%2F%2Fa%3Ab%40example.com", Some("callback_other_host")),
    ] {
        let (http, client) = (http(), client());
        let provider = provider_with_token(NOWHERE, "https://{region}/oauth/token", more);
        let server = server(&http, &provider, &client);
        let begun = Authorization::begin(&server, sign_in(), REDIRECT, scopes(&SCOPES), None, now()).unwrap();
        let state = parameter(&begun.url, "state");
        let callback =
            Callback::parse(&format!("code=c&state={state}&iss=http://127.0.0.1:9&{told}")).unwrap();
        let owner = Owner::User("ada".to_owned());
        let result = begun.pending.finish(callback, &server, &owner, Some("ada"), now());
        assert_eq!(result.err().map(|error| error.code()), code, "{told}");
    }
}

#[tokio::test]
async fn an_id_token_counts_only_if_it_is_for_this_client_and_this_sign_in() {
    let exp = |seconds: i64| {
        let now = now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        json!(i64::try_from(now).unwrap() + seconds)
    };
    let good = |issuer: &str, nonce: &str| json!({ "iss": issuer, "aud": "basic", "sub": "ada", "exp": exp(600), "nonce": nonce });
    type Change = fn(&mut Value, Value);
    let cases: [(Change, Value, Option<&str>); 9] = [
        (|_, _| {}, Value::Null, None),
        (|claims, _| claims["aud"] = json!(["other", "basic"]), Value::Null, None),
        (|claims, _| claims["iss"] = json!("https://evil.example"), Value::Null, Some("other_issuer")),
        (|claims, _| claims["aud"] = json!("other"), Value::Null, Some("id_token_invalid")),
        (|claims, _| claims["aud"] = json!([]), Value::Null, Some("id_token_invalid")),
        (|claims, _| claims["nonce"] = json!("another"), Value::Null, Some("id_token_invalid")),
        (|claims, old| claims["exp"] = old, exp(-600), Some("id_token_invalid")),
        (|claims, _| claims["sub"] = json!(""), Value::Null, Some("account_unknown")),
        (|claims, _| claims["sub"] = json!("a\u{1b}b"), Value::Null, Some("account_unknown")),
    ];
    for (change, value, code) in cases {
        let answer = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let answered = std::sync::Arc::clone(&answer);
        let faulty = Faulty::start(move |_| faulty::json(200, &answered.lock().unwrap())).await;
        let (http, provider, client) = (http(), provider(&faulty.issuer, ""), client());
        let server = server(&http, &provider, &client);
        let begun = Authorization::begin(&server, sign_in(), REDIRECT, scopes(&SCOPES), None, now()).unwrap();
        let (state, nonce) = (parameter(&begun.url, "state"), parameter(&begun.url, "nonce"));
        let mut claims = good(&faulty.issuer, &nonce);
        change(&mut claims, value);
        let token = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()));
        *answer.lock().unwrap() = json!({ "access_token": "a", "id_token": token }).to_string();
        let callback = Callback::parse(&format!("code=c&state={state}&iss={}", faulty.issuer)).unwrap();
        let owner = Owner::User("ada".to_owned());
        let checked = begun.pending.finish(callback, &server, &owner, Some("ada"), now()).unwrap();
        let result = checked.redeem(&server, now()).await;
        assert_eq!(result.err().map(|error| error.code()), code, "{claims}");
    }
}
