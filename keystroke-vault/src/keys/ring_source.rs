//! Where a vault's key ring is kept, and how it is read from there and written back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keystroke_core::SecretString;
use keystroke_files::{FileLock, beside, folder_of, is_secret_path};
use sha2::Digest as _;
use zeroize::Zeroizing;

use super::key_source::KeySource;
use super::ring::Ring;
use super::ring_file;
use super::wrap::{self, KeyWrapper};
use crate::error::{Result, VaultError};
use crate::file::busy;
use crate::lock;

/// What stands above the keys of a ring.
const HEAD: &str = "# The key of a keystroke vault. Whoever has this file and the vault has its\n\
    # secrets; without this file nothing in the vault can be read. Keep a copy in a safe place.\n\
    # One `id:base64` per line; the first one seals, the others only open.\n";
/// And above those that were taken out.
const RETIRED: &str = "# Keys that a keystroke vault was sealed with before. It needs them no more; a backup from\n\
    # before may. Nothing reads this file: put a line behind the one of the ring to use it again.\n";

#[derive(Clone)]
enum RingPlace {
    /// `own`: it is where only this vault looks for it.
    File { path: PathBuf, own: bool },
    /// The environment does not change under a process, so it is read once.
    Text(Arc<SecretString>, KeySource),
    #[cfg(feature = "keyring")]
    Keyring(super::keyring_entry::KeyringEntry),
}

/// Where the ring is read from, again when a key is not in it.
#[derive(Clone)]
pub(crate) struct RingSource {
    place: RingPlace,
    wrapper: Option<Arc<dyn KeyWrapper>>,
}

impl RingSource {
    /// The ring of one vault, next to it.
    pub(crate) const fn own_file(path: PathBuf) -> Self {
        Self { place: RingPlace::File { path, own: true }, wrapper: None }
    }

    /// A ring that others may use too.
    pub(crate) fn at_file(&mut self, path: PathBuf) {
        self.place = RingPlace::File { path, own: false };
    }

    /// A ring as text; what is wrong with it is reported at once.
    pub(crate) fn as_text(&mut self, text: SecretString, source: KeySource) -> Result<()> {
        if wrap::wrapped(text.expose_secret(), &source)?.is_none() {
            Ring::parse(text.expose_secret(), &source)?;
        }
        self.place = RingPlace::Text(Arc::new(text), source);
        Ok(())
    }

    #[cfg(feature = "keyring")]
    pub(crate) fn in_keyring(&mut self, entry: super::keyring_entry::KeyringEntry) {
        self.place = RingPlace::Keyring(entry);
    }

    pub(crate) fn wrapped_by(&mut self, wrapper: Arc<dyn KeyWrapper>) {
        self.wrapper = Some(wrapper);
    }

    pub(crate) fn describe(&self) -> KeySource {
        match &self.place {
            RingPlace::File { path, .. } => KeySource::File(path.clone()),
            RingPlace::Text(_, source) => source.clone(),
            #[cfg(feature = "keyring")]
            RingPlace::Keyring(entry) => entry.describe(),
        }
    }

    /// Refuses a place that is a secret itself, or in which others may exchange the ring.
    pub(crate) fn check_place(&self) -> Result<()> {
        let RingPlace::File { path, .. } = &self.place else { return Ok(()) };
        if is_secret_path(path) {
            return Err(VaultError::secret_as_path("the name of the key's file"));
        }
        // In the vault's default place the folder too is keystroke's alone.
        lock::check_folder(folder_of(&ring_file::target(path)?), self.is_own())
    }

    /// Whether keystroke may make and change the ring there.
    pub(crate) const fn can_write(&self) -> bool {
        !matches!(self.place, RingPlace::Text(..))
    }

    /// Whether no other vault can use a key of this ring, so that a key that this vault no longer needs may go.
    /// Behind a link others may look for it too.
    pub(crate) fn is_own(&self) -> bool {
        match &self.place {
            RingPlace::File { path, own } => *own && !ring_file::is_linked(path),
            RingPlace::Text(..) => false,
            #[cfg(feature = "keyring")]
            RingPlace::Keyring(_) => true,
        }
    }

    /// The ring, from where it is kept. `vault` is named where the ring is missing.
    pub(crate) fn load(&self, vault: &Path) -> Result<Ring> {
        self.decode(&self.read(vault)?)
    }

    /// The same, but `None` if the text has this digest; otherwise the digest becomes that of what was read.
    /// Unwrapping a ring may cost a call to a service, and an id that no ring has is asked for at every read.
    pub(crate) fn load_other(&self, vault: &Path, digest: &mut Option<[u8; 32]>) -> Result<Option<Ring>> {
        let text = self.read(vault)?;
        let now = sha2::Sha256::digest(text.as_bytes()).into();
        if *digest == Some(now) {
            return Ok(None);
        }
        let ring = self.decode(&text)?;
        *digest = Some(now);
        Ok(Some(ring))
    }

    fn read(&self, vault: &Path) -> Result<Zeroizing<String>> {
        let missing = || VaultError::MissingKey { vault: vault.to_owned(), source: self.describe() };
        match &self.place {
            RingPlace::File { path, .. } => ring_file::read(path)?.ok_or_else(missing),
            RingPlace::Text(text, _) => Ok(Zeroizing::new(text.expose_secret().to_owned())),
            #[cfg(feature = "keyring")]
            RingPlace::Keyring(entry) => entry.read()?.ok_or_else(missing),
        }
    }

    fn decode(&self, text: &str) -> Result<Ring> {
        let source = self.describe();
        match (wrap::wrapped(text, &source)?, &self.wrapper) {
            (None, None) => Ring::parse(text, &source),
            (Some(wrapped), Some(wrapper)) => {
                let ring = wrap::open(&**wrapper, &wrapped, &source)?;
                Ring::parse(ring.expose_secret(), &source)
            }
            (Some(_), None) => Err(wrap::no_wrapper(source)),
            (None, Some(wrapper)) => Err(wrap::not_wrapped(&**wrapper, source)),
        }
    }

    fn encode(&self, ring: &Ring, head: &str) -> Result<Zeroizing<String>> {
        let text = ring.to_text(head);
        match &self.wrapper {
            None => Ok(text),
            Some(wrapper) => wrap::close(&**wrapper, &text, self.describe()).map(Zeroizing::new),
        }
    }

    /// Puts a first ring where there is none. `false` if another process was faster.
    pub(crate) fn create(&self, ring: &Ring) -> Result<bool> {
        self.create_with(ring, HEAD)
    }

    fn create_with(&self, ring: &Ring, head: &str) -> Result<bool> {
        let text = self.encode(ring, head)?;
        match &self.place {
            RingPlace::File { path, .. } => ring_file::create(path, &text),
            RingPlace::Text(..) => Err(self.read_only()),
            #[cfg(feature = "keyring")]
            RingPlace::Keyring(entry) => entry.create(&text),
        }
    }

    /// Replaces the ring that is there, which nobody else changes meanwhile. A killed process leaves the one or the
    /// other.
    pub(crate) fn change(&self, vault: &Path, change: impl FnOnce(Ring) -> Result<Ring>) -> Result<()> {
        let _lock = self.lock()?;
        self.write(&change(self.load(vault)?)?, HEAD)
    }

    /// Takes out keys that the vault no longer needs, and returns where they are then. An earlier backup or a copy of
    /// the vault may still need them, so they are first put beside the ring, where nothing looks for a key.
    pub(crate) fn retire(&self, vault: &Path, ids: &[String]) -> Result<KeySource> {
        let _lock = self.lock()?;
        let beside = Self { place: self.beside()?, wrapper: self.wrapper.clone() };
        let (stay, go) = self.load(vault)?.split(ids);
        match beside.load(vault) {
            Ok(there) => beside.write(&there.with(go), RETIRED)?,
            Err(VaultError::MissingKey { .. }) => drop(beside.create_with(&go, RETIRED)?),
            Err(error) => return Err(error),
        }
        self.write(&stay, HEAD)?;
        Ok(beside.describe())
    }

    /// The place for keys that were taken out.
    fn beside(&self) -> Result<RingPlace> {
        match &self.place {
            RingPlace::File { path, .. } => Ok(RingPlace::File { path: beside(path, ".retired"), own: true }),
            RingPlace::Text(..) => Err(self.read_only()),
            #[cfg(feature = "keyring")]
            RingPlace::Keyring(entry) => entry.beside().map(RingPlace::Keyring),
        }
    }

    /// Wraps a ring that is there unwrapped; `false` if it is wrapped already.
    pub(crate) fn wrap(&self, vault: &Path) -> Result<bool> {
        let _lock = self.lock()?;
        let in_the_open = Self { place: self.place.clone(), wrapper: None };
        match in_the_open.load(vault) {
            Ok(ring) => self.write(&ring, HEAD).map(|()| true),
            Err(VaultError::KeyWrapping { .. }) => self.load(vault).map(|_| false),
            Err(error) => Err(error),
        }
    }

    fn lock(&self) -> Result<FileLock> {
        match &self.place {
            RingPlace::File { path, .. } => lock::beside(&ring_file::target(path)?, busy::PATIENCE),
            RingPlace::Text(..) => Err(self.read_only()),
            #[cfg(feature = "keyring")]
            RingPlace::Keyring(entry) => entry.lock(),
        }
    }

    fn write(&self, ring: &Ring, head: &str) -> Result<()> {
        let text = self.encode(ring, head)?;
        match &self.place {
            RingPlace::File { path, .. } => ring_file::replace(path, &text),
            RingPlace::Text(..) => Err(self.read_only()),
            #[cfg(feature = "keyring")]
            RingPlace::Keyring(entry) => entry.write(&text),
        }
    }

    fn read_only(&self) -> VaultError {
        VaultError::Environment {
            problem: format!("{} cannot be changed from here", self.describe()),
            fix:
                "put a new entry, as `keystroke vault new-key` prints one, before the others there, and run the \
                  command again"
                    .to_owned(),
        }
    }
}
