//! Runs the table, row by row.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::*;
use crate::http::MAX_ANSWER;
use crate::provider::Provider;

/// Wed, 21 Oct 2015 07:28:00 GMT.
const NOW: u64 = 1_445_412_480;

/// How providers spell errors, each as some do.
const SPELLINGS: &[(&str, &str)] = &[
    ("standard", ""),
    (
        "flagged",
        r#"[errors]
        success = "/ok"
        dead = ["token_revoked", "account_inactive", "invalid_refresh_token"]
        transient = ["ratelimited", "internal_error", "fatal_error"]
        client = ["bad_client_secret", "invalid_client_id"]"#,
    ),
    (
        "in-200",
        r#"[errors]
        dead = ["bad_refresh_token"]
        client = ["incorrect_client_credentials"]"#,
    ),
    ("throttles", "[errors]\ntransient = [\"Access Denied\"]\ndead = [\"invalid_code\"]"),
    ("lies", "[errors]\nlies_in_outages = true"),
    ("nested-code", "[errors]\ncode = \"/error/type\"\ndead = [\"token_dead\"]"),
    ("numbered", "[errors]\ncode = \"/errcode\"\ndead = [\"42002\"]"),
    ("nested-token", "[answer]\naccess_token = \"/authed_user/access_token\"\n[errors]\nsuccess = \"/ok\""),
    ("renamed-token", "[answer]\naccess_token = \"/token\"\nexpires_at = { rfc3339 = \"/expires_at\" }"),
];

fn provider(name: &str) -> Provider {
    let (_, own) = SPELLINGS.iter().find(|(known, _)| *known == name).expect(name);
    let common = r#"
        title = "Test"
        source = "https://example.com/docs"
        verified = "2026-11"
        grants = ["authorization_code"]
        [registration]
        url = "https://example.com/apps"
        steps = ["Add the redirect {redirect} and the scopes {scopes}."]
        [endpoints]
        authorize = "https://example.com/authorize"
        token = "https://example.com/token"
        [token]
        authentication = ["basic"]
        [refresh]
        tokens = "rotates"
    "#;
    Provider::parse("test", &format!("{common}\n{own}")).expect(name)
}

fn reply(status: &str, kind: &str, header: &str, body: &str) -> Reply {
    let body = match body {
        "@unsent" => return Reply::NotSent("connection refused".to_owned()),
        "@silent" => return Reply::NoAnswer("connection closed".to_owned()),
        "@late" => return Reply::NoAnswer("timed out".to_owned()),
        "@cut" => Body::Cut("connection closed".to_owned()),
        "@long" => Body::TooLong,
        "@empty" => Body::Whole(Zeroizing::default()),
        "@max" => {
            let padding = MAX_ANSWER - r#"{"access_token":"a"}"#.len();
            Body::Whole(format!(r#"{{"access_token":"a"}}{}"#, " ".repeat(padding)).into_bytes().into())
        }
        "@deep" => Body::Whole(
            format!(r#"{{"error":{}"invalid_grant"{}}}"#, "[".repeat(200), "]".repeat(200))
                .into_bytes()
                .into(),
        ),
        body => Body::Whole(body.as_bytes().to_vec().into()),
    };
    let mut headers = HeaderMap::new();
    if kind != "-" {
        headers.insert("content-type", HeaderValue::from_str(kind).expect(kind));
    }
    if let Some((name, value)) = header.split_once(": ") {
        headers.insert(HeaderName::try_from(name).expect(name), HeaderValue::from_str(value).expect(value));
    }
    Reply::Answered(HttpAnswer { status: status.parse().expect(status), headers, body })
}

/// A verdict as the table writes it.
fn written(verdict: &Verdict<TokenAnswer>) -> String {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let after = |after: &Option<RetryAfter>| {
        after.map_or_else(String::new, |after| format!(" after {}", after.wait(now).as_secs()))
    };
    match verdict {
        Verdict::Answer(_) => "answer".to_owned(),
        Verdict::Dead { code, confirm_after: None } => format!("dead {code}"),
        Verdict::Dead { code, confirm_after: Some(CONFIRM_DEAD_AFTER) } => format!("dead {code} confirm"),
        Verdict::Dead { .. } => "dead, to be confirmed at another time".to_owned(),
        Verdict::Client { code } => format!("client {code}"),
        Verdict::Transient { retry_after, .. } => format!("transient{}", after(retry_after)),
        Verdict::Unknown { retry_after, .. } => format!("unknown{}", after(retry_after)),
    }
}

#[test]
fn every_row_of_the_table_holds() {
    let mut rows = 0;
    let mut wrong = Vec::new();
    for line in include_str!("table.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [spelling, status, kind, header, body, expected] = line
            .split(" | ")
            .collect::<Vec<_>>()
            .try_into()
            .unwrap_or_else(|_| panic!("six columns: {line}"));
        let provider = provider(spelling);
        let found =
            written(&verdict(provider.errors(), provider.answer(), reply(status, kind, header, body)));
        rows += 1;
        if found != expected {
            wrong.push(format!("{line}\n  but it is: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows >= 120, "the table has {rows} rows only");
}

#[test]
fn a_cause_says_whether_a_refresh_token_may_be_spent() {
    let provider = provider("standard");
    for (body, spent) in [("@unsent", false), ("@silent", true), ("@late", true)] {
        match verdict(provider.errors(), provider.answer(), reply("0", "-", "-", body)) {
            Verdict::Transient { cause, .. } => assert_eq!(cause.was_sent(), spent, "{body}"),
            other => panic!("{body}: {}", other.name()),
        }
    }
}

#[test]
fn a_code_that_is_no_code_is_not_repeated() {
    let long = "a".repeat(65);
    for (code, shown) in [
        ("invalid_grant", "invalid_grant"),
        ("Access Denied", "Access Denied"),
        ("AADSTS70008: expired", "AADSTS70008: expired"),
        ("xoxe-1-My0xLWFiY2RlZmdoaWprbG1ub3A", "…"),
        ("ghr_16C7e42F292c6912E7710c838347Ae178B4a", "…"),
        ("8xLOxBtZp8Qf7yZ3kRm2a", "…"),
        ("\u{1b}[31mred", "…"),
        ("<script>", "…"),
        (&long, "…"),
    ] {
        assert_eq!(ErrorCode::new(code).as_str(), shown, "{code}");
    }
}
