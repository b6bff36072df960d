import * as fc from "fast-check";
import { expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { connectRaw } from "@gatestream/testing/raw-client";
import { openPage } from "@gatestream/testing/socket-page";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

/** Another one makes other pages up; what fails prints the seed that it failed with. */
const seed = Number(process.env["FUZZ_SEED"] ?? 1);

const handshake =
  "GET /api/llm/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Protocol: gatestream.v1\r\n\r\n";

/** What a page may say, now and then right. */
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b", "start", "follow", "cancel", "leave", "") },
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 2, arbitrary: fc.constant(question("/scenario many-tokens 20")) },
  { weight: 1, arbitrary: fc.constant({ ...question("x"), onDisconnect: "detach" }) },
);
const frame = fc.record(
  {
    op: fc.oneof(fc.constantFrom("start", "follow", "cancel", "leave"), value),
    ref: fc.oneof(fc.constantFrom("a", "b", "c"), value),
    body: value,
    streamId: value,
    after: fc.oneof(fc.integer(), fc.double(), value),
    idempotencyKey: value,
  },
  { requiredKeys: [] },
);
const text = fc.oneof(
  { weight: 6, arbitrary: frame.map((fields) => JSON.stringify(fields)) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme" }) },
  { weight: 1, arbitrary: fc.json() },
);

/** A frame of RFC 6455 that may be wrong in everything: masks, lengths, opcodes, fragments. */
const wireFrame = fc
  .record({
    opcode: fc.oneof(fc.constantFrom(0, 1, 2, 8, 9, 10), fc.integer({ min: 0, max: 255 })),
    isFinal: fc.boolean(),
    isMasked: fc.boolean(),
    length: fc.oneof(fc.constant(undefined), fc.constantFrom(0, 125, 126, 127)),
    longLength: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      text.map((said) => new TextEncoder().encode(said)),
    ),
  })
  .map(({ opcode, isFinal, isMasked, length, longLength, payload }) => {
    const long = Buffer.alloc(8);
    long.writeBigUInt64BE(longLength);
    const size = length ?? Math.min(payload.length, 125);
    return Buffer.concat([
      Buffer.from([(isFinal ? 0x80 : 0) | opcode, (isMasked ? 0x80 : 0) | size]),
      length === 126 ? long.subarray(0, 2) : length === 127 ? long : Buffer.alloc(0),
      isMasked ? Buffer.alloc(4) : Buffer.alloc(0),
      payload,
    ]);
  });
const wireBytes = fc
  .array(fc.oneof(wireFrame, fc.uint8Array({ maxLength: 64 })), { minLength: 1, maxLength: 8 })
  .map((parts) => Buffer.concat(parts));

const options = {
  resume: "memory",
  orphanGraceMs: 1,
  maxBodyBytes: 4_096,
  requestsPerMinute: 1_000_000,
  handshakeTries: 1,
} as const;

test(
  "whatever pages say, the relay makes no mistake and a neighbour's stream is whole",
  {
    timeout: 60_000,
  },
  async () => {
    await using under = await startWatchedRelay(options);
    {
      using neighbour = await openPage(under.url);
      neighbour.send({ op: "start", ref: "n", body: question("/scenario many-tokens 2000") });
      const property = fc.asyncProperty(fc.array(text, { maxLength: 12 }), async (said) => {
        using page = await openPage(under.url);
        for (const one of said) page.webSocket.send(one);
        page.webSocket.close();
        await page.closed;
        for (const { type, code } of page.frames) {
          if (type === "error") expect(code).not.toBe("internal_error");
        }
      });
      await fc.assert(property, { seed, numRuns: 150, endOnFailure: true });
      expect(await neighbour.untilEnd("n")).toMatchObject({ type: "stop", id: 2_001 });
      const ids = neighbour.framesOf("n").flatMap(({ id }) => id ?? []);
      expect(ids).toEqual(ids.map((_, index) => index + 1));
    }
    expect(
      under.observed.filter((event) => "error" in event && event.error?.code === "internal_error"),
    ).toEqual([]);
    await under.expectUnharmed();
  },
);

test(
  "whatever bytes follow the handshake, nothing is left of them",
  { timeout: 60_000 },
  async () => {
    await using under = await startWatchedRelay(options);
    const property = fc.asyncProperty(wireBytes, fc.boolean(), async (bytes, isOnePiece) => {
      using client = await connectRaw(under.url);
      client.send(isOnePiece ? Buffer.concat([Buffer.from(handshake), bytes]) : handshake);
      expect((await client.reply())?.status).toBe(101);
      if (!isOnePiece) client.send(bytes);
      client.socket.end();
      await client.untilClosed();
    });
    await fc.assert(property, { seed, numRuns: 200, endOnFailure: true });
    expect(
      under.observed.filter((event) => "error" in event && event.error?.code === "internal_error"),
    ).toEqual([]);
    await under.expectUnharmed();
  },
);

test.each([0, 1, 125])("a ping of %d bytes is answered with the same", async (length) => {
  await using under = await startWatchedRelay();
  {
    using page = await openPage(under.url);
    const answer = new Promise((resolve) => page.webSocket.once("pong", resolve));
    page.webSocket.ping("x".repeat(length));
    expect(String(await answer)).toBe("x".repeat(length));
  }
  await under.expectUnharmed();
});
