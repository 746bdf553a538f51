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

/// `keystroke credentials rotate`
#[derive(Args, Debug)]
pub(crate) struct RotateArgs {
    /// Its id
    pub(crate) id: String,
    /// A field and where its new value comes from
    // Raw text: clap repeats a value that it can't parse in its error.
    #[arg(long = "set", value_name = "FIELD=SOURCE")]
    pub(crate) sets: Vec<OsString>,
    /// A field to take out, such as one that was set by a slip
    #[arg(long, value_name = "FIELD")]
    pub(crate) unset: Vec<String>,
    /// Let this field have fewer than 8 bytes; such values are not removed from results
    #[arg(long, value_name = "FIELD")]
    pub(crate) allow_short: Vec<String>,
    /// Keep the line end at the end of this field's value, as an SSH key needs it
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
