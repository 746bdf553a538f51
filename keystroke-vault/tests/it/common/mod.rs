//! A vault in a folder of its own, and an action that shows which secret it was lent.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of this")]

pub mod process;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use keystroke_core::scope::{NoUser, Unpinned};
use keystroke_core::{
    Action, Actor, Codec, Credential, Failure, FieldReader, FieldSpec, Fields, Instance, InstanceId,
    Invocation, Requirement, Run, Runtime, SecretString,
};
use keystroke_vault::{Add, NewInstance, Record, Vault, VaultOptions};
use tempfile::TempDir;

/// The credential `exa`.
pub struct Exa {
    api_key: SecretString,
}

impl Credential for Exa {
    const KEY: &'static str = "exa";
    type Pin = Unpinned;
    const FIELDS: &'static [FieldSpec] = &[FieldSpec::secret("api_key")];

    fn read(from: &mut FieldReader<'_>) -> Option<Self> {
        Some(Self { api_key: from.required("api_key")? })
    }

    fn secrets(&self, each: &mut dyn FnMut(&'static str, &str)) {
        each("api_key", self.api_key.expose_secret());
    }
}

/// An action that returns the secret it was lent.
pub struct Reveal;

impl Action for Reveal {
    type Input = ();
    type Output = String;
    type Error = Failure;
    type Pin = Unpinned;
    type CredentialPins = Unpinned;
    type Need = NoUser;
    const SLUG: &'static str = "reveal";
    const DESCRIPTION: &'static str = "Returns the secret it was lent.";
    const REQUIREMENTS: &'static [Requirement] = &[Requirement::of::<Exa>()];
    const CODEC: Codec<(), String, Failure> = Codec::new();

    async fn execute(&self, _input: (), lent: &Invocation) -> Result<String, Failure> {
        let exa: &Exa = lent.credential().ok_or_else(|| Failure::new("no credential"))?;
        Ok(exa.api_key.expose_secret().to_owned())
    }
}

/// The same, were its credential optional: without one, it returns nothing.
pub struct RevealIfAny;

impl Action for RevealIfAny {
    type Input = ();
    type Output = String;
    type Error = Failure;
    type Pin = Unpinned;
    type CredentialPins = Unpinned;
    type Need = NoUser;
    const SLUG: &'static str = "reveal";
    const DESCRIPTION: &'static str = "Returns the secret it was lent, if it was.";
    const REQUIREMENTS: &'static [Requirement] = &[Requirement::of::<Exa>().optional()];
    const CODEC: Codec<(), String, Failure> = Codec::new();

    async fn execute(&self, _input: (), lent: &Invocation) -> Result<String, Failure> {
        let exa: Option<&Exa> = lent.credential();
        Ok(exa.map(|exa| exa.api_key.expose_secret().to_owned()).unwrap_or_default())
    }
}

/// A vault in a folder of its own.
pub struct Home {
    pub folder: TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With an empty vault in it.
    pub fn with_vault() -> (Self, Vault) {
        let home = Self::new();
        let (vault, _) = Vault::init(home.options()).unwrap();
        (home, vault)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn options(&self) -> VaultOptions {
        VaultOptions::at(self.path())
    }

    pub fn open(&self) -> Vault {
        Vault::open_with(self.options()).unwrap()
    }

    /// What somebody with SQLite and without the key does.
    pub fn sql(&self, file: &str, statements: &str) {
        let connection = rusqlite::Connection::open(self.path().join(file)).unwrap();
        connection.execute_batch(statements).unwrap();
    }

    /// Every file of the folder with its content.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files(self.path())
    }
}

pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
            found.insert(path, Vec::new());
        } else {
            let content = std::fs::read(&path).unwrap();
            found.insert(path, content);
        }
    }
    found
}

pub fn exa() -> Instance {
    Instance::new("exa")
}

/// Stores one instance whose secret is `<name>-secret`, under the id `name`.
pub fn store(vault: &Vault, name: &str, instance: Instance) -> Record {
    let instance = instance.id(name).field("api_key", format!("{name}-secret"));
    vault.add(vec![NewInstance::new(instance)], Add::Another).unwrap().remove(0)
}

pub fn id(text: &str) -> InstanceId {
    InstanceId::from(text)
}

/// The one field of `exa`.
pub fn fields(value: &str) -> Fields {
    let mut fields = Fields::new();
    fields.set("api_key", value);
    fields
}

/// All rows of the vault but its counters and keys: what somebody without the key can put back later.
pub struct Snapshot(Vec<(&'static str, Vec<Vec<rusqlite::types::Value>>)>);

pub fn snapshot(home: &Home) -> Snapshot {
    let connection = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
    let table = |table: &'static str| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).unwrap();
        (table, rows.map(Result::unwrap).collect())
    };
    Snapshot(["instances", "assignments", "seals"].into_iter().map(table).collect())
}

impl Snapshot {
    pub fn put_back(&self, home: &Home) {
        let mut connection = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
        let transaction = connection.transaction().unwrap();
        for (table, rows) in &self.0 {
            transaction.execute(&format!("DELETE FROM {table}"), []).unwrap();
            for row in rows {
                let marks = vec!["?"; row.len()].join(", ");
                transaction
                    .execute(
                        &format!("INSERT INTO {table} VALUES ({marks})"),
                        rusqlite::params_from_iter(row),
                    )
                    .unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

/// The generation with its seal, as SQL that puts both back.
pub fn generation(home: &Home) -> String {
    let connection = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
    let read = "SELECT generation, key_id, hex(mac) FROM meta, counter";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (generation, key, mac): (i64, String, String) = connection.query_row(read, [], row).unwrap();
    format!("UPDATE meta SET generation = {generation}; UPDATE counter SET key_id = '{key}', mac = x'{mac}'")
}

/// What a run is lent, or the text of its refusal.
pub async fn used<A: Actor>(run: &Run<A>) -> Result<String, String>
where
    Run<A>: keystroke_core::RunFor<NoUser>,
{
    Reveal.run(run, ()).await.map_err(|error| {
        let mut text = error.to_string();
        for refused in error.resolve_errors() {
            write!(text, "\n{}: {refused}", refused.code()).unwrap();
        }
        text
    })
}

/// What a direct call in a project of `acme` is lent by a runtime of its own.
pub async fn lent(vault: &Vault, project: &str) -> Result<String, String> {
    used(&Runtime::new(vault.clone()).organization("acme").project(project)).await
}
