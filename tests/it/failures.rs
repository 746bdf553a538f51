//! How a call fails, to be matched, shown and told: the kinds of [`ActionError`], and what each face of an error says.

use std::fmt;

use keystroke::Anonymous;
use keystroke::error::ToolsetError;
use keystroke::manifest::ManifestError;
use keystroke::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

const SECRET: &str = "exa-secret-0042";

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

#[derive(Deserialize, JsonSchema)]
struct Query {
    limit: u8,
}

#[derive(Debug, thiserror::Error)]
enum SearchError {
    #[error("Exa answered {status} to {SECRET}")]
    Refused { status: u16, source: std::io::Error },
    #[error("stopped")]
    Stopped,
}

/// Fails as its input says.
#[action(slug = "search")]
async fn search(query: Query, exa: &Exa) -> Result<u8, SearchError> {
    let _ = &exa.api_key;
    match query.limit {
        0 => Err(SearchError::Refused { status: 429, source: std::io::Error::other("account 17") }),
        1 => panic!("{SECRET}"),
        limit => Ok(limit),
    }
}

/// Tells the model something else than the operator.
#[action(slug = "two-faced")]
async fn two_faced(exa: &Exa) -> Result<(), Failure> {
    let _ = &exa.api_key;
    Err(Failure::new("account 17 is over its limit").with_model(format!("Busy with {SECRET}.")))
}

/// Its own way to tell the model, which only the conversion knows.
#[derive(Debug)]
struct OwnError(&'static str);

impl fmt::Display for OwnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl From<OwnError> for Failure {
    fn from(own: OwnError) -> Self {
        Self::new(own.0).with_model("Try again tomorrow.")
    }
}

/// Fails with an error of its own kind.
#[action(slug = "own")]
async fn own() -> Result<(), OwnError> {
    Err(OwnError("account 17 is closed"))
}

/// Ends as soon as it is cancelled, with an error or, if so asked, with what it has.
#[action(slug = "watches")]
async fn watches(query: Query, cx: &ActionContext) -> Result<u8, SearchError> {
    cx.progress(0, None, "watching");
    cx.cancellation().cancelled().await;
    if query.limit == 0 { Err(SearchError::Stopped) } else { Ok(query.limit) }
}

/// Takes what nobody shares.
#[action(slug = "takes-state")]
async fn takes_state(cache: &State<Vec<u8>>, exa: &Exa, limit: &State<u8>) -> Result<(), Failure> {
    let _ = (&exa.api_key, cache.len(), **limit);
    Ok(())
}

fn store() -> MemoryStore {
    MemoryStore::new().with(Instance::new("exa").in_organization("acme").id("e").field("api_key", SECRET))
}

fn run(store: MemoryStore) -> Run<Anonymous> {
    Runtime::new(store).organization("acme").project("research")
}

/// A run that is cancelled as soon as its action tells of its progress.
fn cancelled_on_the_way() -> Run<Anonymous> {
    let token = Cancellation::new();
    run(store()).cancellation(token.clone()).progress(move |_| token.cancel())
}

#[tokio::test]
async fn each_kind_can_be_matched_and_holds_what_it_is_about() {
    let error = Search.run(&run(store()), Query { limit: 0 }).await.expect_err("429");
    match error.kind() {
        ActionErrorKind::Failed(SearchError::Refused { status, .. }) => assert_eq!(*status, 429),
        other => panic!("{other:?}"),
    }
    assert!(matches!(error.inner(), Some(SearchError::Refused { status: 429, .. })), "by reference");
    assert_eq!((error.code(), error.action()), ("failed", "search"));
    assert!(matches!(error.into_inner(), Some(SearchError::Refused { .. })));

    let error = Search.run(&run(MemoryStore::new()), Query { limit: 2 }).await.expect_err("missing");
    match error.kind() {
        ActionErrorKind::Resolve([one]) => assert_eq!(one.code(), "missing"),
        other => panic!("{other:?}"),
    }
    assert!(error.inner().is_none());

    let error = Search.run(&run(store()), Query { limit: 1 }).await.expect_err("a panic");
    match error.kind() {
        ActionErrorKind::Panicked { at: Some(at), .. } => {
            assert!(at.starts_with("tests/it/failures.rs:"), "{at}")
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_fails_because_it_was_cancelled_says_so() {
    let error = Watches.run(&cancelled_on_the_way(), Query { limit: 0 }).await.expect_err("cancelled");
    assert!(matches!(error.kind(), ActionErrorKind::Cancelled), "{error}");
    assert_eq!(error.code(), "cancelled");
    assert_eq!(error.to_string(), "the action `watches` was cancelled");
    assert!(matches!(error.inner(), Some(SearchError::Stopped)), "what it said is not lost");
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("stopped"));

    let tools = toolset![Watches].expect("a sound list");
    let input = |limit: u8| serde_json::json!({ "limit": limit });
    let error = tools.call("watches", input(0), &cancelled_on_the_way()).await.expect_err("cancelled");
    assert_eq!(
        (error.code(), error.for_model()),
        ("cancelled", "the action `watches` was cancelled".to_owned())
    );
}

#[tokio::test]
async fn what_is_done_in_spite_of_being_cancelled_is_done() {
    let given = Watches.run(&cancelled_on_the_way(), Query { limit: 7 }).await;
    assert_eq!(given.expect("it gave its result"), 7);
    let tools = toolset![Watches].expect("a sound list");
    let input = serde_json::json!({ "limit": 7 });
    let given = tools.call("watches", input, &cancelled_on_the_way()).await.expect("likewise");
    assert_eq!(given.json(), 7);
}

#[tokio::test]
async fn a_failure_of_a_run_that_goes_on_is_no_cancellation() {
    let token = Cancellation::new();
    let run = run(store()).cancellation(token.clone());
    let error = Search.run(&run, Query { limit: 0 }).await.expect_err("429");
    token.cancel();
    assert_eq!(error.code(), "failed");
}

#[tokio::test]
async fn every_kind_says_what_is_wrong_what_to_do_and_what_a_model_may_know() {
    let mut errors = Vec::new();
    macro_rules! fails {
        ($call:expr) => {
            let error = $call.await.expect_err("it fails");
            errors.push((error.code(), error.problem(), error.fix(), error.for_model(), error.to_string()));
        };
    }
    fails!(Search.run(&run(store()), Query { limit: 0 }));
    fails!(Search.run(&run(store()), Query { limit: 1 }));
    fails!(Search.run(&run(MemoryStore::new()), Query { limit: 2 }));
    fails!(Watches.run(&cancelled_on_the_way(), Query { limit: 0 }));
    fails!(TwoFaced.run(&run(store()), ()));
    fails!(Own.run(&run(store()), ()));
    fails!(TakesState.run(&run(store()), ()));
    let tools = toolset![Search, TwoFaced, TakesState].expect("a sound list");
    fails!(tools.call("takes-state", serde_json::json!({}), &run(store())));
    fails!(tools.call("search", serde_json::json!({ "limit": "two" }), &run(store())));
    fails!(tools.call("sarch", serde_json::json!({}), &run(store())));
    fails!(tools.call("search", serde_json::json!({ "limit": 0 }), &run(store())));
    fails!(tools.call("search", serde_json::json!({ "limit": 1 }), &run(store())));
    let mut text = String::new();
    for (code, problem, fix, model, shown) in errors {
        assert!(!fix.is_empty() && !problem.contains("To fix it"), "{problem}");
        for told in [&problem, &fix, &model, &shown] {
            assert!(!told.contains(SECRET), "{told}");
        }
        assert!(!model.contains("17"), "an account is for the operator: {model}");
        text += &format!("`{code}`\nproblem: {problem}\nfix: {fix}\nmodel: {model}\n\n");
    }
    // The line of a panic moves with this file.
    let text = without_line_numbers(&text);
    insta::assert_snapshot!(text);
}

/// With `tests/it/failures.rs:N` in place of a line's number.
fn without_line_numbers(text: &str) -> String {
    let mut parts = text.split("tests/it/failures.rs:");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown += "tests/it/failures.rs:N";
        shown += part.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    shown
}

/// `docs/semantics.md` promises these; a type that loses one does not compile here.
#[test]
fn every_error_has_the_faces_that_the_documents_promise() {
    macro_rules! has {
        ($type:ty: $($face:ident),*) => { $(let _ = <$type>::$face;)* };
    }
    has!(ResolveError: code, problem, fix, for_model);
    has!(ActionError<Failure>: code, problem, fix, for_model);
    has!(ToolError: code, problem, fix, for_model);
    has!(keystroke::MissingState: code, problem, fix, for_model);
    has!(keystroke_vault::VaultError: code, problem, fix);
    has!(ManifestError: code, fix);
    has!(ToolsetError: code);
    has!(keystroke::error::InvalidInput: problem);
}
