//! Whole numbers that are written with a point, `30.0` or `3e1`: JSON Schema counts them as integers, and some clients send
//! nothing else. Where serde reads an integer they are read as one; what serde keeps aside is found by the schema here.
//!
//! A number stays as it was sent wherever it fits so: where the schema says `number` or nothing, and in the first variant
//! that fits without a change.

use serde_json::{Map, Number, Value};

use crate::json::schema::definition_named;

/// From here on neighbouring whole numbers are one float, so which of them was meant can't be known.
const INEXACT: f64 = 9_007_199_254_740_992.0;
/// So many schemas are looked at for each value of an input, and a thousand in any case. Enums within enums could take any
/// number.
const MOST: usize = 16;
/// How deep they may stand in each other.
const DEEPEST: usize = 400;

/// The whole number that a float is.
pub(super) fn of(number: &Number) -> Option<Number> {
    if !number.is_f64() {
        return None;
    }
    let float = number.as_f64()?;
    let is_whole = float.fract() == 0.0 && float.abs() < INEXACT;
    // Both types hold it as it is.
    is_whole.then(|| Number::from(float as i64))
}

/// Writes whole numbers without a point where the schema asks for integers; whether there were any.
#[cold]
pub(super) fn write(json: &mut Value, schema: fn() -> schemars::Schema) -> bool {
    let schema = Value::from(schema());
    let mut reader = Reader {
        definitions: schema.get("$defs").and_then(Value::as_object),
        left: count(json).saturating_mul(MOST).saturating_add(1_000),
        depth: 0,
    };
    let Read { changed, .. } = reader.read(&schema, json);
    match changed {
        Some(changed) => {
            *json = changed;
            true
        }
        None => false,
    }
}

/// How many values there are in a value.
fn count(json: &Value) -> usize {
    match json {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

struct Reader<'s> {
    definitions: Option<&'s Map<String, Value>>,
    left: usize,
    depth: usize,
}

/// A value as a schema reads it.
struct Read {
    fits: bool,
    /// The value, if it is another one now.
    changed: Option<Value>,
}

impl Read {
    const AS_IT_IS: Self = Self { fits: true, changed: None };
    const MISFIT: Self = Self { fits: false, changed: None };
}

impl<'s> Reader<'s> {
    fn read(&mut self, schema: &'s Value, json: &Value) -> Read {
        self.left = self.left.saturating_sub(1);
        let keywords = match schema {
            Value::Object(keywords) if self.left > 0 && self.depth < DEEPEST => keywords,
            Value::Bool(false) => return Read::MISFIT,
            _ => return Read::AS_IT_IS,
        };
        self.depth += 1;
        let mut read = self.plainly(keywords, json);
        // A reference and the parts of `allOf` hold beside the rest, so each goes on where the last one ended.
        let referred = keywords.get("$ref").and_then(|target| self.definition(target));
        let parts = keywords.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in referred.into_iter().chain(parts) {
            self.and(&mut read, json, |reader, json| reader.read(part, json));
        }
        for branches in ["anyOf", "oneOf"].into_iter().filter_map(|of| keywords.get(of)?.as_array()) {
            self.and(&mut read, json, |reader, json| reader.first(branches, json));
        }
        self.depth -= 1;
        read
    }

    fn and(&mut self, read: &mut Read, json: &Value, next: impl FnOnce(&mut Self, &Value) -> Read) {
        let Read { fits, changed } = next(self, read.changed.as_ref().unwrap_or(json));
        read.fits &= fits;
        if changed.is_some() {
            read.changed = changed;
        }
    }

    fn definition(&self, target: &Value) -> Option<&'s Value> {
        self.definitions?.get(&definition_named(target.as_str()?)?)
    }

    /// The first branch that fits the value as it is, else the first that fits.
    fn first(&mut self, branches: &'s [Value], json: &Value) -> Read {
        let mut best = Read::MISFIT;
        for branch in branches {
            let read = self.read(branch, json);
            // A flattened `Option` is a branch `{}` beside those of its type, which is to be read if it can be.
            let says_nothing = branch.as_object().is_some_and(Map::is_empty);
            if read.fits && read.changed.is_none() && !says_nothing {
                return read;
            }
            if read.fits && (!best.fits || best.changed.is_none()) {
                best = read;
            }
        }
        best
    }

    /// What a schema says beside its parts and branches.
    fn plainly(&mut self, keywords: &'s Map<String, Value>, json: &Value) -> Read {
        if let Some(expected) = keywords.get("const")
            && expected != json
        {
            return Read::MISFIT;
        }
        if let Some(Value::Array(values)) = keywords.get("enum")
            && !values.contains(json)
            && !matches!(json, Value::Number(number) if of(number).is_some_and(|n| values.contains(&n.into())))
        {
            return Read::MISFIT;
        }
        let of_type = match keywords.get("type") {
            Some(Value::String(ty)) => as_type(std::slice::from_ref(ty), json),
            Some(Value::Array(types)) => {
                let types: Vec<String> = types.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                as_type(&types, json)
            }
            _ => Read::AS_IT_IS,
        };
        match json {
            _ if !of_type.fits => Read::MISFIT,
            Value::Number(number) => Read { fits: is_within(keywords, number), ..of_type },
            Value::Array(items) => self.items(keywords, items),
            Value::Object(fields) => self.fields(keywords, fields),
            _ => of_type,
        }
    }

    fn items(&mut self, keywords: &'s Map<String, Value>, items: &[Value]) -> Read {
        let first = keywords.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let (mut fits, mut changed) = (true, false);
        let mut written = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let read = match first.get(index).or_else(|| keywords.get("items")) {
                Some(schema) => self.read(schema, item),
                None => Read::AS_IT_IS,
            };
            fits &= read.fits;
            changed |= read.changed.is_some();
            written.push(read.changed.unwrap_or_else(|| item.clone()));
        }
        Read { fits, changed: changed.then(|| written.into()) }
    }

    fn fields(&mut self, keywords: &'s Map<String, Value>, fields: &Map<String, Value>) -> Read {
        let properties = keywords.get("properties").and_then(Value::as_object);
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        // schemars' patterns are those of numbers, one for all keys of a map.
        let others = patterns.and_then(|patterns| patterns.values().next());
        let others = others.or_else(|| keywords.get("additionalProperties"));
        let required = keywords.get("required").and_then(Value::as_array).into_iter().flatten();
        let mut fits = required.filter_map(Value::as_str).all(|name| fields.contains_key(name));
        let mut changed = None;
        for (name, value) in fields {
            let Some(schema) = properties.and_then(|properties| properties.get(name)).or(others) else {
                continue;
            };
            let read = self.read(schema, value);
            fits &= read.fits;
            if let Some(value) = read.changed {
                changed.get_or_insert_with(|| fields.clone()).insert(name.clone(), value);
            }
        }
        Read { fits, changed: changed.map(Value::from) }
    }
}

fn as_type(types: &[String], json: &Value) -> Read {
    let has = |ty: &str| types.iter().any(|known| known == ty);
    let fits = match json {
        Value::Null => has("null"),
        Value::Bool(_) => has("boolean"),
        Value::String(_) => has("string"),
        Value::Array(_) => has("array"),
        Value::Object(_) => has("object"),
        Value::Number(number) => {
            if has("number") || (has("integer") && !number.is_f64()) {
                return Read::AS_IT_IS;
            }
            return match of(number).filter(|_| has("integer")) {
                Some(whole) => Read { fits: true, changed: Some(whole.into()) },
                None => Read::MISFIT,
            };
        }
    };
    if fits { Read::AS_IT_IS } else { Read::MISFIT }
}

fn is_within(keywords: &Map<String, Value>, number: &Number) -> bool {
    let number = number.as_f64().unwrap_or(f64::NAN);
    let bound = |keyword| keywords.get(keyword).and_then(Value::as_f64);
    bound("minimum").is_none_or(|least| number >= least) && bound("maximum").is_none_or(|most| number <= most)
}
