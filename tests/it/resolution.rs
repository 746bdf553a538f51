//! SEMANTICS §3 as a table: what a run chooses, by which rule, and what it refuses, through the public API alone.

use std::time::{Duration, SystemTime};

use keystroke::declare::CredentialKind;
use keystroke::prelude::*;
use keystroke::store::Status;
use keystroke::{Anonymous, AsUser};

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

#[credential(key = "gmail", kind = oauth, oauth_scopes = ["mail.read", "mail.send"])]
struct Gmail {
    access_token: SecretString,
}

/// Tells which key it was lent.
#[action(slug = "which")]
async fn which(exa: &Exa) -> Result<String, Failure> {
    // Split, so that the redaction of errors and results does not see the value.
    Ok(exa.api_key.expose_secret().chars().rev().collect())
}

/// The same action, were its credential optional.
#[action(slug = "which", handle = WhichIfAny)]
async fn which_if_any(exa: Option<&Exa>) -> Result<Option<String>, Failure> {
    Ok(exa.map(|exa| exa.api_key.expose_secret().chars().rev().collect()))
}

/// Uses an OAuth connection.
#[action(slug = "mail")]
async fn mail(gmail: &Gmail) -> Result<usize, Failure> {
    Ok(gmail.access_token.expose_secret().len())
}

/// The same, were it optional.
#[action(slug = "mail", handle = MailIfAny)]
async fn mail_if_any(gmail: Option<&Gmail>) -> Result<usize, Failure> {
    Ok(gmail.map_or(0, |gmail| gmail.access_token.expose_secret().len()))
}

fn project(id: &str) -> Instance {
    instance(id).in_project("acme", "research")
}

fn organization(id: &str) -> Instance {
    instance(id).in_organization("acme")
}

fn user(id: &str) -> Instance {
    instance(id).of_user("acme", "ada")
}

/// An instance whose key is its id, backwards, so that `which` gives the id.
fn instance(id: &str) -> Instance {
    let key: String = id.chars().rev().collect();
    Instance::new("exa").id(id).field("api_key", key).allow_short("api_key")
}

struct Case {
    rule: &'static str,
    store: MemoryStore,
    /// Selected for the call.
    select: Option<&'static str>,
    pin: Option<&'static str>,
    as_user: bool,
    /// The id that is chosen and its rule, or the code of the error.
    expect: Result<(&'static str, &'static str), &'static str>,
}

fn case(
    rule: &'static str,
    store: MemoryStore,
    expect: Result<(&'static str, &'static str), &'static str>,
) -> Case {
    Case { rule, store, select: None, pin: None, as_user: false, expect }
}

impl Case {
    fn select(self, id: &'static str) -> Self {
        Self { select: Some(id), ..self }
    }

    fn pin(self, pin: &'static str) -> Self {
        Self { pin: Some(pin), ..self }
    }

    fn with_user(self) -> Self {
        Self { as_user: true, ..self }
    }

    async fn check(self) {
        let Self { rule, store, select, pin, as_user, expect } = self;
        let run = Runtime::new(store).organization("acme").project("research");
        macro_rules! outcome {
            ($action:ident, $run:expr, $($scope:tt)*) => {{
                let mut call = $action.run($run, ())$($scope)*;
                if let Some(id) = select {
                    call = call.select("exa", id);
                }
                let explained = call.explain().await;
                let resolution = explained.resolutions()[0].clone();
                (resolution, call.await)
            }};
        }
        let anonymous: Run<Anonymous> = run.clone();
        let ada: Run<AsUser> = run.as_user("ada");
        macro_rules! outcome_of {
            ($action:ident) => {
                match (as_user, pin) {
                    (false, None) => outcome!($action, &anonymous,),
                    (false, Some("project")) => outcome!($action, &anonymous, .scope(Project)),
                    (false, Some("organization")) => outcome!($action, &anonymous, .scope(Organization)),
                    (true, None) => outcome!($action, &ada,),
                    (true, Some("project")) => outcome!($action, &ada, .scope(Project)),
                    (true, Some("organization")) => outcome!($action, &ada, .scope(Organization)),
                    (true, Some(_)) => outcome!($action, &ada, .scope(User)),
                    (false, Some(_)) => unreachable!("a user pin without a user does not compile"),
                }
            };
        }
        let (resolution, result) = outcome_of!(Which);
        let got = match &result {
            Ok(id) => {
                let chosen = resolution.result().expect("explained like it ran").expect("it is required");
                Ok((id.as_str(), chosen.rule.as_str()))
            }
            Err(error) => Err(error.resolve_errors()[0].code()),
        };
        assert_eq!(got, expect, "{rule}\n{resolution}");
        if let Err(code) = expect {
            assert_eq!(resolution.result().expect_err("explained like it ran").code(), code, "{rule}");
        }

        // R11: of all that, an optional credential changes `missing` alone.
        let (optional, result) = outcome_of!(WhichIfAny);
        let got = match &result {
            Ok(Some(id)) => Ok(id.as_str()),
            Ok(None) => Ok("absent"),
            Err(error) => Err(error.resolve_errors()[0].code()),
        };
        match expect {
            Err("missing") => {
                assert_eq!(got, Ok("absent"), "{rule}");
                assert!(optional.result().is_ok_and(|chosen| chosen.is_none()), "{rule}\n{optional}");
                assert_eq!(optional.absence().map(|why| why.code()), Some("missing"), "{rule}");
                assert_eq!(
                    optional.to_string(),
                    resolution.to_string().replace("error `missing`", "absent, optional")
                );
            }
            Ok((id, _)) => assert_eq!(got, Ok(id), "{rule}"),
            Err(code) => assert_eq!(got, Err(code), "{rule}"),
        }
        if expect != Err("missing") {
            assert!(optional.absence().is_none(), "{rule}");
            assert_eq!(optional.to_string(), resolution.to_string(), "{rule}");
        }
    }
}

fn store(instances: impl IntoIterator<Item = Instance>) -> MemoryStore {
    instances.into_iter().fold(MemoryStore::new(), MemoryStore::with)
}

fn assigned(store: MemoryStore, id: &str) -> MemoryStore {
    store.assign(Assignment::in_project("acme", "research").direct("which"), "exa", id)
}

#[tokio::test]
async fn the_table_of_semantics_3() {
    let revoked = Status::Revoked;
    let cases = [
        case("R4 the project's", store([project("p"), organization("o")]), Ok(("p", "R4"))),
        case("R5 the organization's", store([organization("o")]), Ok(("o", "R5"))),
        case("R6 the user's is never tried unpinned", store([user("u")]), Err("missing")).with_user(),
        case("R6 nothing", store([]), Err("missing")),
        case(
            "R8 two without a default",
            store([project("p1"), project("p2"), organization("o")]),
            Err("ambiguous"),
        ),
        case("R8 two defaults", store([project("p1").default(), project("p2").default()]), Err("ambiguous")),
        case("the default of two", store([project("p1"), project("p2").default()]), Ok(("p2", "R4"))),
        case(
            "a revoked default stops",
            store([project("p1"), project("p2").default().status(revoked), organization("o")]),
            Err("revoked"),
        ),
        case(
            "a revoked neighbour is not counted",
            store([project("p1"), project("p2").status(revoked)]),
            Ok(("p1", "R4")),
        ),
        case(
            "only revoked ones stop",
            store([project("p1").status(revoked), organization("o")]),
            Err("revoked"),
        ),
        case("R3 user pin", store([project("p"), organization("o")]), Err("missing")).pin("user").with_user(),
        case("R3 user pin", store([project("p"), user("u")]), Ok(("u", "R3"))).pin("user").with_user(),
        case("R3 organization pin", store([project("p"), organization("o"), user("u")]), Ok(("o", "R3")))
            .pin("organization")
            .with_user(),
        case("R3 never falls back", store([organization("o")]), Err("missing")).pin("project"),
        case("R1 over a pin", store([project("p"), organization("o")]), Ok(("o", "R1")))
            .select("o")
            .pin("project"),
        case("R1 a user's own", store([user("u")]), Ok(("u", "R1"))).select("u").with_user(),
        case("R1 gone", store([project("p"), organization("o")]), Err("selection_not_found")).select("gone"),
        case(
            "R1 another project's",
            store([project("p"), instance("x").in_project("acme", "ops")]),
            Err("selection_not_found"),
        )
        .select("x"),
        case(
            "R1 another user's",
            store([project("p"), instance("x").of_user("acme", "bob")]),
            Err("selection_not_found"),
        )
        .select("x")
        .with_user(),
        case("R1 a user's, without a user", store([project("p"), user("u")]), Err("selection_not_found"))
            .select("u"),
        case(
            "R1 another organization's",
            store([project("p"), instance("x").in_organization("globex")]),
            Err("selection_not_found"),
        )
        .select("x"),
        case(
            "R1 another key's",
            store([project("p"), Instance::new("slack").in_organization("acme").id("s")]),
            Err("selection_mismatch"),
        )
        .select("s"),
        case("R1 revoked", store([project("p"), organization("o").status(revoked)]), Err("revoked"))
            .select("o"),
        case("R2", assigned(store([project("p").default(), organization("o")]), "o"), Ok(("o", "R2"))),
        case("R1 before R2", assigned(store([project("p"), organization("o")]), "o"), Ok(("p", "R1")))
            .select("p"),
        case(
            "R2 within the pin",
            assigned(store([project("p"), organization("o")]), "o"),
            Err("assignment_conflicts_with_pin"),
        )
        .pin("project"),
        case(
            "R2 agrees with the pin",
            assigned(store([project("p"), organization("o")]), "o"),
            Ok(("o", "R2")),
        )
        .pin("organization"),
        case("R2 gone", assigned(store([project("p")]), "gone"), Err("selection_not_found")),
        case(
            "R2 of another consumer",
            store([project("p"), organization("o")]).assign(
                Assignment::in_project("acme", "research").tool("researcher", "which"),
                "exa",
                "o",
            ),
            Ok(("p", "R4")),
        ),
        case(
            "R2 of another project",
            store([project("p"), organization("o")]).assign(
                Assignment::in_project("acme", "ops").direct("which"),
                "exa",
                "o",
            ),
            Ok(("p", "R4")),
        ),
        case(
            "R7 the wrong kind is final",
            store([project("p").kind(CredentialKind::OauthManaged), organization("o")]),
            Err("wrong_kind"),
        ),
        case(
            "R7 to be reconnected is final",
            store([project("p").status(Status::NeedsReconnect), organization("o")]),
            Err("needs_reconnect"),
        ),
        case(
            "R7 expired is final",
            store([project("p").expires_at(SystemTime::UNIX_EPOCH), organization("o")]),
            Err("expired"),
        ),
        case("R0 another organization's", store([instance("x").in_organization("globex")]), Err("missing")),
        case("R0 another key's", store([Instance::new("slack").in_organization("acme")]), Err("missing")),
    ];
    for case in cases {
        case.check().await;
    }
}

#[tokio::test]
async fn a_missing_field_is_final_and_explained_without_opening() {
    let store =
        store([Instance::new("exa").in_project("acme", "research").field("apiKey", "x"), organization("o")]);
    let run = Runtime::new(store).organization("acme").project("research");
    let call = Which.run(&run, ());
    let explained = call.explain().await;
    assert_eq!(explained.resolutions()[0].result().expect_err("the name is known").code(), "invalid");
    let error = call.await.expect_err("the field is missing");
    assert_eq!(error.resolve_errors()[0].code(), "invalid");
    // Which name is the mistake, only the author knows; both are told, and the model is told neither.
    let told = error.resolve_errors()[0].clone();
    assert!(
        told.problem().ends_with("`api_key` is missing (declared: `api_key`; stored: `apiKey`)"),
        "{told}"
    );
    assert!(
        told.fix().starts_with(
            "declare `apiKey` in place of `api_key` if that is what is meant; else run `keystroke credentials rotate "
        ),
        "{told}"
    );
    assert!(!told.for_model().contains("apiKey"), "{told}");
}

#[tokio::test]
async fn broken_instances_are_told_in_the_order_of_r7() {
    let broken = || {
        Instance::new("gmail")
            .in_organization("acme")
            .id("g")
            .kind(CredentialKind::ApiKey)
            .status(Status::NeedsReconnect)
            .expires_at(SystemTime::UNIX_EPOCH)
            .granted(["mail.read"])
            .field("access_token", "token-1234")
    };
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(10);
    let steps: [(&str, Instance); 6] = [
        ("revoked", broken().status(Status::Revoked)),
        ("wrong_kind", broken()),
        ("needs_reconnect", broken().kind(CredentialKind::OauthManaged)),
        ("expired", broken().kind(CredentialKind::OauthManaged).status(Status::Active)),
        (
            "under_scoped",
            broken()
                .kind(CredentialKind::OauthManaged)
                .status(Status::Active)
                .expires_at(later + Duration::from_secs(1)),
        ),
        (
            "",
            broken()
                .kind(CredentialKind::OauthManaged)
                .status(Status::Active)
                .expires_at(later + Duration::from_secs(1))
                .granted(["mail.send", "other", "mail.read"]),
        ),
    ];
    for (code, instance) in steps {
        let runtime = Runtime::new(MemoryStore::new().with(instance)).with_clock(move || later);
        let run = runtime.organization("acme").project("research");
        let result = Mail.run(&run, ()).await;
        let got = result.as_ref().err().map_or("", |error| error.resolve_errors()[0].code());
        assert_eq!(got, code, "{result:?}");
        let if_any = MailIfAny.run(&run, ()).await;
        let got = if_any.as_ref().err().map_or("", |error| error.resolve_errors()[0].code());
        assert_eq!(got, code, "what is broken is not absent: {if_any:?}");
    }
}

#[tokio::test]
async fn an_instance_out_of_reach_is_told_like_one_that_is_not_there() {
    let elsewhere = [
        ("x", instance("x").in_project("acme", "ops")),
        ("x", instance("x").of_user("acme", "bob")),
        ("x", instance("x").in_organization("globex")),
        ("x", instance("y").in_organization("acme")),
    ];
    let mut texts = std::collections::BTreeSet::new();
    for (id, other) in elsewhere {
        let run = Runtime::new(store([other])).organization("acme").project("research");
        let call = Which.run(&run, ()).select("exa", id);
        let explained = call.explain().await;
        let error = call.await.expect_err("out of reach");
        texts.insert(format!(
            "{error}\n{error:?}\n{explained}\n{}",
            serde_json::to_string(&explained).expect("a trace is JSON")
        ));
    }
    assert_eq!(texts.len(), 1, "{texts:#?}");
}

#[tokio::test]
async fn an_agents_assignment_holds_for_that_agent_alone() {
    let store = store([project("p"), organization("o")]).assign(
        Assignment::in_project("acme", "research").tool("researcher", "which"),
        "exa",
        "o",
    );
    let run = Runtime::new(store).organization("acme").project("research");
    let agent = run.clone().consumer(Consumer::agent("researcher"));
    assert_eq!(Which.run(&agent, ()).await.expect("assigned"), "o");
    assert_eq!(Which.run(&run, ()).await.expect("by default"), "p");
    let workflow = run.consumer(Consumer::workflow("researcher"));
    assert_eq!(Which.run(&workflow, ()).await.expect("by default"), "p");
}

#[tokio::test]
async fn a_runs_selection_holds_where_its_key_is_used_and_a_calls_wins() {
    let store = store([project("p"), organization("o")]);
    let run = Runtime::new(store).organization("acme").project("research");
    let selected = run.clone().select("exa", "o").select("slack", "unused-by-this-action");
    assert_eq!(Which.run(&selected, ()).await.expect("the run's"), "o");
    assert_eq!(Which.run(&selected, ()).select("exa", "p").await.expect("the call's"), "p");
    let error = Which.run(&run, ()).select("slack", "s").await.expect_err("no such key");
    assert_eq!(error.resolve_errors()[0].code(), "selection_unused");
}

#[tokio::test]
async fn a_refusal_is_on_record_with_what_was_seen_and_no_more() {
    let instances = store([organization("o").status(Status::Revoked).version(7), project("p").version(3)]);
    let store = keystroke::testing::RecordingStore::new(instances);
    let run = Runtime::new(store.clone()).organization("acme").project("research");
    for (key, id) in [("exa", "o"), ("exa", "gone"), ("slack", "s")] {
        Which.run(&run, ()).select(key, id).await.expect_err("refused");
    }
    let rows: Vec<String> = store
        .recorded()
        .iter()
        .map(|row| {
            let rule = row.rule.map(|rule| rule.as_str());
            format!("{} {:?} {:?} {rule:?} {:?}", row.key, row.instance, row.version, row.outcome)
        })
        .collect();
    let refused = |code| format!("Refused {{ code: \"{code}\", cause: None }}");
    assert_eq!(rows[0], format!("exa Some(InstanceId(\"o\")) Some(7) Some(\"R1\") {}", refused("revoked")));
    assert_eq!(
        rows[1],
        "exa Some(InstanceId(\"gone\")) None Some(\"R1\") Refused { code: \"selection_not_found\", \
         cause: Some(\"no such instance\") }"
    );
    assert_eq!(rows[2], format!("slack Some(InstanceId(\"s\")) None None {}", refused("selection_unused")));
    assert_eq!(rows.len(), 3, "what resolves beside a refusal is not used: {rows:#?}");
}
