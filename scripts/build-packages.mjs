// Builds every package as its own `rollup -c` does, with one process per core for all of them: loading and
// warming up TypeScript takes longer than building most packages.
// --no-types builds no declarations: a container image needs none.
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rollup } from "rollup";

const packages = fileURLToPath(new URL("../packages", import.meta.url));
const withoutTypes = process.argv.includes("--no-types");

if (process.send) {
  process.on("message", async (name) => {
    await buildPackage(String(name));
    process.send?.("next");
  });
  process.send("next");
} else {
  await buildAll();
}

async function buildAll() {
  const names = readdirSync(packages).filter((name) =>
    existsSync(join(packages, name, "rollup.config.mjs")),
  );
  const children = Array.from({ length: Math.min(names.length, availableParallelism()) }, () => {
    const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    child.on("message", () => {
      const name = names.shift();
      if (name === undefined) return child.disconnect();
      process.stdout.write(`${name}\n`);
      child.send(name);
    });
    return once(child, "exit");
  });
  const exits = await Promise.all(children);
  process.exitCode = exits.some(([code]) => code !== 0) ? 1 : 0;
}

/** @param {string} name */
async function buildPackage(name) {
  const folder = join(packages, name);
  // The paths of its configuration begin here.
  process.chdir(folder);
  const { default: builds } = await import(pathToFileURL(join(folder, "rollup.config.mjs")).href);
  for (const build of builds) {
    if (withoutTypes && build.plugins.some(isOfTypes)) continue;
    const bundle = await rollup({ ...build, logLevel: "silent" });
    for (const output of [build.output].flat()) await bundle.write(output);
    await bundle.close();
  }
}

/** @param {{ name: string }} plugin */
function isOfTypes({ name }) {
  return name === "dts";
}
