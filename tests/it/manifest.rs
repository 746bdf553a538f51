//! What an application asks for, as data: what it says, that it is read back, and that a preflight by it is the one of
//! the toolset.

use keystroke::Manifest;
use keystroke::declare::CredentialKind;
use keystroke::manifest::Application;
use keystroke::prelude::*;
use keystroke::store::Status;
use keystroke::testing::{RecordingStore, StoreEvent, TestRuns};

/// Exa web search. Create a key in the Exa dashboard.
///
/// # Not part of the description
#[credential(key = "exa", name = "Exa")]
struct Exa {
    /// Shown under API keys.
    api_key: SecretString,
    #[field(name = "webhookSecret")]
    webhook_secret: Option<SecretString>,
    #[field(plain, default = 443)]
    port: u16,
    #[field(plain)]
    live: Option<bool>,
    #[field(plain)]
    region: String,
    #[field(plain)]
    address: Option<std::net::IpAddr>,
}

#[credential(key = "slack", scope = user)]
struct Slack {
    bot_token: SecretString,
}

#[credential(key = "gmail", kind = oauth, oauth_scopes = ["mail.read"])]
struct Gmail {
    access_token: SecretString,
    account: Option<String>,
}

#[credential(key = "linear", kind = keystroke)]
struct Linear {
    connection: Connection,
}

/// Searches.
#[action(slug = "search", name = "Search the web", read_only, idempotent)]
async fn search(exa: &Exa) -> Result<(), Failure> {
    let _ = (&exa.api_key, &exa.webhook_secret, exa.port, exa.live, &exa.region, exa.address);
    Ok(())
}

/// Posts what it found.
#[action(slug = "post", destructive)]
async fn post(exa: &Pinned<Exa, Organization>, slack: &Slack) -> Result<(), Failure> {
    let _ = (&exa.api_key, &slack.bot_token);
    Ok(())
}

/// Reads mail.
#[action(slug = "mail")]
async fn mail(gmail: &Gmail, linear: &Linear) -> Result<(), Failure> {
    let _ = (&gmail.access_token, &gmail.account, &linear.connection);
    Ok(())
}

/// Works without any.
#[action(slug = "look-up")]
async fn look_up(exa: Option<&Exa>, slack: Option<&Slack>) -> Result<(), Failure> {
    let _ = (exa.map(|exa| &exa.api_key), slack.map(|slack| &slack.bot_token));
    Ok(())
}

/// Acts for a user, with an account or without.
#[action(slug = "note", scope = user)]
async fn note(slack: Option<&Slack>) -> Result<(), Failure> {
    let _ = slack.map(|slack| &slack.bot_token);
    Ok(())
}

/// Needs nothing.
#[action(slug = "think")]
async fn think() -> Result<(), Failure> {
    Ok(())
}

fn tools() -> Toolset<NeedsUser> {
    toolset![Search.scope(Project), Post, Mail, LookUp, Note, Think].expect("a sound list")
}

fn manifest() -> Manifest {
    tools().manifest(Application::new("assistant", "1.2.3"))
}

#[test]
fn a_manifest_says_all_that_a_toolset_asks_for() {
    insta::assert_snapshot!(manifest());
}

#[test]
fn a_manifest_is_read_back_as_it_was() {
    assert_eq!(Manifest::from_json(manifest().to_string().as_bytes()), Ok(manifest()));
}

#[test]
fn the_macro_takes_name_and_version_of_its_caller() {
    let application = keystroke::manifest!(tools()).application;
    assert_eq!(application, Application::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")));
}

/// `KEYSTROKE_BLESS=1 cargo test --test it manifest` rewrites it.
#[test]
fn the_schema_in_the_documents_is_that_of_the_type() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/manifest.schema.json");
    let schema =
        serde_json::to_string_pretty(&schemars::schema_for!(Manifest)).expect("a schema is JSON") + "\n";
    if std::env::var_os("KEYSTROKE_BLESS").is_some() {
        std::fs::write(file, &schema).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    assert!(kept == schema, "docs/manifest.schema.json is stale: KEYSTROKE_BLESS=1 writes it anew");
}

fn exa(id: &str) -> Instance {
    Instance::new("exa").id(id).field("api_key", "secret-of-exa").field("region", "eu-central-1")
}

fn gmail() -> Instance {
    Instance::new("gmail")
        .in_organization("acme")
        .kind(CredentialKind::OauthManaged)
        .field("access_token", "secret")
}

/// The same resolver and the same words, for every way in which a requirement can fare.
#[tokio::test]
async fn a_preflight_by_the_manifest_is_that_of_the_toolset() {
    let worlds: [fn() -> MemoryStore; 6] = [
        MemoryStore::new,
        || {
            MemoryStore::new()
                .with(exa("e1").in_project("acme", "research"))
                .with(exa("e2").in_organization("acme"))
        },
        || {
            MemoryStore::new()
                .with(exa("e1").in_project("acme", "research"))
                .with(exa("e2").in_project("acme", "research"))
        },
        || {
            MemoryStore::new()
                .with(Instance::new("exa").in_project("acme", "research").field("api_key", "secret-1"))
        },
        || MemoryStore::new().with(gmail()).with(Instance::new("linear").in_organization("acme")),
        || {
            MemoryStore::new()
                .with(gmail().granted(["mail.read"]).status(Status::Revoked))
                .with(Instance::new("slack").of_user("acme", "ada").field("bot_token", "secret-1"))
                .with(exa("e1").in_organization("acme").expires_at(std::time::SystemTime::UNIX_EPOCH))
        },
    ];
    let json =
        |found: &keystroke::explain::Preflight| serde_json::to_string(found).expect("a report is JSON");
    let mut codes = std::collections::BTreeSet::new();
    for world in worlds {
        let run = TestRuns::new(world()).as_user(Origin::Prompt);
        let (by_tools, by_manifest) = (tools().preflight(&run).await, manifest().preflight(&run).await);
        assert_eq!(by_manifest.to_string(), by_tools.to_string());
        assert_eq!(json(&by_manifest), json(&by_tools));
        codes.extend(by_manifest.failures().map(|(_, error)| error.code()));
    }
    let seen: Vec<_> = codes.into_iter().collect();
    assert_eq!(seen, ["ambiguous", "expired", "invalid", "missing", "revoked", "under_scoped", "wrong_kind"]);
}

#[tokio::test]
async fn a_preflight_by_the_manifest_opens_and_records_nothing() {
    let store = RecordingStore::new(MemoryStore::new().with(exa("e1").in_project("acme", "research")));
    let run = TestRuns::new(store.clone()).as_user(Origin::Cli);
    manifest().preflight(&run).await;
    assert!(store.events().iter().all(|event| matches!(event, StoreEvent::LookedUp { .. })));
    assert_eq!(store.events().len(), 8);
}

/// Of a toolset this does not compile; by a manifest it is told.
#[tokio::test]
async fn a_user_pin_in_a_run_without_a_user_is_no_user() {
    let runs = TestRuns::new(MemoryStore::new());
    let told = |found: keystroke::explain::Preflight| {
        let (_, error) =
            found.failures().find(|(_, error)| error.code() == "no_user").expect("`slack` needs one");
        (error.about().action.clone(), error.fix())
    };
    let (action, fix) = told(manifest().preflight(&runs.anonymous(Origin::Cli)).await);
    assert_eq!(action, "post");
    assert!(fix.ends_with("in a command with `--as-user NAME`"), "{fix}");
    // A background run can't be given one, so no flag is named.
    let (_, fix) = told(manifest().preflight(&runs.background(BackgroundOrigin::Schedule)).await);
    assert!(!fix.contains("--as-user"), "{fix}");
}

/// What is optional here may be required there, and the types are not at hand.
#[tokio::test]
async fn what_is_optional_is_told_and_required_wins() {
    let runs = TestRuns::new(MemoryStore::new());
    let manifest = manifest();
    let of = |found: &keystroke::explain::Preflight| -> Vec<String> {
        let told =
            found.findings().iter().filter(|one| matches!(&*one.action, "look-up" | "note" | "search"));
        told.map(|one| format!("{} {} {}", one.action, one.resolution.key(), one.readiness())).collect()
    };
    let found = manifest.preflight(&runs.as_user(Origin::Cli)).await;
    let absent = ["search exa missing", "look-up exa absent", "look-up slack absent", "note slack absent"];
    assert_eq!(of(&found), absent);
    assert!(!found.is_ready(), "`search` needs what `look-up` does not");
    // `look-up` goes without a user, and `note` can't be called without one.
    let found = manifest.preflight(&runs.anonymous(Origin::Cli)).await;
    let told = ["search exa missing", "look-up exa absent", "look-up slack absent", "note slack impossible"];
    assert_eq!(of(&found), told);

    let optional = |key| (manifest.may_lack(key, true), manifest.may_lack(key, false));
    assert_eq!([optional("exa"), optional("gmail"), optional("unheard-of")], [(false, false); 3]);
    let alone =
        toolset![LookUp, Note].expect("a sound list").manifest(Application::new("assistant", "1.2.3"));
    assert_eq!((alone.may_lack("exa", false), alone.may_lack("slack", true)), (true, true));
    assert!(!alone.may_lack("slack", false), "`note` needs a user");
}

#[test]
fn a_manifest_without_the_newer_fields_is_read_and_requires_all() {
    let mut older = serde_json::to_value(manifest()).expect("a manifest is JSON");
    let mut removed = 0;
    for action in older["actions"].as_array_mut().expect("a list") {
        for requirement in action["requires"].as_array_mut().expect("a list") {
            removed +=
                usize::from(requirement.as_object_mut().expect("an object").remove("optional").is_some());
        }
        removed += usize::from(action.as_object_mut().expect("an object").remove("needs_user").is_some());
    }
    assert_eq!(removed, 5, "what is not so is left out");
    let manifest = Manifest::from_json(older.to_string().as_bytes()).expect("an older manifest");
    assert!(manifest.actions.iter().all(|action| !action.needs_user));
    assert!(manifest.actions.iter().flat_map(|action| &action.requires).all(|one| !one.optional));
}
