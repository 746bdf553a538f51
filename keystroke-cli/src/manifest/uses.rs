//! Where the runs of an application look for a credential: the pins of its actions. What is stored elsewhere is never
//! found (SEMANTICS R3 to R5), and nothing would say so before a run does.

use std::collections::BTreeSet;

use keystroke_core::scope::Scope;
use keystroke_core::{Candidate, Manifest, ManifestAction, ManifestCredential, ManifestRequirement, fix};

use crate::cli::ScopeName;
use crate::error::CliError;
use crate::output::Output;
use crate::typed::{self, listed, nearest};
use crate::view;

/// The uses of one credential.
#[derive(Debug)]
pub(crate) struct Uses {
    application: String,
    key: String,
    /// Each action with its pin.
    pins: Vec<(String, Option<Scope>)>,
}

impl Uses {
    pub(super) fn of(manifest: &Manifest, credential: &ManifestCredential) -> Self {
        let pin_in = |action: &ManifestAction| {
            let requirement = action.requires.iter().find(|one| one.credential == credential.key)?;
            Some((action.slug.clone(), requirement.pin))
        };
        let mut pins: Vec<_> = manifest.actions.iter().filter_map(pin_in).collect();
        if pins.is_empty() {
            // Declared and not used yet.
            pins.push((String::new(), credential.pin));
        }
        Self { application: manifest.application.name.clone(), key: credential.key.clone(), pins }
    }

    fn distinct(&self) -> BTreeSet<Option<Scope>> {
        self.pins.iter().map(|(_, pin)| *pin).collect()
    }

    /// The scope for what is stored without a word of where.
    pub(crate) fn scope(&self) -> Result<ScopeName, CliError> {
        let distinct = self.distinct();
        if distinct.contains(&None) {
            return Ok(ScopeName::Organization);
        }
        let scopes: Vec<Scope> = distinct.into_iter().flatten().collect();
        match scopes.as_slice() {
            [] => Ok(ScopeName::Organization),
            [only] => Ok((*only).into()),
            several => {
                let pinned: Vec<String> =
                    several.iter().map(|scope| format!("{scope}{}", self.actions(Some(*scope)))).collect();
                let flags: Vec<String> = several.iter().map(|scope| format!("`--scope {scope}`")).collect();
                Err(CliError::usage(
                    format!("`{}` is pinned to several scopes: {}", self.key, pinned.join(" and ")),
                    format!("add {}, or both for one in each", flags.join(" or ")),
                ))
            }
        }
    }

    /// Whether a run that looks by itself finds what is stored in this scope.
    fn look_in(&self, scope: Scope) -> bool {
        self.pins.iter().any(|(_, pin)| match pin {
            Some(pin) => *pin == scope,
            None => scope != Scope::User,
        })
    }

    /// Says that no run will find an instance where it is.
    pub(crate) fn tell_unseen(&self, stored: &Candidate, user: Option<&str>, output: &Output) {
        if self.look_in(stored.scope()) {
            return;
        }
        let Self { application, key, .. } = self;
        let pins = self.distinct();
        let why: Vec<String> = pins
            .iter()
            .map(|pin| match pin {
                Some(pin) => format!("is pinned to the {pin} scope{}", self.actions(Some(*pin))),
                None => {
                    format!("is not pinned{}, and so the user scope is never looked in", self.actions(None))
                }
            })
            .collect();
        let to = match pins.iter().next().copied().flatten() {
            Some(Scope::User) => {
                format!("user --as-user {}", user.map_or_else(|| "NAME".into(), fix::word))
            }
            Some(Scope::Project) => "project".to_owned(),
            Some(Scope::Organization) | None => "organization".to_owned(),
        };
        output.warning(
            "unseen",
            &format!(
                "no run of {application} finds `{}` for {} by itself: `{key}` {}; `keystroke credentials move {} --scope {to} --organization {}` gives it to where runs look",
                stored.id,
                view::owner_of(&stored.owner, &stored.organization),
                why.join(" and "),
                stored.id,
                fix::word(&stored.organization),
            ),
        );
    }

    /// `` (`post`) ``: the actions with this pin.
    fn actions(&self, pin: Option<Scope>) -> String {
        let with = self.pins.iter().filter(|(slug, of)| *of == pin && !slug.is_empty());
        let slugs: Vec<String> = with.map(|(slug, _)| format!("`{slug}`")).collect();
        if slugs.is_empty() { String::new() } else { format!(" ({})", slugs.join(", ")) }
    }
}

/// The action of this slug; one that the manifest does not have is refused with those that it does.
pub(crate) fn action<'m>(manifest: &'m Manifest, slug: &str) -> Result<&'m ManifestAction, CliError> {
    let slugs = || manifest.actions.iter().map(|action| action.slug.as_str());
    manifest.actions.iter().find(|action| action.slug == slug).ok_or_else(|| {
        let other = "for another application's, name its manifest with `--manifest`";
        let fix = match nearest(slug, slugs()) {
            _ if manifest.actions.is_empty() => other.to_owned(),
            Some(meant) => format!("write `{meant}`; its actions are {}; {other}", listed(slugs())),
            None => format!("use {}; {other}", listed(slugs())),
        };
        let named = typed::id(slug).map_or_else(|| "this slug is".to_owned(), |slug| format!("`{slug}` is"));
        CliError::refused(
            "unknown_action",
            format!("{named} no action of {}", manifest.application.name),
            fix,
        )
    })
}

/// What an action asks for under a key; one that it does not use is refused with those that it does.
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

/// Refuses to assign what the resolver would refuse: an instance outside of the pin that the action has.
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
