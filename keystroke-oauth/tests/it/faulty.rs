//! A token endpoint that redirects, hangs, dies or floods: what a refresh makes of it.

use std::convert::Infallible;
use std::future::ready;

use keystroke_oauth::{Cause, Grant, GrantVersion, Http, MachineGrant, RefreshLease, Verdict};
use tokio::net::TcpListener;

use crate::common::faulty::{Act, Faulty, json};
use crate::common::setup::{ACCOUNT, client, copy, hasty, http, issued, now, provider, server, sign_in};

const ISSUED: &str = r#"{"account":"ada","access_token":"a","refresh_token":"r","expires_in":3600}"#;

/// A grant with a refresh token, from whoever answers first.
async fn grant(issuer: &str) -> Grant {
    let (http, provider, client) = (http(), provider(issuer, ACCOUNT), client());
    issued(&server(&http, &provider, &client), issuer).await.grant
}

/// What becomes of a refresh, as a word and whether the refresh token may be spent.
async fn refresh(http: &Http, issuer: &str, grant: Grant) -> (&'static str, Option<Cause>) {
    let (provider, client) = (provider(issuer, ""), client());
    let lease = RefreshLease::new("calendar-7k2m", grant, GrantVersion(1));
    let verdict =
        lease.exchange(&server(http, &provider, &client), now(), ready(Ok::<(), Infallible>(()))).await;
    let verdict = verdict.unwrap_or_else(|error| panic!("{error}"));
    let name = verdict.name();
    match verdict {
        Verdict::Transient { cause, .. } | Verdict::Unknown { cause, .. } => (name, Some(cause)),
        _ => (name, None),
    }
}

fn first_then(
    act: impl Fn() -> Act + Send + Sync + 'static,
) -> impl Fn(&crate::common::faulty::Request) -> Act {
    move |request| if request.body.contains("code=granted") { json(200, ISSUED) } else { act() }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Faulty::start(|_| json(200, ISSUED)).await;
    let location = format!("location: {}/token\r\n", other.issuer);
    for status in [301, 302, 303, 307, 308] {
        let location = location.clone();
        let faulty =
            Faulty::start(first_then(move || Act::Answer(status, location.clone(), String::new()))).await;
        let grant = grant(&faulty.issuer).await;
        let (name, cause) = refresh(&http(), &faulty.issuer, grant).await;
        assert_eq!((name, cause), ("unknown", Some(Cause::Redirect(status))));
    }
    assert!(other.requests().is_empty(), "the refresh token went to another host");
}

#[tokio::test]
async fn an_answer_that_dies_half_way_changes_nothing() {
    let faulty = Faulty::start(first_then(|| Act::Cut(ISSUED.to_owned()))).await;
    let (name, cause) = refresh(&http(), &faulty.issuer, grant(&faulty.issuer).await).await;
    assert_eq!(name, "transient");
    assert!(cause.unwrap().was_sent());
}

#[tokio::test]
async fn a_connection_that_is_closed_or_silent_may_have_spent_the_token() {
    let acts: [(fn() -> Act, Http); 2] = [(|| Act::Close, http()), (|| Act::Hang, hasty())];
    for (act, http) in acts {
        let faulty = Faulty::start(first_then(act)).await;
        let (name, cause) = refresh(&http, &faulty.issuer, grant(&faulty.issuer).await).await;
        assert_eq!(name, "transient");
        assert!(cause.unwrap().was_sent());
        assert_eq!(faulty.requests().len(), 2, "it was not sent again");
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_has_spent_nothing() {
    let faulty = Faulty::start(|_| json(200, ISSUED)).await;
    let grant = grant(&faulty.issuer).await;
    // A port that nobody listens at: this one, until it is dropped.
    let issuer = faulty.issuer.clone();
    drop(faulty);
    let port = issuer.rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
    while TcpListener::bind(("127.0.0.1", port)).await.is_err() {
        tokio::task::yield_now().await;
    }
    let (name, cause) = refresh(&http(), &issuer, grant).await;
    let cause = cause.unwrap();
    assert!(name == "transient" && !cause.was_sent(), "{cause}");
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    let flood = "x".repeat(10 * 1024 * 1024);
    let faulty = Faulty::start(first_then(move || json(200, &flood))).await;
    let (name, cause) = refresh(&http(), &faulty.issuer, grant(&faulty.issuer).await).await;
    assert_eq!((name, cause), ("unknown", Some(Cause::TooLong)));
}

#[tokio::test]
async fn what_an_answer_leaves_out_stays_as_it_was() {
    let faulty = Faulty::start(first_then(|| json(200, r#"{"access_token":"b"}"#))).await;
    let first = grant(&faulty.issuer).await;
    let (http, provider, client) = (http(), provider(&faulty.issuer, ""), client());
    let server = server(&http, &provider, &client);
    let lease = RefreshLease::new("calendar-7k2m", copy(&first), GrantVersion(1));
    let Ok(Verdict::Answer(lease)) = lease.exchange(&server, now(), ready(Ok::<(), Infallible>(()))).await
    else {
        panic!("no answer")
    };
    let renewed = lease.save(|_, renewed| renewed);
    assert_eq!(renewed.scopes, ["api:read"]);
    let kept = |grant: &Grant| grant.seal(<[u8]>::to_vec);
    assert_eq!(kept(&renewed.grant), kept(&first), "the refresh token too");
}

#[tokio::test]
async fn a_machine_asks_again_even_if_it_was_given_a_refresh_token() {
    let faulty = Faulty::start(|_| json(200, ISSUED)).await;
    let (http, provider, client) = (http(), provider(&faulty.issuer, ""), client());
    let server = server(&http, &provider, &client);
    let machine = MachineGrant::ClientCredentials;
    let issued = machine.issue(&server, &sign_in(), Vec::new(), None, now()).await.unwrap();
    let (name, _) = refresh(&http, &faulty.issuer, issued.grant).await;
    assert_eq!(name, "answer");
    assert!(faulty.requests().iter().all(|request| request.body.contains("grant_type=client_credentials")));
}

#[tokio::test]
async fn an_early_answer_after_an_outage_is_judged_by_its_status() {
    let faulty = Faulty::start(first_then(|| json(500, r#"{"error":"invalid_grant"}"#))).await;
    let (name, cause) = refresh(&http(), &faulty.issuer, grant(&faulty.issuer).await).await;
    assert_eq!((name, cause), ("transient", Some(Cause::Status(500))));
}
