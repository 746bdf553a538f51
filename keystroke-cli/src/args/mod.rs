//! The command line as types: what clap parses, and the texts of `--help`. A file for each group of commands.
//!
//! What the arguments mean does not belong here: the grammar of `--set`, for instance, is in `input/set/`.

mod audit;
mod command;
mod credentials;
mod errors;
mod parse;
#[cfg(feature = "oauth")]
mod providers;
mod runs;
mod shared;
mod tokens;
mod values;
mod vault;

pub(crate) use self::audit::{AuditArgs, AuditCommand};
pub(crate) use self::command::{Cli, Command, ContextArgs};
pub(crate) use self::credentials::{
    ConnectArgs, CredentialsCommand, ImportArgs, ListArgs, MoveArgs, NewArgs, RotateArgs, SetArgs, UpdateArgs,
};
pub(crate) use self::parse::{asks_for_json, parse};
#[cfg(feature = "oauth")]
pub(crate) use self::providers::{AddProviderArgs, ProvidersCommand};
pub(crate) use self::runs::{CheckArgs, ExplainArgs};
pub(crate) use self::shared::ManifestArg;
pub(crate) use self::tokens::{CreateTokenArgs, TokensCommand};
pub(crate) use self::values::{OriginName, ScopeName};
pub(crate) use self::vault::VaultCommand;

#[cfg(test)]
mod tests;
