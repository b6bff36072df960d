import type { OutgoingHttpHeaders } from "node:http";
import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo, type Reply } from "@gatestream/testing/ask";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";

const app = "https://app.example.com";

function from(origin: string, headers: OutgoingHttpHeaders = {}): { headers: OutgoingHttpHeaders } {
  return { headers: { Origin: origin, ...headers } };
}

/** What a browser asks before a page may POST JSON. */
function preflight(
  under: RelayUnderTest,
  origin: string,
  path = "/api/llm/stream",
): Promise<Reply> {
  const headers = {
    Origin: origin,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-tenant",
  };
  return replyTo(ask(under.url + path, undefined, { method: "OPTIONS", headers }));
}

function corsHeaders({ headers }: Reply): Record<string, unknown> {
  const names = Object.keys(headers).filter((name) => name.startsWith("access-control-"));
  return Object.fromEntries(
    names.map((name) => [name.slice("access-control-".length), headers[name]]),
  );
}

const granted = {
  "allow-origin": app,
  "allow-credentials": "true",
  "expose-headers": "X-Stream-Id, X-Request-Id, Retry-After, RateLimit, RateLimit-Policy",
};

test("a page of an origin of the list may stream, with credentials", async () => {
  await using under = await startRelay({ allowedOrigins: [app] });
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), from(app)));
  expect(reply.status).toBe(200);
  expect(corsHeaders(reply)).toEqual(granted);
  expect(reply.headers.vary).toBe("Origin");
});

test("it may read refusals too", async () => {
  await using under = await startRelay({ allowedOrigins: [app] });
  const reply = await replyTo(ask(under.streamUrl, {}, from(app)));
  expect(reply.status).toBe(400);
  expect(corsHeaders(reply)).toEqual(granted);
});

test("its preflight is answered, with every header that it asks for, for two hours", async () => {
  await using under = await startRelay({ allowedOrigins: [app] });
  const reply = await preflight(under, app);
  expect([reply.status, reply.text]).toEqual([204, ""]);
  expect(corsHeaders(reply)).toEqual({
    ...granted,
    "allow-methods": "POST",
    "allow-headers": "authorization,content-type,x-tenant",
    "max-age": "7200",
  });
  expect(reply.headers.vary).toBe("Origin, Access-Control-Request-Headers");
});

test("a preflight needs no authentication: browsers send it without credentials", async () => {
  await using under = await startRelay({ allowedOrigins: [app], authenticate: () => undefined });
  expect((await preflight(under, app)).status).toBe(204);
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), from(app)));
  expect(reply.status).toBe(401);
  expect(corsHeaders(reply)).toEqual(granted);
});

test.each(["https://evil.example", "null"])(
  "a page of %s is refused and may not read why; nothing is asked of the gateway",
  async (origin) => {
    await using under = await startRelay({ allowedOrigins: [app] });
    const reply = await replyTo(ask(under.streamUrl, question("Hello"), from(origin)));
    expect([reply.status, refusalIn(reply).code]).toEqual([403, "forbidden"]);
    expect(corsHeaders(reply)).toEqual({});
    const asked = await preflight(under, origin);
    expect(asked.status).toBe(403);
    expect(corsHeaders(asked)).toEqual({});
    expect(under.emulator.calls).toEqual([]);
  },
);

test("a page that the relay's own server gave needs no list", async () => {
  await using under = await startRelay();
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), from(under.url)));
  expect(reply.status).toBe(200);
  expect(corsHeaders(reply)).toEqual({});
});

test("* lets every page in, and none with credentials", async () => {
  await using under = await startRelay({ allowedOrigins: ["*"] });
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), from("null")));
  expect(reply.status).toBe(200);
  expect(corsHeaders(reply)).toEqual({
    "allow-origin": "*",
    "expose-headers": granted["expose-headers"],
  });
});

test("OPTIONS that is no preflight is a method like any other", async () => {
  await using under = await startRelay({ allowedOrigins: [app] });
  const reply = await replyTo(ask(under.streamUrl, undefined, { method: "OPTIONS", ...from(app) }));
  expect([reply.status, reply.headers.allow]).toEqual([405, "POST"]);
});

test("a refused origin is in the log, bounded and printable", async () => {
  await using under = await startRelay();
  const origin = `https://elsewhere.example/\u00e9${"x".repeat(1_000)}`;
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), from(origin)));
  expect(reply.status).toBe(403);
  expect(reply.text).not.toContain("elsewhere");
  expect(await under.untilObserved("request_refused")).toMatchObject({
    error: {
      cause: {
        message: expect.stringMatching(
          /^The refused Origin is https:\/\/elsewhere\.example\/\?+x{100,200}\.$/,
        ),
      },
    },
  });
});

test("where every origin is allowed, cookies from pages of another origin are ignored", async () => {
  const seen: unknown[] = [];
  await using under = await startRelay({
    allowedOrigins: ["*"],
    authenticate({ headers, headersDistinct, rawHeaders }) {
      seen.push([headers.cookie, headersDistinct["cookie"], rawHeaders.includes("session=1")]);
      return { subject: "ada" };
    },
  });
  const foreign = { Origin: "https://elsewhere.example", Cookie: "session=1" };
  using page = await openPage(under.url, { headers: foreign });
  await replyTo(ask(under.streamUrl, question("Hello"), { headers: foreign }));
  expect(seen).toEqual([
    [undefined, [""], false],
    [undefined, [""], false],
  ]);
  using own = await openPage(under.url, { headers: { Cookie: "session=1" } });
  expect(seen[2]).toEqual(["session=1", ["session=1"], true]);
  expect([page, own].map(({ webSocket }) => webSocket.readyState)).toEqual([1, 1]);
});
