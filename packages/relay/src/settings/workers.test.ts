import { expect, test } from "vitest";
import { OptionsError, resolveSettings, type CommandOptions } from "./options.ts";
import { settingNames } from "./setting-table.ts";
import type { RelaySettings } from "./settings.ts";
import { shareOfWorker } from "./workers.ts";

const genesys = {
  clientId: "my-id",
  clientSecret: "my-own-secret",
  environment: "mypurecloud.de",
};

function settingsOf(options: Partial<RelaySettings>): RelaySettings {
  return resolveSettings({ genesys, ...options });
}

function problemsWith(options: Partial<CommandOptions>): readonly string[] {
  try {
    resolveSettings({ genesys, ...options } as CommandOptions);
  } catch (failure) {
    if (failure instanceof OptionsError) return failure.problems;
  }
  return [];
}

test("each worker has its share, rounded down, of what the upstream and the machine bear", () => {
  const whole = { requestsPerMinute: 11, maxConcurrentStreams: 7, maxConnections: 100 };
  expect(shareOfWorker(settingsOf({ ...whole, workers: 3, maxQueued: 20 }))).toEqual({
    requestsPerMinute: 3,
    maxConcurrentStreams: 2,
    maxConnections: 33,
    maxQueued: 6,
    resume: "off",
    workers: 1,
  });
});

test("a setting without a limit has none in any worker, and no worker queues where the queue is 0", () => {
  const none = { maxConnections: 0, maxQueued: 0 };
  expect(shareOfWorker(settingsOf({ ...none, workers: 3 }))).toMatchObject(none);
});

test("a queue that is shorter than the workers are many has a place in each", () => {
  expect(shareOfWorker(settingsOf({ workers: 4, maxQueued: 3 }))).toMatchObject({ maxQueued: 1 });
});

test("a worker's own settings fit, also where each share is one", () => {
  const settings = settingsOf({ workers: 4, requestsPerMinute: 4, maxConcurrentStreams: 4 });
  const own = resolveSettings({ genesys, ...settings, ...shareOfWorker(settings) });
  const shared = [
    "requestsPerMinute",
    "maxConcurrentStreams",
    "maxConnections",
    "maxQueued",
    "workers",
  ];
  for (const name of settingNames) {
    if (!shared.includes(name)) expect(own[name]).toEqual(settings[name]);
  }
  expect(own.requestsPerMinute).toBe(1);
});

test.each(["requestsPerMinute", "maxConcurrentStreams", "maxConnections"] as const)(
  "more workers than %s are refused: together they would take more",
  (name) => {
    expect(problemsWith({ workers: 4, [name]: 4 })).toEqual([]);
    expect(problemsWith({ workers: 4, [name]: 3 })).toEqual([
      expect.stringMatching(
        new RegExp(`^workers \\[GATESTREAM_WORKERS\\] \\(4\\) .*${name} .*\\(3\\)`),
      ),
    ]);
  },
);

test("streams that one process keeps in its memory are refused: readers come to any", () => {
  expect(problemsWith({ workers: 2, resume: "memory" })).toEqual([
    expect.stringMatching(/^resume .*"memory".*set resume .* to "redis", or workers .* to 1\.$/),
  ]);
  expect(problemsWith({ workers: 1, resume: "memory" })).toEqual([]);
  const shared = { resume: "redis", redisUrl: "redis://127.0.0.1:6379" } as const;
  expect(problemsWith({ workers: 2, ...shared })).toEqual([]);
});

test("a caller's requests a minute are refused where workers cannot count them together", () => {
  const limit = { requestsPerMinutePerSubject: 10 };
  expect(problemsWith({ workers: 2, ...limit })).toEqual([
    expect.stringMatching(/^requestsPerMinutePerSubject .*set redisUrl .*, or workers .* to 1\.$/),
  ]);
  expect(problemsWith({ workers: 1, ...limit })).toEqual([]);
  expect(problemsWith({ workers: 2, ...limit, redisUrl: "redis://127.0.0.1:6379" })).toEqual([]);
});
