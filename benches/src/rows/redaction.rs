//! Redaction of a kilobyte of output in which there is no secret, which is nearly all output, beside `str::replace` for
//! each secret as it is: what people write, and which finds none of the encoded forms.

use std::hint::black_box;

use keystroke::secret::Redactor;
use serde_json::{Value, json};

use crate::allocations::Counts;
use crate::measure::{Case, by_turns, timed};
use crate::table::{Row, Table};
use crate::{Failed, Plan};

/// JSON of about this many bytes, as a search gives it.
const KILOBYTES: usize = 16;

fn output() -> Value {
    let mut results = Vec::new();
    let result = |number: usize| {
        json!({
            "title": format!("Result {number} of a search for something"),
            "url": format!("https://example.com/articles/{number}?utm_source=search&page=2"),
            "score": number as f64 / 7.0,
            "text": "Credentials are borrowed for one call, so that the borrow can't outlive it or be spawned away. \
                What a compiler can't know is said by a preflight, and only the rest at run time, with the fix.",
        })
    };
    while Value::from(results.clone()).to_string().len() < KILOBYTES * 1024 {
        results.push(result(results.len()));
    }
    results.into()
}

fn secret(number: usize) -> String {
    format!("sk-{number:02}-7d1f0c9a54e34b0e8f21c6aa{number:02}")
}

fn replaced(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) => {
            for secret in secrets {
                *text = text.replace(secret, "[redacted]");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replaced(item, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|item| replaced(item, secrets)),
        _ => {}
    }
}

pub fn rows(plan: &Plan, _: &Counts, table: &mut Table) -> Result<(), Failed> {
    let of = |count: usize| (0..count).map(secret).collect::<Vec<_>>();
    let ours = |count: usize| -> Case<'static> {
        let mut redactor = Redactor::new();
        of(count).iter().for_each(|secret| redactor.add("exa", "api_key", secret));
        let mut output = output();
        Box::new(move |times| {
            let took = timed(|| (0..times).for_each(|_| redactor.value(black_box(&mut output))));
            assert_eq!(redactor.found().count(), 0);
            took / KILOBYTES as u32
        })
    };
    let replace = |count: usize| -> Case<'static> {
        let (secrets, mut output) = (of(count), output());
        Box::new(move |times| {
            timed(|| (0..times).for_each(|_| replaced(black_box(&mut output), &secrets))) / KILOBYTES as u32
        })
    };
    let [one, one_peer, many, many_peer] =
        by_turns(plan.rounds(200), 1..=1 << 16, [ours(1), replace(1), ours(16), replace(16)]);
    table.add(Row::beside("redaction of 1 kB, 1 secret", &one, "str::replace, 1 form", &one_peer));
    table.add(Row::beside("redaction of 1 kB, 16 secrets", &many, "str::replace, 1 form each", &many_peer));
    Ok(())
}
