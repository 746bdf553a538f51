//! The same flows against another implementer's server, PyPI `authlib`, which also takes signed assertions.

use std::time::Duration;

use keystroke_core::Owner;
use keystroke_oauth::{
    Authorization, Callback, Client, Expiry, Issued, MachineGrant, Provider, Revoked, Verdict,
};

use crate::browser::Browser;
use crate::common::setup::{REDIRECT, http, now, scopes, secret, server, sign_in};
use crate::keys::KEY;
use crate::peers::AUTHLIB;
use crate::refresh::{renew, renewed};

fn provider(way: &str) -> Provider {
    let issuer = &AUTHLIB.issuer;
    let file = format!(
        r#"title = "Authlib"
source = "https://docs.authlib.org/en/latest/"
verified = "2026-11"
grants = ["authorization_code", "client_credentials", "jwt_bearer"]
[registration]
url = "https://example.com/apps"
steps = ["Add the redirect {{redirect}} and the scopes {{scopes}}."]
[endpoints]
authorize = "{issuer}/authorize"
token = "{issuer}/token"
revoke = "{issuer}/revoke"
userinfo = "{issuer}/userinfo"
[token]
authentication = ["{way}"]
[refresh]
tokens = "rotates"
[revocation]
[account]
from = "userinfo"
id = ["/sub"]
[assertion]
lifetime = "10m"
"#
    );
    Provider::parse("authlib", &file).unwrap_or_else(|error| panic!("{error}"))
}

async fn connect(provider: &Provider, client: &Client) -> Issued {
    let http = http();
    let server = server(&http, provider, client);
    let asked = scopes(&["read", "write"]);
    let Authorization { url, pending } =
        Authorization::begin(&server, sign_in(), REDIRECT, asked, None, now()).unwrap();
    let callback = Callback::parse(Browser::new().sign_in(url).await.as_str()).unwrap();
    let owner = Owner::User("ada".to_owned());
    let code = pending.finish(callback, &server, &owner, Some("ada"), now()).unwrap();
    code.redeem(&server, now()).await.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_and_the_grant_is_renewed_and_revoked() {
    for (id, way) in [("basic", "basic"), ("post", "post")] {
        let (provider, client) = (provider(way), Client::new(id).with_secret(secret("s3cr3t")));
        let issued = connect(&provider, &client).await;
        assert_eq!(issued.account.as_ref().unwrap().id, "ada");
        assert_eq!(issued.scopes, ["read", "write"]);
        let issued = renewed(&provider, &client, issued).await;
        let http = http();
        let revoked = issued.grant.revoke(None, &server(&http, &provider, &client), now()).await;
        assert!(matches!(revoked, Revoked::Done), "{revoked:?}");
        match renew(&provider, &client, issued.grant).await {
            Verdict::Dead { code, .. } => assert_eq!(code.as_str(), "invalid_grant"),
            other => panic!("{}", other.name()),
        }
    }
}

#[tokio::test]
async fn a_machine_signs_an_assertion_for_someone_and_signs_again_to_renew() {
    let provider = provider("none");
    let client = Client::new("service").with_key(secret(&KEY.pkcs8), None).unwrap();
    let http = http();
    let server = server(&http, &provider, &client);
    let grant = |subject: &str| MachineGrant::JwtBearer { subject: Some(subject.to_owned()) };
    let before = now();
    let issued = grant("ada").issue(&server, &sign_in(), Vec::new(), None, before).await.unwrap();
    assert!(matches!(issued.expiry, Expiry::At(end) if end > before));
    let first = issued.access_token.expose_secret().to_owned();
    assert_ne!(renewed(&provider, &client, issued).await.access_token.expose_secret(), first);

    let stranger = grant("eve").issue(&server, &sign_in(), Vec::new(), None, now()).await.err().unwrap();
    assert_eq!(stranger.code(), "client_rejected", "{stranger}");
    // An assertion that has expired, by a clock that is an hour behind.
    let late =
        grant("ada").issue(&server, &sign_in(), Vec::new(), None, now() - Duration::from_secs(3600)).await;
    assert_eq!(late.err().unwrap().code(), "sign_in_refused");
    // One that another key signed.
    let other = aws_lc_rs::signature::RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let other = Client::new("service").with_key(secret(&crate::keys::pem(&other)), None).unwrap();
    let server = crate::common::setup::server(&http, &provider, &other);
    let forged = grant("ada").issue(&server, &sign_in(), Vec::new(), None, now()).await;
    assert_eq!(forged.err().unwrap().code(), "sign_in_refused");
}

#[tokio::test]
async fn a_client_without_a_key_is_told_what_it_lacks() {
    let (provider, client, http) = (provider("basic"), Client::new("service"), http());
    let server = server(&http, &provider, &client);
    let grant = MachineGrant::JwtBearer { subject: None };
    let error = grant.issue(&server, &sign_in(), Vec::new(), None, now()).await.err().unwrap();
    assert_eq!(error.code(), "client_incomplete");
    assert!(error.fix().contains("--set private_key=@stdin"), "{error}");
    let error = MachineGrant::ClientCredentials.issue(&server, &sign_in(), Vec::new(), None, now()).await;
    let error = error.err().unwrap();
    assert!(
        error.code() == "client_incomplete" && error.fix().contains("--set client_secret=@stdin"),
        "{error}"
    );
}
