//! Probes: what an author's type is, told by an inherent constant where it is the thing, and by a trait's default
//! where it is anything else. They work on concrete types only, through aliases, and never fail.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::error::Error;
use std::fmt::Display;
use std::future::Future;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::declare::credential::{Connection, Credential, FieldReader, FieldValue, Pinned};
use crate::declare::failure::{Failure, InvalidInput, chain};
use crate::declare::field::FieldType;
use crate::declare::requirement::Requirement;
use crate::declare::scope::{
    Mixed, Need, NeedsUser, NoUser, Organization, Project, Scope, ScopePin, Unpinned, User,
};
use crate::execute::context::ActionContext;
use crate::execute::invocation::Invocation;
use crate::json::codec::{Describe, InputParts, OutputParts, input_schema_of, output_schema_of};
use crate::json::input;
use crate::json::output::{Unwritten, write};
use crate::store::secret::SecretString;

/// `T` if `B`, else `Else`.
pub struct Gate<const B: bool>;
/// See [`Gate`].
pub trait Or<T, Else> {
    /// The type.
    type T;
}
impl<T, Else> Or<T, Else> for Gate<true> {
    type T = T;
}
impl<T, Else> Or<T, Else> for Gate<false> {
    type T = Else;
}

/// What a parameter `&T` is lent.
pub struct LentProbe<T: ?Sized>(PhantomData<T>);

impl<C: Credential> LentProbe<C> {
    pub const REQUIREMENT: Option<Requirement> = Some(Requirement::of::<C>());
    pub const PIN: u8 = bit::<C::Pin>();
}
impl<C, S> LentProbe<Pinned<C, S>> {
    pub const IS_PINNED: bool = true;
}
impl LentProbe<Connection> {
    pub const IS_CONNECTION: bool = true;
}
impl<C: Credential, S: ScopePin> LentProbe<Pinned<C, S>> {
    /// The credential's own pin, and that of the parameter.
    pub const PINNED: Option<(u8, u8)> = Some((bit::<C::Pin>(), bit::<S>()));
}
impl LentProbe<ActionContext> {
    pub const IS_CONTEXT: bool = true;
}
impl LentProbe<SecretString> {
    pub const IS_SECRET: bool = true;
}
impl<T> LentProbe<Option<T>> {
    pub const IS_OPTION: bool = true;
}

/// What [`LentProbe`] says of any other type.
pub trait LentRest {
    const REQUIREMENT: Option<Requirement> = None;
    const PIN: u8 = 0;
    const PINNED: Option<(u8, u8)> = None;
    const IS_CONTEXT: bool = false;
    const IS_SECRET: bool = false;
    const IS_OPTION: bool = false;
    const IS_PINNED: bool = false;
    const IS_CONNECTION: bool = false;
}
impl<T: ?Sized> LentRest for LentProbe<T> {}

const fn bit<P: ScopePin>() -> u8 {
    match P::SCOPE {
        None => 0,
        Some(Scope::Organization) => 1,
        Some(Scope::Project) => 2,
        Some(Scope::User) => 4,
    }
}

/// The pin `P` as a bit.
pub const fn pin_of<P: ScopePin>() -> u8 {
    bit::<P>()
}

/// All pins of a list of parameters.
pub const fn pins(mut each: &[u8]) -> u8 {
    let mut all = 0;
    while let [first, rest @ ..] = each {
        all |= *first;
        each = rest;
    }
    all
}

/// From a set of pins to a type.
pub struct PinSet<const M: u8>;
/// See [`PinSet`].
pub trait ToPin {
    /// The type.
    type Pin: 'static;
}
impl ToPin for PinSet<0> {
    type Pin = Unpinned;
}
impl ToPin for PinSet<1> {
    type Pin = Organization;
}
impl ToPin for PinSet<2> {
    type Pin = Project;
}
impl ToPin for PinSet<4> {
    type Pin = User;
}
impl ToPin for PinSet<3> {
    type Pin = Mixed;
}
impl ToPin for PinSet<5> {
    type Pin = Mixed;
}
impl ToPin for PinSet<6> {
    type Pin = Mixed;
}
impl ToPin for PinSet<7> {
    type Pin = Mixed;
}

/// From "acts as a user" to a type.
pub struct Needs<const USER: bool>;
/// See [`Needs`].
pub trait ToNeed {
    /// The type.
    type Need: Need;
}
impl ToNeed for Needs<false> {
    type Need = NoUser;
}
impl ToNeed for Needs<true> {
    type Need = NeedsUser;
}

/// How many of the parameters are credentials.
pub const fn count(mut each: &[Option<Requirement>]) -> usize {
    let mut count = 0;
    while let [first, rest @ ..] = each {
        if first.is_some() {
            count += 1;
        }
        each = rest;
    }
    count
}

/// The credentials among the parameters; `N` is their [`count`].
#[expect(clippy::indexing_slicing, reason = "`at` stays below `N`, and `get_mut` is not const")]
pub const fn requirements<const N: usize>(mut each: &[Option<Requirement>]) -> [Requirement; N] {
    let mut found = [Requirement::of::<Filler>(); N];
    let mut at = 0;
    while let [first, rest @ ..] = each {
        if let Some(requirement) = first
            && at < N
        {
            found[at] = *requirement;
            at += 1;
        }
        each = rest;
    }
    found
}

/// Stands in the array until the real requirements do.
struct Filler;
impl Credential for Filler {
    const KEY: &'static str = "";
    type Pin = Unpinned;
    const FIELDS: &'static [crate::FieldSpec] = &[];
    fn read(_: &mut FieldReader<'_>) -> Option<Self> {
        None
    }
    fn secrets(&self, _: &mut dyn FnMut(&'static str, &str)) {}
}

/// What a parameter `&T` borrows for the call.
///
/// # Panics
/// If the action's `REQUIREMENTS` do not hold `T`. Generated code lists exactly its parameters, and a parameter that
/// can't be lent does not compile.
#[expect(
    clippy::panic,
    reason = "a generated action lists what it borrows; a silent stand-in would be worse"
)]
pub fn lend<T: 'static>(lent: &Invocation) -> &T {
    match lent.find() {
        Some(value) => value,
        None => panic!("`{}` is not among the action's requirements", std::any::type_name::<T>()),
    }
}

/// What a by-value parameter is, where it is no input.
pub struct ValueProbe<T: ?Sized>(PhantomData<T>);

impl<C: Credential> ValueProbe<C> {
    pub const IS_CREDENTIAL: bool = true;
}
impl ValueProbe<ActionContext> {
    pub const IS_CONTEXT: bool = true;
}
impl ValueProbe<SecretString> {
    pub const IS_SECRET: bool = true;
}
impl<T> ValueProbe<Option<T>> {
    pub const IS_OPTION: bool = true;
}
impl<C: Credential> ValueProbe<Box<C>> {
    pub const IS_SHARED: bool = true;
}
impl<C: Credential> ValueProbe<Arc<C>> {
    pub const IS_SHARED: bool = true;
}
impl<C: Credential> ValueProbe<Rc<C>> {
    pub const IS_SHARED: bool = true;
}
impl<T: ?Sized> ValueProbe<&'static T> {
    pub const IS_REFERENCE: bool = true;
}
impl ValueProbe<Option<SecretString>> {
    pub const HOLDS_SECRET: bool = true;
}
impl ValueProbe<Vec<SecretString>> {
    pub const HOLDS_SECRET: bool = true;
}
impl<C: Credential> ValueProbe<Option<C>> {
    pub const HOLDS_CREDENTIAL: bool = true;
}
impl<C: Credential> ValueProbe<Vec<C>> {
    pub const HOLDS_CREDENTIAL: bool = true;
}

/// Types whose JSON is no object.
macro_rules! scalars {
    ($([$($generic:ident),*] $type:ty),* $(,)?) => { $(
        impl<$($generic),*> ValueProbe<$type> {
            pub const IS_SCALAR: bool = true;
        }
    )* };
}
scalars!(
    [] (),
    [] bool,
    [] char,
    [] u8,
    [] u16,
    [] u32,
    [] u64,
    [] u128,
    [] usize,
    [] i8,
    [] i16,
    [] i32,
    [] i64,
    [] i128,
    [] isize,
    [] f32,
    [] f64,
    [] String,
    [] Box<str>,
    [] PathBuf,
    [] Duration,
    [T] Vec<T>,
    [T] VecDeque<T>,
    [T] BTreeSet<T>,
    [T, S] HashSet<T, S>,
    [A] (A,),
    [A, B] (A, B),
    [A, B, C] (A, B, C),
    [A, B, C, D] (A, B, C, D),
    [A, B, C, D, E] (A, B, C, D, E),
    [A, B, C, D, E, F] (A, B, C, D, E, F),
);
impl<T, const N: usize> ValueProbe<[T; N]> {
    pub const IS_SCALAR: bool = true;
}

/// What [`ValueProbe`] says of any other type.
pub trait ValueRest {
    const IS_CREDENTIAL: bool = false;
    const IS_CONTEXT: bool = false;
    const IS_SECRET: bool = false;
    const IS_OPTION: bool = false;
    const IS_SCALAR: bool = false;
    const IS_SHARED: bool = false;
    const IS_REFERENCE: bool = false;
    const HOLDS_SECRET: bool = false;
    const HOLDS_CREDENTIAL: bool = false;
}
impl<T: ?Sized> ValueRest for ValueProbe<T> {}

/// Whether a value can cross threads.
pub struct SendProbe<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized + Send> SendProbe<T> {
    pub const IS_SEND: bool = true;
}
/// What [`SendProbe`] says of any other type.
pub trait SendRest {
    const IS_SEND: bool = false;
}
impl<T: ?Sized> SendRest for SendProbe<T> {}

/// By which traits a credential could leave.
pub struct LeakProbe<T>(PhantomData<T>);

/// A constant for each trait that a credential must not implement.
macro_rules! leaks {
    ($($name:ident = $($bound:tt)::+;)*) => {
        $(impl<T: $($bound)::+> LeakProbe<T> {
            pub const $name: bool = true;
        })*
        /// What [`LeakProbe`] says of any other type.
        pub trait LeakRest {
            $(const $name: bool = false;)*
        }
    };
}
leaks! {
    SERIALIZE = Serialize;
    DESERIALIZE = DeserializeOwned;
    JSON_SCHEMA = JsonSchema;
    DISPLAY = Display;
    PARTIAL_EQ = PartialEq;
    HASH = std::hash::Hash;
    CLONE = Clone;
    COPY = Copy;
}
impl<T> LeakRest for LeakProbe<T> {}

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

impl<O: Serialize + JsonSchema> OutputProbe<O> {
    pub const PARTS: OutputParts<O> = (write::<O>, output_schema_of::<O>);
    pub const FITS: bool = true;
}
impl<O: DeserializeOwned> OutputProbe<O> {
    pub const CAN_BE_READ_BACK: bool = true;
}
/// What [`OutputProbe`] says of any other type.
pub trait OutputRest<O> {
    const PARTS: OutputParts<O> = (
        |_, _| Err(Unwritten::Problem("this action's output type cannot be encoded".to_owned())),
        Schema::default,
    );
    const FITS: bool = false;
    const CAN_BE_READ_BACK: bool = false;
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

/// How a credential's field is read and shown.
pub struct FieldProbe<T>(PhantomData<T>);

/// Reads a field by name.
type Read<T> = fn(&mut FieldReader<'_>, &'static str) -> Option<T>;

impl<T: FieldValue> FieldProbe<Option<T>> {
    pub const OPTIONAL: Option<Read<Option<T>>> = Some(|from, name| from.optional(name));
}
impl<T: FieldValue> FieldProbe<T> {
    pub const REQUIRED: Option<Read<T>> = Some(|from, name| from.required(name));

    pub fn or_default(from: &mut FieldReader<'_>, name: &'static str, default: &'static str) -> Option<T> {
        from.or_default(name, default)
    }
}
impl FieldProbe<String> {
    pub const TYPE: FieldType = FieldType::Text;
}
impl FieldProbe<SecretString> {
    pub const TYPE: FieldType = FieldType::Text;
    pub const IS_SECRET: bool = true;

    pub fn show(value: &SecretString, field: &'static str, each: &mut dyn FnMut(&'static str, &str)) {
        each(field, value.expose_secret());
    }
}
impl FieldProbe<Option<SecretString>> {
    pub const TYPE: FieldType = FieldType::Text;
    pub const IS_SECRET: bool = true;

    pub fn show(value: &Option<SecretString>, field: &'static str, each: &mut dyn FnMut(&'static str, &str)) {
        if let Some(value) = value {
            each(field, value.expose_secret());
        }
    }
}
impl FieldProbe<Option<String>> {
    pub const TYPE: FieldType = FieldType::Text;
    pub const IS_ACCOUNT: bool = true;

    pub fn account(from: &FieldReader<'_>) -> Option<Option<String>> {
        Some(from.account())
    }
}
impl FieldProbe<Option<SystemTime>> {
    pub const IS_EXPIRY: bool = true;

    pub fn expires_at(from: &FieldReader<'_>) -> Option<Option<SystemTime>> {
        Some(from.expires_at())
    }
}
impl FieldProbe<Vec<String>> {
    pub const IS_GRANTED: bool = true;

    pub fn granted_scopes(from: &FieldReader<'_>) -> Option<Vec<String>> {
        Some(from.granted_scopes())
    }
}
impl FieldProbe<Connection> {
    pub const IS_CONNECTION: bool = true;

    pub fn connection(from: &FieldReader<'_>) -> Option<Connection> {
        Some(from.connection())
    }
}
impl<T: std::fmt::Debug> FieldProbe<T> {
    pub fn debug(value: &T) -> &dyn std::fmt::Debug {
        value
    }
}
/// What [`FieldProbe`] says of any other type.
pub trait FieldRest<T> {
    const OPTIONAL: Option<Read<T>> = None;
    const REQUIRED: Option<Read<T>> = None;
    const TYPE: FieldType = FieldType::Other;
    const IS_SECRET: bool = false;
    const IS_ACCOUNT: bool = false;
    const IS_EXPIRY: bool = false;
    const IS_GRANTED: bool = false;
    const IS_CONNECTION: bool = false;

    fn account(_: &FieldReader<'_>) -> Option<T> {
        None
    }

    fn expires_at(_: &FieldReader<'_>) -> Option<T> {
        None
    }

    fn granted_scopes(_: &FieldReader<'_>) -> Option<T> {
        None
    }

    fn connection(_: &FieldReader<'_>) -> Option<T> {
        None
    }

    fn or_default(_: &mut FieldReader<'_>, _: &'static str, _: &'static str) -> Option<T> {
        None
    }

    fn show(_: &T, _: &'static str, _: &mut dyn FnMut(&'static str, &str)) {}

    fn debug(_: &T) -> &dyn std::fmt::Debug {
        &"(shown by no Debug)"
    }
}
impl<T> FieldRest<T> for FieldProbe<T> {}

/// Whether an instance without a field of this type is invalid.
pub const fn required<T>(optional: Option<Read<T>>) -> bool {
    optional.is_none()
}

/// Reads a field as its type asks.
pub fn read_field<T>(
    optional: Option<Read<T>>,
    required: Option<Read<T>>,
    from: &mut FieldReader<'_>,
    name: &'static str,
) -> Option<T> {
    optional.or(required).and_then(|read| read(from, name))
}
