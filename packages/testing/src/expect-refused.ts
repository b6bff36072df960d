import { errorTable, type ErrorCode, type ErrorReply } from "@gatestream/protocol";
import { assert, expect } from "vitest";
import type { RawReply } from "./raw-client.ts";

/** What node:http says by itself, without a body, of what is no request. */
const bareStatuses: readonly number[] = [400, 408, 413, 417, 431];

const stackOrPath = /\\n\s+at |node:internal|node_modules|\bfile:\/\/|\.[cm]?[jt]s:\d/;

/**
 * A reply that says no as a relay may: in its own words, or in those of node:http, and without a
 * word about the inside. The code; undefined for node:http's own.
 */
export function expectRefused(reply: RawReply | undefined): ErrorCode | undefined {
  assert(reply !== undefined, "It was cut off without a reply.");
  const { status, text, headers } = reply;
  expect(text).not.toMatch(stackOrPath);
  if (text === "" && bareStatuses.includes(status)) return undefined;
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  const { error } = JSON.parse(text) as ErrorReply;
  expect(Object.keys(errorTable)).toContain(error.code);
  // The gateway's 400 stays one.
  if (error.code !== "gateway_rejected") expect(status).toBe(errorTable[error.code].status);
  expect(error.requestId).toBe(headers["x-request-id"]);
  expect(error.message.length).toBeLessThan(4096);
  return error.code;
}
