//! SEMANTICS S3: redaction answers guesses, so a credential that turns up in too many results is withheld for a while.

use std::time::Duration;

use keystroke::Anonymous;
use keystroke::prelude::*;
use keystroke::store::Outcome;
use keystroke::testing::{RecordingStore, TestClock, TestRuns};
use schemars::JsonSchema;
use serde::Deserialize;

const PIN: &str = "48151623";

#[credential(key = "door")]
struct Door {
    pin: SecretString,
    master: Option<SecretString>,
}

#[derive(Deserialize, JsonSchema)]
struct Text {
    text: String,
}

/// Repeats what it is told, as many a tool does.
#[action(slug = "echo")]
async fn echo(text: Text, door: &Door, cx: &ActionContext) -> Result<String, Failure> {
    let _ = (&door.pin, &door.master);
    if let Some(text) = text.text.strip_prefix("progress ") {
        cx.progress(1, None, text);
    }
    match text.text.strip_prefix("fail ") {
        Some(text) => Err(Failure::new(text)),
        None => Ok(text.text),
    }
}

fn door() -> Instance {
    Instance::new("door")
        .in_organization("acme")
        .id("door-1")
        .field("pin", PIN)
        .field("master", "open-sesame-7")
}

struct Scene {
    store: RecordingStore<MemoryStore>,
    clock: TestClock,
    runs: TestRuns,
}

impl Scene {
    fn new(store: MemoryStore) -> Self {
        let (store, clock) = (RecordingStore::new(store), TestClock::new());
        let runs = TestRuns::new(store.clone()).clock(clock.clone()).redaction_limit(3);
        Self { store, clock, runs }
    }

    fn run(&self) -> Run<Anonymous> {
        self.runs.anonymous(Origin::Direct)
    }

    /// The code of what an echo of the text comes to.
    async fn echo(&self, text: &str) -> &'static str {
        let tools = toolset![Echo].expect("a sound list");
        match tools.call("echo", serde_json::json!({ "text": text }), &self.run()).await {
            Ok(output) if output.json().to_string().contains("[redacted:door.pin]") => "right",
            Ok(_) => "wrong",
            Err(error) => error.resolve_errors().first().map_or(error.code(), ResolveError::code),
        }
    }
}

#[tokio::test]
async fn a_guesser_is_stopped_and_the_operator_is_told() {
    let scene = Scene::new(MemoryStore::new().with(door()));
    assert_eq!(scene.echo("00000000").await, "wrong");
    for _ in 0..4 {
        assert_eq!(scene.echo(&format!("is it {PIN}?")).await, "right");
    }
    // From here on right and wrong get the same answer.
    assert_eq!(scene.echo(&format!("is it {PIN}?")).await, "withheld");
    assert_eq!(scene.echo("00000000").await, "withheld");
    let error = Echo.run(&scene.run(), Text { text: "00000000".to_owned() }).await.expect_err("withheld");
    assert_eq!(error.resolve_errors()[0].code(), "withheld");
    assert!(error.resolve_errors()[0].is_retryable());

    let rows = scene.store.recorded();
    let redacted: Vec<_> = rows.iter().filter(|row| row.outcome == Outcome::Redacted).collect();
    assert_eq!(redacted.len(), 4);
    assert!(redacted.iter().all(|row| row.instance.as_ref().is_some_and(|id| id.as_str() == "door-1")));
    let refused = Outcome::Refused { code: "withheld", cause: None };
    let refused: Vec<_> = rows.iter().filter(|row| row.outcome == refused).collect();
    assert_eq!(refused.len(), 3);
    assert_eq!((refused[0].version, refused[0].rule.map(|rule| rule.as_str())), (Some(1), Some("R5")));

    scene.clock.advance(Duration::from_secs(59));
    assert_eq!(scene.echo("00000000").await, "withheld");
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(scene.echo("00000000").await, "wrong", "it is served again after a minute");
}

#[tokio::test]
async fn an_explanation_and_a_preflight_say_it_as_the_call_does() {
    let scene = Scene::new(MemoryStore::new().with(door()));
    for _ in 0..4 {
        scene.echo(PIN).await;
    }
    let run = scene.run();
    let explained = Echo.run(&run, Text { text: String::new() }).explain().await;
    assert!(explained.to_string().ends_with("error `withheld`"), "{explained}");
    let preflight = toolset![Echo].expect("a sound list").preflight(&run).await;
    assert_eq!(preflight.failures().map(|(_, error)| error.code()).collect::<Vec<_>>(), ["withheld"]);
}

#[tokio::test]
async fn each_way_out_of_a_call_counts() {
    for text in [PIN.to_owned(), format!("fail {PIN}"), format!("progress {PIN}")] {
        let scene = Scene::new(MemoryStore::new().with(door()));
        let run = scene.run().progress(|_| {});
        for _ in 0..4 {
            let typed = Echo.run(&run, Text { text: text.clone() }).await;
            if text == PIN {
                assert_eq!(typed.expect("a typed output is not searched"), PIN);
                scene.echo(&text).await;
            }
        }
        assert_eq!(scene.echo("00000000").await, "withheld", "{text}");
    }
}

#[tokio::test]
async fn a_result_with_several_fields_of_a_credential_is_one_guess() {
    let scene = Scene::new(MemoryStore::new().with(door()));
    for _ in 0..3 {
        assert_eq!(scene.echo(&format!("{PIN} or open-sesame-7")).await, "right");
    }
    assert_eq!(scene.echo("00000000").await, "wrong");
}

#[tokio::test]
async fn what_is_withheld_leads_to_no_other_and_takes_no_other_with_it() {
    let other = Instance::new("door").in_organization("acme").id("door-2").field("pin", "99887766");
    let own = door().in_project("acme", "research");
    let scene = Scene::new(MemoryStore::new().with(own).with(other));
    for _ in 0..4 {
        scene.echo(PIN).await;
    }
    assert_eq!(scene.echo("00000000").await, "withheld", "and not the organization's (R7)");
    let run = scene.run().select("door", "door-2");
    assert!(Echo.run(&run, Text { text: "00000000".to_owned() }).await.is_ok(), "another one is served");
}

#[tokio::test]
async fn redactions_of_several_minutes_do_not_add_up() {
    let scene = Scene::new(MemoryStore::new().with(door()));
    for _ in 0..20 {
        for _ in 0..3 {
            assert_eq!(scene.echo(PIN).await, "right");
        }
        scene.clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn without_being_told_a_runtime_serves_twenty_a_minute() {
    let clock = TestClock::new();
    let runtime = Runtime::new(MemoryStore::new().with(door())).with_clock(clock.clone());
    let (run, tools) = (runtime.organization("acme").project("research"), toolset![Echo].expect("sound"));
    let mut served = 0;
    while tools.call("echo", serde_json::json!({ "text": PIN }), &run).await.is_ok() {
        served += 1;
        assert!(served < 100);
    }
    assert_eq!(served, 21, "the one that is too many is seen only when it is there");
}
