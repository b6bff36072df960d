import { describe, expect, test } from "vitest";
import { ask, replyTo } from "@gatestream/testing/ask";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader, streamAt } from "@gatestream/testing/resuming-reader";
import { startTwoRelays } from "@gatestream/testing/two-relays";
import { askForWhole } from "@gatestream/testing/whole-answer";

describe.skipIf(whyNoRedis)(`a reader that is ahead of Redis ${whyNoRedis ?? ""}`, () => {
  test("receives only the terminal event when the stream was cancelled on another relay", async () => {
    await using relays = await startTwoRelays({ gateway: { hold: "pieces" } });
    const { here, there, link, gateway } = relays;
    const reader = createReader();
    await reader.open(ask(here.streamUrl, askForWhole));
    await gateway.release(3);
    await reader.readTo(3);
    link.cut();
    await gateway.release(3);
    await reader.readTo(6);
    reader.cut();
    const target = streamAt(there.url, reader.streamId);
    expect((await replyTo(ask(target, undefined, { method: "DELETE" }))).status).toBe(204);
    const had = reader.events.length;
    expect((await reader.comeBack(there.url)).statusCode).toBe(200);
    await reader.readToEnd();
    const events = reader.events.slice(had).filter(({ id }) => id !== undefined);
    expect(events).toEqual([
      { id: expect.any(String), name: undefined, event: { type: "stop", reason: "cancelled" } },
    ]);
    expect((await reader.comeBack(there.url)).statusCode).toBe(204);
  });
});
