// The demo, and an example of a relay inside a server of one's own.
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { createEmulator } from "@gatestream/emulator";
import { createRelay } from "@gatestream/relay";
import {
  listenOptionsFromEnvironment,
  readEnvironmentFile,
  relayOptionsFromEnvironment,
} from "gatestream";

/** Where the pages look for the relay. */
const basePath = "/api/llm";

const pageHeaders = {
  "Cache-Control": "no-cache",
  // Nothing but what the page brings itself, and nothing inline.
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // No script turns text into HTML or code, by whatever way it came in.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  // No other origin gets hold of the window, or loads these files into its own pages.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** Vue has a policy of its own for the static parts of templates. */
const vueHeaders = {
  ...pageHeaders,
  "Content-Security-Policy": pageHeaders["Content-Security-Policy"].replace(/'none'$/, "vue"),
};

const html = "text/html; charset=utf-8";
const css = "text/css; charset=utf-8";
const javascript = "text/javascript; charset=utf-8";

const pageFolder = new URL("./", import.meta.url);
const packages = new URL("../../packages/", import.meta.url);

/** @type {ReadonlyMap<string, { type: string, file: URL }>} */
const pageFiles = new Map([
  ["/", { type: html, file: new URL("index.html", pageFolder) }],
  ["/element.html", { type: html, file: new URL("element.html", pageFolder) }],
  ["/playground.html", { type: html, file: new URL("playground.html", pageFolder) }],
  ["/playground.js", { type: javascript, file: new URL("playground.js", pageFolder) }],
  ["/page.css", { type: css, file: new URL("page.css", pageFolder) }],
  ["/configuration.js", { type: javascript, file: new URL("configuration.js", pageFolder) }],
  ["/element-page.js", { type: javascript, file: new URL("element-page.js", pageFolder) }],
  ["/chat.js", { type: javascript, file: new URL("chat.js", pageFolder) }],
  ["/icon.svg", { type: "image/svg+xml", file: new URL("icon.svg", pageFolder) }],
  ["/ui/ui.css", { type: css, file: new URL("ui/dist/ui.css", packages) }],
]);

/** Builds of which every module is served, as modules import each other. */
const builds = new Map([
  ["client", new URL("client/dist/", packages)],
  ["ui", new URL("ui/dist/", packages)],
  ["element", new URL("element/dist/", packages)],
]);

/** The same chat with a framework, as Vite has built it. */
const frameworkPages = new Map([
  ["react", new URL("../react-chat/dist/", pageFolder)],
  ["vue", new URL("../vue-chat/dist/", pageFolder)],
]);

/**
 * What a path of the page stands for; undefined for nothing.
 * @param {string} pathname
 */
function findFile(pathname) {
  const page = pageFiles.get(pathname);
  if (page) return page;
  const [, framework = "", asset = ""] = /^\/(\w+)\/((?:assets\/)?[\w.-]+|)$/.exec(pathname) ?? [];
  const built = frameworkPages.get(framework);
  if (built) return { type: typeOf(asset), file: new URL(asset || "index.html", built) };
  const [, name = "", module = ""] =
    /^\/(\w+)\/((?:(?:labels|modules)\/)?[\w.-]+\.js)$/.exec(pathname) ?? [];
  const folder = builds.get(name);
  return folder && { type: javascript, file: new URL(module, folder) };
}

/** @param {string} name Of a file that Vite has built. */
function typeOf(name) {
  if (name.endsWith(".js")) return javascript;
  if (name.endsWith(".css")) return css;
  return name.endsWith(".svg") ? "image/svg+xml" : html;
}

/**
 * @param {string} message
 * @returns {never}
 */
function refuseToStart(message) {
  console.error(message);
  process.exit(1);
}

/** Names the variables that a `.env` file of the working folder has set. */
function loadEnvironmentFile() {
  if (!existsSync(".env")) return;
  try {
    const added = readEnvironmentFile(readFileSync(".env", "utf8"), process.env);
    Object.assign(process.env, added);
    console.log(`.env sets ${Object.keys(added).join(", ") || "nothing"}.`);
  } catch (error) {
    refuseToStart(/** @type {Error} */ (error).message);
  }
}

const realGatewayVariables = [
  "GATESTREAM_PROVIDER",
  "GENESYS_CLIENT_ID",
  "GENESYS_CLIENT_SECRET",
  "GENESYS_ENVIRONMENT",
  "GENESYS_LOGIN_URL",
  "GENESYS_API_URL",
];

/** Settings of the command, which a relay inside a server refuses. */
const commandVariables = ["GATESTREAM_WORKERS", "GATESTREAM_LOG_LEVEL"];

/** The real gateway when the environment names one, else an emulator in this process. */
async function chooseGateway() {
  if (realGatewayVariables.some((name) => process.env[name])) {
    return { environment: process.env, emulator: undefined };
  }
  const clientId = "demo-client";
  const clientSecret = "demo-secret";
  const emulator = createEmulator({ clientId, clientSecret });
  const { url } = await emulator.listen();
  const environment = {
    ...process.env,
    GENESYS_CLIENT_ID: clientId,
    GENESYS_CLIENT_SECRET: clientSecret,
    GENESYS_LOGIN_URL: url,
    GENESYS_API_URL: url,
  };
  return { environment, emulator };
}

/** @param {NodeJS.ProcessEnv} environment */
function startRelay(environment) {
  try {
    const options = {
      ...relayOptionsFromEnvironment(environment),
      ...listenOptionsFromEnvironment(environment),
    };
    // Whoever stops a demo does not wait for half a minute; an environment variable still wins.
    // An answer is kept in memory, so that a reload in the middle of one goes on with it.
    const demo = { shutdownGraceMs: 2000, resume: /** @type {const} */ ("memory") };
    return { options, relay: createRelay({ ...demo, ...options, basePath }) };
  } catch (error) {
    // One error that lists every problem.
    return refuseToStart(/** @type {Error} */ (error).message);
  }
}

loadEnvironmentFile();
for (const name of commandVariables) delete process.env[name];
const { environment, emulator } = await chooseGateway();
const { options, relay } = startRelay(environment);
const { port = 3000, host = "127.0.0.1", genesys, anthropic } = options;
const modelServer = options.openai ?? options.openaiResponses ?? anthropic;
const gatewayUrl =
  modelServer?.baseUrl ?? genesys?.apiUrl ?? (anthropic && "https://api.anthropic.com");
const realGateway = gatewayUrl ? new URL(gatewayUrl).host : genesys?.environment;
const gateway = emulator ? "emulator" : realGateway;
const configurationId = chooseConfiguration();

/** The one that is set, or the emulator's; without one the page asks for it. */
function chooseConfiguration() {
  const configured = process.env["GATESTREAM_CONFIGURATION_ID"];
  if (configured) return configured;
  return emulator ? "demo" : Object.keys(modelServer?.models ?? {})[0];
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function servePage(request, response) {
  const [pathname = "/"] = (request.url ?? "/").split("?");
  const page = findFile(pathname);
  if (page === undefined && pathname !== "/demo.json") {
    response.writeHead(404, pageHeaders).end();
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { ...pageHeaders, Allow: "GET, HEAD" }).end();
  } else if (page === undefined) {
    response.writeHead(200, { ...pageHeaders, "Content-Type": "application/json" });
    response.end(JSON.stringify({ gateway, configurationId }));
  } else {
    const content = await readFile(page.file).catch(() => undefined);
    if (content === undefined) return void response.writeHead(404, pageHeaders).end();
    const headers = pathname.startsWith("/vue/") ? vueHeaders : pageHeaders;
    response.writeHead(200, { ...headers, "Content-Type": page.type }).end(content);
  }
}

/** What the relay answers besides its own routes, where it is asked to. */
const operations = new Set(["/healthz", "/readyz", "/metrics"]);

const loopbackHost = /^(?:(?:[\w-]+\.)*localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Whether anybody on this machine may ask. Then only requests to a loopback name are taken: a hostile
 * page whose own name is made to point at 127.0.0.1 (DNS rebinding) would be another one.
 */
const isOpenOnLoopback =
  options.auth !== "jwt" &&
  !options.trustedProxies?.length &&
  (host === "::1" || loopbackHost.test(host));

const server = createServer((request, response) => {
  if (isOpenOnLoopback && !loopbackHost.test(request.headers.host ?? "localhost")) {
    response.writeHead(421, pageHeaders).end();
    return;
  }
  if (operations.has(request.url ?? "")) {
    relay.handler(request, response);
    return;
  }
  relay.handler(request, response, () => {
    servePage(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500, pageHeaders).end();
    });
  });
});

server.on("error", (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EADDRINUSE") throw error;
  refuseToStart(`Port ${port} is taken. Choose another: PORT=${port + 1} npm start`);
});

server.listen(port, host, () => {
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  const url = `http://${name}:${address.port}/`;
  const example = configurationId ?? "YOUR-CONFIGURATION-ID";
  const question = { configurationId: example, messages: [{ role: "user", content: "Hello" }] };
  console.log(`
  gatestream is running.

  Gateway  ${emulator ? "emulator, in this process: no account needed" : gateway}
  Chat     ${url}${configurationId ? "" : "\n           asks for a configuration ID; GATESTREAM_CONFIGURATION_ID sets it"}
  Stream   curl -N ${new URL(`${basePath}/stream`, url).href} -H 'Content-Type: application/json' -d '${JSON.stringify(question)}'

  Ctrl+C stops it.
`);
});

async function shutDown() {
  server.close();
  await relay.close();
  server.closeAllConnections();
  await emulator?.close();
}

let stopping = false;

function stop() {
  // Whoever asks twice does not want to wait for running answers.
  if (stopping) process.exit(130);
  stopping = true;
  shutDown().catch((error) => refuseToStart(String(error)));
}

process.on("SIGINT", stop);
process.on("SIGTERM", stop);
