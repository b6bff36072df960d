import { readdir, readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { UpgradeHandler } from "@gatestream/relay";
import { build } from "esbuild";

/** The server behind the proxy: the page, its scripts, the built client, and what is mounted. */
export interface Site extends AsyncDisposable {
  readonly port: number;
  /** Requests whose path begins with `path` go to `listener`. */
  mount(path: string, listener: RequestListener): void;
  /** What wants to become a WebSocket goes to them, one after the other, until one takes it. */
  readonly upgrades: UpgradeHandler[];
  /** How many have been. */
  readonly upgradeCount: number;
}

const scripts = ["page", "web-worker", "service-worker"] as const;
const pageFolder = new URL("../page/", import.meta.url);
const builtClient = new URL("../../dist/", import.meta.url);
/** Where the pages find it. */
const clientPath = "/client/";

/** Only what a page needs that wants to import a module. */
const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <link rel="icon" href="data:," />
    <title>Page under test</title>
    <script type="module" src="/page.js"></script>
  </head>
  <body></body>
</html>
`;

export async function startSite(): Promise<Site> {
  const files = new Map<string, readonly [mediaType: string, text: string]>([
    ["/", ["text/html", html]],
    ["/elsewhere", ["text/html", "<!doctype html><title>Elsewhere</title>"]],
    ...(await clientFiles()),
    ...(await pageScripts()),
  ]);
  const upgrades: UpgradeHandler[] = [];
  let upgradeCount = 0;
  const mounts = new Map<string, RequestListener>();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    // A connection that a test has stalled while it was idle must not be used again.
    response.shouldKeepAlive = path.startsWith("/script-");
    const file = files.get(path);
    if (file !== undefined) {
      const [mediaType, text] = file;
      response.writeHead(200, {
        "Content-Type": mediaType,
        "Content-Length": Buffer.byteLength(text),
      });
      response.end(text);
      return;
    }
    const prefix = [...mounts.keys()].find((each) => path.startsWith(`${each}/`));
    const listener = mounts.get(prefix ?? "");
    if (listener !== undefined) return void listener(request, response);
    response.writeHead(404).end();
  });
  server.on("upgrade", (request, socket, head) => {
    upgradeCount += 1;
    if (!upgrades.some((upgrade) => upgrade(request, socket, head))) socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A string only for a server on a pipe.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    upgrades,
    get upgradeCount() {
      return upgradeCount;
    },
    mount: (path, listener) => void mounts.set(path, listener),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type SiteFile = [path: string, file: [mediaType: string, text: string]];

async function clientFiles(): Promise<SiteFile[]> {
  try {
    const names = (await readdir(builtClient)).filter((name) => name.endsWith(".js"));
    return await Promise.all(
      names.map(async (name): Promise<SiteFile> => {
        const text = await readFile(new URL(name, builtClient), "utf8");
        return [clientPath + name, ["text/javascript", text]];
      }),
    );
  } catch (cause) {
    throw new Error("What is tested is the build: run `npm run build` first.", { cause });
  }
}

async function pageScripts(): Promise<SiteFile[]> {
  const { outputFiles } = await build({
    entryPoints: scripts.map((name) => fileURLToPath(new URL(`${name}.ts`, pageFolder))),
    // Only to name the outputs: nothing is written.
    outdir: "/",
    write: false,
    bundle: true,
    format: "esm",
    target: "es2022",
    alias: {
      "@gatestream/client/websocket": `${clientPath}websocket.js`,
      "@gatestream/client/poll": `${clientPath}poll.js`,
      "@gatestream/client": `${clientPath}index.js`,
    },
    external: [`${clientPath}*`],
  });
  return outputFiles.map(({ path, text }) => [path, ["text/javascript", text]]);
}
