//! SEMANTICS R11: what an action gets for a credential that may be absent, what is on record of it, and that everything else
//! stays an error. `resolution` holds it against the table of R0 to R8.

use keystroke::CredentialStore;
use keystroke::declare::{Codec, Invocation, Requirement};
use keystroke::explain::Readiness;
use keystroke::prelude::*;
use keystroke::scope::{NeedsUser, NoUser, Unpinned};
use keystroke::store::{
    Candidates, Lookup, OpenError, Opened, Outcome, Resolved, Status, StoreError, UseRecord,
};
use keystroke::testing::{RecordedUse, RecordingStore, StoreEvent};
use keystroke::{Anonymous, Runtime};
use serde_json::json;

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

#[credential(key = "slack")]
struct Slack {
    token: SecretString,
}

#[credential(key = "own", scope = user)]
struct Own {
    token: SecretString,
}

type Search = Exa;

fn length(secret: &SecretString) -> usize {
    secret.expose_secret().len()
}

/// Has an optional credential first and a required one after it.
#[action(slug = "both")]
async fn both(exa: Option<&Exa>, slack: &Slack) -> Result<(Option<usize>, usize), Failure> {
    Ok((exa.map(|exa| length(&exa.api_key)), length(&slack.token)))
}

/// Whatever the type's name and however it is spelled.
#[allow(unused_parens, unused_qualifications, reason = "that is the point")]
#[action(slug = "spellings")]
async fn spellings(
    exa: std::option::Option<(&Search)>,
    slack: Option<&Pinned<Slack, Project>>,
) -> Result<[bool; 2], Failure> {
    Ok([exa.is_some_and(|exa| length(&exa.api_key) > 0), slack.is_some_and(|slack| length(&slack.token) > 0)])
}

/// Its credential is of a user.
#[action(slug = "own")]
async fn own_if_any(own: Option<&Own>) -> Result<bool, Failure> {
    Ok(own.is_some_and(|own| length(&own.token) > 0))
}

/// Its parameter is pinned to the user scope.
#[action(slug = "pinned")]
async fn pinned_if_any(exa: Option<&Pinned<Exa, User>>) -> Result<bool, Failure> {
    Ok(exa.is_some_and(|exa| length(&exa.api_key) > 0))
}

/// Acts for a user itself.
#[action(slug = "acts-as-user", scope = user)]
async fn acts_as_user(exa: Option<&Exa>) -> Result<bool, Failure> {
    Ok(exa.is_some_and(|exa| length(&exa.api_key) > 0))
}

fn exa() -> Instance {
    Instance::new("exa").in_organization("acme").id("e").field("api_key", "exa-secret-1")
}

fn slack() -> Instance {
    Instance::new("slack").in_organization("acme").id("s").field("token", "slack-secret-2")
}

fn recording<const N: usize>(instances: [Instance; N]) -> (RecordingStore<MemoryStore>, Run<Anonymous>) {
    let store = RecordingStore::new(instances.into_iter().fold(MemoryStore::new(), MemoryStore::with));
    let run = Runtime::new(store.clone()).organization("acme").project("research");
    (store, run)
}

/// Key and outcome of each row, and what was opened, in order.
fn rows(store: &RecordingStore<MemoryStore>) -> Vec<String> {
    let row = |RecordedUse { key, outcome, .. }: RecordedUse| match outcome {
        Outcome::Used => format!("{key} used"),
        Outcome::Absent { code } => format!("{key} absent: {code}"),
        Outcome::Refused { code, .. } => format!("{key} refused: {code}"),
        Outcome::Redacted => format!("{key} redacted"),
        Outcome::Rejected => format!("{key} rejected"),
    };
    let told = |event| match event {
        StoreEvent::Opened(open) => Some(format!("{} opened", open.instance)),
        StoreEvent::Recorded(record) => Some(row(record)),
        _ => None,
    };
    store.events().into_iter().filter_map(told).collect()
}

#[tokio::test]
async fn a_function_is_called_by_hand_with_none() {
    assert!(!pinned_if_any(None).await.expect("it runs"));
}

#[tokio::test]
async fn each_call_that_goes_without_leaves_a_row_warm_and_cold_and_the_others_are_lent_as_before() {
    let (store, run) = recording([slack()]);
    for _ in 0..2 {
        assert_eq!(Both.run(&run, ()).await.expect("it runs"), (None, 14));
    }
    assert_eq!(rows(&store), ["s opened", "exa absent: missing", "slack used", "exa absent: missing"]);
    let absent = store.recorded().into_iter().next().expect("a row");
    assert_eq!(
        (absent.action.as_str(), absent.instance, absent.version, absent.rule),
        ("both", None, None, None)
    );

    let (store, run) = recording([exa(), slack()]);
    for _ in 0..2 {
        assert_eq!(Both.run(&run, ()).await.expect("it runs"), (Some(12), 14));
    }
    assert_eq!(rows(&store), ["e opened", "s opened", "exa used", "slack used"]);
}

#[tokio::test]
async fn a_call_that_is_refused_did_not_go_without() {
    let (store, run) = recording([exa().status(Status::Revoked)]);
    let error = Both.run(&run, ()).await.expect_err("`exa` is revoked, and `slack` is missing");
    let codes: Vec<_> = error.resolve_errors().iter().map(|error| error.code()).collect();
    assert_eq!(codes, ["revoked", "missing"], "one attempt tells everything");
    assert_eq!(rows(&store), ["exa refused: revoked", "slack refused: missing"]);

    let (store, run) = recording([]);
    Both.run(&run, ()).await.expect_err("`slack` is missing");
    assert_eq!(rows(&store), ["slack refused: missing"]);
}

#[tokio::test]
async fn aliases_paths_parentheses_and_pins_are_the_same() {
    let (_, run) = recording([exa(), slack()]);
    let pinned = "the organization's is outside of the parameter's pin";
    assert_eq!(Spellings.run(&run, ()).await.expect("it runs"), [true, false], "{pinned}");
    let (_, run) = recording([slack().in_project("acme", "research")]);
    assert_eq!(Spellings.run(&run, ()).await.expect("it runs"), [false, true]);
}

#[tokio::test]
async fn a_user_pin_of_an_optional_credential_needs_no_user() {
    fn needs_none<A: Action<Need = NoUser>>(_: A) {}
    fn needs_one<A: Action<Need = NeedsUser>>(_: A) {}
    needs_none(OwnIfAny);
    needs_none(PinnedIfAny);
    needs_one(ActsAsUser);
    needs_one(Both.scope(User));
    needs_one(PinnedIfAny.scope(User));

    let users = || {
        [
            exa().of_user("acme", "ada"),
            Instance::new("own").of_user("acme", "ada").field("token", "own-secret-3"),
        ]
    };
    let (store, run) = recording(users());
    assert!(!OwnIfAny.run(&run, ()).await.expect("it runs"));
    assert!(!PinnedIfAny.run(&run, ()).await.expect("it runs"));
    assert_eq!(rows(&store), ["own absent: no_user", "exa absent: no_user"]);
    assert!(!OwnIfAny.run(&run.clone().background(BackgroundOrigin::Schedule), ()).await.expect("it runs"));

    let ada = run.clone().as_user("ada");
    assert!(OwnIfAny.run(&ada, ()).await.expect("it runs"));
    assert!(PinnedIfAny.run(&ada, ()).await.expect("it runs"));
    assert!(ActsAsUser.run(&ada, ()).await.expect("it runs"));
    let bob = run.as_user("bob");
    for absent in [
        OwnIfAny.run(&bob, ()).await,
        PinnedIfAny.run(&bob, ()).await,
        ActsAsUser.run(&bob, ()).await,
        PinnedIfAny.run(&bob, ()).scope(User).await,
    ] {
        assert!(!absent.expect("it runs"), "only `missing` is left");
    }
}

/// What no generated action says: it acts for a user, and needs none.
struct Contradiction;

impl Action for Contradiction {
    type Input = std::collections::BTreeMap<String, String>;
    type Output = bool;
    type Error = Failure;
    type Pin = User;
    type CredentialPins = Unpinned;
    type Need = NoUser;
    const SLUG: &'static str = "contradiction";
    const DESCRIPTION: &'static str = "Acts for a user.";
    const REQUIREMENTS: &'static [Requirement] = &[Requirement::of::<Exa>().optional()];
    const CODEC: Codec<Self::Input, bool, Failure> = Codec::new();

    async fn execute(&self, _: Self::Input, lent: &Invocation) -> Result<bool, Failure> {
        Ok(lent.credential::<Exa>().is_some_and(|exa| length(&exa.api_key) > 0))
    }
}

#[tokio::test]
async fn where_the_action_itself_acts_for_a_user_a_run_without_one_is_refused() {
    let (_, run) = recording([exa()]);
    let error = Contradiction.run(&run, Default::default()).await.expect_err("there is no user");
    assert_eq!(error.resolve_errors()[0].code(), "no_user");
    let (_, run) = recording([]);
    assert!(!Contradiction.run(&run.as_user("ada"), Default::default()).await.expect("it runs"));

    // A server whose clients may have no user checks it before the call.
    let tools = toolset![ActsAsUser, OwnIfAny].expect("a sound list");
    let (_, run) = recording([]);
    let refused = tools.call_checked("acts-as-user", json!({}), &run).await.expect_err("there is no user");
    assert_eq!(refused.code(), "no_user");
    assert_eq!(*tools.call_checked("own", json!({}), &run).await.expect("it runs").json(), json!(false));
}

#[tokio::test]
async fn an_explanation_tells_the_absence_opens_nothing_and_records_nothing() {
    let (store, run) = recording([]);
    let explained = Spellings.run(&run, ()).explain().await;
    assert!(explained.is_resolved(), "nothing that it needs is missing");
    assert_eq!(
        explained.to_string(),
        "exa: R4 project: none; R5 organization: none → absent, optional\n\
         slack, pinned to project: R3 project: none → absent, optional"
    );
    let told = serde_json::to_value(&explained).expect("a trace is JSON");
    assert_eq!((&told[0]["chosen"], &told[0]["error"]), (&json!(null), &json!(null)));
    assert_eq!(told[0]["absent"]["code"], "missing");
    let message = told[0]["absent"]["message"].as_str().expect("a text");
    assert!(message.starts_with("This action asks for the `exa` credential"), "it needs none: {message}");
    assert_eq!(
        told[0]["absent"]["fix"],
        "run `keystroke credentials set exa --set api_key=@stdin --organization acme`"
    );
    let own = OwnIfAny.run(&run, ()).explain().await;
    assert_eq!(own.to_string(), "own, pinned to user: R3 user: no user → absent, optional");
    assert_eq!(own.resolutions()[0].absence().map(|why| why.code()), Some("no_user"));
    assert_eq!(rows(&store), [""; 0]);
}

#[tokio::test]
async fn what_names_an_instance_is_never_optional() {
    let (_, run) = recording([slack()]);
    let error = Both.run(&run, ()).select("exa", "gone").await.expect_err("it was named");
    assert_eq!(error.resolve_errors()[0].code(), "selection_not_found");
    let error = Both.run(&run.clone().select("exa", "s"), ()).await.expect_err("it was named");
    assert_eq!(error.resolve_errors()[0].code(), "selection_mismatch");
    assert_eq!(Both.run(&run.select("own", "gone"), ()).await.expect("another key's"), (None, 14));
    let assigned = MemoryStore::new().with(slack()).assign(
        Assignment::in_project("acme", "research").direct("both"),
        "exa",
        "gone",
    );
    let run = Runtime::new(assigned).organization("acme").project("research");
    let error = Both.run(&run, ()).await.expect_err("it was named");
    assert_eq!(error.resolve_errors()[0].code(), "selection_not_found");
}

/// A store that loses what is to be opened, or that does not answer.
struct Failing {
    lookups: std::sync::atomic::AtomicUsize,
    answers: usize,
}

impl CredentialStore for Failing {
    fn name(&self) -> String {
        "the failing store".to_owned()
    }

    async fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
        let before = self.lookups.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        match (self.answers, before) {
            (0, _) => Err(StoreError::new("it is down")),
            (answers, before) if before < answers => MemoryStore::new().with(exa()).candidates(lookup).await,
            _ => Ok(Candidates::default()),
        }
    }

    async fn open(&self, _: &Resolved) -> Result<Opened, OpenError> {
        Err(OpenError::Changed)
    }

    fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
        Err(StoreError::new("it keeps no record"))
    }
}

/// Says whether it was lent one.
#[action(slug = "any")]
async fn any(exa: Option<&Exa>) -> Result<bool, Failure> {
    Ok(exa.is_some_and(|exa| length(&exa.api_key) > 0))
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_an_error_and_one_that_lost_it_meanwhile_is_an_absence() {
    let run = |answers| {
        let store = Failing { lookups: Default::default(), answers };
        Runtime::new(store).organization("acme").project("research")
    };
    let error = Any.run(&run(0), ()).await.expect_err("the store is down");
    assert_eq!(error.resolve_errors()[0].code(), "store_unavailable");
    let error = Any.run(&run(3), ()).await.expect_err("it changed three times");
    assert_eq!(error.resolve_errors()[0].code(), "store_unavailable");
    // What lends no value needs no record, as a refusal needs none.
    assert!(!Any.run(&run(2), ()).await.expect("it is gone now"));
}

#[tokio::test]
async fn a_preflight_is_ready_where_what_is_optional_is_absent() {
    let tools = toolset![Any, OwnIfAny, Both].expect("a sound list");
    let (_, run) = recording([slack()]);
    let found = tools.preflight(&run).await;
    assert!(found.is_ready() && found.fixes().is_empty() && found.failures().count() == 0);
    let readiness: Vec<_> = found.findings().iter().map(|finding| finding.readiness()).collect();
    assert_eq!(readiness, [Readiness::Absent, Readiness::Absent, Readiness::Absent, Readiness::Resolved]);
    assert_eq!(found.resolved().as_deref(), Some("1 of 4 requirements resolves, 3 are optional and absent"));
    let (_, run) = recording([exa().status(Status::Revoked)]);
    let found = tools.preflight(&run).await;
    let codes: Vec<_> =
        found.failures().map(|(finding, error)| format!("{} {}", finding.action, error.code())).collect();
    assert_eq!(codes, ["any revoked", "both revoked", "both missing"]);
    assert_eq!(found.resolved(), None);

    for (tools, text) in [
        (toolset![Any], "the 1 requirement is optional and absent"),
        (toolset![Any, OwnIfAny], "all 2 requirements are optional and absent"),
    ] {
        let (_, run) = recording([]);
        assert_eq!(tools.expect("a sound list").preflight(&run).await.resolved().as_deref(), Some(text));
    }
}

#[tokio::test]
async fn a_tool_says_which_of_its_credentials_are_optional() {
    let tools = toolset![Both].expect("a sound list");
    let told: Vec<_> = tools.requirements().map(|one| (one.key, one.optional)).collect();
    assert_eq!(told, [("exa", true), ("slack", false)]);
    assert!(Both::REQUIREMENTS[0].is_optional() && !Both::REQUIREMENTS[1].is_optional());
}
