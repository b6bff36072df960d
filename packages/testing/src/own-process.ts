import { fork, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import manifest from "../../relay/package.json" with { type: "json" };
import { endWithTests } from "./redis-server.ts";

const programs = fileURLToPath(new URL("processes", import.meta.url));
const relayFolder = fileURLToPath(new URL("../../relay", import.meta.url));

/** What a process says: its `type`, and what belongs to it. */
export interface Said {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A program of `processes/` in a process of its own; `await using` ends it. */
export interface OwnProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** All that it has said. */
  readonly said: readonly Said[];
  send(message: string): void;
  /** The first that it says which is it: at once when it has been said, else when it comes. */
  until(isIt: (said: Said) => boolean): Promise<Said>;
  /** How it ended. */
  readonly exited: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
}

/** Starts `processes/NAME.ts`; it gets `options` as JSON. */
export async function startProcess(name: string, options: unknown): Promise<OwnProcess> {
  // One bundle outside of the package, as hosts build theirs; it has its dependencies there.
  const folder = await mkdtemp(join(tmpdir(), "gatestream-"));
  await symlink(join(relayFolder, "node_modules"), join(folder, "node_modules"));
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(programs, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["gatestream-source"],
    external: [...Object.keys(manifest.dependencies), "redis"],
  });
  const child = fork(outfile, [JSON.stringify(options)], {
    execArgv: ["--unhandled-rejections=strict"],
    // The workspace's own packages are not to be found by it.
    env: { ...process.env, NODE_PATH: "" },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  endWithTests(child);
  const said: Said[] = [];
  const saying = new EventEmitter().setMaxListeners(0);
  child.on("message", (message: Said) => {
    said.push(message);
    saying.emit("said");
  });
  const exited = once(child, "exit").then(([code, signal]) => {
    saying.emit("said");
    return [code, signal] as const;
  });

  return {
    child,
    said,
    send: (message) => void child.send(message),
    async until(isIt) {
      for (let at = 0; ; at += 1) {
        while (at >= said.length) {
          if (child.exitCode !== null || child.signalCode !== null) {
            throw new Error(`It ended before: ${JSON.stringify(said.slice(-5))}`);
          }
          await once(saying, "said");
        }
        const one = said[at];
        if (one !== undefined && isIt(one)) return one;
      }
    },
    exited,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
