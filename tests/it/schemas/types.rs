//! Rust types of every kind that serde and schemars have, as inputs and outputs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! types {
    ($($(#[$meta:meta])* $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Debug, Serialize, Deserialize, JsonSchema)]
        $(#[$meta])*
        pub(crate) $kind $name $body
    )*};
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct One<T> {
    pub(crate) x: T,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Wrapped(pub(crate) Two);

types! {
    struct Empty {}

    struct Two {
        /// A number.
        x: u8,
        a: Option<i8>,
    }

    #[serde(deny_unknown_fields)]
    struct Closed {
        x: u8,
        a: Option<bool>,
    }

    enum Plain {
        A,
        B,
    }

    /// Which.
    enum Documented {
        /// The first.
        A,
        /// The second.
        B,
    }

    enum External {
        Unit,
        New(u8),
        Tuple(u8, String),
        Struct { a: u8 },
    }

    enum Structs {
        New(u8),
        Struct { a: u8 },
    }

    /// A shape.
    #[serde(tag = "type")]
    enum Internal {
        /// Round.
        Circle {
            /// Its half.
            radius: f64,
        },
        Square { x: Option<u8> },
        Nothing,
    }

    #[serde(tag = "type", content = "content")]
    enum Adjacent {
        Circle(u8),
        Square { x: u8 },
        Nothing,
    }

    #[serde(untagged)]
    enum Untagged {
        Both { a: u8, b: u8 },
        One { x: String },
    }

    struct FlatMap {
        x: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    struct FlatStruct {
        x: u8,
        #[serde(flatten)]
        closed: Two2,
    }

    struct Two2 {
        a: u8,
        b: Option<u8>,
    }

    struct FlatOption {
        b: Option<u8>,
        #[serde(flatten)]
        two: Option<Two>,
    }

    struct FlatEnum {
        x: u8,
        #[serde(flatten)]
        kind: Structs,
    }

    struct TwoFlatEnums {
        #[serde(flatten)]
        kind: Structs,
        #[serde(flatten)]
        shape: Internal,
    }

    struct Node {
        next: Option<Box<Node>>,
    }

    enum Expression {
        Struct { a: u8 },
        New(Box<Expression>),
    }

    #[serde(default)]
    struct Defaults {
        x: u8,
        #[serde(serialize_with = "as_text")]
        a: i8,
    }

    struct Dollar {
        #[serde(rename = "$filter")]
        filter: Option<String>,
    }

    struct Brackets {
        #[serde(rename = "filter[status]")]
        filter: Option<String>,
    }

    struct Umlaut {
        größe: Option<u8>,
    }

    struct NoName {
        #[serde(rename = "")]
        x: Option<u8>,
    }

    struct LongName {
        #[serde(rename = "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaa")]
        x: Option<u8>,
    }

    #[schemars(extend("if" = { "required": ["x"] }, "then" = { "required": ["a"] }))]
    struct Conditional {
        x: Option<u8>,
        a: Option<u8>,
    }

    enum Never {}

    struct Formats {
        #[schemars(extend("format" = "date-time"))]
        at: String,
        #[schemars(extend("format" = "uri"))]
        link: String,
    }

    struct Bounds {
        #[schemars(extend("exclusiveMinimum" = 0))]
        above: i64,
        #[schemars(range(min = -9223372036854775808_i64, max = 9223372036854775807_i64))]
        large: i64,
        #[schemars(extend("exclusiveMinimum" = 0))]
        open: f64,
    }

    struct Written {
        #[serde(default)]
        always: u8,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        sometimes: Vec<u8>,
    }
}

impl Default for Defaults {
    fn default() -> Self {
        Self { x: 3, a: 4 }
    }
}

fn as_text<S: serde::Serializer>(number: &i8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&number.to_string())
}

/// As `serde_repr` has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub(crate) struct Level(u8);

impl TryFrom<u8> for Level {
    type Error = String;

    fn try_from(level: u8) -> Result<Self, String> {
        if matches!(level, 1 | 2 | 4) { Ok(Self(level)) } else { Err("expected one of: 1, 2, 4".to_owned()) }
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

impl JsonSchema for Level {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Level".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "enum": [1, 2, 4] })
    }
}

/// Each level holds two of the next: 2^16 schemas where they are written out.
macro_rules! doubled {
    ($($name:ident of $next:ty),*) => {$(
        #[derive(Debug, Serialize, Deserialize, JsonSchema)]
        pub(crate) struct $name {
            a: Option<$next>,
            b: Option<$next>,
        }
    )*};
}
doubled! {
    Huge of D2, D2 of D3, D3 of D4, D4 of D5, D5 of D6, D6 of D7, D7 of D8, D8 of D9, D9 of D10, D10 of D11, D11 of D12,
    D12 of D13, D13 of D14, D14 of D15, D15 of D16, D16 of u8
}
