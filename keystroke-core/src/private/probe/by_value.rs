//! What a parameter by value or a field is, whether it can be sent, and whether it would leak.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt::Display;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::declare::credential::Credential;
use crate::execute::context::ActionContext;
use crate::json::content::WithContent;
use crate::run::state::State;
use crate::store::secret::SecretString;

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
impl<T: ?Sized> ValueProbe<State<T>> {
    pub const IS_STATE: bool = true;
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
impl<T: ?Sized> ValueProbe<Option<&'static T>> {
    pub const HOLDS_REFERENCE: bool = true;
}
impl<C: Credential> ValueProbe<Option<C>> {
    pub const HOLDS_CREDENTIAL: bool = true;
}
impl<C: Credential> ValueProbe<Vec<C>> {
    pub const HOLDS_CREDENTIAL: bool = true;
}
impl<T: ?Sized> ValueProbe<Option<State<T>>> {
    pub const HOLDS_STATE: bool = true;
}

impl ValueProbe<WithContent<SecretString>> {
    pub const HOLDS_SECRET: bool = true;
}
impl<C: Credential> ValueProbe<WithContent<C>> {
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
    const IS_STATE: bool = false;
    const IS_OPTION: bool = false;
    const IS_SCALAR: bool = false;
    const IS_SHARED: bool = false;
    const IS_REFERENCE: bool = false;
    const HOLDS_SECRET: bool = false;
    const HOLDS_REFERENCE: bool = false;
    const HOLDS_CREDENTIAL: bool = false;
    const HOLDS_STATE: bool = false;
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
