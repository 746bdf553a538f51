//! Reading: every fault of a file at once, each with its line and what to write instead.

use std::collections::{BTreeMap, BTreeSet};

use keystroke_files::without_secrets;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Field, Form, Misfit, Section, nearest};
use crate::provider::error::Fault;

/// How many faults are told: the rest are mostly of the same kind.
const MOST_FAULTS: usize = 20;
/// How many tables a list or a table of tables may have.
const MOST_TABLES: usize = 64;

/// What people write into a provider file although it belongs elsewhere.
const OF_A_CLIENT: [&str; 3] = ["client_id", "client_secret", "private_key"];

/// Reads a file's sections. `check` says what is wrong with the whole, by the path of a field.
pub(crate) fn read<S: Section>(
    text: &str,
    check: impl FnOnce(&S, &Reader<'_>) -> Vec<(String, Misfit)>,
) -> Result<S, Vec<Fault>> {
    let mut reader = Reader::new(text);
    let mut section = S::default();
    match DeTable::parse(text) {
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let problem = without_secrets(&error.message().replace('\n', ", ")).into_owned();
            reader.put(at, problem, "correct it as TOML has it (https://toml.io)".to_owned());
        }
        Ok(table) => reader.table(table.get_ref(), 0, String::new(), &mut section),
    }
    // Of a section that was not read, what it lacks is not its author's mistake.
    if reader.faults.is_empty() {
        for (path, misfit) in check(&section, &reader) {
            let name = path.rsplit('.').next().unwrap_or_default();
            reader.put(reader.place(&path), format!("`{name}` {}", misfit.problem), misfit.fix);
        }
    }
    if reader.faults.is_empty() { Ok(section) } else { Err(reader.told()) }
}

/// What is known of the file so far.
pub(crate) struct Reader<'a> {
    text: &'a str,
    faults: Vec<(usize, String, String)>,
    /// Where each field stands, by its path.
    places: BTreeMap<String, usize>,
    /// Each field that there is, by its path.
    known: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, faults: Vec::new(), places: BTreeMap::new(), known: BTreeSet::new() }
    }

    /// Whether a file can have a field at this path.
    pub(crate) fn knows(&self, path: &str) -> bool {
        self.known.contains(path)
    }

    /// Each field that there is.
    pub(crate) fn known(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }

    /// Where a field stands; if it does not, where the table stands that it belongs to.
    fn place(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return *place;
            }
            match path.rsplit_once('.') {
                Some((parent, _)) => path = parent,
                None => return 0,
            }
        }
    }

    fn put(&mut self, at: usize, problem: String, fix: String) {
        self.faults.push((at, problem, fix));
    }

    /// The faults in the order of their lines.
    fn told(mut self) -> Vec<Fault> {
        self.faults.sort_by_key(|(at, _, _)| *at);
        self.faults.truncate(MOST_FAULTS);
        let line = |at: usize| 1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let fault = |(at, problem, fix)| Fault { line: line(at), problem, fix };
        self.faults.into_iter().map(fault).collect()
    }

    fn table<S: Section>(&mut self, table: &DeTable<'_>, at: usize, path: String, section: &mut S) {
        self.places.insert(path.clone(), at);
        let mut keys = Keys::default();
        section.clone().fields(&mut keys);
        let unknown = table.keys().filter(|name| !keys.0.contains(&name.get_ref().as_ref()));
        let misspelt = unknown.filter_map(|name| nearest(name.get_ref(), keys.0.iter().copied())).collect();
        let mut form = TableForm { reader: self, table, at, path, misspelt };
        section.fields(&mut form);
        form.refuse_unknown(&keys.0);
    }
}

/// The names of a section's fields.
#[derive(Default)]
struct Keys(Vec<&'static str>);

impl Form for Keys {
    fn field<T: Field>(&mut self, key: &'static str, _: &mut T) {
        self.0.push(key);
    }

    fn required<T: Field>(&mut self, key: &'static str, _: &mut T) {
        self.0.push(key);
    }

    fn section<S: Section>(&mut self, key: &'static str, _: &mut S, _: &S) {
        self.0.push(key);
    }

    fn optional<S: Section>(&mut self, key: &'static str, _: &mut Option<S>) {
        self.0.push(key);
    }

    fn list<S: Section>(&mut self, key: &'static str, _: &mut Vec<S>) {
        self.0.push(key);
    }

    fn named<S: Section>(&mut self, key: &'static str, _: &mut BTreeMap<String, S>) {
        self.0.push(key);
    }

    fn fault(&mut self, _: &'static str, _: &str, _: &str) {}
}

/// One table while its section shows its fields.
struct TableForm<'r, 't, 'i, 'a> {
    reader: &'r mut Reader<'a>,
    table: &'t DeTable<'i>,
    at: usize,
    path: String,
    /// The fields that an unknown one was probably meant to be: that they are missing is the same mistake.
    misspelt: Vec<&'static str>,
}

impl<'t, 'i> TableForm<'_, 't, 'i, '_> {
    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn take(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        let path = self.path_of(key);
        self.reader.known.insert(path.clone());
        let (name, value) = self.table.get_key_value(key)?;
        self.reader.places.insert(path, name.span().start);
        Some(value)
    }

    fn take_table(&mut self, key: &'static str) -> Option<(&'t DeTable<'i>, usize)> {
        let value = self.take(key)?;
        let at = self.at_of(key);
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.reader.put(
                at,
                format!("`{key}` is not a table"),
                format!("write `[{}]`", self.path_of(key)),
            );
        }
        table.map(|table| (table, at))
    }

    fn at_of(&self, key: &str) -> usize {
        self.table.get_key_value(key).map_or(self.at, |(name, _)| name.span().start)
    }

    fn read<T: Field>(&mut self, key: &'static str, found: &Spanned<DeValue<'_>>, value: &mut T) {
        match T::read(found.get_ref()) {
            Ok(read) => *value = read,
            Err(Misfit { problem, fix }) => {
                self.reader.put(self.at_of(key), format!("`{key}` {problem}"), fix);
            }
        }
    }

    fn here(&self) -> String {
        if self.path.is_empty() { "the file".to_owned() } else { format!("`[{}]`", self.path) }
    }

    /// Fields that the section does not have.
    fn refuse_unknown(self, keys: &[&'static str]) {
        for name in self.table.keys() {
            let (at, name) = (name.span().start, name.get_ref());
            if keys.contains(&name.as_ref()) {
                continue;
            }
            let problem = format!("{} has no field `{}`", self.here(), without_secrets(name));
            let fix = if OF_A_CLIENT.contains(&name.as_ref()) {
                "remove it: a client is set with `keystroke clients set`, and its secret is sealed".to_owned()
            } else {
                match nearest(name, keys.iter().copied()) {
                    Some(near) => format!("write `{near}`"),
                    None => format!("remove it, or write one of `{}`", keys.join("`, `")),
                }
            };
            self.reader.put(at, problem, fix);
        }
    }
}

impl Form for TableForm<'_, '_, '_, '_> {
    fn field<T: Field>(&mut self, key: &'static str, value: &mut T) {
        if let Some(found) = self.take(key) {
            self.read(key, found, value);
        }
    }

    fn required<T: Field>(&mut self, key: &'static str, value: &mut T) {
        match self.take(key) {
            Some(found) => self.read(key, found, value),
            None if self.misspelt.contains(&key) => {}
            None => {
                let problem = format!("{} lacks the field `{key}`", self.here());
                self.reader.put(self.at, problem, format!("write `{key} = {}`", T::EXAMPLE));
            }
        }
    }

    fn section<S: Section>(&mut self, key: &'static str, value: &mut S, base: &S) {
        value.clone_from(base);
        let absent = !self.table.contains_key(key) && !self.misspelt.contains(&key);
        let path = self.path_of(key);
        if let Some((table, at)) = self.take_table(key) {
            self.reader.table(table, at, path, value);
        } else if absent {
            // It may lack a required field.
            self.reader.table(&DeTable::new(), self.at, path, value);
        }
    }

    fn optional<S: Section>(&mut self, key: &'static str, value: &mut Option<S>) {
        if let Some((table, at)) = self.take_table(key) {
            let mut section = S::default();
            self.reader.table(table, at, self.path_of(key), &mut section);
            *value = Some(section);
        }
    }

    fn list<S: Section>(&mut self, key: &'static str, values: &mut Vec<S>) {
        let Some(found) = self.take(key) else { return };
        let at = self.at_of(key);
        let array = found.get_ref().as_array().filter(|array| array.len() <= MOST_TABLES);
        let Some(array) = array else {
            let problem = format!("`{key}` is not a list of at most {MOST_TABLES} tables");
            return self.reader.put(at, problem, format!("write `[[{}]]` before each", self.path_of(key)));
        };
        for value in array.iter() {
            let Some(table) = value.get_ref().as_table() else {
                let problem = format!("`{key}` has a value that is not a table");
                return self.reader.put(
                    at,
                    problem,
                    format!("write `[[{}]]` before each", self.path_of(key)),
                );
            };
            let mut section = S::default();
            self.reader.table(table, value.span().start, self.path_of(key), &mut section);
            values.push(section);
        }
    }

    fn named<S: Section>(&mut self, key: &'static str, values: &mut BTreeMap<String, S>) {
        let Some((table, at)) = self.take_table(key) else { return };
        if table.len() > MOST_TABLES {
            let problem = format!("`{key}` has more than {MOST_TABLES} tables");
            return self.reader.put(at, problem, format!("write at most {MOST_TABLES}"));
        }
        for (name, value) in table {
            let (at, name) = (name.span().start, name.get_ref());
            if !is_name(name) {
                let problem = format!("`{}` is not a name", without_secrets(name));
                self.reader.put(
                    at,
                    problem,
                    "write up to 32 of `a` to `z`, `0` to `9` and `_`, a letter first".to_owned(),
                );
                continue;
            }
            let path = format!("{}.{name}", self.path_of(key));
            let Some(table) = value.get_ref().as_table() else {
                self.reader.put(at, format!("`{name}` is not a table"), format!("write `[{path}]`"));
                continue;
            };
            let mut section = S::default();
            self.reader.table(table, at, path, &mut section);
            values.insert(name.to_string(), section);
        }
    }

    fn fault(&mut self, key: &'static str, problem: &str, fix: &str) {
        self.reader.put(self.at_of(key), format!("`{key}` {problem}"), fix.to_owned());
    }
}

/// Whether a text is a name of a variable or of a fact.
pub(crate) fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.len() <= 32 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(letter)
}
