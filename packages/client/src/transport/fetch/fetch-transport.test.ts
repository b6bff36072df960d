import { eventuallyTrue } from "@gatestream/testing/eventually";
import { expect, test, vi } from "vitest";
import { createClient, type ClientOptions } from "../../create-client.ts";
import { anyRequest, streamOf } from "../../testing/client-of.ts";
import { createHandMadeAnswer } from "../../testing/hand-made-answer.ts";
import { relayThatPlays, type EchoedRequest } from "../../testing/script.ts";
import { sseText, start, stop, token } from "../../testing/sse-text.ts";

const echo = relayThatPlays({ isEcho: true, body: sseText(stop) });

async function echoed(options: Partial<ClientOptions> = {}): Promise<EchoedRequest> {
  const { text } = await createClient({ url: echo, ...options })
    .stream(anyRequest)
    .result();
  return JSON.parse(text);
}

test("a stream is asked for by a POST of the request as JSON", async () => {
  expect(await echoed()).toMatchObject({
    method: "POST",
    path: "/stream",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: anyRequest,
  });
});

test.each(["", "/", "//"])("a url that ends with %j is the same url", async (ending) => {
  expect((await echoed({ url: echo + ending })).path).toBe("/stream");
});

test("a request that is no JSON fails the stream, without a request", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>();
  const client = createClient({ url: "/", fetch, retry: false });
  const circular: object[] = [];
  circular.push(circular);
  const stream = client.stream({ configurationId: "cfg-1", messages: circular as never });
  await expect(stream.result()).rejects.toMatchObject({ name: "StreamError", code: "network" });
  expect(fetch).not.toHaveBeenCalled();
});

test("a relative url is left to fetch", async () => {
  const { fetch } = createHandMadeAnswer();
  createClient({ url: "/api/llm/", fetch }).stream(anyRequest);
  await eventuallyTrue(() => vi.mocked(fetch).mock.calls.length > 0);
  expect(fetch).toHaveBeenCalledWith("/api/llm/stream", expect.anything());
});

test.each<[string, ClientOptions["headers"]]>([
  ["an object", { "X-Tenant": "blue" }],
  ["a list", [["X-Tenant", "blue"]]],
  ["Headers", new Headers({ "X-Tenant": "blue" })],
  ["a function", () => ({ "X-Tenant": "blue" })],
  ["an async function", async () => ({ "X-Tenant": "blue" })],
])("headers may be %s", async (_, headers) => {
  const request = await echoed({ ...(headers && { headers }) });
  expect(request.headers).toMatchObject({ "x-tenant": "blue", accept: "text/event-stream" });
});

test("the headers' function is asked for each request, so that no token gets stale", async () => {
  let count = 0;
  const client = createClient({
    url: echo,
    headers: async () => {
      count += 1;
      return { Authorization: `Bearer ${count}` };
    },
  });
  const tokens: string[] = [];
  for (let index = 0; index < 3; index += 1) {
    const { text } = await client.stream(anyRequest).result();
    tokens.push(JSON.parse(text).headers.authorization);
  }
  expect(tokens).toEqual(["Bearer 1", "Bearer 2", "Bearer 3"]);
});

test("the client's own headers win", async () => {
  const headers = { "content-type": "text/plain", accept: "text/html" };
  expect((await echoed({ headers })).headers).toMatchObject({
    "content-type": "application/json",
    accept: "text/event-stream",
  });
});

// What happy-dom calls Headers takes any name.
const canRefuse = !("happyDOM" in globalThis);

test.runIf(canRefuse)("headers that are no headers are refused when the client is made", () => {
  expect(() => createClient({ url: "/", headers: { "no header": "" } })).toThrow(TypeError);
});

test("a headers' function that fails fails the stream, without a request", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>();
  const cause = new Error("The session is over.");
  const client = createClient({
    url: "/",
    fetch,
    headers: () => Promise.reject(cause),
    retry: false,
  });
  await expect(client.stream(anyRequest).result()).rejects.toMatchObject({
    name: "StreamError",
    cause,
  });
  expect(fetch).not.toHaveBeenCalled();
});

test.each(["include", "omit", undefined] as const)(
  "credentials %j are passed on",
  async (credentials) => {
    const answer = createHandMadeAnswer();
    answer.send(start, stop);
    const client = createClient({
      url: "/",
      fetch: answer.fetch,
      ...(credentials && { credentials }),
    });
    await client.stream(anyRequest).result();
    const [[, init] = []] = vi.mocked(answer.fetch).mock.calls;
    expect(init?.credentials).toBe(credentials);
  },
);

test("fetch is looked up when it is needed, so that a page may wrap it later", async () => {
  const client = createClient({ url: "/" });
  const answer = createHandMadeAnswer();
  answer.send(start, token("Hello"), stop);
  vi.stubGlobal("fetch", answer.fetch);
  try {
    expect((await client.stream(anyRequest).result()).text).toBe("Hello");
  } finally {
    vi.unstubAllGlobals();
  }
});

test("a relay that cannot be reached is a network error, which may pass", async () => {
  // No system gives port 2 to anybody who asks for a free one.
  const stream = createClient({ url: "http://127.0.0.1:2", retry: false }).stream(anyRequest);
  await expect(stream.result()).rejects.toMatchObject({
    code: "network",
    message:
      "http://127.0.0.1:2/stream could not be reached: no network, wrong address or port, or CORS.",
    retryable: true,
    status: undefined,
    cause: expect.anything(),
  });
});

test("a connection that is closed before the headers is a network error", async () => {
  const stream = streamOf({ status: 99 });
  await expect(stream.result()).rejects.toMatchObject({ code: "network", retryable: true });
});

test.each(["text/event-stream; charset=utf-8", "Text/Event-Stream", "text/event-stream ;a=b"])(
  "an answer of type %j is an event stream",
  async (type) => {
    const stream = streamOf({ headers: { "Content-Type": type }, body: sseText(start, stop) });
    expect((await stream.result()).reason).toBe("stop");
  },
);

test.each([200, 404, 502])(
  "a page with status %i names the address, and what may have sent it",
  async (status) => {
    const page = { status, headers: { "Content-Type": "text/html" }, body: "<html>" };
    const stream = streamOf(page);
    await expect(stream.result()).rejects.toMatchObject({
      code: "protocol",
      message: `The answer of ${relayThatPlays(page)}/stream (${status} text/html) is not a relay's: wrong path, proxy or dev server?`,
    });
  },
);

test.each([
  ["a login page with status 200", { "Content-Type": "text/html" }, "<html>Log in</html>"],
  ["JSON", { "Content-Type": "application/json" }, '{"type":"stop"}'],
  ["nothing that has a type", {}, sseText(start, stop)],
  ["a type that only begins alike", { "Content-Type": "text/event-streams" }, sseText(stop)],
])("%s is a protocol error, not an answer", async (_, headers, body) => {
  const stream = streamOf({ headers: { ...headers, "X-Request-Id": "r-7" }, body });
  await expect(stream.result()).rejects.toMatchObject({
    code: "protocol",
    retryable: false,
    status: 200,
    requestId: "r-7",
    text: "",
  });
});

test("a success without a body is a protocol error", async () => {
  await expect(streamOf({ status: 204, headers: {} }).result()).rejects.toMatchObject({
    code: "protocol",
    status: 204,
  });
});
