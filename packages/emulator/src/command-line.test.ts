import { expect, test } from "vitest";

import { readCommandLine } from "./command-line.ts";
import {
  scenarioDialectsText,
  scenarioNames,
  scenarioSummary,
} from "./scenarios/scenario-table.ts";

const read = (...args: string[]) => readCommandLine(args, { name: "emulate", version: "1.2.3" });

test("without arguments the defaults are used", () => {
  expect(read()).toEqual({
    type: "start",
    listen: { port: 4010, host: "127.0.0.1" },
    emulator: {
      clientId: "demo-client",
      clientSecret: "demo-secret",
      apiKey: "demo-key",
      scenario: "answer",
      seed: 1,
      tokensPerSecond: 40,
      tokenLifetimeSeconds: 86_400,
      requestsPerMinute: 300,
      enforceRateLimit: false,
    },
  });
});

test("every flag reaches its option", () => {
  const line =
    "--port 0 --host ::1 --client-id me --client-secret hush --seed -7 --tokens-per-second 2.5 " +
    "--scenario stall --token-lifetime-seconds 60 --api-key sk-1 --requests-per-minute 7 " +
    "--enforce-rate-limit";
  expect(read(...line.split(" "))).toEqual({
    type: "start",
    listen: { port: 0, host: "::1" },
    emulator: {
      clientId: "me",
      clientSecret: "hush",
      apiKey: "sk-1",
      scenario: "stall",
      seed: -7,
      tokensPerSecond: 2.5,
      tokenLifetimeSeconds: 60,
      requestsPerMinute: 7,
      enforceRateLimit: true,
    },
  });
});

test.each([
  ["--port", "http", "It must be a whole number from 0 to 65535."],
  ["--port", "65536", "It must be a whole number from 0 to 65535."],
  ["--port", "", "It must be a whole number from 0 to 65535."],
  ["--client-id", "a:b", "It must be a text that is not empty and has no colon."],
  ["--client-secret", "", "It must be a text that is not empty."],
  ["--api-key", "a b", "It must be a text of visible ASCII characters without spaces."],
  ["--requests-per-minute", "0", "It must be a whole number of 1 or more."],
  ["--seed", "1.5", "It must be a whole number."],
  [
    "--tokens-per-second",
    "-1",
    "It must be 0 (as fast as possible) or a number of at least 0.001.",
  ],
  ["--token-lifetime-seconds", "day", "It must be a number of 0 or more."],
  ["--scenario", "nonsense", "It must be one of answer, every-byte, "],
])("%s %j is refused in one line that says what it must be", (flag, value, reason) => {
  const commandLine = read(flag, value);
  expect(commandLine).toEqual({ type: "refuse", text: expect.stringContaining(reason) });
  expect(commandLine).toMatchObject({ text: expect.stringMatching(/^error: [^\n]+\n$/) });
  expect(commandLine).toMatchObject({ text: expect.stringContaining(flag) });
});

test.each([[["--wat"]], [["extra"]], [["--port"]]])("the arguments %j are refused", (args) => {
  expect(read(...args)).toEqual({ type: "refuse", text: expect.stringMatching(/^error: .+\n$/) });
});

test("the help lists every scenario with its dialects and its summary", () => {
  const help = read("--help");
  expect(help.type).toBe("print");
  const text = help.type === "print" ? help.text : "";
  const rows = text.split("\n").map((row) => row.trim().split(/ {2,}/));
  for (const name of scenarioNames) {
    const words = [name, scenarioDialectsText(name), scenarioSummary(name)];
    expect(rows).toContainEqual(words);
  }
});

test("the version is printed", () => {
  expect(read("--version")).toEqual({ type: "print", text: "1.2.3\n" });
});
