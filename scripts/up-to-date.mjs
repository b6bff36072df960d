import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Folders whose packages are built. */
const workspaceFolders = ["packages", "examples"];

/** Folders in them that hold no source. */
const skippedFolders = new Set([
  "node_modules",
  "dist",
  ".next",
  ".nuxt",
  ".output",
  "test",
  "testing",
  "browsers",
  "bench",
]);
const skippedFiles = /\.test(?:-d)?\.tsx?$|\.md$/;

/** What builds depend on besides them. */
const sharedInputs = [
  "package.json",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "tsconfig.base.json",
  "scripts/build-packages.mjs",
  "scripts/rollup-package.mjs",
  "scripts/third-party.mjs",
];

/**
 * Whether a step's result is still that of its inputs: `isCurrent` compares them with what `record`
 * has seen at the end of the last run.
 *
 * @param {string} root The repository's folder.
 * @param {"install" | "build"} step
 */
export function createStamp(root, step) {
  const folder = join(root, "node_modules");
  const file = join(folder, `.gatestream-${step}`);
  const state = () => (step === "install" ? installState(root) : buildState(root));
  return {
    isCurrent: () => readIfThere(file) === state(),
    record() {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, state());
    },
  };
}

/**
 * The manifests and the lockfile, and what pnpm has left of them in node_modules.
 *
 * @param {string} root
 */
function installState(root) {
  const hash = createHash("sha256").update(
    `${process.platform} ${process.arch} ${process.version}`,
  );
  const manifests = workspaceFolders.flatMap((folder) =>
    namesIn(join(root, folder)).map((name) => join(folder, name, "package.json")),
  );
  const inputs = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests];
  for (const path of [...inputs, "node_modules/.modules.yaml"]) {
    hash.update(`${path}\0${readIfThere(join(root, path)) ?? ""}\0`);
  }
  return hash.digest("hex");
}

/**
 * The sources by their content, so that a checkout that only touches files builds nothing; the
 * builds by size and time, so that another build of them is noticed.
 *
 * @param {string} root
 */
function buildState(root) {
  const hash = createHash("sha256").update(process.version);
  const folders = workspaceFolders.map((name) => join(root, name));
  const sources = folders
    .flatMap((folder) => filesBelow(folder, (name) => !skippedFolders.has(name)))
    .filter((path) => !skippedFiles.test(path));
  for (const path of [...sharedInputs.map((name) => join(root, name)), ...sources]) {
    hash.update(`${path}\0`).update(readIfThere(path, null) ?? "");
  }
  for (const folder of folders.flatMap((parent) =>
    namesIn(parent).map((name) => join(parent, name)),
  )) {
    for (const path of filesBelow(join(folder, "dist"), () => true)) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path}\0${size} ${mtimeMs}\0`);
    }
  }
  return hash.digest("hex");
}

/**
 * @param {string} folder
 * @param {(name: string) => boolean} isEntered Whether a folder of that name is looked into.
 * @returns {string[]}
 */
function filesBelow(folder, isEntered) {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return isEntered(entry.name) ? filesBelow(path, isEntered) : [];
    return entry.isFile() ? [path] : [];
  });
}

/** @param {string} folder */
function namesIn(folder) {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** @param {string} folder */
function entriesOf(folder) {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // What has not been built has no folder.
    return [];
  }
}

/**
 * @param {string} path
 * @param {"utf8" | null} [encoding]
 */
function readIfThere(path, encoding = "utf8") {
  try {
    return readFileSync(path, encoding);
  } catch {
    // What is not there is compared as such.
    return undefined;
  }
}
