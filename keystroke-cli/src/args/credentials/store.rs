//! The arguments of the commands that store new credentials: `credentials set`, `credentials import` and `connect`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::args::shared::ManifestArg;
use crate::args::values::ScopeName;

/// `keystroke credentials set`
#[derive(Args, Debug)]
pub(crate) struct SetArgs {
    /// The credential key that actions declare, such as `exa`
    pub(crate) key: String,
    /// A field and where its value comes from
    // Raw text: clap repeats a value that it can't parse in its error.
    #[arg(long = "set", value_name = "FIELD=SOURCE")]
    pub(crate) sets: Vec<OsString>,
    /// Keep the line end at the end of this field's value, which an SSH key needs
    #[arg(long, value_name = "FIELD")]
    pub(crate) keep_line_end: Vec<String>,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
    #[command(flatten)]
    pub(crate) new: NewArgs,
}

/// `keystroke credentials import`
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// The `.env` file; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) dotenv: PathBuf,
    /// A variable of the file, and the field that it holds
    // Raw text: clap repeats a value that it can't parse in its error.
    #[arg(long = "map", value_name = "VAR=KEY.FIELD")]
    pub(crate) maps: Vec<OsString>,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
    #[command(flatten)]
    pub(crate) new: NewArgs,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `keystroke connect`
#[derive(Args, Debug)]
pub(crate) struct ConnectArgs {
    /// The credential key that actions declare, such as `exa`
    pub(crate) key: String,
    /// A field to ask for [default: those of the manifest, else `api_key`]
    #[arg(long = "field", value_name = "FIELD")]
    pub(crate) fields: Vec<String>,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
    #[command(flatten)]
    pub(crate) new: NewArgs,
}

/// Where a new credential goes, and how it is marked.
#[derive(Args, Debug)]
pub(crate) struct NewArgs {
    /// Where it belongs; repeat it for one in each [default: as pinned, else organization]
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<ScopeName>,
    /// The project for `--scope project`; repeat it for one in each
    #[arg(long, value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) project_slug: Vec<String>,
    /// What people call it
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) label: Option<String>,
    /// Make it the default of its scope
    #[arg(long)]
    pub(crate) default: bool,
    /// Store it beside one that exists already
    #[arg(long)]
    pub(crate) add: bool,
    /// Allow this field fewer than 8 bytes; such a value is not removed from results
    #[arg(long, value_name = "FIELD")]
    pub(crate) allow_short: Vec<String>,
}
