//! Reads an action's input from JSON, and says of what does not fit where it stands: `items[1].count`.
//!
//! It reads as `serde_json` reads a [`Value`], word for word (a test compares them), but for two things: its error is told
//! each place on its way out, and a whole number may be written with a point, `30.0` or `3e1`, as JSON Schema has it. What
//! serde keeps aside before it knows its type (in flattened, untagged and internally tagged types) is told by the schema
//! whether it is to be whole: `whole`. A wrapper around `serde_json`'s own reader that keeps track would be compiled for each input a second
//! time (it was three tenths of the code that is compiled for an action), and would have to be asked again once something
//! did not fit.

mod whole;

use std::cell::Cell;
use std::fmt;

use schemars::Schema;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer as _,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Number, Value};

use crate::declare::failure::InvalidInput;
use crate::json::schema::forms_of_input;

/// The input that the JSON holds. The schema is made only where it is needed.
pub(crate) fn read<I: DeserializeOwned>(mut json: Value, schema: fn() -> Schema) -> Result<I, InvalidInput> {
    let kept = Cell::new(false);
    let mut input = I::deserialize(Json::new(&json, &kept));
    if kept.get() && whole::write(&mut json, schema) {
        input = I::deserialize(Json::new(&json, &kept));
    }
    match input {
        Ok(input) => Ok(input),
        Err(misfit) => Err(misfit.told(schema)),
    }
}

/// What does not fit, and where. Boxed, so that what fits is cheap to hand on.
#[derive(Debug)]
struct Misfit(Box<Told>);

#[derive(Debug)]
struct Told {
    problem: String,
    /// From the inside out.
    places: Vec<Place>,
}

#[derive(Debug)]
enum Place {
    Name(String),
    Index(usize),
}

impl Misfit {
    fn new(problem: String) -> Self {
        Self(Box::new(Told { problem, places: Vec::new() }))
    }

    #[cold]
    fn in_name(mut self, name: &str) -> Self {
        self.0.places.push(Place::Name(name.to_owned()));
        self
    }

    #[cold]
    fn at_index(mut self, index: usize) -> Self {
        self.0.places.push(Place::Index(index));
        self
    }

    #[cold]
    fn told(self, schema: fn() -> Schema) -> InvalidInput {
        let Told { problem, places } = *self.0;
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

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.problem)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
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

fn unexpected(json: &Value) -> Unexpected<'_> {
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

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Misfit> {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => visitor.visit_u64(number),
        (None, Some(number)) => visitor.visit_i64(number),
        (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
    }
}

/// A number where a whole one is read.
fn visit_integer<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Misfit> {
    match whole::of(number) {
        Some(number) => visit_number(&number, visitor),
        None => visit_number(number, visitor),
    }
}

/// Methods that read one kind of JSON, and refuse every other one.
macro_rules! deserialize_only {
    ($json:ident, $visitor:ident: $($fits:pat => $visited:expr, $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, Misfit> {
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
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
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

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(variant_of(self)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Array(items) => visit_items(items, self.kept, visitor),
            Value::Object(fields) => visit_fields(fields, self.kept, visitor),
            other => Err(de::Error::invalid_type(unexpected(other), &visitor)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visit_items(items, self.kept, visitor),
            other => Err(de::Error::invalid_type(unexpected(other), &visitor)),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
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
) -> Result<V::Value, Misfit> {
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
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let at = self.next;
        let Some(item) = self.items.get(at) else { return Ok(None) };
        self.next += 1;
        match seed.deserialize(Json::new(item, self.kept)) {
            Ok(item) => Ok(Some(item)),
            Err(misfit) => Err(misfit.at_index(at)),
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
) -> Result<V::Value, Misfit> {
    let mut rest = Fields { rest: fields.iter(), value: None, kept };
    match visitor.visit_map(&mut rest) {
        Ok(_) if rest.rest.len() > 0 => Err(too_many(fields.len(), &"fewer elements in map")),
        visited => visited,
    }
}

fn too_many(found: usize, expected: &dyn Expected) -> Misfit {
    de::Error::invalid_length(found, expected)
}

struct Fields<'de> {
    rest: serde_json::map::Iter<'de>,
    value: Option<(&'de str, &'de Value)>,
    kept: &'de Cell<bool>,
}

impl<'de> MapAccess<'de> for &mut Fields<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some((name, value));
        match seed.deserialize(Name(name)) {
            Ok(key) => Ok(Some(key)),
            Err(misfit) => Err(misfit.in_name(name)),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        let Some((name, value)) = self.value.take() else {
            return Err(de::Error::custom("value is missing"));
        };
        seed.deserialize(Json::new(value, self.kept)).map_err(|misfit| misfit.in_name(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The name of a field, or a map's key: which is text in JSON, and may be a number to its reader.
struct Name<'de>(&'de str);

impl Name<'_> {
    fn number(&self) -> Result<Number, Misfit> {
        // `Number` reads spaces too.
        let begins = self.0.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        let number = self.0.parse().ok().filter(|_| begins);
        number.ok_or_else(|| Misfit::new("invalid value: expected key to be a number in quotes".to_owned()))
    }
}

macro_rules! deserialize_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            visit_number(&self.number()?, visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_str(self.0)
    }

    deserialize_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            text => Err(de::Error::invalid_type(Unexpected::Str(text), &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(Variant { name: self.0, content: None })
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct ignored_any
    }
}

fn variant_of(json: Json<'_>) -> Result<Variant<'_>, Misfit> {
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
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Misfit> {
        let name: StrDeserializer<'_, Misfit> = self.name.into_deserializer();
        seed.deserialize(name).map(|variant| (variant, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self, expected: &dyn Expected) -> Result<Json<'de>, Misfit> {
        self.content.ok_or_else(|| de::Error::invalid_type(Unexpected::UnitVariant, expected))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.content.map(|content| content.value) {
            None | Some(Value::Null) => Ok(()),
            Some(other) => {
                let misfit: Misfit = de::Error::invalid_type(unexpected(other), &"unit");
                Err(misfit.in_name(self.name))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        let content = self.content(&"newtype variant")?;
        seed.deserialize(content).map_err(|misfit| misfit.in_name(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        let content = self.content(&"tuple variant")?;
        let read = match content.value {
            Value::Array(items) if items.is_empty() => visitor.visit_unit(),
            Value::Array(items) => visit_items(items, content.kept, visitor),
            other => Err(de::Error::invalid_type(unexpected(other), &"tuple variant")),
        };
        read.map_err(|misfit| misfit.in_name(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let content = self.content(&"struct variant")?;
        let read = match content.value {
            Value::Object(fields) => visit_fields(fields, content.kept, visitor),
            other => Err(de::Error::invalid_type(unexpected(other), &"struct variant")),
        };
        read.map_err(|misfit| misfit.in_name(self.name))
    }
}

#[cfg(test)]
mod tests;
