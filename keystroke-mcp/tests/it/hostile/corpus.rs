//! What a hostile client may send, made from tables; each with the answer that the protocol gives to it.

use serde_json::{Map, Value, json};

use crate::common::{STATELESS, meta};

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It is not JSON. HTTP: 400 and -32700. Standard output: nothing, as with the other official servers.
    NoJson,
    /// It is JSON and no message. 400 over HTTP, and -32600.
    NoMessage,
    /// The protocol's error of this code.
    Error(i64),
    /// The error -32602, for what each request of the newest version has to say is missing. 400 over HTTP.
    Unsaid,
    /// A result that is an error for the model, with these words.
    Failed(&'static str),
    /// A result that is not an error, with this text.
    Done(String),
    /// Nothing, for it asks for nothing. 202 over HTTP.
    Nothing,
    /// It is JSON, but not read: too deep, with half of a character, or a result that nobody waits for. HTTP: as JSON that is not
    /// a message. Standard output: nothing.
    Unread,
    /// It is not read to its end. HTTP: 413. Standard output: nothing.
    TooLong,
}

/// One message.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Of a request.
    pub(crate) id: Value,
    pub(crate) answer: Answer,
}

/// The longest message that the server takes.
pub(crate) const LONGEST: usize = 1024 * 1024;

/// Texts that look like others, or make a reader stumble.
const TRICKS: [(&str, &str); 30] = [
    ("a zero width space", "echo\u{200b}"),
    ("a zero width joiner", "e\u{200d}cho"),
    ("a byte order mark", "\u{feff}echo"),
    ("a right-to-left override", "\u{202e}ohce"),
    ("an isolate", "\u{2066}echo\u{2069}"),
    ("a soft hyphen", "ec\u{ad}ho"),
    ("full width", "ｅｃｈｏ"),
    ("a Cyrillic letter", "еcho"),
    ("a Greek letter", "echο"),
    ("a combining accent", "echo\u{301}"),
    ("many combining accents", "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}cho"),
    ("mathematical letters", "𝚎𝚌𝚑𝚘"),
    ("a superscript", "echᵒ"),
    ("upper case", "ECHO"),
    ("title case", "Echo"),
    ("a Turkish letter", "ECHO\u{130}"),
    ("a space before", " echo"),
    ("a space after", "echo "),
    ("a no-break space", "echo\u{a0}"),
    ("a tab", "echo\t"),
    ("a line end", "echo\n"),
    ("a line separator", "echo\u{2028}"),
    ("a null", "echo\u{0}"),
    ("an escape sequence", "\u{1b}[31mecho"),
    ("a path", "../echo"),
    ("a template", "{{echo}}"),
    ("a format", "%s%n%x"),
    ("a query", "echo'; DROP TABLE tools; --"),
    ("emoji of many code points", "👩\u{200d}👩\u{200d}👧\u{200d}👦"),
    ("a noncharacter", "\u{ffff}\u{10ffff}"),
];

/// Values of each type that JSON has.
fn values() -> [(&'static str, Value); 9] {
    [
        ("null", Value::Null),
        ("true", json!(true)),
        ("a number", json!(3)),
        ("a fraction", json!(-1.5e300)),
        ("a string", json!("text")),
        ("an empty string", json!("")),
        ("a list", json!([1, "two", null])),
        ("an empty list", json!([])),
        ("an object", json!({ "a": { "b": 1 } })),
    ]
}

/// Makes the corpus for a version of the protocol.
pub(crate) struct Corpus {
    version: &'static str,
    cases: Vec<Case>,
}

/// All cases.
pub(crate) fn corpus(version: &'static str) -> Vec<Case> {
    let mut corpus = Corpus { version, cases: Vec::new() };
    corpus.no_json();
    corpus.no_message();
    corpus.deep();
    corpus.long();
    corpus.parameters();
    corpus.arguments();
    corpus.tricks();
    corpus.ids();
    corpus.about_requests();
    corpus.methods();
    corpus.notifications();
    corpus.cases
}

impl Corpus {
    fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>, answer: Answer) {
        self.cases.push(Case { name: name.into(), bytes: bytes.into(), id: self.id(), answer });
    }

    /// Of the next case; no other has it.
    fn id(&self) -> Value {
        format!("hostile {}", self.cases.len()).into()
    }

    /// A request, with what each of this version says.
    fn request(&self, method: &str, mut params: Value) -> Value {
        if self.version == STATELESS
            && let Some(params) = params.as_object_mut()
            && let Some(own) = params.entry("_meta").or_insert_with(|| json!({})).as_object_mut()
        {
            own.extend(meta().as_object().unwrap().clone());
        }
        json!({ "jsonrpc": "2.0", "id": self.id(), "method": method, "params": params })
    }

    fn call(&self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    fn no_json(&mut self) {
        let whole = self.call("count", json!({})).to_string();
        // Cut off after each of its bytes, at most as many as one hundred places.
        for end in (1..whole.len()).step_by(whole.len().div_ceil(100)) {
            self.add(format!("cut off after {end} bytes"), &whole.as_bytes()[..end], Answer::NoJson);
        }
        for (name, text) in [
            ("a word", "hello"),
            ("a brace", "{"),
            ("the other brace", "}"),
            ("single quotes", "{'jsonrpc':'2.0','id':'hostile','method':'ping'}"),
            ("no quotes", "{jsonrpc:2.0}"),
            ("a comma at the end", r#"{"jsonrpc":"2.0","id":"hostile","method":"ping",}"#),
            ("a comment", r#"{"jsonrpc":"2.0",/* */"id":"hostile","method":"ping"}"#),
            (
                "two in one",
                r#"{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}"#,
            ),
            ("text behind it", r#"{"jsonrpc":"2.0","id":"hostile","method":"ping"} and more"#),
            ("not a number", r#"{"jsonrpc":"2.0","id":NaN,"method":"ping"}"#),
            ("infinity", r#"{"jsonrpc":"2.0","id":Infinity,"method":"ping"}"#),
            ("a number of hexadecimal digits", r#"{"jsonrpc":"2.0","id":0x10,"method":"ping"}"#),
            ("a number with a zero before", r#"{"jsonrpc":"2.0","id":01,"method":"ping"}"#),
            ("a number with a plus", r#"{"jsonrpc":"2.0","id":+1,"method":"ping"}"#),
            ("an escape that is none", r#"{"jsonrpc":"2.0","id":"\q","method":"ping"}"#),
            ("half an escape", r#"{"jsonrpc":"2.0","id":"\u12","method":"ping"}"#),
            ("XML", "<?xml version='1.0'?><methodCall/>"),
            ("a form", "jsonrpc=2.0&id=1&method=ping"),
            ("an event", "data: {\"jsonrpc\":\"2.0\"}"),
            ("a header of another protocol", "Content-Length: 2"),
            ("a control character in a string", "{\"jsonrpc\":\"2.0\",\"id\":\"\u{1}\",\"method\":\"ping\"}"),
            ("a null character", "\u{0}"),
        ] {
            self.add(name, text, Answer::NoJson);
        }
        for (name, id) in [
            ("a half", "\\ud800"),
            ("the other half", "\\udc00"),
            ("two halves in the wrong order", "\\udc00\\ud800"),
        ] {
            let message = format!(r#"{{"jsonrpc":"2.0","id":"{id}","method":"ping"}}"#);
            self.add(format!("{name} of a character"), message, Answer::Unread);
        }
        for (name, bytes) in [
            ("a byte that is no UTF-8", &b"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"ping\"}"[..]),
            ("an overlong slash", b"{\"jsonrpc\":\"2.0\",\"id\":\"\xc0\xaf\",\"method\":\"ping\"}"),
            ("half of a character", b"{\"jsonrpc\":\"2.0\",\"id\":\"\xe2\x82\",\"method\":\"ping\"}"),
            ("a surrogate in UTF-8", b"{\"jsonrpc\":\"2.0\",\"id\":\"\xed\xa0\x80\",\"method\":\"ping\"}"),
            (
                "beyond the last character",
                b"{\"jsonrpc\":\"2.0\",\"id\":\"\xf4\x90\x80\x80\",\"method\":\"ping\"}",
            ),
            ("UTF-16", b"{\0\"\0j\0\"\0:\0\x31\0}\0"),
            ("a compressed body", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x4a\xce"),
        ] {
            self.add(name, bytes, Answer::NoJson);
        }
    }

    fn no_message(&mut self) {
        for (name, value) in values() {
            if !value.is_object() {
                self.add(format!("{name} alone"), value.to_string(), Answer::NoMessage);
            }
        }
        let whole = self.call("count", json!({}));
        for (name, value) in [
            ("an empty object", json!({})),
            ("a list of a message", json!([whole])),
            ("a list of two messages", json!([whole, whole])),
            ("a list in a list", json!([[whole]])),
            ("a message in a message", json!({ "message": whole })),
            ("an id alone", json!({ "id": "hostile" })),
            ("a result without a version", json!({ "id": "hostile", "result": {} })),
        ] {
            self.add(name, value.to_string(), Answer::NoMessage);
        }
        for (name, value) in values() {
            for field in ["jsonrpc", "method"] {
                if field == "method" && value.is_string() {
                    continue;
                }
                let mut message = whole.clone();
                message[field] = value.clone();
                self.add(format!("{name} as `{field}`"), message.to_string(), Answer::NoMessage);
            }
            if !matches!(value, Value::String(_) | Value::Number(_)) || name == "a fraction" {
                let mut message = whole.clone();
                message["id"] = value.clone();
                self.add(format!("{name} as `id`"), message.to_string(), Answer::NoMessage);
            }
        }
        for version in ["1.0", "2", "2.00", "3.0", " 2.0", "2.0 ", "２.０"] {
            let mut message = whole.clone();
            message["jsonrpc"] = version.into();
            self.add(format!("version `{version}`"), message.to_string(), Answer::NoMessage);
        }
        for missing in ["jsonrpc", "method"] {
            let mut message = whole.clone();
            message.as_object_mut().unwrap().remove(missing);
            self.add(format!("no `{missing}`"), message.to_string(), Answer::NoMessage);
        }
    }

    fn deep(&mut self) {
        for depth in [130, 1_000, 10_000, 100_000] {
            let list = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            let object = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
            for (name, deep) in [("lists", list), ("objects", object)] {
                self.add(format!("{depth} {name}"), &*deep, Answer::Unread);
                let whole = self.call("echo", json!({ "text": "DEEP" })).to_string();
                self.add(
                    format!("{depth} {name} as an argument"),
                    whole.replace("\"DEEP\"", &deep),
                    Answer::Unread,
                );
            }
            self.add(format!("{depth} lists that do not end"), "[".repeat(depth), Answer::NoJson);
        }
    }

    fn long(&mut self) {
        let text = |length: usize| "x".repeat(length);
        for length in [LONGEST, LONGEST * 2] {
            for (name, bytes) in [
                ("spaces", " ".repeat(length + 1)),
                ("a word", text(length + 1)),
                ("an argument", self.call("echo", json!({ "text": text(length) })).to_string()),
                ("a tool's name", self.call(&text(length), json!({})).to_string()),
                ("a method", self.request(&text(length), json!({})).to_string()),
                ("an argument's name", self.call("echo", json!({ text(length): 1 })).to_string()),
                ("many lists", "[],".repeat(length / 2)),
            ] {
                self.add(format!("{name} of more than {length} bytes"), bytes, Answer::TooLong);
            }
        }
        // Below that it is a message as any other.
        let most = text(LONGEST / 2);
        self.add(
            "a long argument",
            self.call("echo", json!({ "text": &*most })).to_string(),
            Answer::Done(most.clone()),
        );
        self.add("a long name of a tool", self.call(&most, json!({})).to_string(), Answer::Error(-32602));
        self.add(
            "a long name of a method",
            self.request(&most, json!({})).to_string(),
            Answer::Error(-32601),
        );
        let many: Value =
            (0..20_000).map(|number| (number.to_string(), number.into())).collect::<Map<_, _>>().into();
        self.add("20,000 arguments", self.call("echo", many).to_string(), Answer::Failed("`text`"));
    }

    fn parameters(&mut self) {
        for (name, value) in values() {
            if !value.is_object() && !value.is_null() {
                let mut message = self.call("count", json!({}));
                message["params"] = value.clone();
                self.add(
                    format!("{name} as the parameters of a call"),
                    message.to_string(),
                    Answer::NoMessage,
                );
                let mut message = self.call("count", json!({}));
                message["params"]["arguments"] = value.clone();
                self.add(format!("{name} as the arguments"), message.to_string(), Answer::Error(-32602));
            }
            if !value.is_string() {
                let mut message = self.call("count", json!({}));
                message["params"]["name"] = value.clone();
                self.add(format!("{name} as the tool's name"), message.to_string(), Answer::Error(-32602));
            }
        }
        let mut message = self.call("count", json!({}));
        message["params"].as_object_mut().unwrap().remove("name");
        self.add("a call of nothing", message.to_string(), Answer::Error(-32602));
        let mut message = self.call("count", json!({}));
        message.as_object_mut().unwrap().remove("params");
        let answer = if self.version == STATELESS { Answer::Unsaid } else { Answer::Error(-32602) };
        self.add("a call without parameters", message.to_string(), answer);
    }

    fn arguments(&mut self) {
        for (name, value) in values() {
            if !value.is_string() {
                let call = self.call("echo", json!({ "text": value.clone() }));
                self.add(
                    format!("{name} where a text is wanted"),
                    call.to_string(),
                    Answer::Failed("`text`"),
                );
            }
            if value != 3 {
                let call = self.call("echo", json!({ "text": "a", "times": value }));
                self.add(
                    format!("{name} where a number is wanted"),
                    call.to_string(),
                    Answer::Failed("`times`"),
                );
            }
        }
        for number in
            ["-1", "4294967296", "1.5", "1e30", "1e400", "-0.0001", "123456789012345678901234567890"]
        {
            let call = self.call("echo", json!({ "text": "a", "times": "NUMBER" }));
            let answer = if number == "1e400" { Answer::Unread } else { Answer::Failed("`times`") };
            self.add(
                format!("{number} where a u32 is wanted"),
                call.to_string().replace("\"NUMBER\"", number),
                answer,
            );
        }
        self.add("no arguments", self.call("echo", json!({})).to_string(), Answer::Failed("`text`"));
        let twice = self
            .call("echo", json!({ "text": "a" }))
            .to_string()
            .replace(r#""text":"a""#, r#""text":"a","text":"b""#);
        self.add("an argument twice", twice, Answer::Done("b".to_owned()));
        for field in ["__proto__", "constructor", "organization", "user", "$ref", "text\u{0}"] {
            let call = self.call("echo", json!({ "text": "a", field: { "admin": true } }));
            self.add(
                format!("an argument `{field}` that nobody asked for"),
                call.to_string(),
                Answer::Done("a".to_owned()),
            );
        }
    }

    fn tricks(&mut self) {
        for (name, text) in TRICKS {
            self.add(
                format!("a tool's name with {name}"),
                self.call(text, json!({})).to_string(),
                Answer::Error(-32602),
            );
            self.add(
                format!("a method with {name}"),
                self.request(text, json!({})).to_string(),
                Answer::Error(-32601),
            );
            let method = format!("tools/call{text}");
            self.add(
                format!("a known method and {name}"),
                self.request(&method, json!({})).to_string(),
                Answer::Error(-32601),
            );
            let call = self.call("echo", json!({ "text": text }));
            self.add(format!("an argument with {name}"), call.to_string(), Answer::Done(text.to_owned()));
            let call = self.call("echo", json!({ text: "a" }));
            self.add(format!("an argument's name with {name}"), call.to_string(), Answer::Failed("`text`"));
        }
        for name in [
            "",
            ".",
            "/",
            "search/echo",
            "mcp__echo",
            "tools.echo",
            "echo;echo",
            "null",
            "undefined",
            "0",
            "*",
        ] {
            self.add(
                format!("no tool `{name}`"),
                self.call(name, json!({})).to_string(),
                Answer::Error(-32602),
            );
        }
    }

    fn ids(&mut self) {
        let texts = TRICKS.map(|(_, text)| json!(text));
        let numbers = [0, 1, -1, i64::MAX, i64::MIN, (1 << 53) + 1].map(|number| json!(number));
        for id in texts.into_iter().chain(numbers).chain([json!(""), json!("x".repeat(10_000))]) {
            let mut message = self.call("echo", json!({ "text": "a" }));
            message["id"] = id.clone();
            self.add(format!("the id {id:.40}"), message.to_string(), Answer::Done("a".to_owned()));
            self.cases.last_mut().unwrap().id = id;
        }
    }

    /// What each request of the newest version says of its client, and what it may in all versions.
    fn about_requests(&mut self) {
        for (name, value) in values() {
            let mut message = self.call("count", json!({}));
            message["params"]["_meta"]["progressToken"] = value.clone();
            // A token that is none is as no token.
            self.add(format!("{name} as a progress token"), message.to_string(), Answer::Done(String::new()));
            if self.version != STATELESS {
                continue;
            }
            let version = if value.is_string() { Answer::Error(-32022) } else { Answer::Unsaid };
            for (field, answer) in [
                ("io.modelcontextprotocol/protocolVersion", version),
                ("io.modelcontextprotocol/clientCapabilities", Answer::Unsaid),
            ] {
                if field.ends_with("Capabilities") && value.is_object() {
                    continue;
                }
                let mut message = self.call("count", json!({}));
                message["params"]["_meta"][field] = value.clone();
                self.add(format!("{name} as `{field}`"), message.to_string(), answer);
            }
        }
        if self.version != STATELESS {
            return;
        }
        for version in ["1999-01-01", "2999-01-01", "2026-07-28 ", "２026-07-28", "2026-07-28\u{0}", "latest"]
        {
            let mut message = self.call("count", json!({}));
            message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.into();
            self.add(format!("version `{version}`"), message.to_string(), Answer::Error(-32022));
        }
        for field in meta().as_object().unwrap().keys().filter(|field| !field.ends_with("clientInfo")) {
            let mut message = self.call("count", json!({}));
            message["params"]["_meta"].as_object_mut().unwrap().remove(field);
            self.add(format!("no `{field}`"), message.to_string(), Answer::Unsaid);
        }
        let mut message = self.call("count", json!({}));
        message["params"].as_object_mut().unwrap().remove("_meta");
        self.add("nothing about the request", message.to_string(), Answer::Unsaid);
    }

    fn methods(&mut self) {
        for method in [
            "resources/list",
            "resources/read",
            "resources/templates/list",
            "resources/subscribe",
            "prompts/list",
            "prompts/get",
            "completion/complete",
            "logging/setLevel",
            "sampling/createMessage",
            "roots/list",
            "elicitation/create",
            "tools",
            "tools/",
            "tools/List",
            "tools/list/",
            "/tools/list",
            "tools//list",
            "rpc.discover",
            "system.listMethods",
            "eval",
            "",
            "notifications/initialized",
        ] {
            self.add(
                format!("the method `{method}`"),
                self.request(method, json!({})).to_string(),
                Answer::Error(-32601),
            );
        }
        // Without parameters; the newest version has no such methods.
        let answer = || Answer::Error(if self.version == STATELESS { -32601 } else { -32602 });
        let (initialize, answer) = (self.request("initialize", json!({})).to_string(), answer());
        self.add("a second beginning", initialize, answer);
    }

    fn notifications(&mut self) {
        for (method, params) in [
            ("notifications/cancelled", json!({})),
            ("notifications/cancelled", json!({ "requestId": "nobody" })),
            ("notifications/cancelled", json!({ "requestId": 12_345, "reason": "x".repeat(10_000) })),
            ("notifications/progress", json!({ "progressToken": 1, "progress": 1 })),
            ("notifications/roots/list_changed", json!({})),
            ("notifications/initialized", json!({})),
            ("notifications/nobody/knows", json!({ "a": [1, 2] })),
            ("tools/call", json!({ "name": "count", "arguments": {} })),
        ] {
            let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
            let name = format!("the notification `{method}` of {params:.60}");
            self.add(name, message.to_string(), Answer::Nothing);
        }
        for (name, message) in [
            ("a result that nobody waits for", json!({ "jsonrpc": "2.0", "id": 99, "result": {} })),
            (
                "an error that nobody waits for",
                json!({ "jsonrpc": "2.0", "id": 99, "error": { "code": 1, "message": "" } }),
            ),
        ] {
            self.add(name, message.to_string(), Answer::Unread);
        }
    }
}
