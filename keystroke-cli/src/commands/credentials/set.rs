//! `keystroke credentials set`: new values for a key, from `--set` or asked for on the terminal.

use super::placement::Placement;
use crate::args::{ContextArgs, SetArgs};
use crate::commands::unused_flags;
use crate::context::Context;
use crate::error::CliError;
use crate::input::names::check_key;
use crate::input::set::{FORMS, Settings};
use crate::input::{ask, prompt};
use crate::output::{Output, Report};

pub(super) fn set(args: SetArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    check_key(&args.key)?;
    let context = Context::find(flags)?;
    let settings = Settings::parse(args.sets, args.keep_line_end)?;
    let placement = Placement::find(&args.key, &args.new, &args.manifest, &context)?;
    unused_flags::tell_owners(placement.owners.iter(), flags, output);
    let rules = placement.rules();
    let fields = if !settings.is_empty() {
        placement.check_names(&settings.fields().collect::<Vec<_>>())?;
        settings.read(&rules, output)?
    } else if prompt::is_possible() {
        ask::fields(&rules, |_| true, &["api_key".to_owned()], output)?
    } else {
        return Err(CliError::usage(
            "there is no `--set`, and no terminal to ask on",
            format!("write `{}`; the forms are {FORMS}", placement.as_set(&[], &args.manifest, flags)),
        ));
    };
    placement.store(&fields, output)
}
