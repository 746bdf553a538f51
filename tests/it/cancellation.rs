//! SEMANTICS §2: a call that is dropped or cancelled at whatever stage leaves no partial state and no secret behind,
//! each attempt resolves afresh, and a panic is one failed execution.
//!
//! Futures are polled by hand: nothing here waits, sleeps or races.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use keystroke::declare::{FieldReader, FieldSpec};
use keystroke::prelude::*;
use keystroke::scope::Unpinned;
use keystroke::store::{
    Candidates, Lookup, OpenError, Opened, Outcome, Resolved, Status, StoreError, UseRecord,
};
use keystroke::testing::{RecordingStore, StoreEvent, TestClock, TestRuns, assert_no_secret};
use keystroke::{Anonymous, Credential, CredentialStore};

const SECRET: &str = "secret-of-the-test";

/// How many values of one type live, and how many were ever made.
struct Counts {
    alive: AtomicIsize,
    made: AtomicUsize,
}

impl Counts {
    const fn new() -> Self {
        Self { alive: AtomicIsize::new(0), made: AtomicUsize::new(0) }
    }
}

/// A module each, so that tests that run at once do not count each other's values.
macro_rules! counted {
    ($module:ident) => {
        mod $module {
            use super::*;

            pub(super) static COUNTS: Counts = Counts::new();

            pub(super) fn alive() -> isize {
                COUNTS.alive.load(Ordering::SeqCst)
            }

            counted!(credential Exa, "exa");
            counted!(credential Slack, "slack");

            /// Waits until it is told to go on.
            #[action(slug = "both")]
            pub(super) async fn both(exa: &Exa, slack: &Slack, cx: &ActionContext) -> Result<usize, Failure> {
                super::hold(cx, Stage::Run).await;
                Ok(exa.0.expose_secret().len() + slack.0.expose_secret().len())
            }
        }
    };
    (credential $name:ident, $key:literal) => {
        pub(super) struct $name(pub(super) SecretString);

        impl Credential for $name {
            const KEY: &'static str = $key;
            type Pin = Unpinned;
            const FIELDS: &'static [FieldSpec] =
                &[FieldSpec::secret("token")];

            fn read(from: &mut FieldReader<'_>) -> Option<Self> {
                let token = from.required("token")?;
                COUNTS.alive.fetch_add(1, Ordering::SeqCst);
                COUNTS.made.fetch_add(1, Ordering::SeqCst);
                Some(Self(token))
            }

            fn secrets(&self, each: &mut dyn FnMut(&'static str, &str)) {
                each("token", self.0.expose_secret());
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                COUNTS.alive.fetch_sub(1, Ordering::SeqCst);
            }
        }
    };
}

/// Where an execution can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Look(&'static str),
    /// Before the instance is opened.
    Open(&'static str),
    /// With its fields in the future's hand.
    Opened(&'static str),
    Run,
}

const STAGES: [Stage; 7] = [
    Stage::Look("exa"),
    Stage::Open("exa"),
    Stage::Opened("exa"),
    Stage::Look("slack"),
    Stage::Open("slack"),
    Stage::Opened("slack"),
    Stage::Run,
];

/// Holds whatever comes to the stage that is set.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<Option<Stage>>>);

impl Gate {
    fn set(&self, stage: Option<Stage>) {
        *self.0.lock().expect("nothing panics with it") = stage;
    }

    async fn pass(&self, stage: Stage) {
        poll_fn(|_| match *self.0.lock().expect("nothing panics with it") {
            Some(held) if held == stage => Poll::Pending,
            _ => Poll::Ready(()),
        })
        .await;
    }
}

async fn hold(cx: &ActionContext, stage: Stage) {
    if let Some(gate) = cx.state::<Gate>() {
        gate.pass(stage).await;
    }
}

/// A store that is held at a stage, and can be given other content.
#[derive(Clone)]
struct Stalling {
    gate: Gate,
    content: Arc<Mutex<Arc<MemoryStore>>>,
    /// Futures of `open` that are alive.
    opening: Arc<AtomicIsize>,
}

impl Stalling {
    fn new(content: MemoryStore) -> Self {
        let content = Arc::new(Mutex::new(Arc::new(content)));
        Self { gate: Gate::default(), content, opening: Arc::default() }
    }

    fn content(&self) -> Arc<MemoryStore> {
        Arc::clone(&self.content.lock().expect("nothing panics with it"))
    }

    fn put(&self, content: MemoryStore) {
        *self.content.lock().expect("nothing panics with it") = Arc::new(content);
    }
}

/// Counts a future for as long as it lives.
struct Alive(Arc<AtomicIsize>);

impl Alive {
    fn new(count: &Arc<AtomicIsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn known(key: &str) -> &'static str {
    if key == "exa" { "exa" } else { "slack" }
}

impl CredentialStore for Stalling {
    fn name(&self) -> String {
        "the stalling store".to_owned()
    }

    async fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
        self.gate.pass(Stage::Look(known(lookup.key))).await;
        self.content().candidates(lookup).await
    }

    async fn open(&self, resolved: &Resolved) -> Result<Opened, OpenError> {
        let _alive = Alive::new(&self.opening);
        let key = known(&resolved.instance().key);
        self.gate.pass(Stage::Open(key)).await;
        let opened = self.content().open(resolved).await;
        self.gate.pass(Stage::Opened(key)).await;
        opened
    }

    fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
        Ok(())
    }
}

fn instance(key: &str, version: u64) -> Instance {
    Instance::new(key)
        .in_organization("acme")
        .id(format!("{key}-1"))
        .version(version)
        .field("token", format!("{SECRET}-{version}"))
}

fn content(version: u64) -> MemoryStore {
    MemoryStore::new().with(instance("exa", version)).with(instance("slack", version))
}

struct Scene {
    stalling: Stalling,
    store: RecordingStore<Stalling>,
    runs: TestRuns,
    clock: TestClock,
}

impl Scene {
    fn new() -> Self {
        let stalling = Stalling::new(content(1));
        let store = RecordingStore::new(stalling.clone());
        let clock = TestClock::new();
        let runtime = Runtime::new(store.clone()).with_clock(clock.clone()).with_state(stalling.gate.clone());
        Self { stalling, store, runs: TestRuns::of(runtime), clock }
    }

    fn run(&self) -> Run<Anonymous> {
        self.runs.anonymous(Origin::Workflow)
    }

    fn at(&self, stage: Stage) {
        self.stalling.gate.set(Some(stage));
    }

    fn go_on(&self) {
        self.stalling.gate.set(None);
    }

    fn used(&self) -> usize {
        self.store.recorded().iter().filter(|record| record.outcome == Outcome::Used).count()
    }
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

fn boxed<F: IntoFuture<IntoFuture: Send + 'static>>(call: F) -> Boxed<F::Output> {
    Box::pin(call.into_future())
}

fn poll<T>(future: &mut Boxed<T>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn ready<T>(future: &mut Boxed<T>) -> T {
    match poll(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits, and nothing holds it"),
    }
}

/// After an execution that ended at `stage`: no value lives but those that were lent, which the runtime holds for the
/// next call, and nothing is half opened.
fn nothing_is_left(scene: &Scene, stage: Stage, alive: isize) {
    assert_eq!(alive, if stage == Stage::Run { 2 } else { 0 }, "{stage:?}: values that live");
    assert_eq!(scene.stalling.opening.load(Ordering::SeqCst), 0, "{stage:?}: opens under way");
    assert_eq!(scene.used(), 0, "{stage:?}: nothing was used of what the process held");
}

mod dropped {
    use super::*;
    counted!(values);

    #[test]
    fn a_call_that_is_dropped_at_whatever_stage_leaves_nothing() {
        for stage in STAGES {
            let scene = Scene::new();
            scene.at(stage);
            let mut call = boxed(values::Both.run(&scene.run(), ()));
            assert!(poll(&mut call).is_pending(), "{stage:?}");
            drop(call);
            nothing_is_left(&scene, stage, values::alive());

            // The next attempt resolves both afresh.
            scene.go_on();
            scene.store.clear();
            let mut call = boxed(values::Both.run(&scene.run(), ()));
            assert_eq!(ready(&mut call).expect("both are there"), 2 * (SECRET.len() + 2));
            let looks = scene
                .store
                .events()
                .iter()
                .filter(|event| matches!(event, StoreEvent::LookedUp { .. }))
                .count();
            assert_eq!(looks, 2, "{stage:?}");
            assert_eq!(scene.store.opened().len(), if stage == Stage::Run { 0 } else { 2 }, "{stage:?}");

            drop((scene, call));
            assert_eq!(values::alive(), 0, "{stage:?}: the runtime is gone, and all that it held");
        }
    }
}

mod cancelled {
    use super::*;
    counted!(values);

    #[test]
    fn a_call_that_is_cancelled_at_whatever_stage_leaves_nothing() {
        for stage in STAGES {
            let scene = Scene::new();
            scene.at(stage);
            let token = Cancellation::new();
            let run = scene.run().cancellation(token.clone());
            let mut call = boxed(values::Both.run(&run, ()));
            assert!(poll(&mut call).is_pending(), "{stage:?}");
            token.cancel();
            let error = ready(&mut call).expect_err("cancelled");
            assert_eq!(error.code(), "cancelled", "{stage:?}");
            assert_no_secret(format!("{error}{error:?}{:?}", scene.store.events()), [SECRET]);
            nothing_is_left(&scene, stage, values::alive());

            // The token ends all calls of the run, and those of no other.
            scene.go_on();
            scene.store.clear();
            let error =
                ready(&mut boxed(values::Both.run(&run, ()))).expect_err("cancelled before it starts");
            assert_eq!(error.code(), "cancelled");
            assert_eq!(scene.store.events(), []);
            assert!(ready(&mut boxed(values::Both.run(&scene.run(), ()))).is_ok(), "{stage:?}");

            drop((scene, call, run));
            assert_eq!(values::alive(), 0, "{stage:?}");
        }
    }
}

mod tools {
    use super::*;
    counted!(values);

    #[test]
    fn the_same_holds_for_a_tool_call() {
        let tools = toolset![values::Both].expect("a sound list");
        for (stage, cancel) in STAGES.into_iter().flat_map(|stage| [(stage, false), (stage, true)]) {
            let scene = Scene::new();
            scene.at(stage);
            let token = Cancellation::new();
            let run = scene.run().cancellation(token.clone());
            let mut call = boxed(tools.call("both", serde_json::json!({}), &run));
            assert!(poll(&mut call).is_pending(), "{stage:?}");
            if cancel {
                token.cancel();
                assert_eq!(ready(&mut call).expect_err("cancelled").code(), "cancelled");
            }
            drop(call);
            nothing_is_left(&scene, stage, values::alive());
            drop((scene, run));
            assert_eq!(values::alive(), 0, "{stage:?}");
        }
    }
}

mod afresh {
    use super::*;
    counted!(values);

    #[test]
    fn each_attempt_resolves_afresh_and_never_gets_an_earlier_attempts_secret() {
        let scene = Scene::new();
        scene.at(Stage::Run);
        let mut first = boxed(values::Both.run(&scene.run(), ()));
        assert!(poll(&mut first).is_pending(), "the first attempt has version 1 in its hands");
        drop(first);

        scene.stalling.put(MemoryStore::new().with(instance("exa", 2)).with(instance("slack", 10)));
        scene.go_on();
        let second = ready(&mut boxed(values::Both.run(&scene.run(), ())));
        assert_eq!(second.expect("both are there"), 2 * SECRET.len() + "-2".len() + "-10".len());
        assert_eq!(values::alive(), 2, "of the earlier version none is held");

        let revoked = instance("exa", 2).status(Status::Revoked);
        scene.stalling.put(MemoryStore::new().with(revoked).with(instance("slack", 10)));
        let third = ready(&mut boxed(values::Both.run(&scene.run(), ()))).expect_err("revoked");
        assert_eq!(third.resolve_errors()[0].code(), "revoked");
        assert_eq!(values::alive(), 1, "what is revoked is dropped when a call sees it");
    }
}

mod refused {
    use super::*;
    counted!(values);

    #[test]
    fn what_was_opened_for_a_call_that_is_refused_is_not_kept() {
        let scene = Scene::new();
        scene.stalling.put(MemoryStore::new().with(instance("exa", 1)));
        for attempt in 1..=2 {
            let error = ready(&mut boxed(values::Both.run(&scene.run(), ()))).expect_err("no slack");
            assert_eq!(error.resolve_errors()[0].code(), "missing");
            assert_eq!(values::alive(), 0);
            assert_eq!(
                scene.store.opened().len(),
                attempt,
                "each attempt opens it, and each open is on record"
            );
        }
    }
}

mod idle {
    use super::*;
    counted!(values);

    #[test]
    fn what_idles_for_a_quarter_of_an_hour_is_dropped_at_the_next_call() {
        let scene = Scene::new();
        assert!(ready(&mut boxed(values::Both.run(&scene.run(), ()))).is_ok());
        assert_eq!(values::alive(), 2);
        scene.clock.advance(Duration::from_secs(16 * 60));
        scene.stalling.put(MemoryStore::new().with(instance("exa", 1)));
        assert!(ready(&mut boxed(values::Both.run(&scene.run(), ()))).is_err(), "slack is gone");
        assert_eq!(values::alive(), 0);
    }
}

mod panics {
    use super::*;
    counted!(values);

    /// Panics as it is told, with its secret in the payload.
    #[action(slug = "fail")]
    async fn fail(how: How, exa: &values::Exa) -> Result<(), Failure> {
        let secret = exa.0.expose_secret().to_owned();
        match how.how.as_str() {
            "text" => panic!("{secret}"),
            "value" => std::panic::panic_any(secret),
            "later" => {
                let mut polled = false;
                poll_fn(|cx| {
                    assert!(!polled, "{secret}");
                    polled = true;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                })
                .await
            }
            _ => {}
        }
        Ok(())
    }

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct How {
        how: String,
    }

    #[test]
    fn a_panic_is_one_failed_execution_and_neither_run_nor_runtime_minds() {
        let scene = Scene::new();
        let run = scene.run();
        // A call that is under way all the while.
        scene.at(Stage::Run);
        let mut beside = boxed(values::Both.run(&run, ()));
        assert!(poll(&mut beside).is_pending());
        for how in ["text", "value", "later"] {
            let mut call = boxed(Fail.run(&run, How { how: how.to_owned() }));
            let error = loop {
                if let Poll::Ready(result) = poll(&mut call) {
                    break result.expect_err("it panics");
                }
            };
            assert_eq!(error.code(), "panicked", "{how}");
            assert!(error.to_string().contains("panicked at tests/it/cancellation.rs:"), "{error}");
            assert_no_secret(format!("{error}{error:?}"), [format!("{SECRET}-1")]);
            assert!(std::error::Error::source(&error).is_none() && error.into_inner().is_none());
            assert!(
                ready(&mut boxed(Fail.run(&run, How { how: String::new() }))).is_ok(),
                "the next call works"
            );
        }
        scene.go_on();
        assert!(ready(&mut beside).is_ok());
        drop((scene, run, beside));
        assert_eq!(values::alive(), 0, "a panic holds no value");
    }
}

mod panics_elsewhere {
    use super::*;
    counted!(values);

    fn loud_reader<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        let how: String = serde::Deserialize::deserialize(from)?;
        assert_ne!(how, "read", "{SECRET}");
        Ok(how)
    }

    fn loud_writer<S: serde::Serializer>(how: &str, to: S) -> Result<S::Ok, S::Error> {
        assert_ne!(how, "write", "{SECRET}");
        to.serialize_str(how)
    }

    /// Panics when it is read or written, as it is told.
    #[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
    struct Loud {
        #[serde(deserialize_with = "loud_reader", serialize_with = "loud_writer")]
        how: String,
    }

    /// Gives what it takes.
    #[action(slug = "echo")]
    async fn echo(input: Loud, exa: &values::Exa) -> Result<Loud, Failure> {
        let _ = exa.0.expose_secret();
        Ok(input)
    }

    /// A store that panics where it is told to, with a secret in the payload.
    struct Broken(&'static str);

    impl CredentialStore for Broken {
        fn name(&self) -> String {
            "the broken store".to_owned()
        }

        async fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
            assert_ne!(self.0, "candidates", "{SECRET}");
            content(1).candidates(lookup).await
        }

        fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
            assert_ne!(self.0, "candidates_now", "{SECRET}");
            if self.0 == "candidates" { None } else { content(1).candidates_now(lookup) }
        }

        async fn open(&self, resolved: &Resolved) -> Result<Opened, OpenError> {
            assert_ne!(self.0, "open", "{SECRET}");
            content(1).open(resolved).await
        }

        fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
            assert_ne!(self.0, "record", "{SECRET}");
            Ok(())
        }
    }

    /// Wherever in a call it is: nobody who awaits one has to catch panics.
    #[test]
    fn a_panic_in_a_store_or_in_reading_and_writing_is_one_failed_execution() {
        let tools = toolset![Echo].expect("a toolset");
        for place in ["nowhere", "read", "write", "candidates_now", "candidates", "open", "record"] {
            let run = Runtime::new(Broken(place)).organization("acme").project("research");
            let typed = || ready(&mut boxed(values::Both.run(&run, ()))).map(drop);
            let tool = || ready(&mut boxed(tools.call("echo", serde_json::json!({ "how": place }), &run)));
            // The second call finds the values held, and has their use recorded.
            let (typed, tool) = ([typed(), typed()], [tool(), tool()]);
            // A typed call is neither read from JSON nor written to it.
            let panics_typed = !["nowhere", "read", "write"].contains(&place);
            assert_eq!(typed[1].is_err(), panics_typed, "{place}");
            assert_eq!(tool[1].is_err(), place != "nowhere", "{place}");
            if let Err(error) = &typed[1] {
                assert_eq!(error.code(), "panicked", "{place}");
                assert_no_secret(format!("{error}{error:?}"), [SECRET]);
            }
            if let Err(error) = &tool[1] {
                assert_eq!(error.code(), "panicked", "{place}");
                assert!(error.to_string().contains("panicked at tests/it/cancellation.rs:"), "{error}");
                assert_no_secret(format!("{error}{error:?}{}", error.for_model()), [SECRET]);
            }
            drop(run);
            assert_eq!(values::alive(), 0, "{place}: a panic holds no value");
        }
    }
}
