//! The bytes of what has to be kept and must not be seen: a store encrypts them, and can do nothing else with them.
//!
//! They are JSON, so that a field can be added, and they are wiped as soon as they were lent.

use std::collections::BTreeMap;
use std::fmt;

use keystroke_core::SecretString;
use serde_json::{Map, Value};

use crate::token::document::Document;

/// The only version of the format so far.
const VERSION: u64 = 1;

/// The fields that are kept.
pub(crate) struct Record(Document);

impl Record {
    pub(crate) fn new() -> Self {
        let mut fields = Map::new();
        fields.insert("v".to_owned(), VERSION.into());
        Self(Document::from(fields))
    }

    pub(crate) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.put(name, value.into());
    }

    pub(crate) fn put_some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// Lends the bytes.
    pub(crate) fn lend<R>(self, seal: impl FnOnce(&[u8]) -> R) -> R {
        seal(&self.0.to_json())
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let document = Document::read(None, bytes).ok_or(Malformed)?;
        let version = document.get("/v").and_then(Value::as_u64);
        if version == Some(VERSION) { Ok(Self(document)) } else { Err(Malformed) }
    }

    pub(crate) fn text(&self, name: &str) -> Result<String, Malformed> {
        self.optional_text(name).ok_or(Malformed)
    }

    pub(crate) fn optional_text(&self, name: &str) -> Option<String> {
        self.0.text(&format!("/{name}")).map(str::to_owned)
    }

    pub(crate) fn number(&self, name: &str) -> Result<u64, Malformed> {
        self.optional_number(name).ok_or(Malformed)
    }

    pub(crate) fn optional_number(&self, name: &str) -> Option<u64> {
        self.0.get(&format!("/{name}")).and_then(Value::as_u64)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.get(&format!("/{name}")).is_some()
    }

    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>, Malformed> {
        let items = self.0.get(&format!("/{name}")).and_then(Value::as_array).ok_or(Malformed)?;
        let byte = |item: &Value| item.as_u64().and_then(|byte| u8::try_from(byte).ok()).ok_or(Malformed);
        items.iter().map(byte).collect()
    }

    pub(crate) fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.0.take(&format!("/{name}"))
    }

    /// A list of texts.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, Malformed> {
        let items = self.0.get(&format!("/{name}")).and_then(Value::as_array).ok_or(Malformed)?;
        items.iter().map(|item| item.as_str().map(str::to_owned).ok_or(Malformed)).collect()
    }

    /// Names and texts.
    pub(crate) fn pairs<C: FromIterator<(String, String)>>(&self, name: &str) -> Result<C, Malformed> {
        let fields = self.0.get(&format!("/{name}")).and_then(Value::as_object).ok_or(Malformed)?;
        let pair = |(name, value): (&String, &Value)| {
            value.as_str().map(|value| (name.clone(), value.to_owned())).ok_or(Malformed)
        };
        fields.iter().map(pair).collect()
    }
}

/// Names and texts as an object.
pub(crate) fn object(pairs: &BTreeMap<String, String>) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
}

/// The bytes are none that this version of the crate lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Malformed {
    /// `record_malformed`.
    pub const fn code(&self) -> &'static str {
        "record_malformed"
    }

    /// What is wrong.
    pub const fn problem(&self) -> &'static str {
        "what was kept of a client, a sign-in or a grant is damaged, or from a newer version of keystroke"
    }

    /// What to do about it.
    pub const fn fix(&self) -> &'static str {
        "use the newest version of keystroke that wrote to this store; if that is this one, restore the store from a backup"
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. To fix it, {}", self.problem(), self.fix())
    }
}

impl std::error::Error for Malformed {}
