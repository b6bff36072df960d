import { expect, test } from "vitest";
import type { LogWriter } from "../event-log.ts";
import type { LogBatch } from "../log-batch.ts";
import { numbered, queued, stop, take, token, warning, write } from "./logs-under-test.ts";

/** Opens a new stream and the reader that has followed it from its start. */
export type OpenStream = () => Promise<{
  readonly writer: LogWriter;
  readonly reader: AsyncIterator<LogBatch, undefined>;
}>;

/** What every log guarantees, also one that cannot be resumed: its writer and its first reader. */
export function testWriting(openStream: OpenStream): void {
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
