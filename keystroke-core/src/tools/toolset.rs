//! A list of actions as an agent's tools: called by slug, in JSON, with secrets removed from every result
//! (SEMANTICS E6, S3, §6).

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use schemars::Schema;
use serde_json::Value;

use crate::declare::action::{Action, Annotations, Invocation};
use crate::declare::failure::{Failure, InvalidInput};
use crate::declare::manifest::{Application, Manifest};
use crate::declare::requirement::Requirement;
use crate::declare::scope::{Need, NoUser};
use crate::execute::acquire::{ActionFacts, CallSettings, explain};
use crate::execute::call::{Stop, execute};
use crate::execute::observe::{self, Observed};
use crate::execute::panic::Guarded;
use crate::json::output::{Encoded, Unwritten, put_down};
use crate::json::schema::{self, Flaw, Misplaced};
use crate::redact::AtAGlance;
use crate::resolve::preflight::{Preflight, PreflightFinding};
use crate::run::runtime::RunInner;
use crate::run::{AnyRun, ToolsetRunFor};
use crate::store::BoxFuture;
use crate::tools::tool::{ToolDescriptor, ToolError, ToolOutput, ToolRequirement};

/// An explicit list of actions. `N` is [`NeedsUser`](crate::scope::NeedsUser) if any of them needs a user, else
/// [`NoUser`]. Cheap to clone.
///
/// `toolset![Search, Post.scope(User)]` makes one; so does [`Toolset::builder`].
pub struct Toolset<N> {
    pub(super) tools: Arc<[Arc<dyn Tool>]>,
    /// Comparing a few texts takes less than hashing one.
    pub(super) by_slug: Arc<BTreeMap<&'static str, usize>>,
    pub(super) need: PhantomData<fn() -> N>,
}

impl<N> Clone for Toolset<N> {
    fn clone(&self) -> Self {
        Self { tools: Arc::clone(&self.tools), by_slug: Arc::clone(&self.by_slug), need: PhantomData }
    }
}

impl<N> fmt::Debug for Toolset<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tools.iter().map(|tool| tool.about().facts.slug)).finish()
    }
}

impl Toolset<NoUser> {
    /// A list to be built entry by entry.
    pub fn builder() -> ToolsetBuilder<NoUser> {
        ToolsetBuilder::of(Vec::new(), Vec::new())
    }
}

/// A [`Toolset`] in the making.
pub struct ToolsetBuilder<N> {
    pub(super) tools: Vec<Arc<dyn Tool>>,
    /// What was wrong with lists that were merged into it.
    pub(super) findings: Vec<ToolsetError>,
    need: PhantomData<fn() -> N>,
}

impl<N: Need> ToolsetBuilder<N> {
    pub(super) const fn of(tools: Vec<Arc<dyn Tool>>, findings: Vec<ToolsetError>) -> Self {
        Self { tools, findings, need: PhantomData }
    }

    /// Adds an action.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "the word for it, and nothing is summed")]
    pub fn add<A: Action>(mut self, action: A) -> ToolsetBuilder<N::And<A::Need>> {
        self.tools.push(Arc::new(Entry(action)));
        ToolsetBuilder::of(self.tools, self.findings)
    }

    /// The toolset.
    ///
    /// # Errors
    /// All findings at once: equal or malformed slugs, missing descriptions, inputs and outputs without a schema that every
    /// client and model API takes, one key declared by two credential types.
    pub fn build(self) -> Result<Toolset<N>, ToolsetErrors> {
        let mut findings = self.findings;
        findings.extend(self::findings(&self.tools));
        if !findings.is_empty() {
            return Err(ToolsetErrors(findings));
        }
        let by_slug =
            self.tools.iter().enumerate().map(|(index, tool)| (tool.about().facts.slug, index)).collect();
        Ok(Toolset { tools: self.tools.into(), by_slug: Arc::new(by_slug), need: PhantomData })
    }
}

impl<N> fmt::Debug for ToolsetBuilder<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tools.iter().map(|tool| tool.about().facts.slug)).finish()
    }
}

fn findings(tools: &[Arc<dyn Tool>]) -> Vec<ToolsetError> {
    let mut findings = Vec::new();
    let mut slugs = HashMap::new();
    let mut keys: HashMap<&str, Requirement> = HashMap::new();
    let mut schemas: HashMap<String, (&'static str, Value)> = HashMap::new();
    for tool in tools {
        let ActionFacts { slug, requirements, .. } = tool.about().facts;
        match slugs.insert(slug, ()) {
            Some(()) => findings.push(ToolsetError::SameSlug { slug }),
            None => findings.extend(slug_problem(slug)),
        }
        let (descriptor, flaws) = tool.about().described();
        if descriptor.description.is_empty() {
            findings.push(ToolsetError::NoDescription { slug });
        }
        findings.extend(flaws.into_iter().map(|flaw| flaw.of(slug)));
        let About { input, output, .. } = tool.about();
        let output = descriptor.output_schema.map(|schema| ((output.name)(), schema));
        for (ty, schema) in [((input.name)(), descriptor.input_schema)].into_iter().chain(output) {
            let Some(name) = schema.get("title").and_then(Value::as_str).map(str::to_owned) else { continue };
            let (first, known) = schemas.entry(name.clone()).or_insert_with(|| (ty, schema.clone()));
            // The same shape under the same name misleads nobody: `Box<T>` beside `T`, say.
            if *first != ty && *known != schema {
                findings.push(ToolsetError::SameSchema { name, types: [*first, ty] });
            }
        }
        for requirement in requirements {
            let first = *keys.entry(requirement.key()).or_insert(*requirement);
            if first.declared() != requirement.declared() {
                findings.push(ToolsetError::SameKey {
                    key: requirement.key(),
                    types: [first.declared().1, requirement.declared().1],
                });
            }
        }
    }
    findings
}

fn slug_problem(slug: &'static str) -> Option<ToolsetError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let fine = !slug.is_empty() && slug.len() <= 64 && slug.chars().all(allowed);
    (!fine).then_some(ToolsetError::MalformedSlug { slug })
}

/// What is wrong with a list of actions. `Debug` is as `Display`, as in [`ToolsetErrors`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolsetError {
    /// Two actions have one slug.
    #[error("two actions in this toolset share the slug `{slug}`; give one of them another")]
    SameSlug {
        /// The slug.
        slug: &'static str,
    },
    /// A slug that tools can't have.
    #[error("the slug `{slug}` must be 1 to 64 characters of a-z, 0-9, `-` and `_`")]
    MalformedSlug {
        /// The slug.
        slug: &'static str,
    },
    /// An action that the model could not choose.
    #[error("the action `{slug}` needs a description: the model chooses tools by it")]
    NoDescription {
        /// The action.
        slug: &'static str,
    },
    /// An input that is no JSON object.
    #[error(
        "the input `{type_name}` of the action `{slug}` must be a struct: tools take a JSON object; an enum needs a tag, \
         `#[serde(tag = \"…\")]`, or fields in each variant, and a map needs text as its keys"
    )]
    InputNotAnObject {
        /// The action.
        slug: &'static str,
        /// The input's Rust type.
        type_name: &'static str,
    },
    /// A field of an input whose name model APIs refuse.
    #[error(
        "the field `{field}` of the input `{type_name}` of the action `{slug}` has a name that model APIs refuse: it must be \
         1 to 64 characters of A-Z, a-z, 0-9, `_`, `.` and `-`; call it `{rename}`, with `#[serde(rename = \"{rename}\")]`"
    )]
    FieldName {
        /// The action.
        slug: &'static str,
        /// The input's Rust type.
        type_name: &'static str,
        /// The field, as JSON names it, within those that it is in: `filter.$top`.
        field: String,
        /// A name that would do.
        rename: String,
    },
    /// A schema that says what no schema can say that every client and model API takes.
    #[error(
        "the schema of `{}` of the action `{slug}` uses `{keyword}`, which clients and model APIs refuse; leave it out, say \
         it in a doc comment, and check it in the action or with `#[action(validate)]`",
        in_type(type_name, field)
    )]
    SchemaKeyword {
        /// The action.
        slug: &'static str,
        /// The Rust type of the input or output.
        type_name: &'static str,
        /// The field in it; empty for the type itself.
        field: String,
        /// The keyword of JSON Schema.
        keyword: &'static str,
    },
    /// A schema that no value fits, such as that of an enum without variants.
    #[error(
        "no value fits the schema of `{}` of the action `{slug}`; leave it out",
        in_type(type_name, field)
    )]
    NothingFits {
        /// The action.
        slug: &'static str,
        /// The Rust type of the input or output.
        type_name: &'static str,
        /// The field in it; empty for the type itself.
        field: String,
    },
    /// A schema that is too large for a model, or too deep.
    #[error(
        "the schema of `{type_name}` of the action `{slug}` is too large: it may have 10,000 schemas, 64 within each other, \
         and 64 combinations of flattened enums; take or give less, or `serde_json::Value` for a part of it"
    )]
    SchemaTooLarge {
        /// The action.
        slug: &'static str,
        /// The Rust type of the input or output.
        type_name: &'static str,
    },
    /// Two different types whose schemas have one name: whoever reads both takes one for the other.
    #[error("the types `{}` and `{}` have different schemas named `{name}`; rename one, or add `#[schemars(rename = \"…\")]` to it", types[0], types[1])]
    SameSchema {
        /// The name.
        name: String,
        /// The Rust types.
        types: [&'static str; 2],
    },
    /// Two different credentials with one key.
    #[error("the credentials `{}` and `{}` share the key `{key}`; use one of them in both actions", types[0], types[1])]
    SameKey {
        /// The key.
        key: &'static str,
        /// The Rust types.
        types: [&'static str; 2],
    },
}

impl ToolsetError {
    /// A stable word for each, such as `same_slug`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SameSlug { .. } => "same_slug",
            Self::MalformedSlug { .. } => "malformed_slug",
            Self::NoDescription { .. } => "no_description",
            Self::InputNotAnObject { .. } => "input_not_an_object",
            Self::FieldName { .. } => "field_name",
            Self::SchemaKeyword { .. } => "schema_keyword",
            Self::NothingFits { .. } => "nothing_fits",
            Self::SchemaTooLarge { .. } => "schema_too_large",
            Self::SameSchema { .. } => "same_schema",
            Self::SameKey { .. } => "same_key",
        }
    }
}

impl fmt::Debug for ToolsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Everything that is wrong with a list of actions; `Display` is a line each, and so is `Debug`: a program that returns
/// this from `main` shows it by that.
#[derive(Clone, PartialEq, Eq)]
pub struct ToolsetErrors(pub(super) Vec<ToolsetError>);

impl ToolsetErrors {
    /// The findings, in the order of the list.
    pub fn errors(&self) -> &[ToolsetError] {
        &self.0
    }
}

impl fmt::Display for ToolsetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }
}

impl fmt::Debug for ToolsetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ToolsetErrors {}

impl<N: Need> Toolset<N> {
    /// What each tool is, in the order of the list (SEMANTICS §6).
    pub fn descriptors(&self) -> impl Iterator<Item = ToolDescriptor> + '_ {
        self.tools.iter().map(|tool| tool.about().descriptor())
    }

    /// Every credential that a tool asks for, with the pin that holds for it.
    pub fn requirements(&self) -> impl Iterator<Item = ToolRequirement> + '_ {
        self.tools.iter().flat_map(|tool| {
            let ActionFacts { slug, pin, requirements } = tool.about().facts;
            requirements.iter().map(move |requirement| ToolRequirement {
                action: slug,
                key: requirement.key(),
                kind: requirement.kind(),
                pin: pin.or(requirement.pin()),
            })
        })
    }

    /// What the application asks for, as data: to be printed, and checked with `keystroke check` against a vault.
    /// [`manifest!`](../keystroke/macro.manifest.html) takes name and version of the caller's crate.
    pub fn manifest(&self, application: Application) -> Manifest {
        Manifest::of(
            application,
            self.tools.iter().map(|tool| (tool.about().descriptor(), tool.about().facts)),
        )
    }

    /// The resolution of every requirement of every tool for this run, without touching a secret: what would fail,
    /// before it does.
    // A named future, so that a run without a user is one error, at the run.
    pub fn preflight<R: AnyRun + ToolsetRunFor<N>>(&self, run: &R) -> BoxFuture<'static, Preflight> {
        let (tools, run) = (Arc::clone(&self.tools), Arc::clone(run.inner()));
        Box::pin(async move {
            let mut findings = Vec::new();
            for tool in &*tools {
                let facts = tool.about().facts;
                for resolution in explain(&run, facts, &CallSettings::default()).await {
                    findings.push(PreflightFinding { action: facts.slug.into(), resolution });
                }
            }
            Preflight(findings)
        })
    }

    /// Calls a tool. The call starts when it is first polled, and holds its own handle to the run.
    ///
    /// # Errors
    /// See [`ToolError`]; its `Display` is for the operator, [`ToolError::for_model`] for the model.
    pub fn call<R: AnyRun + ToolsetRunFor<N>>(&self, slug: &str, input: Value, run: &R) -> ToolCall {
        self.call_checked(slug, input, run)
    }

    /// Calls a tool on a run of which only the running program knows whether it has a user, as a server does whose
    /// clients act for one or for none. What [`call`](Self::call) leaves to the compiler is checked here, for this tool
    /// alone: those that need no user run without one.
    ///
    /// # Errors
    /// As [`call`](Self::call), and [`ToolError::NoUser`] where the tool needs a user and the run has none.
    pub fn call_checked(&self, slug: &str, input: Value, run: &impl AnyRun) -> ToolCall {
        let tool = self.by_slug.get(slug).and_then(|index| self.tools.get(*index)).map(Arc::clone);
        let run = Arc::clone(run.inner());
        match tool {
            Some(tool) if tool.about().needs_user && run.facts.user.is_none() => {
                let action = tool.about().facts.slug;
                ToolCall::new(action, Box::pin(std::future::ready(Err(ToolError::NoUser { action }))))
            }
            Some(tool) => ToolCall::new(tool.about().facts.slug, tool.call(run, input)),
            None => {
                let unknown = ToolError::UnknownTool {
                    slug: slug.to_owned(),
                    tools: self.tools.iter().map(|tool| tool.about().facts.slug).collect(),
                };
                ToolCall::new(
                    "(unknown)",
                    Box::pin(async move {
                        observe::unknown_tool(&run);
                        Err(unknown)
                    }),
                )
            }
        }
    }
}

/// What a call of a tool comes to.
type Told = Result<ToolOutput, ToolError>;

/// A call of a tool: a future that starts when it is first polled. It holds its own handle to the run.
#[must_use = "a call does nothing until it is awaited"]
pub struct ToolCall {
    action: &'static str,
    running: Guarded<Told>,
}

impl ToolCall {
    fn new(action: &'static str, call: BoxFuture<'static, Told>) -> Self {
        Self { action, running: Guarded::new(call) }
    }
}

impl Future for ToolCall {
    type Output = Result<ToolOutput, ToolError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let action = self.action;
        let told = self.running.poll(cx);
        told.map(|told| told.unwrap_or_else(|panicked| Err(Stop::of(action, panicked).told(action))))
    }
}

impl fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolCall").field("action", &self.action).finish_non_exhaustive()
    }
}

/// An action without its types: the object-safe twin of [`Action`]. It has two functions, because each is compiled anew for
/// each action.
pub(super) trait Tool: Send + Sync {
    fn about(&self) -> &'static About;
    fn call(self: Arc<Self>, run: Arc<RunInner>, input: Value) -> BoxFuture<'static, Told>;
}

/// What there is to tell of an action.
pub(super) struct About {
    facts: ActionFacts,
    name: &'static str,
    description: &'static str,
    annotations: Annotations,
    needs_user: bool,
    input: JsonType,
    output: JsonType,
}

/// A type that crosses into JSON: its schema, and its name in Rust.
struct JsonType {
    schema: fn() -> Schema,
    name: fn() -> &'static str,
}

impl About {
    fn descriptor(&self) -> ToolDescriptor {
        self.described().0
    }

    /// What it is told to be, and what is wrong with that.
    fn described(&self) -> (ToolDescriptor, Vec<Flawed>) {
        let (input, output): (Value, Value) = ((self.input.schema)().into(), (self.output.schema)().into());
        let mut flaws = Vec::new();
        let mut without = |schema: schema::Portable, of: &JsonType| {
            flaws.extend(schema.flaws.into_iter().map(|flaw| Flawed { type_name: (of.name)(), flaw }));
            Value::Object(schema.schema)
        };
        let input_schema = without(schema::input(&input), &self.input);
        let is_unit = output.get("type").and_then(Value::as_str) == Some("null");
        let output_schema = (!is_unit).then(|| without(schema::output(&output), &self.output));
        let descriptor = ToolDescriptor {
            name: self.facts.slug,
            title: self.name,
            description: self.description,
            input_schema,
            output_schema,
            annotations: self.annotations,
            needs_user: self.needs_user,
        };
        (descriptor, flaws)
    }
}

/// What is wrong with the schema of a type.
struct Flawed {
    type_name: &'static str,
    flaw: Misplaced,
}

impl Flawed {
    fn of(self, slug: &'static str) -> ToolsetError {
        let Self { type_name, flaw: Misplaced { field, flaw } } = self;
        match flaw {
            Flaw::NotAnObject => ToolsetError::InputNotAnObject { slug, type_name },
            Flaw::Name { rename } => ToolsetError::FieldName { slug, type_name, field, rename },
            Flaw::Keyword(keyword) => ToolsetError::SchemaKeyword { slug, type_name, field, keyword },
            Flaw::Nothing => ToolsetError::NothingFits { slug, type_name, field },
            Flaw::TooLarge => ToolsetError::SchemaTooLarge { slug, type_name },
        }
    }
}

/// A field of a type, or the type: `Filter.status`.
fn in_type(type_name: &str, field: &str) -> String {
    if field.is_empty() { type_name.to_owned() } else { format!("{type_name}.{field}") }
}

struct Entry<A>(A);

impl<A: Action> Entry<A> {
    const ABOUT: About = About {
        facts: ActionFacts::of::<A>(),
        name: A::NAME,
        description: A::DESCRIPTION,
        annotations: A::ANNOTATIONS,
        needs_user: A::Need::NEEDS_USER,
        input: JsonType { schema: A::CODEC.input_schema, name: std::any::type_name::<A::Input> },
        output: JsonType { schema: A::CODEC.output_schema, name: std::any::type_name::<A::Output> },
    };
}

impl<A: Action> Tool for Entry<A> {
    fn about(&self) -> &'static About {
        &Self::ABOUT
    }

    fn call(self: Arc<Self>, run: Arc<RunInner>, input: Value) -> BoxFuture<'static, Told> {
        Box::pin(async move {
            let mut observed = Observed::begin(&run, A::SLUG);
            let input = match (A::CODEC.decode)(input, A::CODEC.input_schema) {
                Ok(input) => input,
                Err(problem) => return Err(refused(&run, A::SLUG, problem, &mut observed)),
            };
            if let Some(check) = A::CODEC.check
                && let Err(problem) = check(&input)
            {
                return Err(refused(&run, A::SLUG, problem, &mut observed));
            }
            let settings = CallSettings::default();
            // From here on nothing is of the action's types, so it is compiled once for all of them.
            let (given, mut lent) = match execute!(A: self.0, run, input, &settings, observed) {
                Ok((Ok(output), lent)) => {
                    let written = (A::CODEC.encode)(&output, lent.run().runtime.longest_output());
                    if let Err(Unwritten::TooDeep) = written {
                        put_down(A::SLUG, Box::new(output));
                    }
                    (Given::Output(written), lent)
                }
                Ok((Err(error), lent)) => (Given::Failure((A::CODEC.fail)(error)), lent),
                Err(stop) => return Err(stop.told(A::SLUG)),
            };
            match tell(A::SLUG, given, &lent) {
                Telling::Done(told) => ended(A::SLUG, told, &mut lent),
                Telling::Much(json) => tell_much(A::SLUG, json, lent).await,
            }
        })
    }
}

#[cold]
fn refused(
    run: &RunInner,
    action: &'static str,
    problem: InvalidInput,
    observed: &mut Observed,
) -> ToolError {
    let error = ToolError::InvalidInput { action, problem };
    observed.failed(run, action, error.code());
    error
}

/// Tells how a call ended to who observes it.
fn ended(action: &'static str, told: Told, lent: &mut Invocation) -> Told {
    match &told {
        Ok(_) => lent.observed.succeeded(),
        Err(error) => lent.failed(action, error.code()),
    }
    told
}

/// What an action gave, without its types.
enum Given {
    /// In JSON, or why it can't be had.
    Output(Result<Encoded, Unwritten>),
    Failure(Failure),
}

/// What has come of telling it.
enum Telling {
    Done(Told),
    /// There is so much of it that others have to get a turn meanwhile.
    Much(Value),
}

impl Stop {
    fn told(self, action: &'static str) -> ToolError {
        match self {
            Self::Resolve(errors) => ToolError::Resolve(errors),
            Self::Panicked(at) => ToolError::Panicked { action, at },
            Self::Cancelled => ToolError::Cancelled { action },
        }
    }
}

/// What leaves of what an action gave: without the secrets that it was lent (SEMANTICS E6).
fn tell(action: &'static str, given: Given, lent: &Invocation) -> Telling {
    let is_cancelled = || lent.run().cancellation.is_cancelled();
    Telling::Done(match given {
        Given::Output(Ok(Encoded { json, glance })) => {
            match AtAGlance::of(json, glance, || lent.may_be_a_number()) {
                AtAGlance::Clean(json) => Ok(ToolOutput { json }),
                AtAGlance::Little(json) => Ok(ToolOutput { json: lent.scrub_value(action, json) }),
                // It would be long until it is searched, and it took long to write.
                AtAGlance::Much(_) if is_cancelled() => Err(ToolError::Cancelled { action }),
                AtAGlance::Much(json) => return Telling::Much(json),
            }
        }
        Given::Output(Err(unwritten)) => Err(match unwritten {
            Unwritten::Problem(problem) => ToolError::Output { action, problem: lent.scrub(action, problem) },
            Unwritten::TooLarge => ToolError::TooLarge { action, most: lent.run().runtime.longest_output() },
            Unwritten::TooDeep => ToolError::TooDeep { action },
        }),
        // What it fails with is the consequence.
        Given::Failure(_) if is_cancelled() => Err(ToolError::Cancelled { action }),
        Given::Failure(failure) => Err(ToolError::Failed { action, failure: lent.scrub(action, failure) }),
    })
}

#[cold]
fn tell_much(action: &'static str, json: Value, mut lent: Invocation) -> BoxFuture<'static, Told> {
    Box::pin(async move {
        let told = match lent.scrub_in_slices(action, json).await {
            Some(json) => Ok(ToolOutput { json }),
            None => Err(ToolError::Cancelled { action }),
        };
        ended(action, told, &mut lent)
    })
}
