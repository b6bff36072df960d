import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Alias } from "vite";

/** The major versions of `ai` that the page is tested with. */
export const majors = [5, 6, 7] as const;
export type Major = (typeof majors)[number];

/** The page, built with each version: `{folder}/{major}/`, and over the browser SDK: `{folder}/sdk/`. */
export interface BuiltPages extends AsyncDisposable {
  readonly folder: string;
}

/** Builds the page as it is with each version of the SDK, and with the newest over the browser SDK. */
export async function buildPages(): Promise<BuiltPages> {
  const folder = await mkdtemp(join(tmpdir(), "gatestream-ai-sdk-"));
  const root = fileURLToPath(new URL("..", import.meta.url));
  await Promise.all(
    [...majors, "sdk" as const].map((name) =>
      build({
        root,
        // The page's own file mounts the relay, which a build does without.
        configFile: false,
        base: "./",
        logLevel: "error",
        // NODE_ENV is `test` here, and in development React runs every effect twice.
        define: { "process.env.NODE_ENV": '"production"' },
        oxc: { jsx: { runtime: "automatic", development: false } },
        resolve: { alias: name === "sdk" ? overSdk : aliasesOf(name) },
        build: { outDir: join(folder, String(name)), emptyOutDir: true, minify: false },
      }),
    ),
  );
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const overSdk: Alias[] = [{ find: "./transport.ts", replacement: "./sdk-transport.ts" }];

/** The page's own version is the newest. */
function aliasesOf(major: Major): Alias[] {
  if (major === 7) return [];
  const file = (name: string): string => fileURLToPath(import.meta.resolve(name));
  return [
    { find: /^ai$/, replacement: file(`ai-${major}`) },
    { find: /^@ai-sdk\/react$/, replacement: file(`ai-sdk-react-${major}`) },
  ];
}
