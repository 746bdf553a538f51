//! Vaults to measure on: a small one that is thrown away, and large ones that are made once and kept under
//! `benches/target/vaults`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keystroke::Instance;
use keystroke::store::{Fields, InstanceId};
use keystroke::vault::{Add, Vault, VaultOptions};
use tempfile::TempDir;

use crate::Failed;
use crate::subject::SECRET;

/// A vault with the credential that is used, and one that another process may change.
pub struct Scratch {
    pub vault: Vault,
    pub folder: TempDir,
    other: InstanceId,
}

impl Scratch {
    pub fn new() -> Result<Self, Failed> {
        // Beside the large ones: on a disk, not in a temporary file system that has none.
        std::fs::create_dir_all(folder_of_vaults())?;
        let folder = TempDir::new_in(folder_of_vaults())?;
        let (vault, _) = Vault::init(options(folder.path()))?;
        let exa = Instance::new("exa").in_organization("acme").field("api_key", SECRET);
        let other = Instance::new("other").in_organization("acme").field("api_key", SECRET);
        vault.add([exa], Add::OnlyFirst)?;
        let stored = vault.add([other], Add::OnlyFirst)?;
        let other = stored.first().ok_or("nothing was stored")?.candidate.id.clone();
        Ok(Self { vault, folder, other })
    }

    /// Another process that changes the other credential again and again, with this pause between.
    pub fn with_writer(&self, pause: Duration) -> Result<Writer, Failed> {
        let child = Command::new(std::env::current_exe()?)
            .arg("another-writer")
            .arg(self.folder.path())
            .args([self.other.as_str(), &pause.as_millis().to_string()])
            .stdin(Stdio::piped())
            .spawn()?;
        let writer = Writer(child);
        // It writes when the version moves.
        let version = || Ok::<_, Failed>(self.vault.get(&self.other)?.candidate.version);
        let (first, begun) = (version()?, Instant::now());
        while version()? == first {
            if begun.elapsed() > Duration::from_secs(10) {
                return Err("the other process does not write".into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(writer)
    }

    /// The version of what the other process changes.
    pub fn version(&self) -> Result<u64, Failed> {
        Ok(self.vault.get(&self.other)?.candidate.version)
    }
}

/// Ends the other process when it is dropped.
pub struct Writer(Child);

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the other process does, until it is ended.
pub fn write_on(folder: &str, id: &str, pause: &str) -> Result<(), Failed> {
    let vault = Vault::open_with(options(Path::new(folder)))?;
    let (id, pause) = (InstanceId::from(id), Duration::from_millis(pause.parse()?));
    loop {
        let mut fields = Fields::default();
        fields.set("api_key", SECRET);
        vault.rotate(&id, fields)?;
        std::thread::sleep(pause);
    }
}

/// Nothing of the environment: neither another key nor strict audits.
pub fn options(folder: &Path) -> VaultOptions {
    VaultOptions::at(folder)
}

fn folder_of_vaults() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/vaults")
}

/// A vault with so many instances of the key `exa`, so many in each organization.
pub struct Large {
    pub folder: PathBuf,
    pub instances: usize,
    pub per_key: usize,
}

impl Large {
    pub fn organizations(&self) -> usize {
        self.instances / self.per_key
    }

    /// Has the system read its files into memory, as far as there is room: what is measured is no disk.
    pub fn read_through(&self) -> Result<(), Failed> {
        for file in ["vault.db", "audit.db"] {
            std::io::copy(&mut std::fs::File::open(self.folder.join(file))?, &mut std::io::sink())?;
        }
        Ok(())
    }

    /// The name of an organization of it. Each has its instances in projects `p0`, `p1`, ….
    pub fn organization(number: usize) -> String {
        format!("organization-{number}")
    }

    /// Makes it, if it is not there yet.
    pub fn of(instances: usize, per_key: usize) -> Result<Self, Failed> {
        let folder = folder_of_vaults().join(format!("{instances}-{per_key}"));
        let large = Self { folder, instances, per_key };
        if !large.folder.join("whole").exists() {
            large.make()?;
        }
        Ok(large)
    }

    fn make(&self) -> Result<(), Failed> {
        // What was not made to its end is made anew.
        let _ = std::fs::remove_dir_all(&self.folder);
        std::fs::create_dir_all(&self.folder)?;
        let (vault, _) = Vault::init(options(&self.folder))?;
        let begun = Instant::now();
        // A change keeps each group that it touches in memory, and its audit rows: in parts.
        let together = (500 / self.per_key).max(1);
        for first in (0..self.organizations()).step_by(together) {
            let last = (first + together).min(self.organizations());
            let instances = (first..last).flat_map(|organization| {
                (0..self.per_key).map(move |project| {
                    Instance::new("exa")
                        .in_project(Self::organization(organization), format!("p{project}"))
                        .field("api_key", SECRET)
                })
            });
            vault.add(instances, Add::OnlyFirst)?;
        }
        eprintln!(
            "made a vault of {} instances, {} per key, in {:.0} s",
            self.instances,
            self.per_key,
            begun.elapsed().as_secs_f64()
        );
        vault.flush()?;
        drop(vault);
        std::fs::write(self.folder.join("whole"), "")?;
        Ok(())
    }
}
