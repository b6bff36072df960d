import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { hasChromium, launchBrowser } from "../vanilla/test/chat-page.ts";
import { type ReadingPage, keptText, openPage } from "./test/reading-page.ts";
import { type ServerProcess, startServer } from "./test/server-process.ts";

const serverFile = new URL("server.mjs", import.meta.url);
const environment = { PORT: "0", TOKENS_PER_SECOND: "60" };

let server: ServerProcess;
let browser: Browser;
let it: ReadingPage;

describe.skipIf(!hasChromium)("a page on the native EventSource in Chromium", () => {
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(serverFile, environment), launchBrowser()]);
  });

  afterAll(async () => {
    await browser.close();
    expect(await server.stop()).toBe(0);
  });

  beforeEach(async () => {
    it = await openPage(browser, server.url);
  });

  afterEach(async () => {
    await it.page.close();
    expect(it.complaints).toEqual([]);
  });

  test("the connection is cut, and the browser goes on: every token, and each once", async () => {
    await it.ask("How do I reset my password?");
    await it.untilFigure("tokens", 20);
    await it.button("Cut the connection").click();
    await it.untilStatus("lost");
    const before = await it.figure("last-id");
    await it.untilStatus("done");

    const whole = await keptText(it.reads[0] ?? "");
    expect(await it.text.textContent()).toBe(whole);
    expect(await it.figure("missing")).toBe(0);
    expect(await it.figure("twice")).toBe(0);
    const tokens = await it.figure("tokens");
    expect(await it.figure("last-id")).toBe(tokens + 1);
    expect(it.reads).toHaveLength(2);
    // What it had missed is marked, and is neither all nor nothing.
    const missed = (await it.text.locator("mark").textContent()) ?? "";
    expect(missed).not.toBe("");
    expect(whole.indexOf(missed)).toBeGreaterThan(0);

    const rows = await it.rows();
    // On a machine that is busy some of it is written before anybody reads.
    expect(rows.map((row) => row.split(" ", 1)[0]).join(" ")).toMatch(
      /^POST open start (token )?live token onerror open start token (live token )?stop close\(\)$/,
    );
    // The browser has sent its last id: a first connection would not begin with this one.
    const begin = `token ids ${before + 1} to `;
    expect(rows.find((row) => row.includes("which it had missed"))?.startsWith(begin)).toBe(true);
  });

  test("a page that forgets to close it is answered 204, and the browser stops", async () => {
    await it.page.getByLabel("forget to close it").check();
    const nothing = it.page.waitForResponse((response) => response.status() === 204);
    await it.ask("/scenario many-tokens 5");
    const url = (await nothing).url();
    await it.page.getByText("is told 204, and stops").waitFor();
    expect(it.reads).toEqual([url, url]);
    expect(await it.figure("twice")).toBe(0);
  });

  test("an answer that fails says so in a message, and the connection is not what failed", async () => {
    await it.ask("/scenario cut");
    await it.untilStatus("failed");
    const rows = await it.rows();
    expect(rows.at(-2)).toMatch(/^error id \d+, gateway_interrupted: /);
    expect(rows.at(-1)).toBe("close() the page closes it");
    expect(rows.some((row) => row.startsWith("onerror"))).toBe(false);
  });

  test("Stop ends the answer at the relay", async () => {
    await it.ask("How do I reset my password?");
    await it.untilFigure("tokens", 1);
    await it.button("Stop").click();
    await it.untilStatus("done");
    expect((await it.rows()).at(-2)).toMatch(/^stop id \d+, reason cancelled$/);
    expect(await it.button("Stop").isDisabled()).toBe(true);
    expect(await it.page.getByLabel("Question", { exact: true }).isEditable()).toBe(true);
  });

  test("a refusal of the POST, which fetch can read, is told in the relay's words", async () => {
    await it.ask("   ".repeat(80_000));
    await it.untilStatus("failed");
    expect(await it.page.getByRole("status").textContent()).toMatch(/^invalid_request: /);
    expect(it.reads).toEqual([]);
    // The browser logs every refusal of fetch itself.
    expect(it.complaints).toHaveLength(1);
    it = { ...it, complaints: [] };
  });
});

test("only the server's own page may cut", async () => {
  const own = await startServer(serverFile, environment);
  const cut = (headers: Record<string, string>) =>
    fetch(`${own.url}cut`, { method: "POST", headers }).then(({ status }) => status);
  expect(await cut({})).toBe(403);
  expect(await cut({ "Sec-Fetch-Site": "cross-site" })).toBe(403);
  expect(await cut({ "Sec-Fetch-Site": "same-origin" })).toBe(204);
  const page = await fetch(own.url);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  for (const path of ["server.mjs", "package.json", "nothing"]) {
    expect((await fetch(own.url + path)).status).toBe(404);
  }
  expect(await own.stop()).toBe(0);
});
