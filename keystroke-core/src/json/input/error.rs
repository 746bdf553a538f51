//! Why an input does not fit, with the place: `items[1].count`.

use std::fmt;

use schemars::Schema;
use serde::de::{self, Expected, Unexpected};
use serde_json::{Number, Value};

use crate::declare::failure::InvalidInput;
use crate::json::schema::forms_of_input;

/// What does not fit, and where. Boxed, so that what fits is cheap to hand on.
#[derive(Debug)]
pub(super) struct DecodeError(Box<Problem>);

#[derive(Debug)]
struct Problem {
    problem: String,
    /// From the inside out.
    places: Vec<Place>,
}

#[derive(Debug)]
enum Place {
    Name(String),
    Index(usize),
}

impl DecodeError {
    pub(super) fn new(problem: String) -> Self {
        Self(Box::new(Problem { problem, places: Vec::new() }))
    }

    #[cold]
    pub(super) fn in_name(mut self, name: &str) -> Self {
        self.0.places.push(Place::Name(name.to_owned()));
        self
    }

    #[cold]
    pub(super) fn at_index(mut self, index: usize) -> Self {
        self.0.places.push(Place::Index(index));
        self
    }

    #[cold]
    pub(super) fn into_invalid_input(self, schema: fn() -> Schema) -> InvalidInput {
        let Problem { problem, places } = *self.0;
        // Of an enum, the schema is one object for all variants: say which fields belong together.
        let problem = match forms_of_input(schema().as_value()) {
            Some(forms) => format!("{problem}. {forms}"),
            None => problem,
        };
        if places.is_empty() {
            return InvalidInput::new(problem);
        }
        let mut path = String::new();
        for place in places.iter().rev() {
            match place {
                Place::Name(name) if path.is_empty() => path.push_str(name),
                Place::Name(name) => path.extend([".", name]),
                Place::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        InvalidInput::new(format!("`{path}`: {problem}"))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.problem)
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self::new(problem.to_string())
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid type: {}, expected {expected}", InJson(found)))
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid value: {}, expected {expected}", InJson(found)))
    }
}

/// What was found, in the words of JSON.
struct InJson<'a>(Unexpected<'a>);

impl fmt::Display for InJson<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Unit => f.write_str("null"),
            // As JSON writes it: `1.0`, and not `1`.
            Unexpected::Float(number) => match Number::from_f64(number) {
                Some(number) => write!(f, "floating point `{number}`"),
                None => write!(f, "floating point `{number}`"),
            },
            found => found.fmt(f),
        }
    }
}

pub(super) fn unexpected(json: &Value) -> Unexpected<'_> {
    match json {
        Value::Null => Unexpected::Unit,
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Unexpected::Unsigned(number),
            (None, Some(number)) => Unexpected::Signed(number),
            (None, None) => Unexpected::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    }
}
