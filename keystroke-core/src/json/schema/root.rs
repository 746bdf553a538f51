//! The schema of a whole input or output. That of an input is one object: model APIs take no `anyOf` at the root, so the
//! variants of an enum are written as one object with the fields of all of them, and words say which belong together. The
//! words are in the error of an input that mixes them, too.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::forms::{Form, strings};
use super::writer::{Flaw, Portable, Writer, note};

const SCHEMA: &str = "$schema";

/// The schema of an input.
pub(crate) fn input(raw: &Value) -> Portable {
    let mut writer = Writer::new(raw, true);
    let objects = objects(&mut writer, raw);
    let mut schema = match merged(&objects) {
        Some(one) => one,
        None => Map::from_iter([
            ("type".to_owned(), "object".into()),
            ("properties".to_owned(), Map::new().into()),
        ]),
    };
    // What is said of the type itself comes first.
    let said = schema.remove("description");
    let said = said
        .as_ref()
        .and_then(Value::as_str)
        .filter(|said| raw.get("description").is_none_or(|own| own != said));
    for text in raw.get("description").and_then(Value::as_str).into_iter().chain(said) {
        note(&mut schema, text);
    }
    keep_names(raw, &mut schema);
    writer.done(schema)
}

/// The schema of an output, which may be anything.
pub(crate) fn output(raw: &Value) -> Portable {
    let mut writer = Writer::new(raw, false);
    let mut schema = writer.write(raw, &BTreeSet::new());
    keep_names(raw, &mut schema);
    writer.done(schema)
}

/// Which fields of an input belong together, if it has several forms.
pub(crate) fn forms_of_input(raw: &Value) -> Option<String> {
    let objects = objects(&mut Writer::new(raw, true), raw);
    (objects.len() > 1).then(|| words(&objects))
}

fn keep_names(raw: &Value, schema: &mut Map<String, Value>) {
    for keyword in [SCHEMA, "title"] {
        if let Some(value) = raw.get(keyword) {
            schema.insert(keyword.to_owned(), value.clone());
        }
    }
}

/// The forms of an input, written. `null` is what stands for no input, and nobody can send it.
fn objects(writer: &mut Writer<'_>, raw: &Value) -> Vec<Map<String, Value>> {
    let forms: Vec<Form> = writer
        .forms(raw, &BTreeSet::new())
        .forms
        .into_iter()
        .filter(|form| form.ty() != Some("null"))
        .collect();
    if forms.is_empty() || forms.iter().any(|form| form.ty() != Some("object")) {
        writer.flaw(Flaw::NotAnObject);
    }
    let mut objects = Vec::new();
    for form in forms.into_iter().filter(|form| form.ty() == Some("object")) {
        let object = writer.plain(form);
        if !objects.contains(&object) {
            objects.push(object);
        }
    }
    objects
}

/// One object for all of them.
fn merged(objects: &[Map<String, Value>]) -> Option<Map<String, Value>> {
    let (first, others) = objects.split_first()?;
    if others.is_empty() {
        return Some(first.clone());
    }
    let mut properties = Map::new();
    for name in objects.iter().flat_map(names) {
        if !properties.contains_key(name) {
            properties.insert(name.to_owned(), property(objects, name));
        }
    }
    let required: Vec<&str> = strings(first.get("required"))
        .filter(|name| others.iter().all(|object| requires(object, name)))
        .collect();
    let mut one = Map::from_iter([("type".to_owned(), Value::from("object"))]);
    if !required.is_empty() {
        one.insert("required".to_owned(), required.into());
    }
    let additional = |object: &Map<String, Value>| object.get("additionalProperties").cloned();
    if let Some(same) =
        additional(first).filter(|same| others.iter().all(|o| additional(o).as_ref() == Some(same)))
    {
        one.insert("additionalProperties".to_owned(), same);
    }
    if is_one_of_its_names(objects) {
        one.insert("minProperties".to_owned(), 1.into());
        one.insert("maxProperties".to_owned(), 1.into());
    }
    one.insert("properties".to_owned(), properties.into());
    one.insert("description".to_owned(), words(objects).into());
    Some(one)
}

/// What a property is in any of the objects.
fn property(objects: &[Map<String, Value>], name: &str) -> Value {
    let mut schemas: Vec<&Value> = Vec::new();
    for schema in objects.iter().filter_map(|object| object.get("properties")?.get(name)) {
        if !schemas.contains(&schema) {
            schemas.push(schema);
        }
    }
    if let [only] = schemas.as_slice() {
        return (*only).clone();
    }
    // A tag.
    let lists: Option<Vec<&Vec<Value>>> =
        schemas.iter().map(|schema| schema.get("enum")?.as_array()).collect();
    if let Some(lists) = lists {
        let mut values: Vec<Value> = Vec::new();
        for value in lists.into_iter().flatten() {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        return Map::from_iter([("type".to_owned(), "string".into()), ("enum".to_owned(), values.into())])
            .into();
    }
    let branches: Vec<Value> = schemas
        .into_iter()
        .flat_map(|schema| match schema.get("anyOf").and_then(Value::as_array) {
            Some(branches) if schema.get("description").is_none() => branches.clone(),
            _ => vec![schema.clone()],
        })
        .collect();
    let mut once: Vec<Value> = Vec::new();
    for branch in branches {
        if !once.contains(&branch) {
            once.push(branch);
        }
    }
    Map::from_iter([("anyOf".to_owned(), Value::from(once))]).into()
}

fn names(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    object.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str)
}

fn requires(object: &Map<String, Value>, name: &str) -> bool {
    strings(object.get("required")).any(|required| required == name)
}

/// Whether each object has one property, which is its name: an enum that is tagged from outside.
fn is_one_of_its_names(objects: &[Map<String, Value>]) -> bool {
    let mut seen = BTreeSet::new();
    objects.iter().all(|object| {
        let mut names = names(object);
        match (names.next(), names.next()) {
            (Some(name), None) => requires(object, name) && is_closed(object) && seen.insert(name),
            _ => false,
        }
    })
}

fn is_closed(object: &Map<String, Value>) -> bool {
    object.get("additionalProperties") == Some(&Value::Bool(false))
}

/// The fields whose value tells the objects apart.
fn tags(objects: &[Map<String, Value>]) -> Vec<&str> {
    let is_tag = |name: &str| {
        objects.iter().all(|object| requires(object, name) && tag(object, name).is_some())
            && objects
                .iter()
                .any(|object| tag(object, name) != objects.first().and_then(|first| tag(first, name)))
    };
    objects.first().into_iter().flat_map(names).filter(|name| is_tag(name)).collect()
}

/// The one text that a field has in this object.
fn tag<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o str> {
    match object.get("properties")?.get(name)?.get("enum")?.as_array()?.as_slice() {
        [only] => only.as_str(),
        _ => None,
    }
}

/// A line for each object: which fields it has.
fn words(objects: &[Map<String, Value>]) -> String {
    let tags = tags(objects);
    let mut lines = vec!["Give the fields of one of these:".to_owned()];
    for object in objects {
        let quoted = |name: &str| match tag(object, name).filter(|_| tags.contains(&name)) {
            Some(value) => format!("`{name}`: \"{value}\""),
            None => format!("`{name}`"),
        };
        let (mut must, mut may) = (Vec::new(), Vec::new());
        for name in tags.iter().copied().chain(names(object).filter(|name| !tags.contains(name))) {
            if requires(object, name) { must.push(quoted(name)) } else { may.push(quoted(name)) }
        }
        let mut line = format!("- {}", if must.is_empty() { "nothing".to_owned() } else { must.join(", ") });
        if !may.is_empty() {
            line.push_str(&format!("; optional: {}", may.join(", ")));
        }
        if let Some(description) = object.get("description").and_then(Value::as_str) {
            line.push_str(&format!(" ({})", description.trim_end_matches('.')));
        }
        lines.push(line);
    }
    lines.join("\n")
}
