import { errorTable, type ErrorCode } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { describeError, isRelayError, RelayError, toRelayError } from "./errors.ts";

const codes = Object.keys(errorTable) as ErrorCode[];

test.each(codes)("%s takes its status and retryable from the protocol's table", (code) => {
  const error = new RelayError(code, "It failed.");
  const { status, retryable } = errorTable[code];
  expect(error).toMatchObject({ name: "RelayError", code, status, retryable });
});

test("a status of its own beats the table's", () => {
  expect(new RelayError("gateway_rejected", "No.", { status: 400 }).status).toBe(400);
});

test("a client gets the code, the message and when to retry, and no more", () => {
  const cause = new Error("connect ECONNREFUSED secret.internal:443");
  const error = new RelayError("gateway_unavailable", "Away.", { cause, retryAfterMs: 1500 });
  expect(describeError(error, "r-1")).toEqual({
    code: "gateway_unavailable",
    message: "Away.",
    retryable: true,
    retryAfterMs: 1500,
    requestId: "r-1",
  });
});

test("a wait that was not stated is absent rather than undefined", () => {
  expect(describeError(new RelayError("not_found", "No."), "r-1")).not.toHaveProperty(
    "retryAfterMs",
  );
});

test("an error of another copy of the package is recognised by its brand", () => {
  const foreign = { [Symbol.for("gatestream.RelayError")]: true, code: "not_found" };
  expect(isRelayError(foreign)).toBe(true);
  expect(toRelayError(foreign)).toBe(foreign);
});

test.each([[undefined], [null], ["text"], [7], [{}], [new Error("boom")]])(
  "%s is no relay error and becomes internal_error, which keeps it for the operator alone",
  (failure) => {
    expect(isRelayError(failure)).toBe(false);
    const error = toRelayError(failure);
    expect(error).toMatchObject({ code: "internal_error", status: 500 });
    expect(error.cause).toBe(failure);
    expect(JSON.stringify(describeError(error, "r"))).not.toContain("boom");
  },
);

test.each(["gateway_rate_limited", "overloaded", "relay_draining"] as const)(
  "%s has a wait even when none was stated",
  (code) => {
    expect(describeError(new RelayError(code, "Later."), "r-1").retryAfterMs).toBe(1_000);
  },
);
