//! How an execution fails: [`ActionError`] for typed calls, and what an action's own error becomes.
//!
//! An author's error may quote a secret. Its texts are therefore scrubbed once, when the action ends, and the
//! error shows nothing else from then on; the raw error is the caller's by [`ActionError::into_inner`].

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::error::ResolveError;
use crate::redact::Redactor;

/// An action's own error as the two who may read of it see it. Every `std::error::Error` converts into one, and so
/// do `anyhow::Error`, `String` and `&str`; a type of your own may, to tell the model something else than the log.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::Failure;
///
/// let failure = Failure::new("Exa answered 429 for account 17").for_model("The search is busy. Try again in a minute.");
/// assert_eq!(failure.model(), "The search is busy. Try again in a minute.");
/// ```
///
/// Secrets of the execution are removed from both texts before either is shown.
pub struct Failure {
    operator: String,
    model: Option<String>,
}

impl Failure {
    /// A failure that everybody sees as `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { operator: text.into(), model: None }
    }

    /// Tells the model something else.
    #[must_use]
    pub fn for_model(mut self, text: impl Into<String>) -> Self {
        self.model = Some(text.into());
        self
    }

    /// What the operator sees: the error and its sources.
    pub fn operator(&self) -> &str {
        &self.operator
    }

    /// What the model sees.
    pub fn model(&self) -> &str {
        self.model.as_deref().unwrap_or(&self.operator)
    }

    pub(crate) fn scrubbed(&self, secrets: &mut Redactor) -> Self {
        Self {
            operator: secrets.text(&self.operator).into_owned(),
            model: self.model.as_deref().map(|text| secrets.text(text).into_owned()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operator)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").finish_non_exhaustive()
    }
}

/// The model sees the error itself; the operator its sources as well.
impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error: Box<dyn Error + Send + Sync> = error.into();
        let texts = chain(&*error);
        let operator = texts.join(": ");
        Self { operator, model: texts.into_iter().next() }
    }
}

/// The texts of an error and its sources, outermost first. At most so many as a sound chain has: one that is its own
/// source would have no end.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    const MOST: usize = 64;
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source.filter(|_| texts.len() < MOST) {
        texts.push(error.to_string());
        source = error.source();
    }
    texts
}

/// One link of a scrubbed error chain.
#[derive(Clone)]
struct Scrubbed {
    text: String,
    source: Option<Box<Self>>,
}

impl Scrubbed {
    fn new(texts: &[String], secrets: &mut Redactor) -> Option<Box<Self>> {
        let (first, rest) = texts.split_first()?;
        Some(Box::new(Self { text: secrets.text(first).into_owned(), source: Self::new(rest, secrets) }))
    }
}

impl fmt::Display for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl Error for Scrubbed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// An input that an action can't take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidInput {
    message: String,
}

impl InvalidInput {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for InvalidInput {}

/// Why a typed call did not give its output.
///
/// `Display`, `Debug` and `source()` show scrubbed texts only (SEMANTICS S3).
pub struct ActionError<E> {
    action: &'static str,
    cause: Cause<E>,
}

pub(crate) enum Cause<E> {
    Input(InvalidInput),
    Resolve(Vec<ResolveError>),
    Failed(E, Option<Box<dyn Error + Send + Sync>>),
    Panicked(Option<String>),
    Cancelled,
}

impl<E> ActionError<E> {
    pub(crate) const fn new(action: &'static str, cause: Cause<E>) -> Self {
        Self { action, cause }
    }

    /// The error of the function itself; `texts` are those of the error and its sources.
    pub(crate) fn failed(action: &'static str, error: E, texts: &[String], secrets: &mut Redactor) -> Self {
        let scrubbed = Scrubbed::new(texts, secrets).map(|scrubbed| scrubbed as Box<dyn Error + Send + Sync>);
        Self { action, cause: Cause::Failed(error, scrubbed) }
    }

    /// `invalid_input`, `resolve`, `failed`, `panicked` or `cancelled`.
    pub const fn code(&self) -> &'static str {
        match self.cause {
            Cause::Input(_) => "invalid_input",
            Cause::Resolve(_) => "resolve",
            Cause::Failed(..) => "failed",
            Cause::Panicked(_) => "panicked",
            Cause::Cancelled => "cancelled",
        }
    }

    /// All requirements that could not be met, if that is why; the function was then not entered.
    pub fn resolve_errors(&self) -> &[ResolveError] {
        match &self.cause {
            Cause::Resolve(errors) => errors,
            _ => &[],
        }
    }

    /// The function's own error, as it was: it may quote a secret, so take care where it goes.
    pub fn into_inner(self) -> Option<E> {
        match self.cause {
            Cause::Failed(error, _) => Some(error),
            _ => None,
        }
    }
}

impl<E> fmt::Display for ActionError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = self.action;
        match &self.cause {
            Cause::Input(input) => write!(f, "the input of the action `{action}` is invalid: {input}"),
            Cause::Resolve(errors) => f.write_str(&lines(errors)),
            Cause::Failed(_, Some(text)) => write!(f, "the action `{action}` failed: {text}"),
            Cause::Failed(_, None) => write!(f, "the action `{action}` failed"),
            Cause::Panicked(at) => f.write_str(&panicked(action, at.as_deref())),
            Cause::Cancelled => write!(f, "the action `{action}` was cancelled"),
        }
    }
}

/// One message a line (SEMANTICS §4).
pub(crate) fn lines(errors: &[ResolveError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
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
            Cause::Failed(_, Some(text)) => text.source(),
            _ => None,
        }
    }
}
