//! Where a vault's key ring is kept, and how it is read from there and written back.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keystroke_core::SecretString;
use zeroize::Zeroizing;

use crate::error::{Result, VaultError};
use crate::lock::FileLock;
use crate::ring::Ring;
use crate::ring_file;
use crate::schema;
use crate::wrap::{self, KeyWrapper};

/// Where a vault's key comes from, for messages. It holds no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A file of the key ring.
    File(PathBuf),
    /// This variable of the environment.
    Environment(String),
    /// The program itself gave it: [`VaultOptions::key`](crate::VaultOptions::key).
    Given,
    /// The operating system's keyring, under this name.
    Keyring(String),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "the key file {}", file.display()),
            Self::Environment(variable) => write!(f, "the environment variable {variable}"),
            Self::Given => f.write_str("the key that this program gave"),
            Self::Keyring(name) => write!(f, "the entry `{name}` of the system's keyring"),
        }
    }
}

#[derive(Clone)]
enum Kept {
    /// `own`: it lies where only this vault looks for it.
    File { path: PathBuf, own: bool },
    /// A process's environment does not change under it, so it is read once.
    Text(Arc<SecretString>, KeySource),
    #[cfg(feature = "keyring")]
    Keyring(crate::os_keyring::Entry),
}

/// Where the ring is read from, and read again when a key is not in it.
#[derive(Clone)]
pub(crate) struct Source {
    kept: Kept,
    wrapper: Option<Arc<dyn KeyWrapper>>,
}

impl Source {
    /// The ring of one vault, beside it.
    pub(crate) const fn own_file(path: PathBuf) -> Self {
        Self { kept: Kept::File { path, own: true }, wrapper: None }
    }

    /// A ring that others may use too.
    pub(crate) fn at_file(&mut self, path: PathBuf) {
        self.kept = Kept::File { path, own: false };
    }

    /// A ring as text; what is wrong with it is told at once.
    pub(crate) fn as_text(&mut self, text: SecretString, source: KeySource) -> Result<()> {
        if wrap::wrapped(text.expose_secret(), &source)?.is_none() {
            Ring::parse(text.expose_secret(), ',', &source)?;
        }
        self.kept = Kept::Text(Arc::new(text), source);
        Ok(())
    }

    #[cfg(feature = "keyring")]
    pub(crate) fn in_keyring(&mut self, entry: crate::os_keyring::Entry) {
        self.kept = Kept::Keyring(entry);
    }

    pub(crate) fn wrapped_by(&mut self, wrapper: Arc<dyn KeyWrapper>) {
        self.wrapper = Some(wrapper);
    }

    pub(crate) fn describe(&self) -> KeySource {
        match &self.kept {
            Kept::File { path, .. } => KeySource::File(path.clone()),
            Kept::Text(_, source) => source.clone(),
            #[cfg(feature = "keyring")]
            Kept::Keyring(entry) => entry.describe(),
        }
    }

    /// Whether keystroke may make and change the ring there.
    pub(crate) const fn can_write(&self) -> bool {
        !matches!(self.kept, Kept::Text(..))
    }

    /// Whether no other vault can have a key of this ring: then one that this vault needs no more may go. Behind a link
    /// others may look for it too.
    pub(crate) fn is_own(&self) -> bool {
        match &self.kept {
            Kept::File { path, own } => *own && !ring_file::is_linked(path),
            Kept::Text(..) => false,
            #[cfg(feature = "keyring")]
            Kept::Keyring(_) => true,
        }
    }

    /// The ring, from where it is kept. `vault` is named where the ring is missing.
    pub(crate) fn load(&self, vault: &Path) -> Result<Ring> {
        let missing = || VaultError::MissingKey { vault: vault.to_owned(), source: self.describe() };
        match &self.kept {
            Kept::File { path, .. } => self.decode(&ring_file::read(path)?.ok_or_else(missing)?, '\n'),
            Kept::Text(text, _) => self.decode(text.expose_secret(), ','),
            #[cfg(feature = "keyring")]
            Kept::Keyring(entry) => self.decode(&entry.read()?.ok_or_else(missing)?, '\n'),
        }
    }

    fn decode(&self, text: &str, separator: char) -> Result<Ring> {
        let source = self.describe();
        match (wrap::wrapped(text, &source)?, &self.wrapper) {
            (None, None) => Ring::parse(text, separator, &source),
            (Some(wrapped), Some(wrapper)) => {
                let ring = wrap::open(&**wrapper, &wrapped, &source)?;
                Ring::parse(ring.expose_secret(), '\n', &source)
            }
            (Some(_), None) => Err(wrap::no_wrapper(source)),
            (None, Some(wrapper)) => Err(wrap::not_wrapped(&**wrapper, source)),
        }
    }

    fn encode(&self, ring: &Ring) -> Result<Zeroizing<String>> {
        match &self.wrapper {
            None => Ok(ring.to_text()),
            Some(wrapper) => wrap::close(&**wrapper, &ring.to_text(), self.describe()).map(Zeroizing::new),
        }
    }

    /// Puts a first ring where there is none. `false` if another process was faster.
    pub(crate) fn create(&self, ring: &Ring) -> Result<bool> {
        let text = self.encode(ring)?;
        match &self.kept {
            Kept::File { path, .. } => ring_file::create(path, &text),
            Kept::Text(..) => Err(self.read_only()),
            #[cfg(feature = "keyring")]
            Kept::Keyring(entry) => entry.create(&text),
        }
    }

    /// Puts another ring in place of the one that is there, which nobody else changes meanwhile. A killed process
    /// leaves the one or the other.
    pub(crate) fn change(&self, vault: &Path, change: impl FnOnce(Ring) -> Result<Ring>) -> Result<()> {
        let _lock = self.lock()?;
        self.write(&change(self.load(vault)?)?)
    }

    /// Wraps a ring that lies there in the open; `false` if it is wrapped already.
    pub(crate) fn wrap(&self, vault: &Path) -> Result<bool> {
        let _lock = self.lock()?;
        let in_the_open = Self { kept: self.kept.clone(), wrapper: None };
        match in_the_open.load(vault) {
            Ok(ring) => self.write(&ring).map(|()| true),
            Err(VaultError::KeyWrapping { .. }) => self.load(vault).map(|_| false),
            Err(error) => Err(error),
        }
    }

    fn lock(&self) -> Result<FileLock> {
        match &self.kept {
            Kept::File { path, .. } => FileLock::beside(&ring_file::target(path)?, schema::PATIENCE),
            Kept::Text(..) => Err(self.read_only()),
            #[cfg(feature = "keyring")]
            Kept::Keyring(entry) => entry.lock(),
        }
    }

    fn write(&self, ring: &Ring) -> Result<()> {
        let text = self.encode(ring)?;
        match &self.kept {
            Kept::File { path, .. } => ring_file::replace(path, &text),
            Kept::Text(..) => Err(self.read_only()),
            #[cfg(feature = "keyring")]
            Kept::Keyring(entry) => entry.write(&text),
        }
    }

    fn read_only(&self) -> VaultError {
        VaultError::Environment {
            problem: format!("{} cannot be changed from here", self.describe()),
            fix:
                "put a new entry, `id:` and base64 of 32 random bytes, before the others there, and run the \
                  command again"
                    .to_owned(),
        }
    }
}
