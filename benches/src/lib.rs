//! What the two programs of this package share: the rows, what they measure, and how.

pub mod allocations;
pub mod measure;
pub mod rows;
pub mod subject;
pub mod table;
pub mod vaults;

pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What to measure, and how long.
pub struct Plan {
    pub quick: bool,
    pub only: Vec<String>,
}

impl Plan {
    pub fn has(&self, group: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == group)
    }

    pub fn rounds(&self, rounds: usize) -> usize {
        if self.quick { rounds.div_ceil(10).max(5) } else { rounds }
    }
}
