//! SEMANTICS §5 by canary: a secret of its own in every field of every kind, actions that try to let them out in every
//! form that S3 names, and every byte that leaves searched: results, errors with both faces, `Debug` and sources,
//! traces at TRACE level, JSON, progress, the audit, and the vault's files.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod spellings;

use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use keystroke::declare::CredentialKind;
use keystroke::prelude::*;
use keystroke::store::{Outcome, Status};
use keystroke::testing::{RecordingStore, TestRuns, find_secret};
use keystroke::tool::ResourceLink;
use keystroke::{AsUser, CredentialStore};
use keystroke_vault::{Add, AuditFilter, NewInstance, Vault, VaultOptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use spellings::spellings;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// One for each field of each kind, and some in fields that no credential declares.
const API_KEY: &str = "sk-canary/4f\"9c+é\\Q one";
const SECOND: &str = "canary two ~ %41 = & ?";
const TOKEN: &str = "ya29.canary-THREE_aa/bb+cc";
const DIGITS: &str = "9182736455463728";
const UNDECLARED: &str = "canary-four-of-an-undeclared-field";
const PLATFORM: &str = "canary-five-that-no-worker-holds";
const WRONG: &str = "canary-six-in-a-field-of-numbers";
const BROKEN: &str = "canary-seven-of-what-can't-be-used";
const ALL: [&str; 8] = [API_KEY, SECOND, TOKEN, DIGITS, UNDECLARED, PLATFORM, WRONG, BROKEN];

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
    second: Option<SecretString>,
    pin: SecretString,
    #[field(plain)]
    region: Option<String>,
}

#[credential(key = "gmail", kind = oauth, oauth_scopes = ["mail.read"])]
struct Gmail {
    access_token: SecretString,
    account: Option<String>,
}

#[credential(key = "notion", kind = keystroke)]
struct Notion {
    connection: Connection,
}

const WAYS: [&str; 12] = [
    "text", "key", "list", "deep", "error", "chain", "model", "panic", "output", "progress", "number",
    "failure",
];

/// Each way, by each action that has it.
fn ways() -> impl Iterator<Item = (&'static str, &'static str)> {
    WAYS.into_iter().flat_map(|way| {
        let slugs: &[_] = match way {
            "model" | "failure" => &["leak-two-faces"],
            _ => &["leak", "leak-optional"],
        };
        slugs.iter().map(move |slug| (*slug, way))
    })
}

#[derive(Deserialize, JsonSchema)]
struct How {
    /// Which secret.
    secret: usize,
    spelling: usize,
    way: String,
}

/// The three that are lent in full, and the one of digits.
fn lent_secret(exa: &Exa, gmail: &Gmail, secret: usize) -> String {
    let second = exa.second.as_ref().map_or("", |second| second.expose_secret());
    let all =
        [exa.api_key.expose_secret(), second, gmail.access_token.expose_secret(), exa.pin.expose_secret()];
    all[secret].to_owned()
}

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

/// What an action gives; it can be such that writing it as JSON fails with a text of its own.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct Given(serde_json::Value);

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.get("fail").and_then(serde_json::Value::as_str) {
            Some(text) => Err(serde::ser::Error::custom(format!("cannot write {text}"))),
            None => self.0.serialize(serializer),
        }
    }
}

/// Tries to let a secret out.
#[action(slug = "leak")]
async fn leak(
    how: How,
    exa: &Exa,
    gmail: &Gmail,
    notion: &Notion,
    cx: &ActionContext,
) -> Result<Given, Outer> {
    let _ = (&exa.region, &gmail.account, &notion.connection);
    let_out(&how, exa, gmail, cx)
}

/// The same with credentials that are optional, and there (SEMANTICS R11): what is lent so is a secret no less.
#[action(slug = "leak-optional")]
async fn leak_optional(
    how: How,
    exa: Option<&Exa>,
    gmail: Option<&Pinned<Gmail, Project>>,
    notion: Option<&Notion>,
    cx: &ActionContext,
) -> Result<Given, Outer> {
    match (exa, gmail, notion) {
        (Some(exa), Some(gmail), Some(_)) => let_out(&how, exa, gmail, cx),
        _ => Err(Outer("nothing is there".to_owned(), Inner(String::new()))),
    }
}

fn let_out(how: &How, exa: &Exa, gmail: &Gmail, cx: &ActionContext) -> Result<Given, Outer> {
    let secret = lent_secret(exa, gmail, how.secret);
    let text = spellings(&secret)[how.spelling].1.clone();
    Ok(Given(match how.way.as_str() {
        "text" => serde_json::json!({ "text": text, "fine": true }),
        "key" => serde_json::json!({ "map": { text: [1, 2] } }),
        "list" => serde_json::json!([[text.clone()], text]),
        "deep" => serde_json::json!({ "a": [{ "b": { "c": [null, { text.clone(): text }] } }] }),
        "error" => return Err(Outer(text, Inner("nothing".to_owned()))),
        "chain" => return Err(Outer("nothing".to_owned(), Inner(text))),
        "panic" => panic!("{text}"),
        "output" => serde_json::json!({ "fail": text }),
        "progress" => {
            cx.progress(1, None, &text);
            serde_json::json!("told")
        }
        "number" => serde_json::json!([exa.pin.expose_secret().parse::<u64>().ok()]),
        _ => serde_json::Value::Null,
    }))
}

/// Where a secret may be in content; the last two are no MIME type and no URI, which an error tells.
const PLACES: [&str; 10] =
    ["text", "name", "title", "description", "uri", "image", "audio", "resource", "no-type", "no-uri"];

/// Tries to let a secret out in content.
#[action(slug = "leak-content")]
async fn leak_content(how: How, exa: &Exa, gmail: &Gmail) -> Result<Content, Outer> {
    let text = spellings(&lent_secret(exa, gmail, how.secret))[how.spelling].1.clone();
    let url: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let link = ResourceLink::new("a:b", "c");
    Ok(match how.way.as_str() {
        "text" => Content::text(text),
        "name" => ResourceLink::new("a:b", text).into(),
        "title" => link.with_title(text).into(),
        "description" => link.with_description(text).into(),
        "uri" => Content::resource(format!("https://a.b/{url}"), "text/plain", "c"),
        "image" => Content::image("image/png", text),
        "audio" => Content::audio("audio/wav", [b"\xff\xc3", text.as_bytes()].concat()),
        "resource" => Content::resource("a:b", "text/plain", text),
        "no-type" => Content::image(text, []),
        _ => ResourceLink::new(text + " ", "c").into(),
    })
}

/// Fails with a text for each of its readers.
#[action(slug = "leak-two-faces")]
async fn leak_two_faces(how: How, exa: &Exa, gmail: &Gmail) -> Result<(), Failure> {
    let text = spellings(&lent_secret(exa, gmail, how.secret))[how.spelling].1.clone();
    Err(match how.way.as_str() {
        "model" => Failure::new("nothing").with_model(text),
        _ => Failure::new(text).with_model("nothing"),
    })
}

/// Has a field of numbers, in which there is a secret.
#[credential(key = "number")]
struct Number {
    #[field(plain)]
    port: u16,
}

/// Never runs.
#[action(slug = "unreached")]
async fn unreached(number: &Number) -> Result<u16, Failure> {
    Ok(number.port)
}

/// Collects all that is traced, spans and events, with every field.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<String>>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Collector {
    fn keep(&self, metadata: Option<&Metadata<'_>>, record: impl FnOnce(&mut Line<'_>)) {
        let mut line = metadata.map_or_else(String::new, |of| format!("{} {}", of.level(), of.target()));
        record(&mut Line(&mut line));
        self.0.lock().expect("nothing panics with it").push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().expect("nothing panics with it").clone()
    }
}

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.keep(Some(span.metadata()), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.keep(None, |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.keep(Some(event.metadata()), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn exa() -> Instance {
    Instance::new("exa")
        .in_organization("acme")
        .id("exa-1")
        .field("api_key", API_KEY)
        .field("second", SECOND)
        .field("pin", DIGITS)
        .field("region", "eu-region-1")
        .field("undeclared", UNDECLARED)
}

fn gmail() -> Instance {
    Instance::new("gmail")
        .kind(CredentialKind::OauthManaged)
        .of_user("acme", "ada")
        .id("gmail-1")
        .account("team@example.com")
        .granted(["mail.read"])
        .field("access_token", TOKEN)
        .field("refresh_token", UNDECLARED)
}

fn instances() -> Vec<Instance> {
    vec![
        exa(),
        gmail().in_project("acme", "research"),
        Instance::new("notion")
            .kind(CredentialKind::Keystroke)
            .in_organization("acme")
            .id("notion-1")
            .field("token", PLATFORM),
        Instance::new("number").in_organization("acme").id("number-1").field("port", WRONG),
    ]
}

/// Everything that left, piece by piece.
#[derive(Default)]
struct Out(Vec<(String, String)>);

impl Out {
    fn keep(&mut self, from: impl Into<String>, what: impl fmt::Display) {
        self.0.push((from.into(), what.to_string()));
    }

    fn keep_error(&mut self, from: &str, error: &dyn Error) {
        self.keep(from, format!("{error}\n{error:?}\n{error:#?}"));
        let mut source = error.source();
        while let Some(error) = source {
            self.keep(format!("{from}, a source"), format!("{error}\n{error:?}\n{error:#?}"));
            source = error.source();
        }
    }

    fn keep_resolve(&mut self, from: &str, errors: &[ResolveError]) {
        for error in errors {
            let json = serde_json::to_string(error).expect("an error is JSON");
            let texts = [error.problem(), error.fix(), error.for_model(), json];
            self.keep(from, format!("{error}\n{error:?}\n{error:#?}\n{}", texts.join("\n")));
        }
    }

    /// Panics if a secret left.
    fn search(&self) {
        let mut searched = std::collections::HashSet::new();
        for (from, what) in self.0.iter().filter(|(_, what)| searched.insert(what)) {
            if let Some(found) = find_secret(what, ALL) {
                panic!("secret {} left by {from}, {}", found.number, found.form);
            }
        }
    }
}

/// Leaks each of `secrets` in each spelling by each way, and keeps all that leaves. Tells how many leaks were tried and how
/// many marks stand in their place.
async fn leak_all(run: &Run<AsUser>, secrets: &[usize], out: &mut Out) -> (usize, usize) {
    let tools = toolset![Leak, LeakOptional, LeakTwoFaces, LeakContent, Unreached].expect("a sound list");
    let (mut tried, mut marked) = (0, 0);
    for &secret in secrets {
        let lent = [API_KEY, SECOND, TOKEN, DIGITS][secret];
        for (spelling, (name, text)) in spellings(lent).into_iter().enumerate() {
            assert!(find_secret(&text, ALL).is_some(), "the control: {name} of secret {secret} is found");
            // A panic is told on standard error, so a few have to do.
            for (slug, way) in ways().filter(|(_, way)| *way != "panic" || spelling < 3) {
                let from = format!("{name} of secret {secret} by {way} of {slug}");
                let how = || How { secret, spelling, way: way.to_owned() };
                let before = out.0.len();
                let input = serde_json::json!({ "secret": secret, "spelling": spelling, "way": way });
                match tools.call(slug, input, run).await {
                    Ok(output) => {
                        let json = output.json();
                        let again: serde_json::Value =
                            serde_json::from_str(&json.to_string()).expect("what is left is JSON");
                        assert_eq!(again, *json);
                        out.keep(&from, format!("{json}\n{output:?}\n{json:#}"));
                    }
                    Err(error) => {
                        out.keep_error(&from, &error);
                        out.keep(&from, error.for_model());
                    }
                }
                let raw = match slug {
                    "leak" => Leak.run(run, how()).await.err(),
                    "leak-optional" => LeakOptional.run(run, how()).await.err(),
                    _ => {
                        if let Err(error) = LeakTwoFaces.run(run, how()).await {
                            out.keep_error(&from, &error);
                        }
                        None
                    }
                };
                if let Some(error) = raw {
                    out.keep_error(&from, &error);
                    // The control: the raw error is the author's, and holds what was kept from the rest.
                    if let Some(Outer(outer, Inner(inner))) = error.into_inner() {
                        assert!(find_secret(format!("{outer}\n{inner}"), ALL).is_some(), "{from}");
                    }
                }
                // A panic leaves its place alone, and progress goes to its listener.
                if !matches!(way, "panic" | "progress") {
                    tried += 1;
                    marked +=
                        usize::from(out.0[before..].iter().any(|(_, what)| what.contains("[redacted:")));
                }
            }
            // In a URI, a list is escaped, and such a list is not found (SEMANTICS §5.2).
            for place in PLACES.into_iter().filter(|place| *place != "uri" || name != "a list of bytes") {
                let from = format!("{name} of secret {secret} in the {place} of content");
                let input = serde_json::json!({ "secret": secret, "spelling": spelling, "way": place });
                let left = match tools.call("leak-content", input, run).await {
                    Ok(output) => {
                        let json = serde_json::to_string(&output).expect("an output is JSON");
                        format!("{json}\n{output:?}")
                    }
                    Err(error) => {
                        out.keep_error(&from, &error);
                        format!("{}\n{}\n{}", error.problem(), error.fix(), error.for_model())
                    }
                };
                tried += 1;
                // A URI spells the brackets of a mark otherwise.
                marked += usize::from(left.contains("redacted:"));
                out.keep(&from, left);
            }
        }
    }
    let error = Unreached.run(run, ()).await.expect_err("a secret is no number");
    out.keep_error("a wrong field", &error);
    out.keep_resolve("a wrong field", error.resolve_errors());
    assert_eq!(error.resolve_errors()[0].code(), "invalid");
    let preflight = tools.preflight(run).await;
    let json = serde_json::to_string(&preflight).expect("a report is JSON");
    out.keep("a preflight", format!("{preflight}\n{preflight:?}\n{json}"));
    out.keep("the toolset", format!("{tools:?} {run:?} {:?}", run.runtime()));
    for descriptor in tools.descriptors() {
        out.keep("a descriptor", serde_json::to_string(&descriptor).expect("a descriptor is JSON"));
    }
    (tried, marked)
}

/// In each store, with all that is traced.
fn attack<S: CredentialStore>(store: S, secrets: &[usize]) -> (Out, Vec<String>, RecordingStore<S>) {
    let (store, collector) = (RecordingStore::new(store), Collector::default());
    let mut out = Out::default();
    tracing::subscriber::with_default(collector.clone(), || {
        let told = Arc::new(Mutex::new(String::new()));
        let listener = Arc::clone(&told);
        let run = TestRuns::new(store.clone()).as_user(Origin::Prompt).progress(move |progress| {
            listener.lock().expect("nothing panics with it").push_str(progress.message);
        });
        let executor = tokio::runtime::Builder::new_current_thread().build().expect("an executor");
        let (tried, marked) = executor.block_on(leak_all(&run, secrets, &mut out));
        assert_eq!(marked, tried, "each leak left a mark in its place");
        let told = told.lock().expect("nothing panics with it");
        assert!(told.contains("[redacted:"), "{told}");
        out.keep("progress", &*told);
    });
    for line in collector.lines() {
        out.keep("a trace", line);
    }
    out.keep("what was recorded", format!("{:?}", store.events()));
    (out, collector.lines(), store)
}

#[test]
fn no_secret_leaves_by_whatever_way_in_whatever_form() {
    let store = instances().into_iter().fold(MemoryStore::new(), MemoryStore::with);
    let shown = format!("{store:?}");
    let (mut out, lines, store) = attack(store, &[0, 1, 2, 3]);
    out.keep("the store", shown);
    out.search();
    assert!(out.0.len() > 1000, "{}", out.0.len());

    // SEMANTICS S3: a warning that names action and field, and a row of the audit that does.
    let warned = |action: &str, field: &str| {
        lines.iter().any(|line| {
            line.starts_with("WARN")
                && line.contains(&format!("action=\"{action}\""))
                && line.contains(&format!("field=\"{field}\""))
        })
    };
    let recorded = |action: &str, field: &str| {
        store.recorded().iter().any(|row| {
            row.outcome == Outcome::Redacted && row.action == action && row.field.as_deref() == Some(field)
        })
    };
    for field in ["api_key", "second", "pin", "access_token"] {
        for action in ["leak", "leak-optional", "leak-two-faces"] {
            assert!(warned(action, field), "no warning names {action} and {field}");
            assert!(recorded(action, field), "no row names {action} and {field}");
        }
    }
    assert!(
        !store.recorded().iter().any(|row| row.field.as_deref() == Some("region")),
        "what is plain stays"
    );
}

#[test]
fn no_secret_leaves_from_the_local_vault_nor_stands_in_its_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (vault, _) = Vault::init(VaultOptions::at(folder.path())).expect("an empty folder");
    vault.add(instances().into_iter().map(NewInstance::new), Add::Another).expect("they fit");
    let (mut out, _, _) = attack(vault.clone(), &[0]);
    for entry in vault.audit(&AuditFilter::default()).expect("the record is sound") {
        out.keep("the audit", format!("{entry:?}"));
    }
    let redacted = |(from, what): &&(String, String)| from == "the audit" && what.contains("redacted");
    let row = out.0.iter().find(redacted).expect("redactions are on record");
    assert!(row.1.contains("leak") && row.1.contains("api_key"), "{row:?}");
    out.search();
    drop(vault);
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).expect("it is there").map(|entry| entry.expect("a file")) {
        if entry.path().is_file() {
            files += 1;
            let bytes = std::fs::read(entry.path()).expect("it is there");
            assert!(ALL.iter().all(|secret| !bytes.windows(secret.len()).any(|at| at == secret.as_bytes())));
        }
    }
    assert!(files >= 2, "{files}");
}

/// Every error there is, over instances with a secret in every field.
#[test]
fn no_secret_is_in_any_error_of_resolution() {
    let broken = || exa().field("api_key", BROKEN).field("second", BROKEN).field("pin", BROKEN);
    let lists: Vec<(&str, Vec<Instance>)> = vec![
        ("missing", vec![broken().in_project("globex", "research")]),
        ("ambiguous", vec![broken().id("a"), broken().id("b").label("B")]),
        ("revoked", vec![broken().status(Status::Revoked)]),
        ("wrong_kind", vec![broken().kind(CredentialKind::Keystroke)]),
        ("needs_reconnect", vec![broken().status(Status::NeedsReconnect)]),
        ("expired", vec![broken().expires_at(std::time::SystemTime::UNIX_EPOCH)]),
        ("invalid", vec![Instance::new("exa").in_organization("acme").id("e").field("apiKey", BROKEN)]),
    ];
    let executor = tokio::runtime::Builder::new_current_thread().build().expect("an executor");
    let collector = Collector::default();
    let mut out = Out::default();
    tracing::subscriber::with_default(collector.clone(), || {
        for (code, list) in lists {
            let store = list.into_iter().fold(MemoryStore::new(), MemoryStore::with);
            let run = TestRuns::new(store).anonymous(Origin::Direct);
            executor.block_on(async {
                let call = LeakTwoFaces.run(&run, How { secret: 0, spelling: 0, way: "model".to_owned() });
                let explained = call.explain().await;
                let json = serde_json::to_string(&explained).expect("a trace is JSON");
                out.keep(code, format!("{explained}\n{explained:?}\n{json}"));
                let error = call.await.expect_err(code);
                assert_eq!(error.resolve_errors()[0].code(), code);
                out.keep_error(code, &error);
                out.keep_resolve(code, error.resolve_errors());
            });
        }
    });
    for line in collector.lines() {
        out.keep("a trace", line);
    }
    out.search();
    assert!(out.0.len() > 20);
}

/// Asks for what only others have.
#[action(slug = "without")]
async fn without(exa: Option<&Exa>, gmail: Option<&Pinned<Gmail, User>>) -> Result<bool, Failure> {
    Ok(exa.is_none() && gmail.is_none())
}

/// Absence is told in the trace, the preflight, the audit and its event (SEMANTICS R11), and nowhere is a secret of
/// somebody else, or an id, label or account.
#[test]
fn absence_tells_of_nobody_elses_credential() {
    let others = |store: MemoryStore, instance: fn() -> Instance| {
        let named =
            |id: &str| instance().id(id).label(format!("label {id}")).account(format!("account {id}"));
        store
            .with(named("others-1").in_organization("globex"))
            .with(named("others-2").in_project("acme", "ops"))
            .with(named("others-3").of_user("acme", "bob"))
            .with(named("others-4").of_user("globex", "ada"))
    };
    let store = RecordingStore::new(others(others(MemoryStore::new(), exa), gmail));
    let (collector, mut out) = (Collector::default(), Out::default());
    let executor = tokio::runtime::Builder::new_current_thread().build().expect("an executor");
    tracing::subscriber::with_default(collector.clone(), || {
        executor.block_on(async {
            let runs = TestRuns::new(store.clone());
            let tools = toolset![Without].expect("a sound list");
            let run = runs.as_user(Origin::Prompt);
            without_any(&tools, &run, Without.run(&run, ()), &mut out).await;
            let run = runs.anonymous(Origin::Direct);
            without_any(&tools, &run, Without.run(&run, ()), &mut out).await;
        });
    });
    for line in collector.lines() {
        out.keep("a trace", line);
    }
    out.keep("what was recorded", format!("{:?}", store.recorded()));
    out.search();
    let absent = |row: &&keystroke::testing::RecordedUse| matches!(row.outcome, Outcome::Absent { .. });
    assert_eq!(store.recorded().iter().filter(absent).count(), 8, "two for each of four calls");
    assert!(store.opened().is_empty());
    let told = out.0.iter().find(|(_, what)| what.contains("others-"));
    assert!(told.is_none(), "{told:?}");
}

async fn without_any<R>(
    tools: &Toolset<NoUser>,
    run: &R,
    call: impl Future<Output = Result<bool, ActionError<Failure>>>,
    out: &mut Out,
) where
    R: keystroke::run::AnyRun + keystroke::tool::ToolsetRunFor<NoUser>,
{
    let preflight = tools.preflight(run).await;
    let json = serde_json::to_string(&preflight).expect("a report is JSON");
    out.keep("a preflight", format!("{preflight}\n{preflight:?}\n{json}"));
    for finding in preflight.findings() {
        let why = finding.resolution.absence().expect("it is absent");
        out.keep_error("an absence", why);
        out.keep_resolve("an absence", std::slice::from_ref(why));
    }
    assert!(preflight.is_ready(), "{preflight}");
    assert!(call.await.expect("it runs without"));
    let output = tools.call("without", serde_json::json!({}), run).await.expect("it runs without");
    assert_eq!(*output.json(), true);
}
