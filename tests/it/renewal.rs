//! SEMANTICS §7: values that renew. A store of the tests renews them by the test's clock; the rest is core's.
//!
//! What a bound forbids is asked of the third party, which sees each token that an action sends.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use keystroke::declare::CredentialKind;
use keystroke::prelude::*;
use keystroke::store::{
    Candidate, Candidates, ClientName, Fields, Lookup, OpenError, OpenPreview, Opened, Outcome,
    PendingRecord, Renewal, Resolved, Status, StoreError, UseRecord,
};
use keystroke::testing::{RecordingStore, TestClock, TestRuns, assert_no_secret};
use keystroke::{CredentialStore, Instance};
use serde_json::{Value, json};

#[credential(key = "slack", kind = oauth)]
struct Slack {
    access_token: SecretString,
}

#[credential(key = "gmail", kind = oauth)]
struct Gmail {
    access_token: SecretString,
}

#[credential(key = "exa")]
struct Exa {
    api_key: SecretString,
}

/// What the third party is, shared with the actions.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// Each token that was sent, in order.
    tokens: Vec<String>,
    inputs: Vec<String>,
    /// Tokens that are refused.
    refused: BTreeSet<String>,
    /// The call of that number panics.
    panics_at: Option<usize>,
}

impl Service {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().expect("no test panics while it holds this")
    }

    fn refuse(&self, version: u64) {
        self.seen().refused.insert(token("slack-1", version));
    }

    /// The versions that were sent.
    fn versions(&self) -> Vec<u64> {
        let version = |token: &String| token.rsplit('-').next().and_then(|number| number.parse().ok());
        self.seen().tokens.iter().filter_map(version).collect()
    }
}

fn token(id: &str, version: u64) -> String {
    format!("token-of-{id}-{version:08}")
}

/// Sends the token, and tells all that were sent so far.
fn send(cx: &ActionContext, input: &str, slack: &Slack) -> Result<String, Failure> {
    let service: &Service = cx.require_state()?;
    let token = slack.access_token.expose_secret().to_owned();
    let (told, is_refused, panics) = {
        let mut seen = service.seen();
        seen.inputs.push(input.to_owned());
        seen.tokens.push(token.clone());
        let number = seen.tokens.len();
        (seen.tokens.join(" "), seen.refused.contains(&token), seen.panics_at == Some(number))
    };
    cx.progress(1, None, &told);
    assert!(!panics, "{told}");
    if is_refused {
        return Err(Failure::rejected(slack).with_operator(format!("the service answered 401 to {told}")));
    }
    Ok(told)
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Message {
    text: String,
}

/// Reads.
#[action(slug = "read", read_only)]
async fn read(input: Message, slack: &Slack, cx: &ActionContext) -> Result<String, Failure> {
    send(cx, &input.text, slack)
}

/// Puts.
#[action(slug = "put", idempotent)]
async fn put(input: Message, slack: &Slack, cx: &ActionContext) -> Result<String, Failure> {
    send(cx, &input.text, slack)
}

/// Posts.
#[action(slug = "post")]
async fn post(input: Message, slack: &Slack, cx: &ActionContext) -> Result<String, Failure> {
    send(cx, &input.text, slack)
}

/// Reads with two.
#[action(slug = "both", read_only)]
async fn both(input: Message, slack: &Slack, exa: &Exa, cx: &ActionContext) -> Result<String, Failure> {
    let _ = &exa.api_key;
    send(cx, &input.text, slack)
}

/// Forwards from one account to another.
#[action(slug = "forward")]
async fn forward(
    input: Message,
    slack: &Slack,
    gmail: &Gmail,
    cx: &ActionContext,
) -> Result<String, Failure> {
    let _ = &gmail.access_token;
    send(cx, &input.text, slack)
}

/// Sends, and does not mind the answer.
#[action(slug = "peek")]
async fn peek(input: Message, slack: &Slack, cx: &ActionContext) -> Result<(), Failure> {
    let _ = send(cx, &input.text, slack);
    Ok(())
}

/// Says that a credential was refused that it was not lent.
#[action(slug = "liar", read_only)]
async fn liar(slack: &Slack) -> Result<(), Failure> {
    let _ = slack;
    Err(Failure::rejected(&Exa { api_key: "exa-key-of-a-liar".into() }))
}

/// Is refused with a key.
#[action(slug = "keyed", read_only)]
async fn keyed(exa: &Exa) -> Result<(), Failure> {
    Err(Failure::rejected(exa))
}

/// Runs with or without.
#[action(slug = "maybe", read_only)]
async fn maybe(
    input: Message,
    slack: &Slack,
    exa: Option<&Exa>,
    cx: &ActionContext,
) -> Result<String, Failure> {
    let told = send(cx, &input.text, slack)?;
    Ok(format!("{told} {}", exa.is_some()))
}

/// A store of connections, and of one key, that renews by the clock.
#[derive(Clone)]
struct Connections(Arc<Mutex<Content>>);

struct Content {
    clock: TestClock,
    instances: Vec<Arc<Candidate>>,
    /// Of each connection alike.
    version: u64,
    /// When the token that it has can't be lent any more.
    until: Option<SystemTime>,
    /// How long a new one may be lent.
    lent_for: Option<Duration>,
    /// How long the opens of a key and a use's record take.
    open_takes: BTreeMap<&'static str, Duration>,
    record_takes: Duration,
    /// What opens fail with.
    fails: Option<OpenError>,
    /// What a refusal comes to.
    on_rejected: OnRejected,
    rejected: Vec<(String, u64)>,
    exchanges: usize,
    opened: usize,
}

#[derive(Clone)]
enum OnRejected {
    /// It renews once for each version.
    Renews,
    Nothing,
    Fails(StoreError),
    Never,
    Panics,
    /// It renews, once another call has opened the old value again.
    PutBack(TestRuns),
    /// It renews, and this happens meanwhile.
    Meanwhile(fn(&mut Content)),
}

/// A case of a table: what is done to one.
type Change<T> = fn(&mut T);

const MINUTE: Duration = Duration::from_secs(60);

impl Content {
    fn exchange(&mut self) {
        self.version += 1;
        self.exchanges += 1;
        self.until = self.lent_for.map(|time| keystroke::run::Clock::now(&self.clock) + time);
    }

    fn change(&mut self, id: &str, with: impl Fn(&mut Candidate)) {
        for instance in self.instances.iter_mut().filter(|instance| instance.id.as_str() == id) {
            with(Arc::make_mut(instance));
        }
    }
}

impl Connections {
    fn new(clock: &TestClock, instances: Vec<Instance>) -> Self {
        let instances = instances.into_iter().map(|one| Arc::new(one.into_parts().0)).collect();
        Self(Arc::new(Mutex::new(Content {
            clock: clock.clone(),
            instances,
            version: 1,
            until: None,
            lent_for: None,
            open_takes: BTreeMap::new(),
            record_takes: Duration::ZERO,
            fails: None,
            on_rejected: OnRejected::Renews,
            rejected: Vec::new(),
            exchanges: 0,
            opened: 0,
        })))
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn look_up(&self, lookup: &Lookup<'_>) -> Candidates {
        let content = self.content();
        let is_it = |one: &&Arc<Candidate>| one.organization == lookup.organization && one.key == lookup.key;
        Candidates::new(content.instances.iter().filter(is_it).cloned().collect::<Vec<_>>())
    }
}

impl CredentialStore for Connections {
    fn name(&self) -> String {
        "the store of connections".to_owned()
    }

    async fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
        Ok(self.look_up(lookup))
    }

    fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
        Some(Ok(self.look_up(lookup)))
    }

    async fn open(&self, resolved: &Resolved) -> Result<Opened, OpenError> {
        let mut content = self.content();
        content.opened += 1;
        let chosen = resolved.instance();
        if !content.instances.iter().any(|now| now.is_still(chosen)) {
            return Err(OpenError::Changed);
        }
        if let Some(error) = content.fails.clone() {
            return Err(error);
        }
        if let Some(takes) = content.open_takes.get(chosen.key.as_str()) {
            content.clock.advance(*takes);
        }
        let mut fields = Fields::new();
        if chosen.key == "exa" {
            fields.set("api_key", "exa-key-12345678");
            return Ok(Opened::new(fields));
        }
        let now = keystroke::run::Clock::now(&content.clock);
        if content.until.is_some_and(|until| until <= now) {
            content.exchange();
        }
        fields.set("access_token", token(chosen.id.as_str(), content.version));
        // What no store should give, and no action gets.
        fields.set("refresh_token", "refresh-token-12345678");
        Ok(Opened { lend_until: content.until, grant_version: content.version, ..Opened::new(fields) })
    }

    fn rejected(
        &self,
        resolved: &Resolved,
        grant_version: u64,
    ) -> impl Future<Output = Result<Renewal, StoreError>> + Send {
        let on_rejected = {
            let mut content = self.content();
            let id = format!("{}/{}", resolved.organization(), resolved.instance().id);
            content.rejected.push((id, grant_version));
            content.on_rejected.clone()
        };
        async move {
            match on_rejected {
                OnRejected::Nothing => return Ok(Renewal::Unchanged),
                OnRejected::Fails(error) => return Err(error),
                OnRejected::Never => std::future::pending().await,
                OnRejected::Panics => panic!("with token-of-slack-1-00000001"),
                OnRejected::Renews => {}
                OnRejected::PutBack(runs) => {
                    let run = runs.anonymous(Origin::Prompt);
                    self.content().on_rejected = OnRejected::Nothing;
                    Peek.run(&run, message()).await.expect("it sends without being refused");
                }
                OnRejected::Meanwhile(happens) => happens(&mut self.content()),
            }
            let mut content = self.content();
            if grant_version == content.version {
                content.exchange();
            }
            Ok(Renewal::Newer)
        }
    }

    async fn preview_open(&self, instance: &Candidate) -> Result<OpenPreview, OpenError> {
        let content = self.content();
        if let Some(error) = content.fails.clone() {
            return Err(error);
        }
        let now = keystroke::run::Clock::now(&content.clock);
        let is_over = instance.key == "slack" && content.until.is_some_and(|until| until <= now);
        Ok(if is_over { OpenPreview::WouldRefresh } else { OpenPreview::Ready })
    }

    fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    fn record_first(&self, record: &UseRecord<'_>) -> Option<PendingRecord> {
        let content = self.content();
        if record.outcome != Outcome::Used || content.record_takes == Duration::ZERO {
            return None;
        }
        let (clock, takes) = (content.clock.clone(), content.record_takes);
        Some(Box::pin(async move {
            clock.advance(takes);
            Ok(())
        }))
    }
}

fn slack(id: &str) -> Instance {
    Instance::new("slack")
        .id(id)
        .in_organization("acme")
        .kind(CredentialKind::OauthManaged)
        .account("team@example.com")
        .field("access_token", "12345678")
}

fn exa() -> Instance {
    Instance::new("exa").id("exa-1").in_organization("acme").field("api_key", "12345678")
}

struct Scene {
    clock: TestClock,
    connections: Connections,
    store: RecordingStore<Connections>,
    service: Service,
    runs: TestRuns,
}

impl Scene {
    fn of(instances: Vec<Instance>) -> Self {
        let (clock, service) = (TestClock::new(), Service::default());
        let connections = Connections::new(&clock, instances);
        let store = RecordingStore::new(connections.clone());
        let runtime = Runtime::new(store.clone()).with_clock(clock.clone()).with_state(service.clone());
        let runtime = runtime.with_redaction_limit(u32::MAX);
        Self { clock, connections, store, service, runs: TestRuns::of(runtime) }
    }

    fn new() -> Self {
        Self::of(vec![slack("slack-1"), exa()])
    }

    /// Tokens may be lent for so long.
    fn lent_for(self, time: Duration) -> Self {
        {
            let mut content = self.connections.content();
            content.lent_for = Some(time);
            content.until = Some(keystroke::run::Clock::now(&self.clock) + time);
        }
        self
    }

    fn on_rejected(&self, on_rejected: OnRejected) {
        self.connections.content().on_rejected = on_rejected;
    }

    fn run(&self) -> Run<Anonymous> {
        self.runs.anonymous(Origin::Prompt)
    }

    fn outcomes(&self) -> Vec<Outcome> {
        self.store
            .recorded()
            .iter()
            .map(|record| record.outcome)
            .filter(|one| *one != Outcome::Redacted)
            .collect()
    }

    async fn call(&self, tool: &str) -> Result<Value, ToolError> {
        let tools = toolset![Read, Put, Post, Both, Liar, Keyed, Maybe].expect("the list is sound");
        let input = if matches!(tool, "liar" | "keyed") { json!({}) } else { json!({ "text": "Hello" }) };
        tools.call(tool, input, &self.run()).await.map(keystroke::tool::ToolOutput::into_json)
    }
}

fn message() -> Message {
    Message { text: "Hello".to_owned() }
}

fn at_2030() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000)
}

// O4: how long a value is lent.

#[tokio::test]
async fn a_value_is_lent_up_to_its_bound_and_never_past_it() {
    let scene = Scene::new().lent_for(MINUTE);
    for (passes, version, exchanges) in [
        (Duration::ZERO, 1, 0),
        (Duration::from_millis(59_999), 1, 0),
        (Duration::from_millis(1), 2, 1), // exactly at the bound
        (MINUTE - Duration::from_millis(1), 2, 1),
        (Duration::from_secs(3 * 24 * 3600), 3, 2), // after idle days the first call waits, once
        (Duration::ZERO, 3, 2),
    ] {
        scene.clock.advance(passes);
        Post.run(&scene.run(), message()).await.expect("it is lent");
        assert_eq!(scene.service.versions().last(), Some(&version), "{passes:?} later");
        assert_eq!(scene.connections.content().exchanges, exchanges, "{passes:?} later");
    }
}

#[tokio::test]
async fn a_renewal_is_no_change_and_empties_no_cache() {
    let scene = Scene::new().lent_for(MINUTE);
    Post.run(&scene.run(), message()).await.expect("it is lent");
    scene.clock.advance(MINUTE / 2);
    {
        // Another process renewed it early, which moved the end of the grant.
        let mut content = scene.connections.content();
        content.exchange();
        content.change("slack-1", |one| one.expires_at = Some(at_2030()));
    }
    Post.run(&scene.run(), message()).await.expect("it is lent");
    assert_eq!((scene.service.versions(), scene.connections.content().opened), (vec![1, 1], 1));
    scene.clock.advance(MINUTE / 2);
    Post.run(&scene.run(), message()).await.expect("it is lent");
    assert_eq!(scene.service.versions(), [1, 1, 2], "the old one is over, and the newer one is there");
    assert_eq!(scene.connections.content().exchanges, 1);
}

#[tokio::test]
async fn a_clock_that_jumps_costs_one_renewal_and_lends_nothing_that_is_over() {
    let scene = Scene::new().lent_for(MINUTE);
    let start = keystroke::run::Clock::now(&scene.clock);
    for (at, version) in [(0, 1), (3600, 2), (0, 2), (30, 2), (3600, 2), (3659, 2), (3660, 3), (0, 3)] {
        scene.clock.set(start + Duration::from_secs(at));
        // The store's clock never goes back either: it is one clock for both (O4).
        Post.run(&scene.run(), message()).await.expect("it is lent");
        assert_eq!(scene.service.versions().last(), Some(&version), "at {at}");
    }
}

#[tokio::test]
async fn a_bound_that_passes_while_another_credential_is_opened_is_seen() {
    let scene = Scene::new().lent_for(MINUTE);
    scene.connections.content().open_takes.insert("exa", MINUTE);
    scene.call("both").await.expect("it is lent");
    assert_eq!(scene.service.versions(), [2], "the first was over when the other one was there");
    let counted = {
        let content = scene.connections.content();
        (content.opened, content.exchanges)
    };
    assert_eq!(counted, (3, 1), "what still holds is not opened again");

    // Each takes so long that the other one is over.
    let gmail =
        Instance::new("gmail").id("gmail-1").in_organization("acme").kind(CredentialKind::OauthManaged);
    let scene = Scene::of(vec![slack("slack-1"), gmail.field("access_token", "12345678")]).lent_for(MINUTE);
    scene.connections.content().open_takes.extend([("slack", MINUTE), ("gmail", MINUTE)]);
    let error = Forward.run(&scene.run(), message()).await.expect_err("never are both there");
    assert!(error.is_retryable() && error.to_string().contains("could no longer be lent"), "{error}");
    assert!(scene.service.versions().is_empty());
    assert_eq!(scene.connections.content().opened, 4, "three attempts at all that is needed");
}

#[tokio::test]
async fn a_bound_that_passes_while_a_use_is_recorded_is_seen() {
    let scene = Scene::new().lent_for(MINUTE);
    Post.run(&scene.run(), message()).await.expect("it is lent");
    scene.clock.advance(MINUTE - Duration::from_secs(1));
    scene.connections.content().record_takes = Duration::from_secs(2);
    Post.run(&scene.run(), message()).await.expect("it is lent");
    assert_eq!(scene.service.versions(), [1, 2]);
}

#[tokio::test]
async fn a_store_whose_values_are_over_when_they_are_opened_is_an_error_after_three() {
    let scene = Scene::new().lent_for(Duration::ZERO);
    let error = Post.run(&scene.run(), message()).await.expect_err("nothing can be lent");
    let [error] = error.resolve_errors() else { panic!("{error}") };
    assert_eq!((error.code(), error.is_retryable()), ("store_unavailable", true));
    assert!(error.problem().contains("could no longer be lent"), "{error}");
    assert_eq!(scene.connections.content().opened, 3);
    assert!(scene.service.versions().is_empty());
}

#[tokio::test]
async fn the_end_of_a_grant_is_read_anew_for_each_attempt() {
    let scene = Scene::new();
    // The first open takes until the grant has ended, and finds that something changed.
    scene.connections.content().change("slack-1", |one| one.expires_at = Some(at_2030()));
    scene.clock.set(at_2030() - Duration::from_secs(1));
    struct Slow(Connections, TestClock);
    impl CredentialStore for Slow {
        fn name(&self) -> String {
            "the slow store".to_owned()
        }
        async fn candidates(&self, lookup: &Lookup<'_>) -> Result<Candidates, StoreError> {
            self.0.candidates(lookup).await
        }
        async fn open(&self, _: &Resolved) -> Result<Opened, OpenError> {
            self.1.advance(MINUTE);
            Err(OpenError::Changed)
        }
        fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
            Ok(())
        }
    }
    let runtime = Runtime::new(Slow(scene.connections.clone(), scene.clock.clone()));
    let run = runtime.with_clock(scene.clock.clone()).organization("acme").project("research");
    let error = Post.run(&run, message()).await.expect_err("the grant has ended meanwhile");
    assert_eq!(error.resolve_errors()[0].code(), "expired");
}

#[test]
fn what_matters_of_an_instance_is_what_makes_its_secret_another_one() {
    let of = |change: fn(&mut Candidate)| {
        let chosen = slack("slack-1").into_parts().0;
        let mut now = chosen.clone();
        change(&mut now);
        now.is_still(&chosen)
    };
    let matters: [(&str, Change<Candidate>); 8] = [
        ("id", |one| one.id = "slack-2".into()),
        ("key", |one| one.key = "exa".to_owned()),
        ("organization", |one| one.organization = "globex".to_owned()),
        ("owner", |one| one.owner = keystroke::store::Owner::User("ada".to_owned())),
        ("kind", |one| one.kind = CredentialKind::ApiKey),
        ("status", |one| one.status = Status::NeedsReconnect),
        ("version", |one| one.version = 2),
        ("revision", |one| one.revision = [1; 16]),
    ];
    for (what, change) in matters {
        assert!(!of(change), "{what}");
    }
    let other: [(&str, Change<Candidate>); 6] = [
        ("nothing", |_| {}),
        ("label", |one| one.label = Some("Team".into())),
        ("default", |one| one.default = true),
        ("account", |one| one.account = None),
        ("granted", |one| one.granted = vec!["chat:write".to_owned()]),
        ("expires_at", |one| one.expires_at = Some(at_2030())),
    ];
    for (what, change) in other {
        assert!(of(change), "{what}");
    }
}

// O3: what an action gets.

#[tokio::test]
async fn an_action_reads_of_a_connection_the_access_token_alone() {
    /// Written by hand, which no macro checks.
    struct GreedySlack;
    impl keystroke::Credential for GreedySlack {
        const KEY: &'static str = "slack";
        const KIND: CredentialKind = CredentialKind::OauthManaged;
        type Pin = keystroke::scope::Unpinned;
        const FIELDS: &'static [keystroke::declare::FieldSpec] = &[];
        fn read(from: &mut keystroke::declare::FieldReader<'_>) -> Option<Self> {
            let token: Option<SecretString> = from.optional("access_token")?;
            let refresh: Option<SecretString> = from.optional("refresh_token")?;
            assert!(token.is_some() && refresh.is_none());
            Some(Self)
        }
        fn secrets(&self, _: &mut dyn FnMut(&'static str, &str)) {}
    }
    /// Takes what it can get.
    #[action(slug = "greedy")]
    async fn greedy(slack: &GreedySlack) -> Result<(), Failure> {
        let _ = slack;
        Ok(())
    }
    Greedy.run(&Scene::new().run(), ()).await.expect("it reads the access token");
}

// What an open says.

#[tokio::test]
async fn each_verdict_of_an_open_is_an_error_of_its_own_before_and_during_a_call() {
    let client = || ClientName { provider: "slack".to_owned(), name: None };
    let verdicts = [
        ("needs_reconnect", false, OpenError::NeedsReconnect),
        ("client_missing", false, OpenError::ClientMissing { client: client(), register: None }),
        ("client_changed", false, OpenError::ClientChanged { client: client() }),
        ("client_rejected", false, OpenError::ClientRejected { client: client() }),
        ("refreshing", true, OpenError::Refreshing),
        ("store_unavailable", true, StoreError::new("the disk is full").retryable().into()),
    ];
    for (code, is_retryable, verdict) in verdicts {
        let scene = Scene::new();
        scene.connections.content().fails = Some(verdict.clone());
        let call = Post.run(&scene.run(), message());
        let explained = call.explain().await;
        let error = call.await.expect_err(code);
        let [error_of_call] = error.resolve_errors() else { panic!("{error}") };
        let told = (error_of_call.code(), error_of_call.is_retryable(), error.is_retryable());
        assert_eq!(told, (code, is_retryable, is_retryable));
        let of_explanation = explained.resolutions()[0].result().expect_err(code);
        assert_eq!(of_explanation.to_string(), error_of_call.to_string());
        let row = &scene.store.recorded()[0];
        assert_eq!(row.outcome, Outcome::Refused { code, cause: None });
        assert_eq!(row.instance.as_ref().map(|id| id.as_str()), Some("slack-1"));
        assert!(scene.service.versions().is_empty(), "{code}");

        // R7: `invalid` comes before all of them but the first.
        scene.connections.content().change("slack-1", |one| one.fields = Some(Arc::default()));
        let expected = if code == "needs_reconnect" { code } else { "invalid" };
        let call = Post.run(&scene.run(), message());
        let explained = call.explain().await;
        let error = call.await.expect_err(code);
        assert_eq!(error.resolve_errors()[0].code(), expected, "{code}");
        assert_eq!(explained.resolutions()[0].result().expect_err(code).code(), expected, "{code}");
    }
}

#[tokio::test]
async fn an_explanation_says_what_would_be_renewed_and_opens_nothing() {
    let scene = Scene::new().lent_for(MINUTE);
    let explain = || async { Post.run(&scene.run(), message()).explain().await };
    assert_eq!(
        explain().await.to_string(),
        "slack: R4 project: none; R5 organization: one → `slack-1` (team@example.com)"
    );
    scene.clock.advance(MINUTE);
    let explained = explain().await;
    assert_eq!(
        explained.to_string(),
        "slack: R4 project: none; R5 organization: one → `slack-1` (team@example.com), would refresh"
    );
    let chosen = explained.resolutions()[0].result().expect("it resolves").expect("it is there");
    assert!(chosen.would_refresh);
    let json = serde_json::to_value(&explained).expect("it is JSON");
    assert_eq!(json[0]["chosen"]["would_refresh"], true);
    let tools = toolset![Post].expect("the list is sound");
    let preflight = tools.preflight(&scene.run()).await;
    assert!(preflight.is_ready() && preflight.to_string().contains("would refresh"), "{preflight}");
    let content = scene.connections.content();
    assert_eq!((content.opened, content.exchanges), (0, 0));
}

// O8: refused by the third party.

/// `(annotation, what the store has) → (tokens sent, whether it works, whether the error may be retried)`.
#[tokio::test]
async fn a_tool_runs_once_more_if_it_may_and_there_is_something_newer() {
    let fails = |retry: bool| {
        let error = StoreError::new("the provider does not answer");
        OnRejected::Fails(if retry { error.retryable() } else { error })
    };
    let (once, twice): (&[u64], &[u64]) = (&[1], &[1, 2]);
    let table: [(&str, OnRejected, &[u64], bool, bool); 9] = [
        ("read", OnRejected::Renews, twice, true, false),
        ("put", OnRejected::Renews, twice, true, false),
        ("post", OnRejected::Renews, once, false, true),
        ("read", OnRejected::Nothing, once, false, false),
        ("put", OnRejected::Nothing, once, false, false),
        ("post", OnRejected::Nothing, once, false, false),
        ("read", fails(true), once, false, true),
        ("read", fails(false), once, false, false),
        ("post", fails(true), once, false, true),
    ];
    for (tool, on_rejected, sent, works, is_retryable) in table {
        let scene = Scene::new();
        scene.service.refuse(1);
        scene.on_rejected(on_rejected);
        let result = scene.call(tool).await;
        assert_eq!(scene.service.versions(), sent, "{tool}");
        assert_eq!(scene.connections.content().rejected, [("acme/slack-1".to_owned(), 1)], "{tool}");
        assert!(scene.service.seen().inputs.iter().all(|input| input == "Hello"), "{tool}");
        match result {
            Ok(_) => assert!(works, "{tool}"),
            Err(error) => {
                assert!(!works, "{tool}: {error}");
                assert_eq!((error.code(), error.is_retryable()), ("failed", is_retryable), "{tool}");
                let fix =
                    if is_retryable { "call again" } else { "run `keystroke credentials reconnect slack-1`" };
                assert_eq!(error.fix(), fix);
                let told = error.for_model();
                let helps = if is_retryable { "Try again." } else { "trying again will not help" };
                assert!(told.contains(helps) && !told.contains("slack-1"), "{told}");
            }
        }
        let rejected = scene.outcomes().iter().filter(|outcome| **outcome == Outcome::Rejected).count();
        assert_eq!(rejected, 1, "{tool}: one row for one refusal");
        // The next call is lent what is there now, and not what was refused, unless that is all there is.
        scene.service.seen().refused.clear();
        scene.call(tool).await.expect("nothing is refused any more");
        let content = scene.connections.content();
        assert_eq!(scene.service.versions().last(), Some(&content.version), "{tool}");
    }
}

#[tokio::test]
async fn a_typed_call_is_never_repeated_and_says_whether_that_helps() {
    for (on_rejected, is_retryable) in [(OnRejected::Renews, true), (OnRejected::Nothing, false)] {
        let scene = Scene::new();
        scene.service.refuse(1);
        scene.on_rejected(on_rejected);
        let error = Read.run(&scene.run(), message()).await.expect_err("it is refused");
        assert_eq!((error.code(), error.is_retryable()), ("failed", is_retryable));
        assert_eq!(scene.service.versions(), [1]);
        assert_eq!(error.inner().map(Failure::model).map(str::to_owned), Some(error.for_model()));
        scene.service.seen().refused.remove(&token("slack-1", 2));
        let next = Read.run(&scene.run(), message()).await;
        assert_eq!(next.is_ok(), is_retryable);
        assert_eq!(scene.service.versions().last(), Some(if is_retryable { &2 } else { &1 }));
    }
}

#[tokio::test]
async fn a_second_refusal_ends_the_call_and_is_told_as_well() {
    let scene = Scene::new();
    scene.service.refuse(1);
    scene.service.refuse(2);
    let error = scene.call("read").await.expect_err("both are refused");
    assert_eq!(scene.service.versions(), [1, 2], "there is no third attempt");
    assert_eq!((error.code(), error.is_retryable()), ("failed", true));
    let rejected = scene.connections.content().rejected.clone();
    assert_eq!(rejected, [("acme/slack-1".to_owned(), 1), ("acme/slack-1".to_owned(), 2)]);
    // A crowd that was refused with one token costs one exchange.
    let before = scene.connections.content().exchanges;
    let runs: Vec<_> = (0..20).map(|_| scene.run()).collect();
    for run in &runs {
        let _ = Read.run(run, message()).await;
    }
    assert_eq!(scene.connections.content().exchanges, before, "the third one is good");
}

#[tokio::test]
async fn a_second_attempt_is_not_lent_what_a_call_beside_it_put_back() {
    let scene = Scene::new();
    scene.service.refuse(1);
    // A call that had opened the first token before it was refused has it held only now.
    scene.on_rejected(OnRejected::PutBack(scene.runs.clone()));
    scene.call("read").await.expect("the second attempt works");
    assert_eq!(scene.service.versions(), [1, 1, 2]);
}

#[tokio::test]
async fn what_was_not_lent_is_not_refused() {
    let scene = Scene::new();
    let error = scene.call("liar").await.expect_err("it fails");
    assert_eq!((error.code(), error.is_retryable()), ("failed", false));
    assert!(scene.connections.content().rejected.is_empty());
    assert!(!scene.outcomes().contains(&Outcome::Rejected));
}

#[tokio::test]
async fn a_key_is_told_like_a_token_and_its_call_is_not_repeated() {
    let scene = Scene::new();
    let error = scene.call("keyed").await.expect_err("it is refused");
    // The store says that there is something newer; for a call that kept no input that is for the caller.
    assert_eq!((error.code(), error.is_retryable()), ("failed", true));
    assert_eq!(scene.connections.content().rejected, [("acme/exa-1".to_owned(), 0)]);
    let memory = TestRuns::new(MemoryStore::new().with(exa().field("api_key", "exa-key-12345678")));
    let error = Keyed.run(&memory.anonymous(Origin::Direct), ()).await.expect_err("it is refused");
    assert!(!error.is_retryable());
    assert_eq!(error.fix(), "run `keystroke credentials rotate exa-1 --set api_key=@stdin`");
}

#[tokio::test]
async fn a_refusal_never_leads_to_another_instance() {
    let changes: [(&str, Change<Content>); 5] = [
        ("another default", |content| {
            content.change("slack-1", |one| one.default = false);
            content.change("slack-2", |one| one.default = true);
        }),
        ("revoked", |content| content.change("slack-1", |one| one.status = Status::Revoked)),
        ("needs_reconnect", |content| content.change("slack-1", |one| one.status = Status::NeedsReconnect)),
        ("gone", |content| content.instances.retain(|one| one.id.as_str() != "slack-1")),
        ("dead", |content| content.fails = Some(OpenError::NeedsReconnect)),
    ];
    for (what, change) in changes {
        let scene = Scene::of(vec![slack("slack-1").default(), slack("slack-2")]);
        scene.service.refuse(1);
        scene.on_rejected(OnRejected::Meanwhile(change));
        let error = scene.call("read").await.expect_err(what);
        assert_eq!(error.code(), "failed", "{what}: what the function said stands, for it was entered");
        assert_eq!(scene.service.versions(), [1], "{what}");
        let opened = scene.store.opened();
        assert!(opened.iter().all(|open| open.instance.as_str() == "slack-1"), "{what}: {opened:?}");
        let is_mended_by_itself = matches!(what, "another default" | "gone");
        assert_eq!(error.is_retryable(), is_mended_by_itself, "{what}: {}", error.fix());
        if matches!(what, "needs_reconnect" | "dead") {
            assert_eq!(error.fix(), "run `keystroke credentials reconnect slack-1`");
        }
    }
}

#[tokio::test]
async fn what_was_absent_stays_absent_in_a_second_attempt() {
    let scene = Scene::of(vec![slack("slack-1")]);
    scene.service.refuse(1);
    let told = scene.call("maybe").await.expect("it runs again");
    assert!(told.as_str().is_some_and(|told| told.ends_with("false")), "{told}");
    let scene = Scene::of(vec![slack("slack-1")]);
    scene.service.refuse(1);
    scene
        .on_rejected(OnRejected::Meanwhile(|content| content.instances.push(Arc::new(exa().into_parts().0))));
    scene.call("maybe").await.expect_err("a key that was not there before");
    assert_eq!(scene.service.versions(), [1]);
}

#[tokio::test]
async fn a_refusal_in_one_organization_costs_another_one_nothing() {
    let scene = Scene::of(vec![slack("slack-1"), slack("slack-1").in_organization("globex")]);
    let globex = scene.runs.clone().organization("globex").anonymous(Origin::Prompt);
    Read.run(&globex, message()).await.expect("it is lent");
    Read.run(&scene.run(), message()).await.expect("it is lent");
    scene.service.refuse(1);
    scene.on_rejected(OnRejected::Nothing);
    scene.call("read").await.expect_err("it is refused");
    assert_eq!(scene.connections.content().rejected, [("acme/slack-1".to_owned(), 1)]);
    scene.service.seen().refused.clear();
    let opened = scene.connections.content().opened;
    Read.run(&globex, message()).await.expect("the process still holds it");
    assert_eq!(scene.connections.content().opened, opened);
    Read.run(&scene.run(), message()).await.expect("it is opened again");
    assert_eq!(scene.connections.content().opened, opened + 1);
}

#[tokio::test]
async fn neither_attempt_shows_a_token_of_the_other_one() {
    let scene = Scene::new();
    scene.service.refuse(1);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&heard);
    let run = scene.run().progress(move |progress| {
        listener.lock().expect("nothing panics with it").push(progress.message.to_owned());
    });
    let tools = toolset![Read].expect("the list is sound");
    let output = tools.call("read", json!({ "text": "Hello" }), &run).await.expect("the second one works");
    let secrets = [token("slack-1", 1), token("slack-1", 2), "refresh-token-12345678".to_owned()];
    let secrets = || secrets.iter().map(String::as_str);
    assert_no_secret(output.json().to_string(), secrets());
    let heard = heard.lock().expect("nothing panics with it").clone();
    assert_eq!(heard.len(), 2, "each attempt reports");
    assert_no_secret(heard.join(" "), secrets());
    assert_no_secret(format!("{:?}", scene.store), secrets());

    // What the third party has seen from earlier calls is not lent to this one.
    scene.service.seen().tokens.clear();
    scene.service.refuse(2);
    scene.service.refuse(3);
    let error = tools.call("read", json!({ "text": "Hello" }), &run).await.expect_err("both are refused");
    let told = format!("{error} {error:?} {} {} {}", error.problem(), error.fix(), error.for_model());
    assert!(told.contains("401") && told.contains("[redacted:slack.access_token]"), "{told}");
    assert_no_secret(told, [token("slack-1", 2).as_str(), token("slack-1", 3).as_str()]);

    scene.service.seen().tokens.clear();
    scene.service.refuse(4);
    let error = Read.run(&run, message()).await.expect_err("it is refused");
    let told = format!("{error} {error:?} {} {} {}", error.problem(), error.fix(), error.for_model());
    assert!(told.contains("[redacted:slack.access_token]"), "{told}");
    assert_no_secret(told, [token("slack-1", 4).as_str()]);
}

#[tokio::test]
async fn a_call_that_is_cancelled_while_the_store_looks_for_something_newer_is_cancelled() {
    use std::task::{Context, Poll, Waker};
    for typed in [true, false] {
        let scene = Scene::new();
        scene.service.refuse(1);
        scene.on_rejected(OnRejected::Never);
        let cancellation = Cancellation::new();
        let run = scene.run().cancellation(cancellation.clone());
        let tools = toolset![Read].expect("the list is sound");
        let mut call: std::pin::Pin<Box<dyn Future<Output = &'static str> + Send>> = if typed {
            let call = Read.run(&run, message());
            Box::pin(async move { call.await.expect_err("it waits").code() })
        } else {
            let call = tools.call("read", json!({ "text": "Hello" }), &run);
            Box::pin(async move { call.await.expect_err("it waits").code() })
        };
        let mut poll = || call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(poll(), Poll::Pending);
        assert!(scene.outcomes().contains(&Outcome::Rejected), "the refusal is on record already");
        cancellation.cancel();
        assert_eq!(poll(), Poll::Ready("cancelled"));
        assert_eq!(scene.service.versions(), [1]);
    }
}

#[tokio::test]
async fn a_panic_in_a_second_attempt_or_in_the_store_is_a_panic_of_the_call() {
    let scene = Scene::new();
    scene.service.refuse(1);
    scene.service.seen().panics_at = Some(2);
    let error = scene.call("read").await.expect_err("the second attempt panics");
    assert_eq!(error.code(), "panicked");
    for tool in ["read", "post"] {
        let scene = Scene::new();
        scene.service.refuse(1);
        scene.on_rejected(OnRejected::Panics);
        let error = scene.call(tool).await.expect_err("the store panics");
        assert_eq!(error.code(), "panicked");
        assert_no_secret(error.to_string(), [token("slack-1", 1).as_str()]);
    }
}

#[tokio::test]
async fn a_refusal_after_a_cancellation_is_its_consequence() {
    let scene = Scene::new();
    scene.service.refuse(1);
    let cancellation = Cancellation::new();
    let run = scene.run().cancellation(cancellation.clone()).progress(move |_| cancellation.cancel());
    let error = Read.run(&run, message()).await.expect_err("it was cancelled");
    assert_eq!(error.code(), "cancelled");
    assert!(scene.connections.content().rejected.is_empty());
}
