//! Writes an action's output as JSON, and stops where it gets too large or too deep: before anything recurses over the
//! whole of it, and before there is more of it than may leave.
//!
//! It writes what `serde_json` writes as a [`Value`], word for word (a test compares them). A wrapper around that one would
//! be compiled for each output a second time.

use std::any::Any;
use std::fmt::{self, Write as _};

use serde::Serialize;
use serde::ser::{
    Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::{Map, Number, Value};

use super::content::{GivenContent, Misfit};
use crate::redact::Glance;

/// Lists and maps within each other: as many as a reader of JSON takes, and so as many as an input may have.
pub(crate) const DEEPEST: usize = 127;
/// Types within each other that leave no trace in JSON, such as `Option<Box<T>>`: they recurse all the same.
const DEEPEST_TYPES: usize = 4 * DEEPEST;
/// What a value takes that is no text, whatever its digits.
const SCALAR: usize = 8;

/// Why an output is not written.
#[derive(Debug)]
pub enum Unwritten {
    /// What the type itself says.
    Problem(String),
    /// What is wrong with its content.
    Misfit(Misfit),
    /// It is larger than may leave.
    TooLarge,
    /// It is nested deeper than JSON is read.
    TooDeep,
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Problem(problem) | Self::Misfit(Misfit { problem, .. }) => problem,
            Self::TooLarge => "too large",
            Self::TooDeep => "nested too deep",
        })
    }
}

impl std::error::Error for Unwritten {}

impl Error for Unwritten {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self::Problem(problem.to_string())
    }
}

type Written = Result<Value, Unwritten>;

/// An output in JSON, and what was seen of it while it was written.
#[derive(Debug)]
pub struct Encoded {
    pub(crate) json: Value,
    pub(crate) glance: Glance,
    pub(crate) content: Option<Box<GivenContent>>,
}

/// The output as JSON, of at most about so many bytes.
pub(crate) fn write<O: Serialize>(output: &O, most: usize) -> Result<Encoded, Unwritten> {
    let mut room = Room { bytes: most, depth: 0, types: 0, glance: Glance::default() };
    let json = output.serialize(Json(&mut room))?;
    room.glance.size = most - room.bytes;
    Ok(Encoded { json, glance: room.glance, content: None })
}

/// Drops an output that is too deep without recursing over it, where that can be done. The rest is never dropped: the
/// stack might not be enough, which would end the process.
#[cold]
pub(crate) fn put_down(action: &'static str, output: Box<dyn Any + Send>) {
    match output.downcast::<Value>() {
        Ok(value) => {
            let mut left = vec![*value];
            while let Some(value) = left.pop() {
                match value {
                    Value::Array(items) => left.extend(items),
                    Value::Object(fields) => left.extend(fields.into_iter().map(|(_, value)| value)),
                    _ => {}
                }
            }
        }
        Err(output) => {
            tracing::error!(
                action,
                "an output is nested so deep that it can't be dropped; its memory is lost"
            );
            std::mem::forget(output);
        }
    }
}

/// What there is still room for.
struct Room {
    bytes: usize,
    depth: usize,
    types: usize,
    glance: Glance,
}

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), Unwritten> {
        match self.bytes.checked_sub(bytes) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => Err(Unwritten::TooLarge),
        }
    }

    fn enter(&mut self) -> Result<(), Unwritten> {
        self.take(2)?;
        if self.depth == DEEPEST {
            return Err(Unwritten::TooDeep);
        }
        self.depth += 1;
        Ok(())
    }

    /// Takes a text, or a key, of so many bytes.
    fn take_text(&mut self, length: usize) -> Result<(), Unwritten> {
        self.glance.saw(length);
        self.take(length + 3)
    }

    fn text(&mut self, text: &str) -> Written {
        self.take_text(text.len())?;
        Ok(Value::String(text.to_owned()))
    }

    fn scalar(&mut self, value: Value) -> Written {
        self.take(SCALAR)?;
        Ok(value)
    }

    fn items(&mut self, variant: Option<&'static str>, length: usize) -> Result<Items<'_>, Unwritten> {
        self.variant(variant)?;
        self.enter()?;
        // What a type says of its length is no reason to make room for it.
        Ok(Items { variant, items: Vec::with_capacity(length.min(1024)), room: self })
    }

    fn fields(&mut self, variant: Option<&'static str>) -> Result<Fields<'_>, Unwritten> {
        self.variant(variant)?;
        self.enter()?;
        Ok(Fields { kind: Kind::Map, variant, fields: Map::new(), key: None, room: self })
    }

    fn variant(&mut self, variant: Option<&'static str>) -> Result<(), Unwritten> {
        match variant {
            Some(variant) => {
                self.enter()?;
                self.take_text(variant.len())
            }
            None => Ok(()),
        }
    }

    #[inline]
    fn leave(&mut self, variant: Option<&'static str>, value: Value) -> Value {
        self.depth -= 1;
        match variant {
            Some(variant) => {
                self.depth -= 1;
                Value::Object(Map::from_iter([(variant.to_owned(), value)]))
            }
            None => value,
        }
    }

    /// One type more around the same JSON.
    fn within<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        if self.types == DEEPEST_TYPES {
            return Err(Unwritten::TooDeep);
        }
        self.types += 1;
        let written = value.serialize(Json(self));
        self.types -= 1;
        written
    }
}

/// Writes one value.
struct Json<'r>(&'r mut Room);

/// A text of at most so many bytes; none are left once it got more.
struct Bounded {
    text: String,
    most: usize,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.text.len().saturating_add(text.len()) > self.most {
            self.most = 0;
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// A list being written.
struct Items<'r> {
    variant: Option<&'static str>,
    items: Vec<Value>,
    room: &'r mut Room,
}

/// A map being written.
struct Fields<'r> {
    kind: Kind,
    variant: Option<&'static str>,
    fields: Map<String, Value>,
    key: Option<String>,
    room: &'r mut Room,
}

/// What a map stands for.
#[derive(Clone, Copy)]
enum Kind {
    Map,
    /// `serde_json`'s own types, where features of it are on that keep them as text: a number, and any JSON.
    Number,
    Raw,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "$serde_json::private::Number" => Self::Number,
            "$serde_json::private::RawValue" => Self::Raw,
            _ => Self::Map,
        }
    }
}

impl<'r> Serializer for Json<'r> {
    type Ok = Value;
    type Error = Unwritten;
    type SerializeSeq = Items<'r>;
    type SerializeTuple = Items<'r>;
    type SerializeTupleStruct = Items<'r>;
    type SerializeTupleVariant = Items<'r>;
    type SerializeMap = Fields<'r>;
    type SerializeStruct = Fields<'r>;
    type SerializeStructVariant = Fields<'r>;

    fn serialize_bool(self, value: bool) -> Written {
        self.0.scalar(Value::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        self.0.scalar(Value::from(value))
    }

    fn serialize_i128(self, value: i128) -> Written {
        self.0.scalar(Value::Number(Number::from_i128(value).ok_or_else(out_of_range)?))
    }

    fn serialize_u8(self, value: u8) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        self.0.scalar(Value::from(value))
    }

    fn serialize_u128(self, value: u128) -> Written {
        self.0.scalar(Value::Number(Number::from_u128(value).ok_or_else(out_of_range)?))
    }

    fn serialize_f32(self, value: f32) -> Written {
        self.0.scalar(Value::from(value))
    }

    fn serialize_f64(self, value: f64) -> Written {
        self.0.scalar(Value::from(value))
    }

    fn serialize_char(self, value: char) -> Written {
        self.0.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        self.0.text(value)
    }

    /// What `Display` writes may have no end.
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Written {
        let mut text = Bounded { text: String::new(), most: self.0.bytes };
        match write!(text, "{value}") {
            Ok(()) => {
                self.0.take_text(text.text.len())?;
                Ok(Value::String(text.text))
            }
            Err(fmt::Error) if text.most == 0 => Err(Unwritten::TooLarge),
            Err(fmt::Error) => Err(Unwritten::custom("a text could not be written")),
        }
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.0.enter()?;
        self.0.take(value.len().saturating_mul(SCALAR))?;
        self.0.depth -= 1;
        self.0.glance.saw(value.len());
        Ok(Value::Array(value.iter().copied().map(Value::from).collect()))
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        self.0.within(value)
    }

    fn serialize_unit(self) -> Written {
        self.0.scalar(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.0.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        self.0.within(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let mut fields = self.0.fields(None)?;
        SerializeStruct::serialize_field(&mut fields, variant, value)?;
        SerializeStruct::end(fields)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'r>, Unwritten> {
        self.0.items(None, length.unwrap_or_default())
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'r>, Unwritten> {
        self.0.items(None, length)
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items<'r>, Unwritten> {
        self.0.items(None, length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'r>, Unwritten> {
        self.0.items(Some(variant), length)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'r>, Unwritten> {
        self.0.fields(None)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'r>, Unwritten> {
        let mut fields = self.0.fields(None)?;
        fields.kind = Kind::of(name);
        Ok(fields)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'r>, Unwritten> {
        self.0.fields(Some(variant))
    }
}

impl Items<'_> {
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritten> {
        self.items.push(value.serialize(Json(self.room))?);
        Ok(())
    }

    fn whole(self) -> Written {
        self.room.glance.saw(self.items.len());
        Ok(self.room.leave(self.variant, Value::Array(self.items)))
    }
}

impl Fields<'_> {
    fn add<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), Unwritten> {
        let value = value.serialize(Json(self.room))?;
        self.fields.insert(key, value);
        Ok(())
    }

    fn named(&mut self, name: &'static str) -> Result<String, Unwritten> {
        self.room.take_text(name.len())?;
        Ok(name.to_owned())
    }

    fn whole(self) -> Written {
        let value = match (self.kind, self.fields) {
            (Kind::Map, fields) => Value::Object(fields),
            (kind, fields) => kept_as_text(kind, fields, self.room)?,
        };
        Ok(self.room.leave(self.variant, value))
    }
}

/// A value that `serde_json` kept as its text.
#[cold]
fn kept_as_text(kind: Kind, fields: Map<String, Value>, room: &mut Room) -> Written {
    let mut values = fields.into_iter().map(|(_, value)| value);
    let Some(Value::String(text)) = values.next() else {
        return Err(Unwritten::custom("expected a text of JSON"));
    };
    let value: Value = serde_json::from_str(&text).map_err(Unwritten::custom)?;
    if let Kind::Number = kind
        && !value.is_number()
    {
        return Err(Unwritten::custom("expected a number"));
    }
    // It was read, so this recurses no further than JSON is read.
    if depth(&value) + room.depth > DEEPEST + 1 {
        return Err(Unwritten::TooDeep);
    }
    Ok(value)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

#[cold]
fn out_of_range() -> Unwritten {
    Unwritten::custom("number out of range")
}

/// A map's key, written as a value before.
fn key(value: Value) -> Result<String, Unwritten> {
    match value {
        Value::String(text) => Ok(text),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Unwritten::custom("key must be a string")),
    }
}

macro_rules! items {
    ($($trait:ident $method:ident)*) => {$(
        impl $trait for Items<'_> {
            type Ok = Value;
            type Error = Unwritten;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritten> {
                self.add(value)
            }

            fn end(self) -> Written {
                self.whole()
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl $trait for Fields<'_> {
            type Ok = Value;
            type Error = Unwritten;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unwritten> {
                let name = self.named(name)?;
                self.add(name, value)
            }

            fn end(self) -> Written {
                self.whole()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Fields<'_> {
    type Ok = Value;
    type Error = Unwritten;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritten> {
        let key = key(value.serialize(Json(self.room))?)?;
        // It may have been a number.
        self.room.glance.saw(key.len());
        self.key = Some(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritten> {
        let key = self.key.take().ok_or_else(|| Unwritten::custom("a value without a key"))?;
        self.add(key, value)
    }

    fn end(self) -> Written {
        self.whole()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Newtype(u8);

    #[derive(Serialize)]
    struct Pair(u8, f32);

    #[derive(Serialize)]
    struct Unit;

    #[derive(Serialize)]
    enum Any {
        Unit,
        Newtype(Newtype),
        Tuple(u8, Unit),
        Struct { a: Option<i64>, b: char },
    }

    #[derive(Serialize)]
    #[serde(tag = "type")]
    enum Tagged {
        One { a: u8 },
        Two(BTreeMap<String, u8>),
    }

    struct Bytes;

    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"ab")
        }
    }

    #[derive(Serialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        none: Option<u8>,
    }

    #[track_caller]
    fn same(output: impl Serialize) {
        let ours = write(&output, usize::MAX).map(|written| written.json).map_err(|error| error.to_string());
        assert_eq!(ours, serde_json::to_value(&output).map_err(|error| error.to_string()));
    }

    #[test]
    fn it_writes_what_serde_json_writes() {
        same((true, -1_i8, -2_i16, -3_i32, i64::MIN, 4_u8, 5_u16, 6_u32, u64::MAX));
        same((i128::from(i64::MIN), u128::from(u64::MAX), 0.1_f32, 0.1_f64, f64::NAN, f32::INFINITY));
        same(i128::MIN);
        same(u128::MAX);
        same(('é', "text", String::new(), (), Unit, Bytes, Some(1), None::<u8>, [1, 2]));
        same((Newtype(1), Pair(1, 2.5)));
        same([
            Any::Unit,
            Any::Newtype(Newtype(1)),
            Any::Tuple(1, Unit),
            Any::Struct { a: None, b: 'b' },
            Any::Struct { a: Some(1), b: 'b' },
        ]);
        let map = || BTreeMap::from([("a".to_owned(), 1_u8)]);
        same((Tagged::One { a: 1 }, Tagged::Two(map()), map()));
        same(Flat { a: 1, rest: BTreeMap::from([("b".to_owned(), json!({ "c": [1, null] }))]), none: None });
        same((BTreeMap::from([(1, 2)]), BTreeMap::from([(true, 2)]), BTreeMap::from([('c', 2)])));
        same(BTreeMap::from([(-1_i64, Newtype(1))]));
        same(BTreeMap::from([((), 1)]));
        same(BTreeMap::from([(vec![1], 1)]));
        same(json!({ "a": [1, 2.5, { "b": null }], "": {} }));
    }

    #[test]
    fn what_is_long_enough_for_a_secret_is_seen_while_it_is_written() {
        #[derive(Serialize)]
        enum Named {
            LongVariant,
            LongNewtype(u8),
            LongTuple(u8, u8),
            LongStruct { a: u8 },
            Short { a: u8 },
        }
        #[derive(Serialize)]
        struct LongField {
            long_name: u8,
        }
        struct Bytes(usize);
        impl Serialize for Bytes {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&vec![1; self.0])
            }
        }
        #[track_caller]
        fn long(output: impl Serialize, is_long: bool) {
            assert_eq!(write(&output, usize::MAX).unwrap().glance.is_long(), is_long);
        }
        long(json!([null, true, 1.5, u64::MAX, "1234567", { "1234567": [[1, 2, 3, 4, 5, 6, 7]] }]), false);
        long((Named::Short { a: 1 }, Bytes(7), BTreeMap::from([(1_234_567, 1)]), 'c'), false);
        long("12345678", true);
        long(json!([[{ "12345678": 1 }]]), true);
        long(json!({ "a": ["12345678"] }), true);
        long([1; 8], true);
        long(Bytes(8), true);
        long(Named::LongVariant, true);
        long(Named::LongNewtype(1), true);
        long(Named::LongTuple(1, 2), true);
        long(Named::LongStruct { a: 1 }, true);
        long(LongField { long_name: 1 }, true);
        long(BTreeMap::from([(12_345_678, 1)]), true);
        long(format_args!("{:08}", 1), true);
        assert_eq!(write(&json!({ "ab": "c".repeat(100) }), usize::MAX).unwrap().glance.size, 2 + 5 + 103);
    }

    fn nested(depth: usize) -> Value {
        (0..depth).fold(Value::Null, |inner, at| match at % 2 {
            0 => Value::Array(vec![inner]),
            _ => Value::Object(Map::from_iter([("a".to_owned(), inner)])),
        })
    }

    #[test]
    fn what_is_deeper_than_json_is_read_is_not_written() {
        let deepest = write(&nested(DEEPEST), usize::MAX).unwrap().json;
        let text = deepest.to_string();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), deepest);
        let deeper = nested(DEEPEST + 1);
        assert!(serde_json::from_str::<Value>(&deeper.to_string()).is_err(), "the limit is the reader's");
        assert!(matches!(write(&deeper, usize::MAX), Err(Unwritten::TooDeep)));
        let deepest = nested(20_000);
        assert!(matches!(write(&deepest, usize::MAX), Err(Unwritten::TooDeep)));
        put_down("a", Box::new(deepest));
    }

    #[test]
    fn types_within_each_other_are_bounded_as_well() {
        #[derive(Serialize)]
        struct Wrapped(Option<Box<Wrapped>>);
        let wrapped = |depth| (0..depth).fold(Wrapped(None), |inner, _| Wrapped(Some(Box::new(inner))));
        assert!(write(&wrapped(DEEPEST), usize::MAX).is_ok());
        let deep = wrapped(5_000);
        assert!(matches!(write(&deep, usize::MAX), Err(Unwritten::TooDeep)));
        put_down("a", Box::new(deep));
    }

    #[test]
    fn what_is_larger_than_may_leave_is_not_written() {
        for output in [
            json!("x".repeat(1000)),
            json!(vec![1; 120]),
            json!({ "x".repeat(1000): 1 }),
            json!(vec![(); 120]),
        ] {
            assert!(write(&output, 1100).is_ok(), "{output}");
            assert!(matches!(write(&output, 900), Err(Unwritten::TooLarge)), "{output}");
        }
        // Before there is any more of it.
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(std::iter::repeat(1))
            }
        }
        assert!(matches!(write(&Endless, 1 << 20), Err(Unwritten::TooLarge)));
        struct Told;
        impl fmt::Display for Told {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                std::iter::repeat(()).try_for_each(|()| f.write_str("more of it"))
            }
        }
        impl Serialize for Told {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        assert!(matches!(write(&Told, 1 << 20), Err(Unwritten::TooLarge)));
        struct Ip;
        impl Serialize for Ip {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&std::net::Ipv4Addr::LOCALHOST)
            }
        }
        assert_eq!(write(&Ip, 100).unwrap().json, "127.0.0.1");
    }
}
