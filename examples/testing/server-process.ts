import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** A page's server as a user runs it, in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  close(): Promise<void>;
}

export interface ServerProcessOptions {
  /** Where the example is. */
  readonly folder: URL;
  /** The program of Node in the folder, and its arguments. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a server; rejects with what it has printed when it ends before it prints an address. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { folder, command, environment = {} } = options;
  const child = spawn(process.execPath, command, {
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
