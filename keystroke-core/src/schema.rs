//! Schemas as strict readers take them: `format` only with words of JSON Schema 2020-12. schemars writes Rust's own,
//! such as `uint32`, and some clients refuse a tool for it.

use schemars::generate::SchemaGenerator;
use schemars::{Schema, consts::meta_schemas};
use serde_json::{Map, Value};

/// The schema of a type, with all that it refers to. As [`SchemaGenerator::into_root_schema_for`] gives it, which is generic
/// and would be compiled anew for each input and output of an action; but a type that holds itself refers to its
/// definition, and not to the root.
pub(crate) fn root_schema(of: fn(&mut SchemaGenerator) -> Schema, name: &str) -> Schema {
    let mut generator = SchemaGenerator::default();
    let mut schema = of(&mut generator);
    let keywords = schema.ensure_object();
    keywords.entry("title").or_insert_with(|| name.into());
    keywords.insert("$schema".to_owned(), meta_schemas::DRAFT2020_12.into());
    let definitions = generator.take_definitions(false);
    if !definitions.is_empty() {
        keywords.insert("$defs".to_owned(), definitions.into());
    }
    schema
}

/// The formats of JSON Schema 2020-12 (Validation, section 7.3).
const FORMATS: [&str; 19] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// The schema without other formats.
pub(crate) fn with_known_formats(mut schema: Value) -> Value {
    strip(&mut schema);
    schema
}

fn strip(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => strip_keywords(keywords),
        Value::Array(schemas) => schemas.iter_mut().for_each(strip),
        _ => {}
    }
}

fn strip_keywords(keywords: &mut Map<String, Value>) {
    let is_foreign = |format: &Value| format.as_str().is_some_and(|format| !FORMATS.contains(&format));
    if keywords.get("format").is_some_and(is_foreign) {
        keywords.remove("format");
    }
    for (keyword, value) in keywords {
        match keyword.as_str() {
            // Values, not schemas: what looks like a keyword in them is somebody's data.
            "const" | "default" | "enum" | "examples" => {}
            // Schemas by name, and the name may be that of a keyword.
            "$defs" | "definitions" | "dependentSchemas" | "patternProperties" | "properties" => {
                if let Value::Object(schemas) = value {
                    schemas.values_mut().for_each(strip);
                }
            }
            _ => strip(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use schemars::JsonSchema;
    use serde_json::json;

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
            assert_eq!(root_schema(T::json_schema, &T::schema_name()), theirs);
        }
        same::<Order>();
        same::<Item>();
        same::<Kind>();
        same::<()>();
        same::<Vec<Order>>();
        same::<Option<Item>>();
        same::<Box<BTreeMap<String, Kind>>>();
        same::<Value>();
        let node = Value::from(root_schema(Node::json_schema, "Node"));
        let next = |node: &Value| node["properties"]["next"]["anyOf"][0]["$ref"].clone();
        assert_eq!(next(&node), "#/$defs/Node");
        assert_eq!(next(&node["$defs"]["Node"]), "#/$defs/Node");
    }

    #[test]
    fn formats_of_the_vocabulary_stay_and_others_go_wherever_a_schema_is() {
        let schema = json!({
            "properties": {
                "format": { "type": "string", "format": "uri" },
                "default": { "type": "integer", "format": "uint32", "default": 3 },
                "all": { "items": { "anyOf": [{ "format": "int64" }, { "format": "date-time" }] } },
            },
            "$defs": { "enum": { "type": "number", "format": "double" } },
            "additionalProperties": { "format": "float" },
        });
        let expected = json!({
            "properties": {
                "format": { "type": "string", "format": "uri" },
                "default": { "type": "integer", "default": 3 },
                "all": { "items": { "anyOf": [{}, { "format": "date-time" }] } },
            },
            "$defs": { "enum": { "type": "number" } },
            "additionalProperties": {},
        });
        assert_eq!(with_known_formats(schema), expected);
    }

    #[test]
    fn data_in_a_schema_is_not_touched() {
        let schema = json!({
            "default": { "format": "uint32" },
            "const": { "format": "uint32" },
            "enum": [{ "format": "uint32" }],
            "examples": [{ "format": "uint32" }],
        });
        assert_eq!(with_known_formats(schema.clone()), schema);
    }
}
