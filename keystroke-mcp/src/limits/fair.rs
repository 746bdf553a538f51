//! Places that clients share, so that none of them can take what the others need.
//!
//! A client may take one more while it holds at most three times what is free: alone it gets three quarters, the next one
//! three quarters of the rest, and so on. Who waits longest for the fewest is next.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

/// So many times what is free a client may hold.
const FACTOR: usize = 3;

/// Who holds places: the id of a token. `None` is the only client that there is, and shares with nobody.
pub(crate) type Holder = Option<Arc<str>>;

/// A number of places.
#[derive(Clone)]
pub(crate) struct Shares(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    all: usize,
    /// Told when all places are free.
    settled: Notify,
}

struct State {
    free: usize,
    held: HashMap<Arc<str>, usize>,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    holder: Holder,
    ready: oneshot::Sender<Share>,
}

/// One place. It is free again when this is dropped.
pub(crate) struct Share {
    shares: Shares,
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

    /// Who is next, taken out of the line.
    fn next(&mut self) -> Option<Waiting> {
        if self.free == 0 {
            return None;
        }
        self.waiting.retain(|waiting| !waiting.ready.is_closed());
        let able = self.waiting.iter().enumerate().filter(|(_, waiting)| self.may_take(&waiting.holder));
        let (place, _) = able.min_by_key(|(_, waiting)| self.held(&waiting.holder))?;
        self.waiting.remove(place)
    }
}

impl Shares {
    pub(crate) fn new(all: usize) -> Self {
        let state = State { free: all, held: HashMap::new(), waiting: VecDeque::new() };
        Self(Arc::new(Inner { state: Mutex::new(state), all, settled: Notify::new() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, if there is one for this client now.
    pub(crate) fn try_take(&self, holder: &Holder) -> Option<Share> {
        let mut state = self.state();
        if !state.may_take(holder) {
            return None;
        }
        state.take(holder);
        Some(Share { shares: self.clone(), holder: holder.clone() })
    }

    /// Waits for a place. Whoever waits can't take one yet, so a client that can overtakes nobody.
    pub(crate) async fn take(&self, holder: &Holder) -> Option<Share> {
        let waits = {
            let mut state = self.state();
            if state.may_take(holder) {
                state.take(holder);
                return Some(Share { shares: self.clone(), holder: holder.clone() });
            }
            let (ready, waits) = oneshot::channel();
            state.waiting.push_back(Waiting { holder: holder.clone(), ready });
            waits
        };
        waits.await.ok()
    }

    /// Waits until nobody holds a place.
    pub(crate) async fn settled(&self) {
        loop {
            let settled = self.0.settled.notified();
            if self.state().free == self.0.all {
                return;
            }
            settled.await;
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut state = self.shares.state();
        state.give_back(&self.holder);
        let mut next = Vec::new();
        while let Some(waiting) = state.next() {
            state.take(&waiting.holder);
            next.push(waiting);
        }
        let settled = state.free == self.shares.0.all;
        drop(state);
        for Waiting { holder, ready } in next {
            // Who waits no longer gives it back at once, which is why the lock is not held here.
            let _ = ready.send(Self { shares: self.shares.clone(), holder });
        }
        if settled {
            self.shares.0.settled.notify_waiters();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::iter::from_fn;
    use std::sync::Arc;

    use super::{Holder, Share, Shares};

    fn of(name: &str) -> Holder {
        Some(Arc::from(name))
    }

    fn all(shares: &Shares, holder: &Holder) -> Vec<Share> {
        from_fn(|| shares.try_take(holder)).collect()
    }

    #[test]
    fn a_client_leaves_places_for_the_next_and_that_one_for_the_third() {
        let shares = Shares::new(64);
        let counts: Vec<_> = ["a", "b", "c"].map(|name| all(&shares, &of(name))).into_iter().collect();
        assert_eq!(counts.iter().map(Vec::len).collect::<Vec<_>>(), [49, 12, 3]);
        drop(counts);
        assert_eq!(all(&shares, &of("b")).len(), 49, "what was given back is there again");
    }

    #[test]
    fn few_places_and_those_of_an_only_client_are_not_divided() {
        for few in 1..=4 {
            assert_eq!(all(&Shares::new(few), &of("a")).len(), few);
        }
        assert_eq!(all(&Shares::new(64), &None).len(), 64);
    }

    #[tokio::test]
    async fn who_holds_the_fewest_is_next_and_who_gave_up_is_not() {
        let shares = Shares::new(2);
        let mut held = all(&shares, &of("a"));
        let line = ["a", "a", "b"].map(|name| {
            let shares = shares.clone();
            tokio::spawn(async move { shares.take(&of(name)).await.unwrap() })
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
        shares.settled().await;
    }
}
