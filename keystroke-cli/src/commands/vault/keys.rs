//! `keystroke vault new-key` and `rotate-key`, and how a key is shown: by its id and its place.

use std::io::{self, IsTerminal as _};

use keystroke_vault::KeySource;
use serde::Serialize;

use crate::commands::open::{key_place, open};
use crate::error::CliError;
use crate::output::text::{self, count};
use crate::output::{Output, Report};

/// A key, by its name and place.
#[derive(Serialize)]
pub(super) struct KeyJson {
    id: String,
    #[serde(flatten)]
    place: KeyPlaceJson,
}

/// Where a key is.
#[derive(Serialize)]
pub(super) struct KeyPlaceJson {
    source: &'static str,
    file: Option<String>,
}

impl From<&KeySource> for KeyPlaceJson {
    fn from(source: &KeySource) -> Self {
        let (source, file) = match source {
            KeySource::File(file) => ("file", Some(file.display().to_string())),
            KeySource::Environment(_) => ("environment", None),
            KeySource::Given => ("given", None),
            KeySource::Keyring(_) => ("keyring", None),
        };
        Self { source, file }
    }
}

impl KeyJson {
    pub(super) fn new(id: &str, source: &KeySource) -> Self {
        Self { id: id.to_owned(), place: source.into() }
    }
}

/// A key that is not stored, for a server, which has no file to keep one in.
pub(super) fn new_key(show: bool, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        key: &'a str,
        id: &'a str,
    }
    if !show && io::stdout().is_terminal() {
        return Err(CliError::refused(
            "terminal",
            "the key would stay on this terminal's screen",
            "write it to a file: `(umask 077 && keystroke vault new-key > vault.keys)`; or pass `--show`",
        ));
    }
    let key = keystroke_vault::new_key()?;
    let key = key.expose_secret();
    let id = key.split(':').next().unwrap_or_default();
    // Standard output is the key alone, for `KEYSTROKE_VAULT_KEY="$(keystroke vault new-key)"`.
    if !output.is_json() {
        for line in [
            format!("created the key `{id}`; it is not stored, and what it seals cannot be read without it"),
            "give it to a new vault as KEYSTROKE_VAULT_KEY, or in a file of mode 0600 that KEYSTROKE_VAULT_KEY_FILE names".to_owned(),
        ] {
            output.notice("key_created", &line);
        }
    }
    output.of(format!("{key}\n"), Json { key, id })
}

pub(super) fn rotate_key(output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        key: KeyJson,
        resumed: bool,
        resealed: usize,
        retired: Vec<String>,
        left: Vec<String>,
        kept: Option<KeyPlaceJson>,
    }
    let done = open()?.rotate_key()?;
    let mut lines = vec![format!(
        "{}sealed {} with the new key `{}` in {}",
        if done.resumed { "finished a rotation that had begun: " } else { "" },
        count(done.resealed as u64, "secret"),
        done.key_id,
        key_place(&done.key_source)
    )];
    let named = |ids: &[String]| ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    if !done.retired.is_empty() {
        lines.push(format!("nothing in the vault needs {} any more", named(&done.retired)));
    }
    if !done.left.is_empty() {
        let each = format!("remove {} from {}", named(&done.left), key_place(&done.key_source));
        lines.push(format!("{each}, once no other vault and no application needs it"));
    }
    if let Some(kept) = &done.kept {
        lines.push(format!(
            "the old key is now in {}: earlier backups open only with it; delete it there when you need none of them",
            key_place(kept)
        ));
    }
    lines.push("back up the new key, apart from the vault".to_owned());
    let json = Json {
        key: KeyJson::new(&done.key_id, &done.key_source),
        resumed: done.resumed,
        resealed: done.resealed,
        retired: done.retired,
        left: done.left,
        kept: done.kept.as_ref().map(KeyPlaceJson::from),
    };
    output.of(lines.iter().map(|line| text::line(line).into_owned() + "\n").collect::<String>(), json)
}
