//! A panic inside an action does not reach the program's panic hook, which would print its payload; any other panic
//! does. In a process of its own, because the hook is the process's.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::sync::{Arc, Mutex};

use keystroke::prelude::*;

/// Panics with what may be a secret.
#[action(slug = "panic")]
async fn panic_with_payload() -> Result<(), Failure> {
    panic!("payload-of-the-action")
}

/// Panics when it is dropped.
struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        panic!("payload-of-what-it-drops")
    }
}

/// Panics when it is dropped, with another such thing: `0` of them is one that does not.
struct Within(u32);

impl Drop for Within {
    fn drop(&mut self) {
        if self.0 > 0 {
            std::panic::panic_any(Self(self.0 - 1));
        }
    }
}

/// Panics with a payload that panics when it is dropped, so many within each other.
#[action(slug = "nest")]
async fn nest(input: Depth) -> Result<(), Failure> {
    std::panic::panic_any(Within(input.depth))
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Depth {
    depth: u32,
}

/// Panics with a payload whose drop quotes a secret.
#[action(slug = "quote")]
async fn quote() -> Result<(), Failure> {
    std::panic::panic_any(Loud)
}

/// Waits for ever, with something in its hands.
#[action(slug = "wait")]
async fn wait() -> Result<(), Failure> {
    let _loud = Loud;
    std::future::pending().await
}

#[test]
fn the_programs_hook_gets_no_payload_of_an_action_and_every_other_one() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    std::panic::set_hook(Box::new(move |info| {
        noted.lock().expect("nothing panics while it holds this").push(info.to_string());
    }));
    let seen = move || std::mem::take(&mut *seen.lock().expect("nothing panics while it holds this"));

    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let error = runtime.block_on(PanicWithPayload.run(&run, ()).into_future()).expect_err("it panics");
    assert!(error.to_string().contains("panicked at tests/panic_hook.rs:"), "{error}");
    assert_eq!(seen(), Vec::<String>::new());

    // Dropped or cancelled halfway: no panic gets out, and none of its payload.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut call = Box::pin(Wait.run(&run, ()).into_future());
    assert!(call.as_mut().poll(&mut context).is_pending());
    drop(call);
    let token = Cancellation::new();
    let mut call = Box::pin(Wait.run(&run.clone().cancellation(token.clone()), ()).into_future());
    assert!(call.as_mut().poll(&mut context).is_pending());
    token.cancel();
    let error = runtime.block_on(call).expect_err("cancelled");
    assert_eq!(error.code(), "cancelled");
    assert_eq!(seen(), Vec::<String>::new());

    // The payload panics when it is dropped.
    let error = runtime.block_on(Quote.run(&run, ()).into_future()).expect_err("it panics");
    assert!(error.to_string().contains("panicked at tests/panic_hook.rs:"), "{error}");
    let tools = toolset![Nest, Quote].expect("a sound list");
    for depth in [0, 1, 2, 15, 16, 17, 1000] {
        let input = serde_json::json!({ "depth": depth });
        let error = runtime.block_on(tools.call("nest", input, &run)).expect_err("it panics");
        assert_eq!(error.code(), "panicked");
        assert!(error.to_string().contains("panicked at tests/panic_hook.rs:"), "{error}");
    }
    let error = runtime.block_on(tools.call("quote", serde_json::json!({}), &run)).expect_err("it panics");
    assert_eq!(error.code(), "panicked");
    assert_eq!(seen(), Vec::<String>::new());

    let outside = std::panic::catch_unwind(|| panic!("outside of any action"));
    assert!(outside.is_err());
    assert!(seen().concat().contains("outside of any action"));
}
