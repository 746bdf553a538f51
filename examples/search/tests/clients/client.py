"""The official Python SDK as a client of `search mcp`: does what the test wants to see, and prints what came of it.

Its one argument is JSON: where the server is, and which generation of the protocol to speak.
"""

import json
import sys

import anyio
import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

SPEC = json.loads(sys.argv[1])
MODES = {"older": "legacy", "newest": "2026-07-28", "any": "auto"}


def plain(value):
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


def connection():
    if "command" in SPEC:
        return StdioServerParameters(command=SPEC["command"], args=SPEC["args"], env=SPEC["env"], cwd=SPEC["cwd"])
    http = httpx2.AsyncClient(headers=SPEC["headers"], trust_env=False)
    return streamable_http_client(SPEC["url"], http_client=http)


async def main():
    report = {}
    async with Client(connection(), mode=MODES[SPEC["generation"]]) as client:
        report["protocol"] = client.protocol_version
        report["server"] = plain(client.server_info) if client.server_info else None
        report["tools"] = [plain(tool) for tool in (await client.list_tools()).tools]
        query = {"query": "pinned scope", "limit": 2}
        report["found"] = plain(await client.call_tool("search", query))
        report["wrong"] = plain(await client.call_tool("search", {"query": 3}))
        report["page"] = plain(await client.call_tool("read-page", {"url": "https://example.com"}))
        try:
            await client.call_tool("nope", {})
        except MCPError as error:
            report["unknown"] = error.error.code

        counts = [0] * 8

        async def search(limit):
            result = await client.call_tool("search", {"query": "pinned scope", "limit": limit + 1})
            counts[limit] = len(result.structured_content["results"])

        async with anyio.create_task_group() as calls:
            for limit in range(8):
                calls.start_soon(search, limit)
        report["counts"] = counts

        # Taken back when the test says that the service was asked.
        async with anyio.create_task_group() as calls:
            calls.start_soon(client.call_tool, "search", {"query": "wait"})
            await anyio.to_thread.run_sync(sys.stdin.readline)
            calls.cancel_scope.cancel()
        await anyio.to_thread.run_sync(sys.stdin.readline)
        report["after"] = plain(await client.call_tool("search", query))
    print(json.dumps(report))


anyio.run(main)
