//! The rules of SEMANTICS §3 that choose an instance, by their numbers.

use std::fmt;

/// The rule of SEMANTICS §3 that chose an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// R1: it was selected for this run or call.
    Selection,
    /// R2: it is assigned to the consumer.
    Assignment,
    /// R3: it is in the pinned scope.
    Pin,
    /// R4: it is in the run's project.
    Project,
    /// R5: it is in the run's organization.
    Organization,
}

impl Rule {
    /// The rule's number: `R1` … `R5`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Selection => "R1",
            Self::Assignment => "R2",
            Self::Pin => "R3",
            Self::Project => "R4",
            Self::Organization => "R5",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
