//! Every request beside the one that the crate `oauth2` makes of the same: another author's reading of the RFCs.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use keystroke_core::Owner;
use keystroke_oauth::{
    Authorization, Callback, Client, DeviceSignIn, GrantVersion, MachineGrant, Pkce, Provider, RefreshLease,
};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RevocationUrl,
    Scope, StandardDeviceAuthorizationResponse, StandardRevocableToken, TokenUrl,
};

use crate::common::faulty::{Faulty, Request, json};
use crate::common::setup::{http, now, provider, scopes, secret, server, sign_in};

const REDIRECT: &str = "http://127.0.0.1:7000/callback";
const ID: &str = "id with:odd/+ä";
const SECRET: &str = "s3cr3t:with/odd+ä&=";
const ISSUED: &str =
    r#"{"access_token":"a","refresh_token":"r 1","token_type":"bearer","scope":"read write"}"#;

/// What of a request is compared: the header that authenticates, and the form.
type Compared = (Option<String>, Vec<(String, String)>);

fn ours(request: &Request) -> Compared {
    (request.header("authorization").map(str::to_owned), request.form())
}

/// What `oauth2` would send.
fn theirs(send: impl FnOnce(&dyn Fn(HttpRequest) -> Result<HttpResponse, io::Error>)) -> Compared {
    let sent = RefCell::new(None);
    send(&|request| {
        *sent.borrow_mut() = Some(request);
        Err(io::Error::other("it was sent"))
    });
    let request = sent.into_inner().expect("a request");
    let header = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let mut form: Vec<_> = url::form_urlencoded::parse(request.body()).into_owned().collect();
    form.sort();
    (header, form)
}

fn provider_with(issuer: &str, way: &str) -> Provider {
    let account = "[account]\nfrom = \"answer\"\nid = [\"/scope\"]\n";
    provider(issuer, &format!("{account}[token]\nauthentication = [\"{way}\"]\n"))
}

#[tokio::test]
async fn requests_are_those_of_another_implementation() {
    for (way, auth) in [("basic", AuthType::BasicAuth), ("post", AuthType::RequestBody)] {
        let faulty = Faulty::start(|request| match request.line.contains("/device/auth") {
            true => json(
                200,
                r#"{"device_code":"d","user_code":"u","verification_uri":"https://example.com/d","expires_in":600}"#,
            ),
            false => json(200, ISSUED),
        })
        .await;
        let issuer = faulty.issuer.as_str();
        let (http, provider) = (http(), provider_with(issuer, way));
        let client = Client::new(ID).with_secret(secret(SECRET));
        let server = server(&http, &provider, &client);
        let last = || faulty.requests().pop().expect("a request");
        let oracle = BasicClient::new(ClientId::new(ID.to_owned()))
            .set_client_secret(ClientSecret::new(SECRET.to_owned()))
            .set_auth_type(auth)
            .set_auth_uri(AuthUrl::new(format!("{issuer}/auth")).unwrap())
            .set_token_uri(TokenUrl::new(format!("{issuer}/token")).unwrap())
            .set_device_authorization_url(
                DeviceAuthorizationUrl::new(format!("{issuer}/device/auth")).unwrap(),
            )
            // It asks for `https`, and is never sent.
            .set_revocation_url(RevocationUrl::new("https://example.com/revoke".to_owned()).unwrap())
            .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).unwrap());
        let both = || ["read", "write"].map(|scope| Scope::new(scope.to_owned()));

        // The code and its exchange.
        assert_eq!(provider.authorize().pkce, Pkce::S256);
        let begun =
            Authorization::begin(&server, sign_in(), REDIRECT, scopes(&["read", "write"]), None, now())
                .unwrap();
        let state = begun.url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let callback = Callback::parse(&format!("code=c%2F1&state={state}&iss={issuer}")).unwrap();
        let owner = Owner::User("ada".to_owned());
        let code = begun.pending.finish(callback, &server, &owner, Some("ada"), now()).unwrap();
        let issued = code.redeem(&server, now()).await.unwrap();
        let request = last();
        let verifier = request.form().into_iter().find(|(name, _)| name == "code_verifier").unwrap().1;
        let verifier = || PkceCodeVerifier::new(verifier.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier());
        let (url, _) = oracle
            .authorize_url(|| CsrfToken::new(state.clone()))
            .add_scopes(both())
            .set_pkce_challenge(challenge)
            .url();
        let pairs = |url: &reqwest::Url| {
            let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
            pairs.sort();
            pairs
        };
        assert_eq!(pairs(&begun.url), pairs(&url), "{way}");
        let exchange = oracle.exchange_code(AuthorizationCode::new("c/1".to_owned()));
        let exchange = exchange.set_pkce_verifier(verifier());
        assert_eq!(ours(&request), theirs(|send| drop(exchange.request(&send))), "{way}");

        // Revocation and refresh.
        issued.grant.revoke(Some(&issued.access_token), &server, now()).await;
        let token = StandardRevocableToken::RefreshToken(RefreshToken::new("r 1".to_owned()));
        let revoke = oracle.revoke_token(token).unwrap();
        assert_eq!(ours(&last()), theirs(|send| drop(revoke.request(&send))), "{way}");
        let lease = RefreshLease::new("calendar-7k2m", issued.grant, GrantVersion(1));
        lease.exchange(&server, now(), ready(Ok::<(), Infallible>(()))).await.unwrap();
        let token = RefreshToken::new("r 1".to_owned());
        let refresh = oracle.exchange_refresh_token(&token);
        assert_eq!(ours(&last()), theirs(|send| drop(refresh.request(&send))), "{way}");

        // Client credentials.
        let grant = MachineGrant::ClientCredentials;
        grant.issue(&server, &sign_in(), scopes(&["read", "write"]), None, now()).await.unwrap();
        let machine = oracle.exchange_client_credentials().add_scopes(both());
        assert_eq!(ours(&last()), theirs(|send| drop(machine.request(&send))), "{way}");

        // The device flow.
        let asked = scopes(&["read", "write"]);
        let mut device = DeviceSignIn::begin(&server, &sign_in(), asked, None, now()).await.unwrap();
        let begin = oracle.exchange_device_code().add_scopes(both());
        assert_eq!(
            ours(&last()),
            theirs(|send| drop(begin.request::<_, oauth2::EmptyExtraDeviceAuthorizationFields>(&send))),
            "{way}"
        );
        device.poll(&server, now()).await.unwrap().expect("a token");
        let answer: StandardDeviceAuthorizationResponse = serde_json::from_str(
            r#"{"device_code":"d","user_code":"u","verification_uri":"https://example.com/d","expires_in":600}"#,
        )
        .unwrap();
        // It looks at the clock as it begins and before it asks, and asks until the code has expired: an hour later.
        let looks = AtomicU64::new(0);
        let clock = || {
            let hours = looks.fetch_add(1, Ordering::Relaxed) / 2;
            (SystemTime::UNIX_EPOCH + Duration::from_secs(3600 * hours)).into()
        };
        let poll = oracle.exchange_device_access_token(&answer).set_time_fn(clock);
        assert_eq!(ours(&last()), theirs(|send| drop(poll.request(&send, |_| {}, None))), "{way}");
    }
}
