import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { EventLog } from "../event-log.ts";
import { numbered, queued, staying, stop, take, token, warning, write } from "./logs-under-test.ts";

/** What every log keeps, also one that nobody can come back to: its writer and its first reader. */
export function testWriting(openLog: () => EventLog): void {
  /** A new stream, and the reader that has followed it from its start. */
  async function openStream() {
    const log = openLog();
    const streamId = randomUUID();
    const writer = await log.create(streamId, { subject: "ada" });
    const events = await log.follow(streamId, { after: 0, signal: staying() });
    if (events === undefined) throw new Error("The stream is unknown.");
    return { writer, reader: events[Symbol.asyncIterator]() };
  }

  test("the reader gets everything in order, with the ids 1, 2, 3 …", async () => {
    const { writer, reader } = await openStream();
    const batches = [
      [warning],
      [token("a")],
      [token("b"), warning, token("c")],
      [queued(1)],
      [token("d"), stop],
    ];
    const reading = take(reader);
    await write(writer, ...batches);
    expect(await reading).toEqual(numbered(batches.flat()));
  });

  test("nothing comes after the terminal event, in its own batch or later", async () => {
    const { writer, reader } = await openStream();
    const reading = take(reader);
    await write(writer, [token("a"), stop, token("late"), stop], [token("later")], [stop]);
    expect(await reading).toEqual(numbered([token("a"), stop]));
    expect(await reader.next()).toMatchObject({ done: true });
  });

  test("an append without events is no end", async () => {
    const { writer, reader } = await openStream();
    const reading = take(reader);
    await write(writer, [], [token("a")], [], [stop]);
    expect(await reading).toEqual(numbered([token("a"), stop]));
  });
}
