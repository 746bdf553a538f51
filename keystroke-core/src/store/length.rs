//! How short a stored value may be: one rule for all stores, because redaction can't look for what is shorter
//! (SEMANTICS S3). Whether a store allows a field to be short is kept with its [`Fields`](crate::Fields).

use crate::redact::SHORTEST;
use crate::store::secret::SecretString;

/// Why a value is too short to be stored. Your own store should refuse such a value.
///
/// ```
/// use keystroke_core::{SecretString, TooShort};
///
/// let pin = SecretString::from("1234");
/// assert_eq!(TooShort::of(&pin, false), Some(TooShort::NotSearchable));
/// assert_eq!(TooShort::of(&pin, true), None); // allowed by name
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooShort {
    /// It is empty; no field is allowed to be.
    Empty,
    /// It has fewer than [`SHORTEST_SECRET`](crate::SHORTEST_SECRET) bytes.
    NotSearchable,
}

impl TooShort {
    /// Checks a value; `allowed` says whether its field was allowed to be short by name.
    pub fn of(value: &SecretString, allowed: bool) -> Option<Self> {
        match value.expose_secret().len() {
            0 => Some(Self::Empty),
            1..SHORTEST if !allowed => Some(Self::NotSearchable),
            _ => None,
        }
    }

    /// What is wrong with the value, such as `is empty`.
    pub const fn problem(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::NotSearchable => "has fewer than 8 bytes, too few to be found in results and removed",
        }
    }

    /// What to do about it.
    pub const fn fix(self) -> &'static str {
        match self {
            Self::Empty => "give it a value, or leave the field out",
            Self::NotSearchable => "use a longer secret, or allow this field to be short by name",
        }
    }
}
