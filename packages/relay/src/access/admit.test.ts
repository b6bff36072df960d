import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import { admit } from "./admit.ts";

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
