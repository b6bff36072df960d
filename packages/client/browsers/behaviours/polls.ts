import { eventuallyTrue } from "@gatestream/testing/eventually";
import { expect } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import { beginInPage, endInPage } from "./in-page-recording.ts";
import { askForHundred, lengthOfFirst } from "./questions.ts";

/** Firefox does not pass the head of a response on before something of its body has come. */
const connectTimeoutMs = 1_000;
const clientOptions = {
  url: "/muted",
  mayPoll: true,
  idleTimeoutMs: 500,
  connectTimeoutMs,
} as const;

/** What a page does behind a proxy that lets no event stream through. */
export const polls: readonly Behaviour[] = [
  {
    name: "after two connections that stay silent an answer streams in polls, and the gateway is asked once",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      const errand = { clientOptions: { ...clientOptions, resumable: true }, request };
      await beginInPage(page, errand, lengthOfFirst(25));
      const transport = await page.evaluate(() => inPage.recording?.stream.transport ?? "");
      lab.letOn(name);
      expect(await endInPage(page)).toMatchObject({ text, reason: "stop" });
      expect([transport, lab.askedCount(name)]).toEqual(["poll", 1]);
    },
  },
  {
    name: "a polled answer that cannot be resumed ends at the gateway when it is left",
    async run({ page, lab }) {
      const { name, request } = askForHundred(25);
      await beginInPage(page, { clientOptions, request }, lengthOfFirst(25));
      expect(lab.runningCount(name)).toBe(1);
      await page.evaluate(() => inPage.recording?.stream.detach());
      expect((await endInPage(page)).reason).toBe("disconnected");
      await eventuallyTrue(() => lab.runningCount(name) === 0);
    },
  },
];
