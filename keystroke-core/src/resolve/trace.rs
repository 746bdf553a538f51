//! The trace of a resolution (SEMANTICS R9): which rules were tried, what each saw, and what came of it.
//!
//! Kept as small values while resolving, and rendered when somebody asks.

use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::declare::scope::Scope;
use crate::resolve::error::{InstanceSummary, ResolveError};
use crate::resolve::rule::Rule;

/// What one rule saw when it was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// The instance that a selection or assignment names.
    Named,
    /// No instance that this run can reach has the id.
    NotFound,
    /// The instance is for another key.
    Mismatch,
    /// The assigned instance is outside the pinned scope.
    OutsidePin,
    /// The user scope, on a run without a user.
    NoUser,
    /// No instance.
    Absent,
    /// Exactly one instance that is not revoked.
    One,
    /// Exactly one default mark among so many instances.
    Default(usize),
    /// So many equal candidates.
    Several(usize),
    /// Only a revoked choice.
    Revoked,
}

impl Observation {
    /// A stable word for JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::NotFound => "not_found",
            Self::Mismatch => "mismatch",
            Self::OutsidePin => "outside_pin",
            Self::NoUser => "no_user",
            Self::Absent => "absent",
            Self::One => "one",
            Self::Default(_) => "default",
            Self::Several(_) => "several",
            Self::Revoked => "revoked",
        }
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named => f.write_str("names an instance"),
            Self::NotFound => f.write_str("names no instance in reach"),
            Self::Mismatch => f.write_str("names an instance of another key"),
            Self::OutsidePin => f.write_str("names an instance outside the pin"),
            Self::NoUser => f.write_str("no user"),
            Self::Absent => f.write_str("none"),
            Self::One => f.write_str("one"),
            Self::Default(1) => f.write_str("one, the default"),
            Self::Default(of) => write!(f, "the default of {of}"),
            Self::Several(count) => write!(f, "{count}, no single default"),
            Self::Revoked => f.write_str("revoked"),
        }
    }
}

/// One rule that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriedRule {
    /// The rule.
    pub rule: Rule,
    /// The scope it tried, where it tries one.
    pub scope: Option<Scope>,
    /// What it saw there.
    pub saw: Observation,
}

impl Serialize for TriedRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("TriedRule", 3)?;
        step.serialize_field("rule", self.rule.as_str())?;
        step.serialize_field("scope", &self.scope)?;
        step.serialize_field("saw", self.saw.code())?;
        step.end()
    }
}

/// The rules tried, in order. At most one per rule, so it needs no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    steps: [Option<TriedRule>; 4],
    tried: usize,
}

impl Trace {
    pub(crate) fn push(&mut self, rule: Rule, scope: Option<Scope>, saw: Observation) {
        if let Some(free) = self.steps.get_mut(self.tried) {
            *free = Some(TriedRule { rule, scope, saw });
            self.tried += 1;
        }
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = &TriedRule> {
        self.steps.iter().flatten()
    }
}

/// The trace of one resolution (SEMANTICS R9): the rules tried in order, what each saw, and the choice or error.
/// It holds no secret and nothing outside the run's reach.
#[derive(Clone, Debug)]
pub struct Resolution {
    pub(crate) key: String,
    pub(crate) pin: Option<Scope>,
    pub(crate) trace: Trace,
    pub(crate) ending: Ending,
}

/// What came of a resolution.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    Chosen(Chosen),
    /// The credential is optional, and absent (SEMANTICS R11): with the error that it would be, were it required.
    Absent(ResolveError),
    Failed(ResolveError),
}

/// The instance that a resolution chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The instance.
    pub instance: InstanceSummary,
    /// The rule that chose it.
    pub rule: Rule,
    /// Whether a call would wait for the store to renew it first.
    pub would_refresh: bool,
}

impl Resolution {
    /// That of an error before any rule was tried.
    pub(crate) fn failed(pin: Option<Scope>, error: ResolveError) -> Self {
        Self { key: error.key().to_owned(), pin, trace: Trace::default(), ending: Ending::Failed(error) }
    }

    /// The credential key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The effective pin.
    pub const fn pin(&self) -> Option<Scope> {
        self.pin
    }

    /// The rules tried, in order.
    pub fn steps(&self) -> impl Iterator<Item = &TriedRule> {
        self.trace.steps()
    }

    /// What was chosen; `None` if the credential is optional and absent (SEMANTICS R11).
    ///
    /// # Errors
    /// Why nothing was, or why the choice can't be used.
    pub const fn result(&self) -> Result<Option<&Chosen>, &ResolveError> {
        match &self.ending {
            Ending::Chosen(chosen) => Ok(Some(chosen)),
            Ending::Absent(_) => Ok(None),
            Ending::Failed(error) => Err(error),
        }
    }

    /// Why an optional credential is absent: `missing` or `no_user`, with the fix that would provide it. It fails nothing.
    pub const fn absence(&self) -> Option<&ResolveError> {
        match &self.ending {
            Ending::Absent(why) => Some(why),
            Ending::Chosen(_) | Ending::Failed(_) => None,
        }
    }
}

/// One line: `exa: R4 project: none; R5 organization: one → exa-7k2m (Shared)`.
impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key)?;
        if let Some(pin) = self.pin {
            write!(f, ", pinned to {pin}")?;
        }
        f.write_str(": ")?;
        for (index, step) in self.steps().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{} ", step.rule)?;
            match step.rule {
                Rule::Selection => f.write_str("selection: ")?,
                Rule::Assignment => f.write_str("assignment: ")?,
                _ => {
                    if let Some(scope) = step.scope {
                        write!(f, "{scope}: ")?;
                    }
                }
            }
            write!(f, "{}", step.saw)?;
        }
        match &self.ending {
            Ending::Chosen(Chosen { instance, would_refresh: false, .. }) => write!(f, " → {instance}"),
            Ending::Chosen(Chosen { instance, .. }) => write!(f, " → {instance}, would refresh"),
            Ending::Absent(_) => f.write_str(" → absent, optional"),
            Ending::Failed(error) => write!(f, " → error `{}`", error.code()),
        }
    }
}

impl Serialize for Resolution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct ChosenJson<'a> {
            rule: &'static str,
            instance: &'a InstanceSummary,
            /// Told of what renews alone.
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            would_refresh: bool,
        }
        let steps: Vec<&TriedRule> = self.steps().collect();
        let result = self.result();
        let chosen = result.ok().flatten();
        let chosen = chosen.map(|Chosen { instance, rule, would_refresh }| ChosenJson {
            rule: rule.as_str(),
            instance,
            would_refresh: *would_refresh,
        });
        let mut resolution = serializer.serialize_struct("Resolution", 6)?;
        resolution.serialize_field("key", &self.key)?;
        resolution.serialize_field("pin", &self.pin)?;
        resolution.serialize_field("steps", &steps)?;
        resolution.serialize_field("chosen", &chosen)?;
        resolution.serialize_field("absent", &self.absence())?;
        resolution.serialize_field("error", &result.err())?;
        resolution.end()
    }
}
