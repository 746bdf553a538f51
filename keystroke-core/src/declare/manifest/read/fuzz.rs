//! Whatever stands in a manifest, reading it ends with a manifest that is written and read the same, or with an error
//! that is short and repeats nothing. `docs/testing.md` says how to run it for longer.

use serde_json::Value;

use super::tests::{CANARY, sound};
use super::*;

/// A change of a manifest: which of its values, and what is put there.
type Change = (u16, u8, i64);

fn checked(json: &[u8]) -> Result<(), ()> {
    match Manifest::from_json(json) {
        Ok(manifest) => {
            assert_eq!(Manifest::from_json(manifest.to_string().as_bytes()).as_ref(), Ok(&manifest));
            Ok(())
        }
        Err(error) => {
            let told = format!("{error}{}", error.fix());
            assert!(told.len() < 8 * 1024 && !told.contains(CANARY), "{told}");
            assert!(!told.chars().any(char::is_control), "{told}");
            Err(())
        }
    }
}

/// The paths of all values of a manifest.
fn places(value: &Value, here: &str, all: &mut Vec<String>) {
    all.push(here.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, &format!("{here}/{name}"), all))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{here}/{index}"), all));
        }
        _ => {}
    }
}

fn put(manifest: &mut Value, (place, kind, number): Change) {
    let mut all = Vec::new();
    places(manifest, "", &mut all);
    let Some(path) = all.get(usize::from(place) % all.len()) else { return };
    let Some(value) = manifest.pointer_mut(path) else { return };
    *value = match kind % 12 {
        0 => Value::Null,
        1 => Value::Bool(number % 2 == 0),
        2 => Value::from(number),
        3 => Value::from(CANARY),
        4 => Value::from(format!("{CANARY} expected `{CANARY}`\n\u{1b}")),
        5 => Value::from("exa"),
        6 => Value::from(["user", "u16", "oauth_managed", "other"][number.rem_euclid(4) as usize]),
        7 => Value::Array(vec![value.clone(), value.clone()]),
        8 => Value::Array(Vec::new()),
        9 => serde_json::json!({ CANARY: value.clone() }),
        10 => Value::from("x".repeat(number.rem_euclid(300) as usize)),
        _ => match value.as_array().and_then(|items| items.first()).cloned() {
            Some(first) => {
                let mut items = value.as_array().cloned().unwrap_or_default();
                items.push(first);
                Value::Array(items)
            }
            None => Value::from(""),
        },
    };
}

#[test]
fn any_values_in_a_manifest_are_read_or_refused() {
    let mut outcomes = [0_u32; 2];
    bolero::check!().with_type::<Vec<Change>>().with_iterations(4_000).for_each(|changes: &Vec<Change>| {
        let mut manifest = sound();
        changes.iter().take(3).for_each(|change| put(&mut manifest, *change));
        let _ = checked(manifest.to_string().as_bytes());
    });
    // Both ends are reached, or the changes are of no use.
    for place in 0..60 {
        for kind in 0..12 {
            let mut manifest = sound();
            put(&mut manifest, (place, kind, i64::from(place)));
            outcomes[usize::from(checked(manifest.to_string().as_bytes()).is_err())] += 1;
        }
    }
    assert!(outcomes.iter().all(|count| *count > 50), "{outcomes:?}");
}

#[test]
fn any_bytes_in_a_manifest_are_read_or_refused() {
    let text = sound().to_string().into_bytes();
    bolero::check!().with_type::<(Vec<(u16, u8)>, Vec<u8>, u16)>().with_iterations(10_000).for_each(
        |(edits, bytes, cut)| {
            let _ = checked(bytes);
            let mut text = text.clone();
            for (at, byte) in edits.iter().take(4) {
                let at = usize::from(*at) % text.len();
                text[at] = *byte;
            }
            if cut % 4 == 0 {
                text.truncate(usize::from(*cut) % text.len());
            }
            let _ = checked(&text);
        },
    );
}
