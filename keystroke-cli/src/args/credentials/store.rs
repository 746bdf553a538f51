//! The arguments of `keystroke credentials import`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::{ManifestArg, New};

/// `keystroke credentials import`
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The `.env` file; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) dotenv: PathBuf,
    /// A variable of the file, and the field that it is
    // Raw text: clap repeats a value that it can't parse in its error.
    #[arg(long = "map", value_name = "VAR=KEY.FIELD")]
    pub(crate) maps: Vec<OsString>,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
    #[command(flatten)]
    pub(crate) new: New,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}
