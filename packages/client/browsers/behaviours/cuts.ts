import { expect } from "vitest";
import type { Told } from "../page/recording.ts";
import type { Behaviour, Scene } from "./behaviour.ts";
import {
  awayMs,
  beginInPage,
  endInPage,
  pass,
  streamInPage,
  untilLength,
  type Errand,
} from "./in-page-recording.ts";
import { askFor, askForHundred, askForTokens, lengthOfFirst } from "./questions.ts";

const retry = { limit: 5, baseDelayMs: 20, maxDelayMs: 2000 };
/** Without the watchdog: nothing else may have ended the silence. */
const resumable = { url: "/own", resumable: true, retry, idleTimeoutMs: false } as const;
/** Six heartbeats. */
const watched = { ...resumable, idleTimeoutMs: 1200 } as const;
const notResumable = { url: "/api/llm", retry } as const;

/** What a network does in the middle of an answer. */
export const cuts: readonly Behaviour[] = [
  {
    name: "a resumable answer that is cut repeatedly is complete, and the gateway is asked once",
    async run({ page, lab }) {
      const told = await surviveCuts({ page, lab }, resumable);
      expect(told.statuses.filter((status) => status === "reconnecting").length).toBe(3);
    },
  },
  {
    name: "a resumable answer that is cut within an event and within a character is complete",
    async run({ page, lab }) {
      const tokens = ["東京都", "👩‍👩‍👧‍👦", "ï"];
      const { name, text, request } = askForTokens({ tokens, times: 40, gates: [3, 60] });
      const lengthOf = (count: number): number => tokens.join("").repeat(count / 3).length;
      await beginInPage(page, { clientOptions: resumable, request }, lengthOf(3));
      // An event has some 80 bytes: each time it is cut elsewhere in one.
      for (const [byteCount, tokenCount] of [
        [1111, 60],
        [2222, 120],
      ] as const) {
        lab.proxy.cutAfterBytes(byteCount);
        lab.letOn(name);
        await untilLength(page, lengthOf(tokenCount));
      }
      const told = await endInPage(page);
      expect(told).toMatchObject({ text, reason: "stop" });
      expect(told.statuses.filter((status) => status === "reconnecting").length).toBe(2);
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "an answer is resumable without crypto.randomUUID, which insecure pages do not have",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      await page.evaluate(() => {
        Object.defineProperty(crypto, "randomUUID", { value: undefined });
      });
      await beginInPage(page, { clientOptions: resumable, request }, lengthOfFirst(25));
      lab.proxy.resetConnections();
      lab.letOn(name);
      expect(await endInPage(page)).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "an answer that cannot be resumed and is cut ends truncated, with its text so far",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      await beginInPage(page, { clientOptions: notResumable, request }, 20);
      lab.proxy.resetConnections();
      const { error, text, statuses, endings } = await endInPage(page);
      const { sentText } = await lab.chat(question, "aborted");
      expect(error).toMatchObject({ code: "truncated", text });
      expect(text.length).toBeGreaterThanOrEqual(20);
      expect(sentText.startsWith(text)).toBe(true);
      expect([statuses.at(-1), endings]).toEqual(["error", 1]);
      expect(lab.chatCount(question)).toBe(1);
    },
  },
  {
    name: "a silent connection is closed, and the answer is resumed",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      await beginInPage(page, { clientOptions: watched, request }, lengthOfFirst(25));
      lab.proxy.stallConnections();
      lab.letOn(name);
      const told = await endInPage(page);
      expect(told).toMatchObject({ text, reason: "stop" });
      expect(told.statuses).toContain("reconnecting");
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "an answer that cannot be resumed and falls silent ends stalled, with its text so far",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      const clientOptions = { ...notResumable, idleTimeoutMs: 1200 };
      await beginInPage(page, { clientOptions, request }, 20);
      lab.proxy.stallConnections();
      const { error, text } = await endInPage(page);
      expect(error).toMatchObject({ code: "stalled", text });
      expect(text.length).toBeGreaterThanOrEqual(20);
      await lab.chat(question, "aborted");
    },
  },
  {
    name: "heartbeats alone keep a stream alive",
    async run({ page }) {
      const { request } = askForHundred(25);
      await beginInPage(page, { clientOptions: watched, request }, lengthOfFirst(25));
      // Twice the silence that would end it.
      await pass(page, 2400);
      const statuses = await page.evaluate(() => inPage.recording?.statuses);
      expect(statuses).toEqual(["connecting", "streaming"]);
    },
  },
  {
    name: "a slow network only delays an answer",
    async run({ page, lab }) {
      const { text, request } = askForHundred();
      lab.proxy.throttle(8_000);
      const told = await streamInPage(page, { clientOptions: watched, request });
      expect(told).toMatchObject({ text, reason: "stop" });
      expect(told.statuses).toEqual(["connecting", "streaming", "done"]);
    },
  },
  {
    name: "a page that was offline resumes its answer as soon as it is online",
    needs: "offline",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      await beginInPage(page, { clientOptions: resumable, request }, lengthOfFirst(25));
      await page.goOffline();
      lab.proxy.stallConnections();
      lab.letOn(name);
      await pass(page, awayMs);
      await page.goOnline();
      expect(await endInPage(page)).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "an answer whose relay is unreachable for a while is complete, and the gateway is asked once",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      // As often and as long as it is by default.
      const clientOptions = { url: "/own", resumable: true };
      await beginInPage(page, { clientOptions, request }, lengthOfFirst(25));
      await lab.proxy.refuseConnections();
      lab.proxy.resetConnections();
      lab.letOn(name);
      await pass(page, awayMs);
      await lab.proxy.acceptConnections();
      const told = await endInPage(page);
      expect(told).toMatchObject({ text, reason: "stop", endings: 1 });
      expect(told.statuses).toContain("reconnecting");
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "an answer that failed is resumed on the same page, and the gateway is asked once",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      const clientOptions = { url: "/own", resumable: true, retry: false } as const;
      await beginInPage(page, { clientOptions, request }, lengthOfFirst(25));
      lab.proxy.resetConnections();
      const { error } = await endInPage(page);
      expect(error).toMatchObject({ code: "truncated" });
      lab.letOn(name);
      const isResumed = await page.evaluate(() => {
        return [inPage.recording?.stream.canResume, inPage.recording?.stream.resume()];
      });
      expect(isResumed).toEqual([true, true]);
      expect(await endInPage(page)).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
];

/** Cuts the connection three times under an answer, which is whole all the same. */
export async function surviveCuts(
  { page, lab }: Pick<Scene, "page" | "lab">,
  clientOptions: Errand["clientOptions"],
): Promise<Told> {
  const { name, text, request } = askForHundred(25, 50, 75);
  await beginInPage(page, { clientOptions, request }, lengthOfFirst(25));
  for (const count of [50, 75, 100]) {
    lab.proxy.resetConnections();
    lab.letOn(name);
    await untilLength(page, lengthOfFirst(count));
  }
  const told = await endInPage(page);
  expect(told).toMatchObject({ text, reason: "stop", endings: 1 });
  expect(told.tokens.join("")).toBe(text);
  expect(lab.askedCount(name)).toBe(1);
  return told;
}
