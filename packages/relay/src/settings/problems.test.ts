import { expect, test } from "vitest";
import { isRedisUrl } from "./problems.ts";

test.each([
  "redis://localhost",
  "redis://127.0.0.1:6380/2",
  "redis://[::1]:6379/",
  "rediss://user:p%40ss@redis.example:6379/0",
  "redis://:secret@redis.example",
])("%s is the URL of a Redis server", (url) => {
  expect(isRedisUrl(url)).toBe(true);
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
])("%s is not", (url) => {
  expect(isRedisUrl(url)).toBe(false);
});
