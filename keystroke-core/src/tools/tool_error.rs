//! Why a call of a tool gave nothing, with a text for the operator and one for the model.

use std::fmt;

use crate::declare::failure::{Failure, InvalidInput, RejectionOutcome};
use crate::execute::action_error::{
    FIX_CANCELLED, FIX_INPUT, are_retryable, fix_of_failure, fix_of_panic, joined, lines, panicked,
    unprepared,
};
use crate::execute::execution::Stop;
use crate::json::output::DEEPEST;
use crate::redact::Scrubbed;
use crate::resolve::error::ResolveError;
use crate::run::state::missing::{FOR_MODEL, MissingState};

/// What is done about an output that serde can't write.
pub(super) const FIX_OUTPUT: &str = "give an output that serde writes as JSON: no map whose keys are not texts, and no error of its own `Serialize`";

/// Why a tool gave nothing. `Display` is the operator's text, and so is `Debug`.
#[non_exhaustive]
pub enum ToolError {
    /// The toolset has no such tool.
    UnknownTool {
        /// The name that was called.
        slug: String,
        /// The names there are.
        tools: Vec<&'static str>,
    },
    /// The tool acts for a user, and the run has none; see [`Toolset::call_checked`](crate::Toolset::call_checked).
    NoUser {
        /// The action.
        action: &'static str,
    },
    /// The runtime does not share what the action takes; the input was not looked at (SEMANTICS E0).
    MissingState {
        /// The action.
        action: &'static str,
        /// All that is missing.
        missing: Vec<MissingState>,
    },
    /// The input does not fit the tool's schema; nothing was resolved (SEMANTICS E1).
    InvalidInput {
        /// The action.
        action: &'static str,
        /// What is wrong.
        problem: InvalidInput,
    },
    /// Credentials could not be had; the function was not entered.
    Resolve(Vec<ResolveError>),
    /// The function gave its own error; the texts are scrubbed.
    Failed {
        /// The action.
        action: &'static str,
        /// The error.
        failure: Scrubbed<Failure>,
    },
    /// The function panicked.
    Panicked {
        /// The action.
        action: &'static str,
        /// File and line.
        at: Option<String>,
    },
    /// The output can't be sent: serde can't write it as JSON, or its [`Content`](crate::Content) is not what it should be.
    Output {
        /// The action.
        action: &'static str,
        /// Why, scrubbed.
        problem: Scrubbed<String>,
        /// What is done about it.
        fix: &'static str,
    },
    /// The output is larger than the runtime lets one be
    /// ([`Runtime::with_longest_output`](crate::Runtime::with_longest_output)).
    TooLarge {
        /// The action.
        action: &'static str,
        /// The most that may leave, in bytes.
        most: usize,
    },
    /// Lists and maps of the output are nested deeper than JSON is read.
    TooDeep {
        /// The action.
        action: &'static str,
    },
    /// The run was cancelled.
    Cancelled {
        /// The action.
        action: &'static str,
    },
}

impl ToolError {
    /// Of a call that a step before its end stopped.
    pub(super) fn of(stop: Stop, action: &'static str) -> Self {
        match stop {
            Stop::State(missing) => Self::MissingState { action, missing },
            Stop::Input(problem) => Self::InvalidInput { action, problem },
            Stop::Resolve(errors) => Self::Resolve(errors),
            Stop::Panicked(at) => Self::Panicked { action, at },
            Stop::Cancelled => Self::Cancelled { action },
        }
    }

    /// The same, with what came of a credential that a third party refused.
    pub(super) fn with_rejection_outcome(mut self, outcome: RejectionOutcome) -> Self {
        if let Self::Failed { failure, .. } = &mut self {
            failure.amend(|failure| failure.set_rejection_outcome(outcome));
        }
        self
    }

    /// `unknown_tool`, `no_user`, `missing_state`, `invalid_input`, `resolve`, `failed`, `panicked`, `output`, `too_large`,
    /// `too_deep` or `cancelled`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownTool { .. } => "unknown_tool",
            Self::NoUser { .. } => "no_user",
            Self::MissingState { .. } => "missing_state",
            Self::InvalidInput { .. } => "invalid_input",
            Self::Resolve(_) => "resolve",
            Self::Failed { .. } => "failed",
            Self::Panicked { .. } => "panicked",
            Self::Output { .. } => "output",
            Self::TooLarge { .. } => "too_large",
            Self::TooDeep { .. } => "too_deep",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// What is wrong, for the operator, without the fix: a line for each requirement that could not be met.
    pub fn problem(&self) -> String {
        match self {
            Self::UnknownTool { slug, .. } => format!("there is no tool `{slug}`"),
            Self::NoUser { action } => format!("the tool `{action}` acts for a user, and this run has none"),
            Self::MissingState { action, missing } => unprepared(action, missing, MissingState::problem),
            Self::Resolve(errors) => joined(errors, ResolveError::problem),
            Self::TooLarge { action, most } => {
                format!("the output of the action `{action}` is larger than {most} bytes")
            }
            Self::TooDeep { action } => format!(
                "the output of the action `{action}` is nested more than {DEEPEST} deep, and no reader of JSON takes that"
            ),
            _ => self.to_string(),
        }
    }

    /// What is done about it: a line for each requirement that could not be met.
    pub fn fix(&self) -> String {
        match self {
            Self::UnknownTool { tools, .. } => format!("call one of: {}", tools.join(", ")),
            Self::NoUser { .. } => "start the run for a signed-in user with `.as_user(…)`".to_owned(),
            Self::MissingState { missing, .. } => joined(missing, MissingState::fix),
            Self::InvalidInput { .. } => FIX_INPUT.to_owned(),
            Self::Resolve(errors) => joined(errors, ResolveError::fix),
            Self::Failed { failure, .. } => fix_of_failure(failure.rejection_outcome()),
            Self::Panicked { at, .. } => fix_of_panic(at.as_deref()),
            Self::Output { fix, .. } => (*fix).to_owned(),
            Self::TooLarge { .. } => {
                "let it return less, or a page at a time, or raise the limit with `Runtime::with_longest_output`".to_owned()
            }
            Self::TooDeep { .. } => "let it return a flatter one".to_owned(),
            Self::Cancelled { .. } => FIX_CANCELLED.to_owned(),
        }
    }

    /// Whether the same call may work a little later without anybody fixing anything; see
    /// [`ActionError::is_retryable`](crate::ActionError::is_retryable).
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Resolve(errors) => are_retryable(errors),
            Self::Failed { failure, .. } => {
                failure.rejection_outcome().is_some_and(|outcome| outcome.is_retryable)
            }
            _ => false,
        }
    }

    /// The requirements that could not be met, if that is why.
    pub fn resolve_errors(&self) -> &[ResolveError] {
        match self {
            Self::Resolve(errors) => errors,
            _ => &[],
        }
    }

    /// What the model is told: no ids, labels or accounts.
    pub fn for_model(&self) -> String {
        match self {
            Self::MissingState { .. } => FOR_MODEL.to_owned(),
            Self::Resolve(errors) => joined(errors, ResolveError::for_model),
            Self::Failed { failure, .. } => failure.model().to_owned(),
            Self::NoUser { action } => format!(
                "The tool `{action}` acts for a signed-in user, and here there is none. Tell the user; trying again will not help."
            ),
            Self::Panicked { action, .. } => {
                format!("The tool `{action}` failed inside. Trying again may not help.")
            }
            Self::Output { action, .. } | Self::TooDeep { action } => {
                format!("The tool `{action}` gave a result that cannot be shown.")
            }
            Self::TooLarge { action, .. } => {
                format!(
                    "The result of the tool `{action}` is too large to be shown. Ask it for less, or for a part."
                )
            }
            Self::UnknownTool { .. } | Self::InvalidInput { .. } | Self::Cancelled { .. } => self.to_string(),
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTool { slug, tools } => {
                write!(f, "there is no tool `{slug}`; the tools are: {}", tools.join(", "))
            }
            Self::NoUser { .. } => write!(f, "{}. To fix it, {}", self.problem(), self.fix()),
            Self::MissingState { action, missing } => {
                f.write_str(&unprepared(action, missing, MissingState::to_string))
            }
            Self::InvalidInput { action, problem } => {
                write!(f, "the input of the tool `{action}` is invalid: {problem}")
            }
            Self::Resolve(errors) => f.write_str(&lines(errors)),
            Self::Failed { action, failure } => write!(f, "the action `{action}` failed: {failure}"),
            Self::Panicked { action, at } => f.write_str(&panicked(action, at.as_deref())),
            Self::Output { action, problem, .. } => {
                write!(f, "the output of the action `{action}` cannot be sent: {problem}")
            }
            Self::TooLarge { .. } | Self::TooDeep { .. } => write!(f, "{}; {}", self.problem(), self.fix()),
            Self::Cancelled { action } => write!(f, "the action `{action}` was cancelled"),
        }
    }
}

impl fmt::Debug for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ToolError {}
