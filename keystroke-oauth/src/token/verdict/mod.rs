//! What an answer of the token endpoint means for a grant (SEMANTICS O6): one table, in one function.
//!
//! A grant that is declared dead by mistake costs a person a new sign-in, often at night; one that is kept by mistake costs a
//! few requests. So *dead* takes a code that is listed and a status that may say it, and whatever is not understood changes
//! nothing. The table is `table.txt` beside this file, and its test runs every row.

mod cause;

use std::time::Duration;

pub use cause::{Cause, ErrorCode};

use super::answer::TokenAnswer;
use super::document::Document;
use super::retry_after::RetryAfter;
use crate::http::{Answer as HttpAnswer, Body, Reply};
use crate::provider::{Answer as Shape, ErrorMeaning, Errors};

/// How much later a provider that lies in outages has to say it again.
pub const CONFIRM_DEAD_AFTER: Duration = Duration::from_secs(60);

/// What an answer means.
pub enum Verdict<A> {
    /// The provider gave what it was asked for.
    Answer(A),
    /// The grant is gone: a person has to connect again.
    Dead {
        /// What the provider said.
        code: ErrorCode,
        /// It counts if the provider says so again, at least this much later: it is known to say it in outages.
        confirm_after: Option<Duration>,
    },
    /// It may work later. Nothing changes but when it is tried again.
    Transient {
        /// What happened.
        cause: Cause,
        /// When the provider wants to be asked again.
        retry_after: Option<RetryAfter>,
    },
    /// The provider refuses the client. No connection changes its state.
    Client {
        /// What the provider said.
        code: ErrorCode,
    },
    /// Nobody knows. Treated as transient; after three in a row the operator is told.
    Unknown {
        /// What happened.
        cause: Cause,
        /// When the provider wants to be asked again.
        retry_after: Option<RetryAfter>,
    },
}

impl<A> Verdict<A> {
    /// The word that audit rows and screens have for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Dead { .. } => "dead",
            Self::Transient { .. } => "transient",
            Self::Client { .. } => "client",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The answer, or what there is instead.
    pub(crate) fn answer<B>(self) -> Result<A, Verdict<B>> {
        Err(match self {
            Self::Answer(answer) => return Ok(answer),
            Self::Dead { code, confirm_after } => Verdict::Dead { code, confirm_after },
            Self::Transient { cause, retry_after } => Verdict::Transient { cause, retry_after },
            Self::Client { code } => Verdict::Client { code },
            Self::Unknown { cause, retry_after } => Verdict::Unknown { cause, retry_after },
        })
    }
}

/// Judges what became of a token request. `shape` tells where the parts of the answer stand: a provider's first answer and
/// that of a refresh may differ.
pub fn verdict(errors: &Errors, shape: &Shape, reply: Reply) -> Verdict<TokenAnswer> {
    let answer = match reply {
        Reply::NotSent(reason) => {
            return Verdict::Transient { cause: Cause::NotSent(reason), retry_after: None };
        }
        Reply::NoAnswer(reason) => {
            return Verdict::Transient { cause: Cause::NoAnswer(reason), retry_after: None };
        }
        Reply::Answered(answer) => answer,
    };
    let retry_after = answer.header("retry-after").and_then(RetryAfter::parse);
    let HttpAnswer { status, ref body, .. } = answer;
    // Status before body: a server that fails says anything, `invalid_grant` too.
    if status >= 500 || status == 429 {
        return Verdict::Transient { cause: Cause::Status(status), retry_after };
    }
    let unknown = |cause| Verdict::Unknown { cause, retry_after };
    let body = match body {
        Body::Cut(reason) => {
            return Verdict::Transient { cause: Cause::NoAnswer(reason.clone()), retry_after };
        }
        Body::TooLong => return unknown(Cause::TooLong),
        Body::Whole(body) => body,
    };
    if (300..400).contains(&status) {
        return unknown(Cause::Redirect(status));
    }
    let Some(document) = Document::read(answer.header("content-type"), body) else {
        return unknown(Cause::Unreadable(status));
    };
    let failed = errors.success.as_ref().is_some_and(|flag| document.is_false(flag.as_str()));
    let code = document.id(errors.code.as_str());
    if (200..300).contains(&status) && !failed {
        match TokenAnswer::read(document, shape) {
            Ok(answer) => return Verdict::Answer(answer),
            Err(_) if code.is_some() => {}
            Err(_) => return unknown(Cause::NoToken(status)),
        }
    }
    let Some(code) = code else { return unknown(Cause::Status(status)) };
    // Other statuses come from what stands before the token endpoint, which knows no grant.
    let meaning = if matches!(status, 200 | 400 | 401 | 403) { errors.meaning(&code) } else { None };
    let code = ErrorCode::new(&code);
    match meaning {
        Some(ErrorMeaning::Dead) => {
            Verdict::Dead { code, confirm_after: errors.lies_in_outages.then_some(CONFIRM_DEAD_AFTER) }
        }
        Some(ErrorMeaning::Client) => Verdict::Client { code },
        Some(ErrorMeaning::Transient) => Verdict::Transient { cause: Cause::Code(code), retry_after },
        None => unknown(Cause::Code(code)),
    }
}

#[cfg(test)]
mod tests;
