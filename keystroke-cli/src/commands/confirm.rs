//! Confirmation before going on: an answer on the terminal, or `--yes`.

use crate::error::CliError;
use crate::input::prompt;
use crate::output::Output;

/// What is to be confirmed.
pub(super) struct Plan<'a> {
    /// The code of the refusal, and of the notices before the question.
    pub(super) code: &'static str,
    /// What the refusal begins with.
    pub(super) refusal: &'a str,
    /// What to know first, a line each.
    pub(super) lines: &'a [String],
    /// The question.
    pub(super) question: &'a str,
    /// What to do if nobody can be asked.
    pub(super) fix: &'a str,
}

impl Plan<'_> {
    /// Shows it and asks. It is refused without a terminal, and with `--json`, because a program answers no questions.
    pub(super) fn confirm(&self, output: &Output) -> Result<(), CliError> {
        if output.is_json() || !prompt::is_possible() {
            let message = format!("{}{}", self.refusal, self.lines.join("; "));
            return Err(CliError::refused(self.code, message, self.fix));
        }
        for line in self.lines {
            output.notice(self.code, line);
        }
        if prompt::confirm(self.question)? {
            return Ok(());
        }
        Err(CliError::refused(
            "cancelled",
            "not confirmed; nothing was changed",
            "answer `y`, or pass `--yes`",
        ))
    }
}
