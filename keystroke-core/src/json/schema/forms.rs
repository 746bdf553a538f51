//! A schema as the list of its forms: each one plain, of one type, without references and without `oneOf`, `anyOf` and
//! `allOf`. A value fits the schema if it fits one of them. What a form holds inside, its properties and items, is still
//! as schemars wrote it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::writer::{Flaw, Writer};

/// The most forms of one schema. Two flattened enums of eight variants each have 64.
const MOST: usize = 64;

/// What only describes a value.
pub(super) const ANNOTATIONS: [&str; 8] =
    ["title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"];

/// One form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Form {
    pub(super) keywords: Map<String, Value>,
    /// The definitions that it stands in: one that holds itself ends here.
    pub(super) within: BTreeSet<String>,
}

/// The forms of a schema, and what is said of all of them.
pub(super) struct Forms {
    pub(super) annotations: Map<String, Value>,
    pub(super) forms: Vec<Form>,
}

impl Form {
    pub(super) fn ty(&self) -> Option<&str> {
        self.keywords.get("type").and_then(Value::as_str)
    }

    /// The names of what an object must have.
    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        strings(self.keywords.get("required"))
    }
}

pub(super) fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

impl Writer<'_> {
    /// The forms of a schema that stands within these definitions.
    pub(super) fn forms(&mut self, schema: &Value, within: &BTreeSet<String>) -> Forms {
        let none = || Forms { annotations: Map::new(), forms: Vec::new() };
        if !self.spend() {
            return none();
        }
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => return none(),
            _ => return Forms { forms: vec![Form::within(within)], ..none() },
        };
        let (mut annotations, mut own) = (Map::new(), Map::new());
        let (mut together, mut lists) = (Vec::new(), Vec::<Vec<Form>>::new());
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "$schema" | "$defs" | "definitions" | "$id" | "$anchor" => {}
                "$ref" => together.push(self.referred(value, within)),
                "allOf" => {
                    let parts = value.as_array().into_iter().flatten();
                    together.extend(parts.map(|part| self.forms(part, within)));
                }
                "oneOf" | "anyOf" => {
                    let branches = value.as_array().into_iter().flatten();
                    let branches = branches.map(|branch| self.forms(branch, within));
                    lists.push(branches.flat_map(Forms::with_annotations).collect());
                }
                keyword if ANNOTATIONS.contains(&keyword) => {
                    annotations.insert(keyword.to_owned(), value.clone());
                }
                keyword => {
                    own.insert(keyword.to_owned(), value.clone());
                }
            }
        }
        let mut forms: Vec<Form> =
            by_type(own).into_iter().map(|keywords| Form { keywords, within: within.clone() }).collect();
        for part in together {
            // The outer words are about this place, the inner ones about the type.
            for (keyword, value) in part.annotations {
                annotations.entry(keyword).or_insert(value);
            }
            lists.push(part.forms);
        }
        for list in lists {
            forms = self.product(&forms, &list);
        }
        Forms { annotations, forms: without_copies(forms) }
    }

    /// What a reference refers to; nothing more of a definition that stands in itself.
    fn referred(&mut self, target: &Value, within: &BTreeSet<String>) -> Forms {
        let name = target.as_str().and_then(definition_named);
        let definitions = self.definitions;
        let definition = name.as_ref().and_then(|name| definitions?.get(name));
        let (Some(name), Some(definition)) = (name, definition) else {
            self.flaw(Flaw::Keyword("$ref"));
            return self.forms(&Value::Bool(true), within);
        };
        if within.contains(&name) {
            let mut form = Form::within(within);
            if let Some(ty) = definition.get("type").filter(|ty| ty.is_string()) {
                form.keywords.insert("type".to_owned(), ty.clone());
            }
            let text = format!("Another `{name}`, as described around this.");
            return Forms {
                annotations: Map::from_iter([("description".to_owned(), text.into())]),
                forms: vec![form],
            };
        }
        let mut inside = within.clone();
        inside.insert(name);
        self.forms(definition, &inside)
    }

    /// What fits one of these, and one of those.
    fn product(&mut self, these: &[Form], those: &[Form]) -> Vec<Form> {
        if these.len().saturating_mul(those.len()) > MOST {
            self.flaw(Flaw::TooLarge);
            return Vec::new();
        }
        these
            .iter()
            .flat_map(|a| those.iter().map(move |b| (a, b)))
            .filter_map(|(a, b)| self.both(a, b))
            .collect()
    }

    /// What fits both forms; `None` if nothing can.
    fn both(&mut self, a: &Form, b: &Form) -> Option<Form> {
        let mut both = a.clone();
        both.within.extend(b.within.iter().cloned());
        for (keyword, theirs) in &b.keywords {
            let Some(ours) = both.keywords.get_mut(keyword) else {
                both.keywords.insert(keyword.clone(), theirs.clone());
                continue;
            };
            match keyword.as_str() {
                _ if ours == theirs => {}
                "type" => match (ours.as_str(), theirs.as_str()) {
                    (Some("number"), Some("integer")) => *ours = theirs.clone(),
                    (Some("integer"), Some("number")) => {}
                    _ => return None,
                },
                "enum" => {
                    let common: Vec<Value> = common(ours, theirs).cloned().collect();
                    if common.is_empty() {
                        return None;
                    }
                    *ours = common.into();
                }
                "properties" | "patternProperties" => {
                    let (Some(ours), Some(theirs)) = (ours.as_object_mut(), theirs.as_object()) else {
                        continue;
                    };
                    for (name, theirs) in theirs {
                        let joined = match ours.get(name) {
                            Some(ours) if ours != theirs => all_of(ours, theirs),
                            _ => theirs.clone(),
                        };
                        ours.insert(name.clone(), joined);
                    }
                }
                "required" => {
                    if let (Some(ours), Some(theirs)) = (ours.as_array_mut(), theirs.as_array()) {
                        let new: Vec<Value> =
                            theirs.iter().filter(|name| !ours.contains(name)).cloned().collect();
                        ours.extend(new);
                    }
                }
                "items" | "additionalProperties" | "unevaluatedProperties" => match (&*ours, theirs) {
                    (Value::Bool(false), _) | (_, Value::Bool(true)) => {}
                    (_, Value::Bool(false)) | (Value::Bool(true), _) => *ours = theirs.clone(),
                    (mine, theirs) => *ours = all_of(mine, theirs),
                },
                "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                    if theirs.as_f64() > ours.as_f64() {
                        *ours = theirs.clone();
                    }
                }
                "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                    if theirs.as_f64() < ours.as_f64() {
                        *ours = theirs.clone();
                    }
                }
                keyword if ANNOTATIONS.contains(&keyword) => {}
                _ => self.flaw(Flaw::Keyword("allOf")),
            }
        }
        // Two tags that differ: nothing is of both variants.
        let properties = both.keywords.get("properties").and_then(Value::as_object);
        let impossible = |name: &str| {
            let parts = properties.and_then(|properties| properties.get(name)?.get("allOf")?.as_array());
            let values: Vec<Value> =
                parts.into_iter().flatten().filter_map(values).map(Value::from).collect();
            matches!(values.as_slice(), [a, b] if common(a, b).next().is_none())
        };
        let is_impossible = both.required().any(impossible);
        (!is_impossible).then_some(both)
    }
}

impl Form {
    fn within(within: &BTreeSet<String>) -> Self {
        Self { keywords: Map::new(), within: within.clone() }
    }
}

impl Forms {
    /// Each form with what is said of all; what it says of itself stays.
    fn with_annotations(self) -> Vec<Form> {
        let Self { annotations, mut forms } = self;
        for Form { keywords, .. } in &mut forms {
            for (keyword, value) in &annotations {
                keywords.entry(keyword.clone()).or_insert_with(|| value.clone());
            }
        }
        forms
    }
}

/// The definition that a reference names: a JSON pointer in the fragment of a URI.
pub(crate) fn definition_named(target: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = target.strip_prefix("#/$defs/")?.as_bytes();
    while let [byte, after @ ..] = rest {
        let escaped =
            after.get(..2).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..)?;
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    Some(String::from_utf8(bytes).ok()?.replace("~1", "/").replace("~0", "~"))
}

fn all_of(a: &Value, b: &Value) -> Value {
    Value::Object(Map::from_iter([("allOf".to_owned(), Value::from(vec![a.clone(), b.clone()]))]))
}

fn common<'a>(a: &'a Value, b: &'a Value) -> impl Iterator<Item = &'a Value> {
    let b = b.as_array();
    a.as_array().into_iter().flatten().filter(move |value| b.is_some_and(|b| b.contains(value)))
}

/// The values that a schema lists.
fn values(schema: &Value) -> Option<Vec<Value>> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => Some(vec![value.clone()]),
        (None, values) => values?.as_array().cloned(),
    }
}

fn without_copies(forms: Vec<Form>) -> Vec<Form> {
    let mut once: Vec<Form> = Vec::new();
    for form in forms {
        if !once.contains(&form) {
            once.push(form);
        }
    }
    once
}

/// The keywords of one schema, once for each type that it admits, and each time without those of other types.
fn by_type(mut keywords: Map<String, Value>) -> Vec<Map<String, Value>> {
    if let Some(value) = keywords.remove("const") {
        keywords.insert("enum".to_owned(), Value::from(vec![value]));
    }
    let types: Vec<String> = match (keywords.remove("type"), keywords.get("enum")) {
        (Some(Value::String(ty)), _) => vec![ty],
        (Some(Value::Array(types)), _) => strings(Some(&Value::Array(types))).map(str::to_owned).collect(),
        (_, Some(Value::Array(values))) => {
            let mut types: Vec<&str> = values.iter().map(type_of).collect();
            types.dedup();
            types.into_iter().map(str::to_owned).collect()
        }
        // What is said of one type alone is meant for that one.
        _ => match keywords.keys().find_map(|keyword| type_of_keyword(keyword)) {
            Some(ty) => vec![ty.to_owned()],
            None => return vec![keywords],
        },
    };
    types.into_iter().flat_map(|ty| of_type(&keywords, &ty)).collect()
}

fn of_type(keywords: &Map<String, Value>, ty: &str) -> Vec<Map<String, Value>> {
    let mut own: Map<String, Value> = keywords
        .iter()
        .filter(|(keyword, _)| {
            type_of_keyword(keyword).is_none_or(|of| of == ty || (of == "number" && ty == "integer"))
        })
        .map(|(keyword, value)| (keyword.clone(), value.clone()))
        .collect();
    own.insert("type".to_owned(), ty.into());
    if let Some(values) = own.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| type_of(value) == ty || (ty == "number" && value.is_number()));
        if values.is_empty() {
            return Vec::new();
        }
    }
    // `NonZeroI32`: each side of the one number that it is not.
    let not = own.get("not").and_then(values).filter(|_| ty == "integer");
    if let Some([number]) = not.as_deref()
        && let Some(number) = number.as_i64()
    {
        own.remove("not");
        let (mut below, mut above) = (own.clone(), own);
        below.insert("maximum".to_owned(), number.saturating_sub(1).into());
        above.insert("minimum".to_owned(), number.saturating_add(1).into());
        return vec![below, above];
    }
    vec![own]
}

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The one type that a keyword says something of.
fn type_of_keyword(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "properties"
        | "required"
        | "additionalProperties"
        | "patternProperties"
        | "propertyNames"
        | "minProperties"
        | "maxProperties"
        | "unevaluatedProperties"
        | "dependentRequired"
        | "dependentSchemas" => "object",
        "items" | "prefixItems" | "minItems" | "maxItems" | "uniqueItems" | "contains" | "minContains"
        | "maxContains" | "unevaluatedItems" => "array",
        "minLength" | "maxLength" | "pattern" | "contentEncoding" | "contentMediaType" | "contentSchema" => {
            "string"
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => "number",
        _ => return None,
    })
}
