//! `keystroke check`: whether a vault has everything that an application needs, by the resolver that its runs use, without
//! touching a secret. For CI: the exit code is 1 if a requirement does not resolve.

use keystroke_core::{Application, Consumer, Preflight, PreflightFinding, ResolveError, Runtime};
use serde::Serialize;

use super::executor::executor;
use super::explain::origin_of;
use super::known_names::KnownNames;
use super::open::open;
use crate::args::{CheckArgs, ContextArgs};
use crate::context::Context;
use crate::error::CliError;
use crate::manifest::{self, tell_action_as_consumer};
use crate::output::{self, No, Output, Report};

#[derive(Serialize)]
struct Json<'a> {
    application: &'a Application,
    run: RunJson<'a>,
    #[serde(flatten)]
    preflight: &'a Preflight,
}

/// The run that was asked about.
#[derive(Serialize)]
struct RunJson<'a> {
    organization: &'a str,
    project: &'a str,
    user: Option<&'a str>,
    origin: &'static str,
    consumer: &'a Consumer,
}

pub(super) fn check(args: CheckArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    let manifest = manifest::find(args.manifest.as_deref())?.ok_or_else(|| {
        CliError::usage(
            "no manifest is named, and there is no `keystroke.toml` that names one",
            "write `keystroke check app.json`, with the file that the application's manifest was written to",
        )
    })?;
    let context = Context::find(flags)?;
    let origin = origin_of(args.origin, flags)?;
    let user = context.user.as_deref().filter(|_| origin.is_ok());
    let consumer = args.container.consumer();
    let vault = open()?;
    let known = KnownNames::of(&vault, &context.organization);
    known.tell_slips(Some(&context.project), context.user.as_deref(), output);
    known.tell_consumer(&consumer, output);
    tell_action_as_consumer(&manifest, &consumer, output);
    let run = Runtime::new(vault)
        .organization(&context.organization)
        .project(&context.project)
        .consumer(consumer.clone());
    let preflight = executor()?.block_on(async {
        match (origin, user) {
            (Ok(origin), Some(user)) => manifest.preflight(&run.as_user(user).origin(origin)).await,
            (Ok(origin), None) => manifest.preflight(&run.origin(origin)).await,
            (Err(origin), _) => manifest.preflight(&run.background(origin)).await,
        }
    });
    let json = Json {
        application: &manifest.application,
        run: RunJson {
            organization: &context.organization,
            project: &context.project,
            user,
            origin: origin.map_or_else(Into::into, keystroke_core::RunOrigin::from).as_str(),
            consumer: &consumer,
        },
        preflight: &preflight,
    };
    let table = if preflight.findings().is_empty() {
        String::new()
    } else {
        let header = ["ACTION", "KEY", "PIN", "RESULT", "CREDENTIAL"];
        output::table(header, 2, preflight.findings().iter().map(row))
    };
    if let Some(resolved) = preflight.resolved() {
        return output.of(format!("{table}ready: {resolved}\n"), json);
    }
    output.of_no(table, &no(&preflight), json)
}

fn row(finding: &PreflightFinding) -> [String; 5] {
    let PreflightFinding { action, resolution, .. } = finding;
    let (result, instance) = match resolution.result() {
        Ok(Some(chosen)) => ("resolved", chosen.instance.id.to_string()),
        Ok(None) => ("absent, optional", String::new()),
        Err(error) => (error.code(), error.instance().map(ToString::to_string).unwrap_or_default()),
    };
    let pin = resolution.pin().map_or("", |pin| pin.as_str());
    [action.to_string(), resolution.key().to_owned(), pin.to_owned(), result.to_owned(), instance]
}

/// Each problem once, and each fix once: several actions may need the same.
fn no(preflight: &Preflight) -> No {
    let failures: Vec<(&PreflightFinding, &ResolveError)> = preflight.failures().collect();
    let mut problems = vec![preflight.unresolved()];
    problems
        .extend(failures.iter().map(|(finding, error)| format!("{}: {}", finding.action, error.problem())));
    let fixes = preflight
        .fixes()
        .into_iter()
        .map(|one| format!("{} (`{}`, for {})", one.fix, one.key, one.actions.join(", ")));
    No { problems, fixes: fixes.collect() }
}
