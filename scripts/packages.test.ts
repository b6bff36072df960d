import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import {
  checkPackage,
  createPackageFromTarballData,
  type ResolutionKind,
} from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manifest, root } from "./bootstrap.mjs";

const exec = promisify(execFile);
const libraries = [
  "ai-sdk",
  "client",
  "element",
  "emulator",
  "react",
  "relay",
  "relay-auth",
  "relay-adapters",
  "relay-audit",
  "relay-metrics",
  "relay-opentelemetry",
  "relay-providers",
  "relay-redis",
  "relay-websocket",
  "vue",
] as const;
const published = [...libraries, "gatestream"] as const;

let folder: string;
const tarballs = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gatestream-packages-"));
  const filters = published.flatMap((name) => ["--filter", `./packages/${name}`]);
  const args = [...filters, "--recursive", "pack", "--pack-destination", folder];
  await exec("npx", ["--yes", manifest.packageManager, ...args], { cwd: root });
  for (const name of published) {
    const { version } = await manifestOf(name);
    const file = name === "gatestream" ? name : `gatestream-${name}`;
    tarballs.set(name, join(folder, `${file}-${version}.tgz`));
  }
});

async function manifestOf(name: string) {
  return JSON.parse(await readFile(join(root, "packages", name, "package.json"), "utf8"));
}

afterAll(() => rm(folder, { recursive: true }));

function tarballOf(name: string): string {
  const path = tarballs.get(name);
  if (path === undefined) throw new Error(`There is no tarball of ${name}.`);
  return path;
}

describe.each(published)("the package %s", (name) => {
  test("has nothing that publint would suggest to change", async () => {
    const bytes = await readFile(tarballOf(name));
    const { messages, pkg } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("holds the build, the licence and the README, and nothing of the workspace", async () => {
    const { stdout: list } = await exec("tar", ["-tzf", tarballOf(name)]);
    const files = list.trim().split("\n");
    const expected = /^package\/(?:dist\/.+|package\.json|LICENSE|README\.md)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    const entry = name === "gatestream" ? "cli.js" : "index.d.ts";
    expect(files).toEqual(
      expect.arrayContaining(["package/LICENSE", "package/README.md", `package/dist/${entry}`]),
    );
    const { stdout: packed } = await exec("tar", [
      "-xzOf",
      tarballOf(name),
      "package/package.json",
    ]);
    const { dependencies = {}, peerDependencies = {}, exports } = JSON.parse(packed);
    expect(JSON.stringify({ dependencies, peerDependencies, exports })).not.toMatch(
      /workspace:|catalog:|gatestream-source|\/src\//,
    );
  });

  test("has a README without links that its page in the registry could not follow", async () => {
    const { stdout: text } = await exec("tar", ["-xzOf", tarballOf(name), "package/README.md"]);
    const targets = [...text.matchAll(/\]\(([^)]+)\)|(?:src|href)="([^"]+)"/g)];
    const relative = targets
      .map(([, link, attribute]) => link ?? attribute ?? "")
      // The other is the address of a relay in an example.
      .filter((target) => !/^(?:https?:|#)/.test(target) && target !== "/api/llm");
    expect(relative.filter((target) => !/^[\w.-]+\.iife\.min\.js$/.test(target))).toEqual([]);
  });

  test("refuses npm pack, as the relay does below", async () => {
    const { scripts } = await manifestOf(name);
    expect(scripts.prepack).toBe("node ../../scripts/refuse-npm-pack.mjs");
  });
});

test("npm pack, whose tarball cannot be installed, is refused and names pnpm pack", async () => {
  // Settings of the pnpm that runs the tests are not those of a person's shell.
  const own = Object.entries(process.env).filter(([variable]) => !/^p?npm_/i.test(variable));
  const packed = exec("npm", ["pack", "--pack-destination", join(folder, "refused")], {
    cwd: join(root, "packages/relay"),
    env: Object.fromEntries(own),
  });
  await expect(packed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^npm pack leaves workspace: .+ Use `npx pnpm@10 pack` instead/),
  });
});

/** How CommonJS resolves, which none of the packages is written for. */
const commonJs: ReadonlySet<string> = new Set(["node10", "node16-cjs"] satisfies ResolutionKind[]);

test.each(published)("the package %s has types that resolve as they run", async (name) => {
  const checked = await checkPackage(createPackageFromTarballData(await readFile(tarballOf(name))));
  if (checked.types === false) throw new Error("There are no types.");
  const problems = checked.problems.filter(
    (problem) => !("resolutionKind" in problem && commonJs.has(problem.resolutionKind)),
  );
  expect(problems).toEqual([]);
});

describe("the relay, installed alone from its tarball", () => {
  let alone: string;

  beforeAll(async () => {
    alone = await mkdtemp(join(tmpdir(), "gatestream-relay-alone-"));
    await writeFile(join(alone, "package.json"), '{ "private": true, "type": "module" }\n');
    await exec("npm", ["install", "--no-audit", "--no-fund", tarballOf("relay")], { cwd: alone });
  });

  afterAll(() => rm(alone, { recursive: true }));

  /** Runs a program that has `createRelay` and the `options` of a relay. */
  async function run(program: string): Promise<string> {
    const source = `
      import { createRelay } from "@gatestream/relay";
      const genesys = { clientId: "a", clientSecret: "b", environment: "mypurecloud.de" };
      const options = { genesys, port: 0 };
      ${program}
    `;
    const { stdout } = await exec("node", ["--input-type=module", "--eval", source], {
      cwd: alone,
    });
    return stdout.trim();
  }

  test("is as small as its README says, without what only some hosts need", async () => {
    const files = await readdir(join(alone, "node_modules"), {
      recursive: true,
      withFileTypes: true,
    });
    const sizes = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const lock = JSON.parse(await readFile(join(alone, "package-lock.json"), "utf8"));
    const packages = Object.keys(lock.packages).filter((path) => path !== "");
    for (const optional of [
      "redis",
      "@redis/client",
      "jose",
      "prom-client",
      "@opentelemetry/api",
    ]) {
      expect(packages).not.toContain(`node_modules/${optional}`);
    }
    const readme = await readFile(join(root, "packages/relay/README.md"), "utf8");
    const [, count, megabytes] = /installs (\d+) packages, (\d+) MB/.exec(readme) ?? [];
    expect(`${packages.length} packages, ${Math.round(bytes / 1e6)} MB`).toBe(
      `${count} packages, ${megabytes} MB`,
    );
  });

  test("keeps answers in memory, and says what metrics need", async () => {
    const program = `
      const relay = createRelay(options);
      const { url } = await relay.listen();
      console.log((await fetch(url + "/readyz")).status);
      const metrics = await fetch(url + "/metrics");
      console.log(metrics.status, await metrics.text());
      await relay.close();
    `;
    expect((await run(program)).split("\n")).toEqual([
      "200",
      "501 Metrics need the package @gatestream/relay-metrics: npm install @gatestream/relay-metrics",
    ]);
  });

  test("answers a WebSocket, and what asks for none there, with the package that is missing", async () => {
    const program = `
      import { get } from "node:http";
      const relay = createRelay(options);
      const { url } = await relay.listen();
      for (const headers of [{}, { Connection: "Upgrade", Upgrade: "websocket" }]) {
        const reply = await new Promise((resolve) => {
          get(url + "/api/llm/socket", { headers, agent: false }, resolve);
        });
        let text = "";
        for await (const piece of reply) text += piece;
        console.log(reply.statusCode, JSON.parse(text).error.message);
      }
      await relay.close();
    `;
    const line =
      '404 This relay opens no WebSockets: they need the package "@gatestream/relay-websocket".';
    expect(await run(program)).toBe(`${line}\n${line}`);
  });

  test.each([
    ["{}", "resume=redis"],
    ['{ resume: "redis" }', "resume=redis"],
    ['{ resume: "memory" }', "redisUrl [GATESTREAM_REDIS_URL]"],
  ])("with a redisUrl and %s says which package is missing", async (differs, needs) => {
    const program = `
      const redisUrl = "redis://127.0.0.1:1";
      try {
        createRelay({ ...options, redisUrl, ...${differs} });
      } catch (failure) {
        console.log(failure.message);
      }
    `;
    expect(await run(program)).toBe(
      `The relay cannot start:\n  - ${needs} needs the package "@gatestream/relay-redis": npm install @gatestream/relay-redis`,
    );
  });

  test("with auth jwt says which package is missing", async () => {
    const program = `
      const jwtSecret = "a secret of thirty-two bytes, or more";
      try {
        createRelay({ ...options, auth: "jwt", jwtSecret });
      } catch (failure) {
        console.log(failure.message);
      }
    `;
    expect(await run(program)).toBe(
      'The relay cannot start:\n  - auth=jwt needs the package "@gatestream/relay-auth": npm install @gatestream/relay-auth',
    );
  });

  test("with openai says which package is missing", async () => {
    const program = `
      try {
        createRelay({ openai: { baseUrl: "http://127.0.0.1:1/v1" } });
      } catch (failure) {
        console.log(failure.message);
      }
    `;
    expect(await run(program)).toBe(
      'The relay cannot start:\n  - openai needs the package "@gatestream/relay-providers": npm install @gatestream/relay-providers',
    );
  });

  test("with auth jwt refuses every caller when that package is broken", async () => {
    const broken = join(alone, "node_modules/@gatestream/relay-auth");
    await mkdir(broken);
    await writeFile(join(broken, "package.json"), '{ "type": "module", "main": "index.js" }\n');
    await writeFile(join(broken, "index.js"), 'throw new Error("broken");\n');
    const program = `
      const jwtSecret = "a secret of thirty-two bytes, or more";
      const relay = createRelay({ ...options, auth: "jwt", jwtSecret });
      const { url } = await relay.listen();
      for (const authorization of ["", "Bearer a.b.c"]) {
        const headers = { authorization, "Content-Type": "application/json" };
        const reply = await fetch(url + "/api/llm/stream", { method: "POST", headers, body: "{}" });
        console.log(reply.status, (await reply.json()).error.code);
      }
      await relay.close();
    `;
    expect((await run(program)).split("\n")).toEqual(["500 internal_error", "500 internal_error"]);
  });
});

describe("the packages, installed from their tarballs into an empty folder", () => {
  let children: ChildProcess[] = [];

  beforeAll(async () => {
    await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    await exec("npm", ["install", "--no-audit", "--no-fund", ...tarballs.values()], {
      cwd: folder,
    });
  });

  afterAll(() => {
    for (const child of children) child.kill("SIGKILL");
    children = [];
  });

  function runProgram(name: string, args: readonly string[], environment = {}) {
    const child = spawn(join(folder, "node_modules/.bin", name), args, {
      cwd: folder,
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    return child;
  }

  /** The first line that `pattern` matches; fails when the program ends without one. */
  async function lineOf(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
    if (child.stdout === null) throw new Error("The program's output is not piped.");
    const seen: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      seen.push(line);
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
    throw new Error(`No line matched ${pattern}: ${seen.join("\n")}`);
  }

  test("the client and the libraries import in Node", async () => {
    const program = `
      import { createClient, StreamError } from "@gatestream/client";
      import { createRelay } from "@gatestream/relay";
      import { relayOptionsFromEnvironment } from "gatestream";
      import { createChatTransport } from "@gatestream/ai-sdk";
      import { agUi, aiSdk, openaiAdapter } from "@gatestream/relay-adapters";
      import { audit } from "@gatestream/relay-audit";
      import { jwt } from "@gatestream/relay-auth";
      import { createMetrics } from "@gatestream/relay-metrics";
      import { openTelemetry } from "@gatestream/relay-opentelemetry";
      import { openai } from "@gatestream/relay-providers";
      import { redisLog } from "@gatestream/relay-redis";
      import { createEmulator } from "@gatestream/emulator";
      import { createChat } from "@gatestream/client/chat";
      import { GatestreamChat } from "@gatestream/element";
      import * as react from "@gatestream/react";
      import * as vue from "@gatestream/vue";
      const values = [createClient, StreamError, createRelay, agUi, aiSdk, openaiAdapter, audit, jwt, createMetrics];
      values.push(relayOptionsFromEnvironment, openai, openTelemetry, redisLog, createEmulator, createChat, GatestreamChat);
      values.push(createChatTransport);
      values.push(...[react, vue].flatMap(({ useChat, useTokenStream }) => [useChat, useTokenStream]));
      console.log(values.map((value) => typeof value).join());
    `;
    const { stdout } = await exec("node", ["--input-type=module", "--eval", program], {
      cwd: folder,
    });
    expect(stdout.trim()).toBe(Array.from({ length: 21 }, () => "function").join());
  });

  test("a server component may import the hooks, which are the client's", async () => {
    const { stdout } = await exec("tar", ["-xzOf", tarballOf("react"), "package/dist/index.js"]);
    expect(stdout.split("\n", 1)).toEqual(['"use client";']);
  });

  test("a conversation is streamed over the shared error class, from either entry", async () => {
    const program = `
      import { isStreamError, createClient } from "@gatestream/client";
      import { createChat } from "@gatestream/client/chat";
      const client = createClient({ url: "http://127.0.0.1:1", retry: false });
      const chat = createChat(client, {
        configurationId: "c",
        onError: (error) => console.log(isStreamError(error), chat.getSnapshot().status),
      });
      chat.send("Hello");
    `;
    const { stdout } = await exec("node", ["--input-type=module", "--eval", program], {
      cwd: folder,
    });
    expect(stdout.trim()).toBe("true error");
  });

  test("a consumer compiles against the types alone", async () => {
    await writeFile(
      join(folder, "consumer.ts"),
      `import { createChatTransport } from "@gatestream/ai-sdk";
       import { createClient } from "@gatestream/client";
       import { createChat, type ChatMessage } from "@gatestream/client/chat";
       import type { GatestreamChat } from "@gatestream/element";
       import { useChat } from "@gatestream/react";
       import { useChat as useVueChat } from "@gatestream/vue";
       const options = { configurationId: "c" };
       export const messages = (): readonly (readonly ChatMessage[])[] => {
         const client = createClient<{ citation: { url: string } }>({ url: "/api/llm" });
         return [
           createChat(client, options).getSnapshot().messages,
           useChat(client, options).messages,
           useVueChat(client, options).messages.value,
         ];
       };
       const stream = createClient({ url: "/api/llm" }).stream(
         { configurationId: "c", messages: [{ role: "user", content: "Hello" }] },
         { onToken: (text: string) => text },
       );
       export const { sendMessages } = createChatTransport({
         client: createClient({ url: "/api/llm" }),
         ...options,
       });
       export const reason: Promise<string> = stream.result().then((result) => result.reason);
       export const said = (chat: GatestreamChat): boolean => {
         chat.client = createClient({ url: "/api/llm" });
         return chat.send("Hello");
       };
       export async function first(): Promise<string> {
         for await (const event of stream) {
           if (event.type === "token") return event.content;
           if (event.type === "error") return event.code satisfies string;
         }
         return "";
       }\n`,
    );
    const compilerOptions = {
      lib: ["ES2023", "DOM"],
      module: "NodeNext",
      noEmit: true,
      strict: true,
      target: "ES2022",
      types: [],
    };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["consumer.ts"] }),
    );
    const { stdout } = await exec(join(root, "node_modules/.bin/tsc"), ["--project", folder]);
    expect(stdout).toBe("");
  });

  test("a relay opens WebSockets", async () => {
    const program = `
      import { get } from "node:http";
      import { createRelay } from "@gatestream/relay";
      const genesys = { clientId: "a", clientSecret: "b", environment: "mypurecloud.de" };
      const relay = createRelay({ genesys, port: 0 });
      const { url } = await relay.listen();
      const headers = {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": 13,
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": "gatestream.v1",
      };
      get(url + "/api/llm/socket", { headers }).on("upgrade", async ({ statusCode }, socket) => {
        console.log(statusCode);
        socket.destroy();
        await relay.close();
      });
    `;
    const { stdout } = await exec("node", ["--input-type=module", "--eval", program], {
      cwd: folder,
    });
    expect(stdout.trim()).toBe("101");
  });

  test("gatestream --version prints the version of the package", async () => {
    const { stdout } = await exec(join(folder, "node_modules/.bin/gatestream"), ["--version"]);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("gatestream serve refuses to start with every problem in one message", async () => {
    const child = runProgram("gatestream", ["serve", "--heartbeat-ms", "soon"], {
      GENESYS_CLIENT_ID: "id",
      GATESTREAM_MAX_QUEUED: "-1",
    });
    let message = "";
    child.stderr?.on("data", (chunk) => {
      message += String(chunk);
    });
    const [exitCode] = await once(child, "close");
    expect(exitCode).toBe(1);
    expect(message).toContain("heartbeatMs");
    expect(message).toContain("maxQueued");
    expect(message).toContain("GENESYS_CLIENT_SECRET");
    expect(message).toContain("GENESYS_ENVIRONMENT");
    expect(message).not.toContain("    at ");
  });

  test("gatestream demo serves a page with the element and a relay to this machine alone, and ends with Ctrl-C", async () => {
    const child = runProgram("gatestream", ["demo", "--port", "0"]);
    const [url] = await lineOf(child, /http:\/\/127\.0\.0\.1:\d+/);
    const page = await fetch(url);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).toContain("<gatestream-chat");
    for (const path of html.match(/(?<=(?:src|href)=")\/[\w-]+\.\w+(?=")/g) ?? []) {
      const file = await fetch(url + path);
      expect({ path, status: file.status }).toEqual({ path, status: 200 });
      if (path.endsWith(".js")) expect(await file.text()).toContain("gatestream-chat");
    }
    const response = await fetch(`${url}/api/llm/stream`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        configurationId: "demo",
        messages: [{ role: "user", content: "Hello" }],
      }),
    });
    expect(await response.text()).toMatch(/data: \{"type":"stop","reason":"stop"\}\nid: \d+\n\n$/);

    const statuses = ["/", "/gatestream-chat.js", "/api/llm/stream", "/nothing"].map(
      async (path) => {
        const [reply] = await once(
          get(url + path, { headers: { Host: "evil.example" } }),
          "response",
        );
        return reply.resume().statusCode;
      },
    );
    expect(await Promise.all(statuses)).toEqual([421, 421, 421, 421]);

    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("both commands stream an answer, and exit on a signal", async () => {
    const emulator = runProgram("gatestream-emulator", ["--port=0", "--tokens-per-second=0"]);
    const [gateway] = await lineOf(emulator, /http:\/\/127\.0\.0\.1:\d+/);
    const relay = runProgram("gatestream", ["serve", "--port", "0"], {
      GENESYS_CLIENT_ID: "demo-client",
      GENESYS_CLIENT_SECRET: "demo-secret",
      GENESYS_LOGIN_URL: gateway,
      GENESYS_API_URL: gateway,
    });
    const [url] = await lineOf(relay, /http:\/\/127\.0\.0\.1:\d+/);
    const response = await fetch(`${url}/api/llm/stream`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        configurationId: "c",
        messages: [{ role: "user", content: "Hello" }],
      }),
    });
    expect(await response.text()).toMatch(/data: \{"type":"stop","reason":"stop"\}\nid: \d+\n\n$/);

    for (const child of [relay, emulator]) {
      child.kill("SIGTERM");
      const [exitCode, signal] = await once(child, "exit");
      expect({ exitCode, signal }).toEqual({ exitCode: 0, signal: null });
    }
  });
});
