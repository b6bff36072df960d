import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifest, root } from "./bootstrap.mjs";

const exec = promisify(execFile);
const clientFolder = join(root, "packages/client");

/** A project without `"type": "module"`: its files are CommonJS. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gatestream-commonjs-"));
  const { stdout } = await exec(
    "npx",
    ["--yes", manifest.packageManager, "pack", "--json", "--pack-destination", folder],
    { cwd: clientFolder },
  );
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  await exec(
    "npm",
    [
      "install",
      "--no-audit",
      "--no-fund",
      JSON.parse(stdout).filename,
      "jest@30.5.2",
      "@babel/plugin-transform-modules-commonjs@7.29.14",
    ],
    { cwd: folder },
  );
});

afterAll(() => rm(folder, { recursive: true }));

test("require gives the client", async () => {
  const program = `
    const { createClient } = require("@gatestream/client");
    const { createChat } = require("@gatestream/client/chat");
    const { webSocketTransport } = require("@gatestream/client/websocket");
    console.log(typeof createClient, typeof createChat, typeof webSocketTransport);
  `;
  const { stdout } = await exec("node", ["--eval", program], { cwd: folder });
  expect(stdout.trim()).toBe("function function function");
});

test("CommonJS TypeScript with module node20 or nodenext; node16 is refused, as the README says", async () => {
  const source = `
    import { createClient, type TokenStream } from "@gatestream/client";
    export const ask = (): TokenStream =>
      createClient({ url: "/api/llm" }).stream({ configurationId: "c", messages: [] });
    console.log(typeof ask);
  `;
  const modules = ["node16", "node20", "nodenext"];
  for (const module of modules) {
    const lib = ["es2023", "dom", "dom.asynciterable"];
    const compilerOptions = { module, target: "es2023", lib, strict: true };
    await mkdir(join(folder, module));
    await writeFile(join(folder, module, "program.ts"), source);
    await writeFile(join(folder, module, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  }
  // One process for all of them.
  const built = exec(join(root, "node_modules/.bin/tsc"), ["--build", ...modules], { cwd: folder });
  const { stdout } = await built.catch((failure: { stdout: string }) => failure);
  expect(stdout.match(/^.*error TS\d+/gm)).toEqual([
    expect.stringMatching(/^node16\/program\.ts.*error TS1479$/),
  ]);
  for (const module of ["node20", "nodenext"]) {
    const ran = await exec("node", [join(module, "program.js")], { cwd: folder });
    expect(ran.stdout.trim()).toBe("function");
  }
});

/** Jest's output for a test file; rejects when a test fails. */
async function jest(file: string, program: string, environment = {}): Promise<string> {
  await writeFile(join(folder, file), program);
  const { stderr } = await exec(join(folder, "node_modules/.bin/jest"), [file], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  return stderr;
}

const expectation = `test("it is there", () => expect(typeof createClient).toBe("function"));\n`;

test("Jest with CommonJS tests and the README's configuration", async () => {
  const readme = await readFile(join(clientFolder, "README.md"), "utf8");
  const [, configuration = ""] = /```js\n\/\/ jest\.config\.js\n(.+?)```/s.exec(readme) ?? [];
  await writeFile(join(folder, "jest.config.js"), configuration);
  const program = `const { createClient } = require("@gatestream/client");\n${expectation}`;
  expect(await jest("require.test.js", program)).toContain("1 passed");
});

test("Jest with ES modules and --experimental-vm-modules", async () => {
  await writeFile(join(folder, "jest.config.js"), "module.exports = {};\n");
  const program = `import { createClient } from "@gatestream/client";\n${expectation}`;
  const environment = { NODE_OPTIONS: "--experimental-vm-modules" };
  expect(await jest("import.test.mjs", program, environment)).toContain("1 passed");
});
