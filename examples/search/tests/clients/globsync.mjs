// Lets the conformance suite start on Node 20. For one of its other commands it imports `fs.globSync`, which came with
// Node 22; testing a server does not use it.

import { register } from "node:module";

const fs = `export * from "node:fs"; export { default } from "node:fs";
export function globSync() { throw new Error("this needs Node 22"); }`;
const hooks = `export function resolve(specifier, context, next) {
  const ours = specifier === "fs" && context.parentURL?.includes("/@modelcontextprotocol/conformance/");
  return ours ? { url: ${JSON.stringify(`data:text/javascript,${encodeURIComponent(fs)}`)}, shortCircuit: true } : next(specifier, context);
}`;
if (Number(process.versions.node.split(".")[0]) < 22) {
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
