//! The schemas of tools, and what they are for: every client and model API takes them (`schemas/rules.rs` holds the rules
//! that those publish or tell by their errors), and they accept what the tool accepts.

mod rules;
mod types;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::marker::PhantomData;
use std::num::{NonZeroI8, NonZeroU8, NonZeroU32};

use keystroke::declare::{Codec, Invocation, Requirement};
use keystroke::error::ToolsetError;
use keystroke::scope::{NoUser, Unpinned};
use keystroke::{Action, Failure, MemoryStore, Runtime, ToolError, Toolset};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use types::*;

/// An action of an input and an output of these types, which gives nothing.
struct Typed<I, O>(PhantomData<fn() -> (I, O)>);

impl<I, O> Action for Typed<I, O>
where
    I: DeserializeOwned + JsonSchema + Send + 'static,
    O: Serialize + DeserializeOwned + JsonSchema + Send + 'static,
{
    type Input = I;
    type Output = O;
    type Error = Failure;
    type Pin = Unpinned;
    type CredentialPins = Unpinned;
    type Need = NoUser;
    const SLUG: &'static str = "typed";
    const DESCRIPTION: &'static str = "Takes one, gives the other.";
    const REQUIREMENTS: &'static [Requirement] = &[];
    const CODEC: Codec<I, O, Failure> = Codec::new();

    async fn execute(&self, _input: I, _lent: &Invocation) -> Result<O, Failure> {
        Err(Failure::new("read"))
    }
}

type Tools = Result<Toolset<NoUser>, Vec<ToolsetError>>;

fn toolset<I, O>() -> Tools
where
    I: DeserializeOwned + JsonSchema + Send + 'static,
    O: Serialize + DeserializeOwned + JsonSchema + Send + 'static,
{
    Toolset::builder().add(Typed::<I, O>(PhantomData)).build().map_err(|errors| errors.errors().to_vec())
}

fn taking<I: DeserializeOwned + JsonSchema + Send + 'static>() -> Tools {
    toolset::<I, ()>()
}

/// The schema of an input that has to be in order.
fn input<I: DeserializeOwned + JsonSchema + Send + 'static>() -> Value {
    let tools = taking::<I>().unwrap_or_else(|errors| panic!("{}: {errors:?}", std::any::type_name::<I>()));
    tools.descriptors().next().unwrap().input_schema
}

fn output<O: Serialize + DeserializeOwned + JsonSchema + Send + 'static>() -> Value {
    let tools = toolset::<Empty, O>().unwrap_or_else(|errors| panic!("{errors:?}"));
    tools.descriptors().next().unwrap().output_schema.unwrap()
}

fn finding<I: DeserializeOwned + JsonSchema + Send + 'static>() -> String {
    let errors = taking::<I>().err().unwrap_or_else(|| panic!("{} is a tool", std::any::type_name::<I>()));
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].to_string()
}

/// What the tool says to each input that it refuses.
fn reader<I: DeserializeOwned + JsonSchema + Send + 'static>() -> impl Fn(&Value) -> Result<(), String> {
    let tools = taking::<I>().unwrap_or_else(|errors| panic!("{errors:?}"));
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    move |json| match runtime.block_on(tools.call("typed", json.clone(), &run)) {
        Err(ToolError::Failed { .. }) => Ok(()),
        Err(error) => Err(error.for_model()),
        Ok(output) => panic!("{output:?}"),
    }
}

/// Everything that a property may hold, and a few objects of known shapes.
fn samples() -> Vec<Value> {
    let leaves = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(3),
        json!(300),
        json!(5_000_000_000_i64),
        json!(-5_000_000_000_i64),
        json!(2.5),
        json!(3.0),
        json!("a"),
        json!("A"),
        json!("Unit"),
        json!("circle"),
        json!([]),
        json!([1, "a"]),
        json!([1, 2]),
        json!({}),
        json!({ "x": 1 }),
        json!({ "Struct": { "a": 1 } }),
        json!({ "type": "Circle", "radius": 1 }),
        json!({ "next": null }),
        json!({ "next": { "next": null } }),
        json!({ "next": { "next": { "next": "a" } } }),
        json!({ "type": "Circle", "content": 1 }),
        json!({ "a": 1, "b": 2 }),
        json!({ "x": 1, "New": 1 }),
        json!({ "New": { "New": { "New": { "New": "a" } } } }),
        json!({ "1": 2 }),
    ];
    let names = ["x", "a", "type", "radius", "Struct", "New", "next", "1"];
    let mut all = vec![json!({}), json!({ "a": 1, "b": 1 })];
    for leaf in &leaves {
        for name in names {
            all.push(json!({ name: leaf }));
            for (other, value) in [("b", json!(1)), ("a", json!(1)), ("x", json!(1)), ("radius", json!(1.5))]
            {
                if other != name {
                    all.push(json!({ name: leaf, other: value }));
                }
            }
            for tag in ["Circle", "Square"] {
                if name != "type" {
                    all.push(json!({ "type": tag, name: leaf }));
                }
            }
        }
        for tag in ["Circle", "Square", "Nothing"] {
            all.push(json!({ "type": tag, "content": leaf }));
        }
    }
    all
}

/// What schema and tool say of the samples.
#[derive(Default)]
struct Compared {
    /// Taken by both.
    taken: usize,
    /// Taken by the schema, and refused by the tool: these are its words.
    refused: Vec<String>,
    /// Refused by the schema, and taken by the tool.
    missed: Vec<Value>,
}

/// Every rule is kept, and some samples are taken.
fn compared<I: DeserializeOwned + JsonSchema + Send + 'static>() -> Compared {
    let schema = input::<I>();
    rules::check_input(&schema);
    let validator = jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{error}: {schema}"));
    let mut compared = Compared::default();
    let read = reader::<I>();
    for json in samples() {
        match (validator.is_valid(&json), read(&json)) {
            (true, Ok(())) => compared.taken += 1,
            (true, Err(told)) => compared.refused.push(format!("{json}: {told}")),
            (false, Ok(())) => compared.missed.push(json),
            (false, Err(_)) => {}
        }
    }
    assert!(compared.taken > 0, "{} takes some: {schema:#}", std::any::type_name::<I>());
    compared
}

/// Schema and tool take the same.
fn same<I: DeserializeOwned + JsonSchema + Send + 'static>() {
    let Compared { refused, missed, .. } = compared::<I>();
    let (ty, schema) = (std::any::type_name::<I>(), input::<I>());
    assert!(refused.is_empty(), "{ty}: {:#?} of {schema:#}", &refused[..refused.len().min(5)]);
    assert!(missed.is_empty(), "{ty}: {:#?} of {schema:#}", &missed[..missed.len().min(5)]);
}

/// The schema takes more, and then the tool's words have one of these.
fn wider<I: DeserializeOwned + JsonSchema + Send + 'static>(words: &[&str]) {
    let Compared { refused, missed, .. } = compared::<I>();
    let ty = std::any::type_name::<I>();
    assert!(!refused.is_empty(), "{ty} is the same");
    for told in refused {
        assert!(words.iter().any(|word| told.contains(word)), "{ty}: {told}");
    }
    // What a variant ignores is typed by another one.
    let is_enum = input::<I>()["description"].as_str().is_some_and(|text| text.contains("Give the fields"));
    assert!(is_enum || missed.is_empty(), "{ty}: {missed:#?}");
}

#[test]
fn a_schema_takes_what_the_tool_takes_and_nothing_else() {
    same::<Empty>();
    same::<One<u8>>();
    same::<One<i8>>();
    same::<One<u32>>();
    same::<One<i32>>();
    same::<BTreeMap<String, u32>>();
    same::<One<f64>>();
    same::<One<bool>>();
    same::<One<String>>();
    same::<One<Value>>();
    same::<One<Vec<Value>>>();
    same::<One<Option<u8>>>();
    same::<One<Option<String>>>();
    same::<One<Option<Vec<u8>>>>();
    same::<One<NonZeroI8>>();
    same::<One<NonZeroU8>>();
    same::<One<(u8, String)>>();
    same::<One<(u8, u8)>>();
    same::<One<(Value, u8)>>();
    same::<One<[u8; 2]>>();
    same::<One<HashSet<u8>>>();
    same::<One<BTreeMap<String, u8>>>();
    same::<One<BTreeMap<String, Value>>>();
    same::<One<Plain>>();
    same::<One<Option<Plain>>>();
    same::<One<External>>();
    same::<One<Option<External>>>();
    same::<One<Internal>>();
    same::<One<Adjacent>>();
    same::<One<Untagged>>();
    same::<One<Documented>>();
    same::<One<FlatEnum>>();
    same::<One<()>>();
    same::<Two>();
    same::<Box<Two>>();
    same::<Wrapped>();
    same::<Closed>();
    same::<FlatMap>();
    same::<FlatStruct>();
    same::<BTreeMap<String, u8>>();
    same::<HashMap<String, Value>>();
    same::<serde_json::Map<String, Value>>();
    same::<Structs>();
    same::<Option<Two>>();
    same::<Defaults>();
}

#[test]
fn a_flattened_option_that_does_not_fit_is_none_to_serde_and_a_mistake_to_the_schema() {
    let Compared { refused, missed, .. } = compared::<FlatOption>();
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(missed.contains(&json!({ "x": "a" })), "{missed:#?}");
}

#[test]
fn where_a_schema_takes_more_the_tool_says_what_is_wrong() {
    // The variants of an enum are one object, and words say which fields belong together.
    wider::<Internal>(&["Give the fields of one of these:\n- `type`: \"Circle\", `radius`"]);
    wider::<Adjacent>(&["Give the fields of one of these:\n- `type`: "]);
    wider::<Untagged>(&["Give the fields of one of these:\n- `a`, `b`\n- `x`"]);
    wider::<FlatEnum>(&["Give the fields of one of these:"]);
    wider::<TwoFlatEnums>(&["Give the fields of one of these:"]);
    // A type that holds itself is described so many levels deep.
    wider::<Node>(&["invalid type", "missing field"]);
    wider::<One<Expression>>(&[
        "unknown variant",
        "invalid type",
        "invalid value",
        "untagged",
        "map with a single key",
    ]);
    // Keys are text to a schema.
    wider::<One<BTreeMap<i32, u8>>>(&["expected key to be a number in quotes"]);
    wider::<BTreeMap<u32, u8>>(&["expected key to be a number in quotes"]);
    wider::<One<Level>>(&["expected one of: 1, 2, 4", "invalid value"]);
}

#[test]
fn what_no_schema_can_say_is_a_finding_that_names_type_and_field() {
    let told = finding::<Dollar>();
    assert!(told.contains("the field `$filter` of the input `") && told.contains("types::Dollar`"), "{told}");
    assert!(told.ends_with("call it `filter`, with `#[serde(rename = \"filter\")]`"), "{told}");
    assert!(finding::<Brackets>().contains("`filter[status]`"), "{}", finding::<Brackets>());
    assert!(finding::<Brackets>().contains("call it `filter_status`"), "{}", finding::<Brackets>());
    assert!(finding::<Umlaut>().contains("`größe`"), "{}", finding::<Umlaut>());
    assert!(finding::<NoName>().contains("the field `` of"), "{}", finding::<NoName>());
    assert!(finding::<LongName>().contains("1 to 64 characters"), "{}", finding::<LongName>());
    assert!(finding::<One<Dollar>>().contains("the field `x.$filter` of"), "{}", finding::<One<Dollar>>());
    assert!(finding::<One<Vec<Dollar>>>().contains("`x[].$filter`"), "{}", finding::<One<Vec<Dollar>>>());
    for told in [
        finding::<External>(),
        finding::<String>(),
        finding::<Value>(),
        finding::<(u8, String)>(),
        finding::<Vec<u8>>(),
        finding::<Plain>(),
        finding::<()>(),
    ] {
        assert!(told.contains("must be a struct: tools take a JSON object"), "{told}");
    }
    let told = finding::<Conditional>();
    assert!(told.contains("Conditional` of the action `typed` uses `if`"), "{told}");
    let told = finding::<One<Never>>();
    assert!(
        told.starts_with("no value fits the schema of `") && told.contains(".x` of the action"),
        "{told}"
    );
    assert!(finding::<Huge>().contains("is too large"), "{}", finding::<Huge>());
}

#[test]
fn an_enum_is_one_object_with_the_fields_of_all_variants() {
    assert_eq!(
        input::<Internal>(),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Internal",
            "type": "object",
            "properties": {
                "type": { "type": "string", "enum": ["Circle", "Square", "Nothing"] },
                "radius": { "type": "number", "description": "Its half." },
                "x": { "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 255 }, { "type": "null" }] },
            },
            "required": ["type"],
            "description": "A shape.\nGive the fields of one of these:\n- `type`: \"Circle\", `radius` (Round)\n\
                - `type`: \"Square\"; optional: `x`\n- `type`: \"Nothing\"",
        })
    );
    let structs = input::<Structs>();
    assert_eq!((&structs["minProperties"], &structs["maxProperties"]), (&json!(1), &json!(1)), "{structs:#}");
    assert_eq!(structs["additionalProperties"], false);
}

#[test]
fn what_stands_in_a_property_is_the_same_in_other_words() {
    let of = |schema: Value| schema["properties"]["x"].clone();
    let any = json!({ "anyOf": [
        { "type": "string" }, { "type": "number" }, { "type": "boolean" }, { "type": "object", "properties": {} },
        { "type": "array", "items": {} }, { "type": "null" },
    ] });
    assert_eq!(of(input::<One<Value>>()), any);
    assert_eq!(of(input::<One<Vec<Value>>>()), json!({ "type": "array", "items": any }));
    assert_eq!(of(input::<One<BTreeMap<String, Value>>>()), json!({ "type": "object", "properties": {} }));
    let byte = json!({ "type": "integer", "minimum": 0, "maximum": 255 });
    assert_eq!(of(input::<One<Option<u8>>>()), json!({ "anyOf": [byte, { "type": "null" }] }));
    assert_eq!(
        of(input::<One<(u8, String)>>()),
        json!({
            "type": "array", "minItems": 2, "maxItems": 2,
            "prefixItems": [byte, { "type": "string" }],
            "items": { "anyOf": [byte, { "type": "string" }] },
        })
    );
    assert_eq!(
        of(input::<One<(u8, u8)>>()),
        json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": byte })
    );
    assert_eq!(
        of(input::<One<Documented>>()),
        json!({ "type": "string", "enum": ["A", "B"], "description": "Which.\n`A`: The first.\n`B`: The second." })
    );
    assert_eq!(of(input::<One<Plain>>()), json!({ "type": "string", "enum": ["A", "B"] }));
    assert_eq!(
        of(input::<One<Option<Plain>>>()),
        json!({ "anyOf": [{ "type": "string", "enum": ["A", "B"] }, { "type": "null" }] })
    );
    assert_eq!(
        of(input::<One<Level>>()),
        json!({ "type": "integer", "minimum": 1, "maximum": 4, "description": "One of 1, 2, 4." })
    );
    assert_eq!(of(input::<One<Empty>>()), json!({ "type": "object", "properties": {} }));
    assert_eq!(of(input::<One<()>>()), json!({ "type": "null" }));
    assert_eq!(
        of(input::<One<Formats>>())["properties"]["at"],
        json!({ "type": "string", "format": "date-time" })
    );
    assert_eq!(of(input::<One<Formats>>())["properties"]["link"], json!({ "type": "string" }));
    assert_eq!(of(input::<One<u64>>()), json!({ "type": "integer", "minimum": 0 }));
    let word = json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX });
    assert_eq!(of(input::<One<u32>>()), word);
    assert_eq!(of(input::<One<Option<u32>>>()), json!({ "anyOf": [word, { "type": "null" }] }));
    assert_eq!(
        of(input::<One<i32>>()),
        json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX })
    );
    assert_eq!(of(input::<One<NonZeroU32>>())["minimum"], 1, "what a type says itself stays");
    assert_eq!(of(input::<One<f32>>()), json!({ "type": "number" }));
    let bounds = input::<Bounds>();
    assert_eq!(bounds["properties"]["above"], json!({ "type": "integer", "minimum": 1 }));
    assert_eq!(bounds["properties"]["large"], json!({ "type": "integer" }));
    assert_eq!(
        bounds["properties"]["open"],
        json!({ "type": "number", "minimum": 0, "description": "It is more than 0." })
    );
}

#[test]
fn a_default_that_does_not_fit_its_field_is_left_out() {
    let defaults = input::<Defaults>();
    assert_eq!(defaults["properties"]["x"]["default"], 3, "{defaults:#}");
    assert!(defaults["properties"]["a"].get("default").is_none(), "{defaults:#}");
}

#[test]
fn an_output_may_be_anything_and_keeps_the_rules_inside() {
    for schema in [
        output::<One<Value>>(),
        output::<Vec<Internal>>(),
        output::<Internal>(),
        output::<External>(),
        output::<Option<Two>>(),
        output::<Node>(),
        output::<Value>(),
        output::<(u8, String)>(),
        output::<Dollar>(),
        output::<BTreeMap<String, u8>>(),
    ] {
        rules::check_inside(&schema);
    }
    assert_eq!(output::<Two>()["type"], "object");
    assert_eq!(output::<BTreeMap<String, u8>>()["properties"], json!({}));
    // What is written, and not what is read: it is always there.
    assert_eq!(output::<Written>()["required"], json!(["always"]), "{:#}", output::<Written>());
    let errors = toolset::<Empty, One<Never>>().unwrap_err();
    assert!(errors[0].to_string().starts_with("no value fits"), "{errors:?}");
}

#[test]
fn the_rules_find_what_schemars_writes() {
    fn raw<T: JsonSchema>() -> Value {
        schemars::schema_for!(T).into()
    }
    for (schema, rule) in [
        (raw::<Internal>(), "root"),
        (raw::<One<Value>>(), "boolean"),
        (raw::<One<(u8, String)>>(), "items"),
        (raw::<Empty>(), "properties"),
        (raw::<One<Two>>(), "$ref"),
        (raw::<Dollar>(), "name"),
        (raw::<One<Option<u8>>>(), "type"),
        (raw::<One<Formats>>(), "$ref"),
        (raw::<Formats>(), "format"),
        (raw::<One<NonZeroI8>>(), "`not`"),
        (raw::<BTreeMap<u32, u8>>(), "properties"),
    ] {
        let found = rules::found(&schema, true);
        assert!(found.iter().any(|found| found.contains(rule)), "{rule}: {found:?} in {schema:#}");
    }
}
