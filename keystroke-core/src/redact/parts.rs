//! The parts of a secret that are secrets by themselves: its lines, the members of a JSON document, the password in a
//! URL, the value behind a `password=`. Whoever holds one of them holds what matters.
//!
//! A part is at least [`LONG`] bytes: names, words and hosts are mostly shorter, and whatever is redacted is lost to whoever
//! asked for it. One that says it is a secret, by its name or its place, is looked for from the length on that secrets
//! have. What is public in well-known documents is left out; of the rest more is redacted than would have to be.

use serde_json::Value;
use zeroize::Zeroizing;

use super::SHORTEST;
use super::decode::decoded;
use super::multi_pattern::Wiped;

/// So long is a part that does not say what it is.
pub(super) const LONG: usize = 16;
/// Names of secrets have one of these in them, or end with `key`.
const SECRET: [&str; 8] = ["pass", "pwd", "secret", "token", "private", "credential", "apikey", "signature"];
/// Names of what is public end with one of these.
const PUBLIC: [&str; 20] = [
    "account", "audience", "database", "domain", "email", "endpoint", "host", "hostname", "id", "issuer",
    "login", "name", "project", "region", "scope", "scopes", "server", "type", "uid", "user",
];

/// The headers of a key between its armour that say nothing of it.
const HEADERS: [&str; 5] = ["Charset:", "Comment:", "Hash:", "Proc-Type:", "Version:"];
const QUOTES: [char; 3] = ['"', '\'', '`'];

type Text = Zeroizing<String>;

/// The parts of a secret, but for the secret itself.
pub(super) fn parts(secret: &str) -> Vec<Text> {
    let mut parts = Parts::default();
    parts.of(secret);
    parts.0.retain(|part| part.as_str() != secret);
    parts.0.sort_unstable_by(|a, b| a.as_str().cmp(b));
    parts.0.dedup();
    parts.0
}

#[derive(Default)]
struct Parts(Vec<Text>);

impl Parts {
    fn of(&mut self, text: &str) {
        match serde_json::from_str(text) {
            Ok(document @ (Value::Object(_) | Value::Array(_))) => self.members("", document),
            _ => {
                self.lines(text);
                // A key whose line ends are written `\n`, as in a `.env` file; a password that is percent-encoded.
                if let Some(plain) = plain_of(text) {
                    self.long(&plain);
                    self.lines(&plain);
                }
            }
        }
    }

    /// At most as deep as JSON is read.
    fn members(&mut self, name: &str, member: Value) {
        match member {
            Value::String(text) => {
                let text = Zeroizing::new(text);
                if is_secret(name) || is_url(&text) || !is_public(name, &text) {
                    self.named(name, &text);
                    self.of(&text);
                }
            }
            Value::Array(members) => members.into_iter().for_each(|member| self.members(name, member)),
            Value::Object(members) => {
                members.into_iter().for_each(|(name, member)| self.members(&name, member));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn lines(&mut self, text: &str) {
        let lines = || text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
        let is_one = lines().nth(1).is_none();
        let is_armoured = lines().any(is_armour);
        let says_nothing = |line: &str| {
            is_armour(line) || is_armoured && HEADERS.iter().any(|header| line.starts_with(header))
        };
        let body = || lines().filter(|line| !says_nothing(line));
        if is_armoured {
            self.long(&Zeroizing::new(body().collect::<Vec<_>>().join("\n")));
        }
        for line in body() {
            if !is_one {
                self.long(line);
            }
            self.words(line);
            self.quoted(line);
            self.pair(line);
            line.split(';').for_each(|pair| self.pair(pair));
        }
    }

    /// `name=value` or `name: value` with spaces and marks in the value.
    fn pair(&mut self, pair: &str) {
        let Some((name, value)) = pair.split_once(['=', ':']) else { return };
        // What stands before a name: `export`, `-`.
        let name = name.trim().rsplit(char::is_whitespace).next().unwrap_or_default();
        let is_padding = value.bytes().all(|byte| byte == b'=');
        if !name.is_empty() && !is_padding && !value.starts_with("//") {
            self.named(name, value.trim());
        }
    }

    /// `name="value"`, and `"name": "value"`, with whatever in the value.
    fn quoted(&mut self, line: &str) {
        for quote in QUOTES {
            let (mut before, mut last) = ("", "");
            for (text, index) in line.split(quote).zip(0_usize..) {
                if index % 2 == 0 {
                    before = text.trim();
                    continue;
                }
                if let Some(name) = before.strip_suffix(['=', ':']) {
                    let name =
                        name.trim_end().rsplit([' ', '\t', ';', ',', '{', '(']).next().unwrap_or_default();
                    self.named(if name.is_empty() { last } else { name }, text);
                }
                last = text;
            }
        }
    }

    fn words(&mut self, line: &str) {
        // `name: value`, `name = value` and `password value` are two words, or three.
        let mut name = "";
        let mut words = line
            .split(|c: char| c.is_whitespace() || QUOTES.contains(&c) || "<>(){}".contains(c))
            .filter(|word| !word.is_empty())
            .peekable();
        while let Some(word) = words.next() {
            let rest = match word.split_once("://") {
                Some((_, address)) => self.address(address),
                None => word,
            };
            let is_before_a_sign = matches!(words.peek(), Some(&("=" | ":")));
            let is_last = words.peek().is_none();
            for item in rest.split([';', '&', ',', '?', '#', '|']).filter(|item| !item.is_empty()) {
                match item.split_once(['=', ':']) {
                    Some(("", "")) => {}
                    // Of base64, the end.
                    Some((named, end)) if !is_padding(item, named, end, is_last) => {
                        if end.is_empty() {
                            name = named;
                        } else {
                            self.named(named, end);
                            name = "";
                        }
                    }
                    None if is_before_a_sign => name = item,
                    _ => {
                        self.named(name, item);
                        name = if is_secret(item) { item } else { "" };
                    }
                }
            }
        }
    }

    /// Of `user:password@host/path?query`; comes to what is behind the path.
    fn address<'a>(&mut self, address: &'a str) -> &'a str {
        let (authority, rest) = address.split_at(address.find(['/', '?', '#']).unwrap_or(address.len()));
        if let Some((user, _)) = authority.rsplit_once('@') {
            match user.split_once(':') {
                Some((_, password)) => self.named("password", password),
                None => self.long(user),
            }
        }
        let (path, rest) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
        // The paths of webhooks hold a secret; those of documents hold words.
        let made_up = |segment: &&str| segment.bytes().any(|byte| byte.is_ascii_digit());
        path.split('/').filter(made_up).for_each(|segment| self.named("", segment));
        rest
    }

    fn named(&mut self, name: &str, value: &str) {
        if is_secret(name) {
            self.from(SHORTEST, value);
        } else if !is_public(name, value) {
            self.long(value);
        }
    }

    fn long(&mut self, text: &str) {
        self.from(LONG, text);
    }

    fn from(&mut self, least: usize, text: &str) {
        let text = inner(text);
        // Of a URL the parts are looked for: the whole is mostly public.
        if text.len() >= least && !is_url(text) {
            self.0.extend(plain_of(text).filter(|plain| plain.len() >= least));
            self.0.push(Zeroizing::new(text.to_owned()));
        }
    }
}

/// A secret without what stands around it: headers and command lines take that off, and a text editor's mark is seen by
/// nobody.
pub(super) fn inner(secret: &str) -> &str {
    secret.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    })
}

/// The text without its escapes, if it has any.
fn plain_of(text: &str) -> Option<Text> {
    let plain: Wiped = decoded(text.as_bytes()).0;
    let mut characters = Zeroizing::new(String::with_capacity(text.len()));
    // What is decoded has characters up to U+00FF as one byte.
    for chunk in plain.utf8_chunks() {
        characters.push_str(chunk.valid());
        characters.extend(chunk.invalid().iter().copied().map(char::from));
    }
    (characters.as_str() != text).then_some(characters)
}

/// Whether what looks like `name=`, or `name==`, is base64 that ends so.
fn is_padding(item: &str, named: &str, end: &str, is_last: bool) -> bool {
    item.ends_with('=') && !named.is_empty() && (end == "=" || end.is_empty() && is_last)
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// `-----BEGIN PRIVATE KEY-----` and its end.
fn is_armour(line: &str) -> bool {
    line.starts_with("-----") && line.ends_with("-----")
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_secret(name: &str) -> bool {
    let name = plain(name);
    name.ends_with("key") || SECRET.iter().any(|secret| name.contains(secret))
}

/// By its name, or because it is an address: of mail, or of what is no URL.
fn is_public(name: &str, value: &str) -> bool {
    let name = plain(name);
    let is_mail = || {
        let at = value.split_once('@').or_else(|| value.split_once("%40"));
        at.is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains(['@', ':', '/', ' '])
        })
    };
    PUBLIC.iter().any(|public| name.ends_with(public)) || value.starts_with("urn:") || is_mail()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(secret: &str, expected: &[&str]) {
        let parts = parts(secret);
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(parts.iter().map(|part| part.as_str()).collect::<Vec<_>>(), expected, "{secret}");
    }

    #[test]
    fn a_key_of_several_lines_is_its_lines_and_its_body() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\nshort==\n-----END PRIVATE KEY-----\n";
        let lines = ["MIIEvQIBADANBgkqhkiG9w0B", "AQEFAASCBKcwggSjAgEAAoIB"];
        let body = format!("{}\n{}\nshort==", lines[0], lines[1]);
        same(pem, &[lines[0], lines[1], &body]);
        same(&pem.replace('\n', "\r\n"), &[lines[0], lines[1], &body]);
        let document = serde_json::json!({
            "type": "external_account_authorized_user",
            "project_id": "a-project-with-a-long-name",
            "private_key_id": "0123456789abcdef01234567",
            "private_key": pem,
            "client_email": "robot@a-project.iam.gserviceaccount.com",
            "client_id": "123456789012345678901",
            "token_uri": "https://oauth2.googleapis.com/token",
            "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/robot%40a-project-1.iam.gserviceaccount.com",
            "nested": [{ "password": "hunter2hunter2" }, "unnamed and of some length", "unnamed"],
        });
        same(
            &document.to_string(),
            &[
                "0123456789abcdef01234567",
                pem.trim_end(),
                lines[0],
                lines[1],
                &body,
                "hunter2hunter2",
                "unnamed and of some length",
            ],
        );
    }

    #[test]
    fn passwords_are_parts_where_they_say_so() {
        same(
            "postgres://app:p%40ss-word@db.internal.example.com:5432/app?sslmode=require",
            &["p%40ss-word", "p@ss-word"],
        );
        same(
            "https://hooks.example.com/services/T0000/B0000/abcdefgh12345678ABCDEFGH",
            &["abcdefgh12345678ABCDEFGH"],
        );
        same("https://ghp_0123456789abcdef@example.com/a/repository.git", &["ghp_0123456789abcdef"]);
        same(
            "Server=tcp:a-long-name.database.windows.net,1433;User ID=app;Password=hunter2hunter2;Encrypt=true",
            &["hunter2hunter2"],
        );
        same("AccountName=aLongNameOfAnAccount;AccountKey=abcd1234==;EndpointSuffix=x", &["abcd1234=="]);
        same("Bearer abcdefgh12345678", &["abcdefgh12345678"]);
        same("machine api.example.com login app password hunter2hunter2", &["hunter2hunter2"]);
        same("user: app\npassword: hunter2!", &["password: hunter2!", "hunter2!"]);
        same("https://api.example.com/v1?api_key=abcd1234&page=1", &["abcd1234"]);
        for whole in
            ["sk-4f9c2e7d1f0c9a54e34b0e8f21c6aa01", "correct horse battery staple", "c2VjcmV0LXNlY3JldA=="]
        {
            same(whole, &[]);
        }
    }

    #[test]
    fn values_are_parts_however_they_are_written() {
        for (secret, part) in [
            ("Basic dXNlcjpodW50ZXIyaHVudGVyMg==", "dXNlcjpodW50ZXIyaHVudGVyMg=="),
            ("Basic dXNlcjpodW50ZXIyaHVudGU=", "dXNlcjpodW50ZXIyaHVudGU="),
            ("user: app\npassword: correct horse", "correct horse"),
            ("export PASSWORD=\"correct; horse\"", "correct; horse"),
            ("PASSWORD=ab,cd;ef(gh", "ab,cd;ef(gh"),
            ("host=db user=app password='correct horse' port=1", "correct horse"),
            ("Server=db;Password=correct horse;User ID=app", "correct horse"),
            ("- token: 'abc 12345'", "abc 12345"),
            ("{ 'user': 'app', 'password': 'correct horse', }", "correct horse"),
            (r#"{"password":" hunter2-hunter2\n"}"#, "hunter2-hunter2"),
            ("jdbc:postgresql://db/app?user=fred&password=sec%20r%C3%A9t%2B1", "sec rét+1"),
            (r#"{"password":"p%40ss-word"}"#, "p@ss-word"),
        ] {
            let parts = parts(secret);
            assert!(parts.iter().any(|known| known.as_str() == part), "{part} is no part of {secret}");
        }
    }

    #[test]
    fn names_and_headers_are_no_parts() {
        for (secret, public) in [
            ("aws_secret_access_key = wJalrXUtnFEMI\nregion = us-east-1", "aws_secret_access_key"),
            ("a_token_of_the_service : wJalrXUtnFEMI", "a_token_of_the_service"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
                "Proc-Type: 4,ENCRYPTED",
            ),
            ("see https://docs.example.com/a/document", "//docs.example.com/a/document"),
        ] {
            let parts = parts(secret);
            assert!(
                parts.iter().all(|known| !known.as_str().split('\n').any(|line| line == public)),
                "{public} is a part of {secret}"
            );
        }
    }
}
