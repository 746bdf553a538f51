use keystroke::mcp::{ReadyToServe, Server};
use keystroke::prelude::*;

fn served(tools: Toolset<NeedsUser>, runtime: Runtime) -> Server<ReadyToServe> {
    Server::new("researcher", tools, runtime).run(|request| request.runtime().organization("acme").project("research"))
}

fn main() {
    let _ = served;
}
