import { expect, test } from "vitest";
import { createClient, type ClientOptions } from "./create-client.ts";

/** Options as JavaScript gives them, which no compiler has looked at. */
function create(options: object): unknown {
  return createClient({ url: "/api/llm", ...options } as ClientOptions);
}

const timeLimit = "a number from 1 on or false";

test.each([
  [{ url: undefined }, "url must be the relay's base path or URL, such as /api/llm."],
  [{ url: "" }, "url must be the relay's base path or URL, such as /api/llm."],
  [{ ulr: "/api/llm" }, "ulr must be left out: unknown."],
  [{ retry: { tries: 3 } }, "retry.tries must be left out: unknown."],
  [{ header: {}, transport: { open() {}, cancel() {} } }, "header must be left out: unknown."],
  [{ maxEventBytes: 0 }, "maxEventBytes must be a number from 1 on."],
  [{ connectTimeoutMs: 0 }, `connectTimeoutMs must be ${timeLimit}.`],
  [{ connectTimeoutMs: "auto" }, `connectTimeoutMs must be ${timeLimit}.`],
  [{ connectTimeoutMs: true }, `connectTimeoutMs must be ${timeLimit}.`],
  [{ idleTimeoutMs: Number.NaN }, `idleTimeoutMs must be ${timeLimit} or "auto".`],
  [{ retry: { limit: -1 } }, "retry.limit must be a number from 0 on."],
  [{ retry: { baseDelayMs: "500" } }, "retry.baseDelayMs must be a number from 0 on."],
  [{ retry: { maxDelayMs: -1 } }, "retry.maxDelayMs must be a number from 0 on."],
])("%j is refused", (options, message) => {
  expect(() => create(options)).toThrow(new TypeError(message));
});

test.each([undefined, null, "/api/llm"])("%j is no options", (options) => {
  expect(() => createClient(options as never)).toThrow(
    new TypeError("url must be the relay's base path or URL, such as /api/llm."),
  );
});

test("all problems are reported at once", () => {
  expect(() => create({ url: 7, maxEventBytes: -1, retry: { limit: null } })).toThrow(
    new TypeError(
      "url must be the relay's base path or URL, such as /api/llm; maxEventBytes must be a number from 1 on; retry.limit must be a number from 0 on.",
    ),
  );
});

test.each([
  { url: "/" },
  { retry: false },
  { retry: { limit: Infinity, baseDelayMs: 0, maxDelayMs: 0 } },
  { connectTimeoutMs: false, idleTimeoutMs: false },
  { url: undefined, transport: { open() {}, cancel() {} } },
  { connectTimeoutMs: 1, idleTimeoutMs: 1, maxEventBytes: 1 },
  { connectTimeoutMs: undefined, idleTimeoutMs: undefined, maxEventBytes: undefined },
])("%j is accepted", (options) => {
  expect(create(options)).toHaveProperty("stream");
});
