import { expect, test } from "vitest";
import {
  follow,
  type MakeLogs,
  numbered,
  openLogs,
  openStream,
  take,
  token,
  write,
} from "./logs-under-test.ts";

export function testClosing(makeLogs: MakeLogs): void {
  test("pending readers are disconnected, without a terminal event", async () => {
    const { streamId, writer, here } = await openStream(await openLogs(makeLogs));
    const readers = [await follow(here, streamId), await follow(here, streamId, { after: 1 })];
    await write(writer, [token("a")]);
    const [first, second] = readers.map((reader) => take(reader));
    await here.close();
    const read = await first;
    expect(read).toEqual(numbered([token("a")]).slice(0, read?.length));
    expect(await second).toEqual([]);
    for (const reader of readers) expect(await reader.next()).toMatchObject({ done: true });
  });

  test("it may be closed twice", async () => {
    const { here } = await openLogs(makeLogs);
    await here.close();
    await here.close();
  });
}
