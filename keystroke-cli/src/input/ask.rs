//! Questions for values. Each is asked until its answer can be stored, so that a mistake costs one answer and not all of
//! them, and what is typed next never lands in the shell.

use keystroke_core::{FieldType, Fields, ManifestField, SHORTEST_SECRET, SecretString};

use super::field_rules::FieldRules;
use super::{prompt, value};
use crate::error::{CliError, Refusal};
use crate::manifest::Declared;
use crate::output::{Output, typed};

/// Asks for the declared fields that are `wanted`; without a manifest, for those of `names`. An empty answer leaves out an
/// optional field.
pub(crate) fn fields(
    rules: &FieldRules<'_>,
    wanted: impl Fn(&ManifestField) -> bool,
    names: &[String],
    output: &Output,
) -> Result<Fields, CliError> {
    let questions: Vec<Question<'_>> = match rules.declared {
        Some(declared) => declared.fields().iter().filter(|field| wanted(field)).map(Question::of).collect(),
        None => names.iter().map(|name| Question::undeclared(name)).collect(),
    };
    let about = rules.declared.map(Declared::summary).unwrap_or_default();
    if !about.is_empty() && !output.is_json() {
        output.notice("description", &about);
    }
    let _quiet = prompt::Quiet::begin();
    let mut fields = Fields::new();
    for question in questions {
        if let Some(value) = question.ask(rules, output)? {
            fields.set(question.field, value);
        }
    }
    Ok(fields)
}

/// Asks for the value of a field that `--set` names: no answer leaves it out.
pub(super) fn field(field: &str, rules: &FieldRules<'_>, output: &Output) -> Result<SecretString, CliError> {
    let declared = rules.declared.and_then(|declared| declared.field(field)).map(Question::of);
    let question = Question { optional: false, ..declared.unwrap_or(Question::undeclared(field)) };
    loop {
        if let Some(value) = question.ask(rules, output)? {
            return Ok(value);
        }
    }
}

/// One question.
struct Question<'a> {
    field: &'a str,
    secret: bool,
    /// An empty answer leaves it out.
    optional: bool,
    ty: FieldType,
    /// What is used if it is left out.
    default: Option<&'a str>,
    help: &'a str,
}

impl<'a> Question<'a> {
    /// For a field that a manifest declares.
    fn of(field: &'a ManifestField) -> Self {
        Self {
            field: &field.name,
            secret: field.secret,
            optional: !field.required,
            ty: field.ty,
            default: field.default.as_deref(),
            help: field.description.lines().next().unwrap_or_default(),
        }
    }

    /// For a field that no manifest declares: it is secret and required.
    const fn undeclared(field: &'a str) -> Self {
        Self { field, secret: true, optional: false, ty: FieldType::Text, default: None, help: "" }
    }

    /// Asks until the answer can be stored or the question is cancelled (Ctrl-C). `None` if it was left out.
    fn ask(&self, rules: &FieldRules<'_>, output: &Output) -> Result<Option<SecretString>, CliError> {
        let text = self.text();
        loop {
            let answer = if self.secret {
                prompt::secret(&text, self.help)?
            } else {
                prompt::plain(&text, self.help)?
            };
            if self.optional && answer.expose_secret().is_empty() {
                return Ok(None);
            }
            match self.checked(&answer, rules) {
                Ok(text) => return Ok(Some(text.told(self.field, !self.secret, output))),
                Err(Refusal { message, fix, .. }) => prompt::say(&format!("{message}: {fix}")),
            }
        }
    }

    /// What is asked: `port (u16, default 443):`.
    fn text(&self) -> String {
        let shown = typed::plain_field(self.field).unwrap_or("the field's value");
        let mut about = Vec::new();
        match self.ty {
            _ if self.secret => {}
            FieldType::Text | FieldType::Other => {}
            FieldType::Bool => about.push("true or false".to_owned()),
            ty => about.push(ty.as_str().to_owned()),
        }
        match self.default {
            Some(default) => about.push(format!("default {default}")),
            None if self.optional => about.push("optional".to_owned()),
            None => {}
        }
        if about.is_empty() { format!("{shown}:") } else { format!("{shown} ({}):", about.join(", ")) }
    }

    fn checked(&self, answer: &SecretString, rules: &FieldRules<'_>) -> Result<value::Text, Refusal> {
        let text = value::text(answer.expose_secret().as_bytes(), false)
            .map_err(|problem| value::refused(self.field, "", "", problem))?;
        let value = text.value.expose_secret();
        let refused = |problem: &str, fix: String| {
            Refusal::new("invalid_value", format!("the value of {} {problem}", typed::field(self.field)), fix)
        };
        if !self.secret {
            self.ty.check(value).map_err(|problem| {
                refused(&problem, format!("give a `{}`, written as in Rust", self.ty.as_str()))
            })?;
        } else if value.len() < SHORTEST_SECRET && !rules.allows_short(self.field) {
            return Err(refused(
                "has fewer than 8 bytes, too few to be found in results and removed",
                format!(
                    "type the whole value; for a field that is not secret, press Ctrl-C and pass `--allow-short {}`",
                    typed::field_in_command(self.field)
                ),
            ));
        }
        Ok(text)
    }
}
