//! What a program that serves may log, each line to whoever wants it.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

pub(crate) struct Log(Box<dyn Fn(String) + Send + Sync>);

impl Log {
    pub(crate) fn new(keep: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Box::new(keep))
    }
}

thread_local! {
    /// The lines of this thread, while they are wanted.
    static KEPT: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Begins to listen, for all tests of a program. Each of them calls this first: an event that is met for the first time while
/// nobody listens may stay unheard.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let keep = |line| {
            KEPT.with_borrow_mut(|kept| {
                if let Some(lines) = kept {
                    lines.push(line);
                }
            });
        };
        tracing::subscriber::set_global_default(Log::new(keep)).unwrap();
    });
}

/// What is logged while `what` goes on, of whatever the test's own thread does.
pub(crate) async fn logged(what: impl Future<Output = ()>) -> Vec<String> {
    KEPT.set(Some(Vec::new()));
    what.await;
    KEPT.take().unwrap_or_default()
}

/// What the operator is told of by this crate while `what` goes on, at WARN and ERROR.
pub(crate) async fn warnings(what: impl Future<Output = ()>) -> Vec<String> {
    let mut lines = logged(what).await;
    lines.retain(|line| line.starts_with("WARN keystroke_mcp") || line.starts_with("ERROR keystroke_mcp"));
    lines
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Log {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        // Of the others' it is a hundred times as much, and the example's tests have it.
        *of.level() <= Level::INFO || of.target().starts_with("keystroke")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line(span.metadata().name().to_owned());
        span.record(&mut line);
        (self.0)(line.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        (self.0)(line.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        (self.0)(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
