//! What an action fails with: its own error as a [`Failure`], and an input that it can't take. What a call comes to then is
//! an [`ActionError`](crate::ActionError).

use std::error::Error;
use std::fmt;

use crate::declare::credential::Credential;
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
    rejected: Option<Box<Rejected>>,
}

/// A credential that a third party refused, and what came of that.
struct Rejected {
    key: &'static str,
    /// What a model is told, unless the author says something else.
    model: String,
    outcome: Option<RejectionOutcome>,
}

/// What came of telling the store that a third party refused a credential (SEMANTICS O8).
#[derive(Clone)]
pub(crate) struct RejectionOutcome {
    /// Whether there is something newer now.
    pub(crate) is_renewed: bool,
    /// Whether there is, or may be a little later.
    pub(crate) is_retryable: bool,
    /// What the operator does about it.
    pub(crate) fix: String,
}

impl Failure {
    /// A failure that everybody sees as `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { operator: text.into(), model: None, rejected: None }
    }

    /// The third party refused this credential, as with a 401: one that the action was lent, which is told by its key. Where
    /// the store has a newer value, or can get one, a tool that is `read_only` or `idempotent` runs once more with that, and a
    /// typed caller gets an error that [may be retried](crate::ActionError::is_retryable) (SEMANTICS O8). Another instance is
    /// never tried.
    ///
    /// Say it only where the credential itself is refused. A permission that it lacks, or a limit, is no reason for another
    /// one.
    ///
    /// ```
    /// # use keystroke_core as keystroke;
    /// # use keystroke::{Credential, Failure};
    /// # fn answered(status: u16, text: &str, slack: &impl Credential) -> Result<(), Failure> {
    /// if status == 401 {
    ///     return Err(Failure::rejected(slack).with_operator(format!("Slack answered {text}")));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[expect(
        clippy::needless_maybe_sized,
        reason = "without it, a key in the place of the credential is two errors"
    )]
    pub fn rejected<C: Credential + ?Sized>(_credential: &C) -> Self {
        let key = C::KEY;
        let model = format!("The service refused the `{key}` credential.");
        let rejected = Some(Box::new(Rejected { key, model, outcome: None }));
        Self { operator: format!("the third party refused the credential `{key}`"), model: None, rejected }
    }

    /// Tells the operator something else, and the model too, unless [`with_model`](Self::with_model) or
    /// [`rejected`](Self::rejected) has words for it.
    #[must_use]
    pub fn with_operator(mut self, text: impl Into<String>) -> Self {
        self.operator = text.into();
        self
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
        let rejected = self.rejected.as_ref().map(|rejected| rejected.model.as_str());
        self.model.as_deref().or(rejected).unwrap_or(&self.operator)
    }

    /// The key of the credential that was refused, if that is why.
    pub(crate) fn rejected_key(&self) -> Option<&'static str> {
        Some(self.rejected.as_ref()?.key)
    }

    /// What came of telling the store that it was.
    pub(crate) fn rejection_outcome(&self) -> Option<&RejectionOutcome> {
        self.rejected.as_ref()?.outcome.as_ref()
    }

    pub(crate) fn set_rejection_outcome(&mut self, outcome: RejectionOutcome) {
        if let Some(rejected) = &mut self.rejected {
            let key = rejected.key;
            rejected.model = if outcome.is_retryable {
                format!("The service refused the `{key}` credential, which is being renewed. Try again.")
            } else {
                format!(
                    "The service refused the `{key}` credential. Tell the user that it must be replaced; trying again will not help."
                )
            };
            rejected.outcome = Some(outcome);
        }
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
        Self { operator, model: texts.into_iter().next(), rejected: None }
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
