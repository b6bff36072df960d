import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

/** @typedef {import("./relay-process.mjs").RelayProcess} RelayProcess */

const headers = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const html = "text/html; charset=utf-8";
const css = "text/css; charset=utf-8";
const javascript = "text/javascript; charset=utf-8";

/** Beside each other in `examples/`; the look is the other example's. */
const pageFiles = new Map([
  ["/two-relays/", { type: html, file: "two-relays/index.html" }],
  ...["two-relays/relays.css", "native-eventsource/page.css"].map(served(css)),
  ...[
    "two-relays/page.js",
    "two-relays/follow-stream.js",
    "two-relays/relay-cards.js",
    "native-eventsource/answer-view.js",
    "native-eventsource/event-list.js",
    "native-eventsource/find.js",
  ].map(served(javascript)),
  ...["native-eventsource/icon.svg"].map(served("image/svg+xml")),
]);

/**
 * @param {string} type
 * @returns {(file: string) => [string, { type: string, file: string }]}
 */
function served(type) {
  return (file) => [`/${file}`, { type, file }];
}

/** `/relays/A/kill` and the like. */
const commandPath = /^\/relays\/(?<name>\w+)\/(?<command>start|stop|kill)$/;

/**
 * Serves the page, tells it how the relays are, and does to them what its buttons say.
 * @param {ReadonlyMap<string, RelayProcess>} relays
 */
export function createPageServer(relays) {
  const watchers = /** @type {Set<import("node:http").ServerResponse>} */ (new Set());

  function relayStates() {
    return `data: ${JSON.stringify([...relays.values()].map(({ name, state }) => ({ name, state })))}\n\n`;
  }

  /** @param {import("node:http").ServerResponse} response */
  function watch(response) {
    response.writeHead(200, { ...headers, "Content-Type": "text/event-stream" });
    response.write(relayStates());
    watchers.add(response);
    response.once("close", () => watchers.delete(response));
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async function serve({ method, url = "/", headers: asked }, response) {
    const page = pageFiles.get(url);
    const { name = "", command = "" } = commandPath.exec(url)?.groups ?? {};
    const relay = relays.get(name);
    if (method === "POST" && relay !== undefined) {
      // No other page that is open in the same browser may do that.
      const isOwnPage = asked["sec-fetch-site"] === "same-origin";
      response.writeHead(isOwnPage ? 202 : 403, headers).end();
      if (isOwnPage) await relay[/** @type {"start" | "stop" | "kill"} */ (command)]();
    } else if (method === "GET" && page !== undefined) {
      const content = await readFile(new URL(`../../${page.file}`, import.meta.url));
      response.writeHead(200, { ...headers, "Content-Type": page.type }).end(content);
    } else if (method === "GET" && url === "/relays") {
      watch(response);
    } else if (method === "GET" && url === "/") {
      response.writeHead(302, { ...headers, Location: "/two-relays/" }).end();
    } else {
      response.writeHead(404, headers).end();
    }
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      process.stderr.write(`${error}\n`);
      response.destroy();
    });
  });

  return {
    /** @param {number} port */
    listen: (port) => server.listen(port, "127.0.0.1"),
    /** Tells every page that is open how the relays are. */
    tellStates() {
      for (const watcher of watchers) watcher.write(relayStates());
    },
  };
}
