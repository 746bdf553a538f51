//! The answers of providers, as their documentation prints them (`peers/answers.json`), sent by npm `oauth2-mock-server` and read by
//! their built-in files: no code knows one of them.

use std::collections::BTreeMap;
use std::time::Duration;

use keystroke_core::Owner;
use keystroke_oauth::{Authorization, Callback, Client, Expiry, Issued, Provider, Providers, Verdict};
use serde_json::Value;
use toml::Table;

use crate::browser::Browser;
use crate::common::setup::{REDIRECT, http, now, secret, server, sign_in};
use crate::peers::MOCK;
use crate::refresh::renew;

/// The built-in file, with its endpoints at the mock, which is asked for this answer.
fn provider(name: &str, answer: &str) -> Provider {
    let built_in = Providers::built_in();
    let mut file: Table = built_in.get(name).unwrap().to_toml().parse().unwrap();
    let issuer = &MOCK.issuer;
    let endpoints = format!("authorize = \"{issuer}/authorize\"\ntoken = \"{issuer}/token\"");
    file.insert("endpoints".to_owned(), endpoints.parse::<Table>().unwrap().into());
    file.insert("grants".to_owned(), vec!["authorization_code"].into());
    // It may name fields of a table that goes.
    file.remove("unverified");
    for leads_elsewhere in ["variables", "revocation", "assertion"] {
        file.remove(leads_elsewhere);
    }
    // What is told elsewhere is not in the answer.
    let told = file.get("account").and_then(|account| account.get("from")).and_then(toml::Value::as_str);
    if !matches!(told, Some("answer" | "callback")) {
        file.remove("account");
    }
    let token = file.get_mut("token").unwrap().as_table_mut().unwrap();
    let parameters = token.entry("parameters").or_insert_with(|| Table::new().into());
    parameters.as_table_mut().unwrap().insert("answer".to_owned(), format!("{name}/{answer}").into());
    Provider::parse(name, &file.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

async fn connect(name: &str, client: &Client) -> Issued {
    let (http, provider) = (http(), provider(name, "granted"));
    let server = server(&http, &provider, client);
    let Authorization { url, pending } =
        Authorization::begin(&server, sign_in(), REDIRECT, Vec::new(), None, now()).unwrap();
    let mut callback = Browser::new().sign_in(url).await;
    callback.query_pairs_mut().append_pair("realmId", "9130347");
    let callback = Callback::parse(callback.as_str()).unwrap();
    let owner = Owner::User("ada".to_owned());
    let code = pending.finish(callback, &server, &owner, Some("ada"), now()).unwrap();
    code.redeem(&server, now()).await.unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test]
async fn the_answers_of_providers_are_read_by_their_files() {
    let answers: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../peers/answers.json")).unwrap();
    assert!(answers.len() >= 12);
    let client = Client::new("client").with_secret(secret("s3cr3t"));
    for (name, answers) in &answers {
        let expect = &answers["expect"];
        let before = now();
        let issued = connect(name, &client).await;
        let account = issued.account.as_ref().map(|account| account.id.as_str());
        assert_eq!(account, expect["account"].as_str(), "{name}");
        if let Some(scopes) = expect["scopes"].as_array() {
            assert_eq!(Value::from(issued.scopes.clone()), Value::from(scopes.clone()), "{name}");
        }
        let facts = expect.get("facts").cloned().unwrap_or_else(|| serde_json::json!({}));
        assert_eq!(serde_json::to_value(&issued.facts).unwrap(), facts, "{name}");
        match (issued.expiry, expect["seconds"].as_u64()) {
            (Expiry::At(end), Some(seconds)) => {
                assert!(end >= before + Duration::from_secs(seconds), "{name}");
                assert!(end <= now() + Duration::from_secs(seconds), "{name}");
            }
            (Expiry::Unstated, None) => {}
            (found, expected) => panic!("{name}: {found:?} {expected:?}"),
        }
        let kept = issued.grant.seal(<[u8]>::to_vec);

        for verdict in ["renewed", "dead", "transient", "client"] {
            let Some(answer) = answers.get(verdict) else { continue };
            let grant = keystroke_oauth::Grant::from_sealed(&kept).unwrap();
            let found = renew(&provider(name, verdict), &client, grant).await;
            match (verdict, found) {
                ("renewed", Verdict::Answer(lease)) => lease.save(|_, renewed| {
                    assert_ne!(
                        renewed.access_token.expose_secret(),
                        issued.access_token.expose_secret(),
                        "{name}"
                    );
                    assert_eq!(renewed.scopes, issued.scopes, "{name}");
                    assert!(renewed.grant.is_renewable(), "{name}");
                    let has_new = answer["body"].get("refresh_token")
                        != answers["granted"]["body"].get("refresh_token");
                    let is_new = renewed.grant.seal(<[u8]>::to_vec) != kept;
                    let has_one = answer["body"].get("refresh_token").is_some();
                    assert_eq!(is_new, has_new && has_one, "{name}");
                }),
                ("dead", Verdict::Dead { confirm_after, .. }) => {
                    assert_eq!(confirm_after.is_some(), answer["confirm"] == true, "{name}");
                }
                ("transient", Verdict::Transient { .. }) | ("client", Verdict::Client { .. }) => {}
                (_, found) => panic!("{name}: {verdict} is read as {}", found.name()),
            }
        }
    }
}
