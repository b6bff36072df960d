import { fastifyCompress } from "@fastify/compress";
import { fastify, type FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { hello, testMounting, type MountedHost } from "./mounting.contract.ts";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";

/** A Fastify application that compresses whatever it may, and reads JSON itself. */
async function startFastify(mount: (app: FastifyInstance) => void): Promise<MountedHost> {
  const app = fastify();
  await app.register(fastifyCompress, { global: true, threshold: 0 });
  app.get("/hello", (_, reply) => {
    reply.type("text/plain").send(hello);
  });
  app.post("/echo", (request, reply) => {
    reply.send(request.body);
  });
  mount(app);
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

/** The relay reads and checks the body itself, with its own limits and refusals. */
function startWithOwnBody({ relay }: RelayUnderTest): Promise<MountedHost> {
  return startFastify((app) => {
    app.register(async (scope) => {
      // In this scope only: Fastify leaves the body where it is.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
      scope.all("/api/llm/*", (request, reply) => {
        reply.hijack();
        relay.handler(request.raw, reply.raw);
      });
    });
  });
}

/** Fastify reads the body, with its limits and refusals. */
function startWithFastifysBody({ relay }: RelayUnderTest): Promise<MountedHost> {
  return startFastify((app) => {
    app.all("/api/llm/*", (request, reply) => {
      reply.hijack();
      relay.handler(Object.assign(request.raw, { body: request.body }), reply.raw);
    });
  });
}

testMounting("in Fastify, which leaves the body to the relay", startWithOwnBody);
testMounting("in Fastify, which has read the body", startWithFastifysBody);

test("in Fastify, a body that is left to the relay is refused in its words", async () => {
  await using under = await startRelay({ maxBodyBytes: 1_024 });
  await using host = await startWithOwnBody(under);
  const url = `${host.url}/api/llm/stream`;
  const codes = [];
  for (const [body, type] of [
    ["{", "application/json"],
    [JSON.stringify(question("x".repeat(1_024))), "application/json"],
    ["hello", "text/plain"],
  ] as const) {
    const reply = await replyTo(ask(url, body, { headers: { "Content-Type": type } }));
    codes.push(refusalIn(reply).code);
  }
  expect(codes).toEqual(["invalid_request", "payload_too_large", "unsupported_media_type"]);
});

test("in Fastify, the other routes keep their body parser", async () => {
  await using under = await startRelay();
  await using host = await startWithOwnBody(under);
  expect(await replyTo(ask(`${host.url}/echo`, { a: 1 }))).toMatchObject({ text: '{"a":1}' });
});

test("in Fastify, a body that the host has read and not passed on is a fault of the host", async () => {
  await using under = await startRelay();
  await using host = await startFastify((app) => {
    app.all("/api/llm/*", (request, reply) => {
      reply.hijack();
      under.relay.handler(request.raw, reply.raw);
    });
  });
  const reply = await replyTo(ask(`${host.url}/api/llm/stream`, question("Hello")));
  expect([reply.status, refusalIn(reply).code]).toEqual([500, "internal_error"]);
  expect(await under.untilObserved("request_refused")).toMatchObject({
    error: { cause: { message: expect.stringContaining("before the host's body parser") } },
  });
});
