import { readdirSync, readFileSync } from "node:fs";
import type { StreamEvent } from "@gatestream/protocol";
import type { Translator } from "@gatestream/relay/parts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SseDecoder } from "../../../relay/src/gateway/decode/sse.ts";
import { anySplit, type Arrivals } from "../../../relay/src/gateway/testing/splits.ts";
import { readAll, readAnswer } from "../../../relay/src/gateway/testing/upstream-responses.ts";

/** What a fixture is: its events, and the code that it fails with behind them. */
export type Expected = readonly (Partial<StreamEvent> | { readonly failure: string })[];

async function read(arrivals: Arrivals, translator: Translator) {
  const { items, failure } = await readAll(
    readAnswer({
      body: (async function* () {
        yield* arrivals;
      })(),
      decoder: new SseDecoder(),
      translator,
      limits: { idleTimeoutMs: 20_000 },
      onEnd: () => {},
    }),
  );
  const { code } = Object(failure);
  return [...items.flat(), ...(failure === undefined ? [] : [{ failure: code }])];
}

/** Reads every file of `fixtures/{folder}`, in one piece and split anywhere. */
export function testFixtures(
  folder: string,
  createTranslator: () => Translator,
  expected: Readonly<Record<string, Expected>>,
): void {
  const place = new URL(`../../fixtures/${folder}/`, import.meta.url);

  test("every fixture says which events it is", () => {
    const names = readdirSync(place).map((file) => file.replace(".sse", ""));
    expect(names.toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test.each(Object.entries(expected))(
    "the answer of %s, however it is split",
    async (name, events) => {
      const bytes = readFileSync(new URL(`${name}.sse`, place));
      const whole = await read([[bytes]], createTranslator());
      expect(whole).toEqual(events);
      const eachByte = Array.from(bytes, (_, at) => [bytes.subarray(at, at + 1)]);
      expect(await read(eachByte, createTranslator())).toEqual(events);
      await fc.assert(
        fc.asyncProperty(anySplit(bytes), async (arrivals) => {
          expect(await read(arrivals, createTranslator())).toEqual(events);
        }),
      );
    },
  );
}
