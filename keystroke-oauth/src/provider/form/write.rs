//! Writing: what differs from what a file without the field would say.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::{Field, Form, Section};

/// A section as it is written over `base`.
pub(crate) fn write<S: Section>(section: &S, base: &S) -> Table {
    let all = |section: &S| {
        let mut writer = Writer { table: Table::new(), required: Vec::new() };
        section.clone().fields(&mut writer);
        writer
    };
    let base = all(base).table;
    let Writer { table, required } = all(section);
    let is_told = |key: &str, value: &Value| required.contains(&key) || base.get(key) != Some(value);
    table.into_iter().filter(|(key, value)| is_told(key, value)).collect()
}

struct Writer {
    table: Table,
    required: Vec<&'static str>,
}

impl Writer {
    fn put(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.table.insert(key.to_owned(), value);
        }
    }

    fn table<S: Section>(section: &S) -> Value {
        Value::Table(write(section, &S::default()))
    }
}

impl Form for Writer {
    fn field<T: Field>(&mut self, key: &'static str, value: &mut T) {
        self.put(key, value.write());
    }

    fn required<T: Field>(&mut self, key: &'static str, value: &mut T) {
        self.required.push(key);
        self.put(key, value.write());
    }

    fn section<S: Section>(&mut self, key: &'static str, value: &mut S, base: &S) {
        let table = write(value, base);
        // What is in it differs from its own base already.
        self.required.push(key);
        self.put(key, (!table.is_empty()).then_some(Value::Table(table)));
    }

    fn optional<S: Section>(&mut self, key: &'static str, value: &mut Option<S>) {
        self.put(key, value.as_ref().map(Self::table));
    }

    fn list<S: Section>(&mut self, key: &'static str, values: &mut Vec<S>) {
        let list = values.iter().map(Self::table).collect();
        self.put(key, (!values.is_empty()).then_some(Value::Array(list)));
    }

    fn named<S: Section>(&mut self, key: &'static str, values: &mut BTreeMap<String, S>) {
        let tables = values.iter().map(|(name, value)| (name.clone(), Self::table(value))).collect();
        self.put(key, (!values.is_empty()).then_some(Value::Table(tables)));
    }

    fn fault(&mut self, _: &'static str, _: &str, _: &str) {}
}
