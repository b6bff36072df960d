import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = fileURLToPath(new URL("../../../packages/relay/dist/index.js", import.meta.url));

export interface ServerProcess {
  /** The printed address. */
  readonly url: string;
  /** What it has said so far. */
  readonly printed: () => string;
  /** Ends it as Ctrl+C does; resolves to the exit code. */
  stop(): Promise<number | null>;
}

/** Runs an example's command as a user would, until it prints its address. */
export async function startServer(
  file: URL,
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  if (!existsSync(built)) throw new Error("It runs on the builds: run `npm run build` first.");
  const child = spawn(process.execPath, [fileURLToPath(file)], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "close");
  let printed = "";
  let problem = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (problem += text));
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const match = /Page\s+(\S+)/.exec(printed);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    exit.then(([code]) => reject(new Error(`It ended with ${code}: ${problem}`)), reject);
  });
  return {
    url: await url,
    printed: () => printed,
    async stop() {
      child.kill("SIGINT");
      const [code] = await exit;
      return code as number | null;
    },
  };
}
