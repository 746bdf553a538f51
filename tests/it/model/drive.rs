//! A case of the model, asked of the library through its public API: typed call, explanation, tool call, preflight.

use std::collections::BTreeMap;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::pin;
use std::str::FromStr as _;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use keystroke::declare::{
    Codec, Connection, CredentialKind, FieldReader, FieldSpec, FieldType, Invocation, Requirement,
};
use keystroke::explain::{PreflightFinding, Resolution};
use keystroke::manifest::Application;
use keystroke::run::{AnyRun, BackgroundOrigin, Consumer, Origin};
use keystroke::scope::{NoUser, Organization, Project, ScopePin, Unpinned, User};
use keystroke::store::{Outcome, Status};
use keystroke::testing::RecordingStore;
use keystroke::tool::ToolsetRunFor;
use keystroke::{
    Action, Assignment, Credential, CredentialStore, Failure, Instance, MemoryStore, Pinned, ResolveError,
    RunFor, Runtime, SecretString,
};

use crate::model::{self, Asked, Step, Verdict, World};

/// The required field and an optional number.
const STATIC_FIELDS: &[FieldSpec] =
    &[FieldSpec::secret("api_key"), FieldSpec::plain("port", FieldType::U16).optional()];

/// A credential that tells which instance it was read from.
trait Tells: Credential {
    fn instance(&self) -> String;
}

impl<C: Tells, S: ScopePin + Default> Tells for Pinned<C, S> {
    fn instance(&self) -> String {
        (**self).instance()
    }
}

macro_rules! static_credential {
    ($name:ident, $key:literal) => {
        /// Pinned to `S` itself.
        struct $name<S = Unpinned>(SecretString, PhantomData<fn() -> S>);

        impl<S: ScopePin> Credential for $name<S> {
            const KEY: &'static str = $key;
            type Pin = S;
            const FIELDS: &'static [FieldSpec] = STATIC_FIELDS;

            fn read(from: &mut FieldReader<'_>) -> Option<Self> {
                let api_key = from.required("api_key");
                let port: Option<Option<u16>> = from.optional("port");
                port?;
                Some(Self(api_key?, PhantomData))
            }

            fn secrets(&self, each: &mut dyn FnMut(&'static str, &str)) {
                each("api_key", self.0.expose_secret());
            }
        }

        impl<S: ScopePin> Tells for $name<S> {
            fn instance(&self) -> String {
                told(&self.0)
            }
        }
    };
}

static_credential!(Exa, "exa");
static_credential!(Slack, "slack");

struct Oauth(SecretString);

impl Credential for Oauth {
    const KEY: &'static str = "exa";
    const KIND: CredentialKind = CredentialKind::OauthManaged;
    type Pin = Unpinned;
    const FIELDS: &'static [FieldSpec] = &[FieldSpec::secret("access_token")];
    const OAUTH_SCOPES: &'static [&'static str] = &["read", "write"];

    fn read(from: &mut FieldReader<'_>) -> Option<Self> {
        Some(Self(from.required("access_token")?))
    }

    fn secrets(&self, each: &mut dyn FnMut(&'static str, &str)) {
        each("access_token", self.0.expose_secret());
    }
}

impl Tells for Oauth {
    fn instance(&self) -> String {
        told(&self.0)
    }
}

struct Platform(Connection);

impl Credential for Platform {
    const KEY: &'static str = "exa";
    const KIND: CredentialKind = CredentialKind::Keystroke;
    type Pin = Unpinned;
    const FIELDS: &'static [FieldSpec] = &[];

    fn read(from: &mut FieldReader<'_>) -> Option<Self> {
        Some(Self(from.connection()))
    }

    fn secrets(&self, _: &mut dyn FnMut(&'static str, &str)) {}
}

impl Tells for Platform {
    fn instance(&self) -> String {
        self.0.instance().to_string()
    }
}

/// The secret of an instance, which names it.
pub fn secret_of(id: &str) -> String {
    format!("secret-of-{id}")
}

fn told(secret: &SecretString) -> String {
    secret.expose_secret().trim_start_matches("secret-of-").to_owned()
}

/// What the model is told of an action's requirements.
pub fn requirements(of: &str, pin: Option<&str>) -> Vec<model::Requirement> {
    let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let one =
        |key: &str, kind: &str, fields: &[&str], numbers: &[&str], scopes: &[&str]| model::Requirement {
            key: key.to_owned(),
            kind: kind.to_owned(),
            pin: pin.map(ToOwned::to_owned),
            pinned_by: pin.map(|_| "parameter".to_owned()),
            optional: false,
            fields: texts(fields),
            numbers: texts(numbers),
            oauth_scopes: texts(scopes),
        };
    let fixed = |key| one(key, "api_key", &["api_key"], &["port"], &[]);
    match of {
        "api_key" => vec![fixed("exa")],
        "oauth_managed" => vec![one("exa", "oauth_managed", &["access_token"], &[], &["read", "write"])],
        "keystroke" => vec![one("exa", "keystroke", &[], &[], &[])],
        "both" => vec![fixed("exa"), fixed("slack")],
        other => unreachable!("no action `{other}`"),
    }
}

/// The credential parameters of an action, as a type.
trait Needs: Send + Sync + 'static {
    const REQUIREMENTS: &'static [Requirement];
    /// The instances that it is lent, by key.
    fn lent(lent: &Invocation) -> Lent;
}

/// By key; `None` where the action does without (SEMANTICS R11).
type Lent = BTreeMap<String, Option<String>>;

/// One parameter.
trait Parameter: Send + Sync + 'static {
    const REQUIREMENT: Requirement;
    fn lent(lent: &Invocation) -> (String, Option<String>);
}

/// `&C`.
struct Required<C>(PhantomData<fn() -> C>);
/// `Option<&C>`.
struct Optional<C>(PhantomData<fn() -> C>);

impl<C: Tells> Parameter for Required<C> {
    const REQUIREMENT: Requirement = Requirement::of::<C>();

    fn lent(lent: &Invocation) -> (String, Option<String>) {
        let credential: &C = lent.credential().expect("it is declared");
        (C::KEY.to_owned(), Some(credential.instance()))
    }
}

impl<C: Tells> Parameter for Optional<C> {
    const REQUIREMENT: Requirement = Requirement::of::<C>().optional();

    fn lent(lent: &Invocation) -> (String, Option<String>) {
        (C::KEY.to_owned(), lent.credential().map(C::instance))
    }
}

impl<A: Parameter> Needs for (A,) {
    const REQUIREMENTS: &'static [Requirement] = &[A::REQUIREMENT];

    fn lent(lent: &Invocation) -> Lent {
        Lent::from([A::lent(lent)])
    }
}

impl<A: Parameter, B: Parameter> Needs for (A, B) {
    const REQUIREMENTS: &'static [Requirement] = &[A::REQUIREMENT, B::REQUIREMENT];

    fn lent(lent: &Invocation) -> Lent {
        Lent::from([A::lent(lent), B::lent(lent)])
    }
}

/// An action by hand, itself pinned to `S`, so that its requirements may be what no macro lets through: pinned to the
/// user scope, and yet run without a user (SEMANTICS P3, at run time).
struct Act<N, S>(PhantomData<fn() -> (N, S)>);

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

impl<N: Needs, S: ScopePin> Action for Act<N, S> {
    type Input = Nothing;
    type Output = Lent;
    type Error = Failure;
    type Pin = S;
    type CredentialPins = Unpinned;
    type Need = NoUser;
    const SLUG: &'static str = "act";
    const DESCRIPTION: &'static str = "Tells which instances it was lent.";
    const REQUIREMENTS: &'static [Requirement] = N::REQUIREMENTS;
    const CODEC: Codec<Nothing, Self::Output, Failure> = Codec::new();

    async fn execute(&self, _: Nothing, lent: &Invocation) -> Result<Self::Output, Failure> {
        Ok(N::lent(lent))
    }
}

/// Runs a future in this thread: no executor, so that a million cases take seconds.
pub fn now<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);

    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }

    thread_local! {
        static WAKER: Waker = Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
    }
    let mut future = pin!(future);
    WAKER.with(|waker| {
        let mut context = Context::from_waker(waker);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(output) => return output,
                // The vault's audit is written by a thread of its own.
                Poll::Pending => std::thread::park(),
            }
        }
    })
}

/// What the library does with one requirement.
#[derive(Debug, Default)]
pub struct Observed {
    pub key: String,
    pub trace: Vec<Step>,
    pub tried: Vec<String>,
    /// By the explanation: instance and rule, or absent.
    pub explained: Option<Result<Option<(String, String)>, String>>,
    /// By the call.
    pub code: Option<String>,
    pub instance: Option<String>,
    pub candidates: Vec<String>,
    pub elsewhere: Vec<String>,
    pub lacking: Vec<String>,
    pub wrong_fields: Vec<String>,
    pub lent: Option<String>,
    /// Why the function was entered with `None`, by the explanation.
    pub absent: Option<String>,
    /// The function was entered with `None`.
    pub went_without: bool,
    /// Why it went without, by the audit: a row for each call, the typed one and the tool's.
    pub recorded: Vec<String>,
}

/// The whole of a call, and all that was shown of it.
pub struct Seen {
    pub requirements: Vec<Observed>,
    /// Display, Debug, JSON and the model's text of every error, and of the trace.
    pub shown: String,
}

pub fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub fn instance(of: &model::Instance) -> Instance {
    // Label and account name their instance, so that a text that shows one of them is seen to.
    let mut instance = Instance::new(&of.key)
        .id(of.id.as_str())
        .label(format!("label-of-{}", of.id))
        .account(format!("account-of-{}", of.id));
    instance = match (&of.project, &of.user) {
        (Some(project), _) => instance.in_project(&of.organization, project),
        (None, Some(user)) => instance.of_user(&of.organization, user),
        (None, None) => instance.in_organization(&of.organization),
    };
    instance = instance
        .kind(CredentialKind::from_str(&of.kind).expect("a kind"))
        .granted(of.granted.iter().cloned())
        .status(match of.status.as_str() {
            "active" => Status::Active,
            "needs_reconnect" => Status::NeedsReconnect,
            "revoked" => Status::Revoked,
            other => unreachable!("no status `{other}`"),
        });
    if of.default {
        instance = instance.default();
    }
    if let Some(seconds) = of.expires_at {
        instance = instance.expires_at(at(seconds));
    }
    of.fields.iter().fold(instance, |instance, (name, value)| instance.field(name, value.as_str()))
}

pub fn consumer(of: &model::Container) -> Consumer {
    Consumer::from_parts(&of.kind, &of.slug).expect("a container")
}

pub fn assignment(of: &model::Assignment) -> Assignment {
    Assignment::in_project(&of.organization, &of.project).to(consumer(&of.consumer), &of.action)
}

/// The world as a [`MemoryStore`], which holds whatever it is given.
pub fn memory(world: &World) -> MemoryStore {
    let store = world.instances.iter().map(instance).fold(MemoryStore::new(), MemoryStore::with);
    world.assignments.iter().fold(store, |store, of| store.assign(assignment(of), &of.key, of.id.as_str()))
}

/// Asks a store what the model was asked.
pub fn ask(store: impl CredentialStore, asked: &Asked) -> Seen {
    let seconds = asked.now;
    let store = RecordingStore::new(store);
    let runtime = Runtime::new(store.clone()).with_clock(move || at(seconds));
    let mut seen = ask_in(&runtime, asked);
    for row in store.recorded() {
        if let Outcome::Absent { code } = row.outcome {
            let seen = seen.requirements.iter_mut().find(|seen| seen.key == row.key);
            seen.expect("a row is about a requirement").recorded.push(code.to_owned());
            assert_eq!(
                (row.instance, row.version),
                (None, None),
                "what is absent has neither id nor version"
            );
        }
    }
    seen
}

pub fn ask_in(runtime: &Runtime, asked: &Asked) -> Seen {
    let mut run =
        runtime.organization(&asked.organization).project(&asked.project).consumer(consumer(&asked.consumer));
    for (key, id) in &asked.run_selects {
        run = run.select(key, id.as_str());
    }
    let origin = |origin| match origin {
        "direct" => Origin::Direct,
        "cli" => Origin::Cli,
        "prompt" => Origin::Prompt,
        "workflow" => Origin::Workflow,
        other => unreachable!("no origin `{other}`"),
    };
    let background = match asked.origin.as_str() {
        "schedule" => Some(BackgroundOrigin::Schedule),
        "webhook" => Some(BackgroundOrigin::Webhook),
        "poll" => Some(BackgroundOrigin::Poll),
        "gateway" => Some(BackgroundOrigin::Gateway),
        _ => None,
    };
    match (background, &asked.user) {
        (Some(background), None) => with_run(&run.background(background), asked),
        (Some(_), Some(_)) => unreachable!("a background run with a user does not compile"),
        (None, None) => with_run(&run.origin(origin(&asked.origin)), asked),
        (None, Some(user)) => with_run(&run.as_user(user).origin(origin(&asked.origin)), asked),
    }
}

fn with_run<R>(run: &R, asked: &Asked) -> Seen
where
    R: AnyRun + RunFor<NoUser> + ToolsetRunFor<NoUser>,
{
    match asked.requirements[0].pin.as_deref() {
        None => with_action::<R, Unpinned, Unpinned>(run, asked),
        Some("organization") => with_pin::<R, Organization>(run, asked),
        Some("project") => with_pin::<R, Project>(run, asked),
        Some("user") => with_pin::<R, User>(run, asked),
        Some(other) => unreachable!("no scope `{other}`"),
    }
}

fn with_pin<R, S: ScopePin + Default>(run: &R, asked: &Asked) -> Seen
where
    R: AnyRun + RunFor<NoUser> + ToolsetRunFor<NoUser>,
{
    match asked.requirements[0].pinned_by.as_deref() {
        Some("parameter") => with_action::<R, S, Unpinned>(run, asked),
        Some("action") => with_action::<R, Unpinned, S>(run, asked),
        Some("credential") => with_one::<R, Exa<S>, Unpinned>(run, asked),
        other => unreachable!("nothing called {other:?} has a pin"),
    }
}

/// An action pinned to `A`, with parameters pinned to `P`.
fn with_action<R, P: ScopePin + Default, A: ScopePin>(run: &R, asked: &Asked) -> Seen
where
    R: AnyRun + RunFor<NoUser> + ToolsetRunFor<NoUser>,
{
    match (asked.requirements.len(), asked.requirements[0].kind.as_str()) {
        (2, _) => with_both::<R, Pinned<Exa, P>, Pinned<Slack, P>, A>(run, asked),
        (_, "api_key") => with_one::<R, Pinned<Exa, P>, A>(run, asked),
        (_, "oauth_managed") => with_one::<R, Pinned<Oauth, P>, A>(run, asked),
        (_, "keystroke") => with_one::<R, Pinned<Platform, P>, A>(run, asked),
        (_, other) => unreachable!("no kind `{other}`"),
    }
}

/// An action with one parameter.
fn with_one<R, C: Tells, A: ScopePin>(run: &R, asked: &Asked) -> Seen
where
    R: AnyRun + RunFor<NoUser> + ToolsetRunFor<NoUser>,
{
    if asked.requirements[0].optional {
        with_needs::<R, (Optional<C>,), A>(run, asked)
    } else {
        with_needs::<R, (Required<C>,), A>(run, asked)
    }
}

/// An action with two parameters.
fn with_both<R, C: Tells, D: Tells, A: ScopePin>(run: &R, asked: &Asked) -> Seen
where
    R: AnyRun + RunFor<NoUser> + ToolsetRunFor<NoUser>,
{
    match (asked.requirements[0].optional, asked.requirements[1].optional) {
        (false, false) => with_needs::<R, (Required<C>, Required<D>), A>(run, asked),
        (false, true) => with_needs::<R, (Required<C>, Optional<D>), A>(run, asked),
        (true, false) => with_needs::<R, (Optional<C>, Required<D>), A>(run, asked),
        (true, true) => with_needs::<R, (Optional<C>, Optional<D>), A>(run, asked),
    }
}

fn with_needs<R, N: Needs, A: ScopePin>(run: &R, asked: &Asked) -> Seen
where
    R: AnyRun + RunFor<NoUser> + ToolsetRunFor<NoUser>,
{
    let mut call = Act::<N, A>(PhantomData).run(run, Nothing {});
    for (key, id) in &asked.call_selects {
        call = call.select(key, id.as_str());
    }
    let explained = now(call.explain());
    let called = now(call.into_future());

    let mut shown = String::new();
    let mut requirements: Vec<Observed> =
        explained.resolutions().iter().map(|resolution| observed(resolution, &mut shown)).collect();
    match &called {
        Ok(lent) => {
            for seen in &mut requirements {
                seen.lent = lent.get(&seen.key).cloned().flatten();
                seen.went_without = seen.lent.is_none();
            }
        }
        Err(error) => {
            shown += &format!("{error}\n{error:?}\n{error:#?}\n");
            for error in error.resolve_errors() {
                note(error, &mut requirements, &mut shown);
            }
        }
    }
    if asked.call_selects.is_empty() {
        same_by_tool::<R, N, A>(run, &requirements, &mut shown);
    }
    Seen { requirements, shown }
}

/// A tool call and a preflight come to the same, in JSON as in types.
fn same_by_tool<R, N: Needs, A: ScopePin>(run: &R, requirements: &[Observed], shown: &mut String)
where
    R: AnyRun + ToolsetRunFor<NoUser>,
{
    let tools = keystroke::Toolset::builder().add(Act::<N, A>(PhantomData)).build().expect("a sound list");
    let codes: Vec<_> = match now(tools.call("act", serde_json::json!({}), run)) {
        Ok(_) => Vec::new(),
        Err(error) => {
            *shown += &format!("{error}\n{error:?}\n{}\n", error.for_model());
            error
                .resolve_errors()
                .iter()
                .map(|error| (error.key().to_owned(), error.code().to_owned()))
                .collect()
        }
    };
    let expected: Vec<_> =
        requirements.iter().filter_map(|seen| Some((seen.key.clone(), seen.code.clone()?))).collect();
    assert_eq!(codes, expected, "a tool call is resolved like a typed call");

    let preflight = now(tools.preflight(run));
    *shown += &format!("{preflight}\n{preflight:?}\n{}\n", json(&preflight));
    let manifest = tools.manifest(Application::new("app", "1"));
    for preflight in [preflight, now(manifest.preflight(run))] {
        let findings = preflight.findings();
        for (PreflightFinding { resolution, .. }, seen) in findings.iter().zip(requirements) {
            assert_eq!(steps(resolution), seen.trace, "a preflight is resolved like a call");
            assert_eq!(ending(resolution), seen.explained, "and ends like it");
            assert_eq!(resolution.absence().map(|why| why.code().to_owned()), seen.absent);
        }
        // What no trace has are selections of the call alone, and there is none.
        let ready = requirements.iter().all(|seen| matches!(seen.explained, Some(Ok(_))));
        assert_eq!(
            (findings.len(), preflight.is_ready()),
            (requirements.len(), ready),
            "absence fails nothing"
        );
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("what is shown is JSON")
}

fn steps(resolution: &Resolution) -> Vec<Step> {
    let mut steps = Vec::new();
    for step in resolution.steps() {
        steps.push(Step {
            rule: step.rule.as_str().to_owned(),
            scope: step.scope.map(|scope| scope.as_str().to_owned()),
            saw: step.saw.code().to_owned(),
        });
    }
    steps
}

/// What it came to: instance and rule, absent, or the code of an error.
fn ending(resolution: &Resolution) -> Option<Result<Option<(String, String)>, String>> {
    Some(match resolution.result() {
        Ok(chosen) => {
            Ok(chosen.map(|chosen| (chosen.instance.id.to_string(), chosen.rule.as_str().to_owned())))
        }
        Err(error) => Err(error.code().to_owned()),
    })
}

fn observed(resolution: &Resolution, shown: &mut String) -> Observed {
    *shown += &format!("{resolution}\n{resolution:?}\n{}\n", json(resolution));
    let mut seen = Observed {
        key: resolution.key().to_owned(),
        trace: steps(resolution),
        explained: ending(resolution),
        ..Observed::default()
    };
    if let Some(why) = resolution.absence() {
        show(why, shown);
        seen.absent = Some(why.code().to_owned());
        seen.tried = tried(why);
        seen.elsewhere = elsewhere(why);
    }
    seen
}

/// All that an error shows.
fn show(error: &ResolveError, shown: &mut String) {
    *shown += &format!(
        "{error}\n{error:?}\n{}\n{}\n{}\n{}\n",
        error.problem(),
        error.fix(),
        error.for_model(),
        json(error)
    );
}

fn tried(error: &ResolveError) -> Vec<String> {
    error.about().tried.iter().map(|scope| scope.as_str().to_owned()).collect()
}

fn elsewhere(error: &ResolveError) -> Vec<String> {
    match error {
        ResolveError::Missing { elsewhere, .. } => {
            elsewhere.iter().map(|scope| scope.as_str().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

fn note(error: &ResolveError, requirements: &mut [Observed], shown: &mut String) {
    show(error, shown);
    let seen = requirements.iter_mut().find(|seen| seen.key == error.key());
    let seen = seen.expect("an error is about a requirement that is explained too");
    assert!(seen.code.is_none(), "one error for each requirement");
    seen.code = Some(error.code().to_owned());
    seen.instance = error.instance().map(ToString::to_string);
    seen.tried = tried(error);
    seen.elsewhere = elsewhere(error);
    match error {
        ResolveError::Ambiguous { candidates, .. } => {
            seen.candidates = candidates.iter().map(|shown| shown.id.to_string()).collect();
        }
        ResolveError::UnderScoped { lacking, .. } => seen.lacking.clone_from(lacking),
        ResolveError::Invalid { problems, .. } => {
            seen.wrong_fields = problems.iter().map(|problem| problem.field.clone()).collect();
        }
        _ => {}
    }
}

/// Every difference between what the model says and what the library did.
pub fn differences(asked: &Asked, expected: &[Verdict], seen: &[Observed]) -> Vec<String> {
    let mut found = Vec::new();
    let entered = expected.iter().all(|verdict| verdict.code.is_none());
    // A tool call selects nothing, so there is none where the typed call does.
    let calls = if asked.call_selects.is_empty() { 2 } else { 1 };
    if expected.len() != seen.len() {
        found.push(format!("{} requirements expected, {} seen", expected.len(), seen.len()));
    }
    for verdict in expected {
        let Some(seen) = seen.iter().find(|seen| seen.key == verdict.key) else {
            found.push(format!("`{}` is not there", verdict.key));
            continue;
        };
        let mut differ = |what: &str, expected: &dyn std::fmt::Debug, got: &dyn std::fmt::Debug| {
            let (expected, got) = (format!("{expected:?}"), format!("{got:?}"));
            if expected != got {
                found.push(format!("`{}`: {what}: expected {expected}, got {got}", verdict.key));
            }
        };
        differ("code", &verdict.code, &seen.code);
        differ("trace", &verdict.trace, &seen.trace);
        differ("candidates", &verdict.candidates, &seen.candidates);
        differ("elsewhere", &verdict.elsewhere, &seen.elsewhere);
        differ("lacking", &verdict.lacking, &seen.lacking);
        differ("wrong fields", &verdict.wrong_fields, &seen.wrong_fields);

        let explained = match verdict.code_when_explained() {
            Some(code) => Err(code.to_owned()),
            None => Ok(verdict.chosen.clone().zip(verdict.rule.clone())),
        };
        differ("explained", &Some(explained), &seen.explained);
        differ("absent", &verdict.absent, &seen.absent);
        let rows: Vec<_> =
            verdict.absent.iter().filter(|_| entered).flat_map(|why| vec![why; calls]).collect();
        differ("on record", &rows, &seen.recorded);
        let by_scope = verdict.trace.iter().filter(|step| step.rule != "R1" && step.rule != "R2");
        let scopes: Vec<_> = by_scope.filter_map(|step| step.scope.clone()).collect();
        if verdict.absent.is_some() {
            differ("the scopes tried", &scopes, &seen.tried);
        }
        if verdict.code.is_some() {
            // An unavailable store is named, not an instance.
            if verdict.chosen.is_some() && verdict.code.as_deref() != Some("store_unavailable") {
                differ("the instance of the error", &verdict.chosen, &seen.instance);
            }
            differ("the scopes tried", &scopes, &seen.tried);
        } else if entered {
            differ("the instance lent", &verdict.chosen, &seen.lent);
            differ("went without", &verdict.absent.is_some(), &seen.went_without);
        }
    }
    found
}
