//! SEMANTICS §5 by attack: actions that try to let their secret out, and every byte of what leaves.

use base64::Engine as _;
use keystroke::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

const CANARY: &str = "sk-canary/4f\"9c+é-0042";

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
    #[field(plain)]
    region: Option<String>,
}

/// The ways in which a secret may be spelled.
fn spellings() -> Vec<(&'static str, String)> {
    let base64 = base64::engine::general_purpose::STANDARD;
    let url = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![
        ("plain", CANARY.to_owned()),
        ("hex", hex.clone()),
        ("upper hex", hex.to_uppercase()),
        ("percent", CANARY.bytes().map(|byte| format!("%{byte:02X}")).collect()),
        ("base64", base64.encode(CANARY)),
        ("base64 behind one byte", base64.encode(format!("a{CANARY}"))),
        ("base64 behind two bytes", base64.encode(format!("ab{CANARY}"))),
        ("base64url", url.encode(CANARY)),
        ("base64url behind one byte", url.encode(format!("a{CANARY}"))),
        ("base64url behind two bytes", url.encode(format!("ab{CANARY}"))),
        ("a JSON text", serde_json::to_string(CANARY).expect("a string is JSON")),
        ("a Rust literal", format!("{CANARY:?}")),
    ]
}

/// Whether `text` shows a secret in one of the spellings: those of the middle of it, where the ends may differ.
fn leaks(text: &str) -> Option<&'static str> {
    let middle = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        chars[4..chars.len() - 4].iter().collect::<String>()
    };
    spellings().into_iter().find(|(_, spelled)| text.contains(&middle(spelled))).map(|(name, _)| name)
}

#[derive(Deserialize, JsonSchema)]
struct How {
    /// Which spelling, and by which way out.
    spelling: usize,
    way: String,
}

#[derive(Debug, thiserror::Error)]
#[error("outer {0}")]
struct Outer(String, #[source] Inner);

#[derive(Debug, thiserror::Error)]
#[error("inner {0}")]
struct Inner(String);

/// Tries to let the key out.
#[action(slug = "leak")]
async fn leak(how: How, exa: &Exa) -> Result<serde_json::Value, Outer> {
    assert_eq!(exa.api_key.expose_secret(), CANARY);
    let spelled = spellings()[how.spelling].1.clone();
    match how.way.as_str() {
        "text" => Ok(serde_json::json!({ "text": format!("<{spelled}>"), "ok": true })),
        "key" => Ok(serde_json::json!({ "map": { spelled: [1, 2] } })),
        "list" => Ok(serde_json::json!([[spelled]])),
        "error" => Err(Outer(spelled.clone(), Inner(spelled))),
        _ => panic!("{spelled}"),
    }
}

/// Without a limit of redactions, which `guesses.rs` tests: here there are many within a minute.
fn run(store: MemoryStore) -> Run<Anonymous> {
    Runtime::new(store).with_redaction_limit(u32::MAX).organization("acme").project("research")
}

fn store() -> MemoryStore {
    MemoryStore::new()
        .with(Instance::new("exa").in_organization("acme").field("api_key", CANARY).field("region", "eu-1"))
}

#[tokio::test]
async fn no_result_error_or_panic_shows_the_secret_in_any_spelling() {
    let (run, tools) = (run(store()), toolset![Leak].expect("a sound list"));
    for (index, (name, spelled)) in spellings().into_iter().enumerate() {
        assert!(leaks(&format!("<{spelled}>")).is_some(), "the control finds {name}");
        for way in ["text", "key", "list", "error", "panic"] {
            let input = serde_json::json!({ "spelling": index, "way": way });
            let shown = match tools.call("leak", input, &run).await {
                Ok(output) => format!("{output:?}{}", output.json()),
                Err(error) => format!("{error}{error:?}{}", error.for_model()),
            };
            assert_eq!(leaks(&shown), None, "{name} by {way}: {shown}");
            let marked = shown.contains("[redacted:exa.api_key]");
            assert_eq!(marked, way != "panic", "{name} by {way}: {shown}");

            let Err(error) = Leak.run(&run, How { spelling: index, way: way.to_owned() }).await else {
                continue;
            };
            let mut shown = format!("{error}{error:?}{error:#?}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                shown += &format!("{cause}{cause:?}");
                source = cause.source();
            }
            assert_eq!(leaks(&shown), None, "{name} by {way}: {shown}");
            assert_eq!(error.into_inner().is_some(), way == "error", "the raw error is the caller's");
        }
    }
}

#[tokio::test]
async fn a_panic_is_one_failed_execution_told_by_its_place() {
    let run = run(store());
    let error = Leak.run(&run, How { spelling: 0, way: "panic".to_owned() }).await.expect_err("it panics");
    assert_eq!(error.code(), "panicked");
    let line = error.to_string();
    assert!(line.starts_with("the action `leak` panicked at tests/it/secrets.rs:"), "{line}");
    assert!(Leak.run(&run, How { spelling: 0, way: "text".to_owned() }).await.is_ok(), "the next call works");
}

#[test]
fn a_credential_shows_its_plain_fields_alone() {
    let exa = Exa { api_key: CANARY.into(), region: Some("eu-1".to_owned()) };
    assert_eq!(format!("{exa:?}"), "Exa { api_key: [redacted], region: Some(\"eu-1\") }");
    assert_eq!(leaks(&format!("{exa:#?}")), None);
    let pinned: Pinned<Exa, Project> = Pinned::new(exa);
    assert_eq!(leaks(&format!("{pinned:?}")), None);
    assert_eq!(pinned.api_key.expose_secret(), CANARY);
}

#[test]
fn what_holds_secrets_in_core_shows_none() {
    let instance = Instance::new("exa").in_organization("acme").field("api_key", CANARY);
    assert_eq!(leaks(&format!("{instance:?}")), None);
    let store = MemoryStore::new().with(instance);
    assert_eq!(leaks(&format!("{store:?}")), None);
    let runtime = Runtime::new(store);
    assert_eq!(leaks(&format!("{runtime:?}")), None);
}

/// Fails its own check with the value in the text.
#[credential(key = "checked", validate = refuse)]
struct Checked {
    token: SecretString,
}

fn refuse(checked: &Checked) -> Result<(), String> {
    Err(format!("`{}` is no token", checked.token.expose_secret()))
}

/// Never runs.
#[action(slug = "unreached")]
async fn unreached(checked: &Checked, exa: &Exa) -> Result<(), Failure> {
    let _ = (checked, exa);
    Ok(())
}

#[tokio::test]
async fn the_errors_of_validation_never_repeat_a_value() {
    #[credential(key = "number")]
    struct Number {
        #[field(plain)]
        port: u16,
    }
    /// Never runs either.
    #[action(slug = "unreached-too")]
    async fn unreached_too(number: &Number) -> Result<u16, Failure> {
        Ok(number.port)
    }

    let checked = Instance::new("checked").in_organization("acme").id("c").field("token", CANARY);
    let error = Unreached.run(&run(store().with(checked)), ()).await.expect_err("refused");
    let shown = format!("{error}{error:?}{}", error.resolve_errors()[0].for_model());
    assert_eq!(leaks(&shown), None, "{shown}");
    assert!(shown.contains("`[redacted:checked.token]` is no token"), "{shown}");

    let number = Instance::new("number").in_organization("acme").id("n").field("port", CANARY);
    let error = UnreachedToo.run(&run(MemoryStore::new().with(number)), ()).await.expect_err("refused");
    assert_eq!(leaks(&format!("{error}{error:?}")), None, "{error}");
    assert!(error.to_string().contains("`port` is not a valid u16"), "{error}");
}

/// Panics in its own check with the value in the payload.
#[credential(key = "panicking", validate = panicking_check)]
struct Panicking {
    token: SecretString,
}

fn panicking_check(panicking: &Panicking) -> Result<(), &'static str> {
    panic!("no good: {}", panicking.token.expose_secret())
}

/// Never runs.
#[action(slug = "unreached-by-panic")]
async fn unreached_by_panic(panicking: &Panicking) -> Result<(), Failure> {
    let _ = panicking;
    Ok(())
}

#[tokio::test]
async fn a_check_that_panics_is_an_invalid_instance_and_shows_no_payload() {
    let instance = Instance::new("panicking").in_organization("acme").id("p").field("token", CANARY);
    let call = UnreachedByPanic.run(&run(MemoryStore::new().with(instance)), ());
    let error = tokio::spawn(call).await.expect("the task goes on").expect_err("refused");
    assert_eq!(error.resolve_errors()[0].code(), "invalid");
    assert!(error.to_string().contains("made its own check panic at tests/it/secrets.rs:"), "{error}");
    assert_eq!(leaks(&format!("{error}{error:?}")), None);
}

/// Tells its key as progress.
#[action(slug = "tell")]
async fn tell(exa: &Exa, cx: &ActionContext) -> Result<Told, Failure> {
    cx.progress(1, None, &format!("calling with {}", exa.api_key.expose_secret()));
    *KEPT.lock().expect("nothing panics while it holds this") =
        Some((cx.clone(), exa.api_key.expose_secret().into()));
    Ok(Told)
}

#[derive(serde::Serialize, Deserialize, JsonSchema)]
struct Told;

static KEPT: std::sync::Mutex<Option<(ActionContext, String)>> = std::sync::Mutex::new(None);

#[tokio::test]
async fn progress_is_scrubbed_and_ends_with_the_call() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let listener = std::sync::Arc::clone(&told);
    let run = run(store()).progress(move |progress| {
        listener.lock().expect("nothing panics while it holds this").push(progress.message.to_owned());
    });
    assert!(Tell.run(&run, ()).await.is_ok());
    let (context, key) = KEPT.lock().expect("set by the action").take().expect("set by the action");
    context.progress(2, None, &key);
    assert_eq!(*told.lock().expect("not poisoned"), ["calling with [redacted:exa.api_key]"]);
}

#[test]
fn an_error_that_is_its_own_source_has_an_end() {
    #[derive(Debug)]
    struct Endless;
    impl std::fmt::Display for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("again")
        }
    }
    impl std::error::Error for Endless {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&Self)
        }
    }
    assert_eq!(Failure::from(Endless).operator().matches("again").count(), 64);
}

#[tokio::test]
async fn an_id_from_a_request_gets_no_line_of_its_own_in_an_error() {
    let id = format!("x\n\u{1b}[31mfake log line{}", "y".repeat(100_000));
    let error =
        Leak.run(&run(store()), How { spelling: 0, way: "text".to_owned() }).select("exa", id.as_str());
    let error = error.await.expect_err("no such instance");
    let text = format!("{error}{}", error.resolve_errors()[0].fix());
    assert!(!text.chars().any(char::is_control) && text.len() < 10_000, "{} bytes", text.len());
}

#[tokio::test]
async fn an_instance_that_was_never_placed_is_in_no_runs_reach() {
    let unplaced = MemoryStore::new().with(Instance::new("exa").field("api_key", CANARY));
    let run = Runtime::new(unplaced).organization("").project("");
    let error = Leak.run(&run, How { spelling: 0, way: "text".to_owned() }).await.expect_err("out of reach");
    assert_eq!(error.resolve_errors()[0].code(), "missing");
}

/// Says whether a credential can be had.
#[action(slug = "have")]
async fn have(exa: &Exa) -> Result<usize, Failure> {
    Ok(exa.api_key.expose_secret().len())
}

/// An instance as a test of redaction may make one.
fn with_key(key: &str) -> Instance {
    Instance::new("exa").in_organization("acme").id("e").field("api_key", key)
}

#[tokio::test]
async fn a_secret_that_redaction_cannot_look_for_is_refused_by_name_in_memory_too() {
    for (key, problem) in
        [("1234567", "fewer than 8 bytes"), ("é2345", "fewer than 8 bytes"), ("", "is empty")]
    {
        let error = Have.run(&run(MemoryStore::new().with(with_key(key))), ()).await.expect_err("short");
        let error = &error.resolve_errors()[0];
        assert_eq!(error.code(), "store_unavailable");
        assert!(error.problem().contains("`api_key` of `e`") && error.problem().contains(problem), "{error}");
        assert_eq!(error.fix().contains("allow_short(\"api_key\")"), !key.is_empty(), "{error}");
        assert!(!error.is_retryable());
    }
    let long_enough = Have.run(&run(MemoryStore::new().with(with_key("12345678"))), ()).await;
    assert_eq!(long_enough.expect("8 bytes"), 8);
}

#[tokio::test]
async fn a_short_secret_that_is_allowed_by_name_is_lent() {
    let allowed = Have.run(&run(MemoryStore::new().with(with_key("1234567").allow_short("api_key"))), ());
    assert_eq!(allowed.await.expect("allowed"), 7);
    let other = Have.run(&run(MemoryStore::new().with(with_key("1234567").allow_short("region"))), ());
    assert_eq!(other.await.expect_err("another field").resolve_errors()[0].code(), "store_unavailable");
    let empty = Have.run(&run(MemoryStore::new().with(with_key("").allow_short("api_key"))), ());
    assert_eq!(empty.await.expect_err("nothing").resolve_errors()[0].code(), "store_unavailable");
}

#[tokio::test]
async fn a_plain_field_may_be_short() {
    let store = MemoryStore::new().with(with_key("12345678").field("region", "eu"));
    assert_eq!(Have.run(&run(store), ()).await.expect("`region` is plain"), 8);
}

/// One opt-out for both stores.
#[tokio::test]
async fn what_an_instance_allows_to_be_short_the_vault_allows_as_well() {
    use keystroke_vault::{Add, NewInstance, Vault, VaultOptions};
    let folder = tempfile::tempdir().expect("a folder");
    let (vault, _) = Vault::init(VaultOptions::at(folder.path())).expect("an empty folder");
    let short = |instance| vault.add([NewInstance::new(instance)], Add::Another);
    assert!(short(with_key("1234567")).is_err());
    short(with_key("1234567").allow_short("api_key")).expect("allowed by name");
    let run = Runtime::new(vault).organization("acme").project("research");
    assert_eq!(Have.run(&run, ()).await.expect("it is there"), 7);
}

/// Gives what it is told to, beside a secret.
#[action(slug = "give")]
async fn give(how: How, exa: &Exa, cx: &ActionContext) -> Result<serde_json::Value, Failure> {
    let key = exa.api_key.expose_secret();
    let many = |text: &str, bytes: usize| text.repeat(bytes / text.len());
    Ok(match how.way.as_str() {
        "large" => serde_json::json!([many("some text \\\" %20 and so on. ", how.spelling), key]),
        "many" => {
            serde_json::json!({ "map": (0..how.spelling).map(|n| (format!("a key {n}"), n.into())).collect::<serde_json::Map<_, _>>(), "list": vec![1; how.spelling], "key": key })
        }
        "cancelled" => {
            cx.cancellation().cancel();
            serde_json::json!("all the same")
        }
        "error" => {
            return Err(Failure::new(format!("{}{key}{}", many("x", how.spelling), many("y", 100_000))));
        }
        _ => (0..how.spelling)
            .fold(serde_json::Value::from(key), |inner, _| serde_json::Value::Array(vec![inner])),
    })
}

fn given(way: &str, size: usize) -> serde_json::Value {
    serde_json::json!({ "spelling": size, "way": way })
}

#[tokio::test]
async fn a_large_result_gives_way_to_others_and_is_searched_whole() {
    let (run, tools) = (run(store()), toolset![Give].expect("a sound list"));
    for (way, size) in [("large", 1 << 20), ("many", 30_000)] {
        let mut call = Box::pin(tools.call("give", given(way, size), &run));
        let mut polls = 0;
        let output = std::future::poll_fn(|cx| {
            polls += 1;
            call.as_mut().poll(cx)
        });
        let output = output.await.expect("it fits").into_json();
        assert!(polls > 20, "{polls} polls of {way}");
        let last = output.get(1).or_else(|| output.get("key"));
        assert_eq!(last.and_then(serde_json::Value::as_str), Some("[redacted:exa.api_key]"));
    }
    // A small one is there at the first.
    let mut call = Box::pin(tools.call("give", given("deep", 1), &run));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    while call.as_mut().poll(&mut context).is_pending() {}
    let mut call = Box::pin(tools.call("give", given("deep", 1), &run));
    assert!(call.as_mut().poll(&mut context).is_ready());
}

#[tokio::test]
async fn a_large_result_ends_where_its_call_is_cancelled() {
    let tools = toolset![Give].expect("a sound list");
    let token = Cancellation::new();
    let run = run(store()).cancellation(token.clone());
    let mut call = Box::pin(tools.call("give", given("large", 1 << 20), &run));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for _ in 0..10 {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    token.cancel();
    let error = call.await.expect_err("cancelled");
    assert_eq!(error.code(), "cancelled");
    // A small one needs no search that could be cut: what is done is done.
    let run = self::run(store()).cancellation(Cancellation::new());
    let output = tools.call("give", given("cancelled", 0), &run).await.expect("it is done");
    assert_eq!(*output.json(), "all the same");
}

#[tokio::test]
async fn a_result_that_is_too_large_or_too_deep_is_an_error_with_a_name() {
    let tools = toolset![Give].expect("a sound list");
    let small = Runtime::new(store()).with_longest_output(1000).organization("acme").project("research");
    let error = tools.call("give", given("large", 2000), &small).await.expect_err("too large");
    assert_eq!(error.code(), "too_large");
    assert_eq!(
        error.to_string(),
        "the output of the action `give` is larger than 1000 bytes; let it return less, or a page at a time, or raise \
         the limit with `Runtime::with_longest_output`"
    );
    assert_eq!(
        error.for_model(),
        "The result of the tool `give` is too large to be shown. Ask it for less, or for a part."
    );
    assert!(tools.call("give", given("large", 500), &small).await.is_ok());
    let run = run(store());
    let error = tools.call("give", given("large", 17 << 20), &run).await.expect_err("too large");
    assert_eq!(error.code(), "too_large");

    let output = tools.call("give", given("deep", 127), &run).await.expect("as deep as JSON is read");
    let text = output.json().to_string();
    assert!(
        serde_json::from_str::<serde_json::Value>(&text).is_ok() && text.contains("[redacted:exa.api_key]")
    );
    for depth in [128, 10_000] {
        let error = tools.call("give", given("deep", depth), &run).await.expect_err("too deep");
        assert_eq!(error.code(), "too_deep");
        assert_eq!(
            error.to_string(),
            "the output of the action `give` is nested more than 127 deep, and no reader of JSON takes that; let it \
             return a flatter one"
        );
        assert_eq!(error.for_model(), "The tool `give` gave a result that cannot be shown.");
    }
}

#[tokio::test]
async fn a_long_error_is_cut_where_no_secret_is() {
    let (run, tools) = (run(store()), toolset![Give].expect("a sound list"));
    for size in [10, 65_530] {
        let error = tools.call("give", given("error", size), &run).await.expect_err("it fails");
        let shown = format!("{error}{error:?}{}", error.for_model());
        assert!(shown.len() < 300_000 && shown.contains("bytes in all)"), "{}", shown.len());
        assert_eq!(leaks(&shown), None);
        let error =
            Give.run(&run, How { spelling: size, way: "error".to_owned() }).await.expect_err("it fails");
        let shown = format!("{error}");
        assert!(shown.len() < 100_000 && shown.contains("bytes in all)"), "{}", shown.len());
        assert_eq!(leaks(&shown), None);
    }
}

#[credential(key = "pin")]
struct Pin {
    code: SecretString,
}

/// Counts up to its secret.
#[action(slug = "count")]
async fn count(pin: &Pin, cx: &ActionContext) -> Result<(), Failure> {
    let code: u64 = pin.code.expose_secret().parse()?;
    cx.progress(1, Some(2), "begun");
    cx.progress(code, None, "done is the secret");
    cx.progress(2, Some(code), "total is the secret");
    cx.progress(3, None, &"x".repeat(100_000));
    Ok(())
}

#[tokio::test]
async fn progress_shows_no_secret_in_its_numbers() {
    for code in ["9182736455463728", "91827364"] {
        let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let listener = std::sync::Arc::clone(&told);
        let store = MemoryStore::new().with(Instance::new("pin").in_organization("acme").field("code", code));
        let run = run(store).progress(move |progress| {
            let told = (progress.done, progress.total, progress.message.len());
            listener.lock().expect("nothing panics while it holds this").push(told);
        });
        assert!(Count.run(&run, ()).await.is_ok());
        let told = told.lock().expect("not poisoned");
        let cut = "… (100000 bytes in all)".len();
        assert_eq!(told[..2], [(1, Some(2), 5), (2, None, 19)]);
        assert_eq!((told[2].0, told[2].1), (3, None));
        assert!(told[2].2 > 60_000 && told[2].2 < 100_000 + cut, "{}", told[2].2);
        assert_eq!(told.len(), 3);
    }
}
