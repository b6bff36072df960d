import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  commandSettingTable,
  settingOfVariable,
  type CommandSettingName,
} from "../packages/gatestream/src/settings/command-settings.ts";
import { root } from "./bootstrap.mjs";

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

describe("the systemd unit", () => {
  const sections = read("deploy/gatestream.service")
    .split(/^(?=\[)/m)
    .slice(1)
    .map((section): [name: string | undefined, lines: string[]] => {
      const [head, ...lines] = section.split("\n").filter((line) => /^[^#\s]/.test(line));
      return [head, lines];
    });
  const unit = new Map(sections);
  const service = (key: string): string | undefined =>
    unit
      .get("[Service]")
      ?.find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1);

  test("has the sections and only lines that systemd reads", () => {
    expect([...unit.keys()]).toEqual(["[Unit]", "[Service]", "[Install]"]);
    for (const line of [...unit.values()].flat()) expect(line).toMatch(/^[A-Z]\w+=.*$/);
  });

  test("starts the command of the package, with its secrets from a file", () => {
    const { bin } = JSON.parse(read("packages/gatestream/package.json"));
    const [command] = Object.keys(bin);
    expect(service("ExecStart")).toBe(
      `node --unhandled-rejections=strict /opt/gatestream/node_modules/.bin/${command} serve`,
    );
    expect(service("EnvironmentFile")).toBe("/etc/gatestream.env");
    expect(service("Environment")).toBeUndefined();
    expect(service("DynamicUser")).toBe("yes");
  });

  test("waits for a drain to end, the closing of connections included", () => {
    const graceMs = Number(commandSettingTable.shutdownGraceMs.default);
    expect(Number(service("TimeoutStopSec")) * 1000).toBeGreaterThan(graceMs + 1000);
  });

  test("lets V8 make machine code, and what is not allowed fail instead of killing", () => {
    expect(service("MemoryDenyWriteExecute")).toBeUndefined();
    expect(service("SystemCallFilter")).toContain("@system-service");
    expect(service("SystemCallErrorNumber")).toBe("EPERM");
  });
});

describe("docs/operate.md", () => {
  const page = read("docs/operate.md");

  test("names only settings that exist", () => {
    const named = page.match(/\bGATESTREAM_[A-Z_]+\b/g) ?? [];
    expect(named.filter((name) => !settingOfVariable.has(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
  });

  test("documents every default correctly", () => {
    const documented = [...page.matchAll(/`(\w+)` \((\d+) (s|MiB)\)/g)];
    const wrong = documented.filter(([, name, value, unit]) => {
      const factor = unit === "s" ? 1000 : 1_048_576;
      return commandSettingTable[name as CommandSettingName]?.default !== Number(value) * factor;
    });
    expect(wrong.map(([words]) => words)).toEqual([]);
    expect(documented.length).toBeGreaterThan(5);
  });
});
