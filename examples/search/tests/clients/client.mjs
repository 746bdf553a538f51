// The official TypeScript SDKs as clients of `search mcp`: does what the test wants to see, and prints what came of it.
//
// Its one argument is JSON: which SDK, where the server is, and which generation of the protocol to speak.

import { createInterface } from "node:readline";

const spec = JSON.parse(process.argv[2]);
const told = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const about = { name: "the test", version: "1.0.0" };
let client, transport;
if (spec.sdk === "1") {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  client = new Client(about);
  if (spec.command) {
    const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
    transport = new StdioClientTransport(spec);
  } else {
    const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
    transport = new StreamableHTTPClientTransport(new URL(spec.url), { requestInit: { headers: spec.headers } });
  }
} else {
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const mode = { older: "legacy", newest: { pin: "2026-07-28" }, any: "auto" }[spec.generation];
  client = new Client(about, { versionNegotiation: { mode } });
  if (spec.command) {
    const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
    transport = new StdioClientTransport(spec);
  } else {
    transport = new StreamableHTTPClientTransport(new URL(spec.url), { requestInit: { headers: spec.headers } });
  }
}

// The first SDK tells its transport alone which version was agreed on.
let protocol;
const own = transport.setProtocolVersion?.bind(transport);
transport.setProtocolVersion = (version) => {
  protocol = version;
  own?.(version);
};
await client.connect(transport);
const call = (name, args, options) =>
  spec.sdk === "1"
    ? client.callTool({ name, arguments: args }, undefined, options)
    : client.callTool({ name, arguments: args }, options);

const report = {
  protocol: client.getNegotiatedProtocolVersion?.() ?? protocol,
  server: client.getServerVersion() ?? null,
};
// From here on the SDK checks each structured result against the schema that the tool was listed with.
report.tools = (await client.listTools()).tools;
const query = { query: "pinned scope", limit: 2 };
report.found = await call("search", query);
report.wrong = await call("search", { query: 3 });
report.page = await call("read-page", { url: "https://example.com" });
report.unknown = await call("nope", {}).then(() => null, (error) => error.code);
const limits = [1, 2, 3, 4, 5, 6, 7, 8];
const searches = limits.map((limit) => call("search", { query: "pinned scope", limit }));
report.counts = (await Promise.all(searches)).map((result) => result.structuredContent.results.length);

// Taken back when the test says that the service was asked.
const takenBack = new AbortController();
const waiting = call("search", { query: "wait" }, { signal: takenBack.signal }).then(() => "answered", () => "taken back");
await told.next();
takenBack.abort();
report.waiting = await waiting;
await told.next();
report.after = await call("search", query);

await client.close();
console.log(JSON.stringify(report));
process.exit(0);
