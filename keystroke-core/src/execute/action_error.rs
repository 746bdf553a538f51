//! Why a typed call did not give its output: [`ActionError`], and its [`kind`](ActionError::kind) to match on.
//!
//! An author's error may quote a secret. Its texts are therefore scrubbed once, when the action ends, and the
//! error shows nothing else from then on; the raw error is the caller's by [`ActionError::inner`].

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::declare::failure::{InvalidInput, RejectionOutcome};
use crate::execute::execution::Stop;
use crate::redact::Scrubbed;
use crate::resolve::error::ResolveError;
use crate::run::runtime::RunInner;
use crate::run::state::missing::{FOR_MODEL, MissingState};

/// One link of a scrubbed error chain.
struct Link {
    text: Scrubbed<String>,
    source: Option<Box<Self>>,
}

impl Link {
    fn chain(texts: Scrubbed<Vec<String>>) -> Option<Box<Self>> {
        texts.into_each().rev().fold(None, |source, text| Some(Box::new(Self { text, source })))
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self.text, f)
    }
}

impl Error for Link {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The error of the function itself, and what may be shown of it.
pub(crate) struct Own<E> {
    error: E,
    /// Boxed, so that a result that may be this is small to move.
    texts: Box<OwnTexts>,
}

struct OwnTexts {
    operator: Option<Box<Link>>,
    model: Option<Scrubbed<String>>,
    rejection: Option<RejectionOutcome>,
}

impl<E> Own<E> {
    /// `told` are the texts of the error and its sources, and what a model is told of it, where that is known. `rejection` is
    /// what came of it, if it says that a third party refused a credential.
    pub(crate) fn new(
        error: E,
        told: Scrubbed<(Vec<String>, Option<String>)>,
        rejection: Option<RejectionOutcome>,
    ) -> Self {
        let (texts, model) = told.split();
        Self { error, texts: Box::new(OwnTexts { operator: Link::chain(texts), model, rejection }) }
    }

    /// An action that fails once its run is cancelled was cancelled: what it fails with is the consequence.
    pub(crate) fn cause(self, run: &RunInner) -> Cause<E> {
        if run.cancellation.is_cancelled() { Cause::Cancelled(Some(self)) } else { Cause::Failed(self) }
    }
}

/// Why a typed call did not give its output. Match on its [`kind`](Self::kind).
///
/// | code | means | who fixes it |
/// | --- | --- | --- |
/// | `missing_state` | the runtime does not share what the action takes; the input was not looked at | the program's author |
/// | `invalid_input` | the input does not fit; no store was asked | the caller |
/// | `resolve` | credentials could not be had; the function was not entered | the operator, or the user who connects an account |
/// | `failed` | the function gave its own error | as the error says |
/// | `panicked` | the function panicked; its payload is not kept | the author |
/// | `cancelled` | the run was cancelled, before the function ended or made it fail | – |
///
/// `Display`, `Debug` and `source()` show scrubbed texts only (SEMANTICS S3): they can go to a log. Only
/// [`inner`](Self::inner), [`into_inner`](Self::into_inner) and [`ActionErrorKind::Failed`] give the function's own error,
/// which may quote a secret.
///
/// As the answer of an HTTP server:
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{ActionError, ActionErrorKind};
///
/// fn status<E>(error: &ActionError<E>) -> u16 {
///     match error.kind() {
///         // The program is not put together right. No client can help that.
///         ActionErrorKind::MissingState(_) => 500,
///         // Well-formed, and not what the action takes: the client can correct it. 400 is for what could not be read at all.
///         ActionErrorKind::InvalidInput(_) => 422,
///         // It will pass by itself, as a vault that is busy does: the client may come again.
///         _ if error.is_retryable() => 503,
///         // Something has to be connected, chosen or replaced first. Not 401 or 403: the client itself is let in, and
///         // signing in again would not help.
///         ActionErrorKind::Resolve(_) => 409,
///         // Behind most actions is somebody else's service. `error.inner()` may know better.
///         ActionErrorKind::Failed(_) => 502,
///         ActionErrorKind::Panicked { .. } => 500,
///         // A client that went away reads no answer; one that is there is told that the server is stopping.
///         ActionErrorKind::Cancelled => 503,
///         _ => 500,
///     }
/// }
/// # let _ = status::<std::io::Error>;
/// ```
///
/// The body is [`problem`](Self::problem) for people of the organization, and [`for_model`](Self::for_model) for anybody
/// else: that holds no ids, labels or accounts.
pub struct ActionError<E> {
    action: &'static str,
    cause: Cause<E>,
}

/// What kind of an [`ActionError`] it is, with what it holds. Its `Debug` leaves out the function's own error, which may
/// quote a secret.
#[non_exhaustive]
pub enum ActionErrorKind<'a, E> {
    /// All state that the action takes and the runtime does not share; the input was not looked at (SEMANTICS E0).
    MissingState(&'a [MissingState]),
    /// The input does not fit; no store was asked (SEMANTICS E1).
    InvalidInput(&'a InvalidInput),
    /// All requirements that could not be met; the function was not entered.
    Resolve(&'a [ResolveError]),
    /// The function's own error, as it was: it may quote a secret, so take care where it goes.
    Failed(&'a E),
    /// The function panicked.
    #[non_exhaustive]
    Panicked {
        /// File and line, where they are known.
        at: Option<&'a str>,
    },
    /// The run was cancelled: before the function ended, or it failed after that.
    Cancelled,
}

impl<E> fmt::Debug for ActionErrorKind<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingState(missing) => f.debug_tuple("MissingState").field(missing).finish(),
            Self::InvalidInput(input) => f.debug_tuple("InvalidInput").field(input).finish(),
            Self::Resolve(errors) => f.debug_tuple("Resolve").field(errors).finish(),
            Self::Failed(_) => f.debug_tuple("Failed").finish_non_exhaustive(),
            Self::Panicked { at } => f.debug_struct("Panicked").field("at", at).finish(),
            Self::Cancelled => f.write_str("Cancelled"),
        }
    }
}

pub(crate) enum Cause<E> {
    State(Vec<MissingState>),
    Input(InvalidInput),
    Resolve(Vec<ResolveError>),
    Failed(Own<E>),
    Panicked(Option<String>),
    /// With the function's own error, if it ended with one.
    Cancelled(Option<Own<E>>),
}

impl<E> From<Stop> for Cause<E> {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::State(missing) => Self::State(missing),
            Stop::Input(invalid) => Self::Input(invalid),
            Stop::Resolve(errors) => Self::Resolve(errors),
            Stop::Panicked(at) => Self::Panicked(at),
            Stop::Cancelled => Self::Cancelled(None),
        }
    }
}

impl<E> ActionError<E> {
    pub(crate) const fn new(action: &'static str, cause: Cause<E>) -> Self {
        Self { action, cause }
    }

    /// What kind it is, to be matched.
    pub fn kind(&self) -> ActionErrorKind<'_, E> {
        match &self.cause {
            Cause::State(missing) => ActionErrorKind::MissingState(missing),
            Cause::Input(input) => ActionErrorKind::InvalidInput(input),
            Cause::Resolve(errors) => ActionErrorKind::Resolve(errors),
            Cause::Failed(own) => ActionErrorKind::Failed(&own.error),
            Cause::Panicked(at) => ActionErrorKind::Panicked { at: at.as_deref() },
            Cause::Cancelled(_) => ActionErrorKind::Cancelled,
        }
    }

    /// `missing_state`, `invalid_input`, `resolve`, `failed`, `panicked` or `cancelled`.
    pub const fn code(&self) -> &'static str {
        match self.cause {
            Cause::State(_) => "missing_state",
            Cause::Input(_) => "invalid_input",
            Cause::Resolve(_) => "resolve",
            Cause::Failed(_) => "failed",
            Cause::Panicked(_) => "panicked",
            Cause::Cancelled(_) => "cancelled",
        }
    }

    /// The action's slug.
    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// What is wrong, for the operator, without the fix: a line for each requirement that could not be met.
    pub fn problem(&self) -> String {
        match &self.cause {
            Cause::State(missing) => unprepared(self.action, missing, MissingState::problem),
            Cause::Resolve(errors) => joined(errors, ResolveError::problem),
            _ => self.to_string(),
        }
    }

    /// What is done about it: a line for each requirement that could not be met.
    pub fn fix(&self) -> String {
        match &self.cause {
            Cause::State(missing) => joined(missing, MissingState::fix),
            Cause::Resolve(errors) => joined(errors, ResolveError::fix),
            Cause::Panicked(at) => fix_of_panic(at.as_deref()),
            Cause::Input(_) => FIX_INPUT.to_owned(),
            Cause::Failed(own) => fix_of_failure(own.texts.rejection.as_ref()),
            Cause::Cancelled(_) => FIX_CANCELLED.to_owned(),
        }
    }

    /// What a model may be told: no ids, labels or accounts. Of the function's own error it tells what a tool would
    /// ([`Failure`](crate::Failure)); where only a conversion of the author's knows that, it tells no more than that the
    /// action failed.
    pub fn for_model(&self) -> String {
        let action = self.action;
        match &self.cause {
            Cause::State(_) => FOR_MODEL.to_owned(),
            Cause::Resolve(errors) => joined(errors, ResolveError::for_model),
            Cause::Failed(own) => match &own.texts.model {
                Some(model) => model.to_string(),
                None => format!("The action `{action}` failed."),
            },
            Cause::Panicked(_) => {
                format!("The action `{action}` failed inside. Trying again may not help.")
            }
            Cause::Input(_) | Cause::Cancelled(_) => self.to_string(),
        }
    }

    /// Whether the same call may work a little later without anybody fixing anything: all requirements that could not be met
    /// say so, or a third party refused a credential of which there is a newer value
    /// ([`Failure::rejected`](crate::Failure::rejected)).
    pub fn is_retryable(&self) -> bool {
        match &self.cause {
            Cause::Resolve(errors) => are_retryable(errors),
            Cause::Failed(own) => own.texts.rejection.as_ref().is_some_and(|outcome| outcome.is_retryable),
            Cause::State(_) | Cause::Input(_) | Cause::Panicked(_) | Cause::Cancelled(_) => false,
        }
    }

    /// All requirements that could not be met, if that is why; the function was then not entered.
    pub fn resolve_errors(&self) -> &[ResolveError] {
        match &self.cause {
            Cause::Resolve(errors) => errors,
            _ => &[],
        }
    }

    const fn own(&self) -> Option<&Own<E>> {
        match &self.cause {
            Cause::Failed(own) | Cause::Cancelled(Some(own)) => Some(own),
            _ => None,
        }
    }

    /// The function's own error, as it was, also where it failed because it was cancelled: it may quote a secret, so take
    /// care where it goes.
    pub fn inner(&self) -> Option<&E> {
        self.own().map(|own| &own.error)
    }

    /// The same, taken out.
    pub fn into_inner(self) -> Option<E> {
        match self.cause {
            Cause::Failed(own) | Cause::Cancelled(Some(own)) => Some(own.error),
            _ => None,
        }
    }
}

impl<E> fmt::Display for ActionError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = self.action;
        match &self.cause {
            Cause::State(missing) => f.write_str(&unprepared(action, missing, MissingState::to_string)),
            Cause::Input(input) => write!(f, "the input of the action `{action}` is invalid: {input}"),
            Cause::Resolve(errors) => f.write_str(&lines(errors)),
            Cause::Failed(own) => match &own.texts.operator {
                Some(text) => write!(f, "the action `{action}` failed: {text}"),
                None => write!(f, "the action `{action}` failed"),
            },
            Cause::Panicked(at) => f.write_str(&panicked(action, at.as_deref())),
            Cause::Cancelled(_) => write!(f, "the action `{action}` was cancelled"),
        }
    }
}

/// One of the texts of several errors, a line each.
pub(crate) fn joined<E>(errors: &[E], text: impl Fn(&E) -> String) -> String {
    errors.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// One of the texts for each state that is missing, with the action that takes it.
pub(crate) fn unprepared(
    action: &str,
    missing: &[MissingState],
    text: impl Fn(&MissingState) -> String,
) -> String {
    joined(missing, |missing| format!("the action `{action}` cannot run: {}", text(missing)))
}

/// One message a line (SEMANTICS §4).
pub(crate) fn lines(errors: &[ResolveError]) -> String {
    joined(errors, ToString::to_string)
}

/// The fix for an input that does not fit.
pub(crate) const FIX_INPUT: &str = "correct the input where it says, and call again";
/// The fix for an action's own error: only the action knows more.
const FIX_FAILED: &str = "deal with what the action reports, and call again";
/// What is done about a call that was cancelled.
pub(crate) const FIX_CANCELLED: &str = "call again if the result is still wanted";

/// The fix for an action's own error; `rejection` is what came of a credential that a third party refused.
pub(crate) fn fix_of_failure(rejection: Option<&RejectionOutcome>) -> String {
    rejection.map_or_else(|| FIX_FAILED.to_owned(), |outcome| outcome.fix.clone())
}

/// Whether each of them may pass by itself.
pub(crate) fn are_retryable(errors: &[ResolveError]) -> bool {
    errors.iter().all(ResolveError::is_retryable)
}

/// The fix for a panic.
pub(crate) fn fix_of_panic(at: Option<&str>) -> String {
    match at {
        Some(at) => format!("correct the code at {at}, or what it was given"),
        None => "correct the code that panics; the program's own panic hook was given the place".to_owned(),
    }
}

pub(crate) fn panicked(action: &str, at: Option<&str>) -> String {
    let at = at.map_or(Cow::Borrowed(""), |at| Cow::Owned(format!(" at {at}")));
    format!("the action `{action}` panicked{at}")
}

/// As `Display`: a program that returns this from `main` shows it by that, and it must name the fix there too.
impl<E> fmt::Debug for ActionError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E> Error for ActionError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            // The text itself is in `Display`; what is left are its sources.
            Cause::Failed(own) => own.texts.operator.as_deref()?.source(),
            Cause::Cancelled(own) => Some(own.as_ref()?.texts.operator.as_deref()?),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_shows_nothing_of_an_error_that_was_not_scrubbed() {
        let own = "401 for sk-canary".to_owned();
        assert_eq!(format!("{:?}", ActionErrorKind::Failed(&own)), "Failed(..)");
        let panicked: ActionErrorKind<'_, String> = ActionErrorKind::Panicked { at: Some("src/a.rs:7") };
        assert_eq!(format!("{panicked:?}"), r#"Panicked { at: Some("src/a.rs:7") }"#);
    }
}
