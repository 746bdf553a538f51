//! The arguments of the commands that change one credential: `credentials update`, `rotate` and `move`.

use std::ffi::OsString;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};

use crate::args::shared::ManifestArg;
use crate::args::values::ScopeName;

/// `keystroke credentials update`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("change").required(true).multiple(true).args(["label", "no_label", "default", "no_default"]))]
pub(crate) struct UpdateArgs {
    /// Its id
    pub(crate) id: String,
    /// What people call it
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) label: Option<String>,
    /// Remove its label
    #[arg(long, conflicts_with = "label")]
    pub(crate) no_label: bool,
    /// Make it the default of its scope, in place of the one before
    #[arg(long)]
    pub(crate) default: bool,
    /// Remove its default mark, even from a revoked one
    #[arg(long, conflicts_with = "default")]
    pub(crate) no_default: bool,
}

/// `keystroke credentials rotate`
#[derive(Args, Debug)]
pub(crate) struct RotateArgs {
    /// Its id
    pub(crate) id: String,
    /// A field and where its new value comes from
    // Raw text: clap repeats a value that it can't parse in its error.
    #[arg(long = "set", value_name = "FIELD=SOURCE")]
    pub(crate) sets: Vec<OsString>,
    /// A field to remove, such as one that was set by mistake
    #[arg(long, value_name = "FIELD")]
    pub(crate) unset: Vec<String>,
    /// Allow this field fewer than 8 bytes; such a value is not removed from results
    #[arg(long, value_name = "FIELD")]
    pub(crate) allow_short: Vec<String>,
    /// Keep the line end at the end of this field's value, which an SSH key needs
    #[arg(long, value_name = "FIELD")]
    pub(crate) keep_line_end: Vec<String>,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
}

/// `keystroke credentials move`
#[derive(Args, Debug)]
pub(crate) struct MoveArgs {
    /// Its id
    pub(crate) id: String,
    /// The scope to move it to
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: ScopeName,
    /// The project for `--scope project` [default: the current one]
    #[arg(long, value_name = "SLUG", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) project_slug: Option<String>,
    /// Move it even if there is one already
    #[arg(long)]
    pub(crate) add: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}
