//! `keystroke vault …`: its commands and their `--help`.

use std::path::PathBuf;

use clap::Subcommand;

/// `keystroke vault …`
#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Make a vault and its key
    #[command(
        after_help = "The first `keystroke credentials set` does this too. KEYSTROKE_HOME names another folder for both;
KEYSTROKE_VAULT_KEY and KEYSTROKE_VAULT_KEY_FILE give a key that is there already.

Examples:
  keystroke vault init"
    )]
    Init,

    /// Print a new key, for a server or CI
    #[command(
        after_help = "It is kept nowhere: put it where secrets of your deployment are, and give it to the vault as
KEYSTROKE_VAULT_KEY, or in a file of mode 0600 that KEYSTROKE_VAULT_KEY_FILE names.

Examples:
  keystroke vault new-key > vault.keys
  keystroke vault new-key --show"
    )]
    NewKey {
        /// Print it on a terminal too
        #[arg(long)]
        show: bool,
    },

    /// Check every record, seal and audit entry
    #[command(after_help = "Examples:
  keystroke vault verify
  keystroke vault verify --json")]
    Verify,

    /// Seal everything with a new key, while applications go on
    #[command(
        after_help = "Running applications that read the key from its file go on without a restart. Stopped half-way, the
vault goes on with both keys, and the same command ends it. Backups from before open with the old key
alone. A key from KEYSTROKE_VAULT_KEY is changed there: put a new one first, and then run this.

Examples:
  keystroke vault rotate-key
  keystroke vault rotate-key --json"
    )]
    RotateKey,

    /// Copy the vault and its audit record, while applications go on
    #[command(
        after_help = "The copy is checked as by `vault verify`. The key is not in it: without a copy of the key, kept
elsewhere, nothing in a backup can be read.

Examples:
  keystroke vault backup backups/2026-11-27"
    )]
    Backup {
        /// A folder that is not there yet
        folder: PathBuf,
    },

    /// Put the vault back from a backup
    #[command(
        after_help = "The backup is checked first, and what was there is kept beside. Running applications go on and see it
at their next call. The audit record that is there goes on, and says what was put back.

Examples:
  keystroke vault restore backups/2026-11-27
  keystroke vault restore backups/2026-11-27 --yes"
    )]
    Restore {
        /// The folder that `vault backup` made
        folder: PathBuf,
        /// Do not ask, even if there is a vault
        #[arg(long)]
        yes: bool,
    },

    /// Print all that the vault holds but its secrets, as JSON
    #[command(
        after_help = "Secrets are never exported. All organizations are in it, or the one that `--organization` names.
The same vault gives the same bytes, so that exports can be compared.

Examples:
  keystroke vault export --metadata > vault.json
  keystroke vault export --metadata --organization acme"
    )]
    Export {
        /// Only what is no secret: instances, assignments, the ids of keys
        #[arg(long)]
        metadata: bool,
    },
}
