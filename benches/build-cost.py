#!/usr/bin/env python3
"""What a crate pays at build time for keystroke, beside its peers: `benches/build-cost.py [--repeat N] [--quick]`.

Builds small programs (dev profile, two jobs) in folders of their own, clean, by turns, and prints two Markdown tables:
a hello world of each kind, and programs with 1, 50 and 200 actions, whose dependencies are built already. Seconds are
CPU seconds, user and system, of the compiler and all that it starts: what else the machine does moves them less than the
clock's, which are printed too. Of several builds the least counts: noise only ever adds.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERDE = 'schemars = "1.2"\nserde = { version = "1", features = ["derive"] }\n'
TOKIO = 'tokio = { version = "1", features = ["macros", "rt"] }\n'
KEYSTROKE = f'keystroke = {{ path = "{ROOT}"FEATURES }}\n'
RMCP = 'rmcp = { version = "=3.11.0", features = ["server", "transport-io", "macros", "schemars"] }\n'
RIG = 'rig-core = "=0.44.0"\nserde_json = "1"\n'


def keystroke(*features):
    named = f", features = {list(features)}".replace("'", '"') if features else ""
    return KEYSTROKE.replace("FEATURES", named) + SERDE + TOKIO


TYPES = """
#[derive(Deserialize, JsonSchema)]
pub struct Input{n} {{
    /// The first number.
    pub a: i64,
    /// The second number.
    pub b: i64,
}}
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Output{n} {{
    pub sum: i64,
}}
"""
ACTION = """
/// Adds two numbers, variant {n}.
#[action(slug = "add-{n}")]
pub async fn add{n}(input: Input{n}, exa: &Exa) -> Result<Output{n}, Failure> {{
    let _ = exa.api_key.expose_secret();
    Ok(Output{n} {{ sum: input.a + input.b }})
}}
"""
TOOL = """
    /// Adds two numbers, variant {n}.
    #[tool(name = "add-{n}")]
    async fn add{n}(&self, Parameters(input): Parameters<Input{n}>) -> Result<Json<Output{n}>, rmcp::ErrorData> {{
        Ok(Json(Output{n} {{ sum: input.a + input.b }}))
    }}
"""
RIG_TOOL = """
#[rig_tool(description = "Adds two numbers, variant {n}", params(a = "The first number.", b = "The second number."))]
pub async fn add{n}(a: i64, b: i64) -> Result<i64, ToolExecutionError> {{
    Ok(a + b)
}}
"""


def actions(count, store="MemoryStore::new()", serve=""):
    numbers = range(count)
    listed = ", ".join(f"Add{n}" for n in numbers)
    return (
        "use keystroke::prelude::*;\nuse schemars::JsonSchema;\nuse serde::{Deserialize, Serialize};\n"
        '/// A key.\n#[credential(key = "exa")]\npub struct Exa { pub api_key: SecretString }\n'
        + "".join(TYPES.format(n=n) + ACTION.format(n=n) for n in numbers)
        + "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n"
        + f"    let runtime = Runtime::new({store});\n    let tools = toolset![{listed}]?;\n"
        + (serve or '    let run = runtime.organization("acme").project("p");\n    println!("{}", tools.preflight(&run).await);\n')
        + "    Ok(())\n}\n"
    )


SERVE = (
    '    let binding = keystroke::mcp::Binding::new("acme", "p");\n'
    '    keystroke::mcp::Server::new("s", tools, runtime).run(|r| r.run()).serve_stdio(binding).await?;\n'
)


def tools(count):
    numbers = range(count)
    return (
        "use rmcp::handler::server::wrapper::{Json, Parameters};\nuse rmcp::{ServiceExt, tool, tool_router};\n"
        "use schemars::JsonSchema;\nuse serde::{Deserialize, Serialize};\npub struct Server;\n"
        + "".join(TYPES.format(n=n) for n in numbers)
        + "#[tool_router(server_handler)]\nimpl Server {\n"
        + "".join(TOOL.format(n=n) for n in numbers)
        + "}\n#[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n"
        "    Server.serve(rmcp::transport::stdio()).await?.waiting().await?;\n    Ok(())\n}\n"
    )


def rig_tools(count):
    numbers = range(count)
    listed = "".join(f"    tools.push(Box::new(Add{n}));\n" for n in numbers)
    return (
        "use rig_core::rig_tool;\nuse rig_core::tool::{ErasedTool, ToolContext, ToolExecutionError};\n"
        + "".join(RIG_TOOL.format(n=n) for n in numbers)
        + "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() {\n"
        "    let mut tools: Vec<Box<dyn ErasedTool>> = Vec::new();\n" + listed
        + "    let mut context = ToolContext::new();\n    for tool in tools {\n"
        "        let _ = tool.execute(r#\"{\"a\":1,\"b\":2}\"#.to_owned(), &mut context).await;\n    }\n}\n"
    )


HELLO = {
    "keystroke": (keystroke(), actions(1)),
    "keystroke with the vault": (keystroke("vault"), actions(1, "Vault::open_default()?")),
    "keystroke with MCP": (keystroke("mcp"), actions(1, serve=SERVE)),
    "keystroke with both": (keystroke("mcp", "vault"), actions(1, "Vault::open_default()?", SERVE)),
    "rmcp server": (RMCP + SERDE + 'tokio = { version = "1", features = ["macros", "rt", "io-std"] }\n', tools(1)),
    "rig tool": (RIG + SERDE + TOKIO, rig_tools(1)),
}
MANY = {
    "keystroke `#[action]`": (keystroke(), actions),
    "rmcp `#[tool]`": (HELLO["rmcp server"][0], tools),
    "rig `#[rig_tool]`": (HELLO["rig tool"][0], rig_tools),
}


class Project:
    def __init__(self, folder, name, dependencies, source, beside=None):
        """`beside` is the name of a project with the same dependencies, which are then built once for both."""
        self.folder, self.target = (folder / re.sub(r"[^a-z0-9]+", "-", of) for of in (name, f"{beside or name} target"))
        (self.folder / "src").mkdir(parents=True)
        manifest = f'[workspace]\n[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2024"\n[dependencies]\n{dependencies}'
        (self.folder / "Cargo.toml").write_text(manifest)
        (self.folder / "src/main.rs").write_text(source)
        # The versions of the benchmarks' lock file, so that a run can be repeated.
        shutil.copy(ROOT / "benches/Cargo.lock", self.folder / "Cargo.lock")
        shutil.copy(ROOT / "rust-toolchain.toml", self.folder)
        self.cargo("metadata", "--format-version", "1")

    def cargo(self, *arguments, **environment):
        run = subprocess.run(
            ["cargo", *arguments],
            cwd=self.folder,
            env={**os.environ, "CARGO_TARGET_DIR": str(self.target), "CARGO_INCREMENTAL": "0", **environment},
            capture_output=True,
            text=True,
        )
        if run.returncode != 0:
            sys.exit(f"error: cargo {' '.join(arguments)} in {self.folder}:\n{run.stderr}")
        return run

    def build(self):
        """CPU seconds and seconds."""
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        self.cargo("build", "--jobs", "2", "--offline")
        after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        return cpu, ended - begun

    def clean(self):
        shutil.rmtree(self.target, ignore_errors=True)

    def packages(self):
        tree = self.cargo("tree", "-e", "normal,build", "--prefix", "none", "--no-dedupe", "--offline").stdout
        return len({" ".join(line.split()[:2]) for line in tree.splitlines() if line.strip()}) - 1

    def binary(self):
        stripped = self.folder / "stripped"
        subprocess.run(["strip", "-o", stripped, self.target / "debug/hello"], check=True)
        return stripped.stat().st_size / 1e6

    def expansion(self):
        """Lines that macros make of the program, but for the derives."""
        run = self.cargo("rustc", "--offline", "--", "-Zmacro-stats", RUSTC_BOOTSTRAP="1")
        lines = 0
        for line in (run.stdout + run.stderr).splitlines():
            found = re.match(r"macro-stats\s+(#\[(?:action|credential|tool|tool_router|rig_tool|tool_handler)\]|toolset!|__toolset_of!)\s+(.*)", line)
            if found:
                numbers = [int(number.replace("_", "")) for number in re.findall(r"[\d_]+", found.group(2))]
                lines += numbers[1] if len(numbers) > 1 else 0
        return lines


def least(timings):
    return min(cpu for cpu, _ in timings), min(clock for _, clock in timings)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3, help="how often each is built (3)")
    parser.add_argument("--quick", action="store_true", help="each once, and no 200 actions: does it work at all")
    options = parser.parse_args()
    repeat = 1 if options.quick else options.repeat
    counts = [1, 50] if options.quick else [1, 50, 200]

    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    print(f"{os.cpu_count()} cores, {rustc}, dev profile, `--jobs 2`, the least of {repeat}")
    print(f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory(prefix="build-cost-") as folder:
        folder = Path(folder)
        hello = {name: Project(folder, name, *what) for name, what in HELLO.items()}
        timings = {name: [] for name in hello}
        for _ in range(repeat):
            for name, project in hello.items():
                project.clean()
                timings[name].append(project.build())
        peer, _ = least(timings["rmcp server"])
        print("| hello world, clean | CPU s | clock s | CPU over rmcp's | packages | binary, stripped |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for name, project in hello.items():
            cpu, clock = least(timings[name])
            print(f"| {name} | {cpu:.1f} | {clock:.1f} | {cpu / peer:.2f} | {project.packages()} | {project.binary():.1f} MB |", flush=True)
            project.clean()

        print("\n| actions, dependencies built | CPU s | a further one, CPU ms | over `#[tool]` | lines of expansion each |")
        print("| --- | ---: | ---: | ---: | ---: |")
        many = {}
        for name, (dependencies, source) in MANY.items():
            for count in counts:
                many[name, count] = Project(folder, f"{name} {count}", dependencies, source(count), beside=name)
                many[name, count].build()
        timings = {key: [] for key in many}
        for _ in range(repeat):
            for key, project in many.items():
                (project.folder / "src/main.rs").touch()
                timings[key].append(project.build())
        first, last = counts[0], counts[-1]
        further = {name: (least(timings[name, last])[0] - least(timings[name, first])[0]) / (last - first) for name in MANY}
        for (name, count), project in many.items():
            cpu, _ = least(timings[name, count])
            if count == last:
                lines = project.expansion() / count
                more = f"{further[name] * 1e3:.0f} | {further[name] / further['rmcp `#[tool]`']:.2f} | {lines:.0f}"
            else:
                more = "| | "
            print(f"| {count} × {name} | {cpu:.1f} | {more} |", flush=True)
    if min(further.values()) <= 0:
        sys.exit("error: more actions take no more time, which can't be")


if __name__ == "__main__":
    main()
