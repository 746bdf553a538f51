//! Redaction as a whole: what is found, and that it does not matter where a slice ends.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::*;
use crate::json::content::{Content, ContentPart, GivenContent};
use crate::json::output::{Encoded, write};
use crate::run::cancel::Cancellation;

thread_local! {
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

const SECRET: &str = "sk-canary/7+\"é\\Q";

fn redactor() -> Redactor {
    let mut redactor = Redactor::new();
    redactor.add("exa", "api_key", SECRET);
    redactor
}

fn hex_of(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_form_is_found_at_every_alignment() {
    let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let mixed: String =
        SECRET
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut spellings = vec![
        SECRET.to_owned(),
        percent,
        mixed,
        hex.to_uppercase(),
        hex.chars().zip(0..).map(|(c, at)| if at % 3 == 0 { c.to_ascii_uppercase() } else { c }).collect(),
        hex,
        format!("{SECRET:?}"),
        Value::from(SECRET).to_string(),
    ];
    for before in ["", "a", "ab", "abc"] {
        for after in ["", "x", "xy"] {
            let text = format!("{before}{SECRET}{after}");
            spellings.push(STANDARD_NO_PAD.encode(&text));
            spellings.push(URL_SAFE_NO_PAD.encode(&text));
            spellings.push(base64::engine::general_purpose::STANDARD.encode(&text));
        }
    }
    for spelling in spellings {
        let text = format!("before {spelling} after");
        let clean = redactor().text(&text).into_owned();
        assert!(clean.contains("[redacted:exa.api_key]"), "{spelling} stayed: {clean}");
        assert!(clean.starts_with("before ") && clean.ends_with(" after"), "{clean}");
        assert!(!clean.contains("canary"), "{clean}");
    }
}

#[test]
fn text_without_the_secret_is_not_touched() {
    let mut redactor = redactor();
    for text in ["", "sk-canary", "100 % of it", "%", "%7", "%zz", "é%é", "c2stY2FuYXJ5"] {
        assert!(matches!(redactor.text(text), Cow::Borrowed(same) if same == text), "{text}");
    }
    assert_eq!(redactor.found().count(), 0);
}

#[test]
fn keys_strings_and_numbers_of_a_value_are_searched() {
    let mut redactor = redactor();
    redactor.add("pin", "code", "1234567890");
    let mut value = serde_json::json!({ SECRET: [SECRET, { "n": 1234567890, "ok": true }] });
    redactor.value(&mut value);
    let mark = "[redacted:exa.api_key]";
    assert_eq!(value, serde_json::json!({ mark: [mark, { "n": "[redacted:pin.code]", "ok": true }] }));
    assert_eq!(redactor.found().collect::<Vec<_>>(), [("exa", "api_key"), ("pin", "code")]);
}

#[test]
fn keys_that_come_out_the_same_are_all_kept() {
    let mut value = serde_json::json!({ SECRET: 1, (hex_of(SECRET)): 2 });
    redactor().value(&mut value);
    let mark = "[redacted:exa.api_key]";
    assert_eq!(value.as_object().map(serde_json::Map::len), Some(2));
    assert!(value.get(mark).is_some() && value.get(format!("{mark} (2)")).is_some(), "{value}");
}

#[test]
fn overlapping_secrets_leave_no_byte_of_either() {
    let mut redactor = Redactor::new();
    redactor.add("a", "x", "abcdefgh");
    redactor.add("b", "y", "efghijkl");
    let clean = redactor.text("-abcdefghijkl-").into_owned();
    assert_eq!(clean, "-[redacted:a.x]-");
}

#[test]
fn encodings_of_encodings_are_found() {
    let secret = "correct horse/battery+staple é";
    let base64 = STANDARD_NO_PAD.encode(secret);
    let form = "correct+horse%2Fbattery%2Bstaple+%C3%A9";
    let spellings = [
        form.to_owned(),
        form.replace('+', "%20"),
        "correct horse\\/battery+staple é".to_owned(),
        "correct horse/battery\\u002bstaple \\u00e9".to_owned(),
        "correct horse/battery\\x2bstaple \\u{e9}".to_owned(),
        base64.replace('+', "%2B").replace('/', "%2f"),
        base64.replace('/', "\\/"),
        Value::from(Value::from(form).to_string()).to_string(),
        Value::from(Value::from(secret).to_string()).to_string(),
    ];
    for spelling in spellings {
        let mut redactor = Redactor::new();
        redactor.add("exa", "api_key", secret);
        let clean = redactor.text(&format!("<{spelling}>")).into_owned();
        // Of base64, the last character is the neighbour's too.
        let rest = clean.replace(['"', '\\', 'Q'], "");
        assert_eq!(rest, "<[redacted:exa.api_key]>", "{spelling}");
    }
}

#[test]
fn a_secret_of_digits_is_found_as_a_number_that_was_rounded() {
    for (secret, number) in
        [("0012345678", "12345678"), ("12345678901234567890123", "12345678901234567890123")]
    {
        let mut redactor = Redactor::new();
        redactor.add("pin", "code", secret);
        let mut value = serde_json::from_str(&format!("[{number}, 1]")).unwrap();
        redactor.value(&mut value);
        assert_eq!(value, serde_json::json!(["[redacted:pin.code]", 1]));
    }
}

#[test]
fn a_thousand_keys_that_come_out_the_same_are_numbered_through() {
    let mut redactor = Redactor::new();
    redactor.add("a", "x", "abcdefghijkl");
    // Each spells the same with other letters percent-encoded.
    let spelled = |bits: usize| {
        let letter = |(at, c): (usize, char)| {
            if bits >> at & 1 == 1 { format!("%{:02x}", u32::from(c)) } else { c.to_string() }
        };
        "abcdefghijkl".char_indices().map(letter).collect::<String>()
    };
    let map: serde_json::Map<String, Value> =
        (0..1000).map(|bits| (spelled(bits), Value::from(bits))).collect();
    let mut value = Value::Object(map);
    redactor.value(&mut value);
    let keys: Vec<&String> = value.as_object().into_iter().flat_map(|map| map.keys()).collect();
    assert_eq!(keys.len(), 1000);
    assert!(keys.iter().all(|key| key.starts_with("[redacted:a.x]")));
    assert!(value.get("[redacted:a.x] (1000)").is_some());
}

#[test]
fn a_secret_below_the_shortest_is_not_looked_for() {
    let mut redactor = Redactor::new();
    redactor.add("a", "x", "1234567");
    assert!(redactor.is_empty());
}

#[test]
fn occurrences_that_overlap_leave_no_tail() {
    let mut redactor = Redactor::new();
    redactor.add("a", "x", "abcabcabc");
    assert_eq!(redactor.text("-abcabcabcabcabc-"), "-[redacted:a.x]-");
}

#[test]
fn what_a_glance_rules_out_holds_no_secret_and_the_rest_is_searched() {
    for (json, is_long) in [
        (serde_json::json!([null, true, 1, "1234567", { "a": ["b"] }]), false),
        (serde_json::json!([{ "a": ["b", "12345678"] }]), true),
        (serde_json::json!([{ "a": { "12345678": 1 } }]), true),
        (serde_json::json!([[49, 50, 51, 52, 53, 54, 55, 56]]), true),
    ] {
        assert_eq!(write(&json, usize::MAX).unwrap().glance.is_long(), is_long, "{json}");
        let mut seen = json.clone();
        let mut redactor = Redactor::new();
        redactor.add("a", "x", "12345678");
        redactor.value(&mut seen);
        assert_eq!(seen != json, is_long, "{json}");
    }
    let glance = |json: Value, may_be_a_number| {
        let Encoded { json, glance, .. } = write(&json, usize::MAX).unwrap();
        AtAGlance::of(json, glance, || may_be_a_number)
    };
    for much in [
        serde_json::json!(["x".repeat(SLICE)]),
        serde_json::json!(vec![1; SLICE]),
        serde_json::json!({ "x".repeat(SLICE): 1 }),
    ] {
        assert!(matches!(glance(much, false), AtAGlance::Much(_)));
    }
    assert!(matches!(glance(Value::Null, false), AtAGlance::Clean(_)));
    assert!(matches!(glance(Value::Null, true), AtAGlance::Little(_)));
}

/// Numbers that look random, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

/// A secret as something may write it on its way out.
fn encoded(secret: &str, random: &mut Random) -> String {
    let each = |one: &dyn Fn(u8) -> String| secret.bytes().map(one).collect::<String>();
    let escaped = |text: &str| {
        let text = Value::from(text).to_string();
        text[1..text.len() - 1].to_owned()
    };
    let html = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;")
    };
    let percent = |text: &str| {
        let one = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(one).collect::<String>()
    };
    match random.below(14) {
        0 => secret.to_owned(),
        1 => each(&|byte| format!("{byte:02x}")),
        2 => each(&|byte| format!("%{byte:02x}")),
        3 => percent(secret),
        4 => percent(&percent(secret)),
        5 => escaped(secret),
        6 => escaped(&escaped(&escaped(secret))),
        7 => html(secret),
        8 => html(&html(secret)),
        9 => escaped(&html(&percent(secret))),
        10 => format!("{:?}", secret.as_bytes()),
        11 => format!("b\"{}\"", secret.as_bytes().escape_ascii()),
        12 => STANDARD_NO_PAD.encode(format!("ab{secret}c")),
        _ => percent(&STANDARD_NO_PAD.encode(format!("a{secret}"))),
    }
}

fn in_slices(redactor: &mut Redactor, text: &str, slice: usize) -> Option<String> {
    let mut scan = Scan::default();
    scan.begin(text.as_bytes());
    let mut search = Search::new(&redactor.needles, &mut redactor.found);
    while !scan.go_on_by(text, slice, &mut search) {}
    scan.end(text)
}

#[test]
fn it_does_not_matter_where_a_slice_ends() {
    let secrets = [
        "sk-canary/7+\"é\\Q",
        "correct horse battery staple & <co>",
        "-----BEGIN A KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END A KEY-----",
        "9182736455463728",
        "ending with a \\",
    ];
    let filling =
        ["", " ", "x", "%", "\\", "&", "é", "[", ", ", "1", "\n", "abc", "%2", "\\u", "&am", "49, 50, "];
    let mut random = Random(1);
    let mut found = 0;
    for _ in 0..400 {
        let secret = random.of(&secrets);
        let mut text: String = (0..random.below(6)).map(|_| random.of(&filling)).collect();
        for _ in 0..1 + random.below(2) {
            text += &encoded(secret, &mut random);
            text.extend((0..random.below(6)).map(|_| random.of(&filling)));
        }
        let mut redactor = Redactor::new();
        redactor.add("exa", "api_key", secret);
        let whole = in_slices(&mut redactor, &text, usize::MAX);
        found += usize::from(whole.is_some());
        for slice in (1..12).chain([1 + random.below(text.len())]) {
            let found = redactor.found.len();
            assert_eq!(in_slices(&mut redactor, &text, slice), whole, "{text:?} in slices of {slice}");
            assert_eq!(redactor.found.len(), found);
        }
    }
    assert!(found > 380, "{found}");
}

#[test]
fn each_encoding_in_each_other_is_found() {
    let mut random = Random(2);
    for secret in [
        "sk-canary/7+\"é\\Q",
        "a&b<c>\"d'e f%41\\n",
        "ünï-cödé-ßecret",
        "12345678",
        "ending in a \\",
        "100%_of_it%4",
    ] {
        for _ in 0..200 {
            // What stands before it must not change how it is read.
            let text = format!("<{}>", encoded(secret, &mut random));
            let mut redactor = Redactor::new();
            redactor.add("exa", "api_key", secret);
            let clean = redactor.text(&text);
            assert!(clean.contains("[redacted:exa.api_key]"), "{text} of {secret}");
        }
    }
}

#[test]
fn white_space_around_a_secret_is_not_looked_for() {
    for around in [" ", "\n", "\r\n", "\t ", "\u{feff}", "\0", "\u{a0}", "\u{200b}"] {
        let mut redactor = Redactor::new();
        redactor.add("exa", "api_key", &format!("{around}sk-4f9c2e7d{around}"));
        for text in [
            "sk-4f9c2e7d",
            "736b2d3466396332653764",
            "c2stNGY5YzJlN2Q",
            "sk%2D4f9c2e7d",
            "[115, 107, 45, 52, 102, 57, 99, 50, 101, 55, 100]",
        ] {
            assert!(redactor.text(text).contains("[redacted:exa.api_key]"), "{text} of {around:?}");
        }
    }
    // With nothing but white space around too few letters, all of it is the secret.
    let mut redactor = Redactor::new();
    redactor.add("exa", "api_key", "  abcdef  ");
    assert_eq!(redactor.text("-  abcdef  -"), "-[redacted:exa.api_key]-");
    assert_eq!(redactor.text("-abcdef-"), "-abcdef-");
}

const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n\
    MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu\nNMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCdPEovGhLa\n\
    -----END PRIVATE KEY-----\n";

#[test]
fn a_key_of_several_lines_is_found_however_its_lines_are_put() {
    let lines: Vec<&str> = PEM.lines().collect();
    let joined = |with: &str| lines.join(with);
    let of_each = |before: &str, after: &str| {
        lines.iter().map(|line| format!("{before}{line}{after}")).collect::<String>()
    };
    let mut texts = vec![
        PEM.to_owned(),
        joined("\r\n"),
        joined("\r"),
        joined(""),
        joined(" "),
        joined("\\n"),
        joined("\\\\n"),
    ];
    texts.extend([
        joined("%0A"),
        joined("%0D%0A"),
        joined("&#10;"),
        joined("\u{2028}"),
        joined("<br>\n").replace("<br>", ""),
    ]);
    texts.extend([
        of_each("    ", "\n"),
        of_each("> ", "\n"),
        of_each("\"", "\\n\" +\n"),
        of_each("* ", "\r\n"),
        of_each("'", "',\n"),
    ]);
    texts.extend([lines[1..lines.len() - 1].join("\n"), lines[1..lines.len() - 1].concat()]);
    texts.extend([
        format!("{PEM:?}"),
        Value::from(Value::from(PEM).to_string()).to_string(),
        format!("{:?}", PEM.as_bytes()),
    ]);
    texts.extend(lines[1..lines.len() - 1].iter().map(|line| (*line).to_owned()));
    texts.extend(lines[1..lines.len() - 1].iter().map(|line| hex_of(line)));
    for skip in ["", "a", "ab"] {
        let base64 = base64::engine::general_purpose::STANDARD.encode(format!("{skip}{PEM}"));
        for width in [64, 76] {
            for end in ["\n", "\r\n", "\\n", "\\r\\n", "\n  ", "%0A", "\" +\n \""] {
                let wrapped: Vec<&str> =
                    base64.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
                texts.push(wrapped.join(end));
            }
        }
        texts.push(STANDARD_NO_PAD.encode(format!("{skip}{}", joined("\r\n"))));
    }
    for text in texts {
        let mut redactor = Redactor::new();
        redactor.add("gcp", "private_key", PEM);
        let clean = redactor.text(&format!("<{text}>")).into_owned();
        assert!(clean.contains("[redacted:gcp.private_key]"), "{text}");
        for rest in
            ["MIIEvQIB", "AgEAAoIBAQC7", "W4R4", "dVMvDuic", "tCSuYEvu", "NMoSfm76", "GvGhLa", "TUlJRX"]
        {
            assert!(!clean.contains(rest), "{rest} of {text} stayed: {clean}");
        }
    }
    // As a `.env` file holds it, the same.
    let mut redactor = Redactor::new();
    redactor.add("gcp", "private_key", &PEM.replace('\n', "\\n"));
    for text in [PEM, lines[2], &joined("\r\n")] {
        assert!(redactor.text(text).contains("[redacted:gcp.private_key]"), "{text}");
    }
    // What all such keys have is none.
    assert_eq!(redactor.text("-----BEGIN PRIVATE KEY-----"), "-----BEGIN PRIVATE KEY-----");
}

#[test]
fn the_members_of_a_structured_secret_are_found_alone_in_each_encoding() {
    let account = serde_json::json!({
        "type": "service_account", "project_id": "a-project-of-ours", "private_key_id": "5e8d0b9a7c6f4e3d2b1a",
        "private_key": PEM, "client_email": "robot@a-project-of-ours.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    });
    let secrets = [
        (account.to_string(), vec!["5e8d0b9a7c6f4e3d2b1a", PEM, PEM.lines().nth(2).unwrap()]),
        (
            serde_json::to_string_pretty(&account).unwrap(),
            vec!["5e8d0b9a7c6f4e3d2b1a", PEM, PEM.lines().nth(1).unwrap()],
        ),
        (
            "postgres://app:p%40ss-w0rd@db.example.com/app?sslmode=require".to_owned(),
            vec!["p@ss-w0rd", "p%40ss-w0rd"],
        ),
        ("Server=db;User ID=app;Password=hunter2-hunter2;Encrypt=true".to_owned(), vec!["hunter2-hunter2"]),
        ("https://api.example.com/v1?page=1&api_key=4f9c2e7d1f0c".to_owned(), vec!["4f9c2e7d1f0c"]),
        (
            "https://hooks.example.com/services/T00/B00/XXXXabcd1234abcd1234".to_owned(),
            vec!["XXXXabcd1234abcd1234"],
        ),
        ("Bearer 4f9c2e7d1f0c9a54e34b".to_owned(), vec!["4f9c2e7d1f0c9a54e34b"]),
    ];
    for (secret, members) in secrets {
        let mut redactor = Redactor::new();
        redactor.add("gcp", "account", &secret);
        for member in members {
            for text in [
                member.to_owned(),
                hex_of(member),
                STANDARD_NO_PAD.encode(member),
                STANDARD_NO_PAD.encode(format!("a{member}")),
                Value::from(member).to_string(),
                format!("{:?}", member.as_bytes()),
                member.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            ] {
                assert!(redactor.text(&text).contains("[redacted:gcp.account]"), "{text} of {secret}");
            }
        }
        for public in [
            "service_account",
            "a-project-of-ours",
            "robot@a-project-of-ours.iam.gserviceaccount.com",
            "https://oauth2.googleapis.com/token",
            "db.example.com",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert_eq!(redactor.text(public), public, "{secret}");
        }
    }
}

#[test]
fn a_short_member_is_found_in_the_spellings_of_the_whole() {
    let mut redactor = Redactor::new();
    redactor.add(
        "exa",
        "account",
        r#"{"password":"ab cd ef gh","token":"abcdef%4","pin_key":"12345678901234567","secret":" hunter2! "}"#,
    );
    for text in [
        "ab+cd+ef+gh",
        "ab%20cd%20ef%2520gh",
        "abcdef%4",
        "abcdef%254",
        "abcdef%41",
        "hunter2!",
        "12345678901234568.0",
        "-1.2345678901234568e16",
    ] {
        assert!(redactor.text(&format!("<{text}>")).contains("[redacted:exa.account]"), "{text}");
    }
    for number in ["12345678901234567", "-12345678901234568.0", "1.2345678901234568e16", "12345678407663616"]
    {
        let mut value: Value = serde_json::from_str(number).unwrap();
        redactor.value(&mut value);
        assert_eq!(value, "[redacted:exa.account]", "{number}");
    }
}

#[test]
fn lists_of_bytes_are_found_in_values_and_the_rest_of_the_list_stays() {
    let mut redactor = Redactor::new();
    redactor.add("exa", "api_key", "sk-4f9c2é");
    let bytes = "sk-4f9c2é".bytes().map(i64::from).collect::<Vec<_>>();
    let signed: Vec<i64> = bytes.iter().map(|byte| if *byte > 127 { byte - 256 } else { *byte }).collect();
    for list in [bytes, signed] {
        let whole: Vec<Value> =
            [1].into_iter().chain(list.clone()).chain(list).chain([2]).map(Value::from).collect();
        let mut value = serde_json::json!({ "data": whole, "n": [1, 2, 3, 4, 5, 6, 7, 8, 9] });
        redactor.value(&mut value);
        let mark = "[redacted:exa.api_key]";
        assert_eq!(
            value,
            serde_json::json!({ "data": [1, mark, mark, 2], "n": [1, 2, 3, 4, 5, 6, 7, 8, 9] })
        );
    }
    // However long the list is, and among what is none.
    let mut long: Vec<Value> = (0..100_000).map(|n| Value::from(n % 7)).collect();
    long.splice(32_766..32_766, "sk-4f9c2é".bytes().map(Value::from));
    long.push(serde_json::json!({ "a": ["sk-4f9c2é"] }));
    let mut value = Value::Array(long);
    redactor.value(&mut value);
    assert_eq!(value[32_766], "[redacted:exa.api_key]");
    assert_eq!(value.as_array().map(Vec::len), Some(100_002));
    assert_eq!(value[100_001]["a"][0], "[redacted:exa.api_key]");
}

#[test]
fn numbers_are_found_with_a_sign_and_rounded() {
    let cases = [
        ("12345678", vec!["12345678", "-12345678", "1.2345678e7", "-1.2345678E7", "12345678.0"]),
        (
            "12345678901234567890123",
            vec!["12345678901234567890123", "-1.2345678901234568e22", "-12345678901234567000000"],
        ),
        ("1234567890123456789", vec!["1234567890123456789", "1234567890123456800", "-1.2345678901234568e18"]),
        ("123456789", vec!["123456792.0"]),
        ("-0.12345678", vec!["0.12345678", "-0.12345678"]),
    ];
    for (secret, numbers) in cases {
        let mut redactor = Redactor::new();
        redactor.add("pin", "code", secret);
        for number in numbers {
            let mut value: Value = serde_json::from_str(&format!("[{number}]")).unwrap();
            redactor.value(&mut value);
            assert_eq!(value, serde_json::json!(["[redacted:pin.code]"]), "{number} of {secret}");
        }
        for other in ["0", "1", "12345679", "-0.1", "1e7"] {
            let mut value: Value = serde_json::from_str(other).unwrap();
            redactor.value(&mut value);
            assert!(value.is_number(), "{other} of {secret}");
        }
    }
    // And as texts: of a number that was printed.
    let mut redactor = Redactor::new();
    redactor.add("pin", "code", "9182736455463728");
    for text in ["n=9182736455463728", "n=-9.182736455463728e15", "9182736455463728.0"] {
        assert!(redactor.text(text).contains("[redacted:pin.code]"), "{text}");
    }
    // Too short as a number.
    let mut redactor = Redactor::new();
    redactor.add("pin", "code", "00000012");
    let mut value = serde_json::json!([12, 0, "00000012"]);
    redactor.value(&mut value);
    assert_eq!(value, serde_json::json!([12, 0, "[redacted:pin.code]"]));
}

#[test]
fn a_large_value_is_looked_at_in_slices_each_of_few_steps() {
    let text = "a text of some length, \\\"escaped\\\" %20 and [1, 2, 3] so on. ".repeat(50);
    let item = |n: usize| serde_json::json!({ "name": text, "list": vec![n % 200; 300], "n": n, (format!("key-{n}-of-this")): n });
    let map: serde_json::Map<String, Value> =
        (0..3000).map(|n| (format!("a key of the map {n}"), Value::from(n))).collect();
    let mut value =
        serde_json::json!([(0..60).map(item).collect::<Vec<_>>(), map, text.repeat(60), vec![7; 50_000]]);
    value[0][30]["name"] = Value::from(format!("{text}{SECRET}{text}"));
    let mut whole = value.clone();
    redactor().value(&mut whole);
    assert_eq!(whole.to_string().matches("[redacted:exa.api_key]").count(), 1);
    let mut redactor = redactor();
    let (mut slices, mut most) = (0, 0);
    {
        let mut walk = Walk::over(&mut value);
        loop {
            STEPS.set(0);
            let is_done = walk.go_on(&mut redactor);
            (slices, most) = (slices + 1, most.max(STEPS.get()));
            if is_done {
                break;
            }
        }
    }
    assert_eq!(value, whole);
    assert!(slices > 15, "{slices}");
    assert!(most < 3 * SLICE, "{most} steps in a slice");
}

#[test]
fn the_steps_of_a_text_are_linear_in_its_length_whatever_it_holds() {
    let secret = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
    for part in [
        "a",
        "aaaaaaaaaaaaaaaaaaaaaaaa ",
        "%61",
        "\\u0061",
        "&amp;",
        "%",
        "\\",
        "[97, ",
        "97, ",
        secret,
        "\n",
    ] {
        let steps = |size: usize| {
            let mut redactor = Redactor::new();
            redactor.add("a", "x", secret);
            let text = format!("[{}", part.repeat(size / part.len()));
            STEPS.set(0);
            let _ = redactor.text(&text);
            STEPS.get()
        };
        let (less, more) = (steps(1 << 16), steps(1 << 18));
        assert!(more <= 5 * less + 1000, "{part}: {less} steps, then {more}");
        assert!(more <= 16 << 18, "{part}: {more} steps");
    }
}

#[test]
fn a_long_text_of_an_error_is_cut_where_no_secret_is() {
    for before in (0..40).map(|less| 64 * 1024 - less).chain([10]) {
        let mut redactor = redactor();
        let text = format!("{}{SECRET}{}", "x".repeat(before), "y".repeat(70_000));
        let clean = redactor.scrub(text.clone()).into_inner();
        assert!(
            clean.len() < 70_000 && clean.ends_with(&format!("… ({} bytes in all)", text.len())),
            "{}",
            clean.len()
        );
        assert!(!clean.contains("sk-"), "{before}");
    }
}

#[test]
fn a_deep_value_takes_no_stack() {
    let mut value = (0..100_000).fold(Value::from(SECRET), |inner, _| Value::Array(vec![inner]));
    redactor().value(&mut value);
    let mut depth = 0;
    while let Value::Array(mut items) = value {
        value = items.pop().unwrap();
        depth += 1;
    }
    assert_eq!((depth, value), (100_000, Value::from("[redacted:exa.api_key]")));
}

/// Whether an image of these bytes is withheld.
async fn is_withheld(redactor: &mut Redactor, bytes: Vec<u8>) -> bool {
    let given = GivenContent { content: Content::image("image/png", bytes), is_alone: true };
    let clean = redactor.scrub_content(given, &Cancellation::new()).await.unwrap();
    matches!(clean.content().parts(), [ContentPart::Text { .. }])
}

/// The filling and the secret in it have no byte that is decoded, and the one is no beginning of the other.
#[tokio::test]
async fn it_does_not_matter_where_a_slice_of_bytes_ends() {
    // Each is found by one search alone: the third column spells it so that the others miss it.
    for (secret, spelled, is_as_base64) in [
        ("zz cd ef gh", "zz+cd+ef+gh", false),
        ("zzcanaryzzcanary0042", "ZZcanary-zzCANARY-0042", false),
        ("zz+/CANARY/04", "zz+/CANARY/04", true),
        ("zzcanaryzzcanary0042", "ZZcanary/zzCANARY+0042", true),
    ] {
        let around = |end: usize| end - spelled.len() - 1..=end + 1;
        for at in around(SLICE).chain(around(2 * SLICE)) {
            let mut bytes = [&vec![b'A'; at], spelled.as_bytes()].concat();
            bytes.resize(bytes.len().next_multiple_of(400), b'A');
            if is_as_base64 {
                bytes = STANDARD_NO_PAD.decode(bytes).unwrap();
            }
            let mut redactor = Redactor::new();
            redactor.add("exa", "api_key", secret);
            assert!(is_withheld(&mut redactor, bytes).await, "{spelled} at {at}, as base64: {is_as_base64}");
        }
    }
}

#[tokio::test]
async fn the_steps_of_bytes_are_linear_in_their_length_however_long_the_secret_is() {
    let secret: String = (0..20_000).map(|n| format!("{n:010}")).collect();
    let mut redactor = Redactor::new();
    redactor.add("a", "x", &secret);
    let mut steps = async |size: usize| {
        STEPS.set(0);
        assert!(!is_withheld(&mut redactor, vec![7; size]).await);
        STEPS.get()
    };
    let (less, more) = (steps(1 << 20).await, steps(1 << 22).await);
    assert!(more <= 5 * less, "{less} steps, then {more}");
    // One looks at up to 62 bytes, and each byte is looked at a few times.
    assert!(more <= 1 << 20, "{more} steps");
}
