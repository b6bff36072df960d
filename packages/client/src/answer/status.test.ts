import { expect, test } from "vitest";
import type { StreamStatus } from "./stream-options.ts";
import { handMadeStream } from "../testing/client-of.ts";
import { start, stop, token } from "../testing/sse-text.ts";

test("status is queued while the request waits, and streaming with the first token", async () => {
  const statuses: StreamStatus[] = [];
  const { answer, stream } = handMadeStream({ onStatus: (status) => statuses.push(status) });
  const queued = { type: "queued", position: 2 };
  answer.send(start, queued, { ...queued, position: 1 }, token("Hello"), token("!"), stop);
  await stream.result();
  expect(statuses).toEqual(["connecting", "queued", "streaming", "done"]);
});

test("the place in the queue is told while it waits", async () => {
  const positions: unknown[] = [];
  const { answer, stream } = handMadeStream({
    onEvent: () => positions.push(stream.queuePosition),
  });
  const queued = { type: "queued", position: 2 };
  answer.send(start, queued, { ...queued, position: 1 }, token("Hello"), stop);
  await stream.result();
  expect(positions).toEqual([undefined, 2, 1, undefined, undefined]);
  expect(stream.getSnapshot().queuePosition).toBeUndefined();
});

test("status is connecting again when its turn has come, until the first token", async () => {
  const statuses: StreamStatus[] = [];
  const { answer, stream } = handMadeStream({ onStatus: (status) => statuses.push(status) });
  const queued = { type: "queued", position: 1 };
  answer.send(start, queued, { ...queued, position: 0 }, token("Hello"), stop);
  await stream.result();
  expect(statuses).toEqual(["connecting", "queued", "connecting", "streaming", "done"]);
});

test("start is not yet streaming", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start);
  await stream[Symbol.asyncIterator]().next();
  expect(stream.status).toBe("connecting");
});

test("an answer that another page cancelled has the status cancelled", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token("Hel"), { type: "stop", reason: "cancelled" });
  expect(await stream.result()).toMatchObject({ text: "Hel", reason: "cancelled" });
  expect(stream.status).toBe("cancelled");
});

test("an abandoned answer has the status cancelled, not done", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token("Hel"), { type: "stop", reason: "abandoned" });
  expect(await stream.result()).toMatchObject({ text: "Hel", reason: "abandoned" });
  expect(stream.status).toBe("cancelled");
});
