//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Searches with Exa, as the action `search`.
///
/// With EXA_BASE_URL set, it uses that service and your own vault. Without it, it starts a stand-in for the service
/// on this machine, makes a throwaway vault, and shows which credential each call gets.
#[derive(Debug, Parser)]
#[command(name = "search", args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// What to look for
    #[arg(required_unless_present = "serve_stand_in")]
    pub query: Option<String>,

    /// At most this many results
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub limit: u32,

    /// Print JSON
    #[arg(long)]
    pub json: bool,

    /// The folder that the stand-in searches [default: the repository around this folder]
    #[arg(long, value_name = "FOLDER")]
    pub corpus: Option<PathBuf>,

    /// Only run the stand-in, until interrupted: its base URL is the first line printed. It accepts the keys in
    /// STAND_IN_KEYS (separated by commas); without that variable, a random one, which is the second line
    #[arg(long, conflicts_with_all = ["query", "json"])]
    pub serve_stand_in: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the actions as tools to an MCP client, over standard input and output or HTTP
    ///
    /// The keys come from your own vault. Who the calls act for comes from these options, else from keystroke.toml;
    /// over HTTP, from the token that the client shows (`keystroke tokens create` makes one).
    Mcp(McpArgs),

    /// Print what the actions ask for, as JSON: `keystroke check` compares it with a vault
    Manifest,
}

#[derive(Debug, clap::Args)]
pub struct McpArgs {
    /// The organization that calls act for
    #[arg(long, value_name = "NAME")]
    pub organization: Option<String>,

    /// The project that they are in
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,

    /// The user that they act for
    #[arg(long, visible_alias = "user", value_name = "NAME")]
    pub as_user: Option<String>,

    /// Serve over HTTP at this address, such as 127.0.0.1:8765, instead of over standard input and output; port 0
    /// takes any that is free
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["organization", "project", "as_user"])]
    pub http: Option<SocketAddr>,

    /// Take requests for this host too, and allow an address that other machines reach: a proxy has to do TLS
    #[arg(long = "host", value_name = "HOST", requires = "http")]
    pub hosts: Vec<String>,
}
