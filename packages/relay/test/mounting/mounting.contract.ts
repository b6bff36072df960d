import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";

/** Another HTTP server, with the relay mounted in it; `await using` closes it. */
export interface MountedHost extends AsyncDisposable {
  readonly url: string;
}

/** A text of the host's own, at `/hello`, that is worth being compressed. */
export const hello = "hello ".repeat(1_000);

/** What must hold in every host that compresses whatever it may. */
export function testMounting(
  where: string,
  start: (under: RelayUnderTest) => Promise<MountedHost>,
): void {
  test.each(["gzip", "br", "deflate"])(
    `${where}, tokens are neither held back nor compressed for who accepts %s`,
    async (encoding) => {
      await using under = await startRelay({ emulator: { scenario: "stall" } });
      await using host = await start(under);
      const headers = { "Accept-Encoding": encoding };
      const asking = ask(`${host.url}/api/llm/stream`, question("Hello"), { headers });
      const response = await responseTo(asking);
      expect(response.statusCode).toBe(200);
      expect(response.headers["content-encoding"]).toBeUndefined();
      expect(response.headers["cache-control"]).toContain("no-transform");
      // All that the gateway has sent; it will say nothing more.
      await textUntil(response, (text) => text.includes("id: 8\n"));
      const chat = await under.emulator.waitFor(({ kind }) => kind === "chat");
      expect(chat.state).toBe("open");
      response.destroy();
    },
  );

  test(`${where}, a reader that leaves lets the gateway go`, async () => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    await using host = await start(under);
    const headers = { "Accept-Encoding": "gzip" };
    const asking = ask(`${host.url}/api/llm/stream`, question("Hello"), { headers });
    await textUntil(await responseTo(asking), (text) => text.includes("id: 8\n"));
    asking.destroy();
    await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
    expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
  });

  test(`${where}, a whole answer arrives, and ends`, async () => {
    await using under = await startRelay();
    await using host = await start(under);
    const headers = { "Accept-Encoding": "gzip" };
    const body = question("/scenario many-tokens 5000");
    const { status, text } = await replyTo(ask(`${host.url}/api/llm/stream`, body, { headers }));
    expect(status).toBe(200);
    expect(text).toMatch(/data: \{"type":"stop","reason":"stop"\}\nid: 5001\n\n$/);
  });

  test(`${where}, refusals are the relay's`, async () => {
    await using under = await startRelay();
    await using host = await start(under);
    const invalid = await replyTo(ask(`${host.url}/api/llm/stream`, { messages: [] }));
    expect(invalid.status).toBe(400);
    expect(refusalIn(invalid)).toMatchObject({
      code: "invalid_request",
      message: "configurationId is required; messages must hold at least one message.",
    });
    const nowhere = await replyTo(ask(`${host.url}/api/llm/nowhere`, {}));
    expect(nowhere.status).toBe(404);
    expect(refusalIn(nowhere).code).toBe("not_found");
    const get = ask(`${host.url}/api/llm/stream`, undefined, { method: "GET" });
    expect(refusalIn(await replyTo(get)).code).toBe("method_not_allowed");
  });

  test(`${where}, the host's own routes are compressed as before`, async () => {
    await using under = await startRelay();
    await using host = await start(under);
    const reply = await fetch(`${host.url}/hello`, { headers: { "Accept-Encoding": "gzip" } });
    expect(reply.headers.get("content-encoding")).toBe("gzip");
    expect(await reply.text()).toBe(hello);
  });
}
