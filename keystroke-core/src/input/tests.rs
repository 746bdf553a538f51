use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
struct Plain {
    number: i64,
    small: Option<u8>,
    #[serde(default)]
    texts: Vec<String>,
    inner: Option<Box<Inner>>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    items: Vec<Item>,
    pair: (bool, f64),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Item {
    count: u32,
}

#[derive(Debug, PartialEq, Deserialize)]
enum Plainly {
    Unit,
    New(u8),
    Tuple(u8, String),
    Struct { a: u8 },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type")]
enum Tagged {
    One { a: u8 },
    Two,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Text(String),
    Many(Vec<u8>),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Deserialize)]
struct New(Option<u16>);

#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
enum Key {
    A,
    B,
}

/// Reads all of these as `T`, as `serde_json` and as we do; how many fitted.
fn same<T: DeserializeOwned + PartialEq + fmt::Debug>() -> usize {
    let mut fitted = 0;
    for json in all() {
        let (theirs, ours) = (serde_json::from_value::<T>(json.clone()), T::deserialize(Json(&json)));
        match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => {
                assert_eq!(theirs, ours, "{json}");
                fitted += 1;
            }
            (Err(theirs), Err(ours)) => {
                // Of a number in a key it says where in the key, too.
                let theirs = theirs.to_string();
                let theirs = theirs.split(" at line 1 ").next().unwrap_or_default();
                assert_eq!(theirs, ours.to_string(), "{} of {json}", std::any::type_name::<T>());
            }
            (theirs, ours) => panic!("{json}: {theirs:?}, {ours:?}"),
        }
    }
    fitted
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
fn it_reads_as_serde_json_does() {
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
    fitted.sort_unstable();
    assert!(fitted[0] > 0, "each fits something: {fitted:?}");
}

#[test]
fn what_does_not_fit_is_named_by_its_place() {
    let told = |json: Value| read::<Plain>(json).unwrap_err().to_string();
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
    let told = read::<Plainly>(json!({ "Struct": { "a": "x" } })).unwrap_err().to_string();
    assert!(told.starts_with("`Struct.a`: "), "{told}");
}
