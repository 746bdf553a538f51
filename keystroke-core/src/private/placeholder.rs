//! Stands for `SecretString` in a credential that does not compile because of a derive above its attribute: what the
//! derive made by then asks this of every field, and would add an error of its own.

use serde::{Serialize, Serializer};

/// Text that is never there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Refused;

impl Refused {
    pub const fn expose_secret(&self) -> &'static str {
        ""
    }
}

impl From<&str> for Refused {
    fn from(_: &str) -> Self {
        Self
    }
}

impl From<String> for Refused {
    fn from(_: String) -> Self {
        Self
    }
}

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
