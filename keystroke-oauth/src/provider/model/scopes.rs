//! Scopes: how they are written, and which are the same or contain others.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::provider::form::{Form, Section};

/// How a provider writes scopes, and what it calls the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scopes {
    /// The parameter of the authorization request: `scope`, Slack's `user_scope`.
    pub parameter: String,
    /// What is between two in a request.
    pub separator: char,
    /// What is between two in an answer.
    pub answer_separator: char,
    /// Asked for always, where a person grants: `offline_access`.
    pub always: Vec<String>,
    /// Another spelling → the one that counts.
    pub aliases: BTreeMap<String, String>,
    /// A scope → those that it contains.
    pub implies: BTreeMap<String, Vec<String>>,
    /// A beginning that an answer may add to a scope or drop: `https://graph.microsoft.com/`.
    pub optional_prefix: Option<String>,
    /// Two that differ in case are the same.
    pub ignore_case: bool,
    /// Whether the provider has scopes; if not, none is sent or compared.
    pub used: bool,
}

impl Scopes {
    /// The scopes of an authorization request, in the order of their first mention: `asked`, then what is asked for always.
    /// Two spellings of one scope are one.
    pub fn union<'a>(&self, asked: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        if !self.used {
            return Vec::new();
        }
        let mut seen = BTreeSet::new();
        let mut new = |scope: &str| seen.insert(self.canonical(scope)).then(|| scope.to_owned());
        let mut all: Vec<String> = asked.into_iter().filter_map(&mut new).collect();
        all.extend(self.always.iter().filter_map(|scope| new(scope)));
        all
    }

    /// Scopes as one parameter.
    pub fn join(&self, scopes: &[String]) -> String {
        scopes.join(self.separator.encode_utf8(&mut [0; 4]))
    }

    /// The scopes that an answer names: in a text, or in a list. None for anything else.
    pub fn read(&self, answer: &Value) -> Option<Vec<String>> {
        let texts: Vec<&str> = match answer {
            Value::String(text) => {
                // Some that say commas write `a, b`, and some have spaces after all.
                text.split(|c: char| c == self.answer_separator || c.is_whitespace()).collect()
            }
            Value::Array(list) => list.iter().map(Value::as_str).collect::<Option<_>>()?,
            _ => return None,
        };
        Some(texts.into_iter().filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
    }

    /// Those of `wanted` that `granted` neither names, by any spelling, nor contains.
    pub fn missing<'a>(&self, granted: &[String], wanted: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        if !self.used {
            return Vec::new();
        }
        let granted = self.contained(granted);
        wanted.into_iter().filter(|scope| !granted.contains(&self.canonical(scope))).collect()
    }

    /// Everything that `granted` names or contains, each in the spelling that counts.
    pub fn contained(&self, granted: &[String]) -> BTreeSet<String> {
        let implies: BTreeMap<String, &Vec<String>> =
            self.implies.iter().map(|(scope, implied)| (self.canonical(scope), implied)).collect();
        let mut open: Vec<String> = granted.iter().map(|scope| self.canonical(scope)).collect();
        let mut all = BTreeSet::new();
        while let Some(scope) = open.pop() {
            if let Some(implied) = implies.get(&scope) {
                let implied = implied.iter().map(|scope| self.canonical(scope));
                open.extend(implied.filter(|scope| !all.contains(scope)));
            }
            all.insert(scope);
        }
        all
    }

    /// The spelling of a scope that counts.
    fn canonical(&self, scope: &str) -> String {
        let same =
            |other: &str| if self.ignore_case { scope.eq_ignore_ascii_case(other) } else { scope == other };
        let alias = self.aliases.iter().find(|(other, _)| same(other)).map(|(_, scope)| scope.as_str());
        let scope = alias.unwrap_or(scope);
        let short = self.optional_prefix.as_deref().and_then(|prefix| scope.strip_prefix(prefix));
        let scope = short.filter(|rest| !rest.is_empty()).unwrap_or(scope);
        if self.ignore_case { scope.to_ascii_lowercase() } else { scope.to_owned() }
    }
}

impl Default for Scopes {
    fn default() -> Self {
        Self {
            parameter: "scope".to_owned(),
            separator: ' ',
            answer_separator: ' ',
            always: Vec::new(),
            aliases: BTreeMap::new(),
            implies: BTreeMap::new(),
            optional_prefix: None,
            ignore_case: false,
            used: true,
        }
    }
}

impl Section for Scopes {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("parameter", &mut self.parameter);
        form.field("separator", &mut self.separator);
        form.field("answer_separator", &mut self.answer_separator);
        form.field("always", &mut self.always);
        form.field("aliases", &mut self.aliases);
        form.field("implies", &mut self.implies);
        form.field("optional_prefix", &mut self.optional_prefix);
        form.field("ignore_case", &mut self.ignore_case);
        form.field("used", &mut self.used);
    }
}
