//! A program that returns an error from `main` shows its `Debug`: of every error of keystroke's that is the problem and the
//! fix, in words.

use std::error::Error;
use std::io;

use keystroke::Manifest;
use keystroke::declare::CredentialKind;
use keystroke::mcp::{Denied, ServeError, TokenError};
use keystroke::prelude::*;
use keystroke::store::{OpenError, StoreError};
use serde_json::json;

use crate::common::{self, Count, Echo, Missing};

/// Takes what nobody shares.
#[action(slug = "takes-state")]
async fn takes_state(_calls: &State<u8>) -> Result<(), Failure> {
    Ok(())
}

/// Takes that and more.
#[action(slug = "takes-more")]
async fn takes_more(_calls: &State<u8>, _name: &State<String>) -> Result<(), Failure> {
    Ok(())
}

fn token_errors() -> Vec<TokenError> {
    let file = || "/data/my tokens.json".into();
    vec![
        TokenError::NotFound { id: "3f7t1h9p5y2c".into() },
        TokenError::Malformed { file: file(), problem: "it is empty".into() },
        TokenError::Newer { file: file(), version: 9 },
        TokenError::NotPrivate { file: file(), problem: "has the mode 666".into() },
        TokenError::Busy { file: file() },
        TokenError::Io { file: file(), verb: "read", error: io::Error::other("broken") },
        TokenError::Io { file: file(), verb: "written", error: io::Error::other("broken") },
        TokenError::TooFar,
    ]
}

fn serve_errors() -> Vec<ServeError> {
    let address = "0.0.0.0:80".parse().unwrap();
    let missing = toolset![TakesState].unwrap().missing_state(&Runtime::new(MemoryStore::new()));
    let mut all = vec![
        ServeError::MissingState(missing),
        ServeError::NoTokens { file: "/data/my tokens.json".into() },
        ServeError::NotLoopback { address },
        ServeError::Malformed { what: "host", name: "a b".into() },
        ServeError::Malformed { what: "origin", name: "a b".into() },
        ServeError::Bind { address, error: io::Error::other("taken") },
        ServeError::Protocol { problem: "it spoke HTTP".into() },
        ServeError::Io(io::Error::other("broken")),
    ];
    all.extend(token_errors().into_iter().map(ServeError::Tokens));
    all
}

/// As std shows what `main` returns.
fn shown<E: Error>(error: &E, problem: &str, fix: &str) {
    assert_eq!(format!("{error:?}"), format!("{problem}. To fix it, {fix}"));
    assert_eq!(format!("{error}"), format!("{error:?}"), "`anyhow` and the like show `Display`");
    let boxed: Box<dyn Error + '_> = Box::new(io::Error::other(error.to_string()));
    assert!(boxed.to_string().contains(fix));
}

#[test]
fn the_servers_errors_show_what_is_wrong_and_the_fix() {
    for error in serve_errors() {
        shown(&error, &error.problem(), &error.fix());
    }
    for error in token_errors() {
        shown(&error, &error.problem(), &error.fix());
        let denied = Denied::Store(error);
        assert_eq!(format!("{denied:?}"), denied.to_string());
    }
    for denied in [Denied::Unknown, Denied::Expired] {
        assert!(format!("{denied:?}").ends_with("`keystroke tokens create`"), "{denied:?}");
    }
    // A path with a space in it is one word of the command.
    let fix = TokenError::Malformed { file: "/data/my tokens.json".into(), problem: String::new() }.fix();
    assert!(fix.contains("`mv '/data/my tokens.json' '/data/my tokens.json'.old`"), "{fix}");
}

#[test]
fn each_type_of_state_that_is_missing_is_a_line_with_the_tools_that_wait_for_it() {
    let missing = toolset![TakesState, TakesMore].unwrap().missing_state(&Runtime::new(MemoryStore::new()));
    let error = ServeError::MissingState(missing);
    assert_eq!(
        error.problem(),
        "the tools `takes-state`, `takes-more` cannot run: the runtime shares no `u8` with its actions\n\
         the tool `takes-more` cannot run: the runtime shares no `alloc::string::String` with its actions"
    );
    assert_eq!(
        error.fix(),
        "share a `u8` where the runtime is made: `Runtime::new(…).with_state(…)`; it shares nothing so far\n\
         share a `String` where the runtime is made: `Runtime::new(…).with_state(…)`; it shares nothing so far"
    );
    shown(&error, &error.problem(), &error.fix());
}

#[tokio::test]
async fn so_do_those_of_the_runtime() {
    let runtime = common::runtime().0;
    let run = runtime.organization("acme").project("research");
    let input = json!({ "text": "a" });
    let tools = toolset![Missing, Echo].unwrap();
    let tool_error = tools.call("missing", input.clone(), &run).await.unwrap_err();
    let resolve_error = tool_error.resolve_errors()[0].clone();
    shown(&resolve_error, &resolve_error.problem(), &resolve_error.fix());
    assert!(format!("{tool_error:?}").ends_with(&resolve_error.fix()));
    let users = toolset![Count.scope(User)].unwrap();
    let no_user = users.call_checked("count", json!({}), &run).await.unwrap_err();
    assert_eq!(no_user.code(), "no_user");
    assert!(format!("{no_user:?}").contains("To fix it, start the run for a signed-in user"), "{no_user:?}");
    let action_error = Missing.run(&run, serde_json::from_value(input).unwrap()).await.unwrap_err();
    assert!(format!("{action_error:?}").ends_with(&resolve_error.fix()));
    let preflight = tools.preflight(&run).await;
    assert_eq!(format!("{preflight:?}"), preflight.to_string());
    assert!(format!("{preflight:?}").contains(&resolve_error.fix()));
    for json in ["nonsense", "{}", r#"{"format": 9}"#, r#"{"format": 1}"#] {
        let error = Manifest::from_json(json.as_bytes()).unwrap_err();
        shown(&error, &error.problem(), error.fix());
    }
    let errors = Toolset::builder().add(Echo).add(Echo).build().unwrap_err();
    assert_eq!(format!("{errors:?}"), format!("{:?}", errors.errors()[0]));
    assert!(format!("{errors:?}").contains("give one of them another"), "{errors:?}");
    let store = StoreError::new("the disk is full").with_fix("make room");
    assert_eq!(format!("{store:?}"), "the disk is full. To fix it, make room");
    assert_eq!(format!("{:?}", OpenError::Store(store)), "the disk is full. To fix it, make room");
    let texts = [
        format!("{:?}", OpenError::Changed),
        format!("{:?}", "secret".parse::<CredentialKind>().unwrap_err()),
        format!("{:?}", StoreError::new("the disk is full")),
    ];
    assert!(texts.iter().all(|text| !text.contains(['{', '('])), "{texts:?}");
}
