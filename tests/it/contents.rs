//! Outputs beyond one JSON value: what leaves of them, what they are checked for, and that they can be read back.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use keystroke::declare::{Codec, Invocation, Requirement};
use keystroke::prelude::*;
use keystroke::scope::Unpinned;
use keystroke::testing::{RecordingStore, StoreEvent, assert_no_secret};
use keystroke::tool::{ContentPart, ResourceData, ResourceLink, ToolOutput};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const SECRET: &str = "sk-canary/4f9c+0042";
/// Is base64 itself, so bytes can be made that leave as it.
const BASE64: &str = "skCANARYskCANARYsk+/0042";
const DIGITS: &str = "918273645546";

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
    second: SecretString,
    pin: SecretString,
}

/// What the actions below give: the test makes it, so that each case is one row.
#[derive(Clone)]
struct Given(Arc<dyn Fn() -> Content + Send + Sync>);

/// Gives content.
#[action(slug = "give")]
async fn give(exa: &Exa, cx: &ActionContext) -> Result<Content, Failure> {
    let _ = (&exa.api_key, &exa.second, &exa.pin);
    Ok((cx.require_state::<Given>()?.0)())
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
struct Prices {
    prices: Vec<u32>,
    note: String,
}

/// Gives a value with content.
#[action(slug = "give-both")]
async fn give_both(exa: &Exa, cx: &ActionContext) -> Result<WithContent<Prices>, Failure> {
    let note = exa.api_key.expose_secret().to_owned();
    Ok(WithContent::new(Prices { prices: vec![1, 2], note }, (cx.require_state::<Given>()?.0)()))
}

/// Gives nothing with content.
#[action(slug = "give-nothing")]
async fn give_nothing(cx: &ActionContext) -> Result<WithContent<()>, Failure> {
    Ok(WithContent::new((), (cx.require_state::<Given>()?.0)()))
}

fn store() -> MemoryStore {
    let exa = Instance::new("exa").in_organization("acme").id("exa-1");
    MemoryStore::new().with(exa.field("api_key", SECRET).field("second", BASE64).field("pin", DIGITS))
}

fn runtime(content: impl Fn() -> Content + Send + Sync + 'static) -> Runtime {
    Runtime::new(store()).with_redaction_limit(u32::MAX).with_state(Given(Arc::new(content)))
}

async fn called(runtime: Runtime, slug: &str) -> Result<ToolOutput, ToolError> {
    let run = runtime.organization("acme").project("research");
    toolset![Give, GiveBoth, GiveNothing].unwrap().call(slug, json!({}), &run).await
}

async fn given(content: impl Fn() -> Content + Send + Sync + 'static) -> ToolOutput {
    called(runtime(content), "give").await.unwrap()
}

/// One of every part, with everything that a part may have.
fn all() -> Content {
    let link = ResourceLink::new("https://example.com/a%20b.csv?c=d#e", "a b.csv")
        .with_title("Prices")
        .with_description("Since May.")
        .with_mime_type("text/csv; charset=utf-8")
        .with_size(17);
    Content::text("A chart: \u{1f4c8}")
        .and(Content::image("image/png", [0_u8, 255, 137, b'P']))
        .and(Content::audio("audio/wav", Vec::new()))
        .and(Content::link(link))
        .and(ResourceLink::new("file:///b", "b"))
        .and(Content::resource("urn:a:b", "text/plain", "text"))
        .and(Content::resource("urn:a:c", "application/octet-stream", (0..=255).collect::<Vec<u8>>()))
}

#[tokio::test]
async fn what_leaves_is_what_was_given_and_can_be_read_back() {
    let output = given(all).await;
    assert_eq!((output.json(), output.content()), (&Value::Null, Some(&all())));
    let journal = serde_json::to_value(&output).unwrap();
    assert_eq!(serde_json::from_value::<Content>(journal.clone()).unwrap(), all());
    assert_eq!(journal, serde_json::to_value(all()).unwrap());
    assert_eq!(
        journal.as_array().unwrap()[..4],
        [
            json!({ "type": "text", "text": "A chart: \u{1f4c8}" }),
            json!({ "type": "image", "mimeType": "image/png", "data": "AP+JUA==" }),
            json!({ "type": "audio", "mimeType": "audio/wav", "data": "" }),
            json!({
                "type": "resource_link", "uri": "https://example.com/a%20b.csv?c=d#e", "name": "a b.csv",
                "title": "Prices", "description": "Since May.", "mimeType": "text/csv; charset=utf-8", "size": 17,
            }),
        ]
    );
    let resource = json!({ "uri": "urn:a:b", "mimeType": "text/plain", "text": "text" });
    assert_eq!(journal[5], json!({ "type": "resource", "resource": resource }));
    assert_eq!(output.into_parts(), (Value::Null, Some(all())));
    assert_eq!(given(Content::default).await.content(), Some(&Content::default()), "no part at all");
}

#[tokio::test]
async fn a_value_with_content_is_read_back_as_both() {
    let output = called(runtime(all), "give-both").await.unwrap();
    let prices = json!({ "prices": [1, 2], "note": "[redacted:exa.api_key]" });
    assert_eq!((output.json(), output.content()), (&prices, Some(&all())));
    let journal = serde_json::to_value(&output).unwrap();
    let read: WithContent<Prices> = serde_json::from_value(journal).unwrap();
    assert_eq!((read.value.prices, read.content), (vec![1, 2], all()));
    let nothing = serde_json::to_value(called(runtime(all), "give-nothing").await.unwrap()).unwrap();
    assert_eq!(serde_json::from_value::<WithContent<()>>(nothing).unwrap(), WithContent::new((), all()));
}

#[tokio::test]
async fn a_typed_call_gives_it_as_it_is() {
    let run = runtime(|| Content::text(SECRET)).organization("acme").project("research");
    assert_eq!(Give.run(&run, ()).await.unwrap(), Content::text(SECRET));
}

#[tokio::test]
async fn the_schema_is_that_of_the_value_beside() {
    let tools = toolset![Give, GiveBoth, GiveNothing].unwrap();
    let schemas: Vec<_> = tools.descriptors().map(|tool| tool.output_schema).collect();
    let title = |at: usize| schemas[at].as_ref().map(|schema| schema["title"].clone());
    assert_eq!((title(0), title(1), title(2)), (None, Some(json!("Prices")), None));
}

#[tokio::test]
async fn an_action_by_hand_gives_content_too() {
    struct ByHand;
    impl Action for ByHand {
        type Input = BTreeMap<String, String>;
        type Output = Content;
        type Error = Failure;
        type Pin = Unpinned;
        type CredentialPins = Unpinned;
        type Need = NoUser;
        const SLUG: &'static str = "by-hand";
        const DESCRIPTION: &'static str = "Gives its input back.";
        const REQUIREMENTS: &'static [Requirement] = &[];
        const CODEC: Codec<Self::Input, Content, Failure> = Codec::new();

        async fn execute(&self, input: Self::Input, _: &Invocation) -> Result<Content, Failure> {
            Ok(input.into_values().map(Content::text).collect())
        }
    }
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let tools = Toolset::builder().add(ByHand).build().unwrap();
    let output = tools.call("by-hand", json!({ "a": "b", "c": "d" }), &run).await.unwrap();
    assert_eq!(output.content(), Some(&Content::text("b").and(Content::text("d"))));
}

#[tokio::test]
async fn contents_are_made_of_contents() {
    let parts = ["a", "b"].map(Content::text);
    let mut made: Content = parts.clone().into_iter().collect();
    made.extend([ResourceLink::new("a:b", "c")]);
    let [a, b] = parts;
    assert_eq!(made, a.and(b).and(ResourceLink::new("a:b", "c")));
}

/// The raw bytes that leave as this base64.
fn leaving_as(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap()
}

/// Each place of each part, with a secret in it; and what is left there.
fn planted() -> Vec<(&'static str, Content, Value)> {
    let mark = "[redacted:exa.api_key]";
    let withheld = |what: &str, place: &str, field: &str| {
        let text = format!("[part 1, {what}, is withheld: {place} would show [redacted:exa.{field}]]");
        json!([{ "type": "text", "text": text }])
    };
    let link = |uri: &str| ResourceLink::new(uri, "n");
    let url: String = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let of_link = |uri: &str, more: Value| {
        let mut link = json!({ "type": "resource_link", "uri": uri, "name": "n" });
        link.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([link])
    };
    let resource = |uri: &str, text: &str| json!([{ "type": "resource", "resource": { "uri": uri, "mimeType": "text/plain", "text": text } }]);
    let framed = |secret: &str| [b"\xff\xfe\0", secret.as_bytes(), b"\xe9\0"].concat();
    let utf16 = |secret: &str| secret.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let behind = |count: usize| [&vec![b'A'; count], BASE64.as_bytes(), &vec![b'A'; 8 - count]].concat();
    let behind = |count| leaving_as(&String::from_utf8(behind(count)).unwrap());
    let far = |secret: &str| [&vec![7; 100_001], secret.as_bytes(), &vec![7; 70_000]].concat();
    vec![
        (
            "text",
            Content::text(format!("<{SECRET}>")),
            json!([{ "type": "text", "text": format!("<{mark}>") }]),
        ),
        ("name", ResourceLink::new("a:b", SECRET).into(), {
            json!([{ "type": "resource_link", "uri": "a:b", "name": mark }])
        }),
        ("title", link("a:b").with_title(SECRET).into(), of_link("a:b", json!({ "title": mark }))),
        (
            "description",
            link("a:b").with_description(&url).into(),
            of_link("a:b", json!({ "description": mark })),
        ),
        ("size", link("a:b").with_size(918_273_645_546).into(), of_link("a:b", json!({}))),
        (
            "URI",
            link(&format!("https://a.b/?key={url}&c=d")).into(),
            of_link("https://a.b/?key=%5Bredacted:exa.api_key%5D&c=d", json!({})),
        ),
        (
            "URI as it is",
            link(&format!("https://a.b/{SECRET}")).into(),
            of_link("https://a.b/%5Bredacted:exa.api_key%5D", json!({})),
        ),
        (
            "password of a URI",
            link(&format!("https://u:{url}@a.b/#@{url}")).into(),
            of_link("https://u:%5Bredacted:exa.api_key%5D@a.b/#@%5Bredacted:exa.api_key%5D", json!({})),
        ),
        (
            "host",
            link(&format!("https://u@{}.a.b:80/", hex(SECRET))).into(),
            withheld("a link", "its URI", "api_key"),
        ),
        ("resource's host", Content::resource(format!("a://{}?@b", hex(SECRET)), "a/b", "text"), {
            withheld("a resource", "its URI", "api_key")
        }),
        ("scheme", link("skcanaryskcanarysk.0042:a").into(), withheld("a link", "its URI", "second")),
        ("MIME type of a link", link("a:b").with_mime_type("text/skcanaryskcanarysk.0042").into(), {
            withheld("a link", "its MIME type", "second")
        }),
        (
            "another place of what is withheld",
            link("skcanaryskcanarysk.0042:a").with_title(SECRET).into(),
            withheld("a link", "its URI", "second"),
        ),
        (
            "two places that are withheld",
            Content::resource("skcanaryskcanarysk.0042:a", format!("text/{}", hex(SECRET)), "text"),
            withheld("a resource", "its MIME type", "api_key"),
        ),
        (
            "MIME type of an image",
            Content::image(format!("image/{}", hex(SECRET)), [1]),
            withheld("an image", "its MIME type", "api_key"),
        ),
        (
            "MIME type of a resource",
            Content::resource("a:b", format!("text/plain; a=\"{SECRET}\""), "text"),
            withheld("a resource", "its MIME type", "api_key"),
        ),
        ("resource's URI", Content::resource(format!("a:{SECRET}"), "text/plain", "text"), {
            resource("a:%5Bredacted:exa.api_key%5D", "text")
        }),
        ("resource's text", Content::resource("a:b", "text/plain", SECRET), resource("a:b", mark)),
        ("image", Content::image("image/png", framed(SECRET)), withheld("an image", "its bytes", "api_key")),
        ("audio", Content::audio("audio/wav", framed(SECRET)), withheld("audio", "its bytes", "api_key")),
        (
            "bytes",
            Content::resource("a:b", "a/b", framed(SECRET)),
            withheld("a resource", "its bytes", "api_key"),
        ),
        ("hex", Content::image("image/png", framed(&hex(SECRET))), {
            withheld("an image", "its bytes", "api_key")
        }),
        ("base64", Content::image("image/png", framed(&URL_SAFE_NO_PAD.encode(format!("a{SECRET}")))), {
            withheld("an image", "its bytes", "api_key")
        }),
        (
            "escapes",
            Content::image("image/svg+xml", framed(&url)),
            withheld("an image", "its bytes", "api_key"),
        ),
        ("UTF-16", Content::image("image/png", utf16(BASE64)), withheld("an image", "its bytes", "second")),
        ("far in", Content::image("image/png", far(SECRET)), withheld("an image", "its bytes", "api_key")),
        ("as base64", Content::image("image/png", behind(0)), withheld("an image", "its bytes", "second")),
        (
            "as base64, later",
            Content::image("image/png", behind(3)),
            withheld("an image", "its bytes", "second"),
        ),
        (
            "as base64, far in",
            Content::audio("audio/wav", [vec![7; 60_000], behind(1), vec![7; 9]].concat()),
            { withheld("audio", "its bytes", "second") },
        ),
    ]
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn no_secret_leaves_by_any_place_of_any_part() {
    for (place, content, left) in planted() {
        let planted = content.clone();
        let output = given(move || planted.clone()).await;
        let journal = serde_json::to_value(&output).unwrap();
        assert_eq!(journal, left, "{place}");
        assert_no_secret(journal.to_string(), [SECRET, BASE64, DIGITS]);
        assert_no_secret(format!("{output:?}"), [SECRET, BASE64, DIGITS]);
        // What is left can be sent again: its URIs and MIME types are still valid.
        let again = output.content().unwrap().clone();
        assert_eq!(given(move || again.clone()).await, output, "{place}");
    }
}

#[tokio::test]
async fn only_the_part_with_the_secret_is_withheld() {
    let output = given(|| all().and(Content::image("image/png", SECRET)).and(all())).await;
    let parts = output.content().unwrap().parts();
    let (own, count) = (all(), all().parts().len());
    assert_eq!(&parts[..count], own.parts());
    assert_eq!(&parts[count + 1..], own.parts());
    let ContentPart::Text { text } = &parts[count] else { panic!("{parts:?}") };
    assert_eq!(text, "[part 8, an image, is withheld: its bytes would show [redacted:exa.api_key]]");
}

#[tokio::test]
async fn what_was_removed_is_reported_and_counts_as_one_guess() {
    let store = RecordingStore::new(store());
    let content =
        || Content::text(SECRET).and(Content::image("image/png", SECRET)).and(Content::text(DIGITS));
    let given = Given(Arc::new(content));
    let runtime = Runtime::new(store.clone()).with_redaction_limit(1).with_state(given);
    let run = runtime.organization("acme").project("research");
    let tools = toolset![GiveBoth].unwrap();
    tools.call("give-both", json!({}), &run).await.unwrap();
    let redacted = store.events().into_iter().filter_map(|event| match event {
        StoreEvent::Recorded(used) => used.field,
        _ => None,
    });
    assert_eq!(redacted.collect::<Vec<_>>(), ["api_key", "pin"]);
    tools.call("give-both", json!({}), &run).await.unwrap();
    let error = tools.call("give-both", json!({}), &run).await.unwrap_err();
    assert_eq!(error.resolve_errors()[0].code(), "withheld", "{error}");
}

#[tokio::test]
async fn content_that_cannot_be_sent_is_named_with_its_fix() {
    for (content, problem, fix) in [
        (Content::image("png", []), "part 1, an image: `png` is not a MIME type", "such as `image/png`"),
        (
            Content::text("a").and(Content::audio("image/png", [])),
            "part 2, audio: its MIME type `image/png` does not begin with `audio/`",
            "`Content::resource`",
        ),
        (
            ResourceLink::new("/a", "a").into(),
            "part 1, a link: `/a` is not a URI",
            "`https://example.com/a%20b.csv`",
        ),
        (
            ResourceLink::new("a:b", "a").with_mime_type("text").into(),
            "part 1, a link: `text` is not a MIME type",
            "such as",
        ),
        (
            Content::resource("https://é", "text/plain", ""),
            "part 1, a resource: `https://é` is not a URI",
            "percent-encoded",
        ),
        (
            Content::resource(format!("a {SECRET}"), "text/plain", ""),
            "part 1, a resource: `a [redacted:exa.api_key]` is not a URI",
            "",
        ),
        (
            ResourceLink::new(format!("data:,{}", "a".repeat(8187)), "a").into(),
            "part 1, a link: its URI has 8193 bytes, and 8192 at most can be sent",
            "`Content::image`",
        ),
        (
            Content::audio(format!("audio/wav; a={}", "b".repeat(244)), []),
            "part 1, audio: its MIME type has 257 bytes, and 256 at most can be sent",
            "without long parameters",
        ),
        (
            (0..1001).map(|_| Content::text("")).collect(),
            "it has 1001 parts, and 1000 at most can be sent",
            "a link to the rest",
        ),
    ] {
        let error = called(runtime(move || content.clone()), "give").await.unwrap_err();
        assert_eq!(error.code(), "output");
        assert_eq!(error.problem(), format!("the output of the action `give` cannot be sent: {problem}"));
        assert!(error.fix().contains(fix), "{}", error.fix());
        assert!(!error.for_model().contains("part"), "{}", error.for_model());
    }
    let most = given(|| (0..1000).map(|_| Content::text("")).collect()).await;
    assert_eq!(most.content().unwrap().parts().len(), 1000);
    let longest = || {
        let link = ResourceLink::new(format!("data:,{}", "a".repeat(8186)), "a");
        Content::audio(format!("audio/wav; a={}", "b".repeat(243)), []).and(link)
    };
    assert_eq!(given(longest).await.content(), Some(&longest()));
}

#[tokio::test]
async fn content_is_as_long_as_an_output_may_be_with_its_bytes_as_base64() {
    let of =
        |content: Content, most| called(runtime(move || content.clone()).with_longest_output(most), "give");
    for content in [
        Content::text("a".repeat(4000)),
        Content::image("image/png", vec![7; 3000]),
        Content::audio("audio/wav", vec![7; 3000]),
        Content::resource("a:b", "a/b", vec![7; 3000]),
        Content::resource("a:b", "a/b", "a".repeat(4000)),
        ResourceLink::new(format!("a:{}", "b".repeat(1000)), "c".repeat(1000))
            .with_title("d".repeat(1000))
            .with_description("e".repeat(1000))
            .with_mime_type("a/b")
            .with_size(u64::MAX)
            .into(),
    ] {
        // About so long: a little more, and never less.
        let length = serde_json::to_string(&content).unwrap().len();
        let error = of(content.clone(), length - 1).await.unwrap_err();
        assert_eq!(error.code(), "too_large", "{length}: {error}");
        assert!(of(content, 4200).await.is_ok(), "{length}");
    }
    let beside =
        called(runtime(|| Content::text("a".repeat(4000))).with_longest_output(4090), "give-both").await;
    assert_eq!(beside.unwrap_err().code(), "too_large", "the value counts as well");
}

#[tokio::test]
async fn a_large_content_gives_way_and_ends_with_its_run() {
    let (begun, polled) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None::<Cancellation>)));
    let content = || Content::image("image/png", vec![7; 1_000_000]).and(Content::text("a".repeat(100_000)));
    let cancellation = Cancellation::new();
    *polled.lock().unwrap() = Some(cancellation.clone());
    let run = runtime(content).organization("acme").project("research").cancellation(cancellation);
    let tools = toolset![Give].unwrap();
    let mut call = std::pin::pin!(tools.call("give", json!({}), &run));
    let result = std::future::poll_fn(|cx| {
        // Somebody else gets a turn after each slice, and cancels in the third.
        if begun.fetch_add(1, Ordering::Relaxed) == 3 {
            polled.lock().unwrap().take().unwrap().cancel();
        }
        call.as_mut().poll(cx)
    })
    .await;
    assert_eq!(result.unwrap_err().code(), "cancelled");
    assert_eq!(begun.load(Ordering::Relaxed), 4, "it ends at the next slice");
    // 1 MB as it is, 4/3 MB as base64, and 0.1 MB of text, in slices of 32 KiB.
    let run = runtime(content).organization("acme").project("research");
    let mut call = std::pin::pin!(tools.call("give", json!({}), &run));
    let mut turns = 0;
    let result = std::future::poll_fn(|cx| {
        turns += 1;
        call.as_mut().poll(cx)
    })
    .await;
    assert!(result.is_ok() && (70..90).contains(&turns), "{turns}");
}

#[test]
fn bytes_are_told_by_their_number() {
    let told = format!("{:?}", all());
    assert!(told.contains("data: 4 bytes") && told.contains("Bytes(256 bytes)"), "{told}");
    assert_eq!(format!("{:?}", ResourceData::from(&b"ab"[..])), "Bytes(2 bytes)");
}
