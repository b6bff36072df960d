import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createStamp } from "./up-to-date.mjs";

async function repository() {
  const root = await mkdtemp(join(tmpdir(), "gatestream-stamp-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await write("pnpm-lock.yaml", "lockfileVersion: 9\n");
  await write("packages/relay/package.json", "{}");
  await write("packages/relay/src/relay.ts", "export {};\n");
  await write("packages/relay/dist/index.js", "export {};\n");
  await write("examples/react-chat/src/main.tsx", "export {};\n");
  return { root, write };
}

test("a build is current until a source, the lockfile or a built file changes", async () => {
  const { root, write } = await repository();
  const stamp = createStamp(root, "build");
  expect(stamp.isCurrent()).toBe(false);
  for (const [path, text] of [
    ["packages/relay/src/relay.ts", "export const a = 1;\n"],
    ["packages/relay/src/new.ts", "export {};\n"],
    ["packages/relay/package.json", "{ }"],
    ["examples/react-chat/src/main.tsx", "export const a = 1;\n"],
    ["pnpm-lock.yaml", "lockfileVersion: 10\n"],
    ["packages/relay/dist/index.js", "export const a = 1;\n"],
  ] as const) {
    stamp.record();
    expect(createStamp(root, "build").isCurrent()).toBe(true);
    await write(path, text);
    expect([path, stamp.isCurrent()]).toEqual([path, false]);
  }
  stamp.record();
  await rm(join(root, "packages/relay/dist"), { recursive: true });
  expect(stamp.isCurrent()).toBe(false);
});

test("touched sources, tests and documents leave a build current", async () => {
  const { root, write } = await repository();
  const stamp = createStamp(root, "build");
  stamp.record();
  await utimes(join(root, "packages/relay/src/relay.ts"), new Date(0), new Date(0));
  await write("packages/relay/src/relay.test.ts", "export {};\n");
  await write("packages/relay/README.md", "# Relay\n");
  expect(stamp.isCurrent()).toBe(true);
});

test("an install is current until a manifest, the lockfile or node_modules changes", async () => {
  const { root, write } = await repository();
  const stamp = createStamp(root, "install");
  expect(stamp.isCurrent()).toBe(false);
  await write("node_modules/.modules.yaml", "layoutVersion: 5\n");
  for (const [path, text] of [
    ["packages/relay/package.json", "{ }"],
    ["pnpm-lock.yaml", "lockfileVersion: 10\n"],
    ["node_modules/.modules.yaml", ""],
  ] as const) {
    stamp.record();
    await write("packages/relay/src/relay.ts", `// ${path}\n`);
    expect(stamp.isCurrent()).toBe(true);
    await write(path, text);
    expect([path, stamp.isCurrent()]).toEqual([path, false]);
  }
});
