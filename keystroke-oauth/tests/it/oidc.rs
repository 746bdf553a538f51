//! Every flow against npm `oidc-provider`.

use std::time::Duration;

use keystroke_core::Owner;
use keystroke_oauth::{
    Authorization, Callback, Client, ConnectError, DeviceSignIn, Expiry, Http, Issued, LoopbackListener,
    MachineGrant, Provider, Redirect, Revoked, Verdict,
};
use reqwest::Url;

use crate::browser::{Browser, End};
use crate::common::setup::{REDIRECT, client, http, now, provider, scopes, secret, server, sign_in};
use crate::keys::KEY;
use crate::peers::OIDC;
use crate::refresh::{renew, renewed};

pub(crate) const SCOPES: [&str; 3] = ["openid", "api:read", "api:write"];
const API: &str = "https://api.example.com/";

/// Signs in as `hint` says: `ada`, `ada/deny`, `ada/fewer`.
pub(crate) async fn connect(
    http: &Http,
    provider: &Provider,
    client: &Client,
    hint: &str,
    resource: Option<&str>,
) -> Result<Issued, ConnectError> {
    let server = server(http, provider, client);
    let resource = resource.map(str::to_owned);
    let Authorization { mut url, pending } =
        Authorization::begin(&server, sign_in(), REDIRECT, scopes(&SCOPES), resource, now())?;
    url.query_pairs_mut().append_pair("login_hint", hint);
    let callback = Browser::new().sign_in(url).await;
    let callback = Callback::parse(callback.as_str())?;
    let owner = Owner::User("ada".to_owned());
    pending.finish(callback, &server, &owner, Some("ada"), now())?.redeem(&server, now()).await
}

/// Whether the server takes the access token.
async fn is_alive(issued: &Issued) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("{}/me", OIDC.issuer)).bearer_auth(issued.access_token.expose_secret());
    request.send().await.unwrap().status() == 200
}

#[tokio::test]
async fn a_person_signs_in_and_the_browser_comes_back_to_the_listener() {
    let (http, provider, client) = (http(), provider(&OIDC.issuer, ""), client());
    let server = server(&http, &provider, &client);
    let listener = LoopbackListener::bind(provider.redirect(), &sign_in()).await.unwrap().unwrap();
    let redirect_uri = listener.redirect_uri().to_owned();
    let Authorization { url, pending } =
        Authorization::begin(&server, sign_in(), &redirect_uri, scopes(&SCOPES), None, now()).unwrap();
    let browser = async {
        let callback = Browser::new().sign_in(url).await;
        reqwest::get(callback).await.unwrap().text().await.unwrap()
    };
    let (callback, page) = tokio::join!(listener.wait(&pending), browser);
    assert!(page.contains("keystroke has the answer"), "{page}");

    let owner = Owner::User("ada".to_owned());
    let code = pending.finish(callback.unwrap(), &server, &owner, Some("ada"), now()).unwrap();
    let before = now();
    let issued = code.redeem(&server, before).await.unwrap();
    assert_eq!(issued.account.as_ref().unwrap().id, "ada");
    assert_eq!(issued.scopes, ["api:read", "api:write", "openid"]);
    assert_eq!(issued.expiry, Expiry::At(before + Duration::from_secs(3600)));
    assert!(issued.grant.is_renewable());
    assert!(is_alive(&issued).await);
}

#[tokio::test]
async fn a_client_proves_itself_in_each_way() {
    let key = |pem: &str| Client::new("signing").with_key(secret(pem), None).unwrap();
    for (client, way) in [
        (client(), "basic"),
        (Client::new("post").with_secret(secret("post-s3cr3t")), "post"),
        (Client::new("public"), "none"),
        (key(&KEY.pkcs8), "private_key_jwt"),
        (key(&KEY.pkcs1), "private_key_jwt"),
    ] {
        let provider = provider(&OIDC.issuer, &format!("[token]\nauthentication = [\"{way}\"]\n"));
        let client = client.seal(Client::from_sealed).unwrap();
        let issued = connect(&http(), &provider, &client, "ada", None).await;
        let issued = issued.unwrap_or_else(|error| panic!("{way}: {error}"));
        assert!(is_alive(&issued).await, "{way}");
        // A refresh proves it again.
        assert!(is_alive(&renewed(&provider, &client, issued).await).await, "{way}");
    }
}

#[tokio::test]
async fn a_client_with_another_secret_is_rejected() {
    let provider = provider(&OIDC.issuer, "");
    let client = Client::new("basic").with_secret(secret("another"));
    let error = connect(&http(), &provider, &client, "ada", None).await.err().unwrap();
    assert_eq!(error.code(), "client_rejected");
    assert!(error.fix().contains("keystroke clients set test --client-id basic"), "{error}");
}

#[tokio::test]
async fn a_person_who_says_no_or_less_is_heard() {
    let (provider, client) = (provider(&OIDC.issuer, ""), client());
    let denied = connect(&http(), &provider, &client, "ada/deny", None).await.err().unwrap();
    assert_eq!(denied.code(), "sign_in_denied");
    let fewer = connect(&http(), &provider, &client, "ada/fewer", None).await.unwrap();
    assert_eq!(fewer.scopes, ["api:read", "openid"]);
}

#[tokio::test]
async fn a_token_is_for_the_resource_that_was_asked_for() {
    let (provider, client) = (provider(&OIDC.issuer, ""), client());
    let issued = connect(&http(), &provider, &client, "ada", Some(API)).await.unwrap();
    assert_eq!(audience(&issued).await, API);
    let issued = renewed(&provider, &client, issued).await;
    assert_eq!(audience(&issued).await, API, "a refresh names it again");
    let other = connect(&http(), &provider, &client, "ada", Some("https://other.example.com/")).await;
    let error = other.err().unwrap();
    assert!(error.code() == "sign_in_refused" && error.problem().contains("invalid_target"), "{error}");
}

async fn audience(issued: &Issued) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("{}/token/introspection", OIDC.issuer))
        .basic_auth("basic", Some("basic%3As3cr3t%2F%2B%26%25"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("token={}", issued.access_token.expose_secret()));
    let answer = request.send().await.unwrap().text().await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    answer["aud"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn a_person_enters_the_code_on_another_device() {
    let (http, provider, client) =
        (http(), provider(&OIDC.issuer, "[account]\nfrom = \"userinfo\"\nid = [\"/sub\"]"), client());
    let server = server(&http, &provider, &client);
    let mut device = DeviceSignIn::begin(&server, &sign_in(), scopes(&SCOPES), None, now()).await.unwrap();
    assert_eq!(device.interval(), Duration::from_secs(5), "as the RFC has it where the server is silent");
    assert!(device.poll(&server, now()).await.unwrap().is_none(), "nobody has entered it");

    let end = Browser::new().enter(device.verification_uri(), device.user_code()).await;
    assert!(matches!(end, End::Page(page) if page == "done"));
    let issued = device.poll(&server, now()).await.unwrap().expect("it was entered");
    assert_eq!(issued.account.as_ref().unwrap().id, "ada");
    assert!(is_alive(&renewed(&provider, &client, issued).await).await);

    let late = device.expires_at();
    assert_eq!(device.poll(&server, late).await.err().unwrap().code(), "device_code_expired");
}

#[tokio::test]
async fn a_machine_asks_for_itself_and_asks_again_to_renew() {
    let provider = provider(&OIDC.issuer, "");
    let client = Client::new("machine").with_secret(secret("machine-s3cr3t"));
    let http = http();
    let server = server(&http, &provider, &client);
    let asked = scopes(&["api:read"]);
    let grant = MachineGrant::ClientCredentials;
    let issued = grant.issue(&server, &sign_in(), asked, Some(API.to_owned()), now()).await.unwrap();
    assert_eq!(issued.scopes, ["api:read"]);
    assert_eq!(audience(&issued).await, API);
    let first = issued.access_token.expose_secret().to_owned();
    let second = renewed(&provider, &client, issued).await;
    assert_ne!(second.access_token.expose_secret(), first);
    assert_eq!(audience(&second).await, API);
}

#[tokio::test]
async fn a_revoked_grant_is_dead() {
    let (http, provider, client) = (http(), provider(&OIDC.issuer, ""), client());
    let issued = connect(&http, &provider, &client, "ada", None).await.unwrap();
    let server = server(&http, &provider, &client);
    let revoked = issued.grant.revoke(Some(&issued.access_token), &server, now()).await;
    assert!(matches!(revoked, Revoked::Done), "{revoked:?}");
    match renew(&provider, &client, issued.grant).await {
        Verdict::Dead { code, confirm_after: None } => assert_eq!(code.as_str(), "invalid_grant"),
        other => panic!("{}", other.name()),
    }
}

#[tokio::test]
async fn a_redirect_that_is_not_registered_goes_nowhere() {
    let (http, provider, client) = (http(), provider(&OIDC.issuer, ""), client());
    let server = server(&http, &provider, &client);
    let begun =
        Authorization::begin(&server, sign_in(), "http://127.0.0.1/other", scopes(&SCOPES), None, now());
    let end = Browser::new().open(begun.unwrap().url).await;
    assert!(matches!(end, End::Page(page) if page.contains("redirect_uri")));
}

#[test]
fn the_default_redirect_is_the_one_that_the_server_knows() {
    let redirect = Redirect::default().to_register(None);
    assert_eq!(redirect.parse::<Url>().unwrap().as_str(), REDIRECT);
}
