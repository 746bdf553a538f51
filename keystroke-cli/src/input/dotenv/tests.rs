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
        ("", ""),
        ("'it is $literal \\n #all'", "it is $literal \\n #all"),
        ("'C:\\keys\\exa'", "C:\\keys\\exa"),
        ("'quoted' # comment", "quoted"),
        ("\"a $ b\"", "a $ b"),
        (r#""a\nb\nc""#, "a\nb\nc"),
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
        ("pa$word", Problem::Substituted),
        ("pa`word", Problem::Substituted),
        ("\"pa${word}\"", Problem::SubstitutedEverywhere),
        ("\"$(cat key)\"", Problem::Substituted),
        ("\"$1\"", Problem::Substituted),
        ("pa\\word", Problem::Escaped),
        // What Node keeps and Python undoes, or the other way round.
        (r#""a\x""#, Problem::Escaped),
        (r#""a\tb""#, Problem::Escaped),
        (r#""a\r\nb""#, Problem::Escaped),
        (r#""a \"b\" c""#, Problem::Escaped),
        (r#""a\\b""#, Problem::Escaped),
        (r#""a\\nb""#, Problem::Escaped),
        (r#""\$HOME""#, Problem::Escaped),
        (r"'a\\b'", Problem::EscapedInSingleQuotes),
        (r"'ends in \'", Problem::EscapedInSingleQuotes),
        ("pa#word", Problem::Commented),
        ("#x", Problem::Commented),
        // Python fills these in between single quotes too.
        ("'${A}'", Problem::SubstitutedEverywhere),
        ("'a${A:-b}'", Problem::SubstitutedEverywhere),
        ("pa${word", Problem::SubstitutedEverywhere),
        // Trimmed by one of Node, Python and this, and kept by another.
        ("key\u{85}", Problem::Spaced),
        ("\u{feff}key", Problem::Spaced),
        ("key\u{1f} # comment", Problem::Spaced),
        ("\u{a0}", Problem::Spaced),
        ("key\u{b}", Problem::Spaced),
        ("''\u{85}", Problem::Trailed),
        ("\"key\"\u{b} ", Problem::Trailed),
        (r#""a \"b""#, Problem::Escaped),
        (r#""a\"  # b""#, Problem::Escaped),
        (r"'it\'s'", Problem::Trailed),
        ("`key`", Problem::Substituted),
        ("  # all of it", Problem::Commented),
        ("'a\r\nb'", Problem::CarriageReturn),
        ("\"a\r\nb\"", Problem::CarriageReturn),
        ("'a\rb'", Problem::CarriageReturn),
        ("it's", Problem::Quoted),
        ("a\"b\"", Problem::Quoted),
        ("'a'b", Problem::Trailed),
        ("\"a\" \"b\"", Problem::Trailed),
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
        // Where the value ends is not the same to all, so neither is what stands below.
        ("A='x\\'\nB='y'\n", 1, "where the value ends"),
        ("C=1\nA=\"x\\\\\"\nB=\"y\"\n", 2, "where the value ends"),
        ("A='a\\'b'c\nB=1 # '\n", 1, "where the value ends"),
        ("A=`x\nB=1\nC=`\n", 1, "quoted to some"),
        ("A=\u{b}'x\nB=1'\n", 1, "quoted to some"),
        ("export =x", 1, "variable's name"),
        ("export\t= x", 1, "variable's name"),
        // Two lines to Node.
        ("B=1\n# \u{2028}B=2\n", 2, "line separator"),
        ("B=1\nA='' # \u{2029}B=2\n", 2, "line separator"),
        // Three variables to a reader that takes a carriage return for a line end.
        ("A=1\rB=2\rC=3", 1, "carriage return"),
        ("A=1\n# a comment\rB=2\n", 2, "carriage return"),
        ("A\r=1", 1, "carriage return"),
        ("A='x' # \rB=2", 1, "carriage return"),
    ] {
        let Err(broken) = parse(text) else { panic!("{text:?}") };
        assert!(broken.line == line && broken.problem.contains(says), "{text:?}: {broken:?}");
        if says == "carriage return" {
            assert!(broken.fix.contains("`mac2unix`"), "{broken:?}");
        }
    }
}
