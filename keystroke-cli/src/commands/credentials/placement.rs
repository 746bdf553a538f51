//! Where new values of a key go, and their storing: what `set`, `connect` and `import` have in common.

use std::collections::{BTreeMap, BTreeSet};

use keystroke_core::scope::Scope;
use keystroke_core::{Fields, Instance, Owner, fix};
use keystroke_vault::{Add, NewInstance, Record};

use super::short_values::{short_fields, short_fields_exist, with_flag};
use super::unusable::tell_unusable;
use crate::args::{ContextArgs, ManifestArg, NewArgs, ScopeName};
use crate::commands::known_names::KnownNames;
use crate::commands::open::open_or_init;
use crate::context::Context;
use crate::error::CliError;
use crate::input::field_rules::FieldRules;
use crate::manifest::Declared;
use crate::output::{InstancesJson, Output, RecordJson, Report, text, typed, view};

/// The owners that the values of a key are stored for, and what is declared of the key.
pub(in crate::commands) struct Placement<'a> {
    pub(in crate::commands) declared: Option<Declared>,
    pub(in crate::commands) owners: BTreeSet<Owner>,
    key: &'a str,
    new: &'a NewArgs,
    context: &'a Context,
}

impl<'a> Placement<'a> {
    /// By the manifest and the flags. A key that the manifest does not have, or that takes no values, is refused.
    pub(in crate::commands) fn find(
        key: &'a str,
        new: &'a NewArgs,
        manifest: &ManifestArg,
        context: &'a Context,
    ) -> Result<Self, CliError> {
        let declared = Declared::find(key, manifest.file.as_deref())?;
        let owners = owners(new, declared.as_ref(), context)?;
        Ok(Self { declared, owners, key, new, context })
    }

    /// The rules for reading the values.
    pub(in crate::commands) fn rules(&self) -> FieldRules<'_> {
        FieldRules { declared: self.declared.as_ref(), allow_short: &self.new.allow_short }
    }

    /// Refuses fields that are not declared, and refuses if a required one is missing.
    pub(in crate::commands) fn check_names(&self, names: &[&str]) -> Result<(), CliError> {
        let Some(declared) = &self.declared else { return Ok(()) };
        declared.check_names(names.iter().copied())?;
        declared.check_complete(|name| names.contains(&name))
    }

    /// `credentials set …` that stores these fields where this command would, with all of its flags: without one of them,
    /// what is pasted would go elsewhere. If no fields are named, those that the manifest requires, else `api_key`.
    pub(in crate::commands) fn as_set(
        &self,
        fields: &[String],
        manifest: &ManifestArg,
        flags: &ContextArgs,
    ) -> String {
        let NewArgs { scope, project_slug, label, default, add, allow_short } = self.new;
        let mut fields: Vec<&str> = match &self.declared {
            _ if !fields.is_empty() => fields.iter().map(String::as_str).collect(),
            Some(declared) => declared.required().collect(),
            None => vec!["api_key"],
        };
        // A field that may be short is one that is given.
        for short in allow_short {
            if !fields.contains(&short.as_str()) {
                fields.push(short);
            }
        }
        let key = typed::key(self.key);
        let fields = fields.into_iter().map(typed::field_in_command);
        let mut command =
            format!("keystroke credentials set {key}{}", fix::settings(key, fields, allow_short));
        let mut with = |flag: &str, value: &str| {
            command += &format!(" {flag} {}", fix::word(value));
        };
        scope.iter().for_each(|scope| with("--scope", Scope::from(*scope).as_str()));
        project_slug.iter().for_each(|project| with("--project-slug", project));
        label.iter().for_each(|label| with("--label", label));
        manifest.file.iter().for_each(|file| with("--manifest", &file.display().to_string()));
        flags.organization.iter().for_each(|name| with("--organization", name));
        flags.project.iter().for_each(|name| with("--project", name));
        flags.as_user.iter().for_each(|name| with("--as-user", name));
        for (given, flag) in [(*default, " --default"), (*add, " --add")] {
            command += if given { flag } else { "" };
        }
        command
    }

    /// Stores the same fields for each owner, all or none.
    pub(in crate::commands) fn store(self, fields: &Fields, output: &Output) -> Result<Report, CliError> {
        short_fields_exist(&self.new.allow_short, fields)?;
        // Before the vault is opened: what can't be stored creates none.
        let instances = self.instances(fields)?;
        let (new, context) = (self.new, self.context);
        let records = add(instances, &BTreeMap::from([(self.key, self)]), new, context, output)?;
        let people = records.iter().map(stored).collect::<String>();
        output.of(people, InstancesJson { instances: records.iter().map(RecordJson::from).collect() })
    }

    /// The new instances, one for each owner. Their values are checked against what is declared, and those that are not
    /// secret may be short.
    pub(super) fn instances(&self, fields: &Fields) -> Result<Vec<NewInstance>, CliError> {
        let mut allow_short = self.new.allow_short.clone();
        if let Some(declared) = &self.declared {
            declared.check_types(fields)?;
            allow_short.extend(declared.plain(fields));
        }
        let instances = self.owners.iter().map(|owner| {
            let mut instance = Instance::new(self.key).owned(&self.context.organization, owner.clone());
            for (name, value) in fields.iter() {
                instance = instance.field(name, value.expose_secret());
            }
            if let Some(label) = &self.new.label {
                instance = instance.label(label.as_str());
            }
            if self.new.default {
                instance = instance.default();
            }
            allow_short.iter().fold(NewInstance::new(instance), NewInstance::allow_short)
        });
        let short = short_fields(fields);
        let instances: Vec<NewInstance> = instances.collect();
        instances
            .iter()
            .try_for_each(NewInstance::check)
            .map_err(|error| with_flag(error, &short, &allow_short))?;
        Ok(instances)
    }
}

/// Adds the instances of these keys, all or none, and warns if runs will not find or use them.
pub(super) fn add(
    instances: Vec<NewInstance>,
    placements: &BTreeMap<&str, Placement<'_>>,
    new: &NewArgs,
    context: &Context,
    output: &Output,
) -> Result<Vec<Record>, CliError> {
    let mode = if new.add { Add::Another } else { Add::OnlyFirst };
    let vault = open_or_init(output)?;
    let known = KnownNames::of(&vault, &context.organization);
    let records = vault.add(instances, mode)?;
    if new.add {
        tell_unusable(&vault, records.iter().map(|record| &*record.candidate), output)?;
    }
    let owners: BTreeSet<&Owner> = records.iter().map(|record| &record.candidate.owner).collect();
    known.tell_owners(owners, output);
    for record in &records {
        let placement = placements.get(&*record.candidate.key);
        if let Some(declared) = placement.and_then(|placement| placement.declared.as_ref()) {
            declared.uses().tell_unseen(&record.candidate, context.user.as_deref(), output);
        }
    }
    Ok(records)
}

/// What people are told of a new instance.
pub(super) fn stored(record: &Record) -> String {
    let key = &record.candidate.key;
    format!("stored `{key}` as {} for {}\n", view::named(record), text::line(&view::owner(record)))
}

/// The owners of the new instances: one for each scope and project that is named; if none is named, the scope where the
/// application's runs look.
fn owners(
    new: &NewArgs,
    declared: Option<&Declared>,
    context: &Context,
) -> Result<BTreeSet<Owner>, CliError> {
    let scopes = match (new.scope.as_slice(), declared) {
        ([], Some(declared)) => vec![declared.uses().scope()?],
        ([], None) => vec![ScopeName::Organization],
        (scopes, _) => scopes.to_vec(),
    };
    if !new.project_slug.is_empty() && !scopes.contains(&ScopeName::Project) {
        return Err(project_without_scope());
    }
    let mut owners = BTreeSet::new();
    for scope in &scopes {
        match scope {
            ScopeName::Organization => {
                owners.insert(Owner::Organization);
            }
            ScopeName::Project if new.project_slug.is_empty() => {
                owners.insert(Owner::Project(context.project.clone()));
            }
            ScopeName::Project => owners.extend(new.project_slug.iter().cloned().map(Owner::Project)),
            ScopeName::User => {
                let user = context.user.clone();
                owners.insert(Owner::User(user.ok_or_else(|| no_user(new.scope.is_empty()))?));
            }
        }
    }
    Ok(owners)
}

pub(super) fn project_without_scope() -> CliError {
    CliError::usage(
        "`--project-slug` says which project, but there is no `--scope project`",
        "add `--scope project`",
    )
}

/// `pinned`: the manifest says so, not a flag.
pub(super) fn no_user(pinned: bool) -> CliError {
    if pinned {
        return CliError::usage(
            "the manifest pins it to the user scope, but no user is named",
            "add `--user NAME`, or name another scope with `--scope`",
        );
    }
    CliError::usage(
        "`--scope user` needs a user, and none is named",
        "add `--user NAME`, or put `user` into keystroke.toml",
    )
}
