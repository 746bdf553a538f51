//! A preflight tells all that the compiler can't know, before the first call: as text and as JSON.

use std::sync::Arc;

use keystroke::CredentialStore;
use keystroke::declare::CredentialKind;
use keystroke::explain::{Preflight, Readiness};
use keystroke::prelude::*;
use keystroke::store::{
    Candidate, Candidates, Fields, Lookup, OpenError, Opened, Resolved, Status, StoreError, UseRecord,
};
use keystroke::testing::{RecordingStore, StoreEvent, TestRuns};

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

#[credential(key = "slack")]
struct Slack {
    bot_token: SecretString,
}

#[credential(key = "gmail", kind = oauth, oauth_scopes = ["mail.read"])]
struct Gmail {
    access_token: SecretString,
}

/// Searches.
#[action(slug = "search")]
async fn search(exa: &Exa) -> Result<(), Failure> {
    let _ = &exa.api_key;
    Ok(())
}

/// Posts what it found.
#[action(slug = "post")]
async fn post(exa: &Exa, slack: &Slack) -> Result<(), Failure> {
    let _ = (&exa.api_key, &slack.bot_token);
    Ok(())
}

/// Reads a channel.
#[action(slug = "read")]
async fn read(slack: &Slack) -> Result<(), Failure> {
    let _ = &slack.bot_token;
    Ok(())
}

/// Takes a note, and posts it too where there is an account.
#[action(slug = "note")]
async fn note(slack: Option<&Slack>) -> Result<(), Failure> {
    let _ = slack.map(|slack| &slack.bot_token);
    Ok(())
}

/// Sends mail.
#[action(slug = "mail")]
async fn mail(gmail: &Gmail) -> Result<(), Failure> {
    let _ = &gmail.access_token;
    Ok(())
}

/// Needs nothing.
#[action(slug = "think")]
async fn think() -> Result<(), Failure> {
    Ok(())
}

fn exa(id: &str) -> Instance {
    Instance::new("exa").id(id).field("api_key", "secret-of-exa")
}

fn gmail() -> Instance {
    Instance::new("gmail")
        .id("gmail-1")
        .in_organization("acme")
        .kind(CredentialKind::OauthManaged)
        .field("access_token", "secret-of-gmail")
        .account("team@example.com")
}

fn slack() -> Instance {
    Instance::new("slack").id("slack-1").in_project("acme", "research")
}

async fn preflight(store: MemoryStore) -> Preflight {
    let tools = toolset![Search, Post, Read, Mail, Think].expect("a sound list");
    tools.preflight(&TestRuns::new(store).anonymous(Origin::Prompt)).await
}

fn json(preflight: &Preflight) -> String {
    serde_json::to_string_pretty(preflight).expect("a report is JSON")
}

#[tokio::test]
async fn one_report_of_what_is_resolved_absent_missing_ambiguous_and_impossible() {
    let store = MemoryStore::new()
        .with(exa("exa-1").in_project("acme", "research").label("First"))
        .with(exa("exa-2").in_project("acme", "research").label("Second"))
        .with(exa("exa-3").in_organization("acme"))
        .with(gmail().status(Status::NeedsReconnect));
    let tools = toolset![Search.scope(Organization), Post, Read, Note, Mail, Think].expect("a sound list");
    let found = tools.preflight(&TestRuns::new(store).anonymous(Origin::Prompt)).await;
    let readiness: Vec<_> =
        found.findings().iter().map(|finding| (&*finding.action, finding.readiness())).collect();
    assert_eq!(
        readiness,
        [
            ("search", Readiness::Resolved),
            ("post", Readiness::Ambiguous),
            ("post", Readiness::Missing),
            ("read", Readiness::Missing),
            ("note", Readiness::Absent),
            ("mail", Readiness::Impossible),
        ]
    );
    assert!(!found.is_ready());
    insta::assert_snapshot!("a_report_with_every_readiness", format!("{found}\n\n{}", json(&found)));
}

#[tokio::test]
async fn a_report_of_what_is_ready() {
    let store = MemoryStore::new()
        .with(exa("exa-1").in_organization("acme"))
        .with(slack().field("bot_token", "secret-of-slack"))
        .with(gmail().granted(["mail.read"]));
    let found = preflight(store).await;
    assert!(found.is_ready() && found.fixes().is_empty());
    insta::assert_snapshot!("a_report_of_what_is_ready", format!("{found}\n\n{}", json(&found)));
}

#[tokio::test]
async fn a_step_that_mends_several_actions_is_told_once() {
    let found = preflight(MemoryStore::new()).await;
    let fixes = found.fixes();
    assert_eq!(found.failures().count(), 5);
    let waiting: Vec<_> = fixes.iter().map(|fix| (fix.key.as_str(), fix.actions.join(" "))).collect();
    assert_eq!(
        waiting,
        [("exa", "search post"), ("slack", "post read"), ("gmail", "mail")]
            .map(|(key, actions)| (key, actions.to_owned()))
    );
}

#[tokio::test]
async fn a_preflight_opens_and_records_nothing() {
    let store = RecordingStore::new(MemoryStore::new().with(exa("exa-1").in_organization("acme")));
    let tools = toolset![Search, Post].expect("a sound list");
    tools.preflight(&TestRuns::new(store.clone()).anonymous(Origin::Cli)).await;
    assert!(store.events().iter().all(|event| matches!(event, StoreEvent::LookedUp { .. })));
    assert_eq!(store.events().len(), 3);
}

#[tokio::test]
async fn a_field_that_is_missing_is_told_before_the_call_and_nothing_is_opened() {
    let store = RecordingStore::new(
        MemoryStore::new().with(slack().field("token", "secret-of-slack").field("team", "secret-of-team")),
    );
    let run = TestRuns::new(store.clone()).anonymous(Origin::Prompt);
    let found = toolset![Read].expect("a sound list").preflight(&run).await;
    assert_eq!(found.findings()[0].readiness(), Readiness::Impossible);
    let (_, error) = found.failures().next().expect("a failure");
    assert_eq!(error.code(), "invalid");
    assert_eq!(
        error.to_string(),
        "`slack-1` does not fit `slack` (action `read`): `bot_token` is missing (declared: `bot_token`; stored: `team`, `token`). To fix it, \
         run `keystroke credentials rotate slack-1 --set bot_token=@stdin`"
    );
    assert!(store.opened().is_empty());
    assert_eq!(Read.run(&run, ()).explain().await.resolutions()[0].result().unwrap_err().code(), "invalid");
    let called = Read.run(&run, ()).await.unwrap_err();
    assert_eq!(called.resolve_errors()[0].to_string(), error.to_string());
}

/// What comes before `invalid` is said in its place (SEMANTICS R7).
#[tokio::test]
async fn a_missing_field_is_told_after_all_that_comes_before_it() {
    for (instance, code) in [
        (slack().kind(CredentialKind::Keystroke), "wrong_kind"),
        (slack().status(Status::NeedsReconnect), "needs_reconnect"),
        (slack().expires_at(std::time::SystemTime::UNIX_EPOCH), "expired"),
        (slack().status(Status::Revoked), "revoked"),
        (slack(), "invalid"),
    ] {
        let run = TestRuns::new(MemoryStore::new().with(instance)).anonymous(Origin::Prompt);
        let found = toolset![Read].expect("a sound list").preflight(&run).await;
        assert_eq!(found.failures().map(|(_, error)| error.code()).collect::<Vec<_>>(), [code]);
    }
}

/// A store that opens to learn the names can't tell what is missing, and nothing is guessed.
#[tokio::test]
async fn without_names_a_preflight_leaves_the_fields_to_the_call() {
    struct Nameless(MemoryStore);
    impl CredentialStore for Nameless {
        fn name(&self) -> String {
            "a store without names".to_owned()
        }

        async fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
            let seen = self.0.candidates(lookup).await?;
            let nameless =
                seen.group().iter().map(|one| Arc::new(Candidate { fields: None, ..(**one).clone() }));
            Ok(Candidates::new(nameless.collect::<Vec<_>>()))
        }

        async fn open(&self, _: &Resolved) -> Result<Opened, OpenError> {
            Ok(Opened::new(Fields::new()))
        }

        fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
            Ok(())
        }
    }
    let store = Nameless(MemoryStore::new().with(slack()));
    let run = TestRuns::new(store).anonymous(Origin::Prompt);
    assert!(toolset![Read].expect("a sound list").preflight(&run).await.is_ready());
    let error = Read.run(&run, ()).await.unwrap_err();
    assert_eq!(error.resolve_errors()[0].code(), "invalid");
}

/// What a preflight says of a run, the call then does.
#[tokio::test]
async fn a_preflight_says_what_each_call_then_does() {
    let store = || MemoryStore::new().with(exa("exa-1").in_organization("acme")).with(gmail()).with(slack());
    let found = preflight(store()).await;
    let tools = toolset![Search, Post, Read, Mail, Think].expect("a sound list");
    let run = TestRuns::new(store()).anonymous(Origin::Prompt);
    for action in ["search", "post", "read", "mail", "think"] {
        let called = tools.call(action, serde_json::json!({}), &run).await;
        let told: Vec<_> = found
            .failures()
            .filter(|(finding, _)| finding.action == action)
            .map(|(_, error)| error.to_string())
            .collect();
        match called {
            Ok(_) => assert_eq!(told, Vec::<String>::new()),
            Err(error) => assert_eq!(error.to_string(), told.join("\n")),
        }
    }
}

#[tokio::test]
async fn for_a_run_with_a_user_the_users_own_is_looked_at() {
    let tools = toolset![Search.scope(User)].expect("a sound list");
    let runs = TestRuns::new(MemoryStore::new().with(exa("exa-1").of_user("acme", "ada")));
    assert!(tools.preflight(&runs.as_user(Origin::Prompt)).await.is_ready());
    let other = runs.user("bob").as_user(Origin::Prompt);
    let found = tools.preflight(&other).await;
    assert_eq!(found.findings()[0].readiness(), Readiness::Missing);
    assert!(found.fixes()[0].fix.contains("--scope user"), "{found}");
}
