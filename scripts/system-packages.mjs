import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { run } from "./bootstrap.mjs";

/** Programs that the tests use and npm does not bring, and the Debian packages that they come with. */
const programs = [
  { name: "chromium", debianPackage: "chromium", isService: false },
  { name: "firefox-esr", debianPackage: "firefox-esr", isService: false },
  { name: "WebKitWebDriver", debianPackage: "webkit2gtk-driver", isService: false },
  { name: "xvfb-run", debianPackage: "xvfb", isService: false },
  { name: "xauth", debianPackage: "xauth", isService: false },
  { name: "nginx", debianPackage: "nginx", isService: true },
  { name: "redis-server", debianPackage: "redis-server", isService: true },
];

/**
 * Installs what is missing where that is possible and allowed; otherwise says what to do.
 *
 * @param {{ mayInstall: boolean }} options
 */
export function prepareSystemPackages({ mayInstall }) {
  const installable = missingPrograms()
    .filter(({ isService }) => !isService || !startsServices())
    .map(({ debianPackage }) => debianPackage);
  const isRoot = process.getuid?.() === 0;
  if (mayInstall && installable.length > 0 && isRoot && existsSync("/etc/debian_version")) {
    process.stdout.write(
      `Installing Debian packages as root: ${installable.join(", ")}. --no-install skips this.\n`,
    );
    const quiet = { DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["-qq", "update"], quiet);
    run("apt-get", ["-qq", "-y", "install", "--no-install-recommends", ...installable], quiet);
  }
  for (const { name, debianPackage } of missingPrograms()) {
    process.stderr.write(
      `Missing: ${name}. Its tests are skipped. Install it (Debian: sudo apt-get install ${debianPackage}) or set ${pathVariable(name)} to it.\n`,
    );
  }
}

function missingPrograms() {
  return programs.filter(({ name }) => !isInstalled(name));
}

/** @param {string} name */
function isInstalled(name) {
  const path = process.env[pathVariable(name)];
  if (path) return existsSync(path);
  // Where servers are on Debian; it is not in every user's PATH.
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` };
  return spawnSync("sh", ["-c", `command -v ${name}`], { env }).status === 0;
}

/**
 * Whether a package that is a service would be started as soon as it is installed: a test must
 * not open port 80 on a developer's machine. Nothing short of a file of the system's own
 * (policy-rc.d) keeps systemd from it. In a container there is no init that would.
 */
function startsServices() {
  return existsSync("/run/systemd/system") || spawnSync("/sbin/runlevel").status === 0;
}

/** @param {string} name */
function pathVariable(name) {
  return `${name.toUpperCase().replaceAll("-", "_")}_PATH`;
}
