//! What clients and model APIs take of JSON Schema, as a check. Each rule has somebody who refuses the whole list of tools
//! for it, by published documentation or by the text of their error.

use serde_json::Value;

/// OpenAI, <https://platform.openai.com/docs/guides/structured-outputs>, the shortest published list of formats.
const FORMATS: [&str; 9] =
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

/// Keywords that somebody refuses wherever they stand.
const REFUSED: [(&str, &str); 20] = [
    // Claude's managed agents: "rejects reference keywords such as $ref anywhere"; Gemini: "If a schema node has $ref set,
    // then only description and default can be set alongside it".
    ("$ref", "Anthropic, Gemini"),
    ("$defs", "Gemini CLI: reference to undefined schema"),
    ("definitions", "as $defs"),
    // OpenAI: "In context=('properties', 'data'), 'allOf' is not permitted", and so for the others.
    ("allOf", "OpenAI"),
    ("oneOf", "OpenAI strict, Gemini"),
    ("not", "OpenAI"),
    ("if", "OpenAI"),
    ("then", "OpenAI"),
    ("else", "OpenAI"),
    ("dependentRequired", "OpenAI"),
    ("dependentSchemas", "OpenAI"),
    ("patternProperties", "OpenAI"),
    ("propertyNames", "OpenAI"),
    ("unevaluatedProperties", "OpenAI"),
    ("unevaluatedItems", "OpenAI"),
    ("contains", "OpenAI"),
    ("uniqueItems", "OpenAI"),
    // Gemini: `Unknown name "const"`.
    ("const", "Gemini"),
    ("exclusiveMinimum", "Gemini"),
    ("exclusiveMaximum", "Gemini"),
];

pub(crate) fn check_input(schema: &Value) {
    let found = found(schema, true);
    assert!(found.is_empty(), "{found:#?} in {schema:#}");
}

pub(crate) fn check_inside(schema: &Value) {
    let found = found(schema, false);
    assert!(found.is_empty(), "{found:#?} in {schema:#}");
}

/// Every rule that is broken, and where.
pub(crate) fn found(schema: &Value, is_input: bool) -> Vec<String> {
    let mut found = Vec::new();
    if is_input {
        root(schema, &mut found);
    }
    inside(schema, "", is_input, &mut found);
    found
}

fn root(schema: &Value, found: &mut Vec<String>) {
    // MCP, `Tool.inputSchema`; Bedrock: "The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the
    // following: object"; Anthropic: "input_schema.type: Field required".
    if schema.get("type") != Some(&Value::from("object")) {
        found.push("root: no object".to_owned());
    }
    // OpenAI: "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level";
    // Anthropic: "input_schema does not support oneOf, allOf, or anyOf at the top level".
    for keyword in ["oneOf", "anyOf", "allOf", "enum", "not", "$ref"] {
        if schema.get(keyword).is_some() {
            found.push(format!("root: `{keyword}`"));
        }
    }
}

fn inside(schema: &Value, at: &str, is_input: bool, found: &mut Vec<String>) {
    // MCP's TypeScript SDK, `AssertObjectSchema`: a property is an object; it fails the list for `true`.
    let Some(keywords) = schema.as_object() else {
        found.push(format!("{at}: a boolean schema"));
        return;
    };
    for (keyword, who) in REFUSED {
        if keywords.contains_key(keyword) {
            found.push(format!("{at}: `{keyword}`, refused by {who}"));
        }
    }
    let ty = match keywords.get("type") {
        // Gemini: `Unknown name "type" … Proto field is not repeating, cannot start list`.
        Some(Value::Array(_)) => {
            found.push(format!("{at}: a list of types in `type`"));
            ""
        }
        ty => ty.and_then(Value::as_str).unwrap_or_default(),
    };
    // Gemini: "schema didn't specify the schema type field". `{}` stands only for the items of anything.
    if ty.is_empty() && !keywords.contains_key("anyOf") && !keywords.is_empty() {
        found.push(format!("{at}: neither `type` nor `anyOf`"));
    }
    // OpenAI: "array schema missing items"; VS Code: "tool parameters array type must have items".
    if ty == "array" && !keywords.get("items").is_some_and(Value::is_object) {
        found.push(format!("{at}: an array without `items`"));
    }
    // OpenAI: "object schema missing properties".
    if ty == "object" && !keywords.get("properties").is_some_and(Value::is_object) {
        found.push(format!("{at}: an object without `properties`"));
    }
    // Gemini: "enum: only allowed for STRING type".
    if let Some(values) = keywords.get("enum").and_then(Value::as_array)
        && (ty != "string" || values.is_empty() || !values.iter().all(Value::is_string))
    {
        found.push(format!("{at}: an `enum` that is not of text"));
    }
    // OpenAI: "'uri' is not a valid format".
    if let Some(format) = keywords.get("format")
        && !format.as_str().is_some_and(|format| FORMATS.contains(&format))
    {
        found.push(format!("{at}: the format {format}"));
    }
    // A client in JavaScript reads another number.
    for bound in ["minimum", "maximum"] {
        if keywords
            .get(bound)
            .and_then(Value::as_f64)
            .is_some_and(|bound| bound.abs() > 9_007_199_254_740_991.0)
        {
            found.push(format!("{at}: `{bound}` beyond 2^53"));
        }
    }
    let properties = keywords.get("properties").and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        // Anthropic, Bedrock: "Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'".
        let is_fine = (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        if is_input && !is_fine {
            found.push(format!("{at}: the name `{name}`"));
        }
        inside(schema, &format!("{at}.{name}"), is_input, found);
    }
    // Gemini: "required[0]: property is not defined".
    for name in keywords.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !properties
            .is_some_and(|properties| name.as_str().is_some_and(|name| properties.contains_key(name)))
        {
            found.push(format!("{at}: {name} is required and no property"));
        }
    }
    if let Some(others) = keywords.get("additionalProperties").filter(|others| !others.is_boolean()) {
        inside(others, &format!("{at}.*"), is_input, found);
    }
    if let Some(items) = keywords.get("items") {
        inside(items, &format!("{at}[]"), is_input, found);
    }
    for list in ["prefixItems", "anyOf"] {
        for schema in keywords.get(list).and_then(Value::as_array).into_iter().flatten() {
            inside(schema, at, is_input, found);
        }
    }
}
