//! A tool that acts as a signed-in user: two credentials, two actions, one toolset.
//!
//! In the toolset, `slack-send-message` is pinned to the user scope: it posts with the credential of the person that the run
//! acts for, and with no other. So the compiler asks for such a person wherever the toolset is used.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::iter::successors;
use std::process::ExitCode;

use keystroke::prelude::*;
use reqwest::header::{HeaderValue, InvalidHeaderValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

// ---- Credentials: what an action needs, under a key that stays the same wherever it is stored. ----

/// Slack. Create an app with the scope `chat:write` in the workspace, and take its bot token.
#[credential(key = "slack")]
pub struct Slack {
    /// Every field is secret unless it is marked: it can't be printed, copied or serialized by accident.
    pub bot_token: SecretString,
    /// What may be shown is marked as plain. `Option`, because not everybody stores it.
    #[field(plain)]
    pub team: Option<String>,
}

/// Linear. Create a personal API key under Security & access.
#[credential(key = "linear")]
pub struct Linear {
    /// Sent as it is, without `Bearer`.
    pub api_key: SecretString,
}

// ---- Actions: async functions. The input comes by value; credentials and shared state are lent by reference. ----

/// A message. The docs of the fields become the descriptions that a model reads.
#[derive(Deserialize, JsonSchema)]
pub struct Message {
    /// A channel's id or name, such as `C1234567890`.
    pub channel: String,
    /// The text, as Markdown of at most 12,000 characters.
    pub markdown_text: String,
}

/// What became of a message.
#[derive(Deserialize, JsonSchema, Serialize)]
pub struct Posted {
    /// The workspace, if the credential names it.
    pub team: Option<String>,
    /// Slack's id of the message; none if it was only printed.
    pub ts: Option<String>,
}

/// Sends a message to a Slack channel.
#[action(slug = "slack-send-message")]
pub async fn slack_send_message(
    input: Message,
    slack: &Slack,
    http: &State<reqwest::Client>,
) -> Result<Posted, CallError> {
    let token = HeaderValue::try_from(format!("Bearer {}", slack.bot_token.expose_secret()))?;
    let body = json!({ "channel": input.channel, "markdown_text": input.markdown_text });
    let answer = post(http, "SLACK_BASE_URL", "/chat.postMessage", token, body).await?;
    let ts = match answer {
        // Slack answers 200 to everything, and says in the body whether it worked.
        Some(answer) if answer["ok"] == true => answer["ts"].as_str().map(str::to_owned),
        Some(answer) => return Err(CallError::refused(&answer["error"])),
        None => None,
    };
    Ok(Posted { team: slack.team.clone(), ts })
}

/// Which issues to find.
#[derive(Deserialize, JsonSchema)]
pub struct IssueQuery {
    /// A part of the title.
    pub title: String,
}

/// Issues that were found.
#[derive(Deserialize, JsonSchema, Serialize)]
pub struct Issues {
    /// Their titles.
    pub titles: Vec<String>,
}

/// Finds Linear issues by their title.
#[action(slug = "linear-find-issues", read_only)]
pub async fn linear_find_issues(
    input: IssueQuery,
    linear: &Linear,
    http: &State<reqwest::Client>,
) -> Result<Issues, CallError> {
    let key = HeaderValue::from_str(linear.api_key.expose_secret())?;
    let query = "query($title: String!) { issues(first: 5, filter: { title: { containsIgnoreCase: $title } }) { nodes { title } } }";
    let body = json!({ "query": query, "variables": { "title": input.title } });
    let answer = post(http, "LINEAR_BASE_URL", "/graphql", key, body).await?.unwrap_or_default();
    if let Some(error) = answer["errors"].get(0) {
        return Err(CallError::refused(&error["message"]));
    }
    let nodes = answer["data"]["issues"]["nodes"].as_array().cloned().unwrap_or_default();
    let titles = nodes.iter().filter_map(|node| node["title"].as_str().map(str::to_owned)).collect();
    Ok(Issues { titles })
}

/// Why a service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The secret can't be sent.
    #[error("the stored secret has characters that no HTTP header can carry. To fix it, replace it")]
    UnusableSecret(#[from] InvalidHeaderValue),
    /// The service did not answer as it should.
    #[error("the service did not answer in JSON (to fix it, check the network and the base URL)")]
    Http(#[from] reqwest::Error),
    /// The service said no.
    #[error("the service refused the request: {0}")]
    Refused(String),
}

impl CallError {
    fn refused(reason: &Value) -> Self {
        Self::Refused(reason.as_str().unwrap_or("no reason given").to_owned())
    }
}

/// Posts JSON to the service whose base URL is in `variable`; without that variable, prints what it would post.
async fn post(
    http: &reqwest::Client,
    variable: &str,
    path: &str,
    mut secret: HeaderValue,
    body: Value,
) -> Result<Option<Value>, CallError> {
    // An empty variable is not set either: nothing is sent then.
    let Some(base_url) = std::env::var(variable).ok().filter(|url| !url.trim().is_empty()) else {
        let request = format!("POST ${variable}{path}\n    Authorization: (the secret)\n    {body}");
        // This is an aside: the action does not fail if nobody reads it.
        let _ = say(format!(
            "  {variable} is not set, so nothing is sent. With it, this would be:\n    {request}"
        ));
        return Ok(None);
    };
    secret.set_sensitive(true);
    let request = http.post(format!("{}{path}", base_url.trim_end_matches('/')));
    let answer = request.header("authorization", secret).json(&body).send().await?.error_for_status()?;
    Ok(Some(answer.json().await?))
}

// ---- A program that uses them. ----

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        // Readers may stop at any line, as `| head -1` does.
        Err(error) if is_closed_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Prints a line. `println!` would panic where nobody reads it.
fn say(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// An error with its causes, a line each.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = successors(error.source(), |&error| error.source());
    causes.fold(format!("error: {error}"), |text, cause| format!("{text}\n  caused by: {cause}"))
}

async fn run() -> Result<(), Box<dyn Error>> {
    // A store in memory, for tests and first steps. A real program opens the vault that `keystroke credentials set`
    // fills: see the example `search`.
    let token = std::env::var("SLACK_BOT_TOKEN").unwrap_or_else(|_| "not-a-real-slack-token".to_owned());
    let key = std::env::var("LINEAR_API_KEY").unwrap_or_else(|_| "not-a-real-linear-key".to_owned());
    let store = MemoryStore::new()
        .with(Instance::new("slack").of_user("acme", "ada").field("bot_token", token).field("team", "Acme"))
        .with(Instance::new("linear").in_organization("acme").field("api_key", key));

    // One runtime for the program; one run for each thing that it does.
    // The client is shared state: the program makes one, and each action that takes a `&State<reqwest::Client>` borrows it.
    // Redirects are off, because the secret would go along to whatever host they name.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let runtime = Runtime::new(store).with_state(client);
    let run = runtime.organization("acme").project("research");

    // The list of tools is explicit. `.scope(User)` pins this use of the action: it takes the credential of the run's
    // own user, and never falls back to one of the project or the organization.
    let tools = toolset![LinearFindIssues, SlackSendMessage.scope(User)]?;

    // What they ask for, as data, for `keystroke check`.
    if std::env::args().nth(1).as_deref() == Some("manifest") {
        say(keystroke::manifest!(tools))?;
        return Ok(());
    }

    // `run` has no user, and `tools` needs one. So this line does not compile:
    //
    //     tools.call("slack-send-message", json!({}), &run).await?;
    //
    //     error[E0277]: this toolset acts as a user, but this run has none
    //       |     tools.call("slack-send-message", json!({}), &run).await?;
    //       |                                                 ^^^^ a run without a user
    //       = note: give the run its signed-in user with `.as_user(…)`; a background run has none, so pin to
    //               `Organization` or `Project` there
    //
    // With the signed-in user it does:
    let run = run.as_user("ada");

    // What the compiler can't know, whether each credential and the client are there, a preflight says before anything is
    // sent.
    say(tools.preflight(&run).await)?;

    // Tools are called as a model calls them: by name, with JSON in and JSON out. A secret that an action gives back
    // by mistake is taken out of the result.
    for (tool, input) in [
        ("linear-find-issues", json!({ "title": "login" })),
        (
            "slack-send-message",
            json!({ "channel": "C1234567890", "markdown_text": "**Two** issues are about login." }),
        ),
    ] {
        say(format_args!("\n{tool}"))?;
        let output = tools.call(tool, input, &run).await?;
        say(format_args!("  gave {}", output.json()))?;
    }

    // An input that does not fit is refused before any credential is looked for, with a text that a model can act on.
    say("\nslack-send-message without a text")?;
    match tools.call("slack-send-message", json!({ "channel": "C1234567890" }), &run).await {
        Ok(output) => say(format_args!("  gave {}", output.json()))?,
        Err(error) => say(format_args!("  the model is told: {}", error.for_model()))?,
    }
    Ok(())
}
