//! `keystroke vault backup` and `restore`: copying the vault, and restoring it from a copy.

use std::path::Path;

use keystroke_vault::Vault;
use serde::Serialize;

use super::keys::KeyPlaceJson;
use super::verified::{VerifiedJson, counted};
use crate::commands::confirm::Plan;
use crate::commands::open::{key_place, open, options};
use crate::error::CliError;
use crate::output::{Output, Report, text};

pub(super) fn backup(folder: &Path, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        vault: String,
        audit: String,
        key: KeyPlaceJson,
        #[serde(flatten)]
        verified: VerifiedJson,
    }
    let made = open()?.backup(folder)?;
    let people = [
        format!("copied the vault to {}: {}", folder.display(), counted(&made.verified)),
        format!("the key is not in the copy: it is in {}", key_place(&made.key_source)),
        "keep a copy of the key too, apart from this one: neither is of use without the other".to_owned(),
    ];
    let json = Json {
        vault: made.vault_file.display().to_string(),
        audit: made.audit_file.display().to_string(),
        key: (&made.key_source).into(),
        verified: (&made.verified).into(),
    };
    output.of(people.map(|line| text::line(&line).into_owned() + "\n").concat(), json)
}

pub(super) fn restore(folder: &Path, yes: bool, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        vault: String,
        replaced: Option<String>,
        kept_audit: bool,
        #[serde(flatten)]
        verified: VerifiedJson,
    }
    let options = options()?;
    let file = options.vault_file();
    if !yes && file.exists() {
        let lines = [
            format!("there is a vault at {}", file.display()),
            "all of its credentials and assignments are replaced by those of the backup".to_owned(),
        ];
        let plan = Plan {
            code: "unconfirmed",
            refusal: "not confirmed: ",
            lines: &lines,
            question: "Replace them?",
            fix: "run the same command with `--yes`",
        };
        plan.confirm(output)?;
    }
    let (_, done) = Vault::restore(options, folder)?;
    let mut lines = vec![format!("restored the vault {}: {}", file.display(), counted(&done.verified))];
    lines
        .extend(done.replaced.as_ref().map(|kept| format!("what was there before is in {}", kept.display())));
    lines.push(
        if done.kept_audit {
            "the audit record continues, and notes what was restored"
        } else {
            "the audit record is the one in the backup"
        }
        .to_owned(),
    );
    let json = Json {
        vault: file.display().to_string(),
        replaced: done.replaced.map(|folder| folder.display().to_string()),
        kept_audit: done.kept_audit,
        verified: (&done.verified).into(),
    };
    output.of(lines.iter().map(|line| text::line(line).into_owned() + "\n").collect::<String>(), json)
}
