//! How an input, an output and an error cross into JSON, and what a function returns.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Display;
use std::future::Future;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::declare::failure::{Failure, InvalidInput, chain};
use crate::json::codec::{ActionOutput, Describe, InputParts, OutputParts, input_schema_of};
use crate::json::content::{Content, ContentPart, EmbeddedResource, ResourceData, ResourceLink, WithContent};
use crate::json::input;
use crate::json::output::Unwritten;

/// How an input comes out of JSON.
pub struct InputProbe<I>(PhantomData<I>);

impl<I: DeserializeOwned + JsonSchema> InputProbe<I> {
    pub const PARTS: InputParts<I> = (input::read::<I>, input_schema_of::<I>);
    pub const FITS: bool = true;
}
/// What [`InputProbe`] says of any other type.
pub trait InputRest<I> {
    const PARTS: InputParts<I> =
        (|_, _| Err(InvalidInput::new("this action's input type cannot be decoded")), Schema::default);
    const FITS: bool = false;
}
impl<I> InputRest<I> for InputProbe<I> {}

/// The input of an action that takes none: an empty object, or nothing at all.
pub const NO_INPUT: InputParts<()> = (
    |input, _| match input {
        Value::Null => Ok(()),
        Value::Object(fields) if fields.is_empty() => Ok(()),
        _ => Err(InvalidInput::new("this action takes no input; send an empty object")),
    },
    || schemars::json_schema!({ "type": "object", "properties": {}, "additionalProperties": false }),
);

/// How an output goes into JSON.
pub struct OutputProbe<O>(PhantomData<O>);

impl<O: ActionOutput> OutputProbe<O> {
    pub const PARTS: OutputParts<O> = O::PARTS;
    pub const FITS: bool = true;
}
impl<O: DeserializeOwned> OutputProbe<O> {
    pub const CAN_BE_READ_BACK: bool = true;
}

/// Content, or what has some in its inside.
pub trait HasContent {}
impl HasContent for Content {}
impl<T> HasContent for WithContent<T> {}

/// What authors write where `Content` or `WithContent<T>` has what they mean. Of other types that hold content, such as
/// tuples, the notes of [`ActionOutput`] tell.
pub trait NestsContent {}
impl<C: HasContent> NestsContent for WithContent<C> {}

macro_rules! nests_content {
    ($([$($generic:ident),*] $type:ty),* $(,)?) => { $(
        impl<C: HasContent $(, $generic)*> HasContent for $type {}
        impl<C: HasContent $(, $generic)*> NestsContent for $type {}
    )* };
}
nests_content!(
    [] Vec<C>,
    [] Option<C>,
    [] Box<C>,
    [K, S] HashMap<K, C, S>,
    [K] BTreeMap<K, C>,
);

macro_rules! parts_of_content {
    ($($type:ty),*) => { $(
        impl HasContent for $type {}
        impl NestsContent for $type {}
    )* };
}
parts_of_content!(ContentPart, ResourceLink, EmbeddedResource, ResourceData);

impl<O: NestsContent> OutputProbe<O> {
    pub const NESTS_CONTENT: bool = true;
}
/// What [`OutputProbe`] says of any other type.
pub trait OutputRest<O> {
    const PARTS: OutputParts<O> = (
        |_, _| Err(Unwritten::Problem("this action's output type cannot be encoded".to_owned())),
        Schema::default,
    );
    const FITS: bool = false;
    const CAN_BE_READ_BACK: bool = false;
    const NESTS_CONTENT: bool = false;
}
impl<O> OutputRest<O> for OutputProbe<O> {}

/// What an action's own error says.
pub struct ErrorProbe<E>(PhantomData<E>);

/// The texts of an error and its sources.
type Texts<E> = fn(&E) -> Vec<String>;

impl<E: Into<Failure>> ErrorProbe<E> {
    pub const FAIL: fn(E) -> Failure = Into::into;
}
impl<E: Error + 'static> ErrorProbe<E> {
    pub const CHAIN: Option<Texts<E>> = Some(|error| chain(error));
}
impl<E: Display> ErrorProbe<E> {
    // The alternate form, because `anyhow::Error` tells its sources only there.
    pub const DISPLAY: Option<Texts<E>> = Some(|error| vec![format!("{error:#}")]);
}
/// What [`ErrorProbe`] says of any other type.
pub trait ErrorRest<E> {
    const FAIL: fn(E) -> Failure = |_| Failure::new("it gave an error that cannot be shown");
    const CHAIN: Option<Texts<E>> = None;
    const DISPLAY: Option<Texts<E>> = None;
}
impl<E> ErrorRest<E> for ErrorProbe<E> {}

/// The better of two ways to tell an error; without either, it is told by its being one.
pub const fn describe<E>(chain: Option<Texts<E>>, display: Option<Texts<E>>) -> Describe<E> {
    match (chain, display) {
        (Some(texts), _) => Describe { texts, is_chain: true },
        (None, Some(texts)) => Describe { texts, is_chain: false },
        (None, None) => Describe { texts: |_| Vec::new(), is_chain: false },
    }
}

/// What an action returns.
pub struct Returned<R>(PhantomData<R>);

impl<T, E> Returned<Result<T, E>> {
    pub const IS_RESULT: bool = true;

    pub fn settle<F: Future<Output = Result<T, E>>>(future: F) -> F {
        future
    }
}
/// What [`Returned`] says of any other type.
pub trait ReturnedRest<R> {
    const IS_RESULT: bool = false;

    fn settle<F: Future<Output = R> + Send>(future: F) -> impl Future<Output = Result<(), NoError>> + Send {
        // The value is dropped before the end, so that a type that is not `Send` adds no second error.
        async move {
            drop(future.await);
            Ok(())
        }
    }
}
impl<R> ReturnedRest<R> for Returned<R> {}

/// The two halves of a result.
pub trait Settled {
    /// The good one.
    type Output;
    /// The other one.
    type Error;
}
impl<T, E> Settled for Result<T, E> {
    type Output = T;
    type Error = E;
}

/// Stands for the error of an action that returns no result.
#[derive(Debug)]
pub enum NoError {}

impl Display for NoError {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl Error for NoError {}
