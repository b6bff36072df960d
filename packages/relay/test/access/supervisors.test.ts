import type { OutgoingHttpHeaders } from "node:http";
import { expect, test } from "vitest";
import type { Caller, OthersStream } from "../../src/access/caller.ts";
import { ask, replyTo, type Reply } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import type { RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { createReader, streamAt, type ResumingReader } from "@gatestream/testing/resuming-reader";
import { openPage } from "@gatestream/testing/socket-page";
import { describeEachLog, startRelays } from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole, lastId } from "@gatestream/testing/whole-answer";

const ada: OutgoingHttpHeaders = { "X-User": "ada" };
const supervisor: OutgoingHttpHeaders = { "X-User": "supervisor" };
const conversationId = "case:4711";
const body = { ...askForWhole, conversationId, metadata: { queue: "billing" } };

const options = {
  gateway: { hold: "pieces" },
  authenticate: ({ headers }: { headers: Record<string, unknown> }) => ({
    subject: String(headers["x-user"]),
  }),
  mayFollow: ({ subject }: Caller, { metadata }: OthersStream) =>
    subject === "supervisor" && metadata?.["queue"] === "billing",
} as const;

async function startReader(under: RelayUnderTest, asked: object = body): Promise<ResumingReader> {
  const reader = createReader();
  await reader.open(ask(under.streamUrl, asked, { headers: ada }));
  await reader.readToNotice("start");
  return reader;
}

function request(url: string, headers: OutgoingHttpHeaders, method = "GET"): Promise<Reply> {
  return replyTo(ask(url, undefined, { method, headers }));
}

const conversationAt = ({ url }: RelayUnderTest, what: string): string =>
  `${url}/api/llm/conversations/${conversationId}/${what}`;

async function idsListed(under: RelayUnderTest, headers: OutgoingHttpHeaders): Promise<string[]> {
  const { text } = await request(conversationAt(under, "streams"), headers);
  return JSON.parse(text).streams.map(({ streamId }: { streamId: string }) => streamId);
}

describeEachLog("a caller who may follow streams of others", (kind) => {
  test("follows them by their id and by their conversation, and finds them, on every relay", async () => {
    const asked: (readonly [Caller, OthersStream])[] = [];
    await using relays = await startRelays(kind, {
      ...options,
      mayFollow(...about: readonly [Caller, OthersStream]) {
        asked.push(about);
        return options.mayFollow(...about);
      },
    });
    const { here, there, gateway } = relays;
    const own = await startReader(here);
    const hidden = await startReader(here, { ...body, metadata: { queue: "secret" } });
    const [byId, byConversation] = [createReader(), createReader()];
    const get = { method: "GET", headers: supervisor };
    await byId.open(ask(streamAt(there.url, own.streamId), undefined, get));
    await byConversation.open(ask(conversationAt(there, "stream"), undefined, get));
    expect(byConversation.streamId).toBe(own.streamId);
    for (const under of [here, there]) {
      expect(await idsListed(under, supervisor)).toEqual([own.streamId]);
      expect(await idsListed(under, { "X-User": "eve" })).toEqual([]);
      for (const [streamId, headers, status] of [
        [hidden.streamId, supervisor, 404],
        [own.streamId, { "X-User": "eve" }, 404],
      ] as const) {
        expect((await request(streamAt(under.url, streamId), headers)).status).toBe(status);
      }
    }
    expect(asked[0]).toEqual([
      { subject: "supervisor" },
      {
        streamId: own.streamId,
        subject: "ada",
        configurationId: "cfg-1",
        conversationId,
        metadata: { queue: "billing" },
      },
    ]);
    const before = asked.length;
    expect((await idsListed(there, ada)).toSorted()).toEqual(
      [own.streamId, hidden.streamId].toSorted(),
    );
    // Whose they are needs no decision.
    expect(asked).toHaveLength(before);
    await gateway.release(lastId);
    await gateway.release(lastId);
    for (const reader of [own, byId, byConversation]) {
      await reader.readToEnd();
      expectWhole(reader);
    }
  });

  test("does not cancel them", async () => {
    await using relays = await startRelays(kind, options);
    const { here, there, gateway } = relays;
    const reader = await startReader(here);
    for (const under of [here, there]) {
      const target = streamAt(under.url, reader.streamId);
      expect((await request(target, supervisor, "DELETE")).status).toBe(404);
      expect((await request(`${target}/cancel`, supervisor, "POST")).status).toBe(404);
      const running = conversationAt(under, "stream");
      expect((await request(running, supervisor, "DELETE")).status).toBe(204);
    }
    await gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
  });

  test("follows them over a WebSocket, and does not cancel them there", async () => {
    await using relays = await startRelays(kind, options);
    const { here, there, gateway } = relays;
    const reader = await startReader(here);
    const { streamId } = reader;
    using page = await openPage(there.url, { headers: supervisor });
    using stranger = await openPage(there.url, { headers: { "X-User": "eve" } });
    page.send({ op: "follow", ref: "a", streamId });
    await page.until(({ ref, type }) => ref === "a" && type === "start");
    stranger.send({ op: "follow", ref: "a", streamId });
    expect(await stranger.untilEnd("a")).toMatchObject({ status: 404, code: "stream_not_found" });
    page.send({ op: "cancel", ref: "b", streamId });
    expect(await page.untilEnd("b")).toMatchObject({ status: 404, code: "stream_not_found" });
    // What it follows itself is not cancelled either.
    page.send({ op: "cancel", ref: "a" });
    await gateway.release(lastId);
    expect(await page.untilEnd("a")).toMatchObject({ type: "stop", reason: "stop" });
    await reader.readToEnd();
    expectWhole(reader);
  });

  test.each<[string, () => boolean | Promise<boolean>, string]>([
    ["throws", () => fail(), "failed, and the stream was refused: It failed."],
    ["rejects", async () => fail(), "failed, and the stream was refused: It failed."],
    ["does not answer", () => new Promise(() => {}), "took longer than 2000 ms"],
    ["gives what is no boolean", () => "yes" as unknown as boolean, ""],
  ])(
    "is refused where mayFollow %s, and the operator is warned once",
    async (_, mayFollow, warning) => {
      const warnings: string[] = [];
      const onWarning = ({ message }: Error): void => void warnings.push(message);
      process.on("warning", onWarning);
      try {
        await using relays = await startRelays(kind, { ...options, mayFollow });
        const { here, there } = relays;
        const reader = await startReader(here);
        const target = streamAt(there.url, reader.streamId);
        const [followed, listed] = await Promise.all([
          request(target, supervisor),
          idsListed(there, supervisor),
        ]);
        expect([followed.status, listed]).toEqual([404, []]);
        expect(await idsListed(there, ada)).toEqual([reader.streamId]);
        const expected = warning === "" ? [] : [expect.stringContaining(`mayFollow ${warning}`)];
        await eventually(() => expect(warnings).toEqual(expected));
      } finally {
        process.off("warning", onWarning);
      }
    },
  );
});

function fail(): never {
  throw new Error("It failed.");
}
