//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Searches with Exa, as the action `search`.
///
/// With EXA_BASE_URL set it uses that service and your own vault. Without it, it starts a stand-in of the service
/// on this machine, makes a throwaway vault, and shows which credential each call gets.
#[derive(Debug, Parser)]
#[command(name = "search")]
pub struct Args {
    /// What to look for
    #[arg(required_unless_present = "serve_stand_in")]
    pub query: Option<String>,

    /// At most so many results
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
