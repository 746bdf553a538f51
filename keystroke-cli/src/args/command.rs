//! The top of the command line: the program, the flags that all commands take, and the groups of commands.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use keystroke_core::fix;

use super::audit::AuditArgs;
use super::credentials::{ConnectArgs, CredentialsCommand};
#[cfg(feature = "oauth")]
use super::providers::ProvidersCommand;
use super::runs::{CheckArgs, ExplainArgs};
use super::tokens::TokensCommand;
use super::vault::VaultCommand;

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

Organization, project and user come from the flags, else from the nearest `keystroke.toml` in this
folder or above, else they are `default`, `default` and nobody.
Exit codes: 0 done, 1 refused (the `fix:` line says what to do), 2 wrong usage."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) context: ContextArgs,

    /// Print JSON for programs
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

impl ContextArgs {
    /// ` --organization acme` for a command of a fix, if this one names it: without the flag, what is pasted would work for
    /// another organization.
    pub(crate) fn organization_flag(&self) -> String {
        let flag = |name: &String| format!(" --organization {}", fix::word(name));
        self.organization.as_ref().map(flag).unwrap_or_default()
    }
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
    Credentials(CredentialsCommand),

    /// Create, check, back up and restore the vault
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
        after_help = "No secret is touched. Rules R1 to R5 are tried in order; the first that finds something decides.

Examples:
  keystroke explain exa
  keystroke explain slack --pin user --as-user ada
  keystroke explain exa --action search --tool researcher
  keystroke explain slack --origin gateway --json"
    )]
    Explain(ExplainArgs),

    /// Check whether the vault has everything that an application needs
    #[command(
        after_help = "The application prints its manifest (`keystroke::manifest!(tools)` in its code). No secret is touched.
The exit code is 1 if a requirement does not resolve. Without a file, the command reads the one that
`manifest` in keystroke.toml names.

Examples:
  keystroke check search.json --project research
  keystroke check slack.json --as-user ada --tool researcher
  keystroke check - --origin schedule --json"
    )]
    Check(CheckArgs),

    /// Show who used and changed credentials, and when
    #[command(after_help = "Examples:
  keystroke audit --since 2h
  keystroke audit --key exa --limit 20
  keystroke audit --since 2026-11-01T00:00:00Z --json")]
    Audit(AuditArgs),

    /// Create and revoke the tokens that let MCP clients in over HTTP
    #[command(
        subcommand,
        arg_required_else_help = true,
        disable_help_subcommand = true,
        after_help = "Examples:
  keystroke tokens create --label laptop --expires-in 30d
  keystroke tokens list"
    )]
    Tokens(TokensCommand),

    /// List, show and add the OAuth providers that accounts are connected at
    #[cfg(feature = "oauth")]
    #[command(
        subcommand,
        arg_required_else_help = true,
        disable_help_subcommand = true,
        after_help = "Examples:
  keystroke providers list
  keystroke providers show slack
  keystroke providers add acme.toml"
    )]
    Providers(ProvidersCommand),

    /// Ask for an API key on the terminal, and store it
    #[command(after_help = "OAuth comes later: for now this takes API keys and other static fields.
Without a terminal, use `keystroke credentials set`.

Examples:
  keystroke connect exa
  keystroke connect twilio --field account_sid --field auth_token --scope project
  keystroke connect jira --manifest app.json")]
    Connect(ConnectArgs),

    /// Print the script that completes commands and flags in a shell
    #[command(after_help = "Examples:
  keystroke completions bash > ~/.local/share/bash-completion/completions/keystroke
  keystroke completions zsh > ~/.zfunc/_keystroke
  keystroke completions fish > ~/.config/fish/completions/keystroke.fish")]
    Completions {
        /// The shell that the script is for
        shell: Shell,
    },
}
