//! How a call is observed: a `tracing` span around it, an event at its end, and metrics with the feature `metrics`. Names
//! and fields are in `docs/observability.md`. No value of a credential gets here, nor any text of an action (SEMANTICS S4).
//!
//! Ids and names may come from a request, so they are fields of text, which subscribers escape. While nobody watches, a
//! call pays one comparison.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tracing::field::Empty;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Span};

use crate::execute::credentials::Acquired;
use crate::execute::execution::Stop;
use crate::execute::panic::guarded;
use crate::resolve::error::ResolveError;
use crate::run::clock::Moment;
use crate::run::runtime::RunInner;
use crate::run::state::missing::MissingState;
use crate::store::instance::InstanceId;

/// What a call that gave its output ended with.
pub(crate) const OK: &str = "ok";

/// What the first attempt at a call that is repeated ended with (SEMANTICS O8).
pub(crate) const REPEATED: &str = "repeated";

/// One call as it is watched.
pub(crate) struct Observed(Option<Box<Watched>>);

struct Watched {
    action: &'static str,
    run: Arc<RunInner>,
    since: Moment,
    span: Span,
    /// What it is lent: id, version and rule of each credential.
    lent: [String; 3],
    is_over: bool,
}

/// Whether anybody listens for calls that end well. A filter may let only spans or only events through.
fn is_watched() -> bool {
    cfg!(feature = "metrics")
        || (LevelFilter::current() >= Level::INFO
            && (tracing::span_enabled!(target: "keystroke::call", Level::INFO)
                || tracing::event_enabled!(target: "keystroke::call", Level::INFO)))
}

impl Observed {
    /// A call begins.
    // Not inlined, and nor is what ends it: a call is compiled for each action.
    pub(crate) fn begin(run: &Arc<RunInner>, action: &'static str) -> Self {
        if is_watched() { Self(Some(Watched::begin(run, action))) } else { Self(None) }
    }

    /// Does a part of the call, within its span.
    #[inline]
    pub(crate) fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        let _entered = self.0.as_ref().map(|watched| watched.span.enter());
        work()
    }

    /// The call was lent these.
    #[inline]
    pub(crate) fn lent(&mut self, acquired: &[Acquired]) {
        if let Some(watched) = &mut self.0 {
            watched.lent(acquired);
        }
    }

    /// The call gave its output.
    pub(crate) fn succeeded(&mut self) {
        if let Some(mut watched) = self.0.take() {
            watched.end(OK);
        }
    }

    /// The call gave nothing; `code` is that of its error.
    #[cold]
    pub(crate) fn failed(&mut self, run: &RunInner, action: &'static str, code: &'static str) {
        match self.0.take() {
            Some(mut watched) => watched.end(code),
            None => warn_of(run, action, code),
        }
    }

    /// The call ended before it was lent anything.
    #[cold]
    pub(crate) fn stopped(&mut self, run: &RunInner, action: &'static str, stop: Stop) -> Stop {
        match &stop {
            Stop::State(missing) => self.unprepared(run, action, missing),
            Stop::Input(_) => self.failed(run, action, "invalid_input"),
            Stop::Resolve(errors) => self.refused(run, action, errors),
            Stop::Panicked(_) => self.failed(run, action, "panicked"),
            Stop::Cancelled => self.failed(run, action, "cancelled"),
        }
        stop
    }

    fn unprepared(&mut self, run: &RunInner, action: &'static str, missing: &[MissingState]) {
        for missing in missing {
            self.within(|| {
                tracing::warn!(
                    target: "keystroke::call",
                    action, run = run.facts.id, consumer = run.facts.consumer.to_string(),
                    state = missing.type_name(), code = missing.code(),
                    "the runtime does not share what the action takes"
                );
            });
        }
        self.failed(run, action, "missing_state");
    }

    fn refused(&mut self, run: &RunInner, action: &'static str, errors: &[ResolveError]) {
        for error in errors {
            resolved(error.key(), error.code());
            self.within(|| {
                tracing::warn!(
                    target: "keystroke::call",
                    action, run = run.facts.id, consumer = run.facts.consumer.to_string(),
                    key = error.key(), code = error.code(), instance = error.instance().map(InstanceId::as_str),
                    "a credential could not be had"
                );
            });
        }
        self.failed(run, action, "resolve");
    }
}

/// A call that nobody waited for, or that panicked.
impl Drop for Watched {
    fn drop(&mut self) {
        if !self.is_over {
            let code = if std::thread::panicking() { "panicked" } else { "dropped" };
            // A subscriber of the program's may panic, and while unwinding that would abort.
            let _ = guarded(|| self.end(code));
        }
    }
}

impl Watched {
    #[cold]
    fn begin(run: &Arc<RunInner>, action: &'static str) -> Box<Self> {
        let facts = &run.facts;
        let span = tracing::info_span!(
            target: "keystroke::call",
            "keystroke.call",
            action, run = facts.id, consumer = facts.consumer.to_string(),
            organization = facts.organization, project = facts.project, origin = facts.origin.as_str(),
            instance = Empty, version = Empty, rule = Empty, outcome = Empty,
        );
        Box::new(Self {
            action,
            since: run.runtime.now(),
            run: Arc::clone(run),
            span,
            lent: Default::default(),
            is_over: false,
        })
    }

    #[cold]
    fn lent(&mut self, acquired: &[Acquired]) {
        let [ids, versions, rules] = &mut self.lent;
        for Acquired { choice, .. } in acquired {
            let (candidate, rule) = (&choice.candidate, choice.rule);
            resolved(&candidate.key, rule.as_str());
            let and = if ids.is_empty() { "" } else { ", " };
            // Writing into a string does not fail.
            let _ = write!(ids, "{and}{}", candidate.id);
            let _ = write!(versions, "{and}{}", candidate.version);
            let _ = write!(rules, "{and}{rule}");
        }
        if !acquired.is_empty() {
            self.span.record("instance", ids.as_str());
            self.span.record("version", versions.as_str());
            self.span.record("rule", rules.as_str());
        }
    }

    #[cold]
    fn end(&mut self, outcome: &'static str) {
        self.is_over = true;
        let Self { action, run, since, span, lent: [instance, version, rule], .. } = self;
        let action = *action;
        let lasted = run.runtime.now().time().duration_since(since.time()).unwrap_or_default();
        span.record("outcome", outcome);
        let facts = &run.facts;
        // Which level, the compiler has to know.
        macro_rules! tell {
            ($level:ident, $text:literal) => {
                tracing::$level!(
                    target: "keystroke::call",
                    parent: &*span,
                    action, run = facts.id, consumer = facts.consumer.to_string(),
                    organization = facts.organization, project = facts.project,
                    instance = some(instance), version = some(version), rule = some(rule),
                    outcome, duration_ms = lasted.as_secs_f64() * 1000.0,
                    $text
                )
            };
        }
        match outcome {
            OK => tell!(info, "a call ended"),
            REPEATED => tell!(info, "a call is repeated with a newer credential"),
            "cancelled" | "dropped" => tell!(info, "a call was given up"),
            _ => tell!(warn, "a call failed"),
        }
        metric::called(action, outcome, lasted);
    }
}

/// A text that is there.
fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Where only warnings are listened for, a call was not watched, and this is told when it fails.
fn warn_of(run: &RunInner, action: &'static str, outcome: &'static str) {
    let facts = &run.facts;
    if !matches!(outcome, "cancelled" | "dropped" | REPEATED) {
        tracing::warn!(
            target: "keystroke::call",
            action, run = facts.id, consumer = facts.consumer.to_string(),
            organization = facts.organization, project = facts.project, outcome,
            "a call failed"
        );
    }
}

/// An unknown tool. The caller chose the name, so it is no label.
#[cold]
pub(crate) fn unknown_tool(run: &RunInner) {
    warn_of(run, "(unknown)", "unknown_tool");
    metric::called("(unknown)", "unknown_tool", Duration::ZERO);
}

/// A requirement was resolved by a rule, or failed with a code. The caller chose a key that the action does not use, so it
/// is no label.
fn resolved(key: &str, outcome: &'static str) {
    let key = if outcome == "selection_unused" { "(unused)" } else { key };
    metric::resolved(key, outcome);
}

/// A call goes without an optional credential.
pub(crate) fn absent(key: &str) {
    metric::resolved(key, "absent");
}

pub(crate) use metric::redacted;

#[cfg(feature = "metrics")]
mod metric {
    use std::time::Duration;

    pub(super) fn called(action: &'static str, outcome: &'static str, lasted: Duration) {
        metrics::counter!("keystroke_calls_total", "action" => action, "outcome" => outcome).increment(1);
        metrics::histogram!("keystroke_call_duration_seconds", "action" => action).record(lasted);
    }

    pub(super) fn resolved(key: &str, outcome: &'static str) {
        let key = key.to_owned();
        metrics::counter!("keystroke_resolutions_total", "key" => key, "outcome" => outcome).increment(1);
    }

    /// A secret was removed from what an action gave.
    pub(crate) fn redacted(action: &str, key: &str, field: &str) {
        let (action, key, field) = (action.to_owned(), key.to_owned(), field.to_owned());
        metrics::counter!("keystroke_redactions_total", "action" => action, "key" => key, "field" => field)
            .increment(1);
    }
}

#[cfg(not(feature = "metrics"))]
mod metric {
    use std::time::Duration;

    pub(super) const fn called(_: &'static str, _: &'static str, _: Duration) {}
    pub(super) const fn resolved(_: &str, _: &'static str) {}
    pub(crate) const fn redacted(_: &str, _: &str, _: &str) {}
}
