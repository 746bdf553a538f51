//! An action that searches, with a credential: see `README.md`.
//!
//! `cargo run -p search -- "pinned scope"` needs no account: it starts a stand-in for the service, makes a throwaway vault,
//! and shows which credential each call gets (`demo`). With `EXA_BASE_URL` set, it searches for real.

mod action;
mod args;
mod context;
mod demo;
mod error;
mod http;
mod mcp;
mod output;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use keystroke::prelude::*;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use action::{BaseUrls, Search, SearchInput, tools};
use args::{Args, Command};
use context::Context;
use error::{Failure, is_broken_pipe, with_causes};
use http::FIRECRAWL;
use output::Output;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let filter = filter(std::env::var(EnvFilter::DEFAULT_ENV).ok().as_deref());
    // It fails only if a subscriber is set already, and then that one will do.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// What is logged: what `RUST_LOG` says, else warnings. Calls that failed are left out then, because their caller says so
/// here. At `info` the protocol's library logs each request, so that is left out too, unless `RUST_LOG` names `rmcp` itself.
fn filter(wanted: Option<&str>) -> EnvFilter {
    let quiet = || EnvFilter::new("warn,keystroke::call=error");
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else { return quiet() };
    let Ok(filter) = EnvFilter::try_new(wanted) else { return quiet() };
    if filter.max_level_hint() != Some(LevelFilter::INFO) || wanted.contains("rmcp") {
        return filter;
    }
    EnvFilter::try_new(format!("{wanted},rmcp=warn")).unwrap_or(filter)
}

async fn run(args: Args) -> Result<(), Failure> {
    match &args.command {
        Some(Command::Mcp(args)) => return mcp::serve(args).await,
        Some(Command::Manifest) => {
            writeln!(io::stdout(), "{}", keystroke::manifest!(tools()?))?;
            return Ok(());
        }
        None => {}
    }
    let Some(query) = args.query.clone() else { return demo::serve_stand_in(&args).await };
    let input = SearchInput { query, limit: args.limit };
    match http::base_url("EXA_BASE_URL")? {
        Some(exa) => search_for_real(&args, exa, input).await,
        None => demo::show(&args, input).await,
    }
}

/// With a service and the user's own vault: the one search that was asked for.
async fn search_for_real(args: &Args, exa: String, input: SearchInput) -> Result<(), Failure> {
    let context = Context::of(&std::env::current_dir()?)?;
    let vault = Vault::open_default()?;
    let runtime = Runtime::new(vault)
        .with_state(http::client(&exa)?)
        .with_state(BaseUrls { exa, firecrawl: FIRECRAWL.to_owned() });
    let run = runtime.organization(context.organization).project(context.project).origin(Origin::Cli);
    match context.user {
        Some(user) => search_once(args, &run.as_user(user), input).await,
        None => search_once(args, &run, input).await,
    }
}

/// `search` needs no user, so it takes every run: with a user and without.
async fn search_once(args: &Args, run: &impl RunFor<NoUser>, input: SearchInput) -> Result<(), Failure> {
    let output = Output::new(args.json);
    let call = Search.run(run, input);
    let trace = call.explain().await;
    output.trace(&trace)?;
    let found = call.await?;
    output.results(&found)?;
    output.document(&output::call(&trace, &found))?;
    Ok(())
}
