//! The open connections, so that there are never too many. If a new one finds no room, the one that has been idle longest is
//! closed, and first those that have never shown a valid token. So clients get in and stay, however many others open
//! connections and send nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// All connections of a server.
#[derive(Clone)]
pub(super) struct ConnectionPool(Arc<Pool>);

struct Pool {
    most: usize,
    state: Mutex<State>,
    /// Notified when there is one less.
    less: Notify,
}

/// Whether a connection has shown a token, and when its last request was. The least is closed first.
type Rank = (bool, u64);

#[derive(Default)]
struct State {
    open: usize,
    /// Those that answer no request at the moment, the next one to close first.
    idle: BTreeMap<Rank, CancellationToken>,
    next: u64,
}

/// One connection, from its beginning to its end.
pub(super) struct OpenConnection {
    pool: Arc<Pool>,
    close: CancellationToken,
    requests: Mutex<Requests>,
}

struct Requests {
    /// How many are being answered. A client that does not wait for answers may have several.
    busy: usize,
    /// Whether one of them had a valid token.
    has_token: bool,
    /// Its rank among the idle ones.
    idle: Rank,
}

/// A request that is being answered.
pub(in crate::http) struct ActiveRequest(Arc<OpenConnection>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Puts a connection among the idle ones.
    fn rest(&mut self, has_token: bool, close: &CancellationToken) -> Rank {
        let rank = (has_token, self.next);
        self.next += 1;
        self.idle.insert(rank, close.clone());
        rank
    }
}

impl ConnectionPool {
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Pool { most: most.max(1), state: Mutex::default(), less: Notify::new() }))
    }

    /// Waits until there is room for one more, and closes idle connections to make it.
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

    /// Closes the connection that has been idle longest: one that never showed a valid token, if there is one.
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

    pub(super) fn open(&self) -> Arc<OpenConnection> {
        let close = CancellationToken::new();
        let mut state = lock(&self.0.state);
        state.open += 1;
        let idle = state.rest(false, &close);
        drop(state);
        Arc::new(OpenConnection {
            pool: Arc::clone(&self.0),
            close,
            requests: Mutex::new(Requests { busy: 0, has_token: false, idle }),
        })
    }
}

impl OpenConnection {
    /// Waits until another connection needs the room.
    pub(super) async fn closed(&self) {
        self.close.cancelled().await;
    }

    pub(super) fn begin_request(self: &Arc<Self>) -> ActiveRequest {
        let mut requests = lock(&self.requests);
        if requests.busy == 0 {
            lock(&self.pool.state).idle.remove(&requests.idle);
        }
        requests.busy += 1;
        ActiveRequest(Arc::clone(self))
    }
}

impl ActiveRequest {
    /// The request has a valid token.
    pub(in crate::http) fn has_token(&self) {
        lock(&self.0.requests).has_token = true;
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        let mut requests = lock(&self.0.requests);
        requests.busy = requests.busy.saturating_sub(1);
        if requests.busy == 0 {
            requests.idle = lock(&self.0.pool.state).rest(requests.has_token, &self.0.close);
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let rank = lock(&self.requests).idle;
        let mut state = lock(&self.pool.state);
        state.idle.remove(&rank);
        state.open = state.open.saturating_sub(1);
        drop(state);
        self.pool.less.notify_one();
    }
}
