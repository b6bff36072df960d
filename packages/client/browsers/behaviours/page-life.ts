import { expect } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import { awayMs, beginInPage, endInPage, pass } from "./in-page-recording.ts";
import { askFor, askForHundred, askForTokens, lengthOfFirst } from "./questions.ts";

/** Without the watchdog: nothing else may have ended the silence. */
const resumable = { url: "/own", resumable: true, idleTimeoutMs: false } as const;

/** What a person does with a page while it streams. */
export const pageLife: readonly Behaviour[] = [
  {
    name: "a hidden page continues to stream, with snapshots although there are no frames",
    async run({ page, lab }) {
      const paced = { tokens: ["word "], times: 500, tokensPerSecond: 200 };
      const { name, request } = askForTokens({ ...paced, gates: [100] });
      await beginInPage(page, { clientOptions: { url: "/own" }, request }, 500);
      await page.hide();
      await page.evaluate(() => {
        inPage.recording?.stream.subscribe(() => {
          inPage.snapshotLengths.push(inPage.recording?.stream.getSnapshot().text.length ?? 0);
        });
      });
      lab.letOn(name);
      const { statuses, text } = await endInPage(page);
      const seen = await page.evaluate(() => {
        return { lengths: inPage.snapshotLengths, state: document.visibilityState };
      });
      expect(statuses).toEqual(["connecting", "streaming", "done"]);
      expect([text.length, seen.state]).toEqual([2500, "hidden"]);
      // Some on the way, and the whole at the end.
      const onTheWay = seen.lengths.filter((length) => length > 500 && length < 2500);
      expect(onTheWay.length).toBeGreaterThan(0);
      expect(seen.lengths.at(-1)).toBe(2500);
    },
  },
  {
    name: "a page that becomes visible resumes a silent answer at once",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      await beginInPage(page, { clientOptions: resumable, request }, lengthOfFirst(25));
      await page.hide();
      lab.proxy.stallConnections();
      lab.letOn(name);
      await pass(page, awayMs);
      await page.show();
      expect(await endInPage(page)).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "a page restored from the back/forward cache resumes its answer",
    async run({ page, lab, skip }) {
      const { name, text, request } = askForHundred(25);
      await beginInPage(page, { clientOptions: resumable, request }, lengthOfFirst(25));
      await page.leave(lab.elsewhereUrl);
      lab.letOn(name);
      await page.back();
      const isKept = await page.evaluate(() => globalThis.inPage?.recording !== undefined);
      if (!isKept) skip("it does not keep a page that has an open request");
      expect(await endInPage(page)).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "a reloaded page resumes from its checkpoint",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      await beginInPage(page, { clientOptions: resumable, request }, lengthOfFirst(25));
      await page.evaluate(() => {
        addEventListener("pagehide", () => {
          sessionStorage.setItem("checkpoint", JSON.stringify(inPage.recording?.stream.checkpoint));
        });
      });
      await page.leave(lab.pageUrl);
      lab.letOn(name);
      const result = await page.evaluate(() => {
        const checkpoint = JSON.parse(sessionStorage.getItem("checkpoint") ?? "null");
        return inPage.gatestream.createClient({ url: "/own" }).resume(checkpoint).result();
      });
      expect(result).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "a page that navigates away ends its answer at the gateway",
    async run({ page, lab }) {
      const { question, request } = askFor("stall");
      await beginInPage(page, { clientOptions: { url: "/api/llm" }, request }, 20);
      await page.leave(lab.elsewhereUrl);
      await lab.chat(question, "aborted");
    },
  },
  {
    name: "a tab that is closed ends its answer at the gateway",
    async run({ lab, open }) {
      const { question, request } = askFor("stall");
      const tab = await open();
      await beginInPage(tab, { clientOptions: { url: "/api/llm" }, request }, 20);
      await tab.close();
      await lab.chat(question, "aborted");
    },
  },
];
