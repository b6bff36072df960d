import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** Vite as a user runs it, in a process of its own. */
export interface ViteProcess {
  readonly url: string;
  close(): Promise<void>;
}

export interface ViteProcessOptions {
  /** Where the example is. */
  readonly folder: URL;
  /** `preview` serves what was built; `dev` is what `npm start` runs. */
  readonly command: "dev" | "preview";
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts Vite on a free port; rejects with its words when it ends before it prints an address. */
export async function startVite(options: ViteProcessOptions): Promise<ViteProcess> {
  const { folder, command, environment = {} } = options;
  const program = fileURLToPath(new URL("node_modules/vite/bin/vite.js", folder));
  const child = spawn(process.execPath, [program, command, "--host", "127.0.0.1", "--port", "0"], {
    cwd: fileURLToPath(folder),
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "close");
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const match = /http:\S+:\d+/.exec(stripVTControlCharacters(printed));
      if (match) resolve(match[0]);
    });
    exit.then(([code]) => reject(new Error(`It ended with ${code}: ${printed}`)), reject);
  });
  return {
    url,
    async close() {
      child.kill("SIGTERM");
      await exit;
    },
  };
}
