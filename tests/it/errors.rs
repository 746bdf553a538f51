//! SEMANTICS §4: every error with both of its faces, as people and models read them.

use std::time::{Duration, SystemTime};

use keystroke::declare::CredentialKind;
use keystroke::prelude::*;
use keystroke::store::{ClientName, Lookup, OpenError, Opened, Resolved, Status, StoreError, UseRecord};
use keystroke::{CredentialStore, Instance};

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
    secret_2: SecretString,
    #[field(plain)]
    region: Option<String>,
}

#[credential(key = "gmail", kind = oauth, oauth_scopes = ["mail.read", "mail.send"])]
struct Gmail {
    access_token: SecretString,
}

/// Searches.
#[action(slug = "search")]
async fn search(exa: &Exa) -> Result<(), Failure> {
    let _ = (&exa.api_key, &exa.secret_2, &exa.region);
    Ok(())
}

/// Reads mail.
#[action(slug = "mail")]
async fn mail(gmail: &Gmail) -> Result<(), Failure> {
    let _ = &gmail.access_token;
    Ok(())
}

/// Repeats the key.
#[action(slug = "leak")]
async fn leak(exa: &Exa) -> Result<(), Failure> {
    Err(Failure::new(exa.api_key.expose_secret()))
}

fn exa(id: &str) -> Instance {
    Instance::new("exa").id(id).field("api_key", "12345678").field("secret_2", "12345678")
}

fn gmail() -> Instance {
    Instance::new("gmail")
        .id("gmail-1")
        .in_organization("acme")
        .kind(CredentialKind::OauthManaged)
        .label("Team mail")
        .account("team@example.com")
        .granted(["mail.read"])
        .field("access_token", "12345678")
}

/// A store that is down.
struct Down(bool);

impl CredentialStore for Down {
    fn name(&self) -> String {
        "the test store".to_owned()
    }

    async fn candidates(&self, _: &Lookup<'_>) -> Result<keystroke::store::Candidates, StoreError> {
        let error = StoreError::new("the connection was refused");
        Err(if self.0 { error.retryable() } else { error.with_fix("start the server") })
    }

    async fn open(&self, _: &Resolved) -> Result<Opened, OpenError> {
        Err(OpenError::Changed)
    }

    fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A store that opens nothing, and says why.
struct Unopened(MemoryStore, OpenError);

impl CredentialStore for Unopened {
    fn name(&self) -> String {
        "the test store".to_owned()
    }

    async fn candidates(&self, lookup: &Lookup<'_>) -> Result<keystroke::store::Candidates, StoreError> {
        self.0.candidates(lookup).await
    }

    async fn open(&self, _: &Resolved) -> Result<Opened, OpenError> {
        Err(self.1.clone())
    }

    fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
        Ok(())
    }
}

/// An error's two faces, and what programs read.
fn faces(title: &str, errors: &[ResolveError]) -> String {
    let mut text = format!("## {title}\n");
    for error in errors {
        let json = serde_json::to_value(error).expect("an error is JSON");
        assert_eq!(json["code"], error.code());
        assert_eq!(json["fix"], error.fix());
        text += &format!("`{}`\noperator: {error}\nmodel: {}\n\n", error.code(), error.for_model());
        for part in ["label", "gmail-1", "exa-1", "team@example.com", "Team mail"] {
            assert!(!error.for_model().contains(part), "the model's face shows {part}");
        }
    }
    text
}

#[tokio::test]
async fn both_faces_of_every_error() {
    let run_of = |store: MemoryStore| {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        Runtime::new(store).with_clock(move || now).organization("acme").project("research")
    };
    let mut text = String::new();
    macro_rules! fails {
        ($title:literal, $call:expr) => {
            let error = $call.await.expect_err($title);
            text += &faces($title, error.resolve_errors());
        };
    }
    let none = run_of(MemoryStore::new());
    fails!("missing, called directly", Search.run(&none, ()));
    fails!("missing, pinned", Search.run(&none, ()).scope(Project));
    let agent = none.clone().consumer(Consumer::agent("researcher"));
    fails!("missing, for an agent", Search.run(&agent, ()));
    fails!("missing, for a workflow", Search.run(&none.clone().consumer(Consumer::workflow("nightly")), ()));
    fails!("missing, for a poll", Search.run(&none.clone().consumer(Consumer::poll("inbox")), ()));
    fails!("missing, of a kind that is connected", Mail.run(&none, ()));
    let own = run_of(MemoryStore::new().with(exa("exa-1").of_user("acme", "ada"))).as_user("ada");
    fails!("missing, but the user has one", Search.run(&own, ()));

    let two = MemoryStore::new()
        .with(exa("exa-1").in_project("acme", "research").label("Production"))
        .with(exa("exa-2").in_project("acme", "research").account("ada@example.com"));
    fails!("ambiguous", Search.run(&run_of(two), ()));

    let not_found = run_of(MemoryStore::new().with(exa("exa-1").in_organization("acme")));
    fails!("selection_not_found", Search.run(&not_found, ()).select("exa", "exa-9"));
    fails!("selection_unused", Search.run(&not_found, ()).select("slack", "slack-1"));
    let slack = Instance::new("slack").id("slack-1").in_organization("acme").label("Team");
    fails!(
        "selection_mismatch",
        Search.run(&run_of(MemoryStore::new().with(slack)), ()).select("exa", "slack-1")
    );

    let assigned = |id: &str, instance: Instance| {
        let to = Assignment::in_project("acme", "research").tool("researcher", "search");
        run_of(MemoryStore::new().with(instance).assign(to, "exa", id))
            .consumer(Consumer::agent("researcher"))
    };
    let organization = || exa("exa-1").in_organization("acme");
    fails!("selection_not_found, by an assignment", Search.run(&assigned("exa-9", organization()), ()));
    fails!(
        "assignment_conflicts_with_pin",
        Search.run(&assigned("exa-1", organization()), ()).scope(Project)
    );
    let revoked = || organization().status(Status::Revoked);
    fails!("revoked, by an assignment", Search.run(&assigned("exa-1", revoked()), ()));
    fails!("revoked", Search.run(&run_of(MemoryStore::new().with(revoked().default())), ()));
    let beside = MemoryStore::new()
        .with(revoked().default())
        .with(exa("exa-2").in_organization("acme"))
        .with(exa("exa-3").in_organization("acme"));
    fails!("revoked, by its mark beside others", Search.run(&run_of(beside), ()));
    fails!(
        "revoked, by a selection",
        Search.run(&run_of(MemoryStore::new().with(revoked())), ()).select("exa", "exa-1")
    );

    let all = MemoryStore::new()
        .with(exa("exa-2").in_organization("acme").status(Status::Revoked).account("ada@example.com"))
        .with(revoked().label("Old"));
    fails!("revoked, all of several", Search.run(&run_of(all), ()));

    let wrong =
        run_of(MemoryStore::new().with(organization().kind(CredentialKind::OauthManaged).label("Old")));
    fails!("wrong_kind", Search.run(&wrong, ()));
    let fields = Instance::new("exa").id("exa-1").in_organization("acme").field("apiKey", "12345678");
    fails!("invalid", Search.run(&run_of(MemoryStore::new().with(fields)), ()));

    let reconnect = gmail().status(Status::NeedsReconnect);
    fails!("needs_reconnect", Mail.run(&run_of(MemoryStore::new().with(reconnect)), ()));
    let expired = gmail().expires_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    fails!("expired", Mail.run(&run_of(MemoryStore::new().with(expired)), ()));
    let long_ago = gmail().expires_at(SystemTime::UNIX_EPOCH - Duration::from_secs(1));
    fails!(
        "expired, at a time that no calendar here shows",
        Mail.run(&run_of(MemoryStore::new().with(long_ago)), ())
    );
    fails!("under_scoped", Mail.run(&run_of(MemoryStore::new().with(gmail())), ()));

    let guessed = run_of(MemoryStore::new().with(organization().label("Old")));
    for _ in 0..21 {
        Leak.run(&guessed, ()).await.expect_err("it fails");
    }
    fails!("withheld", Search.run(&guessed, ()));

    let short = Instance::new("exa").id("exa-1").in_organization("acme").field("secret_2", "12345678");
    fails!(
        "store_unavailable, for a secret that is too short",
        Search.run(&run_of(MemoryStore::new().with(short.field("api_key", "1234567"))), ())
    );

    let client =
        |name: Option<&str>| ClientName { provider: "google".to_owned(), name: name.map(str::to_owned) };
    let register = "register one at https://console.example.com/apps with the redirect http://127.0.0.1/callback and the scopes `mail.read`, `mail.send`";
    for (title, verdict) in [
        ("needs_reconnect, when it is opened", OpenError::NeedsReconnect),
        (
            "client_missing",
            OpenError::ClientMissing { client: client(None), register: Some(register.to_owned()) },
        ),
        (
            "client_missing, and more is not known",
            OpenError::ClientMissing { client: client(Some("bot")), register: None },
        ),
        ("client_changed", OpenError::ClientChanged { client: client(None) }),
        ("client_rejected", OpenError::ClientRejected { client: client(Some("bot")) }),
        ("refreshing", OpenError::Refreshing),
    ] {
        let granted = gmail().granted(["mail.read", "mail.send"]);
        let store = Unopened(MemoryStore::new().with(granted), verdict);
        let run = Runtime::new(store).organization("acme").project("research");
        let error = Mail.run(&run, ()).await.expect_err(title);
        text += &faces(title, error.resolve_errors());
    }

    for retryable in [true, false] {
        let run = Runtime::new(Down(retryable)).organization("acme").project("research");
        fails!("store_unavailable", Search.run(&run, ()));
    }
    // By type no action gets here; a list made of data, or the program's `explain`, does.
    for origin in [BackgroundOrigin::Gateway, BackgroundOrigin::Schedule] {
        let run = none.clone().background(origin);
        let resolution = run.explain_key("exa", None, Some(keystroke::scope::Scope::User), "search").await;
        text += &faces("no_user", &[resolution.result().expect_err("no user").clone()]);
    }
    insta::assert_snapshot!(text);
}
