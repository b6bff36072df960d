import { expect } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import { streamInPage } from "./in-page-recording.ts";
import { askFor, askForTokens } from "./questions.ts";

const hardTokens = [
  "\n",
  "  two spaces, ",
  "naïve ",
  "東京都 ",
  "👩‍👩‍👧‍👦",
  " 🏳️‍🌈\n\n",
  "\u2028",
  "data: ",
  "\u0000",
  " ",
];

/** How text comes to the page. */
export const delivery: readonly Behaviour[] = [
  {
    name: "text arrives token by token, while the answer is still being generated",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      const seen = await page.evaluate(async (asked) => {
        const recording = inPage.record({ url: "/api/llm" }, asked);
        inPage.recording = recording;
        await recording.hasText(20);
        return { text: recording.stream.text, status: recording.stream.status };
      }, request);
      const call = await lab.chat(question, "open");
      expect(call.sentText.startsWith(seen.text)).toBe(true);
      expect(seen.status).toBe("streaming");
    },
  },
  {
    name: "an answer is complete, and its listeners are called once at its end",
    async run({ page, lab }) {
      const { question, request } = askFor("answer");
      const told = await streamInPage(page, { clientOptions: { url: "/api/llm" }, request });
      const { sentText } = await lab.chat(question, "answered");
      expect(told).toMatchObject({
        text: sentText,
        reason: "stop",
        statuses: ["connecting", "streaming", "done"],
        endings: 1,
      });
      expect(told.tokens.join("")).toBe(sentText);
      expect(told.tokens.length).toBeGreaterThan(100);
    },
  },
  {
    name: "characters split at every byte are whole again, and no space or newline is lost",
    async run({ page, lab }) {
      lab.proxy.splitAtEveryByte(true);
      const { request } = askForTokens({ tokens: hardTokens });
      const told = await page.evaluate(async (asked) => {
        const throughProxy = await inPage.record({ url: "/own" }, asked).end();
        const withinPage = await inPage
          .record({ url: "/own", fetch: inPage.fetchByteByByte }, asked)
          .end();
        return [throughProxy, withinPage];
      }, request);
      for (const { tokens, text } of told) {
        expect(tokens).toEqual(hardTokens);
        expect(text).toBe(hardTokens.join(""));
      }
    },
  },
  {
    name: "an answer of 10 MB is complete",
    async run({ page }) {
      const token = "0123456789abcdefghijklmnopqrstuvwxyz\n".repeat(2800);
      const { request } = askForTokens({ tokens: [token], times: 100 });
      const told = await page.evaluate(
        async (asked) => {
          const { text, tokens, reason } = await inPage
            .record({ url: "/own" }, asked.request)
            .end();
          const isWhole = text === asked.token.repeat(tokens.length);
          return { isWhole, reason, count: tokens.length };
        },
        { token, request },
      );
      expect(told).toMatchObject({ isWhole: true, reason: "stop", count: 100 });
    },
  },
  {
    name: "100 KB at 2,000 tokens a second give at most one snapshot a frame",
    async run({ page, measured }) {
      // Twenty characters a token, for two and a half seconds.
      const tokens = ["twenty characters 20"];
      const { request } = askForTokens({ tokens, times: 5000, tokensPerSecond: 2000 });
      const seen = await page.evaluate(async (asked) => {
        const frames = inPage.countFrames();
        const recording = inPage.record({ url: "/own" }, asked);
        let snapshots = 0;
        recording.stream.subscribe(() => {
          snapshots += 1;
        });
        const { tokens: told, text } = await recording.end();
        return {
          ...frames(),
          snapshots,
          tokenCount: told.length,
          isWhole: recording.stream.getSnapshot().text === text && text.length === 100_000,
        };
      }, request);
      expect(seen).toMatchObject({ tokenCount: 5000, isWhole: true });
      // Statuses are told as well: connecting, streaming, and the end.
      expect(seen.snapshots).toBeLessThanOrEqual(seen.frames + 1);
      measured("longest gap between frames at 2,000 tokens a second", `${seen.longestGapMs} ms`);
    },
  },
];
