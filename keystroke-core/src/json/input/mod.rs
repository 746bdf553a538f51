//! Reads an action's input from JSON, and says of what does not fit where it stands: `items[1].count`.
//!
//! It reads as `serde_json` reads a [`Value`], word for word (a test compares them), but for two things: its error is told
//! each place on its way out, and a whole number may be written with a point, `30.0` or `3e1`, as JSON Schema has it. What
//! serde keeps aside before it knows its type (in flattened, untagged and internally tagged types) is told by the schema
//! whether it is to be whole: `whole`. A wrapper around `serde_json`'s own reader that keeps track would be compiled for each input a second
//! time (it was three tenths of the code that is compiled for an action), and would have to be asked again once something
//! did not fit.

mod error;
mod whole;

use std::cell::Cell;

use schemars::Schema;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer as _,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Number, Value};

use self::error::{DecodeError, unexpected};
use crate::declare::failure::InvalidInput;

/// The input that the JSON holds. The schema is made only where it is needed.
pub(crate) fn read<I: DeserializeOwned>(mut json: Value, schema: fn() -> Schema) -> Result<I, InvalidInput> {
    let kept = Cell::new(false);
    let mut input = I::deserialize(Json::new(&json, &kept));
    if kept.get() && whole::write(&mut json, schema) {
        input = I::deserialize(Json::new(&json, &kept));
    }
    match input {
        Ok(input) => Ok(input),
        Err(error) => Err(error.into_invalid_input(schema)),
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, DecodeError> {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => visitor.visit_u64(number),
        (None, Some(number)) => visitor.visit_i64(number),
        (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
    }
}

/// A number where a whole one is read.
fn visit_integer<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, DecodeError> {
    match whole::of(number) {
        Some(number) => visit_number(&number, visitor),
        None => visit_number(number, visitor),
    }
}

/// Methods that read one kind of JSON, and refuse every other one.
macro_rules! deserialize_only {
    ($json:ident, $visitor:ident: $($fits:pat => $visited:expr, $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, DecodeError> {
            let $json = self;
            match $json.value {
                $fits => $visited,
                other => Err(de::Error::invalid_type(unexpected(other), &$visitor)),
            }
        }
    )*)*};
}

/// A value, to be read.
#[derive(Clone, Copy)]
struct Json<'de> {
    value: &'de Value,
    /// Whether a number that could be whole was given to somebody who may only keep it.
    kept: &'de Cell<bool>,
}

impl<'de> Json<'de> {
    const fn new(value: &'de Value, kept: &'de Cell<bool>) -> Self {
        Self { value, kept }
    }
}

impl<'de> Deserializer<'de> for Json<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => {
                if whole::of(number).is_some() {
                    self.kept.set(true);
                }
                visit_number(number, visitor)
            }
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visit_items(items, self.kept, visitor),
            Value::Object(fields) => visit_fields(fields, self.kept, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_enum(variant_of(self)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.value {
            Value::Array(items) => visit_items(items, self.kept, visitor),
            Value::Object(fields) => visit_fields(fields, self.kept, visitor),
            other => Err(de::Error::invalid_type(unexpected(other), &visitor)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visit_items(items, self.kept, visitor),
            other => Err(de::Error::invalid_type(unexpected(other), &visitor)),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_bytes(visitor)
    }

    deserialize_only! { json, visitor:
        Value::Null => visitor.visit_unit(), deserialize_unit;
        Value::Bool(value) => visitor.visit_bool(*value), deserialize_bool;
        Value::Number(number) => visit_integer(number, visitor), deserialize_i8 deserialize_i16 deserialize_i32
            deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
            deserialize_u128;
        Value::Number(number) => visit_number(number, visitor), deserialize_f32 deserialize_f64;
        Value::String(text) => visitor.visit_borrowed_str(text), deserialize_str deserialize_string deserialize_char
            deserialize_identifier;
        Value::Array(items) => visit_items(items, json.kept, visitor), deserialize_seq;
        Value::Object(fields) => visit_fields(fields, json.kept, visitor), deserialize_map;
    }
}

fn visit_items<'de, V: Visitor<'de>>(
    items: &'de [Value],
    kept: &'de Cell<bool>,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    let mut rest = Items { items, next: 0, kept };
    match visitor.visit_seq(&mut rest) {
        Ok(_) if rest.next < items.len() => Err(too_many(items.len(), &"fewer elements in array")),
        visited => visited,
    }
}

struct Items<'de> {
    items: &'de [Value],
    next: usize,
    kept: &'de Cell<bool>,
}

impl<'de> SeqAccess<'de> for &mut Items<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let at = self.next;
        let Some(item) = self.items.get(at) else { return Ok(None) };
        self.next += 1;
        match seed.deserialize(Json::new(item, self.kept)) {
            Ok(item) => Ok(Some(item)),
            Err(error) => Err(error.at_index(at)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

fn visit_fields<'de, V: Visitor<'de>>(
    fields: &'de Map<String, Value>,
    kept: &'de Cell<bool>,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    let mut rest = Fields { rest: fields.iter(), value: None, kept };
    match visitor.visit_map(&mut rest) {
        Ok(_) if rest.rest.len() > 0 => Err(too_many(fields.len(), &"fewer elements in map")),
        visited => visited,
    }
}

fn too_many(found: usize, expected: &dyn Expected) -> DecodeError {
    de::Error::invalid_length(found, expected)
}

struct Fields<'de> {
    rest: serde_json::map::Iter<'de>,
    value: Option<(&'de str, &'de Value)>,
    kept: &'de Cell<bool>,
}

impl<'de> MapAccess<'de> for &mut Fields<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some((name, value));
        match seed.deserialize(Name(name)) {
            Ok(key) => Ok(Some(key)),
            Err(error) => Err(error.in_name(name)),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, DecodeError> {
        let Some((name, value)) = self.value.take() else {
            return Err(de::Error::custom("value is missing"));
        };
        seed.deserialize(Json::new(value, self.kept)).map_err(|error| error.in_name(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The name of a field, or a map's key: which is text in JSON, and may be a number to its reader.
struct Name<'de>(&'de str);

impl Name<'_> {
    fn number(&self) -> Result<Number, DecodeError> {
        // `Number` reads spaces too.
        let begins = self.0.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        let number = self.0.parse().ok().filter(|_| begins);
        number.ok_or_else(|| {
            DecodeError::new("invalid value: expected key to be a number in quotes".to_owned())
        })
    }
}

macro_rules! deserialize_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            visit_number(&self.number()?, visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_str(self.0)
    }

    deserialize_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            text => Err(de::Error::invalid_type(Unexpected::Str(text), &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_enum(Variant { name: self.0, content: None })
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct ignored_any
    }
}

fn variant_of(json: Json<'_>) -> Result<Variant<'_>, DecodeError> {
    match json.value {
        Value::String(name) => Ok(Variant { name, content: None }),
        Value::Object(fields) => {
            let mut fields = fields.iter();
            match (fields.next(), fields.next()) {
                (Some((name, content)), None) => {
                    Ok(Variant { name, content: Some(Json::new(content, json.kept)) })
                }
                _ => Err(de::Error::invalid_value(Unexpected::Map, &"map with a single key")),
            }
        }
        other => Err(de::Error::invalid_type(unexpected(other), &"string or map")),
    }
}

/// A variant of an enum, with what it holds.
struct Variant<'de> {
    name: &'de str,
    content: Option<Json<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), DecodeError> {
        let name: StrDeserializer<'_, DecodeError> = self.name.into_deserializer();
        seed.deserialize(name).map(|variant| (variant, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self, expected: &dyn Expected) -> Result<Json<'de>, DecodeError> {
        self.content.ok_or_else(|| de::Error::invalid_type(Unexpected::UnitVariant, expected))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.content.map(|content| content.value) {
            None | Some(Value::Null) => Ok(()),
            Some(other) => {
                let error: DecodeError = de::Error::invalid_type(unexpected(other), &"unit");
                Err(error.in_name(self.name))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        let content = self.content(&"newtype variant")?;
        seed.deserialize(content).map_err(|error| error.in_name(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        let content = self.content(&"tuple variant")?;
        let read = match content.value {
            Value::Array(items) if items.is_empty() => visitor.visit_unit(),
            Value::Array(items) => visit_items(items, content.kept, visitor),
            other => Err(de::Error::invalid_type(unexpected(other), &"tuple variant")),
        };
        read.map_err(|error| error.in_name(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let content = self.content(&"struct variant")?;
        let read = match content.value {
            Value::Object(fields) => visit_fields(fields, content.kept, visitor),
            other => Err(de::Error::invalid_type(unexpected(other), &"struct variant")),
        };
        read.map_err(|error| error.in_name(self.name))
    }
}

#[cfg(test)]
mod tests;
