//! SEMANTICS §2: the order of one execution, what is recorded of it, and how it ends.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use keystroke::CredentialStore;
use keystroke::prelude::*;
use keystroke::store::{Candidates, Lookup, OpenError, Opened, Outcome, Resolved, StoreError, UseRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

#[credential(key = "slack")]
struct Slack {
    bot_token: SecretString,
    #[field(plain)]
    team: String,
}

#[derive(Deserialize, JsonSchema)]
struct Query {
    query: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Answer {
    text: String,
}

/// Needs two credentials.
#[action(slug = "both")]
async fn both(input: Query, exa: &Exa, slack: &Slack) -> Result<Answer, Failure> {
    ENTERED.fetch_add(1, Ordering::SeqCst);
    let _ = (exa, &slack.bot_token);
    Ok(Answer { text: format!("{} in {}", input.query, slack.team) })
}

static ENTERED: AtomicUsize = AtomicUsize::new(0);

/// Says what it has seen of the key.
#[action(slug = "length")]
async fn length(exa: &Exa) -> Result<usize, Failure> {
    Ok(exa.api_key.expose_secret().len())
}

/// A store that writes down what it is asked, and whose instance changes as often as it is told to.
struct Recording {
    inner: MemoryStore,
    log: Arc<Mutex<Vec<String>>>,
    changes: AtomicUsize,
}

impl Recording {
    fn new(inner: MemoryStore, changes: usize) -> (Self, Arc<Mutex<Vec<String>>>) {
        let log = Arc::default();
        (Self { inner, log: Arc::clone(&log), changes: AtomicUsize::new(changes) }, log)
    }

    fn note(&self, line: String) {
        self.log.lock().expect("no test panics while it holds this").push(line);
    }
}

impl CredentialStore for Recording {
    fn name(&self) -> String {
        "the recording store".to_owned()
    }

    async fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
        self.note(format!("look {}", lookup.key));
        self.inner.candidates(lookup).await
    }

    fn open(&self, resolved: &Resolved) -> impl Future<Output = Result<Opened, OpenError>> + Send {
        let id = &resolved.instance().id;
        self.note(format!("open {id} by {} for {}", resolved.rule(), resolved.action()));
        let changed =
            self.changes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        let opened = self.inner.open(resolved);
        async move { if changed { Err(OpenError::Changed) } else { opened.await } }
    }

    fn record(&self, record: &UseRecord<'_>) -> Result<(), StoreError> {
        let instance = record.instance.map_or_else(
            || "-".to_owned(),
            |id| {
                let version = record.version.map_or_else(String::new, |version| format!(" v{version}"));
                let rule = record.rule.map_or_else(String::new, |rule| format!(" by {rule}"));
                format!("{id}{version}{rule}")
            },
        );
        let outcome = match record.outcome {
            Outcome::Used => "used".to_owned(),
            Outcome::Refused { code, cause } => format!("refused {code} {}", cause.unwrap_or("-")),
            Outcome::Absent { code } => format!("absent {code}"),
            Outcome::Redacted => format!("redacted {}", record.field.unwrap_or("-")),
            Outcome::Rejected => "rejected".to_owned(),
        };
        self.note(format!("record {} {instance} {outcome}", record.key));
        Ok(())
    }
}

fn exa() -> Instance {
    Instance::new("exa").in_organization("acme").id("e").field("api_key", "exa-secret-1")
}

fn slack() -> Instance {
    Instance::new("slack")
        .in_organization("acme")
        .id("s")
        .field("bot_token", "slack-secret-1")
        .field("team", "T1")
}

fn run(store: impl CredentialStore) -> Run<Anonymous> {
    Runtime::new(store).organization("acme").project("research")
}

fn taken(log: &Mutex<Vec<String>>) -> Vec<String> {
    std::mem::take(&mut *log.lock().expect("no test panics while it holds this"))
}

#[tokio::test]
async fn all_failing_requirements_are_reported_and_the_function_is_not_entered() {
    let bad_slack =
        Instance::new("slack").in_organization("acme").id("s").field("bot_token", "slack-secret-1");
    let (store, log) = Recording::new(MemoryStore::new().with(bad_slack), 0);
    let before = ENTERED.load(Ordering::SeqCst);
    let input = Query { query: "q".to_owned() };
    let error = Both.run(&run(store), input).await.expect_err("neither can be had");
    let codes: Vec<_> = error.resolve_errors().iter().map(|error| (error.key(), error.code())).collect();
    assert_eq!(codes, [("exa", "missing"), ("slack", "invalid")]);
    assert_eq!(error.to_string().lines().count(), 2, "a line each: {error}");
    assert_eq!(ENTERED.load(Ordering::SeqCst), before);
    let log = taken(&log);
    assert!(log.contains(&"record exa - refused missing -".to_owned()), "{log:#?}");
    assert!(log.contains(&"record slack s v1 by R5 refused invalid -".to_owned()), "{log:#?}");
}

#[tokio::test]
async fn a_bad_input_touches_no_store() {
    let (store, log) = Recording::new(MemoryStore::new().with(exa()).with(slack()), 0);
    let tools = toolset![Both].expect("a sound list");
    let error =
        tools.call("both", serde_json::json!({ "query": 3 }), &run(store)).await.expect_err("a number");
    assert_eq!(error.code(), "invalid_input");
    assert_eq!(
        error.to_string(),
        "the input of the tool `both` is invalid: `query`: invalid type: integer `3`, expected a string"
    );
    assert_eq!(taken(&log), Vec::<String>::new());
}

#[tokio::test]
async fn an_unknown_tool_lists_the_tools() {
    let tools = toolset![Both, Length].expect("a sound list");
    let run = run(MemoryStore::new());
    let error = tools.call("bot", serde_json::json!({}), &run).await.expect_err("no such tool");
    assert_eq!(error.to_string(), "there is no tool `bot`; the tools are: both, length");
}

#[tokio::test]
async fn a_value_is_opened_once_and_each_later_use_is_recorded_before_it_is_lent() {
    let (store, log) = Recording::new(MemoryStore::new().with(exa()), 0);
    let run = run(store);
    for _ in 0..2 {
        assert_eq!(Length.run(&run, ()).await.expect("it is there"), 12);
    }
    assert_eq!(
        taken(&log),
        ["look exa", "open e by R5 for length", "look exa", "record exa e v1 by R5 used"]
    );
}

#[tokio::test]
async fn an_instance_that_changes_is_resolved_anew_at_most_three_times() {
    let (store, log) = Recording::new(MemoryStore::new().with(exa()), 2);
    assert_eq!(Length.run(&run(store), ()).await.expect("the third time it holds"), 12);
    assert_eq!(taken(&log).iter().filter(|line| line.starts_with("look")).count(), 3);

    let (store, log) = Recording::new(MemoryStore::new().with(exa()), 3);
    let error = Length.run(&run(store), ()).await.expect_err("it never holds");
    assert_eq!(error.resolve_errors()[0].code(), "store_unavailable");
    assert_eq!(taken(&log).iter().filter(|line| line.starts_with("look")).count(), 3);
}

#[tokio::test]
async fn only_the_audit_record_tells_why_a_selection_was_not_found() {
    let other = exa().in_project("acme", "ops");
    let (store, log) = Recording::new(MemoryStore::new().with(other), 0);
    let error = Length.run(&run(store), ()).select("exa", "e").await.expect_err("of another project");
    assert!(!format!("{error}{error:?}").contains("another project"), "{error}");
    assert_eq!(
        taken(&log),
        ["look exa", "record exa e by R1 refused selection_not_found of another project"]
    );
}

#[tokio::test]
async fn a_call_starts_nothing_before_it_is_polled_and_can_be_spawned() {
    let (store, log) = Recording::new(MemoryStore::new().with(exa()), 0);
    let run = run(store);
    drop(Length.run(&run, ()));
    let call = Length.run(&run, ());
    assert_eq!(taken(&log), Vec::<String>::new());
    drop(run);
    assert_eq!(tokio::spawn(call).await.expect("it does not panic").expect("it is there"), 12);
}

#[tokio::test]
async fn an_explanation_opens_and_records_nothing() {
    let (store, log) = Recording::new(MemoryStore::new().with(exa()), 0);
    let run = run(store);
    let explained = Length.run(&run, ()).explain().await;
    assert_eq!(explained.to_string(), "exa: R4 project: none; R5 organization: one → `e`");
    let preflight = toolset![Both].expect("a sound list").preflight(&run).await;
    assert!(!preflight.is_ready());
    assert_eq!(
        preflight.failures().map(|(finding, error)| (&*finding.action, error.code())).collect::<Vec<_>>(),
        [("both", "missing")]
    );
    assert_eq!(taken(&log), ["look exa", "look exa", "look slack"]);
}

/// Waits until it is cancelled, or for ever.
#[action(slug = "wait")]
async fn wait(exa: &Exa, cx: &ActionContext) -> Result<(), Failure> {
    let _ = exa;
    cx.progress(1, Some(2), "waiting");
    std::future::pending().await
}

#[tokio::test]
async fn cancelling_the_run_ends_its_calls() {
    let token = Cancellation::new();
    let at = token.clone();
    let run = run(MemoryStore::new().with(exa())).cancellation(token.clone()).progress(move |progress| {
        assert_eq!((progress.done, progress.total, progress.message), (1, Some(2), "waiting"));
        at.cancel();
    });
    let error = Wait.run(&run, ()).await.expect_err("cancelled while it waits");
    assert_eq!(error.code(), "cancelled");
    let error = Length.run(&run, ()).await.expect_err("cancelled before it starts");
    assert_eq!(error.to_string(), "the action `length` was cancelled");
}

struct Client(&'static str);

/// Reads the state that the application shares, and the run.
#[action(slug = "context")]
async fn context(cx: &ActionContext) -> Result<String, Failure> {
    let client: &Client = cx.require_state()?;
    let key = cx.idempotency_key().unwrap_or("none");
    Ok(format!("{} {} {:?} {} {key}", client.0, cx.facts().project, cx.user(), cx.facts().origin))
}

#[tokio::test]
async fn an_action_sees_shared_state_and_the_run() {
    let runtime = Runtime::new(MemoryStore::new()).with_state(Client("first")).with_state(Client("second"));
    let run = runtime.organization("acme").project("research").as_user("ada").origin(Origin::Prompt);
    let call = Context.run(&run, ()).idempotency_key("k-1");
    assert_eq!(call.await.expect("it sees them"), "second research Some(\"ada\") prompt k-1");
    let direct = context(&ActionContext::of(&run)).await;
    assert_eq!(direct.expect("in a unit test"), "second research Some(\"ada\") prompt none");
}

#[tokio::test]
async fn state_that_is_missing_is_told_with_where_to_share_it_and_what_is_shared_instead() {
    let runtime = Runtime::new(MemoryStore::new()).with_state(Arc::new(Client("behind an `Arc`")));
    let error =
        Context.run(&runtime.organization("acme").project("research"), ()).await.expect_err("missing");
    assert_eq!(error.code(), "failed");
    let text = error.to_string();
    assert!(text.contains("shares no `it::execution::Client` with its actions"), "{text}");
    assert!(text.contains("but a `alloc::sync::Arc<it::execution::Client>`"), "{text}");
    assert!(
        text.contains("`cx.require_state::<Arc<Client>>()`") && text.contains("`.with_state(…)`"),
        "{text}"
    );

    let run = runtime.organization("acme").project("research");
    let cx = ActionContext::of(&run);
    assert!(cx.state::<Client>().is_none());
    assert_eq!(cx.require_state::<Arc<Client>>().expect("as it was shared").0, "behind an `Arc`");
}

/// What to do, as a tagged enum.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Choice {
    /// Nothing.
    Rest,
    /// So many.
    Count { items: Vec<u8> },
}

/// Takes an enum, which is an object in JSON.
#[action(slug = "choose")]
async fn choose(choice: Choice) -> Result<usize, Failure> {
    Ok(match choice {
        Choice::Rest => 0,
        Choice::Count { items } => items.len(),
    })
}

#[tokio::test]
async fn a_tagged_enum_is_an_object_and_its_errors_name_the_place() {
    let tools = toolset![Choose].expect("an object at the root");
    let schema = tools.descriptors().next().expect("a tool").input_schema;
    assert_eq!(schema["type"], "object");
    let run = run(MemoryStore::new());
    let output = tools.call("choose", serde_json::json!({ "kind": "count", "items": [1, 2] }), &run).await;
    assert_eq!(output.expect("it fits").json(), &serde_json::json!(2));
    let rest = tools.call("choose", serde_json::json!({ "kind": "rest" }), &run).await;
    assert_eq!(rest.expect("it fits").json(), &serde_json::json!(0));
    let error =
        tools.call("choose", serde_json::json!({ "kind": "dance" }), &run).await.expect_err("unknown");
    assert!(error.to_string().contains("unknown variant `dance`"), "{error}");
}
