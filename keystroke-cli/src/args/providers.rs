//! `keystroke providers …`: its commands and their `--help`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

/// `keystroke providers …`
#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// List the providers that come with keystroke, and your own
    #[command(after_help = "Examples:
  keystroke providers list
  keystroke providers list --json")]
    List,

    /// Show where a provider is, where to register a client, and the file that says so
    #[command(
        after_help = "What it prints is a provider file, so it may be the beginning of one of your own.

Examples:
  keystroke providers show slack
  keystroke providers show slack > acme.toml"
    )]
    Show {
        /// Its name, as `providers list` shows it
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
    },

    /// Add a provider from a file, or an OpenID provider by its issuer
    #[command(
        after_help = "The file goes into the folder `providers` beside your configuration. It takes the place of a built-in
provider of the same name. Whoever writes it chooses where client secrets are sent, so read it first.

Examples:
  keystroke providers add acme.toml
  keystroke providers add --issuer https://gitlab.example.com --name our-gitlab"
    )]
    Add(AddProviderArgs),
}

/// `keystroke providers add`
#[derive(Args, Debug)]
pub(crate) struct AddProviderArgs {
    /// The file; its name without `.toml` is the provider's
    #[arg(required_unless_present = "issuer", conflicts_with = "issuer")]
    pub(crate) file: Option<PathBuf>,
    /// Ask this issuer to describe itself (OpenID Connect Discovery, RFC 8414)
    #[arg(long, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) issuer: Option<String>,
    /// What to call that provider [default: its host, with `-` for each dot]
    #[arg(long, requires = "issuer", conflicts_with = "file", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: Option<String>,
    /// Replace a file of yours that has this name
    #[arg(long)]
    pub(crate) replace: bool,
}
