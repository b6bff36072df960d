import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createEmulator } from "@gatestream/emulator";
import { createRelay } from "@gatestream/relay";
import { requireLoopbackHost } from "@gatestream/relay/command";
import { listenProblem } from "./listen-problem.ts";

export interface DemoSurroundings {
  readonly print: (text: string) => void;
  /** Aborted when the demo is to end. */
  readonly stop: AbortSignal;
}

const host = "127.0.0.1";
const client = { clientId: "demo-client", clientSecret: "demo-secret" };

/**
 * Runs an emulated gateway, a relay and a page with the chat element until `stop` is aborted. The
 * environment has no say in it.
 *
 * @throws Error saying what to change where it cannot listen.
 */
export async function demo(port: number, { print, stop }: DemoSurroundings): Promise<void> {
  const files = await readPageFiles();
  const emulator = createEmulator(client);
  const gateway = await emulator.listen();
  const relay = createRelay({
    genesys: { ...client, loginUrl: gateway.url, apiUrl: gateway.url },
    // A demo must not take half a minute to end.
    shutdownGraceMs: 2_000,
  });
  const server = createServer((request, response) => {
    if (!isForThisMachine(request)) {
      response.writeHead(421).end();
      return;
    }
    relay.handler(request, response, () => servePage(files, request, response));
  });
  try {
    server.listen(port, host);
    await once(server, "listening");
    const { port: ownPort } = server.address() as AddressInfo;
    print(greeting(`http://${host}:${ownPort}`));
    if (!stop.aborted) await once(stop, "abort");
  } catch (failure) {
    throw new Error(listenProblem(failure, { host, port }), { cause: failure });
  } finally {
    server.close();
    await relay.close();
    server.closeAllConnections();
    await emulator.close();
  }
}

/** Otherwise a page of another site whose name points to 127.0.0.1 could use the demo. */
function isForThisMachine(request: IncomingMessage): boolean {
  try {
    requireLoopbackHost(request);
    return true;
  } catch {
    // It says so of a relay; here the status is enough.
    return false;
  }
}

function greeting(url: string): string {
  const body = { configurationId: "demo", messages: [{ role: "user", content: "Hello" }] };
  return `
  The gatestream demo is running: an emulated gateway, the relay and a page.

  Chat     ${url}/
  Try      /scenario reasoning, tool-call, sources, file, cut, stall, …: gatestream emulate --help has all
  Stream   curl -N ${url}/api/llm/stream -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'

  Ctrl-C ends it.

`;
}

interface PageFile {
  readonly type: string;
  readonly content: string | Uint8Array;
}

const headers = {
  "Cache-Control": "no-cache",
  // Nothing but what the page brings itself, and nothing inline.
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>gatestream demo</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/page.css" />
    <script src="/gatestream-chat.js" defer></script>
  </head>
  <body>
    <gatestream-chat
      src="/api/llm"
      configuration-id="demo"
      heading="gatestream demo"
      persist="demo"
      resumable
      wire
    ></gatestream-chat>
  </body>
</html>
`;

const css = `body {
  margin: 0;
}
gatestream-chat {
  height: 100vh;
  height: 100dvh;
}
`;

/** The files of the page by their paths; the element's script, and what it loads, are of its package. */
async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const element = import.meta.resolve("@gatestream/element/package.json");
  const modules = await readdir(new URL("dist/modules/", element));
  const scripts = [
    ["/gatestream-chat.js", "dist/gatestream-chat.iife.min.js"],
    ...modules.map((name) => [`/modules/${name}`, `dist/modules/${name}`]),
  ].map(async ([path = "", file = ""]) => {
    const content = await readFile(new URL(file, element));
    return [path, { type: "text/javascript; charset=utf-8", content }] as const;
  });
  return new Map<string, PageFile>([
    ["/", { type: "text/html; charset=utf-8", content: html }],
    ["/page.css", { type: "text/css; charset=utf-8", content: css }],
    ...(await Promise.all(scripts)),
  ]);
}

/** Answers a request for one of `files`; every other path is 404. */
function servePage(
  files: ReadonlyMap<string, PageFile>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const file = files.get(request.url?.split("?")[0] ?? "");
  if (file === undefined) {
    response.writeHead(404, headers).end();
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { ...headers, Allow: "GET, HEAD" }).end();
  } else {
    response.writeHead(200, { ...headers, "Content-Type": file.type }).end(file.content);
  }
}
