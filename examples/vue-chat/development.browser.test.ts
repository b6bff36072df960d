import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { testDevelopmentServer } from "../testing/development-server.ts";

const folder = new URL("./", import.meta.url);
/** On a busy machine its compiler takes a minute. */
const compiles = { timeout: 300_000 };

test("the components fit their types, which tsc alone does not look at", compiles, async () => {
  const program = fileURLToPath(new URL("node_modules/vue-tsc/bin/vue-tsc.js", folder));
  // Without the condition of this workspace it reads the declarations that users get.
  const args = [program, "--noEmit", "--customConditions", "none"];
  const child = spawn(process.execPath, args, { cwd: fileURLToPath(folder) });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const [code] = await once(child, "close");
  expect([code, printed]).toEqual([0, ""]);
});

testDevelopmentServer(folder);
