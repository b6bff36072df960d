import type { StreamEvent } from "@gatestream/protocol";
import { assert, expect, test } from "vitest";
import type { LogBatch, LogWriter } from "../event-log.ts";
import { createDirectLog } from "./direct-log.ts";

const token = (content: string): StreamEvent => ({ type: "token", content, index: 0 });
const stop: StreamEvent = { type: "stop", reason: "stop" };
const warning: StreamEvent = { type: "warning", code: "malformed_line" };

interface OpenLog {
  readonly writer: LogWriter;
  readonly reader: AsyncIterator<LogBatch>;
  readonly leaving: AbortController;
}

async function openLog(): Promise<OpenLog> {
  const log = createDirectLog();
  const leaving = new AbortController();
  const writer = await log.create("s-1", { subject: "ada" });
  const events = await log.follow("s-1", { after: 0, signal: leaving.signal });
  assert(events !== undefined);
  return { writer, reader: events[Symbol.asyncIterator](), leaving };
}

/** Whether a promise is settled once everything that is due now has run. */
async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  const pending = Symbol("pending");
  const loopTurn = new Promise((resolve) => {
    setImmediate(() => resolve(pending));
  });
  return (await Promise.race([promise, loopTurn])) !== pending;
}

test("nobody can come back to it", async () => {
  const { writer } = await openLog();
  expect(writer.isResumable).toBe(false);
  expect(
    await createDirectLog().follow("s-1", { after: 0, signal: writer.closed }),
  ).toBeUndefined();
});

test("events come in order, as they were appended, with the id of the first numbered one", async () => {
  const { writer, reader } = await openLog();
  expect(writer.append([token("a"), token("b")])).toBeUndefined();
  expect(await reader.next()).toEqual({
    done: false,
    value: { firstId: 1, events: [token("a"), token("b")] },
  });
  expect(writer.append([token("c")])).toBeUndefined();
  expect(await reader.next()).toMatchObject({ value: { firstId: 3, events: [token("c")] } });
});

test("a notice takes no id", async () => {
  const { writer, reader } = await openLog();
  void writer.append([warning, token("a"), warning]);
  expect(await reader.next()).toMatchObject({ value: { firstId: 1 } });
  void writer.append([warning]);
  expect(await reader.next()).toMatchObject({ value: { firstId: 2, events: [warning] } });
  void writer.append([token("b")]);
  expect(await reader.next()).toMatchObject({ value: { firstId: 2, events: [token("b")] } });
});

test("a reader that waits is woken by the next append", async () => {
  const { writer, reader } = await openLog();
  const next = reader.next();
  expect(await isSettled(next)).toBe(false);
  void writer.append([token("a")]);
  expect(await next).toMatchObject({ value: { firstId: 1, events: [token("a")] } });
});

test("what waits for the reader leaves as one batch", async () => {
  const { writer, reader } = await openLog();
  void writer.append([token("a")]);
  void writer.append([token("b"), token("c")]);
  expect(await reader.next()).toMatchObject({
    value: { firstId: 1, events: [token("a"), token("b"), token("c")] },
  });
});

test("the second append waits until the reader takes what is there", async () => {
  const { writer, reader } = await openLog();
  expect(writer.append([token("a")])).toBeUndefined();
  const full = writer.append([token("b")]);
  expect(await isSettled(full)).toBe(false);
  await reader.next();
  expect(await isSettled(full)).toBe(true);
});

test("the caller's own array may change after the append", async () => {
  const { writer, reader } = await openLog();
  const events = [token("a")];
  void writer.append(events);
  events.push(token("mine"));
  void writer.append([token("b")]);
  expect(await reader.next()).toMatchObject({ value: { events: [token("a"), token("b")] } });
  expect(events).toEqual([token("a"), token("mine")]);
});

test("a terminal event closes it: it is delivered, then the end, and later appends are dropped", async () => {
  const { writer, reader } = await openLog();
  void writer.append([token("a")]);
  expect(writer.append([token("b"), stop])).toBeUndefined();
  expect(writer.append([token("late")])).toBeUndefined();
  expect(await reader.next()).toMatchObject({
    value: { firstId: 1, events: [token("a"), token("b"), stop] },
  });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("a reader that is gone releases the writer and gets no more", async () => {
  const { writer, reader, leaving } = await openLog();
  void writer.append([token("a")]);
  const full = writer.append([token("b")]);
  leaving.abort();
  expect(await isSettled(full)).toBe(true);
  expect(writer.append([token("c")])).toBeUndefined();
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("a reader that is gone while it waits is let go", async () => {
  const { reader, leaving } = await openLog();
  const next = reader.next();
  leaving.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test("a reader that leaves its loop releases the writer", async () => {
  const log = createDirectLog();
  const writer = await log.create("s-1", { subject: "ada" });
  const events = await log.follow("s-1", { after: 0, signal: new AbortController().signal });
  assert(events !== undefined);
  void writer.append([token("a")]);
  let full: Promise<void> | undefined;
  for await (const batch of events) {
    expect(batch.events).toEqual([token("a")]);
    void writer.append([token("b")]);
    full = writer.append([token("c")]);
    break;
  }
  expect(await isSettled(full)).toBe(true);
  expect(writer.append([token("d")])).toBeUndefined();
});

test("a signal that is aborted already ends it at once", async () => {
  const log = createDirectLog();
  const writer = await log.create("s-1", { subject: "ada" });
  void writer.append([token("a")]);
  const events = await log.follow("s-1", { after: 0, signal: AbortSignal.abort() });
  assert(events !== undefined);
  expect(await events[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  expect(writer.append([token("b")])).toBeUndefined();
});

test("a second reader is refused: it would get the other half of the events", async () => {
  const log = createDirectLog();
  const { signal } = new AbortController();
  await log.create("s-1", { subject: "ada" });
  expect(await log.follow("s-1", { after: 0, signal })).toBeDefined();
  expect(await log.follow("s-1", { after: 0, signal })).toBeUndefined();
});

test("an unknown stream is undefined", async () => {
  const { signal } = new AbortController();
  expect(await createDirectLog().follow("nobody", { after: 0, signal })).toBeUndefined();
});

test("streams of one log do not see each other's events", async () => {
  const log = createDirectLog();
  const { signal } = new AbortController();
  const readers = await Promise.all(
    ["a", "b"].map(async (name) => {
      const writer = await log.create(name, { subject: "ada" });
      const events = await log.follow(name, { after: 0, signal });
      void writer.append([token(name), stop]);
      return events?.[Symbol.asyncIterator]().next();
    }),
  );
  expect(readers).toMatchObject([
    { value: { firstId: 1, events: [token("a"), stop] } },
    { value: { firstId: 1, events: [token("b"), stop] } },
  ]);
});
