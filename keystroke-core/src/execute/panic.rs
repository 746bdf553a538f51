//! A panic inside a call is one failed execution, reported as "panicked at file:line" and never with its payload, which
//! may quote a secret (SEMANTICS S3).
//!
//! The payload would also be printed by the program's panic hook, so a hook of ours stands before that one and keeps
//! it from panics inside calls: those in a call's own polls, be it in the action, in how its types are read and written,
//! or in the store. What an action spawns panics like any other code.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::task::{Context, Poll};

use super::execution::Stop;
use crate::store::BoxFuture;

thread_local! {
    /// Whether this thread is inside an action's code.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic inside an action was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A panic was caught; the place is unknown if the program set a hook of its own after the first call.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) Option<String>);

impl Panicked {
    /// What it is to the call, and to the log.
    #[cold]
    pub(crate) fn stop(self, action: &'static str) -> Stop {
        let Self(at) = self;
        tracing::error!(action, at, "a call of an action panicked");
        Stop::Panicked(at)
    }
}

/// Runs author's code and catches its panic.
pub(crate) fn guarded<T>(code: impl FnOnce() -> T) -> Result<T, Panicked> {
    let (mut code, mut done) = (Some(code), None);
    guard(&mut || {
        if let Some(code) = code.take() {
            done = Some(code());
        }
    })?;
    done.ok_or(Panicked(None))
}

/// Of no types, like all that follows, so that it is compiled once and not for each action.
fn guard(code: &mut dyn FnMut()) -> Result<(), Panicked> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if INSIDE.get() {
                let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
                // The only word of it where a panic aborts. A closed standard error is no reason for another panic.
                let at = place.as_deref().unwrap_or("an unknown place");
                let _ =
                    writeln!(io::stderr(), "a call of an action panicked at {at}; what it said is withheld");
                PLACE.set(place);
            } else {
                before(info);
            }
        }));
    });
    let outer = INSIDE.replace(true);
    // Unwind safety: nothing of the future or its captures is looked at after a panic.
    let result = catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let place = PLACE.take();
        drop_payload(payload);
        Panicked(place)
    });
    INSIDE.set(outer);
    result
}

/// Payloads that panic when they are dropped, one within the other; the next one is kept for good.
const MOST_PAYLOADS: usize = 16;

/// Drops what a panic was raised with, which may panic itself, with a payload that may as well. No such panic gets out,
/// and none of what it says is printed.
pub fn drop_payload(payload: Box<dyn Any + Send>) {
    let outer = INSIDE.replace(true);
    let mut payload = Some(payload);
    for _ in 0..MOST_PAYLOADS {
        let Some(next) = payload.take() else { break };
        payload = catch_unwind(AssertUnwindSafe(|| drop(next))).err();
    }
    std::mem::forget(payload);
    PLACE.take();
    INSIDE.set(outer);
}

/// A call as it runs: its polls are guarded, and so is dropping it halfway.
pub(crate) struct Guarded<T>(Option<BoxFuture<'static, T>>);

impl<T> Guarded<T> {
    pub(crate) const fn new(call: BoxFuture<'static, T>) -> Self {
        Self(Some(call))
    }

    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, Panicked>> {
        let Some(call) = &mut self.0 else { return Poll::Pending };
        let mut polled = Poll::Pending;
        if let Err(panicked) = guard(&mut || polled = call.as_mut().poll(cx)) {
            self.put_down();
            return Poll::Ready(Err(panicked));
        }
        if polled.is_ready() {
            // What it was lent goes now, however long the call itself is kept.
            self.0 = None;
        }
        polled.map(Ok)
    }

    /// Drops it; a panic in what it drops is kept in like any other, and told by the hook.
    fn put_down(&mut self) {
        if let Some(call) = self.0.take() {
            let mut call = Some(call);
            let _ = guard(&mut || drop(call.take()));
        }
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        self.put_down();
    }
}
