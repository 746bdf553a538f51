//! How a credential's field is read from its text and shown.

use std::marker::PhantomData;
use std::time::SystemTime;

use crate::declare::credential::{Connection, FieldReader, FieldValue};
use crate::declare::field::FieldType;
use crate::store::secret::SecretString;

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
