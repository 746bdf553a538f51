use super::*;

fn read(text: &str) -> Vec<(usize, String, Result<String, Problem>)> {
    let all = parse(text).unwrap_or_else(|broken| panic!("{text:?}: {broken:?}"));
    all.into_iter().map(|one| (one.line, one.name, one.value.map(|value| value.to_string()))).collect()
}

pub(super) fn value(text: &str) -> Result<String, Problem> {
    let mut all = read(&format!("A={text}\nB=after"));
    assert_eq!(all.pop().unwrap().2, Ok("after".to_owned()), "{text}");
    assert_eq!(all.len(), 1, "{text}");
    all.pop().unwrap().2
}

#[test]
fn what_all_readers_agree_on_is_read() {
    for (written, meant) in [
        ("plain", "plain"),
        ("  spaced\t", "spaced"),
        ("two words", "two words"),
        ("a=b==", "a=b=="),
        ("value # a comment", "value"),
        ("value\t#comment", "value"),
        ("#nothing", ""),
        ("", ""),
        ("'it is $literal \\n #all'", "it is $literal \\n #all"),
        ("'quoted' # comment", "quoted"),
        ("\"a $ b\"", "a $ b"),
        (r#""a\nb\t\"c\" \\ \$HOME \`""#, "a\nb\t\"c\" \\ $HOME `"),
        ("\"-----BEGIN\nMII=\n-----END\"", "-----BEGIN\nMII=\n-----END"),
        ("'two\nlines'", "two\nlines"),
        ("crlf\r", "crlf"),
    ] {
        assert_eq!(value(written).as_deref(), Ok(meant), "{written:?}");
    }
    let text = "\u{feff}# comment\r\n\r\nexport A='x\ny'\n  B = z\nexported=1";
    let lines: Vec<_> = read(text).into_iter().map(|(line, name, _)| (line, name)).collect();
    assert_eq!(lines, [(3, "A".to_owned()), (5, "B".to_owned()), (6, "exported".to_owned())]);
}

#[test]
fn a_value_on_which_readers_differ_is_not_read() {
    for (written, problem) in [
        ("pa$word", SUBSTITUTED),
        ("pa`word", SUBSTITUTED),
        ("\"pa${word}\"", SUBSTITUTED),
        ("\"$(cat key)\"", SUBSTITUTED),
        ("\"$1\"", SUBSTITUTED),
        ("pa\\word", ESCAPED),
        (r#""a\x""#, ESCAPED),
        ("pa#word", COMMENTED),
        ("it's", QUOTED),
        ("a\"b\"", QUOTED),
        ("'a'b", TRAILED),
        ("\"a\" \"b\"", TRAILED),
    ] {
        assert_eq!(value(written), Err(problem), "{written:?}");
    }
}

#[test]
fn a_file_that_is_none_is_refused_with_the_line() {
    for (text, line, says) in [
        ("A=1\n\nnonsense\n", 3, "no `=`"),
        ("KEY=-----BEGIN KEY-----\nMIIEvQIBADANBg\n", 2, "needs quotes"),
        ("A='x\ny'\nB=\"never\n closed\n", 3, "never closed"),
        ("a b=c", 1, "variable's name"),
        ("=c", 1, "variable's name"),
        ("{\"a\"=\"b\"}", 1, "variable's name"),
        ("A=\"ends with \\\"", 1, "never closed"),
    ] {
        let Err(broken) = parse(text) else { panic!("{text:?}") };
        assert!(broken.line == line && broken.problem.contains(says), "{text:?}: {broken:?}");
    }
}
