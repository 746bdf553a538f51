//! Why a connection can't be made or renewed, and what to do about it. No error holds a token, code, state or verifier.

use std::fmt;

use keystroke_core::fix::word;

use crate::provider::{GrantType, ProviderError};
use crate::token::{Cause, ErrorCode};

/// Why a connection can't be made, or a grant not be renewed. `Display` is the problem and its fix, and so is `Debug`.
pub struct ConnectError {
    kind: ErrorKind,
    /// The command that tries again.
    again: String,
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The provider's data does not fit.
    Provider(ProviderError),
    /// The provider does not give such grants, or keystroke's data does not know that it does.
    NotOffered {
        /// The provider.
        provider: String,
        /// What it does not offer.
        what: &'static str,
    },
    /// The client lacks what the provider wants of it.
    ClientIncomplete {
        /// The provider.
        provider: String,
        /// The client's id.
        client: String,
        /// What it lacks.
        lack: Lack,
    },
    /// The provider refuses the client.
    ClientRejected {
        /// The provider.
        provider: String,
        /// The client's id.
        client: String,
        /// What the provider said.
        code: ErrorCode,
    },
    /// The grant is another issuer's, or was given to another client. Nothing was sent.
    ClientChanged {
        /// Whose it is.
        was: String,
        /// For whom it was asked for.
        is: String,
    },
    /// The grant can't be renewed: it has no refresh token. Nothing was sent.
    NotRenewable,
    /// The operating system gives no random bytes.
    NoRandomBytes,
    /// The client's key signs nothing.
    NotSigned,
    /// What came back from the browser is no callback.
    CallbackMalformed {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The callback is the answer to another request: its state is not this one's.
    StateMismatch,
    /// The sign-in was not finished in time.
    StateExpired,
    /// The sign-in was begun for somebody else.
    OtherOwner,
    /// The provider names itself in each callback, and this one names nobody.
    IssuerMissing {
        /// Who was asked.
        expected: String,
    },
    /// The callback, or the ID token, is from another issuer.
    IssuerMismatch {
        /// Who was asked.
        expected: String,
    },
    /// The callback names a host that the provider's data does not allow.
    OtherHost {
        /// The value's name.
        name: String,
    },
    /// The person said no.
    Denied,
    /// The provider refused the request, code or device.
    Refused {
        /// What the provider said.
        code: ErrorCode,
    },
    /// The provider could not be asked, or said nothing that can be understood.
    Unavailable(Cause),
    /// Nobody entered the code in time.
    DeviceExpired,
    /// The provider does not tell whose account it is.
    AccountUnknown {
        /// What is wrong.
        problem: String,
    },
    /// The ID token is not for this client, or not for now.
    IdTokenInvalid {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Another program has the port that the provider knows as the redirect.
    PortTaken {
        /// The port.
        port: u16,
    },
    /// This machine gives no port to listen on.
    CannotListen {
        /// Why.
        problem: String,
    },
    /// No callback came.
    NoCallback,
}

/// What a client lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A secret.
    Secret,
    /// A key that signs.
    Key,
}

impl Lack {
    const fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Key => "key that signs",
        }
    }

    /// The field of a client that holds it.
    const fn field(self) -> &'static str {
        match self {
            Self::Secret => "client_secret",
            Self::Key => "private_key",
        }
    }
}

impl ErrorKind {
    /// The error, for a command that tries again.
    pub(crate) fn with(self, again: &str) -> ConnectError {
        ConnectError { kind: self, again: again.to_owned() }
    }

    /// Everything there is to say of each: its code, the problem and the fix. `again` is the command that tries again.
    fn facts(&self, again: &str) -> (&'static str, String, String) {
        let retry = || format!("try again with `{again}`");
        match self {
            Self::Provider(error) => (error.code(), error.problem(), error.fix()),
            Self::NotOffered { provider, what } => (
                "grant_not_offered",
                format!("the provider `{provider}` offers no {what}"),
                format!("look at what it offers with `keystroke providers show {}`", word(provider)),
            ),
            Self::ClientIncomplete { provider, client, lack } => (
                "client_incomplete",
                format!(
                    "the client `{client}` has no {}, which the provider `{provider}` wants of it",
                    lack.name()
                ),
                format!(
                    "give it one with `keystroke clients set {} --client-id {} --set {}=@stdin`",
                    word(provider),
                    word(client),
                    lack.field()
                ),
            ),
            Self::ClientRejected { provider, client, code } => (
                "client_rejected",
                format!("the provider `{provider}` refuses the client `{client}`: `{code}`"),
                format!(
                    "compare its id and secret with the provider's page, and set them with `keystroke clients set {} --client-id {} --set client_secret=@stdin`",
                    word(provider),
                    word(client)
                ),
            ),
            Self::ClientChanged { was, is } => (
                "client_changed",
                format!("the grant was given to {was}, not to {is}, so nothing was sent"),
                format!("connect it to the new client with `{again}`, or set the old client again"),
            ),
            Self::NotRenewable => (
                "not_renewable",
                "the grant has no refresh token".to_owned(),
                format!("connect again with `{again}`"),
            ),
            Self::NoRandomBytes => (
                "no_random_bytes",
                "the operating system gives no random bytes".to_owned(),
                "run it on a system that has a source of random bytes".to_owned(),
            ),
            Self::NotSigned => (
                "not_signed",
                "the client's key can't sign".to_owned(),
                "make a new RSA key at the provider, and set it with `keystroke clients set`".to_owned(),
            ),
            Self::CallbackMalformed { problem } => (
                "callback_malformed",
                format!("this is not what the provider sends the browser back with: {problem}"),
                format!(
                    "copy the whole address that the browser shows after the sign-in, or begin again with `{again}`"
                ),
            ),
            Self::StateMismatch => (
                "state_mismatch",
                "this is the answer to another sign-in: its state is not this one's".to_owned(),
                format!("finish the sign-in that was begun last, or begin again with `{again}`"),
            ),
            Self::StateExpired => (
                "state_expired",
                "the sign-in took longer than 10 minutes".to_owned(),
                format!("begin again with `{again}`"),
            ),
            Self::OtherOwner => (
                "state_other_owner",
                "the sign-in was begun for another owner".to_owned(),
                format!("sign in as the person it was begun for, or begin again with `{again}`"),
            ),
            Self::IssuerMissing { expected } => (
                "issuer_missing",
                format!("the answer does not name its issuer, which {expected} always does"),
                format!(
                    "begin again with `{again}`; if it stays so, set `iss = false` in the provider's file"
                ),
            ),
            Self::IssuerMismatch { expected } => (
                "other_issuer",
                format!("the answer is not from {expected}, which was asked"),
                format!("close the browser's window and begin again with `{again}`"),
            ),
            Self::OtherHost { name } => (
                "callback_other_host",
                format!("`{name}` in the answer leads to a host that the provider's file does not allow"),
                format!("begin again with `{again}`; if it stays so, add the host to the provider's file"),
            ),
            Self::Denied => (
                "sign_in_denied",
                "the sign-in was declined".to_owned(),
                format!("begin again with `{again}`, and allow it"),
            ),
            Self::Refused { code } => (
                "sign_in_refused",
                format!("the provider refused the sign-in: `{code}`"),
                format!("begin again with `{again}`"),
            ),
            Self::Unavailable(Cause::Redirect(status)) => (
                "token_endpoint_redirects",
                format!("the provider answered with a redirect ({status}), which is never followed"),
                "write the address that it leads to into the provider's file, if it is the provider's"
                    .to_owned(),
            ),
            Self::Unavailable(cause) => ("provider_unavailable", cause.to_string(), retry()),
            Self::DeviceExpired => (
                "device_code_expired",
                "the code was not entered in time".to_owned(),
                format!("begin again with `{again}`"),
            ),
            Self::AccountUnknown { problem } => (
                "account_unknown",
                format!("the provider does not tell whose account it is: {problem}"),
                format!("begin again with `{again}`, and allow all that is asked for"),
            ),
            Self::IdTokenInvalid { problem } => (
                "id_token_invalid",
                format!("the ID token of the answer is not for this sign-in: {problem}"),
                format!("set this machine's clock if it is wrong, and begin again with `{again}`"),
            ),
            Self::PortTaken { port } => (
                "port_taken",
                format!(
                    "another program has port {port}, the only one that the provider sends the browser back to"
                ),
                format!(
                    "end that program (`ss -ltnp 'sport = :{port}'` names it; another `connect` may be waiting), then {}",
                    retry()
                ),
            ),
            Self::CannotListen { problem } => (
                "cannot_listen",
                format!("this machine gives no port to listen on: {problem}"),
                format!("paste the address instead: `{again} --paste`"),
            ),
            Self::NoCallback => (
                "no_callback",
                "no answer of the browser came within 10 minutes".to_owned(),
                format!(
                    "begin again with `{again}`, or, if the browser is on another machine, with `{again} --paste`"
                ),
            ),
        }
    }
}

impl ConnectError {
    /// What went wrong.
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// A stable word for each.
    pub fn code(&self) -> &'static str {
        self.kind.facts(&self.again).0
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        self.kind.facts(&self.again).1
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        self.kind.facts(&self.again).2
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, problem, fix) = self.kind.facts(&self.again);
        write!(f, "{problem}. To fix it, {fix}")
    }
}

impl fmt::Debug for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConnectError {}

impl From<ProviderError> for ErrorKind {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

/// What a grant is called where a provider offers none.
pub(crate) const fn name(grant: GrantType) -> &'static str {
    match grant {
        GrantType::AuthorizationCode => "sign-in in a browser (`authorization_code`)",
        GrantType::DeviceCode => "sign-in on another device (`device_code`)",
        GrantType::ClientCredentials => "`client_credentials`",
        GrantType::JwtBearer => "signed assertions (`jwt_bearer`)",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn every_kind() -> Vec<ErrorKind> {
        let text = || "x".to_owned();
        let code = || ErrorCode::new("invalid_grant");
        vec![
            ErrorKind::NotOffered { provider: text(), what: "device codes" },
            ErrorKind::ClientIncomplete { provider: text(), client: text(), lack: Lack::Secret },
            ErrorKind::ClientRejected { provider: text(), client: text(), code: code() },
            ErrorKind::ClientChanged { was: text(), is: text() },
            ErrorKind::NotRenewable,
            ErrorKind::NoRandomBytes,
            ErrorKind::NotSigned,
            ErrorKind::CallbackMalformed { problem: "it has a parameter twice" },
            ErrorKind::StateMismatch,
            ErrorKind::StateExpired,
            ErrorKind::OtherOwner,
            ErrorKind::IssuerMissing { expected: text() },
            ErrorKind::IssuerMismatch { expected: text() },
            ErrorKind::OtherHost { name: text() },
            ErrorKind::Denied,
            ErrorKind::Refused { code: code() },
            ErrorKind::Unavailable(Cause::Status(503)),
            ErrorKind::Unavailable(Cause::Redirect(302)),
            ErrorKind::DeviceExpired,
            ErrorKind::AccountUnknown { problem: text() },
            ErrorKind::IdTokenInvalid { problem: "it has expired" },
            ErrorKind::PortTaken { port: 8765 },
            ErrorKind::CannotListen { problem: text() },
            ErrorKind::NoCallback,
        ]
    }

    #[test]
    fn each_kind_has_a_code_of_its_own_and_begins_again_by_one_command() {
        let mut codes = BTreeSet::new();
        for kind in every_kind() {
            let error = kind.with("keystroke connect calendar --scope org --organization acme");
            let (code, problem, fix) = (error.code(), error.problem(), error.fix());
            assert!(codes.insert(code), "{code}");
            assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
            for text in [&problem, &fix] {
                assert!(!text.is_empty() && !text.ends_with('.') && !text.contains("  "), "{code}: {text}");
            }
            // A command stands whole in backticks.
            assert_eq!(fix.matches('`').count() % 2, 0, "{code}: {fix}");
            assert_eq!(error.to_string(), format!("{problem}. To fix it, {fix}"));
            assert_eq!(format!("{error:?}"), error.to_string());
        }
    }
}
