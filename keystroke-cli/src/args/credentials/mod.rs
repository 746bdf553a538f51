//! `keystroke credentials …`: its commands and their `--help`. Arguments of more than a line or two are beside.

mod change;
mod list;
mod store;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Subcommand};

pub(crate) use self::change::{MoveArgs, RotateArgs, UpdateArgs};
pub(crate) use self::list::ListArgs;
pub(crate) use self::store::{ConnectArgs, ImportArgs, NewArgs, SetArgs};
use crate::args::shared::{ConsumerArgs, ManifestArg};

/// `keystroke credentials …`
#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsCommand {
    /// Store a credential
    #[command(after_help = "Where a value comes from:
  field=@stdin       standard input (one field); on a terminal you are asked for it
  field=@env:VAR     an environment variable
  field=@file:PATH   a file
  field=value        the command line, which your shell's history keeps: for a field that is not secret
  field=@@value      the same, for a value that starts with `@`
One line end at the end of a value is dropped, unless `--keep-line-end` names its field. Without
`--set`, you are asked on the terminal for the fields that the application's manifest has, or for
`api_key` if no manifest is named.

Examples:
  keystroke credentials set exa --set api_key=@env:EXA_API_KEY
  keystroke credentials set exa --set api_key=@stdin --label \"Shared key\"
  keystroke credentials set exa --set api_key=@file:exa.key --scope project --project-slug research
  keystroke credentials set deploy --set key=@file:id_ed25519 --keep-line-end key
  keystroke credentials set slack --set token=@stdin --scope user --user ada
  keystroke credentials set exa --set api_key=@stdin --manifest search.json")]
    Set(SetArgs),

    /// List credentials without their values
    #[command(
        after_help = "Shows all credentials of the organization, or with `--project` and `--as-user` only theirs.

Examples:
  keystroke credentials list
  keystroke credentials list exa --json
  keystroke credentials list --project research --status active"
    )]
    List(ListArgs),

    /// Show everything about one credential except its values
    #[command(after_help = "Examples:
  keystroke credentials show exa-7k2m4q9d3x5z")]
    Show {
        /// Its id, as `credentials list` shows it
        id: String,
    },

    /// Change the label or the default mark
    #[command(after_help = "Examples:
  keystroke credentials update slack-7k2m4q9d3x5z --label \"Production Slack\" --default
  keystroke credentials update slack-7k2m4q9d3x5z --no-label --no-default")]
    Update(UpdateArgs),

    /// Store a new secret under the same id
    #[command(
        after_help = "Fields that are not named keep their values. `--set` takes the forms that `credentials set` lists.
Without `--set` and `--unset`, you are asked on the terminal for every field.

Examples:
  keystroke credentials rotate exa-7k2m4q9d3x5z --set api_key=@stdin
  keystroke credentials rotate exa-7k2m4q9d3x5z --unset apikey"
    )]
    Rotate(RotateArgs),

    /// Make a credential unusable, and keep it on record
    #[command(after_help = "Nothing takes its place: a run that would have used it fails and says so.

Examples:
  keystroke credentials revoke exa-7k2m4q9d3x5z")]
    Revoke {
        /// Its id
        id: String,
    },

    /// Remove a credential and its assignments
    #[command(after_help = "Examples:
  keystroke credentials delete exa-7k2m4q9d3x5z
  keystroke credentials delete exa-7k2m4q9d3x5z --yes")]
    Delete {
        /// Its id
        id: String,
        /// Do not ask, even if it is assigned
        #[arg(long)]
        yes: bool,
    },

    /// Move a credential to another project, a user or the whole organization
    #[command(
        after_help = "It shows what it would do and asks first; `--yes` is for scripts. Id, label, secret and assignments
stay; the default mark does not. If the new owner has one already, the move is refused without `--add`.

Examples:
  keystroke credentials move exa-7k2m4q9d3x5z --scope project --project-slug research
  keystroke credentials move exa-7k2m4q9d3x5z --scope organization --yes
  keystroke credentials move slack-9h3v5c7j2p8s --scope user --user ada"
    )]
    Move(MoveArgs),

    /// Store credentials from a `.env` file
    #[command(
        after_help = "Nothing is guessed: a variable is imported if `--map` says which field it is, or if the application's
manifest has exactly one field of its name (EXA_API_KEY for `api_key` of `exa`). It shows what it would
store and asks first; `--yes` is for scripts. All or nothing is stored, and the file stays as it is.

Examples:
  keystroke credentials import .env
  keystroke credentials import .env --map EXA_API_KEY=exa.api_key --yes
  keystroke credentials import .env --manifest app.json --scope project --project-slug research"
    )]
    Import(ImportArgs),

    /// Discard all credentials of a key that were altered outside keystroke
    #[command(
        after_help = "Use it when a command says that they were altered and there is no backup to restore. All that the
organization has for the key is removed, with its assignments; store it again with `credentials set`.

Examples:
  keystroke credentials discard exa
  keystroke credentials discard exa --organization acme --yes"
    )]
    Discard {
        /// The credential key
        key: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },

    /// Make one step, tool or poll use this credential
    #[command(
        group = ArgGroup::new("from").required(true).args(["direct", "step", "tool", "poll"]),
        after_help = "It applies in the project of `--project` or `keystroke.toml`, whatever is marked as default there.

Examples:
  keystroke credentials assign exa-7k2m4q9d3x5z --action search --tool researcher
  keystroke credentials assign exa-7k2m4q9d3x5z --action search --direct"
    )]
    Assign {
        /// Its id
        id: String,
        #[command(flatten)]
        consumer: ConsumerArgs,
        /// The action's slug
        #[arg(long, value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
        action: String,
        #[command(flatten)]
        manifest: ManifestArg,
    },

    /// Undo an assignment
    #[command(
        group = ArgGroup::new("from").required(true).args(["direct", "step", "tool", "poll"]),
        after_help = "Examples:
  keystroke credentials unassign exa --action search --tool researcher"
    )]
    Unassign {
        /// The credential key
        key: String,
        #[command(flatten)]
        consumer: ConsumerArgs,
        /// The action's slug
        #[arg(long, value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
        action: String,
    },

    /// List all assignments of the organization
    #[command(after_help = "Examples:
  keystroke credentials assignments")]
    Assignments,
}
