use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Plain {
    number: i64,
    small: Option<u8>,
    #[serde(default)]
    texts: Vec<String>,
    inner: Option<Box<Inner>>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Inner {
    items: Vec<Item>,
    pair: (bool, f64),
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Item {
    count: u32,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
enum Plainly {
    Unit,
    New(u8),
    Tuple(u8, String),
    Struct { a: u8 },
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "type")]
enum Tagged {
    One { a: u8 },
    Two,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Text(String),
    Many(Vec<u8>),
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Unit;

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct New(Option<u16>);

#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, JsonSchema)]
enum Key {
    A,
    B,
}

/// Reads all of these as `T`, as `serde_json` and as we do; how many fitted, and of how many only we say that they fit.
/// Where serde_json reads it, so do we. Where it does not, we say what it says, or what it says of the same with whole
/// numbers for `1.0` and the like.
fn same<T: DeserializeOwned + JsonSchema + PartialEq + std::fmt::Debug>() -> (usize, usize) {
    let (mut fitted, mut whole) = (0, 0);
    for json in all() {
        let theirs = read_there::<T>(&json);
        let ours = read::<T>(json.clone(), schema::<T>).map_err(|error| error.to_string());
        // We say where it is, too.
        let ours = ours.map_err(|told| match told.split_once("`: ").filter(|_| told.starts_with('`')) {
            Some((_, problem)) => problem.to_owned(),
            None => told,
        });
        let ours = ours.map_err(|told| told.split(". Give the fields").next().unwrap_or_default().to_owned());
        if ours == theirs {
            fitted += usize::from(ours.is_ok());
            continue;
        }
        assert!(theirs.is_err(), "{json} as {}: {theirs:?}, {ours:?}", std::any::type_name::<T>());
        assert_eq!(ours, read_there::<T>(&without_points(&json)), "{json} as {}", std::any::type_name::<T>());
        whole += usize::from(ours.is_ok());
    }
    (fitted, whole)
}

fn schema<T: JsonSchema>() -> Schema {
    crate::json::codec::input_schema_of::<T>()
}

fn read_there<T: DeserializeOwned>(json: &Value) -> Result<T, String> {
    serde_json::from_value::<T>(json.clone()).map_err(|error| {
        // Of a number in a key it says where in the key, too.
        error.to_string().split(" at line 1 ").next().unwrap_or_default().to_owned()
    })
}

/// The value with an integer for each whole number that has a point.
fn without_points(json: &Value) -> Value {
    match json {
        Value::Number(number) => whole::of(number).map_or_else(|| json.clone(), Value::Number),
        Value::Array(items) => items.iter().map(without_points).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), without_points(value))).collect()
        }
        other => other.clone(),
    }
}

fn all() -> Vec<Value> {
    let leaves = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.0),
        json!(30.0),
        json!(-0.0),
        json!(-1.0),
        json!(300.0),
        json!(9_007_199_254_740_992.0),
        json!(1e30),
        json!(-2.5),
        json!(1e300),
        json!(""),
        json!("a"),
        json!("A"),
        json!("Unit"),
        json!("New"),
        json!("12"),
        json!("é\u{1F600}"),
        json!([]),
        json!({}),
    ];
    let mut all = leaves.to_vec();
    for leaf in &leaves {
        for name in
            ["New", "Unit", "Tuple", "Struct", "A", "a", "1", "-1", "1.5", "true", " 1", "number", "type"]
        {
            all.push(json!({ name: leaf }));
            all.push(json!({ name: leaf, "b": 1 }));
        }
        all.push(json!([leaf]));
        all.push(json!([1, leaf]));
        all.push(json!([leaf, "a", leaf]));
        all.push(json!({ "Tuple": [1, leaf] }));
        all.push(json!({ "Struct": { "a": leaf } }));
        all.push(json!({ "type": "One", "a": leaf }));
        all.push(json!({ "type": "Two", "b": leaf }));
        all.push(json!({ "number": 1, "small": leaf }));
        all.push(json!({ "number": 1, "texts": ["a", leaf] }));
        all.push(json!({ "number": 1, "inner": { "items": [{ "count": 1 }, { "count": leaf }], "pair": [true, 1.5] } }));
        all.push(json!({ "number": 1, "inner": { "items": [], "pair": [true, leaf] } }));
        all.push(json!({ "number": 1, "inner": { "items": [], "pair": [true, 1, leaf] } }));
        all.push(json!({ "number": 1, "inner": { "items": [], "pair": [true, 1], "typo": leaf } }));
    }
    all
}

#[test]
fn it_reads_as_serde_json_does_but_for_whole_numbers_with_a_point() {
    /// How many of the types have an integer that the list has with a point.
    const WITH_INTEGERS: usize = 12;
    let mut fitted = [
        same::<Plain>(),
        same::<Plainly>(),
        same::<Tagged>(),
        same::<Untagged>(),
        same::<Flat>(),
        same::<Unit>(),
        same::<New>(),
        same::<()>(),
        same::<bool>(),
        same::<u8>(),
        same::<i128>(),
        same::<f32>(),
        same::<f64>(),
        same::<char>(),
        same::<String>(),
        same::<Value>(),
        same::<Option<Vec<u8>>>(),
        same::<Vec<Option<i16>>>(),
        same::<(u8, String)>(),
        same::<[u8; 2]>(),
        same::<HashMap<String, Value>>(),
        same::<HashMap<i32, Value>>(),
        same::<HashMap<u64, Option<u8>>>(),
        same::<HashMap<bool, Value>>(),
        same::<BTreeMap<Key, Value>>(),
        same::<BTreeMap<Option<String>, Value>>(),
    ];
    assert_eq!(fitted.iter().filter(|(_, whole)| *whole > 0).count(), WITH_INTEGERS, "{fitted:?}");
    fitted.sort_unstable();
    assert!(fitted[0].0 > 0, "each fits something: {fitted:?}");
}

#[test]
fn what_does_not_fit_is_named_by_its_place() {
    let told = |json: Value| read::<Plain>(json, schema::<Plain>).unwrap_err().to_string();
    let inner = |items: Value, pair: Value| json!({ "number": 1, "inner": { "items": items, "pair": pair } });
    for (json, place) in [
        (json!(1), None),
        (json!({}), None),
        (json!({ "number": "1" }), Some("number")),
        (json!({ "number": 1, "small": 256 }), Some("small")),
        (json!({ "number": 1, "texts": ["a", 1] }), Some("texts[1]")),
        (inner(json!([{ "count": 1 }, { "count": -1 }]), json!([true, 1])), Some("inner.items[1].count")),
        (inner(json!([{ "count": 1 }, {}]), json!([true, 1])), Some("inner.items[1]")),
        (inner(json!([]), json!([true, "1"])), Some("inner.pair[1]")),
        (json!({ "number": 1, "inner": { "typo": 1 } }), Some("inner.typo")),
    ] {
        let told = told(json);
        match place {
            Some(place) => assert!(told.starts_with(&format!("`{place}`: ")), "{told}"),
            None => assert!(!told.starts_with('`'), "{told}"),
        }
    }
    let told = read::<Plainly>(json!({ "Struct": { "a": "x" } }), schema::<Plainly>).unwrap_err().to_string();
    assert!(told.starts_with("`Struct.a`: "), "{told}");
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Everywhere {
    plain: u8,
    option: Option<i64>,
    list: Vec<u32>,
    pair: (i16, f64),
    new: New,
    map: BTreeMap<String, u64>,
    tagged: Tagged,
    untagged: Untagged,
    external: Plainly,
    float: f64,
    any: Value,
    number: Number,
    #[serde(flatten)]
    flat: FlatInner,
    #[serde(flatten)]
    variant: Option<Adjacent>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct FlatInner {
    deep: Option<Box<FlatInner>>,
    count: i32,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    Whole(i64),
    Real(f64),
}

#[test]
fn a_whole_number_with_a_point_is_an_integer_wherever_one_is_asked_for() {
    let json = json!({
        "plain": 30.0, "option": -2.0, "list": [1.0, 2], "pair": [3.0, 4.0], "new": 5.0, "map": { "a": 6.0 },
        "tagged": { "type": "One", "a": 7.0 }, "untagged": [8.0], "external": { "Struct": { "a": 9.0 } },
        "float": 10.0, "any": { "x": [11.0] }, "number": 12.0, "deep": { "count": 13.0 }, "count": 14.0,
        "kind": "Whole", "value": 15.0, "more": 16.0,
    });
    let read = read::<Everywhere>(json, schema::<Everywhere>).unwrap();
    let deep = Some(Box::new(FlatInner { deep: None, count: 13 }));
    let expected = Everywhere {
        plain: 30,
        option: Some(-2),
        list: vec![1, 2],
        pair: (3, 4.0),
        new: New(Some(5)),
        map: BTreeMap::from([("a".to_owned(), 6)]),
        tagged: Tagged::One { a: 7 },
        untagged: Untagged::Many(vec![8]),
        external: Plainly::Struct { a: 9 },
        float: 10.0,
        // What is no integer stays what was sent.
        any: json!({ "x": [11.0] }),
        number: Number::from_f64(12.0).unwrap(),
        flat: FlatInner { deep, count: 14 },
        variant: Some(Adjacent::Whole(15)),
        rest: BTreeMap::from([("more".to_owned(), json!(16.0))]),
    };
    assert_eq!(read.any, expected.any);
    assert_eq!(read.rest["more"], expected.rest["more"]);
    assert_eq!(read, expected);
}

#[test]
fn a_number_that_is_not_whole_or_not_exact_or_out_of_range_stays_refused() {
    for (number, told) in [
        (json!(1.5), "`a`: invalid type: floating point `1.5`, expected u8"),
        (json!(-1.0), "`a`: invalid value: integer `-1`, expected u8"),
        (json!(256.0), "`a`: invalid value: integer `256`, expected u8"),
        (json!(1e30), "`a`: invalid type: floating point `1e+30`, expected u8"),
        (
            json!(9_007_199_254_740_992.0),
            "`a`: invalid type: floating point `9007199254740992.0`, expected u8",
        ),
    ] {
        let json = json!({ "Struct": { "a": number } });
        let error = read::<Plainly>(json, schema::<Plainly>).unwrap_err().to_string();
        assert!(error.starts_with(&told.replacen('a', "Struct.a", 1)), "{error}");
        let error = read::<Flat>(json!({ "a": number }), schema::<Flat>).unwrap_err().to_string();
        assert_eq!(error, told);
        // What serde keeps aside.
        let error = read::<Tagged>(json!({ "type": "One", "a": number }), schema::<Tagged>).unwrap_err();
        assert!(error.to_string().contains("expected u8"), "{error}");
    }
    let exact = 9_007_199_254_740_991.0;
    assert_eq!(read::<i64>(json!(exact), schema::<i64>), Ok(9_007_199_254_740_991));
    assert_eq!(read::<u128>(json!(3e1), schema::<u128>), Ok(30));
}

#[test]
fn a_variant_that_fits_as_it_is_comes_before_one_that_fits_without_the_point() {
    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum Either {
        Whole { n: i64 },
        Real { n: f64 },
        Text { n: String },
    }
    assert_eq!(read(json!({ "n": 3.0 }), schema::<Either>), Ok(Either::Real { n: 3.0 }));
    assert_eq!(read(json!({ "n": 3 }), schema::<Either>), Ok(Either::Whole { n: 3 }));
}

#[test]
fn an_enum_within_enums_without_end_is_looked_at_only_so_far() {
    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum Many {
        A { n: Box<Many>, a: u8 },
        B { n: Box<Many>, b: u8 },
        C { n: Box<Many>, c: u8 },
        End(u8),
    }
    let mut json = json!("no end");
    for _ in 0..20 {
        json = json!({ "n": json, "a": 1.0 });
    }
    assert!(read::<Many>(json, schema::<Many>).is_err());
}
