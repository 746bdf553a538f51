//! Why a provider can't be used, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use keystroke_files::{in_shell, shown};

/// Why a provider can't be used. It never holds a secret. `Display` is the problem and its fix, and so is `Debug`.
#[derive(Clone)]
#[non_exhaustive]
pub enum ProviderError {
    /// No provider has this name.
    Unknown {
        /// The name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A file says what a provider file can't.
    Invalid {
        /// The file: a path, or the name of a built-in one.
        file: PathBuf,
        /// Everything that is wrong, in the order of its lines.
        faults: Vec<Fault>,
    },
    /// A file, or the folder of files, can't be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        problem: String,
        /// What to do.
        fix: String,
    },
    /// A variable of the URLs has no value, or one that it can't have.
    Value {
        /// The provider.
        provider: String,
        /// The variable.
        variable: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        fix: String,
    },
    /// What a provider says of itself can't be had, or can't be used.
    Discovery {
        /// The issuer.
        issuer: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        fix: String,
    },
    /// The document of one issuer is that of another.
    IssuerMismatch {
        /// The issuer that was asked for.
        issuer: String,
        /// The issuer that the document names.
        told: String,
    },
}

/// One thing that is wrong with a provider file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to write.
    pub fix: String,
}

impl ProviderError {
    /// Everything there is to say of each: its code, the problem and the fix.
    fn facts(&self) -> (&'static str, String, String) {
        match self {
            Self::Unknown { name, nearest } => (
                "provider_unknown",
                format!("there is no provider `{name}`"),
                match nearest {
                    Some(nearest) => format!("write `{nearest}`, or look at the names with `keystroke providers list`"),
                    None => "look at the names with `keystroke providers list`, or add one from a file of yours with `keystroke providers add FILE`".to_owned(),
                },
            ),
            Self::Invalid { file, faults } => {
                let file = shown(file);
                let problem = |fault: &Fault| format!("{file}:{}: {}", fault.line, fault.problem);
                let fix = |fault: &Fault| format!("in line {} {}", fault.line, fault.fix);
                (
                    "provider_invalid",
                    faults.iter().map(problem).collect::<Vec<_>>().join("; "),
                    faults.iter().map(fix).collect::<Vec<_>>().join("; "),
                )
            }
            Self::Unreadable { file, problem, fix } => {
                ("provider_unreadable", format!("{} {problem}", shown(file)), fix.replace("{file}", &in_shell(file)))
            }
            Self::Value { provider, variable, problem, fix } => {
                ("provider_value", format!("`{variable}` of the provider `{provider}` {problem}"), fix.clone())
            }
            Self::Discovery { issuer, problem, fix } => {
                ("discovery_failed", format!("the issuer {issuer} {problem}"), fix.clone())
            }
            Self::IssuerMismatch { issuer, told } => (
                "issuer_mismatch",
                format!("the document of the issuer {issuer} names another issuer: {told}"),
                "give the issuer exactly as its document names it, up to the last `/`, if that is the one you trust".to_owned(),
            ),
        }
    }

    /// A stable word for each.
    pub fn code(&self) -> &'static str {
        self.facts().0
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        self.facts().1
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        self.facts().2
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, problem, fix) = self.facts();
        write!(f, "{problem}. To fix it, {fix}")
    }
}

impl fmt::Debug for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ProviderError {}
