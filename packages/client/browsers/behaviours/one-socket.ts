import { expect } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import { surviveCuts } from "./cuts.ts";
import {
  beginInPage,
  beginManyInPage,
  begunCount,
  endInPage,
  endsInPage,
  pass,
  streamInPage,
  untilBegun,
} from "./in-page-recording.ts";
import { askFor, askForHundred, askForTokens, lengthOfFirst } from "./questions.ts";

const retry = { limit: 5, baseDelayMs: 20, maxDelayMs: 2000 };
const overSocket = { url: "/own", retry, overSocket: true } as const;
const resumable = { ...overSocket, resumable: true, idleTimeoutMs: false } as const;

/** Connections over HTTP/1.1 that every engine has for one host. */
const usualLimit = 6;

/** What is the same over a WebSocket, and what is not. */
export const oneSocket: readonly Behaviour[] = [
  {
    name: "200 answers at once over one socket are each complete and in order",
    async run({ page, lab, measured }) {
      const socketsBefore = lab.socketCount;
      const asked = Array.from({ length: 200 }, (_, at) => {
        const tokens = Array.from({ length: 50 }, (_each, index) => `${at}.${index} `);
        return askForTokens({ tokens, tokensPerSecond: 50, gates: [1] });
      });
      await beginManyInPage(
        page,
        overSocket,
        asked.map(({ request }) => request),
      );
      await untilBegun(page, asked.length);
      const begunAt = performance.now();
      for (const { name } of asked) lab.letOn(name);
      const told = await endsInPage(page);
      const seconds = (performance.now() - begunAt) / 1000;
      expect(told.map(({ text }) => text)).toEqual(asked.map(({ text }) => text));
      expect(new Set(told.map(({ reason }) => reason))).toEqual(new Set(["stop"]));
      expect(lab.socketCount - socketsBefore).toBe(1);
      measured(
        "200 answers of 50 tokens in a second, over one socket, took",
        `${seconds.toFixed(1)} s`,
      );
    },
  },
  {
    name: "of 20 answers at once over fetch some wait for others, over a socket none",
    async run({ page, lab, measured }) {
      for (const [clientOptions, expected] of [
        [{ url: "/own" }, usualLimit],
        [overSocket, 20],
      ] as const) {
        const asked = Array.from({ length: 20 }, () => askForHundred(1));
        await beginManyInPage(
          page,
          clientOptions,
          asked.map(({ request }) => request),
        );
        await untilBegun(page, expected);
        await pass(page, 400);
        const count = await begunCount(page);
        if ("overSocket" in clientOptions) expect(count).toBe(20);
        else {
          expect(count).toBeLessThan(20);
          measured("Of 20 answers over fetch, at once come", `${count}`);
        }
        for (const { name } of asked) lab.letOn(name);
        const told = await endsInPage(page);
        expect(told.map(({ text }) => text)).toEqual(asked.map(({ text }) => text));
      }
    },
  },
  {
    name: "a socket that is cut repeatedly loses no text, and the gateway is asked once",
    async run({ page, lab }) {
      await surviveCuts({ page, lab }, resumable);
    },
  },
  {
    name: "a silent socket is replaced by another one",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      const clientOptions = { ...resumable, idleTimeoutMs: 1500 };
      await beginInPage(page, { clientOptions, request }, lengthOfFirst(25));
      lab.proxy.stallConnections();
      lab.letOn(name);
      expect(await endInPage(page)).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "a lost socket ends an answer that cannot be resumed as truncated",
    async run({ page, lab }) {
      const { request } = askForHundred(25);
      await beginInPage(page, { clientOptions: overSocket, request }, lengthOfFirst(25));
      lab.proxy.resetConnections();
      const { error } = await endInPage(page);
      expect(error).toMatchObject({ code: "truncated", text: expect.stringMatching(/^0 1 2 /) });
    },
  },
  {
    name: "cancel() over a socket ends the answer at the gateway, and the other one continues",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      const clientOptions = { url: "/api/llm", overSocket: true };
      await beginInPage(page, { clientOptions, request }, 20);
      const neighbour = askFor("answer");
      await page.evaluate(() => inPage.recording?.stream.cancel());
      await lab.chat(question, "aborted");
      expect(await streamInPage(page, { clientOptions, request: neighbour.request })).toMatchObject(
        {
          reason: "stop",
        },
      );
      expect((await endInPage(page)).reason).toBe("cancelled");
    },
  },
  {
    name: "a page that navigates away ends its streams over a socket",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      const clientOptions = { url: "/api/llm", overSocket: true };
      await beginInPage(page, { clientOptions, request }, 20);
      await page.leave(lab.elsewhereUrl);
      await lab.chat(question, "aborted");
    },
  },
];
