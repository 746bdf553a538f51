//! Finding a key, an action or a requirement in a manifest. The refusal of a missing one lists those that exist.

use keystroke_core::{Candidate, Consumer, Manifest, ManifestAction, ManifestRequirement, fix};

use crate::error::CliError;
use crate::output::Output;
use crate::output::typed::{self, listed, nearest};

/// The refusal of a key that a manifest does not have.
pub(crate) fn unknown_key(key: &str, manifest: &Manifest) -> CliError {
    let keys = || manifest.credentials.iter().map(|credential| credential.key.as_str());
    let application = &manifest.application.name;
    let other = "for another application, name its manifest with `--manifest`";
    let fix = match nearest(key, keys()) {
        _ if manifest.credentials.is_empty() => other.to_owned(),
        Some(meant) => format!("write `{meant}`; its keys are {}; {other}", listed(keys())),
        None => format!("use {}; {other}", listed(keys())),
    };
    CliError::refused("unknown_key", format!("{application} declares no key `{}`", typed::key(key)), fix)
}

/// The action of this slug. The refusal of an unknown one lists the actions of the manifest.
pub(crate) fn action<'m>(manifest: &'m Manifest, slug: &str) -> Result<&'m ManifestAction, CliError> {
    let slugs = || manifest.actions.iter().map(|action| action.slug.as_str());
    manifest.actions.iter().find(|action| action.slug == slug).ok_or_else(|| {
        let other = "for another application, name its manifest with `--manifest`";
        let fix = match nearest(slug, slugs()) {
            _ if manifest.actions.is_empty() => other.to_owned(),
            Some(meant) => format!("write `{meant}`; its actions are {}; {other}", listed(slugs())),
            None => format!("use {}; {other}", listed(slugs())),
        };
        let named = typed::id(slug).map_or_else(|| "of this slug".to_owned(), |slug| format!("`{slug}`"));
        CliError::refused(
            "unknown_action",
            format!("{} has no action {named}", manifest.application.name),
            fix,
        )
    })
}

/// What an action asks for under a key. The refusal of a key that it does not use lists those that it does.
pub(crate) fn requirement<'m>(
    action: &'m ManifestAction,
    key: &str,
) -> Result<&'m ManifestRequirement, CliError> {
    action.requires.iter().find(|one| one.credential == key).ok_or_else(|| {
        let keys = || action.requires.iter().map(|one| one.credential.as_str());
        let fix = if action.requires.is_empty() {
            "name another `--action`: this one uses no credential".to_owned()
        } else {
            format!("name another `--action`, or a credential for {}", listed(keys()))
        };
        CliError::refused(
            "unused_key",
            format!("the action `{}` does not use `{}`", action.slug, typed::key(key)),
            fix,
        )
    })
}

/// Refuses to assign what the resolver would refuse: an instance outside the action's pin.
pub(crate) fn within_pin(
    requirement: &ManifestRequirement,
    stored: &Candidate,
    slug: &str,
) -> Result<(), CliError> {
    match requirement.pin {
        Some(pin) if pin != stored.scope() => Err(CliError::refused(
            "outside_pin",
            format!(
                "`{}` belongs to the {} scope, and the action `{slug}` pins `{}` to the {pin} scope",
                stored.id,
                stored.scope(),
                stored.key
            ),
            format!(
                "assign one of the {pin} scope that `{} --scope {pin}` shows",
                fix::list(&stored.key, &stored.organization)
            ),
        )),
        _ => Ok(()),
    }
}

/// Warns when a consumer has an action's slug: `--tool` names the agent, and it is easy to name the tool instead.
pub(crate) fn tell_action_as_consumer(manifest: &Manifest, consumer: &Consumer, output: &Output) {
    if manifest.actions.iter().any(|action| action.slug == consumer.slug()) {
        output.warning(
            "action_as_consumer",
            &format!(
                "`{0}` is an action of {1}, but here it names the {2} that calls one",
                consumer.slug(),
                manifest.application.name,
                consumer.kind()
            ),
        );
    }
}
