import { expectTypeOf, test } from "vitest";
import { createClient, type Client, type ClientOptions } from "./index.ts";

test("a client needs its relay's url", () => {
  expectTypeOf(createClient).returns.toEqualTypeOf<Client>();
  // @ts-expect-error the url is missing
  createClient({});
  // @ts-expect-error the url is an option
  createClient("/api/llm");
  // @ts-expect-error a misspelt option
  createClient({ url: "/api/llm", header: {} });
  // @ts-expect-error credentials are one of fetch's words
  createClient({ url: "/api/llm", credentials: "always" });
});

test("headers may be an object, a list, Headers, or a function of any of them", () => {
  expectTypeOf<Record<string, string>>().toExtend<ClientOptions["headers"]>();
  expectTypeOf<[string, string][]>().toExtend<ClientOptions["headers"]>();
  expectTypeOf<Headers>().toExtend<ClientOptions["headers"]>();
  expectTypeOf<() => Headers>().toExtend<ClientOptions["headers"]>();
  expectTypeOf<() => Promise<Record<string, string>>>().toExtend<ClientOptions["headers"]>();
  // @ts-expect-error a number is no header
  createClient({ url: "/api/llm", headers: { "X-Count": 1 } });
});

test("what is tried again, and for how long anything is waited", () => {
  createClient({ url: "/api/llm", retry: false, connectTimeoutMs: false, idleTimeoutMs: false });
  createClient({ url: "/api/llm", retry: { limit: 2, baseDelayMs: undefined } });
  createClient({ url: "/api/llm", idleTimeoutMs: "auto", maxEventBytes: 1000, resumable: true });
  // @ts-expect-error false is never, and true says nothing
  createClient({ url: "/api/llm", retry: true });
  // @ts-expect-error its unit is in its name
  createClient({ url: "/api/llm", retry: { baseDelay: 2 } });
  // @ts-expect-error milliseconds, not words
  createClient({ url: "/api/llm", idleTimeoutMs: "15s" });
});

test("fetch may be the platform's or one that looks like it", () => {
  expectTypeOf<typeof globalThis.fetch>().toExtend<ClientOptions["fetch"]>();
  // @ts-expect-error an answer is a Response
  createClient({ url: "/api/llm", fetch: async () => "Hello" });
});
