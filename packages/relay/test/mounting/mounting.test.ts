import type { RequestListener } from "node:http";
import express, { type Express } from "express";
import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";

interface MountedRelay extends AsyncDisposable {
  readonly url: string;
}

/** Another HTTP server, with the relay mounted in it. */
async function mounted(
  mount: (under: RelayUnderTest) => RequestListener,
  basePath?: string,
): Promise<MountedRelay> {
  const under = await startRelay(basePath === undefined ? {} : { basePath });
  const host = await startHost(mount(under));
  return {
    url: host.url,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await under[Symbol.asyncDispose]();
    },
  };
}

async function expectStream(url: string): Promise<void> {
  const { status, text } = await replyTo(ask(url, question("/scenario many-tokens 3")));
  expect(status).toBe(200);
  expect(parseStream(text).events.at(-1)).toMatchObject({ id: "4", event: { type: "stop" } });
}

async function expectStreamEnds(url: string): Promise<void> {
  const { text } = await replyTo(ask(url, question("Hello")));
  expect(parseStream(text).events.at(-1)?.event).toMatchObject({ type: "stop" });
}

/** An Express application with a route of its own, and what `mount` does before it. */
function application(mount: (app: Express) => void): Express {
  const app = express();
  mount(app);
  app.get("/hello", (_, response) => {
    response.send("hello");
  });
  app.post("/api/other", (_, response) => {
    response.send("other");
  });
  return app;
}

async function expectOwnRoutes(url: string): Promise<void> {
  expect(await replyTo(ask(`${url}/hello`, undefined, { method: "GET" }))).toMatchObject({
    status: 200,
    text: "hello",
  });
  expect(await replyTo(ask(`${url}/api/other`, {}))).toMatchObject({ status: 200, text: "other" });
}

test("in node:http the handler serves its routes and gives the others to next", async () => {
  await using host = await mounted(({ relay }) => (request, response) => {
    relay.handler(request, response, () => response.end("mine"));
  });
  await expectStream(`${host.url}/api/llm/stream`);
  for (const path of ["/", "/api", "/api/llmx/stream", "/api/llm2"]) {
    expect((await replyTo(ask(host.url + path, {}))).text).toBe("mine");
  }
  const inside = await replyTo(ask(`${host.url}/api/llm/nowhere`, {}));
  expect(refusalIn(inside).code).toBe("not_found");
});

test("in node:http without next everything else is 404", async () => {
  await using host = await mounted(({ relay }) => relay.handler);
  await expectStream(`${host.url}/api/llm/stream`);
  expect((await replyTo(ask(`${host.url}/hello`, {}))).status).toBe(404);
});

test("in node:http a server that closes idle connections does not close a silent stream", async () => {
  await using under = await startRelay({
    emulator: { scenario: "slow-headers", slowFirstTokenMs: 500 },
  });
  await using host = await startHost((request, response) => {
    request.socket.setTimeout(50);
    under.relay.handler(request, response);
  });
  await expectStreamEnds(`${host.url}/api/llm/stream`);
});

test("in Express, as middleware of the whole application", async () => {
  await using host = await mounted(({ relay }) => application((app) => app.use(relay.handler)));
  await expectStream(`${host.url}/api/llm/stream`);
  await expectOwnRoutes(host.url);
});

test("in Express, behind express.json(), which has read the body already", async () => {
  await using host = await mounted(({ relay }) =>
    application((app) => app.use(express.json()).use(relay.handler)),
  );
  await expectStream(`${host.url}/api/llm/stream`);
  await expectOwnRoutes(host.url);
  const reply = await replyTo(ask(`${host.url}/api/llm/stream`, { messages: [] }));
  expect(refusalIn(reply)).toMatchObject({
    code: "invalid_request",
    message: "configurationId is required; messages must hold at least one message.",
  });
});

test("in Express, behind express.json(), another media type is still refused", async () => {
  await using host = await mounted(({ relay }) =>
    application((app) => app.use(express.json()).use(relay.handler)),
  );
  const headers = { "Content-Type": "text/plain" };
  const reply = await replyTo(ask(`${host.url}/api/llm/stream`, question("Hello"), { headers }));
  expect(refusalIn(reply).code).toBe("unsupported_media_type");
});

test("in Express, mounted at its own path, which Express cuts off", async () => {
  await using host = await mounted(({ relay }) =>
    application((app) => app.use("/api/llm", relay.handler)),
  );
  await expectStream(`${host.url}/api/llm/stream`);
  await expectStream(`${host.url}/api/llm/stream?tab=1`);
  await expectOwnRoutes(host.url);
  const inside = await replyTo(ask(`${host.url}/api/llm/nowhere`, {}));
  expect(refusalIn(inside).code).toBe("not_found");
});

test("in Express, in a router below another path, with that as basePath", async () => {
  await using host = await mounted(
    ({ relay }) =>
      application((app) => {
        const router = express.Router();
        router.use("/v1/answers", relay.handler);
        app.use("/backend", router);
      }),
    "/backend/v1/answers",
  );
  await expectStream(`${host.url}/backend/v1/answers/stream`);
  await expectOwnRoutes(host.url);
  expect((await replyTo(ask(`${host.url}/api/llm/stream`, {}))).status).toBe(404);
});

test("a basePath of its own moves the routes", async () => {
  await using under = await startRelay({ basePath: "/a/b" });
  await expectStream(`${under.url}/a/b/stream`);
  expect((await replyTo(ask(`${under.url}/api/llm/stream`, {}))).status).toBe(404);
});
