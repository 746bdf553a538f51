//! How a secret may be spelled to get past a search for it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// The ways to write a text that are looked for (SEMANTICS S3).
pub(crate) fn spellings(secret: &str) -> Vec<(&'static str, String)> {
    let hex = |upper: bool| {
        let digits = |byte: u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
        secret.bytes().map(digits).collect::<String>()
    };
    let percent = |all: bool| {
        let one = |byte: u8| {
            if byte.is_ascii_alphanumeric() && !all {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        };
        secret.bytes().map(one).collect::<String>()
    };
    let mut spellings = vec![
        ("plain", secret.to_owned()),
        ("in a text", format!("before {secret} after")),
        ("twice", format!("{secret}{secret}")),
        ("a JSON text", serde_json::to_string(secret).expect("a string is JSON")),
        ("a Rust literal", format!("{secret:?}")),
        ("percent-encoded", percent(false)),
        ("percent-encoded, every byte", percent(true)),
        ("percent-encoded in lower case", percent(true).to_lowercase()),
        ("in a URL", format!("https://example.com/?q={}&page=1", percent(false))),
        ("hex", hex(false)),
        ("HEX", hex(true)),
        ("hex in a dump", format!("0x00{}ff", hex(false))),
    ];
    let html = |text: &str| {
        text.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('/', "&#x2F;")
    };
    let wrapped = |text: &str, width: usize, end: &str| {
        let lines = text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).expect("it is ASCII"));
        lines.collect::<Vec<_>>().join(end)
    };
    spellings.extend([
        ("percent-encoded twice", percent(false).replace('%', "%25")),
        ("in HTML", html(secret)),
        ("in HTML twice", html(&html(secret))),
        ("a JSON text of HTML", serde_json::to_string(&html(secret)).expect("a string is JSON")),
        ("a list of bytes", format!("{:?}", secret.as_bytes())),
        ("a Rust literal of bytes", format!("b\"{}\"", secret.as_bytes().escape_ascii())),
        ("hex in a dump of lines", wrapped(&hex(false), 16, "\n")),
        ("wrapped base64", wrapped(&STANDARD.encode(format!("{}{secret}", "x".repeat(70))), 76, "\r\n")),
    ]);
    for before in ["", "a", "ab"] {
        let text = format!("{before}{secret}z");
        spellings.push(("base64", STANDARD.encode(&text)));
        spellings.push(("base64 without padding", STANDARD_NO_PAD.encode(&text)));
        spellings.push(("base64url", URL_SAFE.encode(&text)));
        spellings.push(("base64url without padding", URL_SAFE_NO_PAD.encode(&text)));
    }
    spellings
}
