import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";

import { startDemo } from "./test/demo-process.ts";

test("with nothing configured an emulator answers, and SIGINT ends the process", async () => {
  const demo = await startDemo();
  const url = await demo.url;
  expect(await (await fetch(`${url}demo.json`)).json()).toEqual({
    gateway: "emulator",
    configurationId: "demo",
  });
  expect(demo.stdout()).toContain("emulator");
  expect(await (await fetch(`${url}readyz`)).json()).toEqual({ status: "ready" });
  expect(await (await fetch(`${url}metrics`)).text()).toContain("gatestream_");
  demo.kill("SIGINT");
  expect(await demo.exitCode).toBe(0);
  expect(demo.stderr()).toBe("");
});

test("the printed curl line streams an answer", async () => {
  const demo = await startDemo();
  const url = await demo.url;
  const [, address = "", body = ""] = /curl -N (\S+) .* -d '(.*)'/.exec(demo.stdout()) ?? [];
  expect(address.startsWith(url)).toBe(true);
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  });
  expect(await response.text()).toContain('data: {"type":"stop"');
  demo.kill("SIGTERM");
  expect(await demo.exitCode).toBe(0);
});

/** Starts an answer that never ends by itself. */
async function startStalledAnswer(url: string): Promise<Response> {
  return fetch(`${url}api/llm/stream`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      configurationId: "demo",
      messages: [{ role: "user", content: "/scenario stall" }],
    }),
  });
}

test("a running answer holds up the end only for the grace", async () => {
  const demo = await startDemo({ environment: { GATESTREAM_SHUTDOWN_GRACE_MS: "50" } });
  const response = await startStalledAnswer(await demo.url);
  demo.kill("SIGINT");
  expect(await response.text()).toContain("relay_draining");
  expect(await demo.exitCode).toBe(0);
});

test("a second signal ends the process at once", async () => {
  const demo = await startDemo({ environment: { GATESTREAM_SHUTDOWN_GRACE_MS: "600000" } });
  const url = await demo.url;
  const response = await startStalledAnswer(url);
  demo.kill("SIGINT");
  const isUp = () => fetch(url).then(Boolean, () => false);
  while (await isUp());
  demo.kill("SIGINT");
  expect(await demo.exitCode).toBe(130);
  await expect(response.text()).rejects.toThrow();
});

test("with an own gateway the configuration is the one that is set, or is left to the page", async () => {
  const own = {
    GENESYS_CLIENT_ID: "id",
    GENESYS_CLIENT_SECRET: "secret",
    GENESYS_ENVIRONMENT: "mypurecloud.de",
  };
  const openai = { GATESTREAM_PROVIDER: "openai", OPENAI_BASE_URL: "http://127.0.0.1:1/v1" };
  for (const [environment, configurationId] of [
    [own, undefined],
    [{ ...own, GATESTREAM_CONFIGURATION_ID: "cfg-7" }, "cfg-7"],
    [openai, undefined],
    [{ ...openai, OPENAI_MODELS: "cfg-1=llama3" }, "cfg-1"],
  ] as const) {
    const demo = await startDemo({ environment });
    const answer = await (await fetch(`${await demo.url}demo.json`)).json();
    expect(answer.configurationId).toBe(configurationId);
    const asks = "asks for a configuration ID; GATESTREAM_CONFIGURATION_ID sets it";
    expect(demo.stdout().includes(asks)).toBe(configurationId === undefined);
    demo.kill("SIGTERM");
    expect(await demo.exitCode).toBe(0);
  }
});

test("missing settings are listed, all of them, and the process ends with 1", async () => {
  const demo = await startDemo({ environmentFile: "GENESYS_CLIENT_ID=only-this\n" });
  expect(await demo.exitCode).toBe(1);
  expect(demo.stderr()).toContain("GENESYS_CLIENT_SECRET");
  expect(demo.stderr()).toContain("GENESYS_ENVIRONMENT");
  expect(demo.stderr()).not.toContain("    at ");
});

test("a port that is taken is named, with the way out", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const demo = await startDemo({ environment: { PORT: String(port) } });
  expect(await demo.exitCode).toBe(1);
  expect(demo.stderr()).toContain(`Port ${port} is taken`);
  expect(demo.stderr()).toContain("npm start");
  other.close();
});

/** The status of a request with this `Host`, which `fetch` does not let one choose. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const taken = (response: IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode);
    };
    get(url, { headers: { Host: host } }, taken).once("error", reject);
  });
}

test("on loopback the page and its data are only for requests to a loopback name", async () => {
  const demo = await startDemo();
  const url = await demo.url;
  for (const path of ["", "demo.json", "chat.js", "metrics", "nothing"]) {
    for (const host of ["attacker.example", "localhost.attacker.example:3000"]) {
      expect(await statusFor(url + path, host)).toBe(421);
    }
  }
  for (const host of ["localhost:3000", "127.0.0.1", "[::1]:3000", "demo.localhost"]) {
    expect(await statusFor(`${url}demo.json`, host)).toBe(200);
  }
  demo.kill("SIGTERM");
  expect(await demo.exitCode).toBe(0);
});

test("the page is served with its policy; other paths and methods are refused", async () => {
  const demo = await startDemo();
  const url = await demo.url;
  const page = await fetch(url);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page.headers.get("content-security-policy")).toContain(
    "require-trusted-types-for 'script'; trusted-types 'none'",
  );
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(page.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  for (const path of ["", "element.html", "ui/index.js", "client/chat.js", "ui/ui.css"]) {
    expect((await fetch(url + path, { method: "HEAD" })).status).toBe(200);
  }
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
  for (const path of [
    "server.mjs",
    "package.json",
    "..%2fpackage.json",
    "client/..%2f..%2fpackage.json",
    "client/nothing.js",
    "relay/index.js",
    "nothing",
  ]) {
    expect((await fetch(url + path)).status).toBe(404);
  }
  demo.kill("SIGINT");
  expect(await demo.exitCode).toBe(0);
});
