import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allBehaviours } from "./behaviours/all-behaviours.ts";
import type { Behaviour, Scene } from "./behaviours/behaviour.ts";
import { chromium } from "./engines/chromium.ts";
import type { Engine, EngineKind, Page } from "./engines/engine.ts";
import { firefox } from "./engines/firefox.ts";
import { webkit } from "./engines/webkit.ts";
import { startLab, type Lab } from "./lab/lab.ts";
import { createResults } from "./results.ts";
import { checkDocument, writeDocument } from "./results-document.ts";

const kinds = [chromium, firefox, webkit];
const results = createResults(kinds.map(({ name }) => name));

/** One engine's run: its tests one after the other, beside those of the other engines. */
function describeEngine(kind: EngineKind): void {
  let engine: Engine;
  let lab: Lab;

  beforeAll(async () => {
    if (kind.whyMissing !== undefined) return;
    [engine, lab] = await Promise.all([kind.launch(), startLab()]);
    results.began(kind.name, engine.version);
  });

  afterAll(async () => {
    await engine?.close();
    await lab?.[Symbol.asyncDispose]();
  });

  async function look(behaviour: Behaviour, skip: Scene["skip"]): Promise<void> {
    const open = (): Promise<Page> => engine.open(lab.pageUrl);
    const page = await open();
    const measured: Scene["measured"] = (what, value) => results.measured(kind.name, what, value);
    try {
      await behaviour.run({ page, lab, open, skip, measured });
      expect(await page.evaluate(() => globalThis.inPage?.complaints ?? [])).toEqual([]);
    } finally {
      await lab.proxy.calm();
      await lab.otherOriginProxy.calm();
      await page.close();
    }
  }

  for (const behaviour of Object.values(allBehaviours).flat()) {
    test.sequential(behaviour.name, async ({ skip }) => {
      if (kind.whyMissing !== undefined) return skip(kind.whyMissing);
      const skipped = (reason: string): never => {
        results.told(kind.name, behaviour, reason);
        return skip(reason);
      };
      const reason = behaviour.needs && engine.impossible[behaviour.needs];
      if (reason !== undefined) return skipped(reason);
      await look(behaviour, skipped);
      results.told(kind.name, behaviour, "yes");
    });
  }
}

for (const kind of kinds) describe.concurrent(kind.name, () => describeEngine(kind));

describe.sequential("docs/browsers.md", () => {
  test("tells what this run has seen", async ({ skip }) => {
    const run = results.all();
    if (run.length === 0) skip("no engine is installed here");
    if (process.env["UPDATE_DOCS"]) await writeDocument(run, kinds.length);
    await checkDocument(run);
  });
});
