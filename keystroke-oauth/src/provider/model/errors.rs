//! How a provider spells what went wrong (O6).

use super::pointer::Pointer;
use crate::provider::form::{Form, Section};

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

impl Default for Errors {
    fn default() -> Self {
        Self {
            success: None,
            code: Pointer::new("/error"),
            dead: Vec::new(),
            transient: Vec::new(),
            client: Vec::new(),
            lies_in_outages: false,
        }
    }
}

impl Section for Errors {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("success", &mut self.success);
        form.field("code", &mut self.code);
        form.field("dead", &mut self.dead);
        form.field("transient", &mut self.transient);
        form.field("client", &mut self.client);
        form.field("lies_in_outages", &mut self.lies_in_outages);
    }
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
