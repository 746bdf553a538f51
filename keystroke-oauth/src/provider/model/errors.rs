//! How a provider spells what went wrong (O6).

use super::pointer::Pointer;

/// How a provider spells what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Errors {
    /// A field that is `false` in an answer that failed, whatever its status: Slack's `/ok`.
    pub success: Option<Pointer>,
    /// The code.
    pub code: Pointer,
    /// Codes, besides the standard's, that mean the grant is gone.
    pub dead: Vec<String>,
    /// Codes, besides the standard's, that mean to try again later.
    pub transient: Vec<String>,
    /// Codes, besides the standard's, that mean the client is refused.
    pub client: Vec<String>,
    /// It has said `dead` of good grants while it was down: a second one, at least 60 s later, is needed.
    pub lies_in_outages: bool,
}

/// What an error code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorMeaning {
    /// The grant is gone.
    Dead,
    /// It may work later.
    Transient,
    /// The client is refused; the grant may be good.
    Client,
}

impl Errors {
    /// What a code means: by the provider's own lists first, then by RFC 6749. None for a code that neither knows.
    pub fn meaning(&self, code: &str) -> Option<ErrorMeaning> {
        let is_in = |codes: &[String]| codes.iter().any(|known| known == code);
        match code {
            _ if is_in(&self.dead) => Some(ErrorMeaning::Dead),
            _ if is_in(&self.transient) => Some(ErrorMeaning::Transient),
            _ if is_in(&self.client) => Some(ErrorMeaning::Client),
            "invalid_grant" => Some(ErrorMeaning::Dead),
            "invalid_client" | "unauthorized_client" => Some(ErrorMeaning::Client),
            "temporarily_unavailable" | "server_error" | "slow_down" => Some(ErrorMeaning::Transient),
            _ => None,
        }
    }
}
