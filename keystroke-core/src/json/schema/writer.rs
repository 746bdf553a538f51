//! The state of a schema's rewriting: the output so far, and what could not be expressed.

use serde_json::{Map, Value};

/// The most schemas in one schema: a type that is written wherever it is used can grow without end.
const MOST_SCHEMAS: usize = 10_000;
/// How deep schemas may stand in each other.
const DEEPEST: usize = 64;
/// A schema, and what is wrong with it.
pub(crate) struct Portable {
    pub(crate) schema: Map<String, Value>,
    pub(crate) flaws: Vec<Misplaced>,
}

/// A flaw, and the field that has it: `filter.items[]`; empty for the type itself.
pub(crate) struct Misplaced {
    pub(crate) field: String,
    pub(crate) flaw: Flaw,
}

/// What no schema that everybody takes can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// An input that is no object, or may be another thing.
    NotAnObject,
    /// The name of a field; here is another one.
    Name { rename: String },
    /// A keyword.
    Keyword(&'static str),
    /// No value fits.
    Nothing,
    /// Too many schemas in it, or too deep.
    TooLarge,
}

pub(super) struct Writer<'d> {
    pub(super) definitions: Option<&'d Map<String, Value>>,
    /// Whether the names of fields have to be those that model APIs take.
    pub(super) names: bool,
    place: Vec<String>,
    flaws: Vec<Misplaced>,
    spent: usize,
}

impl<'d> Writer<'d> {
    pub(super) fn new(root: &'d Value, names: bool) -> Self {
        let definitions = root.get("$defs").and_then(Value::as_object);
        Self { definitions, names, place: Vec::new(), flaws: Vec::new(), spent: 0 }
    }

    pub(super) fn done(self, schema: Map<String, Value>) -> Portable {
        Portable { schema, flaws: self.flaws }
    }

    pub(super) fn flaw(&mut self, flaw: Flaw) {
        let mut field = String::new();
        for step in &self.place {
            if !field.is_empty() && step != "[]" {
                field.push('.');
            }
            field.push_str(step);
        }
        if self.flaws.iter().all(|known| known.field != field || known.flaw != flaw) {
            self.flaws.push(Misplaced { field, flaw });
        }
    }

    /// Whether it was found to be too large.
    pub(super) fn is_too_large(&self) -> bool {
        self.flaws.iter().any(|known| known.flaw == Flaw::TooLarge)
    }

    /// Counts one schema more; no, if there are too many.
    pub(super) fn spend(&mut self) -> bool {
        self.spent += 1;
        let fits = self.spent <= MOST_SCHEMAS && self.place.len() <= DEEPEST;
        if !fits && !self.is_too_large() {
            self.flaw(Flaw::TooLarge);
        }
        fits
    }

    pub(super) fn at<T>(&mut self, step: &str, write: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(step.to_owned());
        let written = write(self);
        self.place.pop();
        written
    }
}

/// Adds a sentence to the description.
pub(super) fn note(keywords: &mut Map<String, Value>, text: &str) {
    let described = match keywords.get("description").and_then(Value::as_str) {
        Some(description) if !description.is_empty() => format!("{description}\n{text}"),
        _ => text.to_owned(),
    };
    keywords.insert("description".to_owned(), described.into());
}
