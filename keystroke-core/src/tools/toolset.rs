//! A list of actions as an agent's tools: called by slug, in JSON (SEMANTICS §6).

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::Value;

use super::call::ToolCall;
use super::check::findings;
use super::listed_tool::ListedTool;
use super::tool::{ToolDescriptor, ToolRequirement};
use super::tool_error::ToolError;
use super::toolset_error::{ToolsetError, ToolsetErrors};
use crate::declare::action::Action;
use crate::declare::manifest::{Application, Manifest};
use crate::declare::scope::{Need, NoUser};
use crate::execute::execution::{ActionFacts, CallSettings, Execution};
use crate::resolve::explain::explain;
use crate::resolve::preflight::{Preflight, PreflightFinding, PreflightState};
use crate::run::actor::{AnyRun, ToolsetRunFor};
use crate::run::runtime::Runtime;
use crate::store::BoxFuture;

/// An explicit list of actions. `N` is [`NeedsUser`](crate::scope::NeedsUser) if any of them needs a user, else
/// [`NoUser`]. Cheap to clone.
///
/// `toolset![Search, Post.scope(User)]` makes one; so does [`Toolset::builder`].
pub struct Toolset<N> {
    pub(super) tools: Arc<[ListedTool]>,
    /// Comparing a few texts costs less than hashing one.
    pub(super) by_slug: Arc<BTreeMap<&'static str, ListedTool>>,
    pub(super) need: PhantomData<fn() -> N>,
}

impl<N> Clone for Toolset<N> {
    fn clone(&self) -> Self {
        Self { tools: Arc::clone(&self.tools), by_slug: Arc::clone(&self.by_slug), need: PhantomData }
    }
}

impl<N> fmt::Debug for Toolset<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tools.iter().map(ListedTool::slug)).finish()
    }
}

impl Toolset<NoUser> {
    /// Builds a list entry by entry.
    pub fn builder() -> ToolsetBuilder<NoUser> {
        ToolsetBuilder::of(Vec::new(), Vec::new())
    }
}

/// Builds a [`Toolset`].
pub struct ToolsetBuilder<N> {
    pub(super) tools: Vec<ListedTool>,
    /// What is wrong with the lists that were merged into it.
    pub(super) findings: Vec<ToolsetError>,
    need: PhantomData<fn() -> N>,
}

impl<N: Need> ToolsetBuilder<N> {
    pub(super) const fn of(tools: Vec<ListedTool>, findings: Vec<ToolsetError>) -> Self {
        Self { tools, findings, need: PhantomData }
    }

    /// Adds an action.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "the word for it, and nothing is summed")]
    pub fn add<A: Action>(mut self, action: A) -> ToolsetBuilder<N::And<A::Need>> {
        self.tools.push(ListedTool::new(action));
        ToolsetBuilder::of(self.tools, self.findings)
    }

    /// Checks the list, and makes the toolset.
    ///
    /// # Errors
    /// All problems at once: duplicate or malformed slugs, missing descriptions, inputs or outputs whose schema some client or
    /// model API would refuse, one key declared by two credential types.
    pub fn build(self) -> Result<Toolset<N>, ToolsetErrors> {
        let mut errors = self.findings;
        errors.extend(findings(&self.tools));
        if !errors.is_empty() {
            return Err(ToolsetErrors(errors));
        }
        let by_slug = self.tools.iter().map(|tool| (tool.slug(), tool.clone())).collect();
        Ok(Toolset { tools: self.tools.into(), by_slug: Arc::new(by_slug), need: PhantomData })
    }
}

impl<N> fmt::Debug for ToolsetBuilder<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tools.iter().map(ListedTool::slug)).finish()
    }
}

impl<N: Need> Toolset<N> {
    /// What each tool is, in the order of the list (SEMANTICS §6).
    pub fn descriptors(&self) -> impl Iterator<Item = ToolDescriptor> + '_ {
        self.tools.iter().map(|tool| tool.facts.descriptor())
    }

    /// Every credential that a tool asks for, with the pin that holds for it.
    pub fn requirements(&self) -> impl Iterator<Item = ToolRequirement> + '_ {
        self.tools.iter().flat_map(|tool| {
            let action: &ActionFacts = &tool.facts.action;
            action.requirements.iter().map(|requirement| ToolRequirement {
                action: action.slug,
                key: requirement.key(),
                kind: requirement.kind(),
                pin: action.pin_of(requirement),
                optional: requirement.is_optional(),
            })
        })
    }

    /// What the application asks for, as data: print it, and check it against a vault with `keystroke check`.
    /// [`manifest!`](../keystroke/macro.manifest.html) takes name and version of the caller's crate.
    pub fn manifest(&self, application: Application) -> Manifest {
        let tools = self.tools.iter().map(|tool| (tool.facts.descriptor(), &tool.facts.action));
        Manifest::of(application, tools)
    }

    /// The state that the tools take and this runtime does not share, each type once: empty if nothing is missing. A
    /// [`preflight`](Self::preflight) says this too, and asks the store; this asks nobody.
    pub fn missing_state(&self, runtime: &Runtime) -> Vec<PreflightState> {
        missing_state(&self.tools, runtime)
    }

    /// Looks for the state that the tools take, and resolves every requirement of every tool for this run, without touching a
    /// secret: it shows what would fail before it does.
    // A named future, so that a run without a user is one error, at the run.
    pub fn preflight<R: AnyRun + ToolsetRunFor<N>>(&self, run: &R) -> BoxFuture<'static, Preflight> {
        let (tools, run) = (Arc::clone(&self.tools), Arc::clone(run.inner()));
        Box::pin(async move {
            let mut findings = Vec::new();
            for tool in &*tools {
                let (action, settings) = (&tool.facts.action, CallSettings::default());
                for resolution in explain(Execution::new(&run, action, &settings)).await {
                    findings.push(PreflightFinding { action: action.slug.into(), resolution });
                }
            }
            Preflight { missing_state: missing_state(&tools, &run.runtime), findings }
        })
    }

    /// Calls a tool. The call starts when it is first polled, and holds its own handle to the run.
    ///
    /// # Errors
    /// See [`ToolError`]; its `Display` is for the operator, [`ToolError::for_model`] for the model.
    pub fn call<R: AnyRun + ToolsetRunFor<N>>(&self, slug: &str, input: Value, run: &R) -> ToolCall {
        self.call_checked(slug, input, run)
    }

    /// Calls a tool on a run that may or may not have a user, which only the running program knows: such as a server whose
    /// clients may be signed in. What the compiler checks for [`call`](Self::call) is checked here at run time, for this tool
    /// alone: tools that need no user run without one.
    ///
    /// # Errors
    /// As [`call`](Self::call), and [`ToolError::NoUser`] where the tool needs a user and the run has none.
    pub fn call_checked(&self, slug: &str, input: Value, run: &impl AnyRun) -> ToolCall {
        let run = Arc::clone(run.inner());
        match self.by_slug.get(slug) {
            Some(tool) if tool.facts.needs_user && run.facts.user.is_none() => {
                let action = tool.slug();
                ToolCall::refused(action, ToolError::NoUser { action })
            }
            Some(tool) => tool.call(run, input),
            None => {
                let tools = self.tools.iter().map(ListedTool::slug).collect();
                ToolCall::unknown(run, ToolError::UnknownTool { slug: slug.to_owned(), tools })
            }
        }
    }
}

fn missing_state(tools: &[ListedTool], runtime: &Runtime) -> Vec<PreflightState> {
    let mut found: Vec<PreflightState> = Vec::new();
    for tool in tools {
        let ActionFacts { slug, .. } = tool.facts.action;
        for missing in tool.facts.action.missing_state(runtime).unwrap_or_default() {
            match found.iter_mut().find(|known| known.missing == missing) {
                Some(known) => known.actions.push(slug),
                None => found.push(PreflightState { missing, actions: vec![slug] }),
            }
        }
    }
    found
}
