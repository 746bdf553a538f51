//! The connections that are open, so that there are never too many: where a new one finds no room, the one goes that has
//! been idle longest, and first those that have never shown a token. So clients get in and stay, however many others open
//! connections and say nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// All connections of a server.
#[derive(Clone)]
pub(super) struct Connections(Arc<All>);

struct All {
    most: usize,
    state: Mutex<State>,
    /// Told when there is one less.
    less: Notify,
}

/// Whether it has shown a token, and when its last request was: the least goes first.
type Rank = (bool, u64);

#[derive(Default)]
struct State {
    open: usize,
    /// Those without a request that is being answered, by who goes first.
    idle: BTreeMap<Rank, CancellationToken>,
    next: u64,
}

/// One connection, from its beginning to its end.
pub(super) struct Connection {
    all: Arc<All>,
    close: CancellationToken,
    requests: Mutex<Requests>,
}

struct Requests {
    /// How many are being answered: where a client does not wait for answers, one may still be written when the next begins.
    busy: usize,
    /// Whether one of them had a valid token.
    known: bool,
    /// Its place among those that are idle.
    idle: Rank,
}

/// A request that is being answered.
pub(crate) struct Busy(Arc<Connection>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Puts one among those that are idle.
    fn rest(&mut self, known: bool, close: &CancellationToken) -> Rank {
        let rank = (known, self.next);
        self.next += 1;
        self.idle.insert(rank, close.clone());
        rank
    }
}

impl Connections {
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(All { most: most.max(1), state: Mutex::default(), less: Notify::new() }))
    }

    /// Waits until there is room for one more, and makes some.
    pub(super) async fn room(&self) {
        while lock(&self.0.state).open >= self.0.most {
            self.close_idle();
            self.less().await;
        }
    }

    /// Waits until one has ended.
    pub(super) async fn less(&self) {
        self.0.less.notified().await;
    }

    /// Closes the one that has been idle longest, of those without a token if there is one.
    pub(super) fn close_idle(&self) {
        let longest = lock(&self.0.state).idle.pop_first();
        if let Some((_, close)) = longest {
            close.cancel();
        }
    }

    /// Waits until all have ended.
    pub(super) async fn none(&self) {
        while lock(&self.0.state).open > 0 {
            self.less().await;
        }
    }

    pub(super) fn open(&self) -> Arc<Connection> {
        let close = CancellationToken::new();
        let mut state = lock(&self.0.state);
        state.open += 1;
        let idle = state.rest(false, &close);
        drop(state);
        Arc::new(Connection {
            all: Arc::clone(&self.0),
            close,
            requests: Mutex::new(Requests { busy: 0, known: false, idle }),
        })
    }
}

impl Connection {
    /// Waits until another one needs the room.
    pub(super) async fn closed(&self) {
        self.close.cancelled().await;
    }

    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        let mut requests = lock(&self.requests);
        if requests.busy == 0 {
            lock(&self.all.state).idle.remove(&requests.idle);
        }
        requests.busy += 1;
        Busy(Arc::clone(self))
    }
}

impl Busy {
    /// The request has a valid token.
    pub(super) fn is_known(&self) {
        lock(&self.0.requests).known = true;
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut requests = lock(&self.0.requests);
        requests.busy = requests.busy.saturating_sub(1);
        if requests.busy == 0 {
            requests.idle = lock(&self.0.all.state).rest(requests.known, &self.0.close);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let place = lock(&self.requests).idle;
        let mut state = lock(&self.all.state);
        state.idle.remove(&place);
        state.open = state.open.saturating_sub(1);
        drop(state);
        self.all.less.notify_one();
    }
}
