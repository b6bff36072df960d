import { createRequire } from "node:module";

/** The version of the command. */
export function commandVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)(
    "gatestream/package.json",
  );
  return version;
}
