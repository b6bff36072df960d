import {
  startServerProcess,
  type ServerProcess,
  type ServerProcessOptions,
} from "./server-process.ts";

export interface ViteProcessOptions extends Omit<ServerProcessOptions, "command"> {
  /** `preview` serves what was built; `dev` is what `npm start` runs. */
  readonly command: "dev" | "preview";
}

/** Starts Vite on a free port. */
export function startVite({ command, ...options }: ViteProcessOptions): Promise<ServerProcess> {
  const vite = "node_modules/vite/bin/vite.js";
  const args = ["--host", "127.0.0.1", "--port", "0"];
  return startServerProcess({ ...options, command: [vite, command, ...args] });
}
