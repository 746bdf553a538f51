//! Shared state as a parameter, `&State<T>`: what an action takes is known without running it, and where something is
//! missing, all of it is told before the input is read or a store is asked (SEMANTICS E0).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keystroke::MissingState;
use keystroke::declare::{Codec, Invocation, Requirement, StateRequirement};
use keystroke::explain::{Preflight, PreflightState};
use keystroke::prelude::*;
use keystroke::scope::Unpinned;
use keystroke::testing::{RecordingStore, TestRuns};
use schemars::JsonSchema;
use serde::Deserialize;

const SECRET: &str = "exa-secret-0017";

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

/// In the place of an HTTP client. It can neither be cloned nor printed.
struct Client {
    base_url: &'static str,
    calls: AtomicUsize,
}

impl Client {
    const fn new(base_url: &'static str) -> Self {
        Self { base_url, calls: AtomicUsize::new(0) }
    }
}

struct Cache(u8);

#[derive(Deserialize, JsonSchema)]
struct Query {
    query: String,
}

/// Searches.
#[action(slug = "search")]
async fn search(
    http: &State<Client>,
    query: Query,
    exa: &Exa,
    cache: &State<Cache>,
) -> Result<String, Failure> {
    let _ = &exa.api_key;
    http.calls.fetch_add(1, Ordering::Relaxed);
    Ok(format!("{}/{} {}", http.base_url, query.query, cache.0))
}

/// Fetches, with no credential.
#[action(slug = "fetch")]
async fn fetch(http: &State<Client>) -> Result<String, Failure> {
    Ok(http.base_url.to_owned())
}

type Http = State<Client>;

/// Takes its client by an alias, and asks its context for the rest.
#[action(slug = "alias")]
async fn alias(http: &Http, cx: &ActionContext) -> Result<bool, Failure> {
    let same: &Client = cx.require_state()?;
    Ok(std::ptr::eq(&**http, same) && cx.state::<u8>().is_none())
}

/// Takes none.
#[action(slug = "plain")]
async fn plain(exa: &Exa) -> Result<usize, Failure> {
    Ok(exa.api_key.expose_secret().len())
}

fn exa() -> MemoryStore {
    MemoryStore::new().with(Instance::new("exa").in_organization("acme").id("e").field("api_key", SECRET))
}

fn run_of(runtime: &Runtime) -> Run<Anonymous> {
    runtime.organization("acme").project("research")
}

fn query() -> Query {
    Query { query: "rust".to_owned() }
}

fn names(missing: &[MissingState]) -> Vec<&str> {
    missing.iter().map(|missing| missing.type_name().rsplit("::").next().unwrap_or_default()).collect()
}

#[test]
fn what_an_action_takes_is_known_without_running_it() {
    fn taken<A: Action>(_: A) -> Vec<&'static str> {
        A::STATE.iter().map(StateRequirement::type_name).collect()
    }
    assert_eq!(taken(Search), ["it::state::Client", "it::state::Cache"]);
    assert_eq!(taken(Search.scope(Organization)), taken(Search), "a pin changes nothing");
    assert_eq!(taken(Alias), ["it::state::Client"], "an alias is the type");
    assert!(taken(Plain).is_empty());
}

#[tokio::test]
async fn state_is_lent_as_it_was_shared_whatever_the_form_of_the_call() {
    let runtime = Runtime::new(exa())
        .with_state(Client::new("http://old"))
        .with_state(Cache(3))
        .with_state(Client::new("http://new"));
    let run = run_of(&runtime);
    let said = "http://new/rust 3";
    assert_eq!(Search.run(&run, query()).await.expect("typed"), said);
    assert_eq!(Search.scope(Organization).run(&run, query()).await.expect("pinned for a use"), said);
    assert_eq!(Search.run(&run, query()).scope(Organization).await.expect("pinned for a call"), said);
    let tools = toolset![Search, ..toolset![Alias]].expect("a sound list");
    let given = tools.call("search", serde_json::json!({ "query": "rust" }), &run).await.expect("in JSON");
    assert_eq!(given.json(), said);
    let given = tools.call("alias", serde_json::json!({}), &run).await.expect("of a list that is spread");
    assert_eq!(given.json(), true);
    // One value for all of them.
    assert_eq!(
        ActionContext::of(&run).state::<Client>().map(|http| http.calls.load(Ordering::Relaxed)),
        Some(4)
    );
}

#[tokio::test]
async fn a_unit_test_makes_its_own() {
    let (http, cache) = (State::new(Client::new("http://test")), State::new(Cache(1)));
    let exa = Exa { api_key: "test".into() };
    let kept = http.clone();
    assert_eq!(search(&http, query(), &exa, &cache).await.expect("a function"), "http://test/rust 1");
    assert_eq!(kept.calls.load(Ordering::Relaxed), 1, "a clone is the same value");
    assert_eq!(format!("{http:?}"), "State<Client>");
}

/// Shares state with the actions of a runtime.
type Share = fn(Runtime) -> Runtime;

/// What is shared, and what `search` then lacks.
fn lacking() -> Vec<(&'static str, Runtime, RecordingStore<MemoryStore>, &'static [&'static str])> {
    let table: [(&str, Share, &[&str]); 4] = [
        ("nothing", |runtime| runtime, &["Client", "Cache"]),
        ("one of two", |runtime| runtime.with_state(Cache(3)), &["Client"]),
        (
            "an `Arc`",
            |runtime| runtime.with_state(Arc::new(Client::new(""))).with_state(Cache(3)),
            &["Client"],
        ),
        (
            "a `State`",
            |runtime| runtime.with_state(State::new(Cache(3))).with_state(Client::new("")),
            &["Cache"],
        ),
    ];
    let row = |(shared, share, lacks): (&'static str, Share, _)| {
        let store = RecordingStore::new(exa());
        (shared, share(Runtime::new(store.clone())), store, lacks)
    };
    table.into_iter().map(row).collect()
}

#[tokio::test]
async fn all_that_is_missing_is_told_at_once_and_no_store_is_asked() {
    let list = || toolset![Search.scope(Organization), Plain].expect("a sound list");
    let merged = Toolset::builder().merge(list()).add(Fetch).build().expect("a sound list");
    for (shared, runtime, store, lacks) in lacking() {
        let run = run_of(&runtime);
        for error in [
            Search.run(&run, query()).await.expect_err(shared),
            Search.run(&run, query()).scope(Organization).await.expect_err(shared),
            Search.scope(Organization).run(&run, query()).await.expect_err(shared),
            // A selection of a key that it does not use is not looked at either.
            Search.run(&run, query()).select("slack", "s").await.expect_err(shared),
        ] {
            let ActionErrorKind::MissingState(missing) = error.kind() else { panic!("{shared}: {error}") };
            assert_eq!(names(missing), lacks, "{shared}");
            assert_eq!((error.code(), error.action()), ("missing_state", "search"));
            assert_eq!(error.problem().lines().count(), lacks.len());
            assert!(error.resolve_errors().is_empty() && error.inner().is_none());
        }
        for tools in [&list(), &merged] {
            // An input that does not fit is not read: another one would not mend it.
            for input in [serde_json::json!({ "query": "rust" }), serde_json::json!({ "query": 3 })] {
                let error = tools.call("search", input, &run).await.expect_err(shared);
                let ToolError::MissingState { action: "search", missing } = &error else {
                    panic!("{shared}: {error}")
                };
                assert_eq!(names(missing), lacks, "{shared}");
                assert_eq!(error.code(), "missing_state");
            }
        }
        assert_eq!(store.events(), [], "{shared}");
        // What takes no state is not held up.
        assert_eq!(Plain.run(&run, ()).await.expect("it has all"), SECRET.len());
    }
}

#[tokio::test]
async fn a_model_is_told_of_no_type_and_the_operator_of_the_line_that_mends_it() {
    for (shared, runtime, _, lacks) in lacking() {
        let error = Search.run(&run_of(&runtime), query()).await.expect_err(shared);
        let model = error.for_model();
        assert!(
            model.lines().count() == 1 && !model.contains("Client") && !model.contains("Cache"),
            "{model}"
        );
        for (line, lacks) in error.to_string().lines().zip(lacks) {
            assert!(
                line.contains("`search`") && line.contains(lacks) && line.contains("with_state(…)"),
                "{line}"
            );
        }
        let wrapped = match shared {
            "an `Arc`" => "take `&State<Arc<Client>>`, or share the `Client` itself",
            "a `State`" => "take `&State<State<Cache>>`, or share the `Cache` itself",
            "nothing" | "one of two" => "share a `Client` where the runtime is made",
            _ => "share a `Cache` where the runtime is made",
        };
        assert!(error.fix().starts_with(wrapped), "{shared}: {}", error.fix());
    }
}

async fn preflight(runtime: &Runtime) -> Preflight {
    let tools = toolset![Search, ..toolset![Fetch.scope(Organization), Plain]].expect("a sound list");
    assert_eq!(tools.missing_state(runtime), tools.preflight(&run_of(runtime)).await.missing_state());
    tools.preflight(&run_of(runtime)).await
}

#[tokio::test]
async fn a_preflight_tells_each_type_once_with_the_actions_that_wait_for_it() {
    let runtime = Runtime::new(exa()).with_state(Arc::new(Client::new("")));
    let found = preflight(&runtime).await;
    let told: Vec<_> = found
        .missing_state()
        .iter()
        .map(|PreflightState { missing, actions }| (missing.fix(), &**actions))
        .collect();
    let [(client, by_two), (cache, by_one)] = &*told else { panic!("{told:?}") };
    assert!(client.starts_with("take `&State<Arc<Client>>`") && *by_two == ["search", "fetch"], "{told:?}");
    assert!(cache.starts_with("share a `Cache` where") && *by_one == ["search"], "{told:?}");
    // All credentials are there: it is not ready all the same.
    assert!(found.failures().next().is_none() && found.fixes().is_empty() && !found.is_ready());
    let json = serde_json::to_string_pretty(&found).expect("a report is JSON");
    insta::assert_snapshot!("a_report_of_missing_state", format!("{found}\n\n{json}"));

    let both = preflight(&Runtime::new(MemoryStore::new()).with_state(Cache(3))).await;
    let last = both.to_string();
    assert!(
        last.contains(
            "not ready: 1 type of state is missing, and none of the 2 requirements resolves. To fix it:"
        ),
        "{last}"
    );

    let ready = preflight(&Runtime::new(exa()).with_state(Client::new("")).with_state(Cache(3))).await;
    assert!(ready.is_ready() && ready.missing_state().is_empty(), "{ready}");
}

/// Its types, written by hand.
struct ByHand;

impl Action for ByHand {
    type Input = std::collections::BTreeMap<String, String>;
    type Output = u8;
    type Error = Failure;
    type Pin = Unpinned;
    type CredentialPins = Unpinned;
    type Need = NoUser;
    const SLUG: &'static str = "by-hand";
    const DESCRIPTION: &'static str = "Gives what is shared.";
    const REQUIREMENTS: &'static [Requirement] = &[];
    const STATE: &'static [StateRequirement] = &[StateRequirement::of::<Cache>()];
    const CODEC: Codec<Self::Input, u8, Failure> = Codec::new();

    async fn execute(&self, _: Self::Input, lent: &Invocation) -> Result<u8, Failure> {
        Ok(lent.context().require_state::<Cache>()?.0)
    }
}

#[tokio::test]
async fn an_action_by_hand_declares_its_state_too() {
    let runtime = Runtime::new(MemoryStore::new());
    let error = ByHand.run(&run_of(&runtime), Default::default()).await.expect_err("nothing is shared");
    assert_eq!(error.code(), "missing_state");
    let given = ByHand.run(&run_of(&runtime.with_state(Cache(3))), Default::default()).await;
    assert_eq!(given.expect("it is shared"), 3);
}

#[tokio::test]
async fn a_run_that_is_cancelled_or_has_no_user_is_told_what_its_program_lacks_or_who() {
    let runtime = Runtime::new(exa());
    let token = Cancellation::new();
    token.cancel();
    let error = Fetch.run(&run_of(&runtime).cancellation(token), ()).await.expect_err("both are wrong");
    assert_eq!(error.code(), "missing_state", "no other run would do");
    let users = toolset![Search.scope(User)].expect("a sound list");
    let anonymous = TestRuns::of(runtime).anonymous(Origin::Prompt);
    let error = users.call_checked("search", serde_json::json!({}), &anonymous).await.expect_err("nobody");
    assert_eq!(error.code(), "no_user", "which is asked before there is a call");
}
