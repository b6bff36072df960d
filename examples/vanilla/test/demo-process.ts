import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const serverFile = fileURLToPath(new URL("../server.mjs", import.meta.url));
const ownVariable = /^(?:GENESYS_|GATESTREAM_|OPENAI_|PORT$|HOST$|NODE_OPTIONS$)/;

export interface DemoProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What the `.env` file of the working folder holds; no file when left out. */
  readonly environmentFile?: string;
}

export interface DemoProcess {
  /** The printed address; rejects when the process ends before it prints one. */
  readonly url: Promise<string>;
  readonly exitCode: Promise<number | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  kill(signal: NodeJS.Signals): void;
}

/** Runs server.mjs as a user would, on a free port, in a folder of its own. */
export async function startDemo(options: DemoProcessOptions = {}): Promise<DemoProcess> {
  const built = fileURLToPath(new URL("../../../packages/relay/dist/index.js", import.meta.url));
  if (!existsSync(built))
    throw new Error("The demo runs on the builds: run `npm run build` first.");

  const folder = await mkdtemp(join(tmpdir(), "gatestream-demo-"));
  if (options.environmentFile !== undefined) {
    await writeFile(join(folder, ".env"), options.environmentFile);
  }
  const inherited = Object.entries(process.env).filter(([name]) => !ownVariable.test(name));
  const child = spawn(process.execPath, [serverFile], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), PORT: "0", ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });

  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));

  const exitCode = once(child, "close").then(async ([code]) => {
    await rm(folder, { recursive: true });
    return code as number | null;
  });
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      const match = /Chat\s+(\S+)/.exec(stdout);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    void exitCode.then((code) => reject(new Error(`exited with ${code}:\n${stdout}${stderr}`)));
  });
  // Who starts a process that is to fail does not look at the address.
  url.catch(() => {});

  return {
    url,
    exitCode,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
  };
}
