import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manifest, root } from "./bootstrap.mjs";

const exec = promisify(execFile);

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

const instructions = read("Dockerfile")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => ({ name: line.split(" ", 1)[0] ?? "", rest: line.replace(/^\S+ /, "") }));
const finalFrom = instructions.findLastIndex(({ name }) => name === "FROM");
const firstFrom = instructions.findIndex(({ name }) => name === "FROM");
const buildStage = instructions.slice(firstFrom, finalFrom);
const finalStage = instructions.slice(finalFrom);

function valuesOf(name: string, stage = finalStage): readonly string[] {
  return stage.filter((instruction) => instruction.name === name).map(({ rest }) => rest);
}

const ignoredNames = new Set(read(".dockerignore").match(/(?<=^\*\*\/)[\w.-]+$/gm));

describe("the Dockerfile", () => {
  test("has nothing that its linter would suggest to change", () => {
    expect(validate(read("Dockerfile")).map(({ message }) => message)).toEqual([]);
  });

  test("builds with the pnpm that package.json pins, on the Node that it runs on", () => {
    expect(valuesOf("ARG", buildStage)).toEqual([`PNPM=${manifest.packageManager}`]);
    expect(instructions.filter(({ name, rest }) => name === "RUN" && rest.includes("npx"))).toEqual(
      Array.from({ length: 2 }, () => ({
        name: "RUN",
        rest: expect.stringMatching(/^npx --yes \$PNPM /),
      })),
    );
    const images = instructions.filter(({ name }) => name === "FROM").map(({ rest }) => rest);
    expect(images).toEqual(["${NODE_IMAGE} AS build", "${NODE_IMAGE}"]);
    const [image] = valuesOf("ARG", instructions.slice(0, 1));
    const [, major] = /^NODE_IMAGE=node:(\d+)-slim$/.exec(image ?? "") ?? [];
    expect(Number(major)).toBeGreaterThan(20);
  });

  test("installs the dependencies before it takes sources, and never takes the whole folder", () => {
    const install = buildStage.findIndex(({ name }) => name === "RUN");
    expect(buildStage[install]?.rest).toContain("install --frozen-lockfile");
    for (const source of sourcesIn(buildStage.slice(0, install))) {
      expect(source).toMatch(/package\.json$|^pnpm-[\w-]+\.yaml$/);
    }
    expect(sourcesIn(buildStage)).not.toContain(".");
    expect(instructions.some(({ name }) => name === "ADD")).toBe(false);
    expect([...ignoredNames]).toEqual(expect.arrayContaining(["node_modules", "dist", ".env"]));
  });

  test("runs a process that is not root, receives signals itself, and has a health check", () => {
    expect(valuesOf("USER")).toEqual([expect.stringMatching(/^[1-9]\d*$/)]);
    expect(valuesOf("STOPSIGNAL")).toEqual(["SIGTERM"]);
    expect(valuesOf("RUN")).toEqual([]);
    expect(valuesOf("COPY")).toEqual([expect.stringMatching(/^--from=build /)]);
    expect(entryPoint().slice(0, 2)).toEqual(["node", "--unhandled-rejections=strict"]);
    expect(healthCheck()[0]).toBe("node");
  });
});

describe("the Dockerfile's build, outside of a container", () => {
  let folder: string;
  let deployed: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatestream-image-"));
    const [pnpm = ""] = valuesOf("ARG", buildStage);
    const env = { ...process.env, PNPM: pnpm.replace("PNPM=", "") };
    for (const { name, rest } of buildStage) {
      if (name === "COPY") await copy(rest.split(" "));
      if (name === "RUN") await exec("sh", ["-c", rest], { cwd: folder, env });
    }
    deployed = join(folder, "deployed");
  });

  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });

  /** `COPY`: what is a folder by its name stays one. */
  async function copy(paths: readonly string[]): Promise<void> {
    const target = join(folder, paths.at(-1) ?? "");
    for (const source of paths.slice(0, -1)) {
      const isInto = paths.at(-1)?.endsWith("/");
      await mkdir(isInto ? target : join(target, ".."), { recursive: true });
      await cp(join(root, source), isInto ? join(target, basename(source)) : target, {
        recursive: true,
        filter: (path) => !ignoredNames.has(basename(path)),
      });
    }
  }

  /** Runs what the container would, with the image's environment and `environment`. */
  function start(program: readonly string[], environment: Record<string, string> = {}) {
    const [command = "", ...args] = program;
    const image = Object.fromEntries(valuesOf("ENV").map((pair) => pair.split("=")));
    const child = spawn(command, args, {
      cwd: deployed,
      env: { PATH: process.env["PATH"], ...image, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    return child;
  }

  /** The first address that a program prints. */
  async function urlOf({ stdout }: ReturnType<typeof start>): Promise<string> {
    for await (const line of createInterface({ input: stdout })) {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (url !== undefined) return url;
    }
    throw new Error("The program ended without telling its address.");
  }

  test("leaves the build and what it imports, without tools", async () => {
    expect((await readdir(deployed)).toSorted()).toEqual([
      "LICENSE",
      "README.md",
      "dist",
      "node_modules",
      "package.json",
      "pnpm-lock.yaml",
    ]);
    const modules = await readdir(join(deployed, "node_modules/.pnpm"));
    for (const needed of [
      /^undici@/,
      /^redis@/,
      /^@gatestream\+relay@/,
      /^@gatestream\+relay-redis@/,
    ]) {
      expect(modules).toEqual(expect.arrayContaining([expect.stringMatching(needed)]));
    }
    const tools = /^(?:typescript|rollup|esbuild|vitest|@gatestream\+(?:protocol|client|ui))/;
    expect(modules.filter((name) => tools.test(name))).toEqual([]);
  });

  test("an image without settings reports every missing setting", async () => {
    const child = start(entryPoint());
    const [message, [exitCode]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect(exitCode).toBe(1);
    for (const needed of ["GATESTREAM_AUTH", "GENESYS_CLIENT_ID", "GENESYS_ENVIRONMENT"]) {
      expect(message).toContain(needed);
    }
  });

  test("a configured image streams, is healthy, and stops on a signal", async () => {
    const emulator = [
      "node",
      join(root, "packages/emulator/dist/cli.js"),
      "--port=0",
      "--tokens-per-second=0",
    ];
    const gateway = await urlOf(start(emulator));
    const relay = start(entryPoint(), {
      HOST: "127.0.0.1",
      PORT: "0",
      GENESYS_CLIENT_ID: "demo-client",
      GENESYS_CLIENT_SECRET: "demo-secret",
      GENESYS_LOGIN_URL: gateway,
      GENESYS_API_URL: gateway,
    });
    const url = await urlOf(relay);
    const response = await fetch(`${url}/api/llm/stream`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        configurationId: "cfg-1",
        messages: [{ role: "user", content: "Hello" }],
      }),
    });
    expect(await response.text()).toMatch(/data: \{"type":"stop","reason":"stop"\}\nid: \d+\n\n$/);

    const { port: PORT } = new URL(url);
    expect(await once(start(healthCheck(), { PORT }), "exit")).toEqual([0, null]);
    const [stopSignal] = valuesOf("STOPSIGNAL");
    relay.kill(stopSignal as NodeJS.Signals);
    expect(await once(relay, "exit")).toEqual([0, null]);
    expect(await once(start(healthCheck(), { PORT }), "exit")).toEqual([1, null]);
  });
});

function sourcesIn(stage: typeof instructions): readonly string[] {
  return valuesOf("COPY", stage).flatMap((rest) => rest.split(" ").slice(0, -1));
}

/** In exec form; JSON.parse refuses the other. */
function entryPoint(): readonly string[] {
  const [program = "", args = ""] = [...valuesOf("ENTRYPOINT"), ...valuesOf("CMD")];
  return [...JSON.parse(program), ...JSON.parse(args)];
}

function healthCheck(): readonly string[] {
  return JSON.parse(valuesOf("HEALTHCHECK")[0]?.replace(/^.* CMD /, "") ?? "");
}
