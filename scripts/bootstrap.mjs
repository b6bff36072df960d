import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createStamp } from "./up-to-date.mjs";

/** The repository's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** @type {{ packageManager: string, engines: { node: string }, scripts: Record<string, string> }} */
export const manifest = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

/**
 * Runs a program to its end with its output shown; says whether it succeeded.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [environment] In addition to this process's own.
 */
export function run(command, args, environment = {}) {
  const env = { ...process.env, ...environment };
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  if (error) throw error;
  return status === 0;
}

/**
 * Runs the pinned pnpm; it need not be installed.
 *
 * @param {readonly string[]} args
 * @param {Record<string, string>} [environment]
 */
export function pnpm(args, environment) {
  return run("npx", ["--yes", manifest.packageManager, ...args], environment);
}

/** Refuses an unsupported Node, then installs what the lockfile names, unless it is there already. */
export function installDependencies() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node ${process.versions.node} is too old: gatestream needs ${manifest.engines.node}.`);
  }
  const stamp = createStamp(root, "install");
  if (stamp.isCurrent()) return;
  process.stdout.write("Installing dependencies, because the lockfile is new or has changed …\n");
  if (!pnpm(["install", "--frozen-lockfile", "--loglevel", "error"])) {
    fail("The dependencies could not be installed; the lines above say why.");
  }
  stamp.record();
}

/** Builds every package, then the examples, which import what was built; nothing when nothing has changed. */
export function buildPackages() {
  const stamp = createStamp(root, "build");
  if (stamp.isCurrent()) return;
  process.stdout.write("Building the packages, because sources are new or have changed …\n");
  // This reporter prints a line when each example begins and ends.
  const examples = ["--filter", "./examples/*", "--reporter", "append-only", "run", "build"];
  if (!run(process.execPath, ["scripts/build-packages.mjs"]) || !pnpm(examples)) {
    fail("The build failed; the lines above say why.");
  }
  stamp.record();
}

/**
 * Ends the process with a sentence.
 *
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
