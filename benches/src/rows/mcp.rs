//! An MCP call, from a client's request to its result, beside a bare rmcp server with the same tool and no credential:
//! over standard input and output of another process, as clients start servers, and within this process.

use keystroke::mcp::{Binding, Server};
use keystroke::prelude::*;
use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::transport::TokioChildProcess;
use rmcp::{RoleClient, ServiceExt as _};
use tokio::process::Command;
use tokio::runtime::{Builder, Runtime as Tokio};

use crate::allocations::Counts;
use crate::measure::{Case, by_turns, timed};
use crate::subject::{Add, Bare, json_input, memory};
use crate::table::{Limit, Row, Table};
use crate::vaults::{Scratch, options};
use crate::{Failed, Plan};

type Client = RunningService<RoleClient, ()>;

fn server(runtime: Runtime) -> Result<Server<keystroke::mcp::ReadyToServe>, Failed> {
    Ok(Server::new("bench", toolset![Add]?, runtime).run(|request| request.run()))
}

/// What the other process does: serves its standard input and output.
pub fn serve(which: &str, folder: &[&str]) -> Result<(), Failed> {
    let tokio = Builder::new_current_thread().enable_all().build()?;
    let runtime = match (which, folder) {
        ("bare", []) => {
            return tokio.block_on(async {
                Bare.serve(rmcp::transport::stdio()).await?.waiting().await?;
                Ok(())
            });
        }
        ("memory", []) => memory(),
        ("vault", [folder]) => Runtime::new(Vault::open_with(options(folder.as_ref()))?),
        _ => return Err("no such server".into()),
    };
    Ok(tokio.block_on(server(runtime)?.serve_stdio(Binding::new("acme", "research")))?)
}

async fn started(arguments: &[&std::ffi::OsStr]) -> Result<Client, Failed> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("mcp-server").args(arguments);
    Ok(().serve(TokioChildProcess::new(command)?).await?)
}

fn calls<'a>(tokio: &'a Tokio, client: &'a Client) -> Case<'a> {
    Box::new(|times| {
        let requests: Vec<_> =
            (0..times).map(|n| CallToolRequestParams::new("add").with_arguments(json_input(n))).collect();
        timed(|| {
            tokio.block_on(async {
                for request in requests {
                    let result = client.call_tool(request).await.expect("an answer");
                    assert_ne!(result.is_error, Some(true));
                }
            })
        })
    })
}

pub fn rows(plan: &Plan, _: &Counts, table: &mut Table) -> Result<(), Failed> {
    let tokio = Builder::new_current_thread().enable_all().build()?;
    let scratch = Scratch::new()?;
    let (bare, in_memory, vault) = tokio.block_on(async {
        let bare = started(&["bare".as_ref()]).await?;
        let in_memory = started(&["memory".as_ref()]).await?;
        let vault = started(&["vault".as_ref(), scratch.folder.path().as_os_str()]).await?;
        Ok::<_, Failed>((bare, in_memory, vault))
    })?;
    let cases = [calls(&tokio, &bare), calls(&tokio, &in_memory), calls(&tokio, &vault)];
    let [a, b, c] = by_turns(plan.rounds(300), 1..=1 << 12, cases);
    let name = "MCP call over stdio of another process";
    let limit = Limit::Ratio(1.05);
    table.add(Row::beside(format!("{name}, in memory"), &b, "bare rmcp", &a).at_most(limit));
    table.add(Row::beside(format!("{name}, local vault"), &c, "bare rmcp", &a).at_most(limit));
    tokio.block_on(async {
        for client in [bare, in_memory, vault] {
            client.cancel().await?;
        }
        Ok::<_, Failed>(())
    })?;

    let (bare, ours) = tokio.block_on(async {
        let (here, there) = tokio::io::duplex(64 * 1024);
        tokio::spawn(async move { Bare.serve(here).await.expect("a client").waiting().await });
        let bare: Client = ().serve(there).await?;
        let (here, there) = tokio::io::duplex(64 * 1024);
        let (input, output) = tokio::io::split(here);
        let serving = server(memory())?.serve_streams_until(
            input,
            output,
            Binding::new("acme", "research"),
            Cancellation::new(),
        );
        tokio::spawn(serving);
        let ours: Client = ().serve(there).await?;
        Ok::<_, Failed>((bare, ours))
    })?;
    let [a, b] = by_turns(plan.rounds(300), 1..=1 << 12, [calls(&tokio, &bare), calls(&tokio, &ours)]);
    table.add(Row::beside("MCP call within one process, in memory", &b, "bare rmcp", &a).at_most(limit));
    Ok(())
}
