import {
  startServerProcess,
  type ServerProcess,
  type ServerProcessOptions,
} from "./server-process.ts";

export interface ViteProcessOptions extends Omit<ServerProcessOptions, "command"> {
  /** `preview` serves what was built; `dev` is what `npm start` runs. */
  readonly command: "dev" | "preview";
  /** Where what was built is. @defaultValue `dist` in the folder */
  readonly outDir?: string;
}

/** Starts Vite on a free port. */
export function startVite(options: ViteProcessOptions): Promise<ServerProcess> {
  const { command, outDir, ...process } = options;
  const vite = "node_modules/vite/bin/vite.js";
  const args = ["--host", "127.0.0.1", "--port", "0", ...(outDir ? ["--outDir", outDir] : [])];
  return startServerProcess({ ...process, command: [vite, command, ...args] });
}
