//! Renewing a grant: once, by one holder, and never twice by mistake.

use std::convert::Infallible;
use std::future::ready;

use keystroke_oauth::{
    Answered, Client, ExchangeError, Grant, GrantVersion, Issued, Provider, RefreshLease, Verdict,
};

use crate::common::setup::{client, copy, http, now, provider, secret, server};
use crate::oidc::connect;
use crate::peers::OIDC;

/// Renews a grant, with whatever comes of it.
pub(crate) async fn renew(
    provider: &Provider,
    client: &Client,
    grant: Grant,
) -> Verdict<RefreshLease<Answered>> {
    let http = http();
    let server = server(&http, provider, client);
    let lease = RefreshLease::new("calendar-7k2m", grant, GrantVersion(1));
    match lease.exchange(&server, now(), ready(Ok::<(), Infallible>(()))).await {
        Ok(verdict) => verdict,
        Err(error) => panic!("{error}"),
    }
}

/// Renews what was issued.
pub(crate) async fn renewed(provider: &Provider, client: &Client, issued: Issued) -> Issued {
    match renew(provider, client, issued.grant).await {
        Verdict::Answer(lease) => lease.save(|version, issued| {
            assert_eq!(version, GrantVersion(1), "it is saved over the version that was sent");
            issued
        }),
        other => panic!("{}", other.name()),
    }
}

#[tokio::test]
async fn a_second_holder_of_one_grant_kills_the_family() {
    // Why there is a lease: this is what the server does to who sends a rotated token again.
    let (provider, client) = (provider(&OIDC.issuer, ""), client());
    let issued = connect(&http(), &provider, &client, "ada", None).await.unwrap();
    let stale = copy(&issued.grant);
    let fresh = renewed(&provider, &client, issued).await;
    for grant in [stale, fresh.grant] {
        match renew(&provider, &client, grant).await {
            Verdict::Dead { code, .. } => assert_eq!(code.as_str(), "invalid_grant"),
            other => panic!("{}", other.name()),
        }
    }
}

#[tokio::test]
async fn one_holder_renews_for_ever() {
    let (provider, client) = (provider(&OIDC.issuer, ""), client());
    let mut issued = connect(&http(), &provider, &client, "ada", None).await.unwrap();
    for _ in 0..5 {
        let before = issued.access_token.expose_secret().to_owned();
        // As a store does it: sealed, and opened again.
        issued.grant = copy(&issued.grant);
        issued = renewed(&provider, &client, issued).await;
        assert_ne!(issued.access_token.expose_secret(), before);
        assert_eq!(issued.scopes, ["api:read", "api:write", "openid"], "the grant's scopes stay");
    }
}

#[tokio::test]
async fn nothing_is_sent_by_another_client_or_to_another_issuer_or_unmarked() {
    let (http, provider, client) = (http(), provider(&OIDC.issuer, ""), client());
    let issued = connect(&http, &provider, &client, "ada", None).await.unwrap();
    let exchange = async |provider: &Provider, client: &Client, marked: Result<(), &'static str>| {
        let lease = RefreshLease::new("calendar-7k2m", copy(&issued.grant), GrantVersion(1));
        lease.exchange(&server(&http, provider, client), now(), ready(marked)).await.err()
    };
    let elsewhere = crate::common::setup::provider("http://127.0.0.1:9", "");
    let other = Client::new("post").with_secret(secret("post-s3cr3t"));
    for (provider, client) in [(&provider, &other), (&elsewhere, &client)] {
        match exchange(provider, client, Ok(())).await {
            Some(ExchangeError::Refused(error)) => {
                assert_eq!(error.code(), "client_changed");
                assert!(error.fix().contains("keystroke credentials reconnect calendar-7k2m"), "{error}");
            }
            _ => panic!("it was sent"),
        }
    }
    let unmarked = exchange(&provider, &client, Err("the disk is full")).await;
    assert!(matches!(unmarked, Some(ExchangeError::NotMarked("the disk is full"))));
    // The server knows of none of it: the token still works, once.
    drop(renewed(&provider, &client, issued).await);
}
