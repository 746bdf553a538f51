//! What a call tells those who watch: its span and events, what a Prometheus exporter shows, and no secret in either.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use keystroke::prelude::*;
use keystroke::testing::{TestClock, TestRuns, assert_no_secret};
use keystroke::{Anonymous, AsUser};
use metrics_exporter_prometheus::PrometheusBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const KEY: &str = "exa-canary-one-0042";
const TOKEN: &str = "slack-canary-two-0042";

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

#[credential(key = "slack")]
struct Slack {
    bot_token: SecretString,
}

#[derive(Deserialize, JsonSchema)]
struct Query {
    limit: u8,
}

/// Takes a second of the test's clock, and gives, fails, panics or leaks as its input says.
#[action(slug = "search")]
async fn search(query: Query, exa: &Exa, slack: &Slack, cx: &ActionContext) -> Result<String, Failure> {
    let _ = &slack.bot_token;
    if let Some(clock) = cx.state::<TestClock>() {
        clock.advance(Duration::from_millis(1500));
    }
    tracing::info!("from within");
    match query.limit {
        0 => Err(Failure::new(format!("no results for {}", exa.api_key.expose_secret()))),
        1 => panic!("{}", exa.api_key.expose_secret()),
        2 => Ok(format!("found {}", exa.api_key.expose_secret())),
        3 => std::future::pending().await,
        limit => Ok(format!("found {limit}")),
    }
}

type Fields = BTreeMap<&'static str, String>;

/// One span or event, with its fields; a span's are those that were recorded until now.
#[derive(Clone, Debug)]
struct Seen {
    level: Level,
    target: &'static str,
    name: &'static str,
    within: Option<u64>,
    fields: Fields,
}

impl Seen {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value.trim_matches('"'))
    }
}

struct Into<'a>(&'a mut Fields);

impl Visit for Into<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

/// Collects spans and events from a level on.
#[derive(Clone)]
struct Collector {
    level: Level,
    next: Arc<AtomicU64>,
    spans: Arc<Mutex<BTreeMap<u64, Seen>>>,
    events: Arc<Mutex<Vec<Seen>>>,
    entered: Arc<Mutex<Vec<u64>>>,
    closed: Arc<Mutex<Vec<u64>>>,
}

impl Collector {
    fn new(level: Level) -> Self {
        let next = Arc::new(AtomicU64::new(1));
        let (spans, events, entered, closed) = Default::default();
        Self { level, next, spans, events, entered, closed }
    }

    fn calls(&self) -> Vec<Seen> {
        let spans = self.spans.lock().expect("nothing panics with it");
        spans.values().filter(|span| span.name == "keystroke.call").cloned().collect()
    }

    /// The events of ours.
    fn events(&self) -> Vec<Seen> {
        let events = self.events.lock().expect("nothing panics with it");
        events.iter().filter(|event| event.target == "keystroke::call").cloned().collect()
    }

    fn everything(&self) -> String {
        let (spans, events) = (self.spans.lock(), self.events.lock());
        format!("{:?} {:?}", spans.expect("nothing panics"), events.expect("nothing panics"))
    }

    fn seen(&self, metadata: &'static Metadata<'static>, within: Option<u64>) -> Seen {
        let (level, target, name) = (*metadata.level(), metadata.target(), metadata.name());
        Seen { level, target, name, within, fields: Fields::new() }
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(self.level.into())
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut seen = self.seen(span.metadata(), None);
        span.record(&mut Into(&mut seen.fields));
        self.spans.lock().expect("nothing panics with it").insert(id, seen);
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut spans = self.spans.lock().expect("nothing panics with it");
        let span = spans.get_mut(&id.into_u64()).expect("it was made");
        values.record(&mut Into(&mut span.fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let entered = self.entered.lock().expect("nothing panics with it").last().copied();
        let within = event.parent().map(Id::into_u64).or(entered);
        let mut seen = self.seen(event.metadata(), within);
        event.record(&mut Into(&mut seen.fields));
        self.events.lock().expect("nothing panics with it").push(seen);
    }

    fn enter(&self, id: &Id) {
        self.entered.lock().expect("nothing panics with it").push(id.into_u64());
    }

    fn exit(&self, id: &Id) {
        assert_eq!(self.entered.lock().expect("nothing panics with it").pop(), Some(id.into_u64()));
    }

    fn try_close(&self, id: Id) -> bool {
        self.closed.lock().expect("nothing panics with it").push(id.into_u64());
        true
    }
}

/// Runs without a key too.
#[action(slug = "peek")]
async fn peek(exa: Option<&Exa>) -> Result<bool, Failure> {
    Ok(exa.is_some())
}

/// Takes what nobody shares.
#[action(slug = "takes-state")]
async fn takes_state(cache: &State<Vec<u8>>, limit: &State<u8>) -> Result<(), Failure> {
    let _ = (cache.len(), **limit);
    Ok(())
}

fn store() -> MemoryStore {
    MemoryStore::new()
        .with(Instance::new("exa").in_organization("acme").id("exa-1").version(3).field("api_key", KEY))
        .with(Instance::new("slack").in_project("acme", "research").id("slack-1").field("bot_token", TOKEN))
}

fn runs(store: MemoryStore) -> TestRuns {
    let clock = TestClock::new();
    TestRuns::of(Runtime::new(store).with_state(clock.clone()).with_clock(clock))
}

fn run(store: MemoryStore) -> Run<Anonymous> {
    runs(store).anonymous(Origin::Direct).id("run-7").consumer(Consumer::agent("researcher"))
}

/// One test at a time: an event that is met for the first time where nobody listens, while another thread begins to, may stay
/// unheard there.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does it where all that is traced is collected.
fn watched<T>(level: Level, work: impl Future<Output = T>) -> (T, Collector) {
    let _turn = turn();
    let collector = Collector::new(level);
    let done = tracing::subscriber::with_default(collector.clone(), || block_on(work));
    (done, collector)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("an executor").block_on(work)
}

#[test]
fn a_call_that_ends_well_has_a_span_and_an_event_that_say_all_of_it() {
    for as_a_tool in [false, true] {
        let run = run(store());
        let (_, seen) = watched(Level::INFO, async {
            if as_a_tool {
                let tools = toolset![Search].expect("a sound list");
                tools.call("search", serde_json::json!({ "limit": 9 }), &run).await.expect("it gives");
            } else {
                Search.run(&run, Query { limit: 9 }).await.expect("it gives");
            }
        });
        let (spans, events) = (seen.calls(), seen.events());
        let ([span], [event]) = (spans.as_slice(), events.as_slice()) else { panic!("{spans:?} {events:?}") };
        assert_eq!((span.level, span.target), (Level::INFO, "keystroke::call"));
        assert_eq!((event.level, event.within), (Level::INFO, Some(1)));
        for told in [span, event] {
            for (field, value) in [
                ("action", "search"),
                ("run", "run-7"),
                ("consumer", "agent researcher"),
                ("organization", "acme"),
                ("project", "research"),
                ("instance", "exa-1, slack-1"),
                ("version", "3, 1"),
                ("rule", "R5, R4"),
                ("outcome", "ok"),
            ] {
                assert_eq!(told.field(field), value, "{field} of {told:?}");
            }
        }
        assert_eq!(event.field("duration_ms"), "1500.0");
        let all = seen.events.lock().expect("nothing panics with it").clone();
        let within = all.iter().find(|event| event.field("message") == "from within").expect("it was told");
        assert_eq!(within.within, Some(1), "what the action traces is of its call");
        assert!(
            seen.closed.lock().expect("nothing panics with it").contains(&1),
            "the span ends with the call"
        );
        assert!(seen.entered.lock().expect("nothing panics with it").is_empty());
    }
}

#[test]
fn a_call_that_fails_is_warned_of_with_its_code() {
    let cases: [(&str, MemoryStore, Query); 3] = [
        ("failed", store(), Query { limit: 0 }),
        ("panicked", store(), Query { limit: 1 }),
        ("resolve", MemoryStore::new(), Query { limit: 9 }),
    ];
    for (code, store, query) in cases {
        let run = run(store);
        let (error, seen) =
            watched(Level::INFO, async { Search.run(&run, query).await.expect_err("it fails") });
        assert_eq!(error.code(), code);
        let event = seen.events().pop().expect("it was told");
        assert_eq!(
            (event.level, event.field("outcome"), event.field("action")),
            (Level::WARN, code, "search")
        );
        assert_eq!(seen.calls().pop().expect("a span").field("outcome"), code);
        assert_no_secret(seen.everything(), [KEY, TOKEN]);
    }
}

#[test]
fn each_requirement_that_is_not_met_is_named() {
    let run = run(MemoryStore::new());
    let (_, seen) = watched(Level::WARN, async { Search.run(&run, Query { limit: 9 }).await.is_ok() });
    let told: Vec<(String, String)> = seen
        .events()
        .iter()
        .filter(|event| !event.field("key").is_empty())
        .map(|event| (event.field("key").to_owned(), event.field("code").to_owned()))
        .collect();
    let missing = |key: &str| (key.to_owned(), "missing".to_owned());
    assert_eq!(told, [missing("exa"), missing("slack")]);
}

#[test]
fn each_type_that_is_not_shared_is_named_and_no_credential() {
    let run = run(store());
    let (_, seen) = watched(Level::INFO, async { TakesState.run(&run, ()).await.is_ok() });
    let events = seen.events();
    let [cache, limit, end] = &*events else { panic!("{events:?}") };
    for (event, state) in [(cache, "alloc::vec::Vec<u8>"), (limit, "u8")] {
        assert_eq!((event.field("state"), event.field("code")), (state, "missing_state"));
        assert_eq!((event.level, event.within), (Level::WARN, Some(1)));
    }
    assert_eq!((end.level, end.field("outcome"), end.field("instance")), (Level::WARN, "missing_state", ""));
}

#[test]
fn where_only_warnings_are_listened_for_they_come_and_nothing_else() {
    let run = run(store());
    let (_, seen) = watched(Level::WARN, async {
        let tools = toolset![Search].expect("a sound list");
        Search.run(&run, Query { limit: 9 }).await.expect("it gives");
        Search.run(&run, Query { limit: 0 }).await.expect_err("it fails");
        tools.call("search", serde_json::json!({ "limit": "nine" }), &run).await.expect_err("a text");
        tools.call("sarch", serde_json::json!({}), &run).await.expect_err("no such tool");
    });
    let outcomes: Vec<String> = seen.events().iter().map(|event| event.field("outcome").to_owned()).collect();
    assert_eq!(outcomes, ["failed", "invalid_input", "unknown_tool"]);
    assert!(seen.calls().is_empty());
}

#[test]
fn a_call_that_is_given_up_is_told_and_not_warned_of() {
    let token = Cancellation::new();
    let run = run(store()).cancellation(token.clone());
    let mut context = Context::from_waker(Waker::noop());
    let (_, seen) = watched(Level::INFO, async {
        let mut call = Box::pin(Search.run(&run, Query { limit: 3 }));
        assert!(matches!(call.as_mut().poll(&mut context), Poll::Pending));
        drop(call);
        let mut call = Box::pin(Search.run(&run, Query { limit: 3 }));
        assert!(matches!(call.as_mut().poll(&mut context), Poll::Pending));
        token.cancel();
        assert!(call.await.is_err_and(|error| error.code() == "cancelled"));
    });
    let told: Vec<_> =
        seen.events().iter().map(|event| (event.level, event.field("outcome").to_owned())).collect();
    assert_eq!(told, [(Level::INFO, "dropped".to_owned()), (Level::INFO, "cancelled".to_owned())]);
}

/// What a Prometheus exporter shows of what is done.
fn exported(work: impl Future<Output = ()>) -> String {
    let _turn = turn();
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || block_on(work));
    handle.render()
}

fn has_line(text: &str, name: &str, labels: &[&str], value: &str) -> bool {
    text.lines().any(|line| {
        line.starts_with(&format!("{name}{{"))
            && labels.iter().all(|label| line.contains(label))
            && line.ends_with(&format!(" {value}"))
    })
}

#[test]
fn a_prometheus_exporter_shows_calls_durations_resolutions_and_redactions() {
    let runs = runs(store());
    let run: Run<AsUser> = runs.as_user(Origin::Prompt);
    let text = exported(async {
        let tools = toolset![Search].expect("a sound list");
        let call = |limit: u8| tools.call("search", serde_json::json!({ "limit": limit }), &run);
        for _ in 0..3 {
            call(9).await.expect("it gives");
        }
        call(0).await.expect_err("it fails");
        call(1).await.expect_err("it panics");
        call(2).await.expect("it leaks");
        Search.run(&run, Query { limit: 9 }).await.expect("it gives");
        let none = TestRuns::new(MemoryStore::new()).as_user(Origin::Prompt);
        tools.call("search", serde_json::json!({ "limit": 9 }), &none).await.expect_err("missing");
        assert!(!Peek.run(&none, ()).await.expect("it goes without"));
        tools.call("search", serde_json::json!({ "limit": "x" }), &run).await.expect_err("a text");
        tools.call("a name of the model's", serde_json::json!({}), &run).await.expect_err("no such tool");
        Search.run(&run, Query { limit: 9 }).select("typed-by-hand", "x-1").await.expect_err("unused");
    });
    let search = "action=\"search\"";
    for (name, labels, value) in [
        ("keystroke_calls_total", &[search, "outcome=\"ok\""][..], "5"),
        ("keystroke_calls_total", &[search, "outcome=\"failed\""], "1"),
        ("keystroke_calls_total", &[search, "outcome=\"panicked\""], "1"),
        ("keystroke_calls_total", &[search, "outcome=\"resolve\""], "2"),
        ("keystroke_calls_total", &[search, "outcome=\"invalid_input\""], "1"),
        ("keystroke_calls_total", &["action=\"(unknown)\"", "outcome=\"unknown_tool\""], "1"),
        ("keystroke_call_duration_seconds_count", &[search], "10"),
        ("keystroke_resolutions_total", &["key=\"exa\"", "outcome=\"R5\""], "7"),
        ("keystroke_resolutions_total", &["key=\"slack\"", "outcome=\"R4\""], "7"),
        ("keystroke_resolutions_total", &["key=\"slack\"", "outcome=\"missing\""], "1"),
        ("keystroke_resolutions_total", &["key=\"exa\"", "outcome=\"missing\""], "1"),
        ("keystroke_resolutions_total", &["key=\"exa\"", "outcome=\"absent\""], "1"),
        ("keystroke_calls_total", &["action=\"peek\"", "outcome=\"ok\""], "1"),
        ("keystroke_resolutions_total", &["key=\"(unused)\"", "outcome=\"selection_unused\""], "1"),
        ("keystroke_redactions_total", &[search, "key=\"exa\"", "field=\"api_key\""], "2"),
    ] {
        assert!(has_line(&text, name, labels, value), "{name} {labels:?} {value} is not in:\n{text}");
    }
    assert_no_secret(&text, [KEY, TOKEN]);
    for word in ["a name of the model's", "typed-by-hand"] {
        assert!(!text.contains(word), "no label is of a caller's making: {text}");
    }
}

#[test]
fn what_is_dropped_half_way_is_counted_too() {
    let run = run(store());
    let text = exported(async {
        let mut call = Box::pin(Search.run(&run, Query { limit: 3 }));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    });
    assert!(has_line(&text, "keystroke_calls_total", &["outcome=\"dropped\""], "1"), "{text}");
}
