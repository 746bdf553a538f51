//! `keystroke credentials update`: the label and the default mark of one credential.

use keystroke_core::Label;
use keystroke_vault::Change;

use super::unusable::tell_unusable;
use crate::args::{ContextArgs, UpdateArgs};
use crate::commands::open::{find, open};
use crate::error::CliError;
use crate::output::{InstanceJson, Output, Report, text, view};

pub(super) fn update(args: UpdateArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let UpdateArgs { id, label, no_label, default, no_default } = args;
    let vault = open()?;
    let record = find(&vault, &id, flags)?;
    let change = Change {
        label: label.map(Label::from).map(Some).or_else(|| no_label.then_some(None)),
        default: default.then_some(true).or_else(|| no_default.then_some(false)),
    };
    let marked = change.default;
    let record = vault.update(&record.candidate.id, change)?;
    tell_unusable(&vault, [&*record.candidate], output)?;
    let now = match marked {
        Some(true) => format!(", now the default of {}", view::owner(&record)),
        Some(false) => format!(", no longer the default of {}", view::owner(&record)),
        None => String::new(),
    };
    let people = format!("updated {}{}\n", view::named(&record), text::line(&now));
    output.of(people, InstanceJson::from(&record))
}
