//! What is shown: reports on stdout, notices and errors on stderr, and how records, times and names look in them. Only the
//! questions (`input/prompt.rs`) write to the terminal elsewhere, and nothing in this folder reads or decides.
//!
//! People get text. With `--json`, stdout is one JSON object, and stderr is empty or one JSON object: notices go into
//! whichever of the two is written, so that a program never has to read prose.

mod json;
mod table;
pub(crate) mod text;
pub(crate) mod typed;
pub(crate) mod view;

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::process::ExitCode;

use keystroke_files::without_secrets;
use serde::Serialize;

pub(crate) use self::json::{AssignmentJson, InstanceJson, InstancesJson, OwnerJson, RecordJson, UseJson};
pub(crate) use self::table::table;
use crate::error::{CliError, Refusal};

/// Something the user should know that is neither the result nor an error.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Notice {
    /// A stable word.
    pub(crate) code: &'static str,
    /// The text.
    pub(crate) message: String,
}

/// The result of a command, ready to be shown.
#[derive(Debug)]
pub(crate) struct Report {
    text: String,
    /// Why the answer is no, and what to do, for people; then the exit code is 1.
    no: Option<String>,
}

/// What to say if the answer is no.
#[derive(Debug)]
pub(crate) struct No {
    /// What is wrong, a line each.
    pub(crate) problems: Vec<String>,
    /// What to do, a line each.
    pub(crate) fixes: Vec<String>,
}

/// The terminal, or whatever stands in for it.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    notices: RefCell<Vec<Notice>>,
}

#[derive(Serialize)]
struct WithNotices<'a, T: Serialize> {
    #[serde(flatten)]
    value: T,
    #[serde(skip_serializing_if = "<[Notice]>::is_empty")]
    notices: &'a [Notice],
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json, notices: RefCell::new(Vec::new()) }
    }

    /// Whether a program reads along.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Says something beside the result.
    pub(crate) fn notice(&self, code: &'static str, message: &str) {
        self.aside(code, "", message);
    }

    /// Tells of something that may be a mistake.
    pub(crate) fn warning(&self, code: &'static str, message: &str) {
        self.aside(code, "warning: ", message);
    }

    fn aside(&self, code: &'static str, prefix: &str, message: &str) {
        if self.json {
            let message = without_secrets(message).into_owned();
            self.notices.borrow_mut().push(Notice { code, message });
        } else {
            to_stderr(&format!("{prefix}{}\n", told(message)));
        }
    }

    /// A report: `people` for people, `value` (which must be an object in JSON) for programs.
    pub(crate) fn of(&self, people: impl Into<String>, value: impl Serialize) -> Result<Report, CliError> {
        if !self.json {
            return Ok(Report { text: people.into(), no: None });
        }
        self.of_json(value)
    }

    /// A report whose answer is no: the command did its work, and the exit code is 1. Programs read it in `value`.
    pub(crate) fn of_no(
        &self,
        people: impl Into<String>,
        no: &No,
        value: impl Serialize,
    ) -> Result<Report, CliError> {
        if self.json {
            return Ok(Report { no: Some(String::new()), ..self.of_json(value)? });
        }
        let mut aside = String::new();
        for (name, lines) in [("error: ", &no.problems), ("fix: ", &no.fixes)] {
            for line in lines {
                aside += &format!("{name}{}\n", told(line));
            }
        }
        Ok(Report { text: people.into(), no: Some(aside) })
    }

    /// A report that is JSON for people too.
    pub(crate) fn of_json(&self, value: impl Serialize) -> Result<Report, CliError> {
        let notices = self.notices.borrow();
        serde_json::to_string_pretty(&WithNotices { value, notices: &notices })
            .map(|json| Report { text: text::json(json) + "\n", no: None })
            .map_err(|error| CliError::refused("json", error.to_string(), "leave out `--json`"))
    }

    /// Shows the result.
    pub(crate) fn report(&self, report: &Report) -> Result<ExitCode, CliError> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(report.text.as_bytes()).and_then(|()| stdout.flush()).map_err(
            |error| match error.kind() {
                io::ErrorKind::BrokenPipe => CliError::Closed,
                _ => CliError::refused(
                    "output",
                    format!("the command did its work, but its output cannot be written: {error}"),
                    "check what standard output is connected to",
                ),
            },
        )?;
        Ok(match &report.no {
            None => ExitCode::SUCCESS,
            Some(aside) => {
                to_stderr(aside);
                ExitCode::FAILURE
            }
        })
    }

    /// Shows why there is no result. The exit code of the program.
    pub(crate) fn failure(&self, error: CliError) -> ExitCode {
        match error {
            CliError::Closed => ExitCode::SUCCESS,
            CliError::Clap { refusal: Some(refusal), .. } if self.json => self.refusal(&refusal),
            CliError::Clap { error, .. } => {
                // If stderr is gone too, there is nowhere left to say so.
                let _ = error.print();
                ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
            }
            CliError::Refused(refusal) => self.refusal(&refusal),
        }
    }

    fn refusal(&self, Refusal { exit, code, message, fix }: &Refusal) -> ExitCode {
        let (message, fix) = (&*without_secrets(message), &*without_secrets(fix));
        if self.json {
            #[derive(Serialize)]
            struct Failure<'a> {
                error: Explained<'a>,
            }
            #[derive(Serialize)]
            struct Explained<'a> {
                code: &'a str,
                message: &'a str,
                fix: &'a str,
            }
            let notices = self.notices.borrow();
            let value = Failure { error: Explained { code, message, fix } };
            let json = serde_json::to_string_pretty(&WithNotices { value, notices: &notices });
            to_stderr(&(text::json(json.unwrap_or_default()) + "\n"));
        } else {
            to_stderr(&format!("error: {}\nfix: {}\n", text::line(message), text::line(fix)));
        }
        ExitCode::from(*exit)
    }
}

/// Errors and notices, safe to show. They are written with care; this is for the name that turns out to be a secret.
fn told(text: &str) -> String {
    text::line(&without_secrets(text)).into_owned()
}

/// A lost error message has nowhere else to go.
pub(crate) fn to_stderr(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
