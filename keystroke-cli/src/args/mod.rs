//! The command line as types: what clap parses, and the texts of `--help`.

mod import;
mod list;
mod relocate;
mod update;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, Parser, Subcommand};
use clap_complete::Shell;
use keystroke_core::Consumer;

pub(crate) use self::import::Import;
pub(crate) use self::list::List;
pub(crate) use self::relocate::Move;
pub(crate) use self::update::Update;
pub(crate) use self::values::{OriginName, ScopeName};
use self::values::{ahead, since};

/// Keep, look up and explain the credentials of typed actions.
///
/// Secrets live in an encrypted vault on this machine. They go in with `credentials set` and come
/// out only into a running action: no command prints one.
#[derive(Debug, Parser)]
#[command(
    name = "keystroke",
    version,
    verbatim_doc_comment,
    arg_required_else_help = true,
    after_help = "Examples:
  keystroke credentials set exa --set api_key=@env:EXA_API_KEY
  keystroke credentials list
  keystroke explain exa

Organization, project and user come from the flags, else from the `keystroke.toml` in this
folder or the nearest one above, else they are `default`, `default` and nobody.
Exit codes: 0 done, 1 refused (the `fix:` line says what to do), 2 wrong usage."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) context: ContextArgs,

    /// Print JSON, for programs
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// For whom a command works.
#[derive(Args, Clone, Debug)]
pub(crate) struct ContextArgs {
    /// The organization to work for
    #[arg(long, global = true, value_name = "SLUG", help_heading = "Global options", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) organization: Option<String>,

    /// The project to work in
    #[arg(long, global = true, value_name = "SLUG", help_heading = "Global options", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) project: Option<String>,

    /// The user to act as
    #[arg(long, visible_alias = "user", global = true, value_name = "USER", help_heading = "Global options", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) as_user: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Store, list and change credentials
    #[command(
        subcommand,
        arg_required_else_help = true,
        disable_help_subcommand = true,
        after_help = "Examples:
  keystroke credentials set exa --set api_key=@env:EXA_API_KEY
  keystroke credentials list
  keystroke credentials rotate exa-7k2m4q9d3x5z --set api_key=@stdin"
    )]
    Credentials(Credentials),

    /// Make and check the vault
    #[command(
        subcommand,
        arg_required_else_help = true,
        disable_help_subcommand = true,
        after_help = "Examples:
  keystroke vault init
  keystroke vault verify"
    )]
    Vault(VaultCommand),

    /// Show which credential a run would get, and why
    #[command(
        after_help = "No secret is touched. The rules R1 to R5 are tried in order; the first that finds something decides.

Examples:
  keystroke explain exa
  keystroke explain slack --pin user --as-user ada
  keystroke explain exa --action search --tool researcher
  keystroke explain slack --origin gateway --json"
    )]
    Explain(Explain),

    /// Check whether the vault has all that an application asks for
    #[command(
        after_help = "The application prints its manifest (`keystroke::manifest!(tools)` in its code). No secret is touched.
The exit code is 1 if a requirement does not resolve. Without a file, the one that `manifest` in
keystroke.toml names is read.

Examples:
  keystroke check search.json --project research
  keystroke check slack.json --as-user ada --tool researcher
  keystroke check - --origin schedule --json"
    )]
    Check(Check),

    /// Show who used and changed credentials, and when
    #[command(after_help = "Examples:
  keystroke audit --since 2h
  keystroke audit --key exa --limit 20
  keystroke audit --since 2026-11-01T00:00:00Z --json")]
    Audit(Audit),

    /// Make and revoke the tokens with which MCP clients are let in over HTTP
    #[command(
        subcommand,
        arg_required_else_help = true,
        disable_help_subcommand = true,
        after_help = "Examples:
  keystroke tokens create --label laptop --expires-in 30d
  keystroke tokens list"
    )]
    Tokens(TokensCommand),

    /// Ask for an API key on the terminal, and store it
    #[command(after_help = "OAuth comes later: for now this takes API keys and other static fields.
Without a terminal, use `keystroke credentials set`.

Examples:
  keystroke connect exa
  keystroke connect twilio --field account_sid --field auth_token --scope project
  keystroke connect jira --manifest app.json")]
    Connect(Connect),

    /// Print the script with which a shell completes commands and flags
    #[command(after_help = "Examples:
  keystroke completions bash > ~/.local/share/bash-completion/completions/keystroke
  keystroke completions zsh > ~/.zfunc/_keystroke
  keystroke completions fish > ~/.config/fish/completions/keystroke.fish")]
    Completions {
        /// The shell that is to complete
        shell: Shell,
    },
}

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

/// `keystroke tokens …`
#[derive(Debug, Subcommand)]
pub(crate) enum TokensCommand {
    /// Make a token, and print it this once
    #[command(
        after_help = "What its clients call runs for the organization, the project and maybe the user of this command, and for
nothing else. The vault's folder keeps a hash of the token; nobody can print it a second time.

Examples:
  keystroke tokens create --label \"Claude on my laptop\"
  keystroke tokens create --tool search --tool read-page --manifest search.json
  keystroke tokens create --organization acme --project research --as-user ada --expires-in 30d"
    )]
    Create {
        /// What it is for
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        label: Option<String>,
        /// From when on it is refused, such as `30d` or `12h` [default: never]
        #[arg(long, value_name = "TIME", value_parser = ahead)]
        expires_in: Option<Duration>,
        /// A tool that its clients may use; give it once for each [default: all tools]
        #[arg(long = "tool", value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
        tools: Vec<String>,
        /// The application's manifest, which names the tools [default: `manifest` in keystroke.toml]
        #[arg(long, value_name = "FILE", requires = "tools")]
        manifest: Option<PathBuf>,
    },

    /// List the tokens, never what clients send
    #[command(after_help = "Examples:
  keystroke tokens list
  keystroke tokens list --organization acme --json")]
    List,

    /// Take a token away: it is refused from the next request on
    #[command(after_help = "Examples:
  keystroke tokens revoke 7k2m4q9d3x5z")]
    Revoke {
        /// Its id, as `tokens list` shows it
        id: String,
    },
}

/// `keystroke credentials …`
#[derive(Debug, Subcommand)]
pub(crate) enum Credentials {
    /// Store a credential
    #[command(after_help = "Where a value comes from:
  field=@stdin       standard input (one field); on a terminal it is asked for
  field=@env:VAR     an environment variable
  field=@file:PATH   a file
  field=value        the command line, which your shell's history keeps: for a field that is no secret
  field=@@value      the same, for a value that begins with `@`
One line end at the end of a value is dropped, unless `--keep-line-end` names its field. Without
`--set`, a terminal is asked for the fields that the application's manifest has, or for `api_key`
where no manifest is named.

Examples:
  keystroke credentials set exa --set api_key=@env:EXA_API_KEY
  keystroke credentials set exa --set api_key=@stdin --label \"Shared key\"
  keystroke credentials set exa --set api_key=@file:exa.key --scope project --project-slug research
  keystroke credentials set deploy --set key=@file:id_ed25519 --keep-line-end key
  keystroke credentials set slack --set token=@stdin --scope user --user ada
  keystroke credentials set exa --set api_key=@stdin --manifest search.json")]
    Set(Set),

    /// List credentials, never their values
    #[command(
        after_help = "All of the organization are shown, or with `--project` and `--as-user` what is theirs alone.

Examples:
  keystroke credentials list
  keystroke credentials list exa --json
  keystroke credentials list --project research --status active"
    )]
    List(List),

    /// Show all about one credential but its values
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
    Update(Update),

    /// Store a new secret under the same id
    #[command(
        after_help = "Fields that are not named keep their values. The forms of `--set` are those of `credentials set`.
Without `--set` and `--unset`, a terminal is asked for every field.

Examples:
  keystroke credentials rotate exa-7k2m4q9d3x5z --set api_key=@stdin
  keystroke credentials rotate exa-7k2m4q9d3x5z --unset apikey"
    )]
    Rotate {
        /// Its id
        id: String,
        /// A field and where its new value comes from
        #[arg(long = "set", value_name = "FIELD=SOURCE")]
        sets: Vec<OsString>,
        /// A field to take out, such as one that was set by a slip
        #[arg(long, value_name = "FIELD")]
        unset: Vec<String>,
        /// Let this field have fewer than 8 bytes; such values are not removed from results
        #[arg(long, value_name = "FIELD")]
        allow_short: Vec<String>,
        /// Keep the line end at the end of this field's value, as an SSH key needs it
        #[arg(long, value_name = "FIELD")]
        keep_line_end: Vec<String>,
        #[command(flatten)]
        manifest: ManifestArg,
    },

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

    /// Give a credential to another project, a user or the whole organization
    #[command(
        after_help = "What it would do is shown and asked first; `--yes` is for scripts. Id, label, secret and assignments
stay, the default mark does not go along. Where the new owner has one already, it is refused without
`--add`.

Examples:
  keystroke credentials move exa-7k2m4q9d3x5z --scope project --project-slug research
  keystroke credentials move exa-7k2m4q9d3x5z --scope organization --yes
  keystroke credentials move slack-9h3v5c7j2p8s --scope user --user ada"
    )]
    Move(Move),

    /// Store what a `.env` file holds
    #[command(
        after_help = "Nothing is guessed: a variable is taken where `--map` says which field it is, or where the
application's manifest has exactly one field of its name (EXA_API_KEY for `api_key` of `exa`). What
would be stored is shown and asked first; `--yes` is for scripts. All is stored or nothing, and the file
stays as it is.

Examples:
  keystroke credentials import .env
  keystroke credentials import .env --map EXA_API_KEY=exa.api_key --yes
  keystroke credentials import .env --manifest app.json --scope project --project-slug research"
    )]
    Import(Import),

    /// Give up all credentials of a key that were altered outside keystroke
    #[command(
        after_help = "The way out where a command says that they were altered and there is no backup to restore: all that
the organization has for the key goes, with its assignments, and is stored anew with `credentials set`.

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
        after_help = "It holds in the project of `--project` or `keystroke.toml`, whatever is marked as default there.

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

/// `keystroke credentials set`
#[derive(Args, Debug)]
pub(crate) struct Set {
    /// The credential key that actions declare, such as `exa`
    pub(crate) key: String,
    /// A field and where its value comes from
    // Raw text: clap repeats a value that it can't parse in its error.
    #[arg(long = "set", value_name = "FIELD=SOURCE")]
    pub(crate) sets: Vec<OsString>,
    /// Keep the line end at the end of this field's value, as an SSH key needs it
    #[arg(long, value_name = "FIELD")]
    pub(crate) keep_line_end: Vec<String>,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
    #[command(flatten)]
    pub(crate) new: New,
}

/// `keystroke connect`
#[derive(Args, Debug)]
pub(crate) struct Connect {
    /// The credential key that actions declare, such as `exa`
    pub(crate) key: String,
    /// A field to ask for [default: those that the manifest has, else `api_key`]
    #[arg(long = "field", value_name = "FIELD")]
    pub(crate) fields: Vec<String>,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
    #[command(flatten)]
    pub(crate) new: New,
}

/// The application that a credential is for.
#[derive(Args, Debug)]
pub(crate) struct ManifestArg {
    /// The application's manifest: fields, pins, actions [default: `manifest` in keystroke.toml]
    #[arg(long = "manifest", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// Where a new credential goes, and how it is marked.
#[derive(Args, Debug)]
pub(crate) struct New {
    /// Where it belongs; several times for one in each [default: as pinned, else organization]
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<ScopeName>,
    /// The project for `--scope project`; several times for one in each
    #[arg(long, value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) project_slug: Vec<String>,
    /// What people call it
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) label: Option<String>,
    /// Make it the default of its scope
    #[arg(long)]
    pub(crate) default: bool,
    /// Store it beside one that is there already
    #[arg(long)]
    pub(crate) add: bool,
    /// Let this field have fewer than 8 bytes; such values are not removed from results
    #[arg(long, value_name = "FIELD")]
    pub(crate) allow_short: Vec<String>,
}

/// `keystroke explain`
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The credential key
    pub(crate) key: String,
    /// The scope that the code pins it to
    #[arg(long, value_name = "SCOPE")]
    pub(crate) pin: Option<ScopeName>,
    /// What starts the run
    #[arg(long, default_value = "direct")]
    pub(crate) origin: OriginName,
    /// The action's slug, for assignments
    #[arg(long, value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) action: Option<String>,
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
}

/// `keystroke check`
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// The application's manifest; `-` is standard input
    pub(crate) manifest: Option<PathBuf>,
    /// What starts the run
    #[arg(long, default_value = "direct")]
    pub(crate) origin: OriginName,
    #[command(flatten)]
    pub(crate) container: ContainerArgs,
}

/// What calls the actions; directly where nothing is said.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct ContainerArgs {
    /// As steps of this workflow
    #[arg(long, value_name = "WORKFLOW", value_parser = NonEmptyStringValueParser::new())]
    step: Option<String>,
    /// As tools of this agent
    #[arg(long, value_name = "AGENT", value_parser = NonEmptyStringValueParser::new())]
    tool: Option<String>,
    /// As actions of this poll
    #[arg(long, value_name = "POLL", value_parser = NonEmptyStringValueParser::new())]
    poll: Option<String>,
}

impl ContainerArgs {
    /// The consumer.
    pub(crate) fn consumer(self) -> Consumer {
        consumer(self.step, self.tool, self.poll)
    }
}

fn consumer(step: Option<String>, tool: Option<String>, poll: Option<String>) -> Consumer {
    let step = step.map(Consumer::Workflow);
    let tool = tool.map(Consumer::Agent);
    let poll = poll.map(Consumer::Poll);
    step.or(tool).or(poll).unwrap_or_default()
}

/// What calls the action.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct ConsumerArgs {
    /// Called directly
    #[arg(long, requires = "action")]
    direct: bool,
    /// As a step of this workflow
    #[arg(long, value_name = "WORKFLOW", requires = "action", value_parser = NonEmptyStringValueParser::new())]
    step: Option<String>,
    /// As a tool of this agent
    #[arg(long, value_name = "AGENT", requires = "action", value_parser = NonEmptyStringValueParser::new())]
    tool: Option<String>,
    /// As the action of this poll
    #[arg(long, value_name = "POLL", requires = "action", value_parser = NonEmptyStringValueParser::new())]
    poll: Option<String>,
}

impl ConsumerArgs {
    /// The consumer; `direct` where nothing is said.
    pub(crate) fn consumer(self) -> Consumer {
        consumer(self.step, self.tool, self.poll)
    }
}

/// `keystroke audit`
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) command: Option<AuditCommand>,
    /// Only entries about this credential key
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Only entries since then: `2026-11-23T09:00:00Z`, or a while ago such as `2h`
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub(crate) since: Option<SystemTime>,
    /// At most so many entries: the newest
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

/// `keystroke audit …`
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Take old entries out
    #[command(
        after_help = "The record is checked first; one that was altered stays as it is. What is left begins at a sealed
checkpoint, so that nobody without the vault's key can shorten it unseen.

Examples:
  keystroke audit prune --before 90d
  keystroke audit prune --before 2026-01-01"
    )]
    Prune {
        /// Entries from before then: `2026-01-01`, or a while ago such as `90d`
        #[arg(long, value_name = "TIME", value_parser = since)]
        before: SystemTime,
    },
}

#[cfg(test)]
mod tests;
