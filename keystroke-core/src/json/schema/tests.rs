use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

use super::*;

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is asked for")]
struct Order {
    /// How many.
    count: u32,
    items: Vec<Item>,
    by_name: BTreeMap<String, Option<Item>>,
    kind: Kind,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is asked for")]
struct Item {
    kind: Option<Kind>,
    pair: (u8, String),
}

#[derive(JsonSchema)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "only its schema is asked for")]
enum Kind {
    One,
    Two { a: bool },
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is asked for")]
struct Node {
    next: Option<Box<Node>>,
}

#[test]
fn a_root_schema_is_that_of_schemars() {
    fn same<T: JsonSchema>() {
        let theirs = SchemaGenerator::default().into_root_schema_for::<T>();
        assert_eq!(root_schema(T::json_schema, &T::schema_name(), Side::Input), theirs);
    }
    same::<Order>();
    same::<Item>();
    same::<Kind>();
    same::<()>();
    same::<Vec<Order>>();
    same::<Option<Item>>();
    same::<Box<BTreeMap<String, Kind>>>();
    same::<Value>();
    let node = Value::from(root_schema(Node::json_schema, "Node", Side::Input));
    let next = |node: &Value| node["properties"]["next"]["anyOf"][0]["$ref"].clone();
    assert_eq!(next(&node), "#/$defs/Node");
    assert_eq!(next(&node["$defs"]["Node"]), "#/$defs/Node");
}
