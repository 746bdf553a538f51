//! `keystroke tokens …`: its commands and their `--help`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::values::ahead;

/// `keystroke tokens …`
#[derive(Debug, Subcommand)]
pub(crate) enum TokensCommand {
    /// Create a token and print it, this once
    #[command(
        after_help = "What its clients call runs for the organization, the project and the user, if any, of this command, and
for nobody else. The vault's folder keeps only a hash of the token: nobody can print it a second time.

Examples:
  keystroke tokens create --label \"Claude on my laptop\"
  keystroke tokens create --tool search --tool read-page --manifest search.json
  keystroke tokens create --organization acme --project research --as-user ada --expires-in 30d"
    )]
    Create(CreateTokenArgs),

    /// List tokens, never what clients send
    #[command(after_help = "Examples:
  keystroke tokens list
  keystroke tokens list --organization acme --json")]
    List,

    /// Revoke a token: it is refused from the next request on
    #[command(after_help = "Examples:
  keystroke tokens revoke 7k2m4q9d3x5z")]
    Revoke {
        /// Its id, as `tokens list` shows it
        id: String,
    },
}

/// `keystroke tokens create`
#[derive(Args, Debug)]
pub(crate) struct CreateTokenArgs {
    /// What it is for
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) label: Option<String>,
    /// How long it is accepted, such as `30d` or `12h` [default: until it is revoked]
    #[arg(long, value_name = "TIME", value_parser = ahead)]
    pub(crate) expires_in: Option<Duration>,
    /// A tool that its clients may use; repeat it for more [default: all tools]
    #[arg(long = "tool", value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) tools: Vec<String>,
    /// The application's manifest, which names the tools [default: `manifest` in keystroke.toml]
    #[arg(long, value_name = "FILE", requires = "tools")]
    pub(crate) manifest: Option<PathBuf>,
}
