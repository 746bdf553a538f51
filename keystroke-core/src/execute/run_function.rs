//! E4 of SEMANTICS §2: runs the function of an action to its end, or until the run is cancelled.

use std::future::{Future, poll_fn};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::invocation::Invocation;
use super::panic::guarded;
use crate::run::cancel::Cancellation;
use crate::store::BoxFuture;

/// Author's code that runs in its place, as long as it is there.
pub(crate) trait Function: Send {
    fn go_on(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
    fn drop_in_place(self: Pin<&mut Self>);
}

impl<F: Future<Output = ()> + Send> Function for Option<F> {
    fn go_on(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.as_pin_mut() {
            Some(running) => running.poll(cx),
            None => Poll::Pending,
        }
    }

    fn drop_in_place(mut self: Pin<&mut Self>) {
        self.set(None);
    }
}

/// The function as it runs with what it is lent. Ends when it does, or when the run is cancelled.
///
/// A future by hand and not an async function: that would be one more layer, which each call pays for.
pub(crate) struct Entered<'a> {
    lent: &'a Invocation,
    function: Pin<&'a mut dyn Function>,
    /// Waited for only by a call that has to wait at all.
    cancelled: Option<BoxFuture<'a, ()>>,
}

impl<'a> Entered<'a> {
    pub(crate) const fn new(lent: &'a Invocation, function: Pin<&'a mut dyn Function>) -> Self {
        Self { lent, function, cancelled: None }
    }
}

impl Future for Entered<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { lent, function, cancelled } = self.get_mut();
        let cancellation = &lent.run().cancellation;
        if cancelled.is_some() || !cancellation.is_cancelled() {
            if lent.observed.within(|| function.as_mut().go_on(cx)).is_ready() {
                return Poll::Ready(());
            }
            let cancelled = cancelled.get_or_insert_with(|| Box::pin(cancellation.cancelled()));
            if cancelled.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        // A panic in what it drops does not undo that the call was cancelled.
        let _ = guarded(|| function.as_mut().drop_in_place());
        Poll::Ready(())
    }
}

/// Ends what was lent also where the call is dropped halfway.
impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.lent.context().lending().end();
    }
}

/// What `future` comes to; `None`, and it is to be dropped, when the run is cancelled first.
pub(crate) async fn unless_cancelled<F: Future + ?Sized>(
    cancellation: &Cancellation,
    mut future: Pin<impl DerefMut<Target = F>>,
) -> Option<F::Output> {
    if cancellation.is_cancelled() {
        return None;
    }
    let mut cancelled: Option<BoxFuture<'_, ()>> = None;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => {
            let cancelled = cancelled.get_or_insert_with(|| Box::pin(cancellation.cancelled()));
            cancelled.as_mut().poll(cx).map(|()| None)
        }
    })
    .await
}
