import type { Finding } from "@gatestream/relay";
import { expect, test } from "vitest";
import { readAll } from "../../../relay/src/gateway/testing/upstream-responses.ts";
import { inTime } from "./in-time.ts";

const first: Finding = { what: "first", outcome: "ok", message: "is there" };

test("what is found in time is passed on, however long it takes together", async () => {
  async function* run() {
    yield first;
    yield { ...first, outcome: "warning" as const };
  }
  const { items, failure } = await readAll(inTime({ what: "tries", run }, 5_000));
  expect(failure).toBeUndefined();
  expect(items).toEqual([first, { ...first, outcome: "warning" }]);
});

test("a try that ignores its signal is given up and reported, and no try follows", async () => {
  let given: AbortSignal | undefined;
  async function* run(signal: AbortSignal) {
    given = signal;
    yield first;
    await new Promise(() => {});
  }
  const { items, failure } = await readAll(inTime({ what: "tries", run }, 30));
  expect(failure).toBeUndefined();
  expect(items).toEqual([
    first,
    { what: "tries", outcome: "failed", message: expect.stringContaining("given up") },
  ]);
  expect(given?.aborted).toBe(true);
});

test("a try that throws is reported as a failure", async () => {
  // oxlint-disable-next-line require-yield -- it fails before anything is found
  async function* run(): AsyncGenerator<Finding> {
    throw new Error("The model is not there.");
  }
  const { items, failure } = await readAll(inTime({ what: "own upstream", run }, 5_000));
  expect(failure).toBeUndefined();
  expect(items).toEqual([
    { what: "own upstream", outcome: "failed", message: "The model is not there." },
  ]);
});
