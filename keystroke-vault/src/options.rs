//! Where a vault is, where its key comes from, and what the audit record says of this program.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use etcetera::BaseStrategy as _;
use keystroke_core::SecretString;

use crate::error::{Result, VaultError};
use crate::ring::Ring;

const HOME: &str = "KEYSTROKE_HOME";
const KEY: &str = "KEYSTROKE_VAULT_KEY";
const KEY_FILE: &str = "KEYSTROKE_VAULT_KEY_FILE";
const STRICT_AUDIT: &str = "KEYSTROKE_STRICT_AUDIT";

/// Where a vault's key comes from, for messages. It holds no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A file of the key ring.
    File(PathBuf),
    /// This variable of the environment.
    Environment(String),
    /// The program itself gave it: [`VaultOptions::key`].
    Given,
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "the key file {}", file.display()),
            Self::Environment(variable) => write!(f, "the environment variable {variable}"),
            Self::Given => f.write_str("the key that this program gave"),
        }
    }
}

/// Where the ring is read from, and read again when a key is not in it.
#[derive(Clone)]
pub(crate) enum Source {
    File(PathBuf),
    /// A process's environment does not change under it, so it is read once.
    Fixed(Arc<Ring>, KeySource),
}

impl Source {
    pub(crate) fn describe(&self) -> KeySource {
        match self {
            Self::File(file) => KeySource::File(file.clone()),
            Self::Fixed(_, source) => source.clone(),
        }
    }
}

pub(crate) type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Where a vault is and how it is opened.
///
/// ```
/// use keystroke_vault::{KeySource, VaultOptions};
///
/// let options = VaultOptions::at("/srv/app/keystroke");
/// assert!(options.vault_file().ends_with("keystroke/vault.db"));
/// assert_eq!(options.key_source(), KeySource::File("/srv/app/keystroke/config/vault.keys".into()));
/// ```
#[derive(Clone)]
pub struct VaultOptions {
    data: PathBuf,
    pub(crate) keys: Source,
    program: Option<String>,
    pub(crate) strict_audit: bool,
    pub(crate) now: Now,
}

impl VaultOptions {
    /// As the environment says: the folder in `KEYSTROKE_HOME`, else this user's data and config folders
    /// (`~/.local/share/keystroke` and `~/.config/keystroke`, or where `XDG_DATA_HOME` and `XDG_CONFIG_HOME`
    /// point); the key from `KEYSTROKE_VAULT_KEY`, else the file that `KEYSTROKE_VAULT_KEY_FILE` names, else
    /// the ring in the config folder. `KEYSTROKE_STRICT_AUDIT=1` is [`strict_audit`](Self::strict_audit).
    ///
    /// # Errors
    /// There is no home folder, a variable is empty or not Unicode, both key variables are set, the key in
    /// `KEYSTROKE_VAULT_KEY` is malformed, or `KEYSTROKE_STRICT_AUDIT` is neither `1` nor `0`.
    pub fn from_env() -> Result<Self> {
        Self::from_variables(&|name| std::env::var_os(name))
    }

    /// All in one folder: the data in it and the key ring in its `config/vault.keys`. `KEYSTROKE_HOME` means
    /// the same. No variable of the environment is looked at.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let data = folder.into();
        let keys = Source::File(data.join("config").join("vault.keys"));
        Self { data, keys, program: None, strict_audit: false, now: Arc::new(SystemTime::now) }
    }

    pub(crate) fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let home = variable(HOME);
        let options = match home {
            Some(home) if home.is_empty() => return Err(empty(HOME)),
            Some(home) => Self::at(home),
            None => {
                let base = etcetera::choose_base_strategy().map_err(|_| VaultError::Environment {
                    problem: "this user has no home folder".to_owned(),
                    fix: format!("set {HOME} to the folder for the vault"),
                })?;
                let mut options = Self::at(base.data_dir().join("keystroke"));
                options.keys = Source::File(base.config_dir().join("keystroke").join("vault.keys"));
                options
            }
        };
        options.settings_from(variable)
    }

    /// The variables of the key and of the audit over what the options say.
    pub(crate) fn settings_from(mut self, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        match variable(STRICT_AUDIT) {
            None => {}
            Some(value) if value == "1" => self.strict_audit = true,
            Some(value) if value == "0" => self.strict_audit = false,
            // Who sets it counts on it.
            Some(_) => {
                return Err(VaultError::Environment {
                    problem: format!("{STRICT_AUDIT} is neither 1 nor 0"),
                    fix: format!("set {STRICT_AUDIT}=1 to have each use on record before it, or unset it"),
                });
            }
        }
        match (variable(KEY), variable(KEY_FILE)) {
            (None, None) => Ok(self),
            (Some(_), Some(_)) => Err(VaultError::Environment {
                problem: format!("both {KEY} and {KEY_FILE} are set"),
                fix: "unset one of them".to_owned(),
            }),
            // Set and empty is a mistake of a deployment; taking it for "not set" could make a second key.
            (Some(text), None) if text.is_empty() => Err(empty(KEY)),
            (None, Some(file)) if file.is_empty() => Err(empty(KEY_FILE)),
            (Some(text), None) => {
                let text = text.into_string().map_err(|_| VaultError::Environment {
                    problem: format!("{KEY} is not Unicode"),
                    fix: "set it to `id:base64` entries, separated by commas".to_owned(),
                })?;
                self.fixed(&SecretString::from(text), KeySource::Environment(KEY.to_owned()))
            }
            (None, Some(file)) => Ok(self.key_file(file)),
        }
    }

    fn fixed(mut self, text: &SecretString, source: KeySource) -> Result<Self> {
        let ring = Ring::parse(text.expose_secret(), ',', &source)?;
        self.keys = Source::Fixed(Arc::new(ring), source);
        Ok(self)
    }

    /// Takes the key ring from this file. It must have mode 0600 and belong to this user or root.
    #[must_use]
    pub fn key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.keys = Source::File(path.into());
        self
    }

    /// Takes the key ring from text: `id:base64(32 bytes)` entries, separated by commas, the one that seals
    /// first.
    ///
    /// # Errors
    /// The text is malformed. The error names the entry and never its text.
    pub fn key(self, text: impl Into<SecretString>) -> Result<Self> {
        self.fixed(&text.into(), KeySource::Given)
    }

    /// What audit rows call this program. Without it: the file name of the executable.
    #[must_use]
    pub fn program(mut self, name: impl Into<String>) -> Self {
        self.program = Some(name.into());
        self
    }

    /// Has each use of a value that the process holds on record before the value is lent, and the record of each use,
    /// open and change survive a loss of power (SEMANTICS S5). A call then waits for the disk, without holding up its
    /// executor. Without it, such uses are written at most 100 ms late, and what was written last may be lost with
    /// the power.
    #[must_use]
    pub const fn strict_audit(mut self) -> Self {
        self.strict_audit = true;
        self
    }

    /// Tells the time; for tests that hold it in their hand. Without it: the system's clock.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.now = Arc::new(now);
        self
    }

    /// The folder of the vault and its audit record.
    pub fn data_folder(&self) -> &Path {
        &self.data
    }

    /// The file of the vault.
    pub fn vault_file(&self) -> PathBuf {
        self.data.join("vault.db")
    }

    /// The file of the audit record.
    pub fn audit_file(&self) -> PathBuf {
        self.data.join("audit.db")
    }

    /// Where the key comes from.
    pub fn key_source(&self) -> KeySource {
        self.keys.describe()
    }

    pub(crate) fn program_name(&self) -> String {
        self.program.clone().unwrap_or_else(|| {
            let executable = std::env::current_exe().unwrap_or_default();
            executable.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        })
    }
}

fn empty(variable: &str) -> VaultError {
    VaultError::Environment {
        problem: format!("{variable} is set and empty"),
        fix: format!("unset {variable}, or give it a value"),
    }
}

impl fmt::Debug for VaultOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultOptions")
            .field("data_folder", &self.data)
            .field("key_source", &self.key_source())
            .field("program", &self.program)
            .field("strict_audit", &self.strict_audit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
