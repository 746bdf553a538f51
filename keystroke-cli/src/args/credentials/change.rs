//! The arguments of `keystroke credentials update`.

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};

/// `keystroke credentials update`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("change").required(true).multiple(true).args(["label", "no_label", "default", "no_default"]))]
pub(crate) struct Update {
    /// Its id
    pub(crate) id: String,
    /// What people call it
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) label: Option<String>,
    /// Take its label away
    #[arg(long, conflicts_with = "label")]
    pub(crate) no_label: bool,
    /// Make it the default of its scope; the default before it is one no more
    #[arg(long)]
    pub(crate) default: bool,
    /// Take its default mark away, that of a revoked one too
    #[arg(long, conflicts_with = "default")]
    pub(crate) no_default: bool,
}
