//! The actions as tools of MCP clients: `search mcp`.

use std::io::{self, Write as _};

use keystroke::mcp::{Binding, Server, Tokens};
use keystroke::prelude::*;

use crate::action::{BaseUrls, tools};
use crate::args::McpArgs;
use crate::context::Context;
use crate::error::Failure;
use crate::http::{self, EXA, FIRECRAWL};

/// Serves until the client goes away, or the program is interrupted. Standard output is the protocol's.
pub async fn serve(args: &McpArgs) -> Result<(), Failure> {
    let options = VaultOptions::from_env()?;
    let tokens = Tokens::in_folder(options.data_folder());
    let exa = http::base_url("EXA_BASE_URL")?.unwrap_or_else(|| EXA.to_owned());
    let firecrawl = http::base_url("FIRECRAWL_BASE_URL")?.unwrap_or_else(|| FIRECRAWL.to_owned());
    let runtime = Runtime::new(Vault::open_with(options)?)
        .with_state(http::client(&exa)?)
        .with_state(BaseUrls { exa, firecrawl });

    // `search` is the agent that `keystroke credentials assign … --tool search` refers to.
    let server = Server::new("search", tools()?, runtime)
        .title("Web search")
        .version(env!("CARGO_PKG_VERSION"))
        .instructions(
            "Search the web with `search`, then read a page of its results in full with `read-page`.",
        )
        .run(|request| request.run());

    let shutdown = Cancellation::new();
    tokio::spawn(interrupted(shutdown.clone()));
    let served = match args.http {
        None => server.serve_stdio_until(binding(args)?, shutdown).await,
        Some(address) => match server.http(address, tokens).hosts(&args.hosts).bind().await {
            Ok(listening) => {
                writeln!(io::stderr(), "listening on {}", listening.url())?;
                listening.serve_until(shutdown).await
            }
            Err(error) => Err(error),
        },
    };
    // Its text ends with what to do about it.
    Ok(served?)
}

/// Who the client at standard input acts for: the options, else `keystroke.toml`. The client can't change it.
fn binding(args: &McpArgs) -> Result<Binding, Failure> {
    let context = Context::of(&std::env::current_dir()?)?;
    let organization = args.organization.clone().unwrap_or(context.organization);
    let binding = Binding::new(organization, args.project.clone().unwrap_or(context.project));
    Ok(match args.as_user.clone().or(context.user) {
        Some(user) => binding.user(user),
        None => binding,
    })
}

/// Ends the server as people and process managers do.
async fn interrupted(shutdown: Cancellation) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return shutdown.cancel();
        }
    }
    let _ = tokio::signal::ctrl_c().await;
    shutdown.cancel();
}
