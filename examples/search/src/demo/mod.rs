//! The part that a program of your own does not need: a stand-in for the service, a throwaway vault, and a show of which
//! credential each call gets.

pub mod corpus;
pub mod stand_in;

use std::io::{self, Write as _};

use keystroke::prelude::*;
use keystroke::vault::Add;
use serde_json::json;

use crate::action::{BaseUrls, ReadPage, ReadPageInput, Search, SearchInput};
use crate::args::Args;
use crate::error::Failure;
use crate::http;
use crate::output::{self, Output};
use corpus::{Corpus, repository_of};
use stand_in::{AcceptedKey, StandIn, random_hex};

/// Without a service: a stand-in, a throwaway vault with two credentials, and which of them each call gets.
pub async fn show(args: &Args, input: SearchInput) -> Result<(), Failure> {
    let output = Output::new(args.json);
    output.say("EXA_BASE_URL is not set, so nothing here comes from the web.")?;
    let (organizations, projects) = (random_hex()?, random_hex()?);
    let stand_in = start_stand_in(
        args,
        &output,
        vec![
            AcceptedKey { name: "the organization's key".to_owned(), key: organizations.clone() },
            AcceptedKey { name: "the project's key".to_owned(), key: projects.clone() },
        ],
    )
    .await?;
    let (exa, seen) = (stand_in.base_url(), stand_in.seen());
    output.text("")?;
    let server = tokio::spawn(stand_in.serve());

    // An application opens a vault that is there: `Vault::open_default()`. This one makes its own, to throw away.
    let folder = tempfile::tempdir()?;
    let (vault, _) = Vault::open_or_init(VaultOptions::at(folder.path()))?;
    let organization =
        Instance::new("exa").in_organization("acme").label("shared").field("api_key", organizations);
    let project =
        Instance::new("exa").in_project("acme", "research").label("research only").field("api_key", projects);
    vault.add([organization, project], Add::OnlyFirst)?;
    output.text(
        "A throwaway vault holds two `exa` credentials: one of the organization `acme`, for all of its",
    )?;
    output.text("projects, and one of its project `research`. The run below is in that project.\n")?;

    let runtime = Runtime::new(vault)
        .with_state(http::client(&exa)?)
        .with_state(BaseUrls { exa: exa.clone(), firecrawl: exa.clone() });
    let run = runtime.organization("acme").project("research");

    output.text("1. `Search.run(&run, input)`: the project's credential is used by default")?;
    let call = Search.run(&run, input.clone());
    let by_default = call.explain().await;
    output.trace(&by_default)?;
    let found = call.await?;
    let default_key = seen.last_key();
    output.text(format_args!("   The stand-in was sent {}.", name(default_key.as_deref())))?;
    output.results(&found)?;

    output
        .text("\n2. `Search.run(&run, input).scope(Organization)`: the organization's, for this call only")?;
    let call = Search.run(&run, input.clone()).scope(Organization);
    let pinned = call.explain().await;
    output.trace(&pinned)?;
    let found_again = call.await?;
    let pinned_key = seen.last_key();
    output.text(format_args!("   The stand-in was sent {}.", name(pinned_key.as_deref())))?;
    let same = if found == found_again { "the same" } else { "other" };
    output.text(format_args!("   It gave {same} results."))?;

    output.text("\n3. `ReadPage.run(&run, …)`: its credential is optional, and nobody has stored one")?;
    let url = found.results.first().map(|first| first.url.clone());
    let mut without = json!(null);
    if let Some(url) = url {
        let call = ReadPage.run(&run, ReadPageInput { url });
        let trace = call.explain().await;
        output.trace(&trace)?;
        let page = call.await?;
        let key = seen.last_key();
        let lines = page.markdown.lines().count();
        output.text(format_args!(
            "   The stand-in was sent {}, and gave {lines} lines.",
            name(key.as_deref())
        ))?;
        without = json!({ "trace": trace, "key_seen": key, "markdown": page.markdown });
    } else {
        output.text("   There is no page to read.")?;
    }

    output.text("\n4. The same search for another organization, which has no key")?;
    let call = Search.run(&runtime.organization("globex").project("research"), input);
    let missing = call.explain().await;
    output.trace(&missing)?;
    let error = match call.await {
        Err(error) if !error.resolve_errors().is_empty() => error,
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("`search` ran without a credential".into()),
    };
    output.missing(error.resolve_errors())?;
    output.text("   The function `search` was not entered, and nothing was sent.")?;
    output.document(&json!({
        "stand_in": exa,
        "by_default": { "call": output::call(&by_default, &found), "key_seen": default_key },
        "pinned": { "call": output::call(&pinned, &found_again), "key_seen": pinned_key },
        "without": without,
        "missing": { "trace": missing, "errors": error.resolve_errors() },
    }))?;
    server.abort();
    Ok(())
}

fn name(key: Option<&str>) -> &str {
    key.unwrap_or("no key")
}

/// The stand-in alone, until the process is ended.
pub async fn serve_stand_in(args: &Args) -> Result<(), Failure> {
    let given = std::env::var("STAND_IN_KEYS").unwrap_or_default();
    let mut keys: Vec<String> =
        given.split(',').map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect();
    let mut made = None;
    if keys.is_empty() {
        let key = random_hex()?;
        made = Some(key.clone());
        keys.push(key);
    }
    // Standard output holds what a program reads, so people's text goes where it goes beside JSON.
    let output = Output::new(true);
    let keys =
        (1..).zip(keys).map(|(number, key)| AcceptedKey { name: format!("key {number}"), key }).collect();
    let stand_in = start_stand_in(args, &output, keys).await?;
    let mut lines = io::stdout();
    writeln!(lines, "{}", stand_in.base_url())?;
    if let Some(key) = made {
        writeln!(lines, "{key}")?;
    }
    lines.flush()?;
    Ok(stand_in.serve().await?)
}

async fn start_stand_in(args: &Args, output: &Output, keys: Vec<AcceptedKey>) -> Result<StandIn, Failure> {
    let here = std::env::current_dir()?;
    let folder = args.corpus.as_deref().unwrap_or_else(|| repository_of(&here));
    let corpus = Corpus::read(folder)?;
    let (files, sections) = (corpus.files, corpus.sections);
    let more = if corpus.truncated { " (it holds more, which is left out)" } else { "" };
    let stand_in = StandIn::bind(corpus, keys).await?;
    output.say(format_args!("Starting a stand-in for Exa and Firecrawl at {}", stand_in.base_url()))?;
    output.say(format_args!(
        "over {sections} sections of {files} Markdown and Rust files in {}{more}.",
        folder.display()
    ))?;
    Ok(stand_in)
}
