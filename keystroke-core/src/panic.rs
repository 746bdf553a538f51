//! A panic inside an action is one failed execution: told as "panicked at file:line", never with its payload, which
//! may quote a secret (SEMANTICS S3).
//!
//! The payload would also be printed by the program's panic hook, so a hook of ours stands before that one and keeps
//! it from panics inside actions: those in the action's own polls. What an action spawns panics like any other code.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Once;
use std::task::Poll;

thread_local! {
    /// Whether this thread is inside an action's code.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic inside an action was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A panic was caught; the place is unknown if the program set a hook of its own after the first call.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) Option<String>);

/// Runs author's code and catches its panic.
pub(crate) fn guarded<T>(code: impl FnOnce() -> T) -> Result<T, Panicked> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if INSIDE.get() {
                let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
                // The only word of it where a panic aborts. A closed standard error is no reason for another panic.
                let at = place.as_deref().unwrap_or("an unknown place");
                let _ = writeln!(io::stderr(), "an action panicked at {at}; what it said is withheld");
                PLACE.set(place);
            } else {
                before(info);
            }
        }));
    });
    let outer = INSIDE.replace(true);
    // Unwind safety: nothing of the future or its captures is looked at after a panic.
    let result = catch_unwind(AssertUnwindSafe(code));
    INSIDE.set(outer);
    result.map_err(|_payload| Panicked(PLACE.take()))
}

/// Polls author's code so that its panic ends this future alone.
pub(crate) async fn catching<F: Future>(future: Pin<&mut Option<F>>) -> Result<F::Output, Panicked> {
    let mut future = Guarded(future);
    poll_fn(|cx| {
        let polled = guarded(|| {
            let polled = future.0.as_mut().as_pin_mut().map_or(Poll::Pending, |running| running.poll(cx));
            if polled.is_ready() {
                // Its parts are author's code too.
                future.0.set(None);
            }
            polled
        });
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(panicked) => Poll::Ready(Err(panicked)),
        }
    })
    .await
}

/// Author's code that is dropped where it stands when a call is cancelled: a panic in what it drops is kept in like
/// any other.
struct Guarded<'a, F>(Pin<&'a mut Option<F>>);

impl<F> Drop for Guarded<'_, F> {
    fn drop(&mut self) {
        if self.0.is_some() {
            // Told by the hook; the call has ended already.
            let _ = guarded(|| self.0.set(None));
        }
    }
}
