import { expect } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import { beginInPage } from "./in-page-recording.ts";
import { askFor, askForHundred, lengthOfFirst } from "./questions.ts";

/** How a stream is ended by its page. */
export const endings: readonly Behaviour[] = [
  {
    name: "cancel() ends the answer at the gateway and keeps the text",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      const told = await page.evaluate(async (asked) => {
        const recording = inPage.record({ url: "/api/llm" }, asked);
        await recording.hasText(20);
        recording.stream.cancel();
        return recording.end();
      }, request);
      const { sentText } = await lab.chat(question, "aborted");
      expect(told).toMatchObject({ reason: "cancelled" });
      expect(told.statuses.at(-1)).toBe("cancelled");
      expect(sentText.startsWith(told.text)).toBe(true);
      expect(told.text.length).toBeGreaterThanOrEqual(20);
    },
  },
  {
    name: "cancel() of a resumable stream ends it at the relay, which would continue otherwise",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      const told = await page.evaluate(async (asked) => {
        const recording = inPage.record({ url: "/api/llm", resumable: true }, asked);
        await recording.hasText(20);
        recording.stream.cancel();
        return recording.end();
      }, request);
      expect(told.reason).toBe("cancelled");
      await lab.chat(question, "aborted");
    },
  },
  {
    name: "detach() leaves a resumable answer running at the relay, and its checkpoint resumes it",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      const length = lengthOfFirst(25);
      await beginInPage(page, { clientOptions: { url: "/own", resumable: true }, request }, length);
      // It outlives a page in sessionStorage: as text.
      const checkpoint = await page.evaluate(() => {
        inPage.recording?.stream.detach();
        return JSON.stringify(inPage.recording?.stream.checkpoint);
      });
      lab.letOn(name);
      const result = await page.evaluate((saved) => {
        const client = inPage.gatestream.createClient({ url: "/own", resumable: true });
        return client.resume(JSON.parse(saved)).result();
      }, checkpoint);
      expect(result).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "a signal that is aborted with a reason ends the stream with code aborted and that cause",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      const seen = await page.evaluate(async (asked) => {
        const controller = new AbortController();
        const { signal } = controller;
        const listenerCount = inPage.countListeners(signal);
        const recording = inPage.record({ url: "/api/llm" }, asked, { signal });
        await recording.hasText(20);
        const reason = new Error("The user has gone to lunch.");
        controller.abort(reason);
        const cause = await recording.stream.result().then(
          () => undefined,
          (failure: Error) => failure.cause,
        );
        return {
          told: await recording.end(),
          isReason: cause === reason,
          listeners: listenerCount(),
        };
      }, request);
      await lab.chat(question, "aborted");
      expect(seen.told.error?.code).toBe("aborted");
      expect(seen.told.error?.text.length).toBeGreaterThanOrEqual(20);
      expect(seen).toMatchObject({ isReason: true, listeners: 0 });
    },
  },
  {
    name: "a signal that is aborted already sends nothing",
    async run({ page, lab }) {
      const { question, request } = askFor("answer");
      const told = await page.evaluate((asked) => {
        const signal = AbortSignal.abort();
        return inPage.record({ url: "/api/llm" }, asked, { signal }).end();
      }, request);
      expect(told.error?.code).toBe("aborted");
      expect(lab.chatCount(question)).toBe(0);
    },
  },
  {
    name: "leaving the loop over a stream ends it at the gateway",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      const types = await page.evaluate(async (asked) => {
        const seen: string[] = [];
        const client = inPage.gatestream.createClient({ url: "/api/llm" });
        for await (const { type } of client.stream(asked)) {
          seen.push(type);
          if (seen.length === 4) break;
        }
        return seen;
      }, request);
      expect(types).toEqual(["start", "token", "token", "token"]);
      await lab.chat(question, "aborted");
    },
  },
];
