import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  cli,
  commandLibrary,
  gatestream,
  library,
  question,
  startGateway,
  startRelay,
  startStream,
  wholeAnswer,
} from "./gatestream.ts";
import { runNode } from "./run-node.ts";

test("emulate, check and serve are enough to stream an answer", async () => {
  const emulate = gatestream(["emulate", "--port", "0", "--tokens-per-second", "0"]);
  await emulate.match(/GENESYS_CLIENT_SECRET=.*\n/);
  const printed = emulate.output().matchAll(/^ *(GENESYS_\w+)=(.*)$/gm);
  const variables = Object.fromEntries([...printed].map(([, name, value]) => [name, value]));
  expect(Object.keys(variables)).toEqual([
    "GENESYS_LOGIN_URL",
    "GENESYS_API_URL",
    "GENESYS_CLIENT_ID",
    "GENESYS_CLIENT_SECRET",
  ]);

  const check = gatestream(["check", "--port", "0"], variables);
  await check.match(/The relay can start/);
  // No connection is left that would have to time out.
  expect(await check.ended(3_000)).toBe(0);
  expect(check.output()).toMatch(
    /^(?:ok .*\n){4}\nThe relay can start\. No answer was generated: gatestream ask does that\.\n$/,
  );

  const relay = await startRelay({ variables });
  const response = await startStream(relay.url);
  expect(await response.text()).toMatch(wholeAnswer);

  for (const program of [relay.program, emulate]) {
    program.kill("SIGTERM");
    expect(await program.ended()).toBe(0);
  }
});

test("ask prints an answer of the gateway of the environment, and ends by itself with 0", async () => {
  const { variables } = await startGateway({ tokensPerSecond: 0 });
  const program = gatestream(["ask", "Hello", "--configuration", "cfg-1"], variables);
  expect(await program.ended()).toBe(0);
  expect(program.output()).toMatch(
    /\n\nframing {6}newline-delimited JSON.+\ntypes .+\nfirst token/,
  );
});

test("ask ends with 1, a code and a remedy where the gateway refuses", async () => {
  const { variables } = await startGateway();
  const wrong = { ...variables, GENESYS_CLIENT_SECRET: "wrong" };
  const program = gatestream(["ask", "Hello", "--configuration", "cfg-1", "--raw"], wrong);
  expect(await program.ended()).toBe(1);
  expect(program.output()).toMatch(/^gateway_auth_failed: .+\nCheck GENESYS_CLIENT_ID/m);
});

test("check ends with 1 where something is wrong", async () => {
  const program = gatestream(["check", "--port", "0"], {
    GATESTREAM_PROVIDER: "openai",
    // A port that cannot be listened on.
    OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
  });
  expect(await program.ended()).toBe(1);
  expect(program.output()).toMatch(/^FAILED {2}server .+OPENAI_BASE_URL says where it is\.$/m);
});

describe("a stop of serve", () => {
  test("lets a running stream end, and the process ends by itself with 0", async () => {
    const relay = await startRelay(await startGateway({ tokensPerSecond: 100 }));
    const response = await startStream(relay.url);
    relay.program.kill("SIGTERM");
    expect(await response.text()).toMatch(wholeAnswer);
    await relay.program.match(/"msg":"stopped"/);
    expect(await relay.program.ended(5_000)).toBe(0);
    expect(relay.program.output()).toMatch(/"stopping"[^]+"stream_ended"[^]+"stopped"/);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("ends at once with the second %s, with %d", async (signal, exitCode) => {
    const relay = await startRelay(await startGateway({ scenario: "stall" }));
    const response = await startStream(relay.url);
    relay.program.kill(signal);
    await relay.program.match(/"msg":"stopping"/);
    relay.program.kill(signal);
    expect(await relay.program.ended(5_000)).toBe(exitCode);
    await expect(response.text()).rejects.toThrow();
  });
});

test("a stop that fails ends with 1", async () => {
  const { variables } = await startGateway();
  const breakClosing = `
    import { createRequire } from "node:module";
    const { Agent } = createRequire(${JSON.stringify(cli)})("undici");
    Agent.prototype.destroy = () => Promise.reject(new Error("stuck"));
  `;
  const preloaded = `data:text/javascript,${encodeURIComponent(breakClosing)}`;
  const program = runNode(["--import", preloaded, cli, "serve", "--port", "0"], variables);
  await program.match(/"listening"/);
  program.kill("SIGTERM");
  expect(await program.ended()).toBe(1);
  expect(program.output()).toContain('"message":"stuck"');
});

test.each([[], ["--unhandled-rejections=strict"]])(
  "an unhandled rejection is logged, and running streams end before the process does, %s",
  async (...flags) => {
    const { variables } = await startGateway({ tokensPerSecond: 100 });
    const preloaded = `data:text/javascript,${encodeURIComponent(
      'process.on("SIGUSR2", () => { void Promise.reject(new Error("nobody caught it")); });',
    )}`;
    const args = [...flags, "--import", preloaded, cli, "serve", "--port", "0"];
    const program = runNode(args, variables);
    const [, url = ""] = await program.match(/"url":"([^"]+)"/);
    const response = await startStream(url);
    program.kill("SIGUSR2");
    expect(await response.text()).toMatch(wholeAnswer);
    expect(await program.ended()).toBe(1);
    expect(program.output()).toMatch(/"nobody caught it"[^]+"stream_ended"[^]+"stopped"/);
  },
);

test("the log level says what is logged", async () => {
  const gateway = await startGateway({ tokensPerSecond: 0 });
  for (const [level, isLogged] of [
    ["debug", true],
    ["info", false],
  ] as const) {
    const relay = await startRelay(gateway, "--log-level", level);
    await (await startStream(relay.url)).text();
    await relay.program.match(/"stream_ended"/);
    expect(relay.program.output().includes('"stream_started"')).toBe(isLogged);
  }
});

test("a port in use is reported in one sentence, and exits with 1", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const program = gatestream(["serve", "--port", String(port)], {
    GENESYS_CLIENT_ID: "id",
    GENESYS_CLIENT_SECRET: "secret",
    GENESYS_ENVIRONMENT: "mypurecloud.de",
  });
  expect(await program.ended()).toBe(1);
  // The line that says what it starts with goes to another output: either may come first.
  const lines = program.output().trimEnd().split("\n");
  expect(lines.filter((line) => !line.includes('"msg":"starting"'))).toEqual([
    `Port ${port} of 127.0.0.1 is taken: stop what listens there, or choose another with PORT or --port.`,
  ]);
});

test.each([1, 2])(
  "variables of a Kubernetes Service are warned of once, by %d workers",
  async (workers) => {
    const { variables } = await startGateway();
    const service = { GATESTREAM_SERVICE_HOST: "10.0.0.1", GATESTREAM_PORT: "tcp://10.0.0.1:3000" };
    const args = ["serve", "--port", "0", "--resume", "off", "--workers", String(workers)];
    const program = gatestream(args, { ...variables, ...service });
    await program.match(/"listening"/);
    const warned = program
      .output()
      .match(/Unknown variables.+GATESTREAM_SERVICE_HOST, GATESTREAM_PORT/g);
    expect(warned).toHaveLength(1);
    program.kill("SIGTERM");
    expect(await program.ended()).toBe(0);
  },
);

test("serve logs what it runs with before it listens, without secrets", async () => {
  const { variables } = await startGateway();
  const program = gatestream(["serve", "--port", "0", "--resume", "memory"], {
    ...variables,
    GATESTREAM_ALLOWED_ORIGINS: "https://app.example.com",
    GATESTREAM_REDIS_URL: "redis://:my-own-password@127.0.0.1:1/0",
  });
  const [line] = await program.match(/^.*"starting".*$/m);
  expect(JSON.parse(line)).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    gateway: `genesys ${new URL(variables["GENESYS_API_URL"] ?? "").host}`,
    auth: "none",
    resume: "memory",
    allowedOrigins: ["https://app.example.com"],
    redis: "127.0.0.1:1",
  });
  await program.match(/"listening"/);
  expect(program.output()).not.toMatch(/my-own-password|demo-secret/);
});

describe("a .env file of the working folder", () => {
  async function folderWith(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "gatestream-env-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, ".env"), text);
    return folder;
  }

  test("sets the relay's variables and no others, and is logged by name", async () => {
    const { variables } = await startGateway();
    const lines = Object.entries({ ...variables, PORT: "0", NODE_OPTIONS: "--no-such-flag" });
    const text = lines.map(([name, value]) => `${name}=${value}`).join("\n");
    // Workers are processes that would inherit NODE_OPTIONS, and could not start with it.
    const args = ["serve", "--workers", "2", "--resume", "off"];
    const program = gatestream(args, {}, await folderWith(text));
    await program.match(/"listening"/);
    const [line] = await program.match(/^.*"environment file read".*$/m);
    const logged: { file: string; variables: readonly string[] } = JSON.parse(line);
    expect(logged.file).toBe(".env");
    expect(logged.variables.toSorted()).toEqual([...Object.keys(variables), "PORT"].toSorted());
    expect(program.output()).not.toContain("demo-secret");
    program.kill("SIGTERM");
    expect(await program.ended()).toBe(0);
  });

  test("cannot move an upstream whose credentials come from the environment", async () => {
    const { variables } = await startGateway();
    const folder = await folderWith("GATESTREAM_PROVIDER=openai\n");
    const program = gatestream(["serve", "--port", "0"], variables, folder);
    expect(await program.ended()).toBe(1);
    expect(program.output()).toBe(
      ".env sets GATESTREAM_PROVIDER, but GENESYS_CLIENT_SECRET comes from the environment: set both in the same place.\n",
    );
  });

  test("is reported by check", async () => {
    const program = gatestream(["check"], {}, await folderWith("HOST=127.0.0.1\nPATH=/tmp\n"));
    await program.match(/^ok {6}\.env: read; sets HOST$/m);
    expect(await program.ended()).toBe(1);
  });
});

test("a program that closes its relay ends by itself", async () => {
  const gateway = await startGateway({ tokensPerSecond: 0 });
  const source = `
    import { createRelay } from ${JSON.stringify(library)};
    import { relayOptionsFromEnvironment } from ${JSON.stringify(commandLibrary)};
    const relay = createRelay({ ...relayOptionsFromEnvironment(process.env), port: 0 });
    const { url } = await relay.listen();
    const response = await fetch(url + "/api/llm/stream", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: ${JSON.stringify(JSON.stringify(question))},
    });
    console.log(await response.text());
    await relay.close();
    console.log("closed");
  `;
  const program = runNode(["--input-type=module", "--eval", source], gateway.variables);
  await program.match(/"type":"stop"[^]+closed/);
  expect(await program.ended(5_000)).toBe(0);
});
