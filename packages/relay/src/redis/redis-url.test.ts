import { inspect } from "node:util";
import { expect, test } from "vitest";
import { checkRedisUrl } from "./redis-url.ts";

test.each([
  "redis://localhost",
  "redis://127.0.0.1:6380/2",
  "redis://[::1]:6379/",
  "rediss://user:p%40ss@redis.example:6379/0",
  "redis://:secret@redis.example",
])("%s is the URL of a Redis server", (url) => {
  expect(() => checkRedisUrl(url)).not.toThrow();
});

test.each([
  "",
  "redis.example:6379",
  "http://redis.example:secret",
  "http://:secret@redis.example:6379",
  "redis://:secret@redis.example:port",
  "redis://:secret%@redis.example",
  "redis://:secret@redis.example/first",
  "redis://:secret@redis.example/0/1",
])("%s is not, and is not repeated with its password", (url) => {
  let failure: unknown;
  try {
    checkRedisUrl(url);
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ message: expect.stringMatching(/^redisUrl must be like /) });
  expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain("secret");
});
