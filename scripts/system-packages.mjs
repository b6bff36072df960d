import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { run } from "./bootstrap.mjs";

/** Programs that the tests use and npm does not bring; each is a Debian package of that name. */
const programs = ["chromium"];

/** Installs what is missing where that is possible; otherwise says what to do. */
export function installSystemPackages() {
  const missing = missingPrograms();
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync("/etc/debian_version")) {
    const quiet = { DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["-qq", "update"], quiet);
    run("apt-get", ["-qq", "-y", "install", "--no-install-recommends", ...missing], quiet);
  }
  for (const program of missingPrograms()) {
    process.stderr.write(
      `Missing: ${program}. Its tests are skipped. Install it (Debian: sudo apt-get install ${program}) or set ${pathVariable(program)} to it.\n`,
    );
  }
}

function missingPrograms() {
  return programs.filter((program) => !isInstalled(program));
}

/** @param {string} program */
function isInstalled(program) {
  const path = process.env[pathVariable(program)];
  if (path) return existsSync(path);
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** @param {string} program */
function pathVariable(program) {
  return `${program.toUpperCase()}_PATH`;
}
