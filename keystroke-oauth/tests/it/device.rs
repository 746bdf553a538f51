//! The device flow, answer by answer: how often a provider is asked, and when no more.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use keystroke_oauth::{ConnectError, DeviceSignIn};

use crate::common::faulty::{Act, Faulty, json};
use crate::common::setup::{ACCOUNT, client, http, now, provider, scopes, server, sign_in};

const BEGUN: &str = r#"{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device",
    "verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT","expires_in":600,"interval":5}"#;

async fn begin(answer: &'static str) -> Result<DeviceSignIn, ConnectError> {
    let faulty = Faulty::start(move |_| json(200, answer)).await;
    let (http, provider, client) = (http(), provider(&faulty.issuer, ACCOUNT), client());
    let server = server(&http, &provider, &client);
    DeviceSignIn::begin(&server, &sign_in(), scopes(&["openid"]), None, now()).await
}

#[tokio::test]
async fn what_a_person_is_shown_is_bounded_and_leads_to_https() {
    let start = now();
    let device = begin(BEGUN).await.unwrap();
    assert_eq!(device.user_code(), "WDJB-MJHT");
    assert_eq!(device.verification_uri(), "https://example.com/device");
    assert_eq!(device.complete_uri(), Some("https://example.com/device?user_code=WDJB-MJHT"));
    assert_eq!(device.interval(), Duration::from_secs(5));
    assert!(device.expires_at() >= start + Duration::from_secs(600));

    let long = begin(
        r#"{"device_code":"d","user_code":"u","verification_url":"https://example.com","expires_in":"31536000","interval":3600}"#,
    );
    let long = long.await.unwrap();
    assert!(
        long.expires_at() <= now() + Duration::from_secs(30 * 60)
            && long.interval() == Duration::from_secs(60)
    );

    for answer in [
        r#"{"device_code":"d","user_code":"u","verification_uri":"http://example.com"}"#,
        r#"{"device_code":"d","user_code":"u","verification_uri":"file:///etc/passwd"}"#,
        r#"{"device_code":"d","user_code":"u","verification_uri":"javascript:alert(1)"}"#,
        r#"{"device_code":"d","user_code":"u"}"#,
        r#"{"device_code":"d","user_code":"\u001b[31m","verification_uri":"https://example.com"}"#,
        r#"{"device_code":"d","verification_uri":"https://example.com"}"#,
        r#"{"device_code":"","user_code":"u","verification_uri":"https://example.com"}"#,
        r#"{"user_code":"u","verification_uri":"https://example.com"}"#,
        "<html></html>",
    ] {
        assert_eq!(
            begin(answer).await.err().map(|error| error.code()),
            Some("provider_unavailable"),
            "{answer}"
        );
    }
    let refused = begin(r#"{"error":"unauthorized_client"}"#).await.err().unwrap();
    assert_eq!(refused.code(), "client_rejected");
}

#[tokio::test]
async fn a_provider_is_asked_as_often_as_it_wants_and_less_if_it_is_silent() {
    type Step = (fn() -> Act, Result<u64, &'static str>);
    // What it answers, and the seconds until the next question, or the error that ends it.
    let steps: [Step; 11] = [
        (|| json(400, r#"{"error":"authorization_pending"}"#), Ok(5)),
        (|| json(200, r#"{"error":"authorization_pending"}"#), Ok(5)),
        (|| json(400, r#"{"error":"slow_down"}"#), Ok(10)),
        (|| json(400, r#"{"error":"authorization_pending"}"#), Ok(10)),
        (|| json(503, ""), Ok(20)),
        (|| Act::Close, Ok(40)),
        (|| Act::Answer(429, "retry-after: 3600\r\n".to_owned(), String::new()), Ok(60)),
        (|| json(400, r#"{"error":"slow_down"}"#), Ok(60)),
        (|| json(400, r#"{"error":"expired_token"}"#), Err("device_code_expired")),
        (|| json(400, r#"{"error":"access_denied"}"#), Err("sign_in_denied")),
        (|| json(400, r#"{"error":"invalid_grant"}"#), Err("sign_in_refused")),
    ];
    let act: Arc<Mutex<fn() -> Act>> = Arc::new(Mutex::new(|| json(200, BEGUN)));
    let acted = Arc::clone(&act);
    let faulty = Faulty::start(move |_| acted.lock().unwrap()()).await;
    let (http, provider, client) = (http(), provider(&faulty.issuer, ACCOUNT), client());
    let server = server(&http, &provider, &client);
    let mut device =
        DeviceSignIn::begin(&server, &sign_in(), scopes(&["openid"]), None, now()).await.unwrap();
    for (index, (step, expected)) in steps.into_iter().enumerate() {
        *act.lock().unwrap() = step;
        let found = match device.poll(&server, now()).await {
            Ok(None) => Ok(device.interval().as_secs()),
            Ok(Some(_)) => panic!("{index}: it was granted"),
            Err(error) => Err(error.code()),
        };
        assert_eq!(found, expected, "step {index}");
    }
    *act.lock().unwrap() = || json(200, r#"{"access_token":"a","account":17}"#);
    let issued = device.poll(&server, now()).await.unwrap().unwrap();
    assert_eq!(issued.account.unwrap().id, "17");
    assert_eq!(issued.scopes, ["openid"], "as asked for");
    assert!(!issued.grant.is_renewable());
}
