//! `keystroke audit`: its arguments, and those of `audit prune`.

use std::time::SystemTime;

use clap::{Args, Subcommand};

use super::values::since;

/// `keystroke audit`
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) command: Option<AuditCommand>,
    /// Only entries about this credential key
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Only entries since this time: `2026-11-23T09:00:00Z`, or an age such as `2h`
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub(crate) since: Option<SystemTime>,
    /// Only the newest N entries
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

/// `keystroke audit …`
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Remove old entries
    #[command(
        after_help = "The record is checked first; one that was altered stays as it is. What is left begins at a sealed
checkpoint, so nobody without the vault's key can shorten it unnoticed.

Examples:
  keystroke audit prune --before 90d
  keystroke audit prune --before 2026-01-01"
    )]
    Prune {
        /// Entries older than this: a time such as `2026-01-01`, or an age such as `90d`
        #[arg(long, value_name = "TIME", value_parser = since)]
        before: SystemTime,
    },
}
