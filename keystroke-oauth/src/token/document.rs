//! The body of an answer, read as leniently as providers write, and wiped when it is dropped: it holds tokens.

use std::time::Duration;

use keystroke_core::SecretString;
use serde_json::{Map, Value};
use zeroize::Zeroize as _;

/// An object of an answer. It has no `Debug`, and it is not cloned.
pub(crate) struct Document(Value);

impl Document {
    /// Reads JSON, whatever type the provider gives it, or a form where the type says so: GitHub answered so for years, and
    /// others call it `text/plain`. `None` for anything that is no object.
    pub(crate) fn read(content_type: Option<&str>, body: &[u8]) -> Option<Self> {
        let is_json = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        if is_json {
            // A byte order mark is not JSON, and no provider is known to send one.
            let document = Self(serde_json::from_slice(body).ok()?);
            return document.0.is_object().then_some(document);
        }
        let kind = content_type?.split(';').next()?.trim().to_ascii_lowercase();
        if kind != "application/x-www-form-urlencoded" && kind != "text/plain" {
            return None;
        }
        let pairs = url::form_urlencoded::parse(body);
        let fields: Map<String, Value> =
            pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect();
        // A page in plain text has no field that anyone asks for.
        Some(Self(Value::Object(fields)))
    }

    pub(crate) fn put(&mut self, name: &str, value: Value) {
        if let Value::Object(fields) = &mut self.0 {
            fields.insert(name.to_owned(), value);
        }
    }

    /// As JSON. The bytes are the caller's to wipe.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        self.0.to_string().into_bytes()
    }

    /// What is at a JSON pointer. `null` is as absent as nothing (RFC 6749 knows no `null`, providers do).
    pub(crate) fn get(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer).filter(|value| !value.is_null())
    }

    /// Whether `false` is there, in JSON or, in a form, as a text.
    pub(crate) fn is_false(&self, pointer: &str) -> bool {
        match self.get(pointer) {
            Some(Value::Bool(flag)) => !flag,
            Some(Value::String(text)) => text == "false",
            _ => false,
        }
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str().filter(|text| !text.is_empty())
    }

    /// Whole seconds.
    pub(crate) fn seconds(&self, pointer: &str) -> Option<Duration> {
        self.get(pointer).and_then(whole).map(Duration::from_secs)
    }

    /// A text or a whole number as text: account ids come as either.
    pub(crate) fn id(&self, pointer: &str) -> Option<String> {
        match self.get(pointer)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Takes a secret out: the text itself moves, so that no copy stays.
    pub(crate) fn take(&mut self, pointer: &str) -> Option<SecretString> {
        match self.0.pointer_mut(pointer)? {
            Value::String(text) if !text.is_empty() => Some(SecretString::from(std::mem::take(text))),
            _ => None,
        }
    }
}

impl From<Map<String, Value>> for Document {
    fn from(fields: Map<String, Value>) -> Self {
        Self(Value::Object(fields))
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A whole number that is not negative. `3600`, `3600.0` and `"3600"` are in use.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    const BEYOND_EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => number.as_u64().or_else(|| {
            let number = number.as_f64().filter(|number| (0.0..BEYOND_EXACT).contains(number))?;
            format!("{:.0}", number.trunc()).parse().ok()
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
