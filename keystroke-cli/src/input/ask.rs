//! Questions for values: each is asked until its answer can be stored, so that one slip costs one answer and not all of
//! them, and what is typed next never lands in the shell.

use keystroke_core::{FieldType, SHORTEST_SECRET, SecretString};

use super::FieldRules;
use super::check;
use crate::error::{CliError, Refusal};
use crate::output::Output;
use crate::{prompt, typed};

/// One question.
pub(crate) struct Question<'a> {
    pub(crate) field: &'a str,
    pub(crate) secret: bool,
    /// Left out by an empty answer.
    pub(crate) optional: bool,
    pub(crate) ty: FieldType,
    /// What is used where it is left out.
    pub(crate) default: Option<&'a str>,
    pub(crate) help: &'a str,
}

/// Asks for the value of a field that `--set` names.
pub(crate) fn field(field: &str, rules: &FieldRules<'_>, output: &Output) -> Result<SecretString, CliError> {
    let declared = rules.declared.and_then(|declared| declared.question(field));
    let question = declared.unwrap_or(Question {
        field,
        secret: true,
        optional: false,
        ty: FieldType::Text,
        default: None,
        help: "",
    });
    let question = Question { optional: false, ..question };
    loop {
        // An answer is never left out here.
        if let Some(value) = question.ask(rules, output)? {
            return Ok(value);
        }
    }
}

impl Question<'_> {
    /// Asks until the answer can be stored, or the question is left (Ctrl-C). `None` where it was left out.
    pub(crate) fn ask(
        &self,
        rules: &FieldRules<'_>,
        output: &Output,
    ) -> Result<Option<SecretString>, CliError> {
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

    fn checked(&self, answer: &SecretString, rules: &FieldRules<'_>) -> Result<check::Text, Refusal> {
        let text = check::text(answer.expose_secret().as_bytes(), false)
            .map_err(|problem| check::refused(self.field, "", "", problem))?;
        let value = text.value.expose_secret();
        let refused = |problem: &str, fix: String| {
            Refusal::new("invalid_value", format!("the value of {} {problem}", typed::field(self.field)), fix)
        };
        if !self.secret {
            self.ty
                .check(value)
                .map_err(|problem| refused(&problem, format!("give a `{}`, as in Rust", self.ty.as_str())))?;
        } else if value.len() < SHORTEST_SECRET && !rules.allows_short(self.field) {
            return Err(refused(
                "has fewer than 8 bytes, too few to be found in results and removed",
                format!(
                    "type all of it; for a field that is no secret, leave with Ctrl-C and pass `--allow-short {}`",
                    typed::field_in_command(self.field)
                ),
            ));
        }
        Ok(text)
    }
}
