import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { bodyParser } from "@koa/bodyparser";
import { fromNodeHandler, H3 } from "h3";
import { toNodeHandler } from "h3/node";
import { createApp, eventHandler, fromNodeMiddleware, toNodeListener } from "h3-v1";
import { Hono } from "hono";
import Koa from "koa";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";

type Mount = (under: RelayUnderTest) => RequestListener;

/** A Koa application that reads bodies; `pass` gives the body that it has read to the relay. */
function koa({ relay }: RelayUnderTest, pass: boolean): RequestListener {
  const app = new Koa();
  app.use(bodyParser());
  app.use((context) => {
    if (!context.path.startsWith("/api/llm")) {
      context.body = "the host's own";
      return;
    }
    context.respond = false;
    const { req, res, request } = context;
    relay.handler(pass ? Object.assign(req, { body: request.body }) : req, res);
  });
  return app.callback();
}

const mounts: Readonly<Record<string, Mount>> = {
  "Koa with a body parser": (under) => koa(under, true),
  Hono({ relay }) {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.all("/api/llm/*", ({ env }) => {
      relay.handler(env.incoming, env.outgoing);
      return RESPONSE_ALREADY_SENT;
    });
    app.get("*", (context) => context.text("the host's own"));
    return getRequestListener(app.fetch);
  },
  "Hono, with relay.fetch"({ relay }) {
    const app = new Hono();
    app.all("/api/llm/*", ({ req }) => relay.fetch(req.raw));
    app.get("*", (context) => context.text("the host's own"));
    return getRequestListener(app.fetch);
  },
  "h3 2, with relay.fetch"({ relay }) {
    const app = new H3();
    app.all("/api/llm/**", ({ req }) => relay.fetch(req));
    app.get("/**", () => "the host's own");
    return toNodeHandler(app);
  },
  "h3 2"({ relay }) {
    const app = new H3();
    app.all("/api/llm/**", fromNodeHandler(relay.handler));
    app.get("/**", () => "the host's own");
    return toNodeHandler(app);
  },
  // Nitro 2 and Nuxt: the same in a file of `server/middleware`.
  "h3 1"({ relay }) {
    const app = createApp();
    app.use(fromNodeMiddleware(relay.handler));
    app.use(eventHandler(() => "the host's own"));
    return toNodeListener(app);
  },
  // The Pages API of Next without `bodyParser`, and a custom server.
  "node:http":
    ({ relay }) =>
    (request, response) =>
      relay.handler(request, response, () => response.end("the host's own")),
};

describe.each(Object.entries(mounts))("in %s", (_, mount) => {
  test("a whole answer arrives, and the host's own routes are as before", async () => {
    await using under = await startRelay();
    await using host = await startHost(mount(under));
    const body = question("/scenario many-tokens 1000");
    const { status, text } = await replyTo(ask(`${host.url}/api/llm/stream`, body));
    expect(status).toBe(200);
    expect(text).toMatch(/data: \{"type":"stop","reason":"stop"\}\nid: 1001\n\n$/);
    expect(await (await fetch(`${host.url}/hello`)).text()).toBe("the host's own");
  });

  test("a reader that leaves ends the gateway's request, which is no failure of the host", async () => {
    const logged = vi.spyOn(console, "error");
    onTestFinished(() => logged.mockRestore());
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    await using host = await startHost(mount(under));
    const asking = ask(`${host.url}/api/llm/stream`, question("Hello"));
    await textUntil(await responseTo(asking), (text) => text.includes("id: 8\n"));
    asking.destroy();
    await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
    await under.untilObserved("stream_ended");
    expect(logged).not.toHaveBeenCalled();
  });

  test("refusals are the relay's", async () => {
    await using under = await startRelay();
    await using host = await startHost(mount(under));
    const reply = await replyTo(ask(`${host.url}/api/llm/stream`, { messages: [] }));
    expect([reply.status, refusalIn(reply).code]).toEqual([400, "invalid_request"]);
  });

  test("a WebSocket is opened", async () => {
    await using under = await startRelay();
    const server = createServer(mount(under));
    server.on("upgrade", under.relay.upgrade);
    await once(server.listen(0, "127.0.0.1"), "listening");
    {
      using page = await openPage(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      page.send({ op: "start", ref: "a", body: question("/scenario many-tokens 2") });
      expect(await page.untilEnd("a")).toMatchObject({ type: "stop" });
    }
    await new Promise((resolve) => server.close(resolve));
  });
});

test.each(["Hono, with relay.fetch", "h3 2, with relay.fetch"])(
  "in %s, a reader that leaves before the head is no failure of the host",
  async (name) => {
    const logged = vi.spyOn(console, "error");
    onTestFinished(() => logged.mockRestore());
    await using under = await startRelay({ emulator: { scenario: "silent" } });
    await using host = await startHost(mounts[name]?.(under) ?? (() => {}));
    const asking = ask(`${host.url}/api/llm/stream`, question("Hello"));
    await under.emulator.waitFor(({ kind }) => kind === "chat");
    asking.destroy();
    await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
    await under.untilObserved("stream_ended");
    expect(logged).not.toHaveBeenCalled();
  },
);

test.each(["Hono, with relay.fetch", "h3 2, with relay.fetch"])(
  "in %s, a reader that does not read makes the gateway wait",
  async (name) => {
    await using under = await startRelay({ maxBufferedBytes: 1_024, slowConsumerTimeoutMs: 100 });
    await using host = await startHost(mounts[name]?.(under) ?? (() => {}));
    const asking = ask(`${host.url}/api/llm/stream`, question("/scenario many-tokens 1000000"));
    await responseTo(asking);
    expect(await under.untilObserved("stream_ended")).toMatchObject({
      ending: "error",
      error: { code: "slow_consumer" },
    });
    asking.destroy();
  },
);

test("in Koa, a body that the host has read and not passed on is a fault of the host", async () => {
  await using under = await startRelay();
  await using host = await startHost(koa(under, false));
  const reply = await replyTo(ask(`${host.url}/api/llm/stream`, question("Hello")));
  expect([reply.status, refusalIn(reply).code]).toEqual([500, "internal_error"]);
  expect(await under.untilObserved("request_refused")).toMatchObject({
    error: { cause: { message: expect.stringContaining("before the host's body parser") } },
  });
});
