//! Where the runs of an application look for a credential: the pins of its actions. What is stored elsewhere is never
//! found (SEMANTICS R3 to R5), and without this the first run would be the first to say so.

use std::collections::BTreeSet;

use keystroke_core::scope::Scope;
use keystroke_core::{Candidate, Manifest, ManifestAction, ManifestCredential, fix};

use crate::args::ScopeName;
use crate::error::CliError;
use crate::output::{Output, view};

/// The uses of one credential.
#[derive(Debug)]
pub(crate) struct Uses {
    application: String,
    key: String,
    /// Each action with its pin.
    pins: Vec<(String, Option<Scope>)>,
    /// Whether every action runs without it where it is absent.
    optional: bool,
}

impl Uses {
    pub(super) fn of(manifest: &Manifest, credential: &ManifestCredential) -> Self {
        let asks = |action: &ManifestAction| {
            let requirement = action.requires.iter().find(|one| one.credential == credential.key)?;
            Some((action.slug.clone(), requirement.pin))
        };
        let mut pins: Vec<_> = manifest.actions.iter().filter_map(asks).collect();
        if pins.is_empty() {
            // Declared and not used yet.
            pins.push((String::new(), credential.pin));
        }
        let (application, key) = (manifest.application.name.clone(), credential.key.clone());
        let optional = manifest.may_lack(&key, true);
        Self { application, key, pins, optional }
    }

    /// Whether the application runs without it.
    pub(super) const fn is_optional(&self) -> bool {
        self.optional
    }

    fn distinct(&self) -> BTreeSet<Option<Scope>> {
        self.pins.iter().map(|(_, pin)| *pin).collect()
    }

    /// The scope to store in when the command line names none.
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

    /// Whether a run that selects nothing finds what is stored in this scope.
    fn look_in(&self, scope: Scope) -> bool {
        self.pins.iter().any(|(_, pin)| match pin {
            Some(pin) => *pin == scope,
            None => scope != Scope::User,
        })
    }

    /// Warns if no run will find an instance where it is.
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
                    format!("is not pinned{}, so the user scope is never searched", self.actions(None))
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
                "no run of {application} finds `{}` for {} by itself: `{key}` {}; `keystroke credentials move {} --scope {to} --organization {}` moves it to where runs look",
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
