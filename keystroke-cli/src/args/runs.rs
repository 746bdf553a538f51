//! The arguments of the commands that ask what a run would get: `explain` and `check`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::shared::{ConsumerArgs, ContainerArgs, ManifestArg};
use super::values::{OriginName, ScopeName};

/// `keystroke explain`
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
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
pub(crate) struct CheckArgs {
    /// The application's manifest; `-` is standard input
    pub(crate) manifest: Option<PathBuf>,
    /// What starts the run
    #[arg(long, default_value = "direct")]
    pub(crate) origin: OriginName,
    #[command(flatten)]
    pub(crate) container: ContainerArgs,
}
