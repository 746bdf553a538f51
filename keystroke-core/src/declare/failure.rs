//! What an action fails with: its own error as a [`Failure`], and an input that it can't take. What a call comes to then is
//! an [`ActionError`](crate::ActionError).

use std::error::Error;
use std::fmt;

use crate::redact::{Redactor, Scrub};

/// An action's own error, with a text for the operator and one for the model. Every `std::error::Error` that is
/// `Send + Sync + 'static` converts into one, and so do `anyhow::Error`, `Box<dyn Error + Send + Sync>`, `String` and
/// `&str`. A type of your own can implement the conversion to tell the model something else than the log.
///
/// It is not a `std::error::Error` itself, or it could not convert from all of them. In a `main` that returns
/// `Box<dyn Error>`, write `search(input, &exa).await.map_err(|failure| failure.to_string())?`.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::Failure;
///
/// let failure = Failure::new("Exa answered 429 for account 17").with_model("The search is busy. Try again in a minute.");
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
    pub fn with_model(mut self, text: impl Into<String>) -> Self {
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
}

impl Scrub for Failure {
    fn scrub(&mut self, secrets: &mut Redactor) {
        self.operator.scrub(secrets);
        if let Some(model) = &mut self.model {
            model.scrub(secrets);
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

/// An input that an action can't take.
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidInput {
    message: String,
}

impl InvalidInput {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// What is wrong, with the place in the input: `` `query`: missing field ``.
    pub fn problem(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for InvalidInput {}
