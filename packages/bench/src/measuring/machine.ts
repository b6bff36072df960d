import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";

/** Where figures come from: without it they mean nothing. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** Of everything that was measured. */
  readonly versions: Readonly<Record<string, string>>;
}

export function describeMachine(versions: Readonly<Record<string, string>>): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "an unknown processor",
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    versions,
  };
}

/** The version of an npm package that is installed here. */
export function packageVersion(name: string): string {
  const manifest = readFileSync(
    new URL(`../node_modules/${name}/package.json`, import.meta.url),
    "utf8",
  );
  const { version }: { version: string } = JSON.parse(manifest);
  return version;
}

/** The version that a program prints; "missing" without the program. */
export function programVersion(path: string, flag: string): string {
  const { stdout, stderr, status } = spawnSync(path, [flag], { encoding: "utf8" });
  return status === 0 ? (/\d+(\.\d+)+/.exec(stdout + stderr)?.[0] ?? "unknown") : "missing";
}
