//! Questions on a terminal. Without a terminal nothing is asked: the caller refuses and names the flag that answers.

use std::io::{self, IsTerminal as _};

use inquire::error::InquireError;
use inquire::ui::RenderConfig;
use inquire::{Confirm, Password, Text};
use keystroke_core::SecretString;

use crate::error::CliError;
use crate::output::{self, text};

/// Whether there is someone to ask: questions are shown on stderr and answered on stdin.
pub(crate) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Hides what is typed between questions, from the first to the last: whoever types or pastes ahead would otherwise see a
/// secret where no question hides it. The next question handles a Ctrl-C.
#[must_use = "it ends when it is dropped"]
pub(crate) struct Quiet(#[cfg(unix)] Option<rustix::termios::Termios>);

impl Quiet {
    pub(crate) fn begin() -> Self {
        #[cfg(unix)]
        {
            use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
            let stdin = io::stdin();
            let before = tcgetattr(&stdin).ok();
            if let Some(mut modes) = before.clone() {
                modes.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
                // If the terminal refuses, each question still hides its own answer.
                let _ = tcsetattr(&stdin, OptionalActions::Now, &modes);
            }
            Self(before)
        }
        #[cfg(not(unix))]
        Self()
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}

/// Says something between two questions.
pub(crate) fn say(line: &str) {
    output::to_stderr(&format!("{}\n", text::line(line)));
}

/// Asks for a secret without showing it. `help` says what it is, if anything does.
pub(crate) fn secret(question: &str, help: &str) -> Result<SecretString, CliError> {
    let hidden = "what you type or paste is not shown";
    let help = text::line(help);
    let help = if help.is_empty() { hidden.to_owned() } else { format!("{help} ({hidden})") };
    let question = text::line(question);
    let asked = Password::new(&question).without_confirmation().with_help_message(&help);
    let answer = asked.with_render_config(look()).prompt();
    answer.map(SecretString::from).map_err(|error| unanswered(&error))
}

/// Asks for what may be shown.
pub(crate) fn plain(question: &str, help: &str) -> Result<SecretString, CliError> {
    let (question, help) = (text::line(question), text::line(help));
    let asked = Text::new(&question);
    let asked = if help.is_empty() { asked } else { asked.with_help_message(&help) };
    asked.with_render_config(look()).prompt().map(SecretString::from).map_err(|error| unanswered(&error))
}

/// Asks whether to go on. Just pressing return means no.
pub(crate) fn confirm(question: &str) -> Result<bool, CliError> {
    Confirm::new(question)
        .with_default(false)
        .with_render_config(look())
        .prompt()
        .map_err(|error| unanswered(&error))
}

/// Without colours where clap uses none; inquire knows `NO_COLOR` itself.
fn look() -> RenderConfig<'static> {
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    if dumb { RenderConfig::empty() } else { RenderConfig::default() }
}

fn unanswered(error: &InquireError) -> CliError {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => CliError::refused(
            "cancelled",
            "cancelled; nothing was changed",
            "run it again when you are ready",
        ),
        other => CliError::refused(
            "prompt",
            format!("the question cannot be asked on this terminal: {other}"),
            "give the value with `--set FIELD=@stdin`, `@env:VAR` or `@file:PATH`",
        ),
    }
}
