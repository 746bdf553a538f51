//! A token endpoint that redirects, hangs, dies or floods: what a refresh makes of it.

use std::convert::Infallible;
use std::future::ready;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keystroke_oauth::{
    AuthorizationServer, Cause, Client, Expiry, Grant, GrantVersion, Http, Issued, MachineGrant,
    RefreshLease, Revoked, Verdict,
};
use tokio::net::TcpSocket;

use crate::common::faulty::{Act, Faulty, json};
use crate::common::setup::{
    ACCOUNT, client, copy, http, http_within, issued, now, provider, provider_with_token, scopes, secret,
    server, sign_in, try_issued,
};

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
    let host = other.issuer.strip_prefix("http://").map(str::to_owned);
    for status in [301, 302, 303, 307, 308] {
        let location = location.clone();
        let faulty =
            Faulty::start(first_then(move || Act::Answer(status, location.clone(), String::new()))).await;
        let grant = grant(&faulty.issuer).await;
        let (name, cause) = refresh(&http(), &faulty.issuer, grant).await;
        assert_eq!((name, cause), ("unknown", Some(Cause::Redirect { status, host: host.clone() })));
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
    let acts: [fn() -> Act; 2] = [|| Act::Close, || Act::Hang];
    for act in acts {
        // A machine under load may not have sent anything by then, and gets more time.
        let mut patience = Duration::from_millis(300);
        loop {
            let faulty = Faulty::start(first_then(act)).await;
            let grant = grant(&faulty.issuer).await;
            let (name, cause) = refresh(&http_within(patience), &faulty.issuer, grant).await;
            assert_eq!(name, "transient");
            let sent = faulty.requests().len() - 1;
            if sent == 0 && patience < Duration::from_secs(60) {
                patience *= 4;
                continue;
            }
            assert!(cause.unwrap().was_sent());
            assert_eq!(sent, 1, "once, and not again");
            break;
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_has_spent_nothing() {
    // A port that is taken and that nobody listens at.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let issuer = format!("http://{}", socket.local_addr().unwrap());
    let grant = {
        let faulty = Faulty::start(|_| json(200, ISSUED)).await;
        let token = format!("{}/token", faulty.issuer);
        let (http, provider, client) = (http(), provider_with_token(&issuer, &token, ACCOUNT), client());
        issued(&server(&http, &provider, &client), &issuer).await.grant
    };
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

/// A provider that issues a grant, and then can't or won't say whose it is.
#[tokio::test]
async fn a_grant_that_can_t_be_used_is_an_error_that_revokes_nothing_and_a_question_that_failed_is_asked_again()
 {
    const USERINFO: &str = "[account]\nfrom = \"userinfo\"\nid = [\"/sub\"]\n";
    const FACT: &str = "[facts.base_url]\nfrom = { answer = \"/url\" }\nhosts = [\"example.com\"]\n";
    let fact = format!("{ACCOUNT}{FACT}");
    type Answer = fn(usize) -> Act;
    // What `userinfo` answers, time by time; how often it is asked; the error.
    let cases: [(&str, Answer, usize, Option<&str>); 9] = [
        (USERINFO, |_| json(200, r#"{"sub":"ada"}"#), 1, None),
        (USERINFO, |time| if time < 2 { Act::Close } else { json(200, r#"{"sub":"ada"}"#) }, 3, None),
        (USERINFO, |time| json(if time < 1 { 503 } else { 200 }, r#"{"sub":"ada"}"#), 2, None),
        (USERINFO, |_| json(503, ""), 3, Some("provider_unavailable")),
        (USERINFO, |_| Act::Close, 3, Some("provider_unavailable")),
        (USERINFO, |_| json(403, ""), 1, Some("provider_unavailable")),
        (USERINFO, |_| json(200, r#"{"name":"Ada"}"#), 1, Some("account_unknown")),
        (&fact, |_| Act::Close, 0, Some("callback_other_host")),
        ("", |_| Act::Close, 0, Some("account_unknown")),
    ];
    for (index, (more, answer, asked, code)) in cases.into_iter().enumerate() {
        let times = AtomicUsize::new(0);
        let faulty = Faulty::start(move |request| match &request.line {
            line if line.contains("/me ") => answer(times.fetch_add(1, Ordering::Relaxed)),
            line if line.contains("/token/revocation ") => json(200, ""),
            _ => json(
                200,
                r#"{"account":"ada","access_token":"a","refresh_token":"r","url":"https://evil.example"}"#,
            ),
        })
        .await;
        let (http, provider, client) = (http(), provider(&faulty.issuer, more), client());
        let issued = try_issued(&server(&http, &provider, &client), &faulty.issuer).await;
        let error = issued.err();
        assert_eq!(error.as_ref().map(|error| error.code()), code, "case {index}");
        if code == Some("callback_other_host") {
            let error = error.unwrap();
            assert!(error.problem().contains("leads to evil.example"), "{error}");
            assert!(error.fix().contains("own documentation names evil.example"), "{error}");
        }
        let sent = |path: &str| {
            let requests = faulty.requests();
            requests.into_iter().filter(|request| request.line.contains(path)).collect::<Vec<_>>()
        };
        assert_eq!(sent("/me ").len(), asked, "case {index}");
        // The account may have another connection, which many providers would revoke with it.
        assert!(sent("/token/revocation ").is_empty(), "case {index}");
    }
}

#[tokio::test]
async fn a_revocation_counts_only_if_the_provider_says_nothing_else() {
    type Answer = fn() -> Act;
    let cases: [(Answer, &str); 6] = [
        (|| json(200, ""), "revoked"),
        (|| json(200, "{}"), "revoked"),
        (|| json(204, ""), "revoked"),
        (|| json(200, r#"{"error":"unsupported_token_type"}"#), "revocation_failed"),
        (|| json(503, ""), "revocation_failed"),
        (|| Act::Close, "revocation_failed"),
    ];
    for (act, code) in cases {
        let faulty = Faulty::start(first_then(act)).await;
        let (http, provider, client) = (http(), provider(&faulty.issuer, ACCOUNT), client());
        let server = server(&http, &provider, &client);
        let issued = issued(&server, &faulty.issuer).await;
        let revoked = issued.grant.revoke("calendar-7k2m", Some(&issued.access_token), &server, now()).await;
        assert_eq!(revoked.code(), code, "{revoked:?}");
        assert_eq!(revoked.fix().is_none(), matches!(revoked, Revoked::Done), "{revoked:?}");
    }
}

/// Renews, and panics if that fails.
async fn renewed(server: &AuthorizationServer<'_>, grant: Grant) -> Issued {
    let lease = RefreshLease::new("calendar-7k2m", copy(&grant), GrantVersion(1));
    match lease.exchange(server, now(), ready(Ok::<(), Infallible>(()))).await {
        Ok(Verdict::Answer(lease)) => lease.save(|_, issued| issued),
        Ok(other) => panic!("{}", other.name()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_machine_that_is_given_fewer_scopes_asks_for_all_of_them_again() {
    let faulty = Faulty::start(|request| {
        let fewer = request.form().contains(&("scope".to_owned(), "read write".to_owned()));
        json(
            200,
            if fewer { r#"{"access_token":"a","scope":"read"}"# } else { r#"{"error":"invalid_scope"}"# },
        )
    })
    .await;
    let (http, provider, client) = (http(), provider(&faulty.issuer, ""), client());
    let server = server(&http, &provider, &client);
    let asked = scopes(&["read", "write"]);
    let machine = MachineGrant::ClientCredentials;
    let mut issued = machine.issue(&server, &sign_in(), asked, None, now()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(issued.scopes, ["read"]);
        issued = renewed(&server, issued.grant).await;
    }
}

#[tokio::test]
async fn the_end_of_a_refresh_token_stays_until_there_is_another_token() {
    let told = "[answer]\nrefresh_expires_in = \"/refresh_expires_in\"\n";
    let answers = [
        r#"{"account":"ada","access_token":"a","refresh_token":"r","refresh_expires_in":1000}"#,
        r#"{"access_token":"b"}"#,
        r#"{"access_token":"c","refresh_expires_in":"soon"}"#,
        r#"{"access_token":"d"}"#,
        r#"{"access_token":"e","refresh_token":"s"}"#,
    ];
    let times = AtomicUsize::new(0);
    let faulty = Faulty::start(move |_| json(200, answers[times.fetch_add(1, Ordering::Relaxed)])).await;
    let (http, provider, client) = (http(), provider(&faulty.issuer, &format!("{ACCOUNT}{told}")), client());
    let server = server(&http, &provider, &client);
    let first = issued(&server, &faulty.issuer).await;
    let Expiry::At(end) = first.refresh_expiry else { panic!("{:?}", first.refresh_expiry) };
    let second = renewed(&server, first.grant).await;
    // It is kept in seconds.
    let Expiry::At(kept) = second.refresh_expiry else { panic!("{:?}", second.refresh_expiry) };
    assert!(kept <= end && kept + Duration::from_secs(1) > end);
    let third = renewed(&server, second.grant).await;
    assert_eq!(third.refresh_expiry, Expiry::Unreadable);
    let fourth = renewed(&server, third.grant).await;
    assert_eq!(fourth.refresh_expiry, Expiry::Unreadable);
    let fifth = renewed(&server, fourth.grant).await;
    assert_eq!(fifth.refresh_expiry, Expiry::Unstated, "another token, of which nothing is known");
}

#[tokio::test]
async fn a_secret_that_looks_like_a_code_is_not_repeated() {
    // As another way of authentication sends it, too.
    for way in ["basic", "post"] {
        let token = format!("{ACCOUNT}[token]\nauthentication = [\"{way}\"]\n");
        let faulty = Faulty::start(first_then(|| json(400, r#"{"error":"SilverBirchLeafs"}"#))).await;
        let (http, provider) = (http(), provider(&faulty.issuer, &token));
        let client = Client::new("basic").with_secret(secret("SilverBirchLeafs"));
        let grant = issued(&server(&http, &provider, &client), &faulty.issuer).await.grant;
        let lease = RefreshLease::new("calendar-7k2m", grant, GrantVersion(1));
        let server = server(&http, &provider, &client);
        match lease.exchange(&server, now(), ready(Ok::<(), Infallible>(()))).await {
            Ok(Verdict::Unknown { cause: Cause::Code(code), .. }) => assert_eq!(code.as_str(), "…"),
            _ => panic!("another verdict"),
        }
    }
}
