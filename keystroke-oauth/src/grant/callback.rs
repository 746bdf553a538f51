//! What the browser comes back with: the query of a redirect, or the address that a person pastes.

use std::collections::BTreeMap;

use keystroke_core::SecretString;
use url::form_urlencoded;

use super::pkce::sha256;
use crate::error::{ConnectError, ErrorKind};
use crate::token::ErrorCode;

/// The longest callback that is read. Codes of some providers have 2 KiB.
pub(crate) const MAX_CALLBACK: usize = 16 * 1024;

/// A provider's answer, as the browser brought it. It is not believed before [`Pending::finish`](super::Pending::finish).
/// It holds a code, so it has no `Debug`.
pub struct Callback {
    pub(super) code: Option<SecretString>,
    pub(super) state: Option<[u8; 32]>,
    pub(super) issuer: Option<String>,
    pub(super) error: Option<ErrorCode>,
    /// What else was in it: `realmId`, `accounts-server`.
    pub(super) others: BTreeMap<String, String>,
}

impl Callback {
    /// Reads the query of a redirect, or a whole address.
    ///
    /// # Errors
    /// `callback_malformed`: it is too long, or has a parameter twice.
    pub fn parse(text: &str) -> Result<Self, ConnectError> {
        // Whose it is, and so what begins it again, is known only when it was read.
        Self::read(text)
            .map_err(|problem| ErrorKind::CallbackMalformed { problem }.with("keystroke connect KEY"))
    }

    /// Whether it has the state with this hash.
    pub(crate) fn has_state(&self, state: [u8; 32]) -> bool {
        self.state == Some(state)
    }

    pub(crate) fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.len() > MAX_CALLBACK {
            return Err("it is longer than 16 KiB");
        }
        let query = text.split_once('?').map_or(text, |(_, query)| query);
        // Some providers append `#_=_`.
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let mut callback =
            Self { code: None, state: None, issuer: None, error: None, others: BTreeMap::new() };
        let twice = "it has a parameter twice";
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let is_new = match &*name {
                "code" => callback.code.replace(SecretString::from(&*value)).is_none(),
                "state" => callback.state.replace(sha256(&value)).is_none(),
                "iss" => callback.issuer.replace(value.into_owned()).is_none(),
                "error" => callback.error.replace(ErrorCode::new(&value)).is_none(),
                // It may say anything, and the code says enough.
                "error_description" | "error_uri" => true,
                _ => callback.others.insert(name.into_owned(), value.into_owned()).is_none(),
            };
            if !is_new {
                return Err(twice);
            }
        }
        Ok(callback)
    }
}
