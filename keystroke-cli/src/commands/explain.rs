//! `keystroke explain`: the resolution that a run would get, by the same resolver, without touching a secret.

use keystroke_core::scope::Scope;
use keystroke_core::{
    Actor, BackgroundOrigin, Manifest, ManifestCredential, Origin, Resolution, ResolveError, Run, Runtime,
};

use super::executor::executor;
use super::known_names::KnownNames;
use super::open::open;
use crate::args::{ContextArgs, ExplainArgs, OriginName};
use crate::context::Context;
use crate::error::CliError;
use crate::input::names::check_key;
use crate::manifest::{self, action, requirement, tell_action_as_consumer, unknown_key};
use crate::output::{Output, Report, text};

pub(super) fn explain(args: ExplainArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    check_key(&args.key)?;
    let context = Context::find(flags)?;
    let origin = origin_of(args.origin, flags)?;
    let manifest = manifest::find(args.manifest.file.as_deref())?;
    let user = context.user.as_deref().filter(|_| origin.is_ok());
    let declared =
        manifest.as_ref().map(|manifest| declared(&args, manifest, user.is_some())).transpose()?.flatten();
    let consumer = args.consumer.consumer();
    if let Some(manifest) = &manifest {
        tell_action_as_consumer(manifest, &consumer, output);
    }
    let vault = open()?;
    let known = KnownNames::of(&vault, &context.organization);
    known.tell_slips(Some(&context.project), context.user.as_deref(), output);
    known.tell_consumer(&consumer, output);
    let run =
        Runtime::new(vault).organization(&context.organization).project(&context.project).consumer(consumer);
    let pin = match &declared {
        Some(declared) => declared.pin,
        None => args.pin.map(Scope::from),
    };
    let action = args.action.as_deref().unwrap_or_default();
    let resolution = executor()?.block_on(async {
        match (origin, user) {
            (Ok(origin), Some(user)) => {
                let run = run.as_user(user).origin(origin);
                resolve(&run, &args.key, declared.as_ref(), pin, action).await
            }
            (Ok(origin), None) => {
                resolve(&run.origin(origin), &args.key, declared.as_ref(), pin, action).await
            }
            (Err(origin), _) => {
                resolve(&run.background(origin), &args.key, declared.as_ref(), pin, action).await
            }
        }
    });
    // In that case nothing was explained.
    if let Err(error @ ResolveError::StoreUnavailable { .. }) = resolution.result() {
        return Err(error.into());
    }
    output.of(people(&resolution, &context, user), &resolution)
}

/// What a manifest says of the key that is asked about.
struct Declared {
    credential: ManifestCredential,
    /// The pin that was asked for, or else the action's for it, or else its own.
    pin: Option<Scope>,
    /// Whether the action runs without it, or else all that ask for it do.
    optional: bool,
}

/// What the manifest says of the key, with the pin of the command line in place of the manifest's. A manifest that was
/// found, not named, may lack the key.
fn declared(args: &ExplainArgs, manifest: &Manifest, has_user: bool) -> Result<Option<Declared>, CliError> {
    let Some(credential) = manifest.credential(&args.key) else {
        let is_named = args.manifest.file.is_some();
        return if is_named { Err(unknown_key(&args.key, manifest)) } else { Ok(None) };
    };
    let (pin, optional) = match &args.action {
        Some(slug) => {
            let action = action(manifest, slug)?;
            let requirement = requirement(action, &args.key)?;
            (requirement.pin, action.may_lack(requirement, has_user))
        }
        None => (credential.pin, manifest.may_lack(&args.key, has_user)),
    };
    let asked = args.pin.map(Scope::from).or(pin);
    // A pin that no action in question has is that of a use or a call, which then needs the user (SEMANTICS R11).
    let is_declared = manifest
        .actions
        .iter()
        .filter(|action| args.action.as_ref().is_none_or(|slug| *slug == action.slug))
        .flat_map(|action| &action.requires)
        .any(|one| one.credential == args.key && one.pin == asked);
    let lacks_user = asked == Some(Scope::User) && !is_declared && !has_user;
    Ok(Some(Declared { credential: credential.clone(), pin: asked, optional: optional && !lacks_user }))
}

async fn resolve<A: Actor>(
    run: &Run<A>,
    key: &str,
    declared: Option<&Declared>,
    pin: Option<Scope>,
    action: &str,
) -> Resolution {
    match declared {
        Some(Declared { credential, optional, .. }) => {
            run.explain_declared(credential, pin, *optional, action).await
        }
        None => run.explain_key(key, None, pin, action).await,
    }
}

/// What starts the run that is asked about. Whether it may have a user is in the type.
pub(super) fn origin_of(
    name: OriginName,
    flags: &ContextArgs,
) -> Result<Result<Origin, BackgroundOrigin>, CliError> {
    let origin = name.origin();
    if let (Err(background), Some(_)) = (origin, &flags.as_user) {
        let origin = keystroke_core::RunOrigin::from(background);
        return Err(CliError::usage(
            format!("a {origin} run has no user, so it cannot act as one"),
            "leave out `--as-user` or `--origin`",
        ));
    }
    Ok(origin)
}

fn people(resolution: &Resolution, context: &Context, user: Option<&str>) -> String {
    let user = user.map_or_else(|| "no user".to_owned(), |user| format!("user `{user}`"));
    let run = format!("organization `{}`, project `{}`, {user}", context.organization, context.project);
    let mut lines = vec![resolution.to_string()];
    match resolution.result() {
        Ok(Some(chosen)) => {
            let instance = &chosen.instance;
            lines.push(format!(
                "a run gets {instance} of the {} scope, by rule {}",
                instance.scope, chosen.rule
            ));
            lines.push(format!("the run: {run}"));
        }
        Ok(None) => {
            lines.push("a run goes without it: it is optional".to_owned());
            lines.push(format!("the run: {run}"));
            lines.extend(resolution.absence().map(|why| format!("to have it: {}", why.fix())));
        }
        Err(error) => {
            lines.push(format!("a run is refused: {}", error.problem()));
            lines.push(format!("the run: {run}"));
            lines.push(format!("fix: {}", error.fix()));
        }
    }
    lines.iter().map(|line| text::line(line).into_owned() + "\n").collect()
}
