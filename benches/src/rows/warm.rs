//! A warm credential in the in-memory store: the typed run, and the erased call in JSON.

use std::hint::black_box;

use keystroke::prelude::*;
use rig_core::tool::{ErasedTool, PortableTool, ToolContext};
use rmcp::ServiceExt as _;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::{CallToolRequestParams, NumberOrString, RequestId};
use rmcp::service::{RequestContext, RunningService};
use rmcp::{RoleClient, RoleServer};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime as Tokio};

use crate::allocations::Counts;
use crate::measure::{Case, by_turns, timed};
use crate::subject::{Add, AddInput, Aws, Bare, Exa, RigAdd, RigAddParameters, add, json_input};
use crate::table::{Limit, Row, Table};
use crate::{Failed, Plan};

/// A run and a toolset on a store, ready to be called.
pub struct Ours {
    run: Run<Anonymous>,
    tools: Toolset<NoUser>,
}

impl Ours {
    pub fn on(runtime: Runtime) -> Result<Self, Failed> {
        let tools = toolset![Add]?;
        Ok(Self { run: runtime.organization("acme").project("research"), tools })
    }

    pub async fn typed(&self, number: i64) {
        let sum = Add.run(&self.run, AddInput { a: number, b: 2 }).await.expect("a sum");
        assert_eq!(sum.sum, number + 2);
    }

    pub async fn json(&self, input: Value) {
        black_box(self.tools.call("add", input, &self.run).await.expect("a sum"));
    }

    /// So many calls, timed.
    pub fn typed_case<'a>(&'a self, tokio: &'a Tokio) -> Case<'a> {
        Box::new(|times| {
            timed(|| {
                tokio.block_on(async {
                    for number in 0..times {
                        self.typed(number.into()).await;
                    }
                })
            })
        })
    }

    pub fn json_case<'a>(&'a self, tokio: &'a Tokio) -> Case<'a> {
        Box::new(|times| {
            let inputs: Vec<Value> = (0..times).map(|number| json_input(number).into()).collect();
            timed(|| {
                tokio.block_on(async {
                    for input in inputs {
                        self.json(input).await;
                    }
                })
            })
        })
    }
}

/// A tool router of rmcp, with the connection that a request's context wants.
pub struct Rmcp {
    router: ToolRouter<Bare>,
    server: RunningService<RoleServer, Bare>,
    _client: RunningService<RoleClient, ()>,
}

impl Rmcp {
    pub async fn connected() -> Result<Self, Failed> {
        let (here, there) = tokio::io::duplex(4096);
        let (server, client) = tokio::join!(Bare.serve(here), ().serve(there));
        Ok(Self { router: Bare::router(), server: server?, _client: client? })
    }

    /// A request as rmcp's own loop hands it on: not part of a dispatch.
    pub fn request(&self, number: u32) -> (CallToolRequestParams, RequestContext<RoleServer>) {
        let context =
            RequestContext::new(RequestId::from(NumberOrString::Number(1)), self.server.peer().clone());
        (CallToolRequestParams::new("add").with_arguments(json_input(number)), context)
    }

    pub async fn dispatch(&self, (request, context): (CallToolRequestParams, RequestContext<RoleServer>)) {
        let context = ToolCallContext::new(self.server.service(), request, context);
        black_box(self.router.call(context).await.expect("a sum"));
    }

    fn case<'a>(&'a self, tokio: &'a Tokio) -> Case<'a> {
        Box::new(|times| {
            let requests: Vec<_> = (0..times).map(|number| self.request(number)).collect();
            timed(|| {
                tokio.block_on(async {
                    for request in requests {
                        self.dispatch(request).await;
                    }
                })
            })
        })
    }
}

pub fn rows(plan: &Plan, counts: &Counts, table: &mut Table) -> Result<(), Failed> {
    let tokio = Builder::new_current_thread().enable_all().build()?;
    let ours = Ours::on(crate::subject::memory())?;
    let aws = Aws::default();
    let rmcp = tokio.block_on(Rmcp::connected())?;
    let exa = Exa { api_key: crate::subject::SECRET.into() };

    let direct: Case<'_> = Box::new(|times| {
        timed(|| {
            tokio.block_on(async {
                for number in 0..times {
                    let input = black_box(AddInput { a: number.into(), b: 2 });
                    black_box(add(input, black_box(&exa)).await).expect("a sum");
                }
            })
        })
    });
    let rig_direct: Case<'_> = Box::new(|times| {
        timed(|| {
            tokio.block_on(async {
                for number in 0..times {
                    let input = black_box(RigAddParameters { a: number.into(), b: 2 });
                    black_box(PortableTool::call(&RigAdd, input).await).expect("a sum");
                }
            })
        })
    });
    let aws_hit: Case<'_> = Box::new(|times| {
        timed(|| {
            tokio.block_on(async {
                for _ in 0..times {
                    aws.hit().await;
                }
            })
        })
    });
    let rig_erased: Case<'_> = Box::new(|times| {
        let inputs: Vec<String> =
            (0..times).map(|number| Value::from(json_input(number)).to_string()).collect();
        timed(|| {
            tokio.block_on(async {
                let mut context = ToolContext::new();
                for input in inputs {
                    black_box(ErasedTool::execute(&RigAdd, input, &mut context).await);
                }
            })
        })
    });
    let cases = [
        direct,
        rig_direct,
        ours.typed_case(&tokio),
        aws_hit,
        ours.json_case(&tokio),
        rmcp.case(&tokio),
        rig_erased,
    ];
    let [direct, rig_direct, typed, aws_hit, json, rmcp, rig_erased] =
        by_turns(plan.rounds(300), 1..=1 << 24, cases);
    let count = |name: &str| counts.get(name).copied();
    table.add(Row::beside("direct call", &direct, "rig typed call", &rig_direct));
    table.add(
        Row::alone("typed run, warm, in memory: over the direct call", &typed.without(&direct))
            .at_most(Limit::Nanoseconds(250.0))
            .allocations(count("typed")),
    );
    table.add(
        Row::beside("typed run, warm, in memory", &typed, "AWS identity-cache hit", &aws_hit)
            .at_most(Limit::Ratio(1.0))
            .allocations(count("typed")),
    );
    table.add(
        Row::beside("JSON call, warm, in memory", &json, "rmcp dispatch, no credential", &rmcp)
            .at_most(Limit::Ratio(1.0))
            .allocations(count("json")),
    );
    table.add(
        Row::beside("JSON call, warm, in memory", &json, "rig erased call, no credential", &rig_erased)
            .allocations(count("json")),
    );
    Ok(())
}
