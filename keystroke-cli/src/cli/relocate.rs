//! The arguments of `keystroke credentials move`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::ScopeName;

/// `keystroke credentials move`
#[derive(Args, Debug)]
pub(crate) struct Move {
    /// Its id
    pub(crate) id: String,
    /// Where it is to belong
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: ScopeName,
    /// The project for `--scope project` [default: the current one]
    #[arg(long, value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) project_slug: Option<String>,
    /// Let it go where there is one already
    #[arg(long)]
    pub(crate) add: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}
