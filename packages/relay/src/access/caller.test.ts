import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import { admit, createConfigurationCheck } from "./caller.ts";

const request = new IncomingMessage(new Socket());

test("a caller is who authenticate says, at once or later", async () => {
  const caller = { subject: "ada", configurations: ["cfg-1"], expiresAt: 1 };
  expect(await admit(() => caller, request)).toBe(caller);
  expect(await admit(async () => caller, request)).toBe(caller);
});

test("it sees the request", async () => {
  const seen: IncomingMessage[] = [];
  await admit((given) => {
    seen.push(given);
    return { subject: "ada" };
  }, request);
  expect(seen).toEqual([request]);
});

test.each([undefined, null])("%s is no caller: unauthorized", async (nobody) => {
  await expect(admit(() => nobody as undefined, request)).rejects.toMatchObject({
    code: "unauthorized",
  });
});

test("a refusal of its own is passed on", async () => {
  const refusal = new RelayError("forbidden", "Not on Sundays.");
  await expect(admit(() => Promise.reject(refusal), request)).rejects.toBe(refusal);
});

test.each([
  [true],
  ["ada"],
  [{}],
  [{ subject: 7 }],
  [{ subject: "ada", configurations: "cfg-1" }],
  [{ subject: "ada", expiresAt: "tomorrow" }],
  [{ subject: "ada", expiresAt: Number.NaN }],
])("%j is an invalid caller: the request is refused", async (value) => {
  await expect(admit(() => value as never, request)).rejects.toThrow(
    "authenticate must give { subject: string",
  );
});

function mayUse(allowed: readonly string[], offered?: readonly string[]): boolean {
  const caller =
    offered === undefined ? { subject: "a" } : { subject: "a", configurations: offered };
  try {
    createConfigurationCheck(allowed)(caller, "cfg-1");
    return true;
  } catch (failure) {
    expect(failure).toMatchObject({ code: "forbidden", status: 403 });
    return false;
  }
}

test.each<[allowed: readonly string[], offered: readonly string[] | undefined, may: boolean]>([
  [[], undefined, true],
  [["cfg-1", "cfg-2"], undefined, true],
  [["cfg-2"], undefined, false],
  [["CFG-1"], undefined, false],
  [[], ["cfg-1"], true],
  [[], ["cfg-2"], false],
  [[], [], false],
  [["cfg-1"], ["cfg-1", "cfg-2"], true],
  [["cfg-2"], ["cfg-1"], false],
  [["cfg-1"], ["cfg-2"], false],
])(
  "with %j allowed by the relay and %j to the caller, cfg-1 is open: %s",
  (allowed, offered, may) => {
    expect(mayUse(allowed, offered)).toBe(may);
  },
);
