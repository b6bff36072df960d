// Builds every package as its own `rollup -c` does, in one process for each core: loading and warming up
// TypeScript takes longer than building most packages.
// --no-types builds no declarations: a container image needs none.
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rollup } from "rollup";

const packages = fileURLToPath(new URL("../packages", import.meta.url));
/**
 * What a build reads of other builds; all else it takes from their sources.
 *
 * @type {Partial<Record<string, readonly string[]>>}
 */
const buildsBefore = { element: ["ui"] };
const withoutTypes = process.argv.includes("--no-types");

if (process.send) {
  process.on("message", async (folder) => {
    await buildPackage(String(folder));
    process.send?.("built");
  });
} else {
  await buildAll();
}

async function buildAll() {
  const waiting = new Set(
    readdirSync(packages).filter((name) => existsSync(join(packages, name, "rollup.config.mjs"))),
  );
  /** @type {Set<string>} */
  const built = new Set();
  /** @param {string} name */
  const isReady = (name) => buildsBefore[name]?.every((other) => built.has(other)) ?? true;
  const children = Array.from({ length: availableParallelism() }, () =>
    fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    }),
  );
  const idle = [...children];
  const startReady = () => {
    for (const name of waiting) {
      const child = isReady(name) ? idle.pop() : undefined;
      if (child === undefined) continue;
      waiting.delete(name);
      process.stdout.write(`${name}\n`);
      child.once("message", () => {
        built.add(name);
        idle.push(child);
        startReady();
      });
      child.send(name);
    }
    if (waiting.size > 0) return;
    // Each ends once it has built what it builds.
    for (const child of idle.splice(0)) child.disconnect();
  };
  startReady();
  await Promise.all(
    children.map(async (child) => {
      const [code] = await once(child, "exit");
      if (code === 0) return;
      process.exitCode = 1;
      // What is built after its package would wait for ever.
      for (const other of children) other.kill();
    }),
  );
}

/** @param {string} name Of its folder. */
async function buildPackage(name) {
  const folder = join(packages, name);
  // The paths of its configuration begin here.
  process.chdir(folder);
  const { default: builds } = await import(pathToFileURL(join(folder, "rollup.config.mjs")).href);
  for (const build of builds) {
    if (withoutTypes && build.plugins.flat(Infinity).some(isOfTypes)) continue;
    const bundle = await rollup({ ...build, logLevel: "silent" });
    for (const output of [build.output].flat()) await bundle.write(output);
    await bundle.close();
  }
}

/** @param {{ name: string }} plugin */
function isOfTypes({ name }) {
  return name === "dts";
}
