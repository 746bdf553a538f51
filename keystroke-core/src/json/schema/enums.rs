//! Lists of values. Gemini takes them of strings alone, and `const` not at all; schemars writes a variant with a doc comment
//! as a schema of its own.

use serde_json::{Map, Value};

use super::forms::Form;
use super::writer::note;

/// The forms, with those that list strings, and say nothing else of them, as one that says what each is.
pub(super) fn fused(annotations: &mut Map<String, Value>, forms: Vec<Form>) -> Vec<Form> {
    let (lists, mut others): (Vec<Form>, Vec<Form>) = forms.into_iter().partition(is_list);
    if lists.is_empty() {
        return others;
    }
    let alone = others.is_empty();
    let (mut values, mut said): (Vec<Value>, Vec<String>) = (Vec::new(), Vec::new());
    for Form { keywords, .. } in &lists {
        let own = keywords.get("enum").and_then(Value::as_array).into_iter().flatten();
        let description = keywords.get("description").and_then(Value::as_str);
        for value in own.filter(|value| !values.contains(value)).cloned().collect::<Vec<_>>() {
            if let (Some(description), Some(name)) = (description, value.as_str()) {
                said.push(format!("`{name}`: {description}"));
            }
            values.push(value);
        }
    }
    let mut keywords =
        Map::from_iter([("type".to_owned(), "string".into()), ("enum".to_owned(), values.into())]);
    if alone && let Some(Value::String(of_all)) = annotations.remove("description") {
        said.insert(0, of_all);
    }
    for text in said {
        note(&mut keywords, &text);
    }
    others.insert(0, Form { keywords, ..Form::default() });
    others
}

fn is_list(form: &Form) -> bool {
    form.ty() == Some("string")
        && form.keywords.contains_key("enum")
        && form
            .keywords
            .keys()
            .all(|keyword| matches!(keyword.as_str(), "type" | "enum" | "description" | "title"))
}

/// Lists values of numbers and truth in words, with the bounds of the numbers.
pub(super) fn told(keywords: &mut Map<String, Value>) {
    let Some(Value::Array(values)) = keywords.remove("enum") else { return };
    let mut numbers: Vec<&Value> = values.iter().filter(|value| value.is_number()).collect();
    numbers.sort_by(|a, b| a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(std::cmp::Ordering::Equal));
    if let (Some(&least), Some(&most)) = (numbers.first(), numbers.last()) {
        keywords.entry("minimum").or_insert_with(|| least.clone());
        keywords.entry("maximum").or_insert_with(|| most.clone());
    }
    // All integers from the least to the most need no words, and nor do both truths.
    let span = match (numbers.first().and_then(|n| n.as_i64()), numbers.last().and_then(|n| n.as_i64())) {
        (Some(least), Some(most)) => most.checked_sub(least).and_then(|span| usize::try_from(span).ok()),
        _ => None,
    };
    let is_whole =
        span.is_some_and(|span| span + 1 == values.len()) || (numbers.is_empty() && values.len() > 1);
    if !is_whole {
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        let text = match texts.as_slice() {
            [only] => format!("Always {only}."),
            texts => format!("One of {}.", texts.join(", ")),
        };
        note(keywords, &text);
    }
}
