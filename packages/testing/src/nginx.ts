import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { abandonedUrl } from "./host.ts";

/** A real nginx in front of a relay; `await using` ends it. */
export interface Nginx extends AsyncDisposable {
  /** Without a path. */
  readonly url: string;
  /** Where streams start. */
  readonly streamUrl: string;
}

export interface NginxOptions {
  /** Lines of the site, and what stands in their place. */
  readonly replaced?: Readonly<Record<string, string>>;
  /** HTTP/2 without TLS, for clients that expect it. @defaultValue false */
  readonly http2?: boolean;
}

// Debian's is in /usr/sbin, which is not on everybody's path.
const given = process.env["NGINX_PATH"];
const program = (given ? [given] : ["nginx", "/usr/sbin/nginx"]).find(
  (path) => spawnSync(path, ["-v"]).status === 0,
);

/** Where it is not, the tests are skipped, and `npm test` says what to install. */
export const isNginxInstalled = program !== undefined;

/** What operators copy. */
export const siteFile = readFileSync(
  new URL("../../../deploy/nginx.conf", import.meta.url),
  "utf8",
);

/** Starts nginx with `deploy/nginx.conf` in front of `upstreamUrl`, as the user of the test. */
export async function startNginx(upstreamUrl: string, options: NginxOptions = {}): Promise<Nginx> {
  const { replaced = {}, http2 = false } = options;
  const folder = await mkdtemp(join(tmpdir(), "gatestream-nginx-"));
  let problem = "";
  // Another process may take the port before nginx does.
  for (let triesLeft = 3; triesLeft > 0; triesLeft -= 1) {
    const url = await abandonedUrl();
    const site = withReplacedLines(siteFile, {
      "server 127.0.0.1:3000;": `server ${new URL(upstreamUrl).host};`,
      "listen 80;": `listen ${new URL(url).host}${http2 ? " http2" : ""};`,
      ...replaced,
    });
    await writeFile(join(folder, "nginx.conf"), mainConfiguration(site));
    const child = spawn(program ?? "nginx", ["-p", folder, "-e", "stderr", "-c", "nginx.conf"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    problem = await problemAtStart(child);
    if (problem !== "") continue;
    const closed = once(child, "close");
    const stop = async (): Promise<void> => {
      child.kill("SIGTERM");
      await closed;
      await rm(folder, { recursive: true, force: true });
    };
    // A test that runs out of time does not dispose of anything.
    onTestFinished(stop);
    return { url, streamUrl: `${url}/api/llm/stream`, [Symbol.asyncDispose]: stop };
  }
  await rm(folder, { recursive: true });
  throw new Error(`nginx does not start: ${problem}`);
}

function withReplacedLines(text: string, replaced: Readonly<Record<string, string>>): string {
  const open = new Map(Object.entries(replaced));
  const lines = text.split("\n").map((line) => {
    const replacement = open.get(line.trim());
    if (replacement !== undefined) open.delete(line.trim());
    return replacement ?? line;
  });
  if (open.size > 0) throw new Error(`deploy/nginx.conf lacks: ${[...open.keys()].join(", ")}`);
  return lines.join("\n");
}

/** What a distribution has around the sites; everything that is written stays in one folder. */
function mainConfiguration(site: string): string {
  return `
    daemon off;
    # One process, which is the test's own user: when it has ended, nothing is left.
    master_process off;
    pid nginx.pid;
    error_log stderr notice;
    events {}
    http {
      access_log off;
      client_body_temp_path body;
      proxy_temp_path proxy;
      fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi;
      scgi_temp_path scgi;
      ${site}
    }
  `;
}

/** What nginx said when it ended at once; empty when it listens. */
function problemAtStart(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let reported = "";
    child.once("error", reject).once("close", () => resolve(reported));
    child.stderr?.on("data", (piece) => {
      reported += String(piece);
      // Printed when its sockets already listen.
      if (reported.includes("event method")) resolve("");
    });
  });
}
