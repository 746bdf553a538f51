//! SEMANTICS S3 over the wire: a server in a process of its own, with actions that try to return their secrets in every
//! form and by every way out, and clients over standard input and output and over HTTP, in both generations of the
//! protocol. Every byte that they exchange is kept and searched, and what the server writes to standard error too.

use std::error::Error;
use std::fmt;

use keystroke::declare::CredentialKind;
use keystroke::mcp::{Server, Tokens};
use keystroke::prelude::*;
use keystroke::testing::find_secret;
use keystroke::tool::ResourceLink;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::common::child::{Child, is_child};
use crate::common::random::Random;
use crate::common::{self, LEGACY, STATELESS, binding, meta};
use crate::spellings::spellings;
use crate::tee::Tee;

/// Each in a field of its own.
const SECRETS: [&str; 4] =
    ["sk-canary/4f\"9c+é\\Q one", "canary two ~ %41 = & ?", "ya29.canary-THREE_aa/bb+cc", "9182736455463728"];
/// Nobody's secret, so that it does leave: what the search has to find.
const CONTROL: &str = "ct-canary/5e\"8d+ü\\R ctl";

/// Calls on each of the four ways to the server.
const CALLS: usize = 2_500;
/// Calls at a time.
const AT_A_TIME: usize = 48;

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
    second: Option<SecretString>,
    pin: SecretString,
}

#[credential(key = "gmail", kind = oauth)]
struct Gmail {
    access_token: SecretString,
}

/// How the secret is to leave.
#[derive(Deserialize, JsonSchema)]
struct How {
    /// Which one; beyond the secrets: the control.
    secret: usize,
    /// How it is written.
    spelling: usize,
    /// By which way.
    way: String,
    /// What stands before and after it.
    before: String,
    after: String,
    /// In how many lists it is.
    depth: usize,
}

/// Ways out; and whether what comes out is marked where the secret was.
const WAYS: [(&str, bool); 12] = [
    ("text", true),
    ("key", true),
    ("keys", true),
    ("list", true),
    ("json", true),
    ("error", true),
    ("chain", false),
    ("model", true),
    ("operator", false),
    ("output", false),
    ("progress", false),
    ("panic", false),
];

/// What an action gives; it can be such that writing it as JSON fails with a text of its own.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct Given(Value);

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.get("fail").and_then(Value::as_str) {
            Some(text) => Err(serde::ser::Error::custom(format!("cannot write {text}"))),
            None => self.0.serialize(serializer),
        }
    }
}

/// An error that says something itself, and has a cause that says more.
#[derive(Debug)]
struct Outer(String, Inner);

#[derive(Debug)]
struct Inner(String);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "outer {}", self.0)
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inner {}", self.0)
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.1)
    }
}

impl Error for Inner {}

/// Tries to let a secret out.
#[action(slug = "leak")]
async fn leak(how: How, exa: &Exa, gmail: &Gmail, cx: &ActionContext) -> Result<Given, Failure> {
    let second = exa.second.as_ref().map_or("", |second| second.expose_secret());
    let all =
        [exa.api_key.expose_secret(), second, gmail.access_token.expose_secret(), exa.pin.expose_secret()];
    let secret = all.get(how.secret).copied().unwrap_or(CONTROL);
    let text = format!("{}{}{}", how.before, spellings(secret)[how.spelling].1, how.after);
    cx.progress(1, Some(2), "begun");
    let given = match how.way.as_str() {
        "text" => json!({ "text": text, "fine": true }),
        "key" => json!({ "map": { text: [1, 2] } }),
        "keys" => json!({ text.clone(): 1, format!("{text} "): { text: null } }),
        "list" => json!([[text.clone()], text]),
        "json" => Value::String(json!({ "inner": text }).to_string()),
        "error" => return Err(Outer(text, Inner("nothing".to_owned())).into()),
        "chain" => return Err(Outer("nothing".to_owned(), Inner(text)).into()),
        "model" => return Err(Failure::new("nothing").with_model(text)),
        "operator" => return Err(Failure::new(text).with_model("nothing")),
        "output" => json!({ "fail": text }),
        "progress" => {
            cx.progress(2, Some(2), &text);
            json!("told")
        }
        _ => panic!("{text}"),
    };
    let in_lists = |given, _| if how.way == "output" { given } else { json!([given]) };
    Ok(Given((0..how.depth).fold(given, in_lists)))
}

/// Places in a part of content; and whether what comes out is marked where the secret was, or in the part's place.
const PLACES: [(&str, bool); 11] = [
    ("text", true),
    ("name", true),
    ("title", true),
    ("description", true),
    ("uri", true),
    ("size", false),
    ("image", true),
    ("audio", true),
    ("resource-text", true),
    ("resource-bytes", true),
    ("resource-uri", true),
];

/// Tries to let a secret out in a part of content.
#[action(slug = "leak-content")]
async fn leak_content(how: How, exa: &Exa, gmail: &Gmail) -> Result<Content, Failure> {
    let second = exa.second.as_ref().map_or("", |second| second.expose_secret());
    let all =
        [exa.api_key.expose_secret(), second, gmail.access_token.expose_secret(), exa.pin.expose_secret()];
    let secret = all.get(how.secret).copied().unwrap_or(CONTROL);
    let text = format!("{}{}{}", how.before, spellings(secret)[how.spelling].1, how.after);
    let link = || ResourceLink::new("a:b", "c");
    // A URI has no other characters: what is none would be an error, and no part.
    let uri: String = text
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let content: Content = match how.way.as_str() {
        "text" => Content::text(&text),
        "name" => ResourceLink::new("a:b", &text).into(),
        "title" => link().with_title(&text).into(),
        "description" => link().with_description(&text).into(),
        "uri" => ResourceLink::new(format!("https://a.b/?c={uri}"), "c").into(),
        "size" => link().with_size(exa.pin.expose_secret().parse().unwrap_or_default()).into(),
        "image" => Content::image("image/png", [b"\x89PNG\xff", text.as_bytes()].concat()),
        "audio" => Content::audio("audio/wav", [text.as_bytes(), b"\xe9"].concat()),
        "resource-text" => Content::resource("a:b", "text/plain", text.as_str()),
        "resource-bytes" => Content::resource("a:b", "a/b", [b"\0", text.as_bytes(), b"\0"].concat()),
        _ => Content::resource(format!("a:{uri}"), "text/plain", "text"),
    };
    Ok(Content::text("before").and(content).and(Content::text("after")))
}

fn server() -> Server<keystroke::mcp::ReadyToServe> {
    let exa =
        Instance::new("exa").in_organization("acme").field("api_key", SECRETS[0]).field("second", SECRETS[1]);
    let gmail = Instance::new("gmail").kind(CredentialKind::OauthManaged).in_project("acme", "research");
    let store =
        MemoryStore::new().with(exa.field("pin", SECRETS[3])).with(gmail.field("access_token", SECRETS[2]));
    Server::new(
        "hostile",
        toolset![Leak, LeakContent].unwrap(),
        Runtime::new(store).with_redaction_limit(u32::MAX),
    )
    .run(|request| request.run())
}

/// The other process of the tests below.
#[test]
fn serves() {
    if is_child() {
        common::child::serve(server());
    }
}

/// The parameters of a random call, and whether its answer must have a mark.
fn any(random: &mut Random) -> (Value, bool) {
    const BESIDE: [&str; 8] = ["", " ", "x", "key=", "\"", "é", "{\"a\":", "=="];
    let secret = random.below(SECRETS.len());
    let ways = WAYS.map(|way| ("leak", way)).into_iter().chain(PLACES.map(|place| ("leak-content", place)));
    let ways: Vec<_> = ways.collect();
    let (tool, (way, marked)) = ways[random.below(ways.len())];
    let spelling = random.below(spellings(SECRETS[secret]).len());
    // In a URI, the spaces of a list are escaped, and such a list is not found (SEMANTICS §5.2).
    let is_list_in_uri = way.ends_with("uri") && spellings(SECRETS[secret])[spelling].0 == "a list of bytes";
    let spelling = if is_list_in_uri { 0 } else { spelling };
    let how = json!({
        "secret": secret,
        "spelling": spelling,
        "way": way,
        "before": BESIDE[random.below(BESIDE.len())],
        "after": BESIDE[random.below(BESIDE.len())],
        "depth": random.below(4),
    });
    let mut params = json!({ "name": tool, "arguments": how, "_meta": {} });
    if way == "progress" || random.below(2) == 0 {
        params["_meta"]["progressToken"] = json!(random.below(1_000));
    }
    (params, marked)
}

/// Each spelling of the control, by each way that tells the client what the action gives.
fn controls() -> impl Iterator<Item = Value> {
    let ways = ["text", "key", "keys", "list", "json", "error", "model", "progress"];
    let spellings = 0..spellings(CONTROL).len();
    let outputs = spellings.flat_map(move |spelling| ways.map(|way| ("leak", way, spelling)));
    // Bytes are written as base64, so whatever was encoded before is encoded twice; and a size is a number.
    let places = PLACES.into_iter().filter(|(place, _)| *place != "size");
    let contents = places.map(|(place, _)| ("leak-content", place, 0));
    outputs.chain(contents).map(|(tool, way, spelling)| {
        let how = json!({
            "secret": SECRETS.len(), "spelling": spelling, "way": way, "before": "", "after": "", "depth": 1,
        });
        json!({ "name": tool, "arguments": how, "_meta": { "progressToken": 1 } })
    })
}

fn request(id: usize, mut params: Value, version: &str) -> Value {
    if version == STATELESS {
        params["_meta"].as_object_mut().unwrap().extend(meta().as_object().unwrap().clone());
    }
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

/// The answer is there, and has a mark where there must be one.
fn look(answer: &Value, marked: bool) {
    assert!(answer["result"]["content"].is_array(), "{answer}");
    assert_eq!(answer.to_string().contains("redacted:"), marked, "{answer}");
}

/// No secret is in any byte.
fn search(from: &str, bytes: &[u8]) {
    // In pieces that end with a line: a message is one.
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.len().min(1 << 20);
        let end =
            end + rest[end..].iter().position(|byte| *byte == b'\n').map_or(rest.len() - end, |at| at + 1);
        let found = find_secret(&rest[..end], SECRETS);
        assert_eq!(found, None, "{from}");
        rest = &rest[end..];
    }
}

/// What was kept is what was said: it has the control.
fn control(bytes: &[u8]) {
    assert!(bytes.len() > 1_000_000, "{} bytes", bytes.len());
    assert!(bytes.chunks(1 << 16).any(|piece| find_secret(piece, [CONTROL]).is_some()));
}

fn over_stdio(version: &'static str, seed: u64) {
    let mut child = Child::over_stdio("canary::serves");
    child.begin(version);
    for (id, params) in controls().enumerate() {
        let shown = params.to_string();
        child.send(&request(id, params, version));
        let (answer, said) = child.answer(id);
        assert!(answer["result"].is_object(), "{answer}");
        assert!(find_secret(said, [CONTROL]).is_some(), "the control is found: {shown}");
    }
    let mut random = Random::new(seed);
    for batch in 0..CALLS.div_ceil(AT_A_TIME) {
        let calls: Vec<_> = (0..AT_A_TIME.min(CALLS - batch * AT_A_TIME)).map(|_| any(&mut random)).collect();
        for (id, (params, _)) in calls.iter().enumerate() {
            child.send(&request(id, params.clone(), version));
        }
        let mut answers: Vec<_> = (0..calls.len()).map(|_| child.next_answer()).collect();
        answers.sort_by_key(|answer| answer["id"].as_u64());
        for (id, (answer, (_, marked))) in answers.iter().zip(&calls).enumerate() {
            assert_eq!(answer["id"], id);
            look(answer, *marked);
        }
    }
    let (wire, log) = child.end();
    search("standard input and output", &wire);
    search("standard error", &log);
    control(&wire);
}

#[test]
fn no_byte_of_a_secret_crosses_standard_input_and_output_to_an_older_client() {
    over_stdio(LEGACY, 1);
}

#[test]
fn no_byte_of_a_secret_crosses_standard_input_and_output_to_a_client_of_the_newest_version() {
    over_stdio(STATELESS, 2);
}

async fn over_http(version: &'static str, seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let token = Tokens::in_folder(folder.path()).create(binding(), None, None).unwrap().token;
    let child = Child::over_http("canary::serves", folder.path());
    let tee = Tee::before(child.address());
    let url = format!("http://{}/mcp", tee.address());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = |message: &Value| {
        let request = client.post(&url).bearer_auth(token.expose_secret()).json(message);
        let request = request.header("accept", "application/json, text/event-stream");
        request
            .header("mcp-protocol-version", version)
            .header("mcp-method", "tools/call")
            .header("mcp-name", message["params"]["name"].as_str().unwrap())
            .send()
    };
    for (id, params) in controls().enumerate() {
        let shown = params.to_string();
        let said = post(&request(id, params, version)).await.unwrap().text().await.unwrap();
        assert!(find_secret(said, [CONTROL]).is_some(), "the control is found: {shown}");
    }
    let mut random = Random::new(seed);
    let mut running = JoinSet::new();
    for id in 0..CALLS {
        let (params, marked) = any(&mut random);
        let answer = post(&request(id, params, version));
        running.spawn(async move { (id, marked, answer.await.unwrap().text().await.unwrap()) });
        if id >= AT_A_TIME {
            looked(running.join_next().await.unwrap().unwrap());
        }
    }
    running.join_all().await.into_iter().for_each(looked);
    let wire = tee.kept();
    search("HTTP", &wire);
    search("standard error", &child.end().1);
    control(&wire);
}

/// One JSON, or events of which the last holds it.
fn looked((id, marked, said): (usize, bool, String)) {
    let last = said.lines().rfind(|line| !line.is_empty()).unwrap();
    let answer: Value = serde_json::from_str(last.strip_prefix("data:").unwrap_or(last)).expect(last);
    assert_eq!(answer["id"], id);
    look(&answer, marked);
}

#[tokio::test]
async fn no_byte_of_a_secret_crosses_http_to_an_older_client() {
    over_http(LEGACY, 3).await;
}

#[tokio::test]
async fn no_byte_of_a_secret_crosses_http_to_a_client_of_the_newest_version() {
    over_http(STATELESS, 4).await;
}
