//! How an action's input, output and error cross into JSON: a [`Codec`].

use std::any::Any;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::content::{self, Content, WithContent};
use super::input;
use super::output::{self, Encoded, Unwritten};
use super::schema::{Side, root_schema};
use crate::declare::failure::{Failure, InvalidInput};

/// How an action's input, output and error cross into JSON: function pointers, so that the associated types of
/// [`Action`](crate::Action) need no bounds.
pub struct Codec<I, O, E> {
    pub(crate) decode: Decode<I>,
    pub(crate) check: Option<Check<I>>,
    pub(crate) encode: Encode<O>,
    pub(crate) input_schema: fn() -> Schema,
    pub(crate) output_schema: fn() -> Schema,
    pub(crate) fail: fn(E) -> Failure,
    pub(crate) describe: Describe<E>,
}

impl<I, O, E> Codec<I, O, E>
where
    I: DeserializeOwned + JsonSchema,
    O: ActionOutput + DeserializeOwned,
    E: Into<Failure> + std::fmt::Display,
{
    /// The codec of serde and schemars, and of [`Content`].
    pub const fn new() -> Self {
        Self {
            decode: input::read::<I>,
            check: None,
            encode: O::PARTS.0,
            input_schema: input_schema_of::<I>,
            output_schema: O::PARTS.1,
            fail: Into::into,
            describe: Describe { texts: display::<E>, is_chain: false },
        }
    }
}

impl<I, O, E> Default for Codec<I, O, E>
where
    I: DeserializeOwned + JsonSchema,
    O: ActionOutput + DeserializeOwned,
    E: Into<Failure> + std::fmt::Display,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<I, O, E> Codec<I, O, E> {
    /// The same, with a check of the input before any credential is resolved (SEMANTICS E1). The text of an error
    /// names the field.
    #[must_use]
    pub const fn with_check(mut self, check: fn(&I) -> Result<(), InvalidInput>) -> Self {
        self.check = Some(check);
        self
    }

    /// The same, with the texts of an error and its sources given by `describe`, outermost first.
    #[must_use]
    pub const fn with_texts(mut self, describe: fn(&E) -> Vec<String>) -> Self {
        self.describe = Describe { texts: describe, is_chain: false };
        self
    }

    /// E1 of a typed call: the author's check.
    #[inline]
    pub(crate) fn checked(&self, input: I) -> Result<I, InvalidInput> {
        match self.check {
            Some(check) => check(&input).map(|()| input),
            None => Ok(input),
        }
    }

    /// E1 of a call in JSON: reads the input, then checks it.
    #[inline]
    pub(crate) fn decoded(&self, input: Value) -> Result<I, InvalidInput> {
        self.checked((self.decode)(input, self.input_schema)?)
    }

    /// For an action that does not compile and never runs.
    #[doc(hidden)]
    pub const fn none() -> Self {
        Self::from_parts(
            (|_, _| Err(InvalidInput::new("")), Schema::default),
            (|_, _| Err(Unwritten::Problem(String::new())), Schema::default),
            (|_| Failure::new(""), Describe { texts: |_| Vec::new(), is_chain: false }),
        )
    }

    #[doc(hidden)]
    pub const fn from_parts(input: InputParts<I>, output: OutputParts<O>, error: ErrorParts<E>) -> Self {
        Self {
            decode: input.0,
            check: None,
            encode: output.0,
            input_schema: input.1,
            output_schema: output.1,
            fail: error.0,
            describe: error.1,
        }
    }
}

/// A check of an input.
type Check<I> = fn(&I) -> Result<(), InvalidInput>;
/// A decoder of an input, which may ask for its schema.
type Decode<I> = fn(Value, fn() -> Schema) -> Result<I, InvalidInput>;
/// Decoder and schema of an input.
pub(crate) type InputParts<I> = (Decode<I>, fn() -> Schema);
/// Encodes an output, in at most so many bytes. Content is moved out of it: a copy could be large.
type Encode<O> = fn(&mut O, usize) -> Result<Encoded, Unwritten>;
/// Encoder and schema of an output.
pub(crate) type OutputParts<O> = (Encode<O>, fn() -> Schema);
/// What an error becomes, and its texts.
pub(crate) type ErrorParts<E> = (fn(E) -> Failure, Describe<E>);

/// What an action can give: a value that serde writes and schemars describes, [`Content`], or the one beside the other as
/// [`WithContent`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an action's output",
    label = "not an output",
    note = "derive `serde::Serialize`, `serde::Deserialize` and `schemars::JsonSchema` for it, or for the `T` of a `WithContent<T>` (serde 1, schemars 1)",
    note = "content stands alone or beside a value: return `Content`, or `WithContent<T>`"
)]
pub trait ActionOutput: Sized {
    #[doc(hidden)]
    const PARTS: OutputParts<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> ActionOutput for T {
    const PARTS: OutputParts<T> = (|output, most| output::write(output, most), output_schema_of::<T>);
}

#[diagnostic::do_not_recommend]
impl ActionOutput for Content {
    // There is no structured value, as with `()`.
    const PARTS: OutputParts<Self> = (content::write_alone, output_schema_of::<()>);
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> ActionOutput for WithContent<T> {
    const PARTS: OutputParts<Self> = (content::write_beside, output_schema_of::<T>);
}

/// How an action's own error is shown to the caller.
#[doc(hidden)]
pub struct Describe<E> {
    /// Its text and those of its sources, outermost first.
    pub(crate) texts: fn(&E) -> Vec<String>,
    /// Whether a model is told the first of them, as it is of every `std::error::Error`.
    pub(crate) is_chain: bool,
}

impl<E: 'static> Describe<E> {
    /// The texts for the operator, and that for the model where it is known before the error has become a [`Failure`].
    pub(crate) fn texts(&self, error: &E) -> (Vec<String>, Option<String>) {
        let texts = (self.texts)(error);
        let failure = (error as &dyn Any).downcast_ref::<Failure>();
        let model = failure.map(|failure| failure.model().to_owned());
        let model = model.or_else(|| texts.first().filter(|_| self.is_chain).cloned());
        (texts, model)
    }
}

pub(crate) fn input_schema_of<T: JsonSchema>() -> Schema {
    root_schema(T::json_schema, &T::schema_name(), Side::Input)
}

pub(crate) fn output_schema_of<T: JsonSchema>() -> Schema {
    root_schema(T::json_schema, &T::schema_name(), Side::Output)
}

fn display<E: std::fmt::Display>(error: &E) -> Vec<String> {
    vec![error.to_string()]
}
