//! A semaphore that clients share fairly, so that none of them can take what the others need.
//!
//! A client may take one more permit while it holds at most three times as many as are free: the first gets three quarters,
//! the next one three quarters of the rest, and so on. Of those that wait, the one that holds the fewest is next, and among
//! equals the one that has waited longest.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

/// A client may hold this many times what is free.
const FACTOR: usize = 3;

/// Who holds permits: the id of a token. `None` is the only client of its server, and shares with nobody.
pub(crate) type Holder = Option<Arc<str>>;

/// The permits.
#[derive(Clone)]
pub(crate) struct FairSemaphore(Arc<Pool>);

struct Pool {
    state: Mutex<State>,
    all: usize,
    /// Notified when all permits are free.
    all_free: Notify,
}

struct State {
    free: usize,
    held: HashMap<Arc<str>, usize>,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    holder: Holder,
    ready: oneshot::Sender<Permit>,
}

/// One permit. It is free again when this is dropped.
pub(crate) struct Permit {
    semaphore: FairSemaphore,
    holder: Holder,
}

impl State {
    fn held(&self, holder: &Holder) -> usize {
        holder.as_ref().and_then(|holder| self.held.get(holder)).copied().unwrap_or(0)
    }

    fn may_take(&self, holder: &Holder) -> bool {
        self.free > 0 && self.held(holder) <= self.free.saturating_mul(FACTOR)
    }

    fn take(&mut self, holder: &Holder) {
        self.free = self.free.saturating_sub(1);
        if let Some(holder) = holder {
            *self.held.entry(Arc::clone(holder)).or_default() += 1;
        }
    }

    fn give_back(&mut self, holder: &Holder) {
        self.free += 1;
        if let Some(holder) = holder
            && let Some(held) = self.held.get_mut(holder)
        {
            *held = held.saturating_sub(1);
            if *held == 0 {
                self.held.remove(holder);
            }
        }
    }

    /// Takes the next one out of the line.
    fn next(&mut self) -> Option<Waiting> {
        if self.free == 0 {
            return None;
        }
        self.waiting.retain(|waiting| !waiting.ready.is_closed());
        let able = self.waiting.iter().enumerate().filter(|(_, waiting)| self.may_take(&waiting.holder));
        let (index, _) = able.min_by_key(|(_, waiting)| self.held(&waiting.holder))?;
        self.waiting.remove(index)
    }
}

impl FairSemaphore {
    pub(crate) fn new(all: usize) -> Self {
        let state = State { free: all, held: HashMap::new(), waiting: VecDeque::new() };
        Self(Arc::new(Pool { state: Mutex::new(state), all, all_free: Notify::new() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A permit, if there is one for this client now.
    pub(crate) fn try_acquire(&self, holder: &Holder) -> Option<Permit> {
        let mut state = self.state();
        if !state.may_take(holder) {
            return None;
        }
        state.take(holder);
        Some(Permit { semaphore: self.clone(), holder: holder.clone() })
    }

    /// Waits for a permit. A client that waits can't take one yet, so a client that can overtakes nobody.
    pub(crate) async fn acquire(&self, holder: &Holder) -> Option<Permit> {
        let waits = {
            let mut state = self.state();
            if state.may_take(holder) {
                state.take(holder);
                return Some(Permit { semaphore: self.clone(), holder: holder.clone() });
            }
            let (ready, waits) = oneshot::channel();
            state.waiting.push_back(Waiting { holder: holder.clone(), ready });
            waits
        };
        waits.await.ok()
    }

    /// Waits until nobody holds a permit.
    pub(crate) async fn all_free(&self) {
        loop {
            let all_free = self.0.all_free.notified();
            if self.state().free == self.0.all {
                return;
            }
            all_free.await;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.semaphore.state();
        state.give_back(&self.holder);
        let mut next = Vec::new();
        while let Some(waiting) = state.next() {
            state.take(&waiting.holder);
            next.push(waiting);
        }
        let all_free = state.free == self.semaphore.0.all;
        drop(state);
        for Waiting { holder, ready } in next {
            // A client that has stopped waiting gives it back at once, so the lock must not be held here.
            let _ = ready.send(Self { semaphore: self.semaphore.clone(), holder });
        }
        if all_free {
            self.semaphore.0.all_free.notify_waiters();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::iter::from_fn;
    use std::sync::Arc;

    use super::{FairSemaphore, Holder, Permit};

    fn of(name: &str) -> Holder {
        Some(Arc::from(name))
    }

    fn all(semaphore: &FairSemaphore, holder: &Holder) -> Vec<Permit> {
        from_fn(|| semaphore.try_acquire(holder)).collect()
    }

    #[test]
    fn a_client_leaves_permits_for_the_next_and_that_one_for_the_third() {
        let semaphore = FairSemaphore::new(64);
        let counts: Vec<_> = ["a", "b", "c"].map(|name| all(&semaphore, &of(name))).into_iter().collect();
        assert_eq!(counts.iter().map(Vec::len).collect::<Vec<_>>(), [49, 12, 3]);
        drop(counts);
        assert_eq!(all(&semaphore, &of("b")).len(), 49, "what was given back is there again");
    }

    #[test]
    fn few_permits_and_those_of_an_only_client_are_not_divided() {
        for few in 1..=4 {
            assert_eq!(all(&FairSemaphore::new(few), &of("a")).len(), few);
        }
        assert_eq!(all(&FairSemaphore::new(64), &None).len(), 64);
    }

    #[tokio::test]
    async fn who_holds_the_fewest_is_next_and_who_gave_up_is_not() {
        let semaphore = FairSemaphore::new(2);
        let mut held = all(&semaphore, &of("a"));
        let line = ["a", "a", "b"].map(|name| {
            let semaphore = semaphore.clone();
            tokio::spawn(async move { semaphore.acquire(&of(name)).await.unwrap() })
        });
        tokio::task::yield_now().await;
        let [gave_up, waits, fewest] = line;
        gave_up.abort();
        let _ = gave_up.await;
        held.pop();
        let of_b = fewest.await.unwrap();
        assert!(!waits.is_finished());
        drop(of_b);
        drop(waits.await.unwrap());
        drop(held);
        semaphore.all_free().await;
    }
}
