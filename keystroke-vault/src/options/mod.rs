//! Where a vault is, where its key comes from, and what the audit record says of this program.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use keystroke_core::SecretString;
use keystroke_files::{is_secret_path, shown};

use crate::error::{Result, VaultError};
use crate::format::subkeys::VaultId;
use crate::keys::key_source::KeySource;
use crate::keys::ring::Ring;
use crate::keys::ring_source::RingSource;
use crate::keys::subkey_ring::SubkeyRing;
use crate::keys::wrap::KeyWrapper;
use crate::lock;

pub(crate) mod home;

use home::{HOME, Home};

const KEY: &str = "KEYSTROKE_VAULT_KEY";
const KEY_FILE: &str = "KEYSTROKE_VAULT_KEY_FILE";
const KEYRING: &str = "KEYSTROKE_VAULT_KEYRING";
const STRICT_AUDIT: &str = "KEYSTROKE_STRICT_AUDIT";

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
    config: PathBuf,
    pub(crate) keys: RingSource,
    program: Option<String>,
    pub(crate) strict_audit: bool,
    pub(crate) now: Now,
}

impl VaultOptions {
    /// As the environment says. The folder: `KEYSTROKE_HOME`, else this user's data and config folders
    /// (`~/.local/share/keystroke` and `~/.config/keystroke`, or where `XDG_DATA_HOME` and `XDG_CONFIG_HOME` point).
    /// The key: `KEYSTROKE_VAULT_KEY`, the file that `KEYSTROKE_VAULT_KEY_FILE` names, or, with
    /// `KEYSTROKE_VAULT_KEYRING=1`, the system's keyring (feature `os-keyring`); else the ring in the config folder.
    /// `KEYSTROKE_STRICT_AUDIT=1` means [`strict_audit`](Self::strict_audit).
    ///
    /// # Errors
    /// There is no home folder; a variable is empty or not Unicode; a key stands where the name of a file or folder
    /// belongs; more than one of the key variables is set; the key in `KEYSTROKE_VAULT_KEY` is malformed; or a
    /// variable that must be `1` or `0` is neither.
    pub fn from_env() -> Result<Self> {
        Self::from_variables(&|name| std::env::var_os(name))
    }

    /// All in one folder: the data in it and the key ring in its `config/vault.keys`. `KEYSTROKE_HOME` means the
    /// same. No environment variable is read.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self::in_home(Home::at(folder.into()))
    }

    fn in_home(home: Home) -> Self {
        let keys = RingSource::own_file(home.ring());
        let Home { data, config } = home;
        Self { data, config, keys, program: None, strict_audit: false, now: Arc::new(SystemTime::now) }
    }

    pub(crate) fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        match variable(HOME) {
            Some(home) if home.is_empty() => return Err(empty(HOME)),
            Some(home) if is_secret_path(Path::new(&home)) => return Err(secret(HOME, "a folder")),
            _ => {}
        }
        let home = Home::of(variable).ok_or_else(|| VaultError::Environment {
            problem: "this user has no home folder".to_owned(),
            fix: format!("set {HOME} to the folder for the vault"),
        })?;
        Self::in_home(home).settings_from(variable)
    }

    /// What the variables for the key and the audit say, over what the options say.
    pub(crate) fn settings_from(mut self, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        if let Some(strict) = switch(STRICT_AUDIT, variable)? {
            self.strict_audit = strict;
        }
        let in_keyring = switch(KEYRING, variable)? == Some(true);
        let of = |name: &str| variable(name).map(|value| (name.to_owned(), value));
        match (of(KEY), of(KEY_FILE), in_keyring) {
            (None, None, false) => Ok(self),
            (None, None, true) => self.in_os_keyring(),
            // A variable that is set and empty is a mistake in a deployment; taking it for "not set" could make a
            // second key.
            (Some((name, value)), None, false) | (None, Some((name, value)), false) if value.is_empty() => {
                Err(empty(&name))
            }
            (Some((_, text)), None, false) => {
                let text = text.into_string().map_err(|_| VaultError::Environment {
                    problem: format!("{KEY} is not Unicode"),
                    fix: "set it to the lines of the vault's key file".to_owned(),
                })?;
                self.fixed(SecretString::from(text), KeySource::Environment(KEY.to_owned()))
            }
            (None, Some((name, file)), false) if is_secret_path(Path::new(&file)) => {
                Err(secret(&name, "a file"))
            }
            (None, Some((_, file)), false) => Ok(self.key_file(file)),
            (key, file, _) => {
                let set = [
                    key.map(|(name, _)| name),
                    file.map(|(name, _)| name),
                    in_keyring.then(|| KEYRING.to_owned()),
                ];
                let set: Vec<String> = set.into_iter().flatten().collect();
                Err(VaultError::Environment {
                    problem: format!("both {} are set", set.join(" and ")),
                    fix: "unset all but one of them".to_owned(),
                })
            }
        }
    }

    fn fixed(mut self, text: SecretString, source: KeySource) -> Result<Self> {
        self.keys.as_text(text, source)?;
        Ok(self)
    }

    /// Takes the key ring from this file. It must have mode 0600 and belong to this user or root.
    #[must_use]
    pub fn key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.keys.at_file(path.into());
        self
    }

    /// Keeps the ring in an entry of this keyring, one for each folder of a vault. Feature `keyring`.
    ///
    /// # Errors
    /// The keyring takes no such entry.
    #[cfg(feature = "keyring")]
    pub fn keyring(mut self, store: &Arc<keyring_core::CredentialStore>) -> Result<Self> {
        self.keys.in_keyring(crate::keys::keyring_entry::KeyringEntry::of_vault(store, &self.data)?);
        Ok(self)
    }

    /// Keeps the ring in this session's keyring, which on Linux and FreeBSD is the Secret Service (GNOME Keyring,
    /// KWallet). `KEYSTROKE_VAULT_KEYRING=1` means the same. Feature `os-keyring`.
    ///
    /// # Errors
    /// There is none, as on a server, or it can't be used.
    #[cfg(feature = "os-keyring")]
    pub fn os_keyring(self) -> Result<Self> {
        self.keyring(&crate::keys::keyring_entry::system()?)
    }

    /// As a variable of the environment asks for it.
    fn in_os_keyring(self) -> Result<Self> {
        #[cfg(feature = "os-keyring")]
        return self.os_keyring();
        #[cfg(not(feature = "os-keyring"))]
        Err(VaultError::Environment {
            problem: format!("{KEYRING} is set, and this program was built without the feature `os-keyring`"),
            fix: format!("build it with that feature, or unset {KEYRING}"),
        })
    }

    /// Keeps the ring wrapped where it is stored, by a key management service for instance. A ring that is not
    /// wrapped is refused.
    #[must_use]
    pub fn key_wrapper(mut self, wrapper: impl KeyWrapper) -> Self {
        self.keys.wrapped_by(Arc::new(wrapper));
        self
    }

    /// Wraps the ring of a vault that was made without a [`key_wrapper`](Self::key_wrapper), with the wrapper of
    /// these options. `false` if it is wrapped already. Earlier copies of the ring stay as they are.
    ///
    /// # Errors
    /// There is no ring, it can't be wrapped, or it can't be written where it is stored.
    pub fn wrap_key(&self) -> Result<bool> {
        self.keys.wrap(&self.vault_file())
    }

    /// Takes the key ring from text: `id:base64(32 bytes)` entries, one per line or between commas; the first one
    /// seals. [`new_key`](crate::new_key) makes one.
    ///
    /// # Errors
    /// The text is malformed. The error names the entry and never its text.
    pub fn key(self, text: impl Into<SecretString>) -> Result<Self> {
        self.fixed(text.into(), KeySource::Given)
    }

    /// What audit rows call this program; by default the file name of the executable.
    #[must_use]
    pub fn program(mut self, name: impl Into<String>) -> Self {
        self.program = Some(name.into());
        self
    }

    /// Records each use of a value that the process holds before the value is lent, and has the record of each use,
    /// open and change survive a power loss (SEMANTICS S5). A call then waits for the disk, without holding up its
    /// executor. Without it, such uses are written at most 100 ms late, and a power loss may take the last rows.
    #[must_use]
    pub const fn strict_audit(mut self) -> Self {
        self.strict_audit = true;
        self
    }

    /// The clock, for tests that set it; by default the system's.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.now = Arc::new(now);
        self
    }

    /// Refuses paths that are secrets themselves, and folders in which others may exchange files. For a vault that is
    /// not there yet only the names are checked.
    pub(crate) fn check_places(&self) -> Result<()> {
        if is_secret_path(&self.data) {
            return Err(VaultError::secret_as_path("the vault's folder"));
        }
        self.keys.check_place()?;
        lock::check_folder(&self.data, true)
    }

    /// Keeps this process's secret variables, the vault's key, out of the environment of a process that is about to
    /// start. A program with a vault should start every other program this way.
    ///
    /// ```
    /// use std::process::Command;
    ///
    /// use keystroke_vault::VaultOptions;
    ///
    /// let mut child = Command::new("true");
    /// VaultOptions::hide_key_from(&mut child);
    /// ```
    pub fn hide_key_from(child: &mut std::process::Command) -> &mut std::process::Command {
        child.env_remove(KEY)
    }

    /// The same options for files in another folder; the key stays where it is.
    pub(crate) fn in_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { data: folder.into(), ..self }
    }

    /// The folder of the vault and its audit record.
    pub fn data_folder(&self) -> &Path {
        &self.data
    }

    /// The folder of what the user configures: the key ring, if it has no other place, and the files of
    /// [OAuth providers](https://docs.rs/keystroke-oauth) in `providers/`.
    pub fn config_folder(&self) -> &Path {
        &self.config
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

    /// The `ring`, which was read from where these options say, as the vault of this id uses it.
    pub(crate) fn subkeys(&self, ring: &Ring, vault: VaultId) -> Result<SubkeyRing> {
        SubkeyRing::new(self.keys.clone(), self.vault_file(), ring, vault)
    }

    pub(crate) fn program_name(&self) -> String {
        self.program.clone().unwrap_or_else(|| {
            let executable = std::env::current_exe().unwrap_or_default();
            executable.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        })
    }
}

/// What a variable says that must be 1 or 0. Whoever sets it relies on it, so nothing else passes for either.
fn switch(name: &str, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<bool>> {
    match variable(name) {
        None => Ok(None),
        Some(value) if value == "1" => Ok(Some(true)),
        Some(value) if value == "0" => Ok(Some(false)),
        Some(_) => Err(VaultError::Environment {
            problem: format!("{name} is neither 1 nor 0"),
            fix: format!("set {name}=1 or {name}=0, or unset it"),
        }),
    }
}

/// The key itself where the name of its file belongs, for instance.
fn secret(variable: &str, place: &str) -> VaultError {
    VaultError::Environment {
        problem: format!(
            "{variable} holds what looks like a key or a token and not the name of {place}, so it is not shown"
        ),
        fix: format!("set {variable} to the name of {place}, or unset it; a key itself goes into {KEY}"),
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
            .field("data_folder", &shown(&self.data))
            .field("key_source", &self.key_source())
            .field("program", &self.program)
            .field("strict_audit", &self.strict_audit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
