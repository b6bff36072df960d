import { expect, test } from "vitest";
import { brokenRule } from "./setting.ts";
import { settingTable } from "./setting-table.ts";

const ruleOf = (url: string) => brokenRule(settingTable.redisUrl, url);

test.each([
  "redis://localhost",
  "redis://127.0.0.1:6380/2",
  "redis://[::1]:6379/",
  "rediss://user:p%40ss@redis.example:6379/0",
  "redis://:secret@redis.example",
])("%s is the URL of a Redis server", (url) => {
  expect(ruleOf(url)).toBeUndefined();
});

test.each([
  "redis.example:6379",
  "http://redis.example:secret",
  "http://:secret@redis.example:6379",
  "redis://:secret@redis.example:port",
  "redis://:secret%@redis.example",
  "redis://:secret%ff@redis.example",
  "redis://:secret@redis.example:99999",
  "redis://:secret@redis.example/first",
  "redis://:secret@redis.example/0/1",
])("%s is not", (url) => {
  expect(ruleOf(url)).toMatch(/^be like redis:/);
});
