// A page, the relay that it reads from, and an emulated gateway, in one process.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { createEmulator } from "@gatestream/emulator";
import { createRelay } from "@gatestream/relay";

/** Where page.js looks for the relay. */
const basePath = "/api/llm";
const host = "127.0.0.1";
const port = Number(process.env["PORT"] ?? 3000);

const credentials = { clientId: "demo-client", clientSecret: "demo-secret" };
// Slow enough to cut the connection in the middle of an answer.
const tokensPerSecond = Number(process.env["TOKENS_PER_SECOND"] ?? 30);
const emulator = createEmulator({ ...credentials, tokensPerSecond });
const gateway = await emulator.listen();

const relay = createRelay({
  basePath,
  // An EventSource cannot POST. It reads a stream that another request has started, so the relay
  // has to keep it; that is also what lets the browser go on after a cut.
  resume: "memory",
  shutdownGraceMs: 0,
  genesys: { ...credentials, loginUrl: gateway.url, apiUrl: gateway.url },
});

const pageHeaders = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const javascript = "text/javascript; charset=utf-8";

/** @type {ReadonlyMap<string, { type: string, file: string }>} */
const pageFiles = new Map([
  ["/", { type: "text/html; charset=utf-8", file: "index.html" }],
  ["/page.css", { type: "text/css; charset=utf-8", file: "page.css" }],
  ["/icon.svg", { type: "image/svg+xml", file: "icon.svg" }],
  ["/page.js", { type: javascript, file: "page.js" }],
  ["/read-stream.js", { type: javascript, file: "read-stream.js" }],
  ["/answer-view.js", { type: javascript, file: "answer-view.js" }],
  ["/event-list.js", { type: javascript, file: "event-list.js" }],
  ["/find.js", { type: javascript, file: "find.js" }],
]);

/** The event streams that are being read: what `POST /cut` cuts. */
const streams = /** @type {Set<import("node:http").ServerResponse>} */ (new Set());

/** Cuts what is being read as a network would: in the middle, without a word. */
function cut() {
  for (const response of streams) response.destroy();
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function serve(request, response) {
  const { method, url = "/" } = request;
  const page = pageFiles.get(url);
  if (method === "POST" && url === "/cut") {
    // No other page that is open in the same browser may do that.
    const isOwnPage = request.headers["sec-fetch-site"] === "same-origin";
    if (isOwnPage) cut();
    response.writeHead(isOwnPage ? 204 : 403, pageHeaders).end();
  } else if (method === "GET" && page !== undefined) {
    const content = await readFile(new URL(page.file, import.meta.url));
    response.writeHead(200, { ...pageHeaders, "Content-Type": page.type }).end(content);
  } else {
    response.writeHead(404, pageHeaders).end();
  }
}

const server = createServer((request, response) => {
  if (request.method === "GET" && request.url?.startsWith(`${basePath}/stream/`)) {
    streams.add(response);
    response.once("close", () => streams.delete(response));
  }
  relay.handler(request, response, () => {
    serve(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500, pageHeaders).end();
    });
  });
});

server.on("error", (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EADDRINUSE") throw error;
  console.error(`Port ${port} is taken. Choose another: PORT=${port + 1} node server.mjs`);
  process.exit(1);
});

server.listen(port, host, () => {
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`
  Page     http://${host}:${address.port}/
  Gateway  emulator, in this process: no account needed

  Ctrl+C stops it.
`);
});

async function shutDown() {
  server.close();
  await relay.close();
  server.closeAllConnections();
  await emulator.close();
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void shutDown());
