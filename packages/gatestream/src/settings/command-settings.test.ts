import { OptionsError } from "@gatestream/relay";
import type { Setting } from "@gatestream/relay/command";
import { expect, test } from "vitest";
import {
  resolveCommandSettings,
  settingFromText,
  shareOfWorker,
  type CommandOptions,
  type CommandSettings,
} from "./command-settings.ts";

const number: Setting = { default: 5, min: 1, max: 10, unit: "ms" };
const text: Setting = { default: "", pattern: /^[a-z0-9]*$/, must: "be small letters" };
const list: Setting = { default: [], pattern: /^[a-z0-9]+$/, must: "be small words" };
const onOff: Setting = { default: true };

test.each([
  ["15", 15],
  [" 15 ", 15],
  ["-1", -1],
  ["1.5", 1.5],
  ["15s", "15s"],
  ["1e3", "1e3"],
  ["0x10", "0x10"],
  ["1.2.3", "1.2.3"],
  [".", "."],
  ["-", "-"],
])("the text %j of a number is %j: what is none stays text", (given, value) => {
  expect(settingFromText(number, given)).toBe(value);
});

test("the text of a text stays as it is", () => {
  expect(settingFromText(text, "127")).toBe("127");
});

test("the text of a list is parted by commas", () => {
  expect(settingFromText(list, "one, two ,three")).toEqual(["one", "two", "three"]);
  expect(settingFromText(list, "one")).toEqual(["one"]);
});

test.each([
  ["true", true],
  ["false", false],
  ["1", "1"],
  ["TRUE", "TRUE"],
])("the text %j of a switch is %j: what is neither stays text", (given, value) => {
  expect(settingFromText(onOff, given)).toBe(value);
});

const genesys = {
  clientId: "my-id",
  clientSecret: "my-own-secret",
  environment: "mypurecloud.de",
};

function settingsOf(options: Partial<CommandSettings>): CommandSettings {
  return resolveCommandSettings({ genesys, ...options });
}

function problemsWith(options: Partial<CommandOptions>): readonly string[] {
  try {
    resolveCommandSettings({ genesys, ...options } as CommandOptions);
  } catch (failure) {
    if (failure instanceof OptionsError) return failure.problems;
  }
  return [];
}

test("each worker has its share, rounded down, of what the upstream and the machine bear", () => {
  const whole = { requestsPerMinute: 11, maxConcurrentStreams: 7, maxConnections: 100 };
  const settings = settingsOf({ ...whole, workers: 3, maxQueued: 20 });
  expect(shareOfWorker(settings)).toEqual({
    ...settings,
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

test("a share of one fits", () => {
  const settings = settingsOf({ workers: 4, requestsPerMinute: 4, maxConcurrentStreams: 4 });
  const share = shareOfWorker(settings);
  expect(resolveCommandSettings({ genesys, ...share })).toEqual(share);
  expect(share.requestsPerMinute).toBe(1);
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

test("without resume, several workers keep no streams, except in Redis", () => {
  const redisUrl = "redis://127.0.0.1:6379";
  expect(settingsOf({}).resume).toBe("memory");
  expect(settingsOf({ workers: 2 }).resume).toBe("off");
  expect(settingsOf({ workers: 2, redisUrl }).resume).toBe("redis");
});

test("problems of the command's own settings are reported with those of the relay", () => {
  expect(problemsWith({ workers: 0, logLevel: "loud", heartbeatMs: 1 })).toEqual([
    "workers [GATESTREAM_WORKERS] (0) must be a whole number from 1 to 256.",
    'logLevel [GATESTREAM_LOG_LEVEL] ("loud") must be trace, debug, info, warn, error, fatal or silent.',
    expect.stringContaining("heartbeatMs [GATESTREAM_HEARTBEAT_MS] (1) must"),
  ]);
});
