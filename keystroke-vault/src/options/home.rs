//! Where a vault is by default: the folders that the environment names.

use std::ffi::OsString;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;

pub(crate) const HOME: &str = "KEYSTROKE_HOME";

/// The folders of a vault.
pub(crate) struct Home {
    /// Holds the vault and its audit record.
    pub(crate) data: PathBuf,
    /// Holds the ring, and what the user configures.
    pub(crate) config: PathBuf,
}

impl Home {
    /// All in one folder.
    pub(crate) fn at(data: PathBuf) -> Self {
        let config = data.join("config");
        Self { data, config }
    }

    /// As the variables say; `None` if this user has no home folder.
    pub(crate) fn of(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        if let Some(home) = variable(HOME) {
            return Some(Self::at(home.into()));
        }
        let base = etcetera::choose_base_strategy().ok()?;
        let (data, config) = (base.data_dir().join("keystroke"), base.config_dir().join("keystroke"));
        Some(Self { data, config })
    }

    /// The file of the ring.
    pub(crate) fn ring(&self) -> PathBuf {
        self.config.join("vault.keys")
    }

    /// The file of the vault.
    pub(crate) fn vault_file(&self) -> PathBuf {
        self.data.join("vault.db")
    }
}
