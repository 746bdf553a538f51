//! A report before traffic: how every requirement of a toolset would resolve, which state its actions would miss, and how to
//! fix both.

use std::borrow::Cow;
use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::resolve::error::ResolveError;
use crate::resolve::trace::Resolution;
use crate::run::state::missing::MissingState;

/// How a requirement fares in a preflight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// It resolves.
    Resolved,
    /// It is optional, and there is none: calls run without it (SEMANTICS R11).
    Absent,
    /// There is no instance where one is looked for.
    Missing,
    /// There are several, and no single default.
    Ambiguous,
    /// An instance is there and can't be used, or the run can't have one: each call will fail until that is fixed.
    Impossible,
}

impl Readiness {
    /// `resolved`, `absent`, `missing`, `ambiguous` or `impossible`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Absent => "absent",
            Self::Missing => "missing",
            Self::Ambiguous => "ambiguous",
            Self::Impossible => "impossible",
        }
    }
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a preflight found for one requirement.
#[derive(Clone, Debug)]
pub struct PreflightFinding {
    /// The action's slug.
    pub action: Cow<'static, str>,
    /// How its credential resolves.
    pub resolution: Resolution,
}

impl PreflightFinding {
    /// How the requirement fares.
    pub const fn readiness(&self) -> Readiness {
        match self.resolution.result() {
            Ok(Some(_)) => Readiness::Resolved,
            Ok(None) => Readiness::Absent,
            Err(ResolveError::Missing { .. }) => Readiness::Missing,
            Err(ResolveError::Ambiguous { .. }) => Readiness::Ambiguous,
            Err(_) => Readiness::Impossible,
        }
    }
}

impl Serialize for PreflightFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Json<'a> {
            action: &'a str,
            readiness: Readiness,
            #[serde(flatten)]
            resolution: &'a Resolution,
        }
        let Self { action, resolution } = self;
        Json { action, readiness: self.readiness(), resolution }.serialize(serializer)
    }
}

/// One step that fixes what a preflight found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreflightFix {
    /// The credential key.
    pub key: String,
    /// The actions that can't run before it is done.
    pub actions: Vec<Cow<'static, str>>,
    /// What to do: [`ResolveError::fix`].
    pub fix: String,
}

/// State that actions take and the runtime does not share: their calls end with `missing_state`, whatever they are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreflightState {
    /// What is missing: the type, and the line that mends it.
    pub missing: MissingState,
    /// The slugs of the actions that take it.
    pub actions: Vec<&'static str>,
}

impl Serialize for PreflightState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Json<'a> {
            #[serde(rename = "type")]
            type_name: &'a str,
            actions: &'a [&'static str],
            problem: String,
            fix: String,
        }
        let Self { missing, actions } = self;
        let (problem, fix) = (missing.problem(), missing.fix());
        Json { type_name: missing.type_name(), actions, problem, fix }.serialize(serializer)
    }
}

/// What a preflight found: the state that is missing, every requirement of every tool, and the fixes for those that do not
/// resolve. `Display` is a line for each, with the problem below it, and the fixes at the end, each once; and so is `Debug`,
/// for a program that returns it from `main`. In JSON, `missing_state` is there only where some is missing.
///
/// It looks at no value: it tells fields that are missing, where the store knows the names, and leaves those that hold
/// what they should not to the call (SEMANTICS E3).
#[derive(Clone)]
pub struct Preflight {
    pub(crate) missing_state: Vec<PreflightState>,
    pub(crate) findings: Vec<PreflightFinding>,
}

impl Preflight {
    /// The state that actions take and the runtime does not share, each type once. Of a manifest's preflight there is none:
    /// what a program shares is not known outside of it.
    pub fn missing_state(&self) -> &[PreflightState] {
        &self.missing_state
    }

    /// One finding for each requirement.
    pub fn findings(&self) -> &[PreflightFinding] {
        &self.findings
    }

    /// Whether no state is missing, and every requirement resolves, or is optional and absent.
    pub fn is_ready(&self) -> bool {
        self.missing_state.is_empty() && self.failures().next().is_none()
    }

    /// The requirements that do not resolve.
    pub fn failures(&self) -> impl Iterator<Item = (&PreflightFinding, &ResolveError)> {
        self.findings.iter().filter_map(|finding| Some((finding, finding.resolution.result().err()?)))
    }

    /// How many requirements do not resolve, in words: `1 of 2 requirements does not resolve`.
    pub fn unresolved(&self) -> String {
        match (self.failures().count(), self.findings.len()) {
            (1, 1) => "the 1 requirement does not resolve".to_owned(),
            (1, all) => format!("1 of {all} requirements does not resolve"),
            (failures, all) if failures == all => format!("none of the {all} requirements resolves"),
            (failures, all) => format!("{failures} of {all} requirements do not resolve"),
        }
    }

    /// What makes a report ready, in words: `all 3 requirements resolve`, or `2 of 3 requirements resolve, 1 is optional and
    /// absent`. `None` if it is not ready.
    pub fn resolved(&self) -> Option<String> {
        if !self.is_ready() {
            return None;
        }
        let all = self.findings.len();
        let is =
            |readiness| self.findings.iter().filter(move |finding| finding.readiness() == readiness).count();
        let (resolved, absent) = (is(Readiness::Resolved), is(Readiness::Absent));
        let (resolve, are) =
            (if resolved == 1 { "resolves" } else { "resolve" }, if absent == 1 { "is" } else { "are" });
        Some(match (resolved, absent) {
            (0, 0) => "the application asks for no credentials".to_owned(),
            (1, 0) => "the 1 requirement resolves".to_owned(),
            (_, 0) => format!("all {all} requirements resolve"),
            (0, 1) => "the 1 requirement is optional and absent".to_owned(),
            (0, _) => format!("all {all} requirements are optional and absent"),
            _ => format!("{resolved} of {all} requirements {resolve}, {absent} {are} optional and absent"),
        })
    }

    /// The fixes for the requirements that do not resolve: each step once, with the actions that wait for it. State that is
    /// missing has its own, in [`missing_state`](Self::missing_state).
    pub fn fixes(&self) -> Vec<PreflightFix> {
        let mut fixes: Vec<PreflightFix> = Vec::new();
        for (PreflightFinding { action, .. }, error) in self.failures() {
            let (key, fix) = (error.key(), error.fix());
            match fixes.iter_mut().find(|known| known.key == key && known.fix == fix) {
                Some(known) => known.actions.push(action.clone()),
                None => fixes.push(PreflightFix { key: key.to_owned(), actions: vec![action.clone()], fix }),
            }
        }
        fixes
    }
}

impl Serialize for Preflight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lacks_state = !self.missing_state.is_empty();
        let mut preflight = serializer.serialize_struct("Preflight", 3 + usize::from(lacks_state))?;
        preflight.serialize_field("ready", &self.is_ready())?;
        if lacks_state {
            preflight.serialize_field("missing_state", &self.missing_state)?;
        }
        preflight.serialize_field("findings", &self.findings)?;
        preflight.serialize_field("fixes", &self.fixes())?;
        preflight.end()
    }
}

impl fmt::Display for Preflight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for PreflightState { missing, actions } in &self.missing_state {
            writeln!(f, "missing state: {}: {}", actions.join(", "), missing.problem())?;
        }
        for finding in &self.findings {
            let PreflightFinding { action, resolution } = finding;
            writeln!(f, "{}: {action}: {resolution}", finding.readiness())?;
            if let Err(error) = resolution.result() {
                writeln!(f, "  {}", error.problem())?;
            }
            if let Some(why) = resolution.absence() {
                writeln!(f, "  to have it: {}", why.fix())?;
            }
        }
        if let Some(resolved) = self.resolved() {
            return write!(f, "ready: {resolved}");
        }
        let state = match self.missing_state.len() {
            0 => None,
            1 => Some("1 type of state is missing".to_owned()),
            many => Some(format!("{many} types of state are missing")),
        };
        let unresolved = self.failures().next().map(|_| self.unresolved());
        let problems: Vec<String> = state.into_iter().chain(unresolved).collect();
        write!(f, "not ready: {}. To fix it:", problems.join(", and "))?;
        for PreflightState { missing, actions } in &self.missing_state {
            write!(f, "\n  `{}` ({}): {}", missing.type_name(), actions.join(", "), missing.fix())?;
        }
        for PreflightFix { key, actions, fix } in self.fixes() {
            write!(f, "\n  `{key}` ({}): {fix}", actions.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Preflight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
