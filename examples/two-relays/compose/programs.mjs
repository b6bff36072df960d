import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program that npm does not bring. */
const programs = /** @type {const} */ ({
  redis: { name: "redis-server", variable: "REDIS_SERVER_PATH" },
  nginx: { name: "nginx", variable: "NGINX_PATH" },
});

/** @typedef {keyof typeof programs} ProgramName */

/**
 * Where a program is; undefined when it is not installed.
 * @param {ProgramName} program
 */
export function programPath(program) {
  const { name, variable } = programs[program];
  const given = process.env[variable];
  if (given) return existsSync(given) ? given : undefined;
  // Where servers are on Debian; not everybody's path has it.
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** What to do about each program that is missing; empty when nothing is. */
export function missingPrograms() {
  const names = /** @type {readonly ProgramName[]} */ (Object.keys(programs));
  return names
    .filter((program) => programPath(program) === undefined)
    .map((program) => {
      const { name, variable } = programs[program];
      return `Missing: ${name}. Install it (Debian: sudo apt-get install ${name}) or set ${variable} to where it is.`;
    });
}
