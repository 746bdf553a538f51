//! `keystroke vault …`: its commands and their `--help`.

use std::path::PathBuf;

use clap::Subcommand;

/// `keystroke vault …`
#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Create a vault and its key
    #[command(
        after_help = "The first `keystroke credentials set` does this too. KEYSTROKE_HOME names another folder for both;
KEYSTROKE_VAULT_KEY and KEYSTROKE_VAULT_KEY_FILE give an existing key.

Examples:
  keystroke vault init"
    )]
    Init,

    /// Print a new key, for a server or CI
    #[command(
        after_help = "It is not stored: keep it with the secrets of your deployment, and give it to the vault as
KEYSTROKE_VAULT_KEY or in a file of mode 0600 that KEYSTROKE_VAULT_KEY_FILE names.

Examples:
  keystroke vault new-key > vault.keys
  keystroke vault new-key --show"
    )]
    NewKey {
        /// Print it even on a terminal
        #[arg(long)]
        show: bool,
    },

    /// Check every record, seal and audit entry
    #[command(after_help = "Examples:
  keystroke vault verify
  keystroke vault verify --json")]
    Verify,

    /// Seal everything with a new key while applications keep running
    #[command(
        after_help = "Running applications that read the key from its file need no restart. If the command is interrupted, the
vault works with both keys, and the same command finishes the rotation. Earlier backups open only with
the old key. A key in KEYSTROKE_VAULT_KEY is changed there: put a new one first, and then run this.

Examples:
  keystroke vault rotate-key
  keystroke vault rotate-key --json"
    )]
    RotateKey,

    /// Copy the vault and its audit record while applications keep running
    #[command(
        after_help = "The copy is checked as `vault verify` does. The key is not in it: without a copy of the key, kept
elsewhere, a backup cannot be read.

Examples:
  keystroke vault backup backups/2026-11-27"
    )]
    Backup {
        /// A folder that does not exist yet
        folder: PathBuf,
    },

    /// Restore the vault from a backup
    #[command(
        after_help = "The backup is checked first, and what it replaces is kept in a folder beside the vault. Running
applications see the restored vault at their next call. The present audit record continues, and says
what was restored.

Examples:
  keystroke vault restore backups/2026-11-27
  keystroke vault restore backups/2026-11-27 --yes"
    )]
    Restore {
        /// The folder that `vault backup` made
        folder: PathBuf,
        /// Do not ask, even if it replaces a vault
        #[arg(long)]
        yes: bool,
    },

    /// Print everything in the vault except its secrets, as JSON
    #[command(
        after_help = "Secrets are never exported. The export covers all organizations, or the one that `--organization`
names. The same vault gives the same bytes, so exports can be compared.

Examples:
  keystroke vault export --metadata > vault.json
  keystroke vault export --metadata --organization acme"
    )]
    Export {
        /// Export what is not secret: instances, assignments, the ids of keys
        #[arg(long)]
        metadata: bool,
    },
}
