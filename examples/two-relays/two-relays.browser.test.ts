import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { keptText } from "../native-eventsource/test/reading-page.ts";
import { type ServerProcess, startServer } from "../native-eventsource/test/server-process.ts";
import { hasChromium, launchBrowser } from "../vanilla/test/chat-page.ts";
import { missingPrograms } from "./compose/programs.mjs";
import { type RelaysPage, openRelays } from "./test/relays-page.ts";

const startFile = new URL("start.mjs", import.meta.url);
const whyNot = [...missingPrograms(), ...(hasChromium ? [] : ["Missing: chromium."])].join(" ");

test("without nginx and Redis it says what to install", async () => {
  const nowhere = { REDIS_SERVER_PATH: "/nowhere", NGINX_PATH: "/nowhere" };
  const told = await startServer(startFile, nowhere).catch((error: Error) => error.message);
  expect(told).toMatch(/^It ended with 1: Missing: redis-server\. .*\nMissing: nginx\. .*\n$/);
});

describe.skipIf(whyNot !== "")(`two relays behind nginx ${whyNot}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "gatestream-example-"));
  let server: ServerProcess;
  let browser: Browser;
  let it: RelaysPage;

  beforeAll(async () => {
    [server, browser] = await Promise.all([
      startServer(startFile, { TOKENS_PER_SECOND: "50", TMPDIR: folder }),
      launchBrowser(),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    const ports = [...server.printed().matchAll(/port (\d+)/g)].map(([, port]) => port);
    expect(ports).toHaveLength(3);
    expect(await server.stop()).toBe(0);
    // Nobody is left: nginx, the relays, Redis, and what they wrote.
    for (const url of [server.url, ...ports.map((port) => `http://127.0.0.1:${port}/`)]) {
      await expect(fetch(url)).rejects.toThrow();
    }
    expect(readdirSync(folder)).toEqual([]);
    rmdirSync(folder);
  });

  beforeEach(async () => {
    it = await openRelays(browser, server.url);
  });

  afterEach(async () => {
    await it.page.close();
    expect(it.complaints).toEqual([]);
  });

  /** The answer is whole: what the page shows is what the relays have kept, and each id came once. */
  async function expectWhole(): Promise<void> {
    await it.untilStatus("done");
    const whole = await keptText(it.reads[0] ?? "");
    expect(whole).toContain("no model was asked");
    expect(await it.text.textContent()).toBe(whole);
    expect(await it.figure("missing")).toBe(0);
    expect(await it.figure("twice")).toBe(0);
    expect(await it.figure("last-id")).toBe((await it.figure("tokens")) + 1);
  }

  test("the relay that is read from is killed, then the connection cut: nothing is lost", async () => {
    const { writer, reader } = await it.askUntil(10);
    expect(reader).not.toBe(writer);
    await it.command(`Kill ${reader}`, "killed");
    await it.untilFigure("connections", 2);
    await it.relay(writer).getByText("you read here").waitFor();
    await it.button("Cut my connection").click();
    await it.untilFigure("connections", 3);
    await expectWhole();
    expect(await it.text.locator("mark").allInnerTexts()).not.toEqual([]);
    const rows = await it.rows();
    expect(rows).toContain(`relay ${reader} killed`);
    expect(rows).toContain("lost the page cut it");
    await it.command(`Start ${reader} again`, "running");
  });

  test("the relay that writes is stopped politely: it sends its readers on and finishes", async () => {
    const { writer, reader } = await it.askUntil(10);
    // So that it is read where it is written.
    await it.button("Cut my connection").click();
    await it.relay(writer).getByText("you read here").waitFor();
    await it.button(`Stop ${writer} politely`).click();
    await it.relay(reader).getByText("you read here").waitFor();
    expect(await it.figure("connections")).toBeGreaterThanOrEqual(3);
    // nginx takes turns: the stopping relay only says when to reconnect, the other one streams.
    for (const url of [...it.reads].slice(0, 2)) {
      const response = await fetch(url);
      expect(response.status).toBe(200);
      const isStopping = response.headers.get("x-served-by") === writer;
      if (isStopping) expect(await response.text()).toMatch(/event: reconnect\n[^]+\n\n$/);
      else await response.body?.cancel();
    }
    await expectWhole();
    const rows = await it.rows();
    expect(rows.filter((row) => row.startsWith("reconnect ")).length).toBeGreaterThanOrEqual(1);
    await it.relay(writer).getByText("stopped").waitFor();
    await it.command(`Start ${writer} again`, "running");
  });

  test("the relay that writes is killed: the page hears producer_lost, and asks the other", async () => {
    const { writer, reader } = await it.askUntil(10);
    await it.command(`Kill ${writer}`, "killed");
    await it.untilStatus("failed");
    const rows = await it.rows();
    expect(rows.at(-1)).toMatch(/^error id \d+, producer_lost: /);
    const tokens = await it.figure("tokens");
    expect(await it.figure("last-id")).toBe(tokens + 1);
    // What had come stays, and is not the whole answer.
    expect(await it.text.textContent()).toBe(await keptText(it.reads[0] ?? ""));
    expect(await it.text.textContent()).not.toContain("no model was asked");

    // Twice, as one of two begins with the relay that is gone.
    expect(await it.askUntil(1)).toEqual({ writer: reader, reader });
    expect(await it.askUntil(1)).toEqual({ writer: reader, reader });
    await it.command(`Start ${writer} again`, "running");
  });
});
