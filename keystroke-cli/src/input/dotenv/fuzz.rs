//! Whatever stands in a file: it is read in one way, which can be written again, or refused by its line. `docs/testing.md`
//! says how to run it for longer.

use super::tests::value;
use super::*;

/// What such files are made of, and what a slip puts between.
const PARTS: [&str; 21] = [
    "A",
    "EXA_API_KEY",
    "=",
    "'",
    "\"",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "#",
    "$",
    "\\",
    "`",
    "export ",
    "{",
    "-----",
    "é",
    "\u{feff}",
    "x=y",
    "\0",
];

fn checked(text: &str) {
    let lines = text.split('\n').count();
    match parse(text) {
        Err(Broken { line, .. }) => assert!((1..=lines).contains(&line), "{text:?}: {line}"),
        Ok(variables) => {
            assert!(variables.windows(2).all(|two| two[0].line < two[1].line), "{text:?}");
            for Variable { line, name, value } in variables {
                assert!((1..=lines).contains(&line) && !name.is_empty(), "{text:?}");
                let Ok(value) = value else { continue };
                // Nothing is made up: each line of the value is there, but for its escapes.
                let mut pieces = value.split('\n');
                assert!(pieces.all(|piece| text.contains(piece)), "{text:?}: {:?}", *value);
            }
        }
    }
}

#[test]
fn any_file_is_read_in_one_way_or_refused_by_its_line() {
    bolero::check!().with_type::<Vec<u8>>().with_iterations(20_000).for_each(|bytes: &Vec<u8>| {
        let part = |byte: &u8| PARTS[usize::from(*byte) % PARTS.len()];
        checked(&bytes.iter().map(part).collect::<String>());
    });
    // Both ends are reached.
    assert_eq!(parse("A='x'\nexport B=\"y\"").map(|all| all.len()), Ok(2));
    assert!(parse("A='x").is_err());
}

#[test]
fn any_value_in_quotes_comes_back_or_is_refused() {
    bolero::check!().with_type::<String>().with_iterations(20_000).for_each(|text: &String| {
        checked(text);
        let agreed = !text.contains(['\'', '\r']) && !text.contains("\\\\") && !text.ends_with('\\');
        if agreed {
            assert_eq!(value(&format!("'{text}'")).as_ref(), Ok(text));
        }
        if !text.contains(['\\', '"', '$', '`', '\r']) {
            assert_eq!(value(&format!("\"{}\"", text.replace('\n', "\\n"))).as_ref(), Ok(text));
        }
    });
}
