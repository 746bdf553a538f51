//! Writes a schema in the part of JSON Schema that every client and model API takes, and keeps a list of what has no place
//! in it. Each rule here is one that somebody refuses a list of tools for; `tests/schemas/rules.rs` names who.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::enums;
use super::forms::{ANNOTATIONS, Form, Forms, strings, type_of};
use super::writer::{Flaw, Writer, note};

/// The whole numbers that a client in JavaScript reads as they are.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// The formats that OpenAI knows, the shortest list of those that are published.
const FORMATS: [&str; 9] =
    ["date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uuid"];

/// What narrows a schema in a way that not everybody takes, and that no type asks for by itself.
const REFUSED: [&str; 6] =
    ["not", "if", "dependentSchemas", "dependentRequired", "propertyNames", "contains"];

impl Writer<'_> {
    /// The schema as it is written anywhere but at the root of an input.
    pub(super) fn write(&mut self, schema: &Value, within: &BTreeSet<String>) -> Map<String, Value> {
        let Forms { annotations, forms } = self.forms(schema, within);
        self.any_of(annotations, forms)
    }

    fn any_of(&mut self, mut annotations: Map<String, Value>, forms: Vec<Form>) -> Map<String, Value> {
        let mut forms = enums::fused(&mut annotations, forms);
        if let [only] = forms.as_mut_slice() {
            only.keywords.append(&mut annotations);
        }
        let mut branches: Vec<Value> = Vec::new();
        for form in forms {
            let branch = Value::Object(self.plain(form));
            if !branches.contains(&branch) {
                branches.push(branch);
            }
        }
        let mut written = match (branches.len(), branches.pop()) {
            (1, Some(Value::Object(only))) => only,
            (0, _) | (_, None) => {
                // What is too large was not looked at.
                if !self.is_too_large() {
                    self.flaw(Flaw::Nothing);
                }
                Map::new()
            }
            (_, Some(last)) => {
                branches.push(last);
                Map::from_iter([("anyOf".to_owned(), Value::from(branches))])
            }
        };
        written.append(&mut annotations);
        written.remove("$comment");
        // A default that does not fit is one of another form, such as that of a `serialize_with`.
        if written.get("default").is_some_and(|default| !admits(&written, default)) {
            written.remove("default");
        }
        written
    }

    /// One form.
    pub(super) fn plain(&mut self, form: Form) -> Map<String, Value> {
        let Form { mut keywords, within } = form;
        for keyword in REFUSED {
            if keywords.remove(keyword).is_some() {
                self.flaw(Flaw::Keyword(keyword));
            }
        }
        // They say nothing without those.
        for keyword in ["then", "else", "minContains", "maxContains"] {
            keywords.remove(keyword);
        }
        let is_of = |ty| keywords.get("type").and_then(Value::as_str) == Some(ty);
        let (is_text, is_integer) = (is_of("string"), is_of("integer"));
        let format = keywords.get("format").and_then(Value::as_str).filter(|_| is_text);
        if !format.is_some_and(|format| FORMATS.contains(&format)) {
            // schemars writes the widths of Rust's numbers as formats, those of 32 bits without their bounds.
            let width = keywords.remove("format");
            let of_width = width.as_ref().and_then(Value::as_str).and_then(bounds);
            if let Some((least, most)) = of_width.filter(|_| is_integer) {
                keywords.entry("minimum").or_insert_with(|| least.into());
                keywords.entry("maximum").or_insert_with(|| most.into());
            }
        }
        match keywords.get("type").and_then(Value::as_str) {
            Some("object") => self.object(&mut keywords, &within),
            Some("array") => self.array(&mut keywords, &within),
            Some("string") => {}
            Some("integer" | "number") => number(&mut keywords),
            Some("boolean") => enums::told(&mut keywords),
            Some("null") => {
                keywords.remove("enum");
            }
            Some(_) => self.flaw(Flaw::Keyword("type")),
            None => keywords.extend(any()),
        }
        keywords
    }

    fn object(&mut self, keywords: &mut Map<String, Value>, within: &BTreeSet<String>) {
        let mut properties = Map::new();
        if let Some(Value::Object(schemas)) = keywords.remove("properties") {
            for (name, schema) in schemas {
                let written = self.at(&name, |writer| {
                    if writer.names && !is_name(&name) {
                        writer.flaw(Flaw::Name { rename: renamed(&name) });
                    }
                    writer.write(&schema, within)
                });
                properties.insert(name, written.into());
            }
        }
        // Gemini refuses a name that is required and not described.
        for name in strings(keywords.get("required")) {
            properties.entry(name).or_insert_with(|| any().into());
        }
        keywords.insert("properties".to_owned(), properties.into());
        let others = self.others(keywords, within);
        if let Some(others) = others {
            keywords.insert("additionalProperties".to_owned(), others);
        }
    }

    /// What the properties are that have no schema of their own; `None` if anything.
    fn others(&mut self, keywords: &mut Map<String, Value>, within: &BTreeSet<String>) -> Option<Value> {
        // What is flattened stands in the one object here, so all that is evaluated is among its properties.
        let evaluated = keywords.remove("unevaluatedProperties");
        let additional = keywords.remove("additionalProperties").or(evaluated);
        let mut schemas = Vec::new();
        if let Some(Value::Object(patterns)) = keywords.remove("patternProperties")
            && !patterns.is_empty()
        {
            let names: Vec<&str> = patterns.keys().map(String::as_str).collect();
            note(keywords, &format!("Names are like `{}`.", names.join("` or `")));
            schemas.extend(patterns.into_iter().map(|(_, schema)| schema));
        }
        match additional {
            None | Some(Value::Bool(true)) => return None,
            Some(Value::Bool(false)) => {}
            Some(schema) => schemas.push(schema),
        }
        let any_of = match schemas.len() {
            0 => return Some(Value::Bool(false)),
            1 => schemas.pop()?,
            _ => Value::Object(Map::from_iter([("anyOf".to_owned(), schemas.into())])),
        };
        if is_anything(&any_of) {
            return None;
        }
        Some(self.at("*", |writer| writer.write(&any_of, within)).into())
    }

    fn array(&mut self, keywords: &mut Map<String, Value>, within: &BTreeSet<String>) {
        // Sets are read from lists with copies, too.
        keywords.remove("uniqueItems");
        let rest = keywords.remove("items").or(keywords.remove("unevaluatedItems"));
        let Some(Value::Array(first)) = keywords.remove("prefixItems") else {
            let items = rest.unwrap_or(Value::Bool(true));
            let items = if keywords.get("maxItems").and_then(Value::as_u64) == Some(0)
                || items == Value::Bool(false)
            {
                keywords.insert("maxItems".to_owned(), 0.into());
                any()
            } else {
                self.at("[]", |writer| writer.write(&items, within))
            };
            keywords.insert("items".to_owned(), items.into());
            return;
        };
        let length = first.len() as u64;
        if rest == Some(Value::Bool(false)) {
            keywords.entry("maxItems").or_insert(length.into());
        }
        let ends = keywords.get("maxItems").and_then(Value::as_u64).is_some_and(|most| most <= length);
        let first: Vec<Value> =
            first.iter().map(|item| self.at("[]", |writer| writer.write(item, within)).into()).collect();
        // Whoever does not read `prefixItems` takes `items` for all of them.
        let mut all = Vec::new();
        for item in &first {
            if !all.contains(item) {
                all.push(item.clone());
            }
        }
        if !ends {
            let rest = rest.unwrap_or(Value::Bool(true));
            let rest: Value = self.at("[]", |writer| writer.write(&rest, within)).into();
            all = vec![rest];
        }
        let items: Value = match all.len() {
            1 => all.pop().unwrap_or_default(),
            _ => Map::from_iter([("anyOf".to_owned(), Value::from(all))]).into(),
        };
        if first.iter().any(|item| *item != items) {
            keywords.insert("prefixItems".to_owned(), first.into());
        }
        keywords.insert("items".to_owned(), items);
    }
}

/// The schema of anything, by the types that there are: some want to be told, and send text where nothing is said.
pub(super) fn any() -> Map<String, Value> {
    let of = |ty: &str| Map::from_iter([("type".to_owned(), Value::from(ty))]);
    let (mut object, mut array) = (of("object"), of("array"));
    object.insert("properties".to_owned(), Map::new().into());
    array.insert("items".to_owned(), Map::new().into());
    let branches = [of("string"), of("number"), of("boolean"), object, array, of("null")];
    Map::from_iter([("anyOf".to_owned(), branches.into_iter().map(Value::Object).collect())])
}

fn is_anything(schema: &Value) -> bool {
    match schema {
        Value::Object(keywords) => keywords.keys().all(|keyword| ANNOTATIONS.contains(&keyword.as_str())),
        schema => *schema == Value::Bool(true),
    }
}

/// The names that Anthropic and Bedrock take.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// A name like this one that they take.
fn renamed(name: &str) -> String {
    let is_taken = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let words: Vec<&str> = name.split(|c| !is_taken(c)).filter(|word| !word.is_empty()).collect();
    let renamed: String = words.join("_").chars().take(64).collect();
    if renamed.is_empty() { "field".to_owned() } else { renamed }
}

fn number(keywords: &mut Map<String, Value>) {
    let is_integer = keywords.get("type").and_then(Value::as_str) == Some("integer");
    for (exclusive, inclusive, step, words) in
        [("exclusiveMinimum", "minimum", 1, "more"), ("exclusiveMaximum", "maximum", -1, "less")]
    {
        let Some(bound) = keywords.remove(exclusive) else { continue };
        match bound.as_i64().filter(|_| is_integer) {
            Some(bound) => keywords.insert(inclusive.to_owned(), bound.saturating_add(step).into()),
            None => {
                note(keywords, &format!("It is {words} than {bound}."));
                keywords.insert(inclusive.to_owned(), bound)
            }
        };
    }
    for bound in ["minimum", "maximum"] {
        if keywords.get(bound).and_then(Value::as_f64).is_some_and(|bound| bound.abs() > EXACT) {
            keywords.remove(bound);
        }
    }
    enums::told(keywords);
}

/// The least and the most that a number of this width can be. Wider ones have bounds that not everybody reads as they are.
const fn bounds(width: &str) -> Option<(i64, i64)> {
    match width.as_bytes() {
        b"int32" => Some((i32::MIN as i64, i32::MAX as i64)),
        b"uint32" => Some((0, u32::MAX as i64)),
        _ => None,
    }
}

/// Whether a value is of a type that a written schema admits.
fn admits(schema: &Map<String, Value>, value: &Value) -> bool {
    if let Some(Value::Array(branches)) = schema.get("anyOf") {
        return branches.iter().filter_map(Value::as_object).any(|branch| admits(branch, value));
    }
    let fits_type = match schema.get("type").and_then(Value::as_str) {
        Some("number") => value.is_number(),
        Some(ty) => ty == type_of(value),
        None => true,
    };
    let listed = schema.get("enum").and_then(Value::as_array);
    fits_type && listed.is_none_or(|listed| listed.contains(value))
}
